"""Periodic reports: asking for them, opening their periods, handing them in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from planner.domain.actor import SYSTEM, Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.records import read_data
from planner.domain.reporting import ReportFacts, Reporting, ReportPeriod, period_of, periods_ending
from planner.domain.text import t
from planner.domain.words import Part
from planner.models import Assignment, Report, Submission, Suspension, Task
from planner.services import journal
from planner.services.tasks import claim, own_task

_DAY = timedelta(days=1)

NO_REPORT = ""
"""What a progress report names as its period when it is meant to answer no periodic report."""


def reporting_of(task: Task) -> Reporting | None:
    """How often the task asks for a report and by when, or nothing if it does not."""
    return None if task.reporting is None else read_data(Reporting, task.reporting)


def set_reporting(
    db: Session,
    actor: Actor,
    clock: Clock,
    task_id: int,
    reporting: Reporting,
    since: date,
    seen: int | None = None,
) -> Task:
    """Ask for reports of the periods that end on `since` or later.

    What the task asked for until now is opened first, as far as its periods have ended. Raises
    BadInput for a day so early that the first report would be overdue at once, or past the plan.
    """
    task = own_task(db, actor, task_id)
    claim(db, task, seen)
    for key, message in reporting.check():
        raise BadInput(message, key)
    _check_since(task, clock, reporting, since)
    ask(db, clock, task, reporting, since)
    journal.record(
        db,
        actor,
        clock,
        "reporting",
        f"task:{task.id}",
        every=reporting.every,
        workdays=reporting.workdays,
        day=reporting.day,
        since=since,
    )
    return task


def end_reporting(
    db: Session, actor: Actor, clock: Clock, task_id: int, seen: int | None = None
) -> Task:
    """Ask for no more reports. Those of periods that have ended stay owed."""
    task = own_task(db, actor, task_id)
    claim(db, task, seen)
    ask(db, clock, task, None, clock.today)
    journal.record(db, actor, clock, "reporting_end", f"task:{task.id}")
    return task


def ask(db: Session, clock: Clock, task: Task, reporting: Reporting | None, since: date) -> None:
    """What the task asks for from now on; the seeding calls this too, with nobody's leave."""
    _open(db, clock, [task])
    task.reporting = asdict(reporting) if reporting else None
    task.reports_from = since if reporting else None
    task.reports_through = since - _DAY if reporting else None
    db.flush()


def _check_since(task: Task, clock: Clock, reporting: Reporting, since: date) -> None:
    plan = task.action.plan
    if not plan.starts_on <= since <= plan.ends_on:
        raise BadInput(t("This day lies outside the plan."), "since")
    first = period_of(reporting.every, since)
    due_on = reporting.due_on(first.ends_on, clock.calendar)
    if due_on < clock.today:
        raise BadInput(
            t("The first report would have been due on %(day)s: choose a later day.", day=due_on),
            "since",
        )


def open_periods(db: Session, clock: Clock) -> int:
    """Open what every assignment owes for the periods that have ended; how many reports.

    Whatever the number of days since the last time, and never twice. Four queries where something
    is to be opened, one where nothing is.
    """
    asking = select(Task).where(Task.reports_through.is_not(None)).order_by(Task.id)
    return _open(db, clock, db.scalars(_held(asking)).all())


def _held(query: Select[Task]) -> Select[Task]:
    """The tasks as they are now, and no other worker opens them meanwhile."""
    return query.with_for_update(key_share=True, of=Task).execution_options(populate_existing=True)


def _open(db: Session, clock: Clock, tasks: Iterable[Task]) -> int:
    ended = {task: periods for task in tasks if (periods := _ended(task, clock.today))}
    if not ended:
        return 0
    owed = _Owed(db, [task.id for task in ended])
    made = 0
    for task, periods in ended.items():
        for period in periods:
            reports = [_report(clock, task, each, period) for each in owed.of(task, period)]
            db.add_all(reports)
            made += len(reports)
            key, count = period.key, len(reports)
            journal.record(
                db, SYSTEM, clock, "reports_open", f"task:{task.id}", period=key, count=count
            )
        task.reports_through = periods[-1].ends_on
    db.flush()
    return made


def _ended(task: Task, today: date) -> list[ReportPeriod]:
    """The periods that have ended and are not opened yet."""
    reporting = reporting_of(task)
    if reporting is None or task.reports_through is None:
        return []
    first = task.reports_through + _DAY
    return list(periods_ending(reporting.every, first, today - _DAY))


