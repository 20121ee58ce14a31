"""Periodic reports in the database: opened once, by the dates alone, and handed in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from planner.domain.errors import BadInput, NotAllowed, NotFound, Stale
from planner.domain.reporting import Reporting, ReportState, standing_of
from planner.domain.words import Cause, Rhythm
from planner.models import Assignment, JournalEntry, Report, Suspension, Task
from planner.models import Request as RequestRow
from planner.services import (
    breakdown,
    coordination,
    handing_in,
    report_list,
    report_matrix,
    reports,
    steering,
)
from planner.services.breakdown import NodeForm
from planner.services.coordination import MatterFilter
from planner.services.handing_in import SubmissionForm
from planner.services.report_list import ReportFilter
from planner.services.steering import CancelForm, ReassignForm
from tests.support.cast import HEALTH, TODAY, Cast
from tests.support.verbs import accept, start, submit, told

Counting = Callable[[], AbstractContextManager[list[str]]]

QUARTERLY = Reporting(Rhythm.QUARTER)
MONTHLY = Reporting(Rhythm.MONTH, day=5)
FIRST = date(2024, 1, 10)
"""A day early in the year on which the cast begins."""


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


def ask(
    cast: Cast,
    reporting: Reporting = QUARTERLY,
    *,
    day: date = FIRST,
    since: date | None = None,
    task: int | None = None,
) -> None:
    cast.do_on(
        day,
        reports.set_reporting,
        "coordinator",
        task or cast.standard,
        reporting,
        since or day,
    )


def open_on(cast: Cast, day: date) -> int:
    with cast.runtime.sessions.writing() as db:
        made = reports.open_periods(db, cast.clock(day))
        db.commit()
        return made


def owed(cast: Cast) -> set[tuple[int, str]]:
    with cast.reading() as db:
        rows = db.execute(select(Report.assignment_id, Report.period))
        return {(row.assignment_id, row.period) for row in rows}


def report_on(cast: Cast, day: date, row: int, period: str | None = None) -> int:
    form = SubmissionForm("已推进。", percent=40, period=period, coordination="请协调。")
    return cast.do_on(day, handing_in.report, "edu", row, form).id


def test_a_period_is_opened_when_it_has_ended_and_only_once(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    assert open_on(cast, date(2024, 3, 31)) == 0
    assert open_on(cast, date(2024, 4, 1)) == 1
    assert open_on(cast, date(2024, 4, 1)) == 0
    assert owed(cast) == {(cast.edu_row, "2024-Q1")}
    with cast.reading() as db:
        (report,) = db.scalars(select(Report))
        assert report.due_on == date(2024, 4, 15)
        entry = db.scalars(select(JournalEntry).where(JournalEntry.verb == "reports_open")).one()
        assert entry.data == {"period": "2024-Q1", "count": 1}


def test_a_worker_that_was_away_catches_up_with_every_period(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast, MONTHLY)
    assert open_on(cast, date(2024, 2, 1)) == 1
    assert open_on(cast, date(2024, 2, 1) + timedelta(days=60)) == 2
    assert {period for _, period in owed(cast)} == {"2024-01", "2024-02", "2024-03"}


def test_none_is_opened_from_before_the_task_asked(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast, MONTHLY, day=date(2024, 6, 17), since=date(2024, 6, 17))
    open_on(cast, date(2024, 8, 1))
    assert {period for _, period in owed(cast)} == {"2024-06", "2024-07"}


def test_who_was_issued_late_closed_early_or_only_supports_owes_none(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    start(cast, cast.health_row, "health", day=date(2024, 4, 1))
    cast.do_on(FIRST, breakdown.issue, "coordinator", cast.school_row)
    ask(cast)
    open_on(cast, date(2024, 4, 2))
    assert owed(cast) == {(cast.edu_row, "2024-Q1")}
    submit(cast, cast.edu_row, day=date(2024, 6, 20))
    accept(cast, cast.edu_row, day=date(2024, 6, 30))
    open_on(cast, date(2024, 7, 2))
    assert owed(cast) == {(cast.edu_row, "2024-Q1"), (cast.health_row, "2024-Q2")}


def test_what_was_closed_after_the_period_is_owed_for_it_even_if_opened_later(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    submit(cast, cast.edu_row, day=date(2024, 4, 2))
    accept(cast, cast.edu_row, day=date(2024, 4, 3))
    assert open_on(cast, date(2024, 5, 10)) == 1


def test_the_node_of_the_year_owes_in_place_of_its_row(cast: Cast) -> None:
    start(cast, cast.charger_row, day=FIRST)
    ask(cast, task=cast.chargers)
    open_on(cast, date(2024, 4, 1))
    start(cast, cast.charger_node, day=date(2024, 4, 15))
    open_on(cast, date(2024, 7, 1))
    assert owed(cast) == {(cast.charger_row, "2024-Q1"), (cast.charger_node, "2024-Q2")}
    form = NodeForm(2025, "建成充电桩1个。", date(2025, 12, 10), Decimal(1))
    cast.do(breakdown.break_down, "coordinator", cast.charger_row, form)
    open_on(cast, date(2025, 4, 1))
    assert (cast.charger_row, "2025-Q1") in owed(cast), "the draft of 2025 owes nothing yet"
    assert (cast.charger_node, "2025-Q1") not in owed(cast)


def test_the_unit_that_takes_over_owes_from_then_on(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    form = ReassignForm(cast.units[HEALTH], "职责调整。", date(2024, 12, 10))
    made = cast.do_on(date(2024, 3, 20), steering.reassign, "coordinator", cast.edu_row, form)
    assert isinstance(made, Assignment)
    open_on(cast, date(2024, 4, 1))
    assert owed(cast) == {(made.id, "2024-Q1")}


def test_a_clock_that_stands_still_at_the_periods_end_asks_for_none(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    clock = cast.clock(date(2024, 3, 1))
    with cast.runtime.sessions.writing() as db:
        request = RequestRow(
            assignment_id=cast.edu_row,
            kind="suspension",
            decider="lead",
            reason="停工。",
            data={},
            by_id=cast.users["edu"],
            on=clock.today,
            at=clock.now,
        )
        db.add(request)
        db.flush()
        still = Suspension(
            assignment_id=cast.edu_row, request_id=request.id, on=clock.today, at=clock.now
        )
        db.add(still)
        db.commit()
    assert open_on(cast, date(2024, 4, 1)) == 0


def test_a_progress_report_answers_the_oldest_open_report(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast, MONTHLY)
    open_on(cast, date(2024, 4, 1))
    submission = report_on(cast, date(2024, 4, 2), cast.edu_row)
    with cast.reading() as db:
        answered = db.scalars(select(Report).where(Report.submission_id == submission)).one()
        assert (answered.period, answered.handed_in_on) == ("2024-01", date(2024, 4, 2))
        entry = db.scalars(
            select(JournalEntry).where(JournalEntry.verb == "report").order_by(JournalEntry.id)
        ).one()
        assert entry.data["period"] == "2024-01"


def test_the_liaison_chooses_the_period_or_none(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast, MONTHLY)
    open_on(cast, date(2024, 4, 1))
    day = date(2024, 4, 2)
    report_on(cast, day, cast.edu_row, "2024-03")
    report_on(cast, day, cast.edu_row, reports.NO_REPORT)
    with cast.reading() as db:
        waiting = reports.unanswered(db, cast.edu_row)
        assert [each.period for each in waiting] == ["2024-01", "2024-02"]
    with pytest.raises(BadInput):
        report_on(cast, day, cast.edu_row, "2024-03")
    with pytest.raises(BadInput):
        report_on(cast, day, cast.edu_row, "2031-Q9")


def test_a_report_counts_even_if_the_worker_has_not_come_by(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    submission = report_on(cast, date(2024, 4, 8), cast.edu_row)
    with cast.reading() as db:
        (report,) = db.scalars(select(Report))
        assert (report.period, report.submission_id) == ("2024-Q1", submission)
    assert open_on(cast, date(2024, 4, 9)) == 0


def test_without_reports_asked_for_progress_answers_none(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    report_on(cast, date(2024, 4, 8), cast.edu_row)
    assert owed(cast) == set()


def test_what_was_handed_in_never_changes_again(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    report_on(cast, date(2024, 4, 8), cast.edu_row)
    with cast.runtime.sessions.writing() as db, pytest.raises(DatabaseError):
        db.execute(update(Report).values(handed_in_on=date(2024, 4, 1)))


def test_a_change_opens_what_was_asked_before_and_starts_afresh(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    ask(cast, MONTHLY, day=date(2024, 7, 3))
    assert owed(cast) == {(cast.edu_row, "2024-Q1"), (cast.edu_row, "2024-Q2")}
    open_on(cast, date(2024, 8, 1))
    assert (cast.edu_row, "2024-07") in owed(cast)
    ask(cast, QUARTERLY, day=date(2024, 8, 1), since=date(2024, 7, 1))
    assert open_on(cast, date(2024, 10, 8)) == 1


def test_the_same_period_is_not_opened_twice_when_asked_for_again(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    open_on(cast, date(2024, 4, 1))
    ask(cast, day=date(2024, 4, 2), since=date(2024, 3, 1))
    assert open_on(cast, date(2024, 4, 3)) == 0


def test_ending_keeps_what_is_owed_and_asks_for_no_more(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    ask(cast)
    cast.do_on(date(2024, 4, 2), reports.end_reporting, "coordinator", cast.standard)
    assert owed(cast) == {(cast.edu_row, "2024-Q1")}
    assert open_on(cast, date(2024, 12, 31)) == 0
    with cast.reading() as db:
        task = db.get_one(Task, cast.standard)
        assert (task.reporting, task.reports_from, task.reports_through) == (None, None, None)


def test_what_cannot_be_asked_for(cast: Cast) -> None:
    with pytest.raises(BadInput):
        ask(cast, since=date(2023, 6, 1))
    with pytest.raises(BadInput):
        ask(cast, since=date(2026, 1, 1))
    with pytest.raises(BadInput):
        ask(cast, Reporting(Rhythm.MONTH, workdays=3, day=3))
    with pytest.raises(NotAllowed):
        cast.do(reports.set_reporting, "supervisor", cast.standard, QUARTERLY, TODAY)
    with pytest.raises(NotFound):
        cast.do(reports.set_reporting, "edu", cast.platform, QUARTERLY, TODAY)
    with pytest.raises(Stale):
        cast.do(reports.set_reporting, "coordinator", cast.standard, QUARTERLY, TODAY, 99)


def test_sql_and_rule_agree_on_how_every_report_stands(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    start(cast, cast.health_row, "health", day=FIRST)
    ask(cast, MONTHLY)
    report_on(cast, date(2024, 2, 5), cast.edu_row)
    report_on(cast, date(2024, 3, 6), cast.edu_row)
    report_on(cast, date(2024, 5, 6), cast.edu_row)
    submit(cast, cast.edu_row, day=date(2024, 9, 2))
    accept(cast, cast.edu_row, day=date(2024, 9, 4))
    form = CancelForm("政策调整。", Cause.POLICY, "测试〔2024〕9号")
    cast.do_on(date(2024, 9, 10), steering.cancel, "coordinator", cast.health_row, form)
    open_on(cast, date(2024, 9, 10))
    seen = set()
    for day in (date(2024, 9, 10), date(2024, 9, 30), date(2024, 12, 1)):
        clock = cast.clock(day)
        with cast.reading() as db:
            state = report_list.state_in_sql(db, clock)
            for report, said in db.execute(select(Report, state).join(Report.assignment)):
                facts = reports.facts_of(report)
                assert said == standing_of(facts, day, clock.calendar).state, report.period
                seen.add(ReportState(said))
    assert {ReportState.HANDED_IN, ReportState.LATE, ReportState.MISSING} <= seen
    assert ReportState.LAPSED in seen


def test_the_list_is_narrowed_sorted_and_counted_within_the_scope(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    start(cast, cast.health_row, "health", day=FIRST)
    ask(cast)
    open_on(cast, date(2024, 7, 1))
    report_on(cast, date(2024, 7, 2), cast.edu_row, "2024-Q2")
    clock = cast.clock(date(2024, 7, 5))
    with cast.reading() as db:
        lead, edu = cast.actor("coordinator"), cast.actor("edu")
        assert report_list.report_page(db, lead, clock, ReportFilter(), 1).total == 4
        assert report_list.report_page(db, edu, clock, ReportFilter(), 9).total == 2
        late = ReportFilter(states=frozenset({ReportState.OVERDUE}), unit=cast.units[HEALTH])
        (line,) = report_list.whole_list(db, lead, clock, late)
        assert line.report.period == "2024-Q1"
        numbers = report_list.counts(db, lead, clock, late)
        assert numbers == {ReportState.OVERDUE: 1, ReportState.OPEN: 1}
        table = report_matrix.matrix(db, lead, clock, ReportFilter(), 1)
        assert [key for key, _ in table.periods] == ["2024-Q1", "2024-Q2"]
        cells = {row.unit.name: row.cells for row in table.rows.items}
        assert cells[HEALTH]["2024-Q2"] == {ReportState.OPEN: 1}
        for sort in ("due", "period", "number", "unit", "state"):
            assert len(report_list.whole_list(db, lead, clock, ReportFilter(sort=sort))) == 4
        assert not report_list.whole_list(db, lead, clock, ReportFilter(text="没有这个"))


def test_opening_and_listing_take_a_fixed_number_of_queries(
    cast: Cast, count_queries: Counting
) -> None:
    start(cast, cast.edu_row, day=FIRST)
    start(cast, cast.health_row, "health", day=FIRST)
    ask(cast, MONTHLY)
    with count_queries() as first:
        open_on(cast, date(2024, 2, 1))
    clock, lead = cast.clock(date(2024, 12, 2)), cast.actor("coordinator")
    with cast.reading() as db, count_queries() as few:
        report_list.report_page(db, lead, clock, ReportFilter(), 1)
        report_matrix.matrix(db, lead, clock, ReportFilter(), 1)
        report_list.choices(db, lead)
    start(cast, cast.lead_row, "coordinator", day=FIRST)
    ask(cast, MONTHLY, day=date(2024, 2, 1), task=cast.platform)
    with count_queries() as second:
        open_on(cast, date(2024, 12, 2))
    entries = sum("INSERT INTO journal" in each for each in second)
    updates = sum(each.startswith("UPDATE tasks") for each in second)
    assert len(second) - entries - updates <= len(first) + 2 * entries
    with cast.reading() as db, count_queries() as many:
        assert report_list.report_page(db, lead, clock, ReportFilter(), 1).total > 20
        report_matrix.matrix(db, lead, clock, ReportFilter(), 1)
        report_list.choices(db, lead)
    assert len(many) == len(few)


def test_what_needs_coordination_is_listed_and_settled_once(cast: Cast) -> None:
    start(cast, cast.edu_row, day=FIRST)
    first = report_on(cast, date(2024, 4, 8), cast.edu_row)
    second = report_on(cast, date(2024, 5, 8), cast.edu_row)
    lead = cast.actor("coordinator")
    with cast.reading() as db:
        found = coordination.matters_page(db, lead, MatterFilter(), 1)
        assert [each.id for each in found.items] == [second, first]
        assert coordination.count_open(db, cast.actor("health")) == 0
        assert coordination.units_concerned(db, lead)
    cast.do(coordination.settle, "coordinator", first, "已由县机关事务管理中心协调明确。")
    assert told(cast, cast.edu_row, "settle") == {"edu", "edu-head"}
    with cast.reading() as db:
        assert coordination.count_open(db, lead) == 1
        settled = coordination.whole_list(db, lead, MatterFilter(show="settled"))
        assert [each.id for each in settled] == [first]
        assert len(coordination.whole_list(db, lead, MatterFilter(show="all"))) == 2
    with pytest.raises(BadInput):
        cast.do(coordination.settle, "coordinator", first, "又一次。")
    with pytest.raises(BadInput):
        cast.do(coordination.settle, "coordinator", second, "  ")
    with pytest.raises(NotAllowed):
        cast.do(coordination.settle, "leader", second, "好。")
    with pytest.raises(NotFound):
        cast.do(coordination.settle, "health", second, "好。")
