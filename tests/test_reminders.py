"""The pure rules of reminders: thresholds, anchors, superseding, audiences."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.calendars import load_calendar
from planner.domain.actor import Role
from planner.domain.lateness import Round
from planner.domain.lifecycle import State
from planner.domain.reminder_audiences import Directory, Person
from planner.domain.reminder_rules import ReminderRules
from planner.domain.reminders import Due, Facts, Waiting, due
from planner.domain.words import ReturnKind

DAY = timedelta(days=1)
CALENDAR = load_calendar(2023, 2026)
LIAISON, HEAD, COORDINATOR, SUPERVISOR, LEADER = 1, 2, 3, 4, 5
AUDIENCES: Any = {
    "liaison": [LIAISON],
    "head": [HEAD],
    "coordinator": [COORDINATOR],
    "supervisor": [SUPERVISOR],
    "leader": [LEADER],
}
NEVER: dict[str, Any] = {
    "unit": "workdays",
    "after": [{"at": 9999, "colour": "red", "to": ["liaison"]}],
}


def before(at: int, colour: str, **more: object) -> dict[str, object]:
    return {"at": at, "colour": colour, "to": ["liaison"], **more}


DATA: dict[str, Any] = {
    "version": 1,
    "send_from": "09:00",
    "families": {
        "due": {
            "unit": "days",
            "before": [
                before(180, "blue", longer_than_days=366),
                before(90, "blue", longer_than_days=366),
                before(30, "blue"),
                before(7, "yellow"),
                before(3, "yellow"),
                before(1, "yellow"),
                before(0, "yellow"),
            ],
        },
        "overdue": {
            "unit": "workdays",
            "after": [
                {"at": 1, "every": 5, "colour": "red", "to": ["liaison", "head"]},
                {"at": 10, "every": 5, "colour": "red", "to": ["leader"]},
            ],
        },
        "unsigned": {
            "unit": "workdays",
            "after": [{"at": 2, "every": 2, "colour": "blue", "to": ["liaison"]}],
        },
        "waiting": {
            "unit": "workdays",
            "after": [{"at": 5, "every": 5, "colour": "blue", "to": ["coordinator"]}],
        },
        "answer_by": NEVER,
        "report": NEVER,
    },
    "lights": {"blue_days": 30, "yellow_days": 7, "pace_yellow_points": 10, "pace_red_points": 30},
}
RULES = ReminderRules.from_data(DATA)


def an_assignment(**changes: Any) -> Facts:
    """Signed for, issued in March 2024, due on Thursday 2024-10-31."""
    facts = Facts(7, State.IN_PROGRESS, date(2024, 3, 1), date(2024, 10, 31), AUDIENCES)
    return facts._replace(**changes)


def said(facts: Facts, today: date, rules: ReminderRules = RULES) -> list[Due]:
    return due(facts, today, CALENDAR, rules)


def numbers(facts: Facts, today: date, family: str) -> dict[int, int]:
    """Recipient to the occurrence that is due."""
    return {d.recipient_id: d.occurrence.number for d in said(facts, today) if d.family == family}


def record(facts: Facts, sent: list[Due]) -> Facts:
    """The same assignment once these reminders stand recorded."""
    recorded = dict(facts.recorded)
    for each in sent:
        for occurrence in (*each.superseded, each.occurrence):
            key = (occurrence.family, each.anchor, each.recipient_id)
            recorded[key] = max(recorded.get(key, -9999), occurrence.number)
    return facts._replace(recorded=recorded)


def ticks(facts: Facts, days: list[date]) -> list[tuple[date, Due]]:
    """What a scheduler sends that ticks on these days only."""
    log = []
    for day in days:
        sent = said(facts, day)
        facts = record(facts, sent)
        log += [(day, each) for each in sent]
    return log


def each_day(start: date, end: date) -> list[date]:
    return [start + n * DAY for n in range((end - start).days + 1)]


# --- due ---------------------------------------------------------------------------------------


def test_the_due_date_is_announced_30_7_3_and_1_days_before_and_on_the_day() -> None:
    log = ticks(an_assignment(), each_day(date(2024, 9, 1), date(2024, 10, 31)))
    assert [(day, d.occurrence.number, d.occurrence.level) for day, d in log] == [
        (date(2024, 9, 30), -30, "blue"),  # 1 October is a holiday: pulled forward
        (date(2024, 10, 24), -7, "yellow"),
        (date(2024, 10, 28), -3, "yellow"),
        (date(2024, 10, 30), -1, "yellow"),
        (date(2024, 10, 31), 0, "yellow"),
    ]
    assert {d.recipient_id for _, d in log} == {LIAISON}
    assert {d.anchor for _, d in log} == {"due:0"}


def test_a_due_date_on_a_day_off_is_counted_from_the_next_working_day() -> None:
    """2024-10-05 is in the national holiday; 2024-10-08 is the first working day after it."""
    facts = an_assignment(due_on=date(2024, 10, 5), recorded={("due", "due:0", LIAISON): -3})
    assert numbers(facts, date(2024, 9, 30), "due") == {LIAISON: -1}
    facts = record(facts, said(facts, date(2024, 9, 30)))
    assert numbers(facts, date(2024, 10, 5), "due") == {}
    assert numbers(facts, date(2024, 10, 8), "due") == {LIAISON: 0}
    assert numbers(facts, date(2024, 10, 8), "overdue") == {}


def test_thresholds_that_fall_together_on_one_working_day_are_said_once() -> None:
    """Due on Monday: the day before and three days before are both said on Friday."""
    facts = an_assignment(due_on=date(2024, 11, 4), recorded={("due", "due:0", LIAISON): -7})
    (only,) = said(facts, date(2024, 11, 1))
    assert only.occurrence.number == -1
    assert [each.number for each in only.superseded] == [-3]


def test_a_make_up_saturday_is_a_day_to_remind_on() -> None:
    facts = an_assignment(due_on=date(2024, 10, 15))
    assert CALENDAR.is_workday(date(2024, 10, 12))
    assert numbers(facts, date(2024, 10, 12), "due") == {LIAISON: -3}


@pytest.mark.parametrize("day", [date(2024, 10, 1), date(2024, 10, 26), date(2024, 10, 27)])
def test_nothing_is_said_on_a_day_off(day: date) -> None:
    assert said(an_assignment(), day) == []
    assert said(an_assignment(due_on=date(2024, 9, 2)), day) == []


def test_items_longer_than_a_year_are_announced_half_a_year_ahead() -> None:
    long = an_assignment(issued_on=date(2023, 9, 1))
    assert numbers(long, date(2024, 5, 6), "due") == {LIAISON: -180}
    assert numbers(long, date(2024, 8, 2), "due") == {LIAISON: -90}
    assert numbers(an_assignment(), date(2024, 8, 2), "due") == {}


def test_thresholds_before_the_issue_are_not_said() -> None:
    facts = an_assignment(issued_on=date(2024, 10, 25))
    assert numbers(facts, date(2024, 10, 25), "due") == {}
    assert numbers(facts, date(2024, 10, 28), "due") == {LIAISON: -3}
    (first,) = said(facts, date(2024, 10, 28))
    assert first.superseded == ()


def test_a_moved_due_date_is_a_new_anchor() -> None:
    facts = an_assignment()
    facts = record(facts, said(facts, date(2024, 10, 31)))
    assert said(facts, date(2024, 10, 31)) == []
    moved = facts._replace(due_on=date(2024, 11, 7), due_revision=1)
    (again,) = said(moved, date(2024, 10, 31))
    assert (again.anchor, again.occurrence.number) == ("due:1", -7)


def test_after_the_due_date_the_word_is_overdue_alone() -> None:
    assert {d.family for d in said(an_assignment(), date(2024, 11, 1))} == {"overdue"}


def test_days_before_can_be_counted_in_working_days() -> None:
    data = {**DATA["families"]["due"], "unit": "workdays", "before": [before(3, "yellow")]}
    rules = ReminderRules.from_data({**DATA, "families": {**DATA["families"], "due": data}})
    facts = an_assignment(due_on=date(2024, 10, 10))  # worked: 8, 9, 10 October and 30 September
    assert said(facts, date(2024, 9, 29), rules) == []
    assert [d.occurrence.number for d in said(facts, date(2024, 9, 30), rules)] == [-3]


# --- overdue -----------------------------------------------------------------------------------


def test_overdue_is_said_on_the_first_working_day_and_each_five_after_it() -> None:
    log = ticks(an_assignment(), each_day(date(2024, 11, 1), date(2024, 11, 20)))
    mine = [(day, d.occurrence.number) for day, d in log if d.recipient_id == LIAISON]
    assert mine == [(date(2024, 11, 1), 1), (date(2024, 11, 8), 6), (date(2024, 11, 15), 11)]
    assert {d.occurrence.level for _, d in log} == {"red"}
    assert next(day for day, d in log if d.recipient_id == HEAD) == date(2024, 11, 1)


def test_the_leader_hears_of_it_from_the_tenth_working_day() -> None:
    log = ticks(an_assignment(), each_day(date(2024, 11, 1), date(2024, 11, 30)))
    leader = [(day, d.occurrence.number) for day, d in log if d.recipient_id == LEADER]
    assert leader == [(date(2024, 11, 14), 10), (date(2024, 11, 21), 15), (date(2024, 11, 28), 20)]


def test_days_that_the_lead_took_to_review_do_not_nag() -> None:
    """Due on 31 October, handed in the day before, returned a week later: 0 days late still."""
    rounds = [Round(date(2024, 10, 30), date(2024, 11, 6), ReturnKind.REJECT)]
    facts = an_assignment(rounds=rounds)
    assert said(facts, date(2024, 11, 7)) == []
    assert numbers(facts, date(2024, 11, 8), "overdue") == {LIAISON: 1, HEAD: 1}


def test_granted_rework_days_do_not_nag() -> None:
    rounds = [
        Round(date(2024, 10, 31), date(2024, 11, 1), ReturnKind.AMEND, rework_on=date(2024, 11, 8))
    ]
    facts = an_assignment(rounds=rounds)
    assert said(facts, date(2024, 11, 8)) == []
    assert numbers(facts, date(2024, 11, 11), "overdue") == {LIAISON: 1, HEAD: 1}


@pytest.mark.parametrize("state", [State.SUBMITTED, State.ACCEPTED, State.CANCELLED, State.DRAFT])
def test_who_owes_nothing_is_not_told_of_the_due_date(state: State) -> None:
    facts = an_assignment(state=state)
    assert said(facts, date(2024, 10, 31)) == []
    assert said(facts, date(2024, 11, 1)) == []


def test_an_open_request_suspends_overdue_but_not_due() -> None:
    facts = an_assignment(suspended=True)
    assert numbers(facts, date(2024, 10, 31), "due") == {LIAISON: 0}
    assert said(facts, date(2024, 11, 1)) == []


def test_overdue_is_never_the_first_word_of_what_was_issued_too_late() -> None:
    """Issued 8 working days after the due date: the next threshold comes at 11."""
    facts = an_assignment(issued_on=date(2024, 11, 12))
    log = ticks(facts, each_day(date(2024, 11, 12), date(2024, 11, 15)))
    assert [(day, d.occurrence.number) for day, d in log if d.recipient_id == LIAISON] == [
        (date(2024, 11, 15), 11)
    ]


# --- unsigned and waiting ----------------------------------------------------------------------


def test_what_is_not_signed_for_is_said_every_second_working_day() -> None:
    facts = an_assignment(
        state=State.ISSUED, issued_on=date(2024, 10, 17), due_on=date(2025, 10, 10)
    )
    log = ticks(facts, each_day(date(2024, 10, 17), date(2024, 10, 25)))
    assert [(day, d.family, d.occurrence.number) for day, d in log] == [
        (date(2024, 10, 21), "unsigned", 2),
        (date(2024, 10, 23), "unsigned", 4),
        (date(2024, 10, 25), "unsigned", 6),
    ]
    assert said(facts._replace(state=State.IN_PROGRESS), date(2024, 10, 21)) == []


def test_the_lead_is_told_of_a_round_that_waits_five_working_days() -> None:
    facts = an_assignment(state=State.SUBMITTED, waiting=Waiting(2, date(2024, 10, 14)))
    log = ticks(facts, each_day(date(2024, 10, 14), date(2024, 10, 28)))
    assert [(day, d.anchor, d.occurrence.number) for day, d in log] == [
        (date(2024, 10, 21), "round:2", 5),
        (date(2024, 10, 28), "round:2", 10),
    ]
    assert {d.recipient_id for _, d in log} == {COORDINATOR}


def test_each_round_waits_anew() -> None:
    facts = an_assignment(
        state=State.SUBMITTED,
        waiting=Waiting(3, date(2024, 10, 14)),
        recorded={("waiting", "round:2", COORDINATOR): 25},
    )
    assert numbers(facts, date(2024, 10, 21), "waiting") == {COORDINATOR: 5}


# --- which -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded", "sent"), [(None, -3), (-30, -3), (-7, -3), (-3, None), (-1, None), (0, None)]
)
def test_only_a_threshold_later_than_what_stands_recorded_is_sent(
    recorded: int | None, sent: int | None
) -> None:
    stands = {} if recorded is None else {("due", "due:0", LIAISON): recorded}
    found = numbers(an_assignment(recorded=stands), date(2024, 10, 28), "due")
    assert found == ({} if sent is None else {LIAISON: sent})


def test_the_thresholds_skipped_are_named_as_superseded() -> None:
    (only,) = said(an_assignment(), date(2024, 10, 30))
    assert (only.occurrence.number, [each.number for each in only.superseded]) == (
        -1,
        [-30, -7, -3],
    )


def test_overdue_is_said_in_place_of_what_was_due_to_be_said_before() -> None:
    """To whoever was to hear it; whoever heard of it up to some day, of the days after that."""
    stands = {("due", "due:0", LIAISON): -7}
    told = {d.recipient_id: d for d in said(an_assignment(recorded=stands), date(2024, 11, 8))}
    passed = [(each.family, each.number) for each in told[LIAISON].superseded]
    assert passed == [("due", -3), ("due", -1), ("due", 0), ("overdue", 1)]
    assert [each.family for each in told[HEAD].superseded] == ["overdue"]


def test_what_was_set_too_late_to_be_said_was_not_passed_over() -> None:
    facts = an_assignment(due_revision=1, due_set_on=date(2024, 11, 1))
    later = said(facts, date(2024, 11, 8))
    assert {each.family for due in later for each in due.superseded} == set()


def test_who_belongs_to_two_audiences_hears_the_stronger_colour_once() -> None:
    data = {"unit": "days", "before": [before(3, "blue"), {**before(3, "red"), "to": ["head"]}]}
    rules = ReminderRules.from_data({**DATA, "families": {**DATA["families"], "due": data}})
    facts = an_assignment(audiences={"liaison": [9], "head": [9]})
    (only,) = said(facts, date(2024, 10, 28), rules)
    assert (only.occurrence.level, only.superseded) == ("red", ())


@pytest.mark.parametrize("days_away", [1, 7, 40])
def test_a_scheduler_that_was_away_says_each_thing_once(days_away: int) -> None:
    facts = an_assignment()
    log = ticks(facts, each_day(date(2024, 9, 1), date(2024, 10, 25)))
    for _, each in log:
        facts = record(facts, [each])
    back = CALENDAR.on_or_after(date(2024, 10, 25) + days_away * DAY)
    found = said(facts, back)
    keys = [(each.family, each.recipient_id) for each in found]
    assert len(keys) == len(set(keys))
    assert said(record(facts, found), back) == []


workdays = st.dates(date(2024, 1, 1), date(2025, 12, 31))
states = st.sampled_from([State.ISSUED, State.IN_PROGRESS, State.SUBMITTED])


@st.composite
def assignments(draw: st.DrawFn) -> Facts:
    issued = draw(workdays)
    handed_in = issued + draw(st.integers(0, 60)) * DAY
    rounds = draw(
        st.lists(
            st.builds(
                Round,
                st.just(handed_in),
                st.just(handed_in + 5 * DAY),
                st.sampled_from(ReturnKind),
                st.just(handed_in + 12 * DAY),
            ),
            max_size=1,
        )
    )
    return Facts(
        1,
        draw(states),
        issued,
        issued + draw(st.integers(-30, 400)) * DAY,
        AUDIENCES,
        rounds=rounds,
        waiting=Waiting(1, handed_in + 20 * DAY),
    )


@given(assignments(), st.lists(st.integers(0, 500), min_size=1, max_size=25))
def test_whatever_days_the_scheduler_ticks_nothing_is_said_twice_or_backwards(
    facts: Facts, gaps: list[int]
) -> None:
    days = sorted({facts.issued_on + gap * DAY for gap in gaps})
    log = ticks(facts, days)
    seen: dict[tuple[str, str, int], int] = {}
    for day, each in log:
        assert CALENDAR.is_workday(day)
        for occurrence in (*each.superseded, each.occurrence):
            key = (occurrence.family, each.anchor, each.recipient_id)
            assert occurrence.number > seen.get(key, -9999)
            seen[key] = occurrence.number


@given(assignments(), workdays)
def test_asking_again_on_the_same_day_gives_nothing(facts: Facts, day: date) -> None:
    assert said(record(facts, said(facts, day)), day) == []


def recorded_by(log: list[tuple[date, Due]]) -> dict[tuple[str, int], set[tuple[str, int]]]:
    """Anchor and recipient to the thresholds that stand recorded, sent or superseded."""
    places: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for _, each in log:
        held = places.setdefault((each.anchor, each.recipient_id), set())
        held |= {(o.family, o.number) for o in (*each.superseded, each.occurrence)}
    return places


@given(assignments(), st.integers(0, 300))
def test_a_scheduler_that_was_away_ends_where_a_diligent_one_ends(facts: Facts, gap: int) -> None:
    """Recorded is the same; only what was sent differs: the thresholds between were passed over.

    But where the lead's own delay keeps "overdue" back, nothing is left to be said of the date.
    """
    back = CALENDAR.on_or_after(facts.issued_on + gap * DAY)
    diligent = recorded_by(ticks(facts, each_day(facts.issued_on, back)))
    away = recorded_by(ticks(facts, [back]))
    for key, places in diligent.items():
        excused = bool(facts.rounds) and {family for family, _ in places} == {"due"}
        assert away.get(key) == (None if excused and key not in away else places)


@given(assignments(), workdays)
def test_nothing_is_said_before_the_issue(facts: Facts, day: date) -> None:
    if day < facts.issued_on:
        assert said(facts, day) == []


# --- audiences ---------------------------------------------------------------------------------

LEAD, UNIT = 100, 200


def people(*held: tuple[int, int | None, Role]) -> Directory:
    return Directory(Person(who, unit, frozenset({role})) for who, unit, role in held)


FULL = (
    (1, UNIT, Role.LIAISON),
    (2, UNIT, Role.HEAD),
    (3, LEAD, Role.COORDINATOR),
    (4, None, Role.SUPERVISOR),
    (5, None, Role.LEADER),
    (6, LEAD, Role.LIAISON),
    (7, 999, Role.LIAISON),
)


@pytest.mark.parametrize(
    ("missing", "liaison"),
    [
        ((), [1]),
        ((1,), [2]),
        ((1, 2), [3]),
        ((1, 2, 3), [4]),
    ],
)
def test_a_unit_without_liaison_is_reached_through_the_next_above(
    missing: tuple[int, ...], liaison: list[int]
) -> None:
    directory = people(*[each for each in FULL if each[0] not in missing])
    assert list(directory.audiences(UNIT, LEAD)["liaison"]) == liaison


def test_in_the_leads_own_unit_the_coordinator_answers_and_the_supervisor_decides() -> None:
    audiences = people(*FULL).audiences(LEAD, LEAD)
    assert list(audiences["liaison"]) == [3, 6]
    assert list(audiences["coordinator"]) == [4]


def test_the_leads_coordinator_decides_on_what_others_owe() -> None:
    directory = people(*FULL)
    assert list(directory.audiences(UNIT, LEAD)["coordinator"]) == [3]
    without = people(*[each for each in FULL if each[0] != 3])
    assert list(without.audiences(UNIT, LEAD)["coordinator"]) == [4]


def test_leaders_and_supervisors_are_the_countys() -> None:
    audiences = people(*FULL).audiences(UNIT, LEAD)
    assert (list(audiences["leader"]), list(audiences["supervisor"])) == ([5], [4])
