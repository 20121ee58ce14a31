"""How late something is: what the unit is answerable for, in working days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from planner.domain.lateness import Round, Span, first_late_day, lateness
from planner.domain.scores.credit import lateness_penalty
from planner.domain.words import ReturnKind
from tests.support.scoring import CALENDAR, DUE, RULES, completion, item, returned

AMEND, REJECT = ReturnKind.AMEND, ReturnKind.REJECT


def july(day: int) -> date:
    return date(2024, 7, day)


def late(handed_in_on: date, *earlier: Round) -> int:
    return lateness(DUE, handed_in_on, earlier, CALENDAR)


def test_the_due_date_is_inclusive_and_early_is_not_late() -> None:
    assert [late(DUE - timedelta(30)), late(DUE)] == [0, 0]


def test_only_working_days_count() -> None:
    """28 June 2024 is a Friday."""
    assert [late(date(2024, 6, 30)), late(july(1)), late(july(5)), late(july(8))] == [0, 1, 5, 6]


def test_a_due_date_on_a_day_off_runs_to_the_next_working_day() -> None:
    monday = july(1)
    assert lateness(date(2024, 6, 29), monday, [], CALENDAR) == 0
    assert lateness(date(2024, 6, 29), july(2), [], CALENDAR) == 1


def test_waiting_with_the_lead_is_not_the_units_lateness() -> None:
    waited_three_days = Round(july(2), july(5), REJECT)
    assert late(july(10), waited_three_days) == 8 - 3


def test_waiting_before_the_due_date_is_given_back_too() -> None:
    waited_five_days = Round(date(2024, 6, 20), date(2024, 6, 27), REJECT)
    assert [late(july(5), waited_five_days), late(july(8), waited_five_days)] == [0, 1]


def test_a_withdrawn_round_waited_at_nobodys_cost() -> None:
    assert late(july(10), Round(july(2))) == late(july(10))


def test_only_the_first_amend_grants_rework_days() -> None:
    first = Round(july(1), july(1), AMEND, july(4))
    second = Round(july(5), july(5), AMEND, july(12))
    assert late(july(4), first) == 4 - 3
    assert late(july(12), first, second) == 10 - 3


def test_rework_time_before_the_due_date_grants_nothing() -> None:
    """Due on 28 June: an amend of May, to be reworked by June, excuses no day of July."""
    assert late(july(5), Round(date(2024, 5, 6), date(2024, 5, 6), AMEND, date(2024, 6, 14))) == 5


def test_no_day_is_taken_off_twice() -> None:
    """The second round waits while the rework days of the first still run."""
    first = Round(july(1), july(1), AMEND, july(8))
    second = Round(july(3), july(5), REJECT)
    assert late(july(9), first, second) == 7 - 5


def test_the_time_that_a_round_stood_accepted_is_not_the_units_lateness() -> None:
    """Handed in on the due date, accepted, and opened again three weeks later."""
    reopened = Round(date(2024, 6, 28), back_on=july(19))
    assert late(july(22), reopened) == 1


@given(st.integers(-40, 40), st.integers(0, 30), st.integers(0, 20), st.booleans())
def test_the_first_late_day_is_the_first_with_any_lateness(
    handed_in: int, waited: int, rework: int, amended: bool
) -> None:
    on = DUE + timedelta(handed_in)
    back = on + timedelta(waited)
    kind, rework_on = (AMEND, back + timedelta(rework)) if amended else (REJECT, None)
    one = Round(on, back, kind, rework_on)
    first = first_late_day(DUE, [one], CALENDAR)
    assert late(first, one) == 1
    assert late(first - timedelta(1), one) == 0


def test_a_reject_grants_none() -> None:
    assert late(july(4), Round(july(1), july(1), REJECT, july(4))) == 4


def test_rework_days_count_only_as_far_as_they_were_used() -> None:
    assert late(july(2), Round(july(1), july(1), AMEND, july(30))) == 2 - 1


def test_a_portion_is_late_by_the_rounds_before_it() -> None:
    """A report handed in while a round waited gets back only the days that lie before it."""
    owed = item(handed_in=(completion(1, july(2), returned(july(9), REJECT)),))
    days = [owed.days_late(july(day), CALENDAR) for day in (2, 3, 9, 10)]
    assert days == [2, 2, 2, 3]


@given(st.integers(0, 400), st.integers(0, 400))
def test_later_is_never_less_late(first: int, more: int) -> None:
    assert late(DUE + timedelta(first)) <= late(DUE + timedelta(first + more))


def test_each_started_step_of_five_working_days_costs() -> None:
    percent = [
        100 * lateness_penalty(days, RULES.lateness) for days in (0, 1, 5, 6, 10, 11, 46, 99)
    ]
    assert percent == [0, 5, 5, 10, 10, 15, 50, 50]


spans = st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 30)), max_size=3).map(
    lambda found: [(DUE + timedelta(on), DUE + timedelta(on + days)) for on, days in found]
)
rounds = st.lists(
    st.tuples(st.integers(-30, 40), st.integers(0, 20), st.integers(0, 15), st.booleans()),
    max_size=2,
).map(
    lambda found: [
        Round(
            DUE + timedelta(on),
            DUE + timedelta(on + waited),
            AMEND if amended else REJECT,
            DUE + timedelta(on + waited + rework) if amended else None,
        )
        for on, waited, rework, amended in found
    ]
)


def test_in_a_pause_nothing_gets_later() -> None:
    paused = [(july(3), july(10))]
    days = [lateness(DUE, july(day), [], CALENDAR, paused) for day in (2, 3, 4, 10, 11)]
    assert days == [2, 3, 3, 3, 4]


def test_a_pause_before_the_due_date_gives_nothing_back() -> None:
    """Asked early and refused early: the unit had all of its time."""
    assert lateness(DUE, july(2), [], CALENDAR, [(date(2024, 6, 10), date(2024, 6, 20))]) == 2


def test_a_pause_that_still_lasts_stands_still() -> None:
    assert lateness(DUE, date(2024, 12, 31), [], CALENDAR, [(july(3), date.max)]) == 3


@given(st.integers(0, 150), rounds, spans)
def test_no_day_is_excused_twice(day: int, earlier: list[Round], pauses: list[Span]) -> None:
    """Each working day counts at most once, however rounds and pauses overlap."""
    on = DUE + timedelta(day)
    late = lateness(DUE, on, earlier, CALENDAR, pauses)
    without = lateness(DUE, on, earlier, CALENDAR)
    paused = {
        each
        for after, until in pauses
        for number in range(1, (until - after).days + 1)
        if CALENDAR.is_workday(each := after + timedelta(number)) and DUE < each <= on
    }
    assert max(0, without - len(paused)) <= late <= without
    assert lateness(DUE, on, earlier, CALENDAR, [*pauses, *pauses]) == late


def worked_in(*found: Span) -> set[date]:
    """The working days of the spans, one by one."""
    days = (
        after + timedelta(number)
        for after, until in found
        for number in range(1, (until - after).days + 1)
    )
    return {day for day in days if CALENDAR.is_workday(day)}


@given(st.integers(0, 150), rounds, spans, spans)
def test_lateness_is_the_days_that_nobody_else_answers_for(
    day: int, earlier: list[Round], pauses: list[Span], moved: list[Span]
) -> None:
    """Counted day by day; one by which the due date was moved on is taken off for nothing else."""
    on = DUE + timedelta(day)
    waited = worked_in(*((each.handed_in_on, each.back_on) for each in earlier))
    granted = [(each.back_on, each.rework_on) for each in earlier if each.rework_on][:1]
    excused = (waited | worked_in(*granted, *pauses)) - worked_in(*moved)
    gross = worked_in((DUE, on))
    given_back = {each for each in waited - worked_in(*moved) if each <= DUE}
    expected = max(0, len(gross - excused) - len(given_back)) if gross else 0
    assert lateness(DUE, on, earlier, CALENDAR, pauses, moved) == expected


@given(st.integers(0, 150), rounds, spans, spans)
def test_each_day_adds_one_or_nothing(
    day: int, earlier: list[Round], pauses: list[Span], moved: list[Span]
) -> None:
    on = DUE + timedelta(day)
    then, before = (
        lateness(DUE, each, earlier, CALENDAR, pauses, moved) for each in (on + timedelta(1), on)
    )
    assert then - before in (0, 1)


@given(rounds, spans, spans)
def test_the_first_late_day_knows_the_pauses(
    earlier: list[Round], pauses: list[Span], moved: list[Span]
) -> None:
    first = first_late_day(DUE, earlier, CALENDAR, pauses, moved)
    assert lateness(DUE, first, earlier, CALENDAR, pauses, moved) == 1
    assert lateness(DUE, first - timedelta(1), earlier, CALENDAR, pauses, moved) == 0
