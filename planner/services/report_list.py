"""The list of periodic reports: who has handed in, who is late, what is missing.

The state of each report is worked out in SQL here, so that it can be filtered and counted, and by
`domain.reporting` for what a line says; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Date, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import OPEN_STATES
from planner.domain.reporting import (
    ReportStanding,
    ReportState,
    first_late_day,
    period_name,
    standing_of,
)
from planner.domain.text import Text, t
from planner.models import Action, Assignment, Report, Submission, Task, Unit
from planner.services.export import Column
from planner.services.list_conditions import whose_is
from planner.services.paging import PAGE_SIZE, Page
from planner.services.reports import facts_of
from planner.services.scope import visible_assignments

Whose: TypeAlias = Literal["own", "family", "led"]
Rows: TypeAlias = "Select[*tuple[Any, ...]]"
Sort: TypeAlias = Literal["due", "period", "number", "unit", "state"]

MOST_WORDS = 8

STATE_ORDER: Mapping[ReportState, int] = {
    state: place
    for place, state in enumerate(
        (
            ReportState.MISSING,
            ReportState.OVERDUE,
            ReportState.OPEN,
            ReportState.LATE,
            ReportState.HANDED_IN,
            ReportState.LAPSED,
        )
    )
}
"""The most pressing first."""


@dataclass(frozen=True)
class ReportFilter:
    """What the list is narrowed to; nothing set is everything that the actor may open.

    `waiting` leaves those that were not handed in and still can be.
    """

    text: str = ""
    task: int | None = None
    unit: int | None = None
    period: str | None = None
    states: frozenset[ReportState] = frozenset()
    whose: Whose | None = None
    waiting: bool = False
    sort: Sort = "due"
    descending: bool = True


@dataclass(frozen=True)
class ReportLine:
    """A report, with how it stands today."""

    report: Report
    standing: ReportStanding

    @property
    def period(self) -> Text:
        """What people call its period."""
        return period_name(self.report.period)


@dataclass(frozen=True)
class Choices:
    """What the filters offer; periods by key, the latest first."""

    units: Sequence[tuple[int, str]]
    tasks: Sequence[tuple[int, str]]
    periods: Sequence[tuple[str, Text]]


def report_page(
    db: Session, actor: Actor, clock: Clock, wanted: ReportFilter, number: int
) -> Page[ReportLine]:
    """One page of the filtered list, 25 lines, with a fixed number of queries."""
    state = state_in_sql(db, clock)
    condition = condition_of(actor, wanted, state)
    total = db.scalar(joined(select(func.count(Report.id))).where(condition)) or 0
    number = min(max(1, number), Page((), 1, total).pages)
    query = _sorted(_lines().where(condition), wanted, state)
    query = query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(_read(db, clock, query), number, total)


def whole_list(db: Session, actor: Actor, clock: Clock, wanted: ReportFilter) -> list[ReportLine]:
    """The whole filtered list in its order."""
    state = state_in_sql(db, clock)
    query = _lines().where(condition_of(actor, wanted, state))
    return _read(db, clock, _sorted(query, wanted, state))


def first_reports(
    db: Session, actor: Actor, clock: Clock, wanted: ReportFilter, most: int
) -> list[ReportLine]:
    """The beginning of a filtered list."""
    state = state_in_sql(db, clock)
    query = _lines().where(condition_of(actor, wanted, state))
    return _read(db, clock, _sorted(query, wanted, state).limit(most))


def lines_of(clock: Clock, assignment: Assignment) -> list[ReportLine]:
    """The reports of one assignment, the oldest period first."""
    return [_line(clock, each) for each in assignment.reports]


def counts(
    db: Session, actor: Actor, clock: Clock, wanted: ReportFilter
) -> Mapping[ReportState, int]:
    """How many of the filtered reports stand how, whatever state the filter asks for."""
    state = state_in_sql(db, clock).label("state")
    condition = condition_of(actor, replace(wanted, states=frozenset()), state)
    query = joined(select(state, func.count(Report.id))).where(condition).group_by(state)
    return {ReportState(key): number for key, number in db.execute(query)}


def choices(db: Session, actor: Actor) -> Choices:
    """What the filters offer of what the actor may open."""
    visible = visible_assignments(actor)
    units = joined(select(Unit.id, Unit.name)).where(visible).distinct()
    tasks = joined(
        select(Task.id, Task.number, Task.sentence, Action.position, Task.position)
    ).where(visible)
    return Choices(
        units=[(row.id, row.name) for row in db.execute(units.order_by(Unit.name))],
        tasks=[
            (row.id, f"{row.number} {row.sentence[:40]}")
            for row in db.execute(tasks.distinct().order_by(Action.position, Task.position))
        ],
        periods=periods_of(db, visible),
    )


def periods_of(db: Session, condition: ColumnElement[bool]) -> list[tuple[str, Text]]:
    """The periods of the reports that meet a condition, the latest first."""
    query = joined(select(Report.period, Report.ends_on, Report.starts_on)).where(condition)
    query = query.distinct().order_by(Report.ends_on.desc(), Report.starts_on.desc())
    return [(row.period, period_name(row.period)) for row in db.execute(query)]


def state_in_sql(db: Session, clock: Clock) -> ColumnElement[str]:
    """How each report stands today, as an expression on `Report` and its assignment. One query.

    Only few days are ever due days, so that the working days after them fit into the expression.
    """
    days = select(Report.due_on).union(select(Report.missing_after))
    late = {day: first_late_day(day, clock.calendar) for day in db.scalars(days)}
    closed_on = func.coalesce(Assignment.accepted_on, Assignment.cancelled_on)
    acted_on = func.coalesce(Report.handed_in_on, closed_on, literal(clock.today, Date))
    handed_in, closed = Report.handed_in_on.is_not(None), closed_on.is_not(None)
    past_due = acted_on >= _late_day(late, Report.due_on)
    return case(
        (acted_on >= _late_day(late, Report.missing_after), ReportState.MISSING),
        (and_(or_(handed_in, closed), past_due), ReportState.LATE),
        (handed_in, ReportState.HANDED_IN),
        (closed, ReportState.LAPSED),
        (past_due, ReportState.OVERDUE),
        else_=ReportState.OPEN,
    )


def _late_day(late: Mapping[date, date], column: Any) -> ColumnElement[date]:
    if not late:
        return literal(date.max, Date)
    whens = {day: literal(then, Date) for day, then in late.items()}
    return case(whens, value=column, else_=column)


def joined(query: Rows) -> Rows:
    """The query from `Report` over everything that it belongs to."""
    return (
        query.select_from(Report)
        .join(Report.assignment)
        .join(Assignment.task)
        .join(Task.action)
        .join(Assignment.unit)
    )


def _lines() -> Rows:
    assignment = contains_eager(Report.assignment)
    return joined(select(Report)).options(
        assignment.contains_eager(Assignment.task).contains_eager(Task.action),
        assignment.contains_eager(Assignment.unit),
        joinedload(Report.submission).joinedload(Submission.by),
    )


def condition_of(
    actor: Actor, wanted: ReportFilter, state: ColumnElement[str]
) -> ColumnElement[bool]:
    """What the actor may open, narrowed; on the tables of `joined`. `state` is `state_in_sql`."""
    parts = [visible_assignments(actor), *(_matches(w) for w in wanted.text.split()[:MOST_WORDS])]
    equal = ((Task.id, wanted.task), (Unit.id, wanted.unit), (Report.period, wanted.period))
    parts += [column == value for column, value in equal if value is not None]
    if wanted.states:
        parts.append(state.in_(sorted(wanted.states)))
    if wanted.waiting:
        parts += [Report.submission_id.is_(None), Assignment.state.in_(OPEN_STATES)]
    if wanted.whose:
        parts.append(whose_is(wanted.whose, actor))
    return and_(*parts)


def _matches(word: str) -> ColumnElement[bool]:
    texts = (Task.number, Task.sentence, Assignment.text, Unit.name)
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _sorted(query: Rows, wanted: ReportFilter, state: ColumnElement[str]) -> Rows:
    keys: Mapping[Sort, Sequence[Any]] = {
        "due": (Report.due_on,),
        "period": (Report.ends_on, Report.starts_on),
        "number": (Action.position, Task.position),
        "unit": (Unit.name,),
        "state": (case({str(k): v for k, v in STATE_ORDER.items()}, value=state),),
    }
    turned = [key.desc() if wanted.descending else key.asc() for key in keys[wanted.sort]]
    return query.order_by(*turned, Report.due_on.desc(), Action.position, Task.position, Report.id)


def _read(db: Session, clock: Clock, query: Rows) -> list[ReportLine]:
    return [_line(clock, report) for report in db.scalars(query).unique()]


def _line(clock: Clock, report: Report) -> ReportLine:
    return ReportLine(report, standing_of(facts_of(report), clock.today, clock.calendar))


def _unit_name(line: ReportLine) -> str | None:
    unit = line.report.assignment.unit
    return unit.name if unit else None


COLUMNS: Sequence[Column[ReportLine]] = (
    Column(t("Period"), 16, lambda line: line.period),
    Column(t("Number"), 8, lambda line: line.report.assignment.task.number),
    Column(t("Task"), 48, lambda line: line.report.assignment.task.sentence),
    Column(t("Assignment"), 48, lambda line: line.report.assignment.text),
    Column(t("Unit"), 20, _unit_name),
    Column(t("Report due on"), 12, lambda line: line.report.due_on),
    Column(t("Standing"), 24, lambda line: line.standing.text),
    Column(t("Working days late"), 10, lambda line: line.standing.days_late),
    Column(t("Handed in on"), 12, lambda line: line.report.handed_in_on),
    Column(t("Percent"), 8, lambda line: _said(line, "percent")),
    Column(t("Progress"), 48, lambda line: _said(line, "text")),
    Column(t("Problems"), 40, lambda line: _said(line, "problems")),
    Column(t("Next steps"), 40, lambda line: _said(line, "next_steps")),
    Column(t("Needs coordination"), 40, lambda line: _said(line, "coordination")),
)
"""What the list is exported with."""


def _said(line: ReportLine, name: str) -> Any:
    """What the submission that answered says under that name."""
    return getattr(line.report.submission, name, None)
