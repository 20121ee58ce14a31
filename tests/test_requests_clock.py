"""While the clock stands still: standings, lists, scores of any day, and two people at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from planner.domain.errors import DomainError
from planner.domain.scores.days import change_days
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.scoring import figures
from planner.domain.scores.tally import scored
from planner.domain.words import Cause, RequestKind, ReturnKind
from planner.models import Assignment, Plan
from planner.services import extending, plans, requests, requests_asking, reviewing
from planner.services.overdue import overdue_condition
from planner.services.pauses import pauses_of
from planner.services.request_forms import Decision, ExtensionForm
from planner.services.reviewing import ReturnForm
from planner.services.rollups import DayRows, missing_days, store_missing
from planner.services.score_items import read_items
from planner.services.standing import standings
from tests.support import asking, verbs
from tests.support.asking import DUE, LATER, adjustment, grant, more_time, refuse
from tests.support.cast import TODAY, Cast
from tests.support.verbs import AFTER

SUSPENSION = RequestKind.SUSPENSION
ASKED, DECIDED = date(2024, 12, 9), date(2024, 12, 18)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    return verbs.start(cast, cast.edu_row)


def item_of(cast: Cast, row: int) -> Item:
    with cast.reading() as db:
        return next(each for each in read_items(db, db.get_one(Plan, cast.plan)) if each.id == row)


def late_on(cast: Cast, row: int, day: date) -> int:
    """As the pages of that day say, as the score of that day says, and as the list says."""
    clock = cast.clock(day)
    with cast.reading() as db:
        found = db.get_one(Assignment, row)
        lights = plans.reminder_rules(db, db.get_one(Plan, cast.plan)).lights
        shown = standings(db, clock, lights, [found])[row].days_late
        listed = db.query(Assignment.id).where(overdue_condition(db, clock)).all()
    as_of = item_of(cast, row).as_of(day)
    counted = as_of.days_late(day, clock.calendar) if as_of.is_overdue(day, clock.calendar) else 0
    assert shown == counted
    assert ((row,) in [tuple(each) for each in listed]) is (shown > 0)
    return shown


def test_while_a_request_made_in_time_is_open_nothing_gets_later(cast: Cast, row: int) -> None:
    more_time(cast, row, day=ASKED)
    assert [late_on(cast, row, day) for day in (DUE, date(2024, 12, 11), DECIDED)] == [0, 0, 0]
    refuse(cast, row, day=DECIDED)
    days = [DECIDED, date(2024, 12, 19), date(2024, 12, 20), date(2024, 12, 23)]
    assert [late_on(cast, row, day) for day in days] == [0, 1, 2, 3]


def test_granted_late_it_leaves_no_gap(cast: Cast, row: int) -> None:
    """Granted to the 13th on the 18th: from the 19th on the unit is late."""
    more_time(cast, row, day=ASKED)
    grant(cast, row, day=DECIDED, due_on=date(2024, 12, 13))
    assert [late_on(cast, row, day) for day in (DECIDED, date(2024, 12, 19))] == [0, 1]


def test_a_request_made_too_late_stops_nothing(cast: Cast, row: int) -> None:
    adjustment(cast, row, SUSPENSION, day=date(2024, 12, 12), cause=Cause.FORCE_MAJEURE)
    assert [late_on(cast, row, date(2024, 12, day)) for day in (12, 13, 16)] == [2, 3, 4]


def test_what_was_late_before_a_suspension_stays_so_late(cast: Cast, row: int) -> None:
    adjustment(cast, row, SUSPENSION, day=date(2024, 12, 12), cause=Cause.FORCE_MAJEURE)
    grant(cast, row, day=date(2024, 12, 13))
    assert late_on(cast, row, date(2024, 12, 20)) == 0, "suspended is never overdue"
    cast.do_on(date(2024, 12, 20), extending.resume, "coordinator", row)
    assert [late_on(cast, row, date(2024, 12, day)) for day in (20, 23)] == [2, 3]


def test_a_suspension_in_time_gives_all_days_back(cast: Cast, row: int) -> None:
    adjustment(cast, row, SUSPENSION, day=ASKED)
    grant(cast, row, day=DECIDED)
    cast.do_on(AFTER, extending.resume, "coordinator", row)
    due_on = verbs.found(cast, row).due_on
    assert due_on == date(2024, 12, 23), "one working day was left on the 9th"
    assert late_on(cast, row, date(2024, 12, 24)) == 1


def test_no_day_of_a_suspension_is_taken_off_again_for_a_round_that_waited(
    cast: Cast, row: int
) -> None:
    """Suspended on the 2nd, resumed on the 23rd; handed in on the 4th and returned on the 11th.

    The 15 days suspended move the due date from the 10th to the 31st; the 5 that the round lay
    with the lead are among them.
    """
    adjustment(cast, row, SUSPENSION, day=date(2024, 12, 2))
    grant(cast, row, day=date(2024, 12, 3))
    verbs.submit(cast, row, day=date(2024, 12, 4))
    empty = ReturnForm(ReturnKind.REJECT, "没有附件。")
    cast.do_on(date(2024, 12, 11), reviewing.return_, "coordinator", row, empty)
    cast.do_on(date(2024, 12, 23), extending.resume, "coordinator", row)
    assert verbs.found(cast, row).due_on == date(2024, 12, 31)
    days = [date(2024, 12, 31), date(2025, 1, 2), date(2025, 1, 3), date(2025, 1, 6)]
    assert [late_on(cast, row, day) for day in days] == [0, 1, 2, 3]
    assert date(2025, 1, 2) in change_days(item_of(cast, row), cast.clock().calendar)


def test_pauses_of_many_take_two_queries(cast: Cast, row: int, count_queries: Any) -> None:
    more_time(cast, row, day=ASKED)
    with cast.reading() as db, count_queries() as statements:
        found = pauses_of(db, Assignment.id.is_not(None), AFTER)
    assert found == {row: ([(ASKED, AFTER)], [])}
    assert len([each for each in statements if each.startswith("SELECT")]) == 2


def to_date(cast: Cast, day: date, row: int) -> bool:
    """Whether the score of that day counts it as due."""
    with cast.reading() as db:
        plan = db.get_one(Plan, cast.plan)
        items, rules = tuple(read_items(db, plan)), plans.scoring_rules(db, plan)
    calendar = cast.clock(day).calendar
    asked = AsOf.on(day, Period(2024))
    made = figures(scored(items, asked, rules, calendar), asked, rules, calendar)
    return row in {each.item.id for each in made.to_date.work.items or ()}


def test_suspended_is_not_counted_to_date_as_of_any_day(cast: Cast, row: int) -> None:
    adjustment(cast, row, SUSPENSION, day=ASKED)
    days = [ASKED, DUE, DECIDED, date(2024, 12, 19), date(2024, 12, 23), date(2024, 12, 24)]
    grant(cast, row, day=DECIDED)
    assert [to_date(cast, day, row) for day in days] == [False, True, False, False, False, False]
    cast.do_on(AFTER, extending.resume, "coordinator", row)
    assert [to_date(cast, day, row) for day in days] == [False, True, False, False, True, True]


def test_a_reduced_amount_counts_from_its_day(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_row)
    adjustment(cast, row, RequestKind.REDUCTION, amount="2", day=date(2024, 11, 1))
    grant(cast, row, day=date(2024, 11, 5))
    item = item_of(cast, row)
    days = (date(2024, 10, 20), date(2024, 11, 4), date(2024, 11, 5), date(2024, 12, 1))
    assert [item.as_of(day).target for day in days] == [3, 3, 2, 2]


def test_roll_ups_made_day_by_day_equal_those_made_later(cast: Cast, row: int) -> None:
    acts = {
        ASKED: lambda: more_time(cast, row, day=ASKED),
        DECIDED: lambda: refuse(cast, row, day=DECIDED),
        AFTER: lambda: adjustment(cast, row, SUSPENSION, day=AFTER, cause=Cause.FORCE_MAJEURE),
        date(2024, 12, 23): lambda: grant(cast, row, day=date(2024, 12, 23)),
        date(2024, 12, 26): lambda: cast.do_on(
            date(2024, 12, 26), extending.resume, "coordinator", row
        ),
    }
    kept = []
    for number in range((date(2024, 12, 31) - TODAY).days):
        day = TODAY + timedelta(number)
        acts.get(day, lambda: None)()
        with cast.reading() as db:
            made = list(missing_days(db, cast.clock(day + timedelta(1))))
        kept.append(made[-1])
    with cast.runtime.sessions.writing() as db:
        later = list(missing_days(db, cast.clock(date(2024, 12, 31))))
        store_missing(db, cast.clock(date(2024, 12, 31)))
    assert [plain(each) for each in kept] == [plain(each) for each in later]
    overdue = {
        each.day.day: each.rows[0]["overdue"] for each in later if each.day > date(2024, 12, 17)
    }
    assert [overdue[day] for day in (18, 19, 20, 22, 23, 25, 26, 27)] == [0, 1, 1, 1, 0, 0, 1, 1]


def plain(made: DayRows) -> tuple[date, list[dict[str, Any]]]:
    """The rows, which are stored under the day that they were made for."""
    return made.day, [{**row, "on": made.day} for row in made.rows]


def at_once(cast: Cast, *acts: Any) -> list[str]:
    """Each in a thread and a transaction of its own: "done", or what it was refused with."""
    together = Barrier(len(acts))

    def one(who: str, act: Any) -> str:
        together.wait(timeout=10)
        try:
            with cast.runtime.sessions.writing() as db:
                act(db, cast.actor(who), cast.clock(TODAY))
                db.commit()
        except DomainError as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(done.result() for done in [pool.submit(one, *each) for each in acts])


def test_two_ask_at_once_and_one_is_told(cast: Cast, row: int) -> None:
    form = ExtensionForm("施工受阻。", Cause.OWN, LATER)
    asked = lambda *a: requests_asking.ask_extension(*a, row, form)  # noqa: E731
    assert at_once(cast, ("edu", asked), ("edu-head", asked)) == ["BadInput", "done"]


def test_two_decide_at_once_and_one_counts(cast: Cast, row: int) -> None:
    more_time(cast, row)
    yes = lambda *a: requests.decide(*a, row, Decision(True))  # noqa: E731
    no = lambda *a: requests.decide(*a, row, Decision(False, "理由不足。"))  # noqa: E731
    assert at_once(cast, ("coordinator", yes), ("coordinator2", no)) == ["BadInput", "done"]
    assert len(asking.revisions(cast, row)) in (1, 2)
