"""The list of what units owe: filters, order, pages, and what each line shows.

Every number on another page that leads to this list is `count_all` of the list's own filter, so
that the number and the list cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import State
from planner.domain.scores.period import Period
from planner.domain.words import Origin, Part
from planner.models import Action, Assignment, JournalEntry, Portion, Task, Unit, UnitGroup
from planner.services import findings
from planner.services.counted import counted_in, due_in
from planner.services.list_conditions import (
    accepted_in,
    accepted_since,
    asks_consent,
    awaits_decision_of,
    draft_is,
    found_untrue,
    in_year,
    owes_report,
    returned,
    undivided_in,
    whose_is,
)
from planner.services.long_waiting import asked_for, handed_in_for, late_for, urged_in_vain
from planner.services.overdue import overdue_condition
from planner.services.paging import PAGE_SIZE, Page
from planner.services.plans import active_plan, reminder_rules
from planner.services.scope import visible_assignments
from planner.services.standing import Standing, standings
from planner.services.urge_list import urge_counts

MOST_WORDS = 8

Rows: TypeAlias = "Select[*tuple[Any, ...]]"

Whose: TypeAlias = Literal["own", "family", "led"]
Draft: TypeAlias = Literal["ready", "no-unit", "no-members"]
ReportWanted: TypeAlias = Literal["open", "overdue"]
Sort: TypeAlias = Literal["due", "number", "unit", "state", "activity"]

STATE_ORDER = {state: place for place, state in enumerate(State)}


@dataclass(frozen=True)
class TaskFilter:
    """What the list is narrowed to; nothing set is everything that the actor may open.

    `year` is a node's year, or a row's year of the due date. `undivided` is a year whose nodes
    rows lack, or 0 for rows without any node. `accepted` is a year. `counted` is the period whose
    score counts it, `due_in` the one whose score to date would. `report` asks for those that have
    yet to hand a periodic report in. `late`, `asked` and `waited` are working days: overdue, with a
    request open, waiting for review for at least so many. `silent`: urged without answer.
    `untrue`: a finding that its evidence is untrue stands.
    `descending` turns `sort`.
    """

    text: str = ""
    task: int | None = None
    unit: int | None = None
    action: int | None = None
    states: frozenset[State] = frozenset()
    overdue: bool | None = None
    due_from: date | None = None
    due_to: date | None = None
    year: int | None = None
    part: Part | None = None
    origin: Origin | None = None
    whose: Whose | None = None
    draft: Draft | None = None
    undivided: int | None = None
    accepted: int | None = None
    counted: Period | None = None
    due_in: Period | None = None
    returned: bool = False
    review: bool = False
    consent: bool = False
    untrue: bool = False
    report: ReportWanted | None = None
    late: int | None = None
    asked: int | None = None
    waited: int | None = None
    silent: bool = False
    accepted_since: date | None = None
    sort: Sort = "due"
    descending: bool = False


@dataclass(frozen=True)
class Line:
    """One assignment in the list. `verified` is in its measure, or a share of 1 without one.

    `urged` counts its urges; `untrue` says that evidence of it was found untrue.
    """

    assignment: Assignment
    nodes: int
    verified: Decimal
    standing: Standing | None
    active_on: date | None
    urged: int = 0
    untrue: bool = False


def list_page(
    db: Session, actor: Actor, clock: Clock, wanted: TaskFilter, number: int
) -> Page[Line]:
    """One page of the filtered list, 25 lines, with a fixed number of queries."""
    condition = _Conditions(db, actor, clock).of(wanted)
    total = db.scalar(_joined(select(func.count(Assignment.id))).where(condition)) or 0
    number = min(max(1, number), Page((), 1, total).pages)
    query = _sorted(_lines(condition), wanted).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(_read(db, clock, query), number, total)


def whole_list(db: Session, actor: Actor, clock: Clock, wanted: TaskFilter) -> list[Line]:
    """The whole filtered list in its order, with a fixed number of queries."""
    condition = _Conditions(db, actor, clock).of(wanted)
    return _read(db, clock, _sorted(_lines(condition), wanted))


def count_all(db: Session, actor: Actor, clock: Clock, filters: Sequence[TaskFilter]) -> list[int]:
    """How long each of the filtered lists is, counted in one go."""
    if not filters:
        return []
    conditions = _Conditions(db, actor, clock)
    counted = [func.count(case((conditions.narrowing(each), 1))) for each in filters]
    query = _joined(select(*counted)).where(visible_assignments(actor))
    return [int(count) for count in db.execute(query).one()]


def count_by_unit(
    db: Session, actor: Actor, clock: Clock, wanted: TaskFilter
) -> Sequence[tuple[Unit, int]]:
    """The units of a filtered list with how much of it is theirs, most first."""
    condition = _Conditions(db, actor, clock).of(wanted)
    total = func.count(Assignment.id)
    query = _joined(select(Unit, total)).where(condition, Unit.id.is_not(None)).group_by(Unit.id)
    return [(unit, n) for unit, n in db.execute(query.order_by(total.desc(), Unit.name))]


def first_lines(
    db: Session, actor: Actor, clock: Clock, wanted: TaskFilter, most: int
) -> list[Line]:
    """The beginning of a filtered list."""
    condition = _Conditions(db, actor, clock).of(wanted)
    return _read(db, clock, _sorted(_lines(condition), wanted).limit(most))


@dataclass
class _Conditions:
    """Filters as conditions in SQL. What is overdue is found out once, and only if asked."""

    db: Session
    actor: Actor
    clock: Clock
    _overdue: ColumnElement[bool] | None = field(default=None, init=False)

    def of(self, wanted: TaskFilter) -> ColumnElement[bool]:
        """What the actor may open, narrowed; on the tables of `_joined`."""
        return and_(visible_assignments(self.actor), self.narrowing(wanted))

    def narrowing(self, wanted: TaskFilter) -> ColumnElement[bool]:
        """The filter alone."""
        return and_(true(), *self._parts(wanted))

    def _parts(self, wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
        yield from (_matches(word) for word in wanted.text.split()[:MOST_WORDS])
        for column, value in _equal(wanted).items():
            if value is not None:
                yield column == value
        if wanted.states:
            yield Assignment.state.in_(wanted.states)
        if wanted.due_from:
            yield Assignment.due_on >= wanted.due_from
        if wanted.due_to:
            yield Assignment.due_on <= wanted.due_to
        if wanted.overdue is not None:
            yield self._is_overdue() if wanted.overdue else ~self._is_overdue()
        yield from self._special(wanted)

    def _special(self, wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
        given: Sequence[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = (
            (wanted.year, in_year),
            (wanted.whose, lambda whose: whose_is(whose, self.actor)),
            (wanted.draft, draft_is),
            (wanted.undivided, undivided_in),
            (wanted.accepted, accepted_in),
            (wanted.counted, lambda period: counted_in(period, self.clock)),
            (wanted.due_in, lambda period: due_in(period, self.clock)),
            (wanted.returned or None, lambda _: returned()),
            (wanted.review or None, lambda _: awaits_decision_of(self.actor)),
            (wanted.consent or None, lambda _: asks_consent()),
            (wanted.untrue or None, lambda _: found_untrue()),
            (wanted.report, lambda which: owes_report(which, self.clock)),
            (wanted.late, lambda days: late_for(self.db, self.clock, days)),
            (wanted.asked, lambda days: asked_for(self.db, self.clock, days)),
            (wanted.waited, lambda days: handed_in_for(self.db, self.clock, days)),
            (wanted.silent or None, lambda _: urged_in_vain(self.clock)),
            (wanted.accepted_since, accepted_since),
        )
        for value, condition in given:
            if value is not None:
                yield condition(value)

    def _is_overdue(self) -> ColumnElement[bool]:
        if self._overdue is None:
            self._overdue = func.coalesce(overdue_condition(self.db, self.clock), False)
        return self._overdue


def _equal(wanted: TaskFilter) -> Mapping[InstrumentedAttribute[Any], object]:
    return {
        Task.id: wanted.task,
        Assignment.unit_id: wanted.unit,
        Task.action_id: wanted.action,
        Assignment.part: wanted.part,
        Task.origin: wanted.origin,
    }


def _matches(word: str) -> ColumnElement[bool]:
    """Any of the texts that a line shows holds the word."""
    texts = (Task.number, Task.sentence, Assignment.text, Unit.name, UnitGroup.name)
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _joined(query: Rows) -> Rows:
    return (
        query.select_from(Assignment)
        .join(Assignment.task)
        .join(Task.action)
        .outerjoin(Assignment.unit)
        .outerjoin(Assignment.group)
    )


def _lines(condition: ColumnElement[bool]) -> Rows:
    active_on = (
        select(func.max(JournalEntry.on))
        .where(JournalEntry.assignment_id == Assignment.id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    return (
        _joined(select(Assignment, active_on.label("active_on")))
        .where(condition)
        .options(
            contains_eager(Assignment.task).contains_eager(Task.action),
            contains_eager(Assignment.unit),
            contains_eager(Assignment.group),
            joinedload(Assignment.parent),
        )
    )


def _sorted(query: Rows, wanted: TaskFilter) -> Rows:
    """In the wanted order, then by the plan's; what has no value stands last either way.

    What is due next comes before what is closed.
    """
    plan_order = (
        Action.position,
        Task.position,
        func.coalesce(Assignment.parent_id, Assignment.id),
        func.coalesce(Assignment.year, 0),
        Assignment.id,
    )
    active_on = query.selected_columns["active_on"]
    keys: Mapping[Sort, Sequence[Any]] = {
        "due": (Assignment.due_on,),
        "number": plan_order,
        "unit": (Unit.name,),
        "state": (case(STATE_ORDER, value=Assignment.state),),
        "activity": (active_on,),
    }
    chosen = keys[wanted.sort]
    closed = Assignment.state.in_([State.ACCEPTED, State.CANCELLED])
    first = [case((closed, 1), else_=0)] if wanted.sort == "due" and not wanted.descending else []
    turned = [key.desc() if wanted.descending else key.asc() for key in chosen]
    return query.order_by(*first, case((chosen[0].is_(None), 1), else_=0), *turned, *plan_order)


def _read(db: Session, clock: Clock, query: Rows) -> list[Line]:
    rows = db.execute(query).unique().all()
    assignments = [row.Assignment for row in rows]
    ids = [each.id for each in assignments]
    nodes, verified = node_counts(db, ids), verified_amounts(db, ids)
    lights = reminder_rules(db, active_plan(db)).lights
    standing = standings(db, clock, lights, assignments)
    urged, untrue = urge_counts(db, ids), findings.among(db, ids)
    return [
        Line(
            assignment=row.Assignment,
            nodes=nodes.get(row.Assignment.id, 0),
            verified=verified.get(row.Assignment.id, Decimal(0)),
            standing=standing.get(row.Assignment.id),
            active_on=row.active_on,
            urged=urged.get(row.Assignment.id, 0),
            untrue=row.Assignment.id in untrue,
        )
        for row in rows
    ]


def node_counts(db: Session, ids: Sequence[int]) -> Mapping[int, int]:
    """Row id to how many nodes it has that were not cancelled."""
    query = (
        select(Assignment.parent_id, func.count(Assignment.id))
        .where(Assignment.parent_id.in_(ids), Assignment.state != State.CANCELLED)
        .group_by(Assignment.parent_id)
    )
    return {row_id: count for row_id, count in db.execute(query) if row_id is not None}


def verified_amounts(db: Session, ids: Sequence[int]) -> Mapping[int, Decimal]:
    """Assignment id to what stands verified of it."""
    query = (
        select(Portion.assignment_id, func.sum(Portion.amount).label("amount"))
        .where(Portion.assignment_id.in_(ids), Portion.withdrawn_on.is_(None))
        .group_by(Portion.assignment_id)
    )
    return {row.assignment_id: row.amount for row in db.execute(query)}