def _report(clock: Clock, task: Task, assignment: Assignment, period: ReportPeriod) -> Report:
    reporting = reporting_of(task)
    if reporting is None:
        raise ValueError(f"task {task.id} asks for no report")
    return Report(
        assignment_id=assignment.id,
        period=period.key,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        due_on=reporting.due_on(period.ends_on, clock.calendar),
        missing_after=reporting.missing_after(period, clock.calendar),
        on=clock.today,
        at=clock.now,
    )


class _Owed:
    """Who owes what for which period, from the dates of tasks' assignments. Three queries."""

    def __init__(self, db: Session, task_ids: Sequence[int]) -> None:
        inside = Assignment.task_id.in_(task_ids)
        rows = select(Assignment).where(
            inside,
            Assignment.part == Part.RESPONSIBLE,
            Assignment.unit_id.is_not(None),
            Assignment.issued_on.is_not(None),
        )
        self.by_task: Mapping[int, list[Assignment]] = defaultdict(list)
        for assignment in db.scalars(rows.order_by(Assignment.id)):
            self.by_task[assignment.task_id].append(assignment)
        opened = select(Report.assignment_id, Report.period).join(Report.assignment).where(inside)
        self.opened = {(row.assignment_id, row.period) for row in db.execute(opened)}
        still = select(Suspension).join(Assignment, Assignment.id == Suspension.assignment_id)
        self.still: Mapping[int, list[Suspension]] = defaultdict(list)
        for suspension in db.scalars(still.where(inside)):
            self.still[suspension.assignment_id].append(suspension)

    def of(self, task: Task, period: ReportPeriod) -> Iterator[Assignment]:
        """The assignments that owe a report for the period and have none yet."""
        there = [each for each in self.by_task[task.id] if _issued_by(each, period.ends_on)]
        year = period.ends_on.year
        divided = {each.parent_id for each in there if each.year == year}
        for assignment in there:
            asked = assignment.year == year if assignment.is_node else assignment.id not in divided
            known = (assignment.id, period.key) in self.opened
            if asked and not known and not self._rests(assignment, period.ends_on):
                yield assignment

    def _rests(self, assignment: Assignment, on: date) -> bool:
        """Closed by that day, or its clock stands still then."""
        if assignment.accepted_on is not None and assignment.accepted_on <= on:
            return True
        return any(
            each.on <= on and (each.ended_on is None or on <= each.ended_on)
            for each in self.still[assignment.id]
        )


def _issued_by(assignment: Assignment, on: date) -> bool:
    """Issued on that day or before, and not cancelled by then."""
    issued = assignment.issued_on is not None and assignment.issued_on <= on
    return issued and (assignment.cancelled_on is None or assignment.cancelled_on > on)


def answer(
    db: Session, clock: Clock, assignment: Assignment, submission: Submission, period: str | None
) -> Report | None:
    """Hand a progress report in as the report of a period; the oldest open one where None.

    `NO_REPORT` answers none. Raises BadInput for a period that is not waited for.
    """
    _open_of(db, clock, assignment)
    waiting = unanswered(db, assignment.id)
    if period == NO_REPORT or (period is None and not waiting):
        return None
    chosen = next((each for each in waiting if period in (None, each.period)), None)
    if chosen is None:
        raise BadInput(t("This report was handed in already, or nobody asks for it."), "period")
    chosen.submission_id, chosen.handed_in_on = submission.id, submission.on
    db.flush()
    return chosen


def _open_of(db: Session, clock: Clock, assignment: Assignment) -> None:
    """So that it does not matter when the worker last came by."""
    if assignment.task.reports_through is not None:
        task = select(Task).where(Task.id == assignment.task_id)
        _open(db, clock, db.scalars(_held(task)).all())


def unanswered(db: Session, assignment_id: int) -> Sequence[Report]:
    """The reports of an assignment that were not handed in, the oldest period first."""
    query = select(Report).where(Report.assignment_id == assignment_id, waits())
    return db.scalars(query.order_by(Report.starts_on, Report.id)).all()


def waits() -> ColumnElement[bool]:
    """The condition on `Report` for those not handed in; their assignment may be closed."""
    return Report.submission_id.is_(None)


def facts_of(report: Report) -> ReportFacts:
    """What the state of a report follows from."""
    assignment = report.assignment
    return ReportFacts(
        due_on=report.due_on,
        missing_after=report.missing_after,
        handed_in_on=report.handed_in_on,
        closed_on=assignment.accepted_on or assignment.cancelled_on,
    )
