"""The list of adjustments (调整事项清单): whatever changed, or should, of what was issued.

Requests of all kinds but those taken back; what the lead did of its own accord: extended,
resumed, cancelled, handed to another unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from planner.domain.actor import Actor
from planner.domain.lifecycle import Verb
from planner.domain.names import NAMES
from planner.domain.text import Text, t
from planner.domain.words import Cause, DueBasis, Outcome, RequestKind
from planner.models import Assignment, DueRevision, JournalEntry, Request, Unit, User
from planner.services.export import Column
from planner.services.paging import Page, page_of
from planner.services.requests import requests_waiting
from planner.services.requests_words import day_of
from planner.services.scope import visible_assignments

CLOSING = (
    RequestKind.CANCEL,
    RequestKind.REASSIGN,
    RequestKind.EXEMPTION,
    RequestKind.OBJECTION,
)
"""Requests that close the assignment when they are granted."""

Value = date | str | None


Show: TypeAlias = Literal["open", "mine", "granted", "refused"]
Sort: TypeAlias = Literal["on", "decided", "number", "unit", "kind"]

MOST_WORDS = 8


@dataclass(frozen=True)
class AdjustmentFilter:
    """Which of them: asked or done from `since` to `until`, by kind, unit and words.

    `show`: those that wait for a decision, for the actor's own, or were granted or refused.
    `descending` turns `sort`; `on` is the day asked, or done.
    """

    text: str = ""
    kind: RequestKind | None = None
    show: Show | None = None
    unit: int | None = None
    since: date | None = None
    until: date | None = None
    sort: Sort = "on"
    descending: bool = True


EVERYTHING = AdjustmentFilter()


@dataclass(frozen=True)
class Adjustment:
    """One line. `on` is the day asked, or done; `outcome` None while it is open.

    `was` and `now` are the due dates, amounts or units before and after. `request` is missing for
    what the lead did of its own accord.
    """

    assignment: Assignment
    kind: RequestKind
    on: date
    reason: str | None
    cause: Cause | None
    outcome: Outcome | None
    was: Value = None
    now: Value = None
    asked_by: str | None = None
    decided_by: str | None = None
    decided_on: date | None = None
    document: str | None = None
    request: Request | None = None


def adjustments(
    db: Session, actor: Actor, wanted: AdjustmentFilter = EVERYTHING
) -> list[Adjustment]:
    """The list as far as the actor may open it; a fixed number of queries."""
    seen = visible_assignments(actor)
    if wanted.unit is not None:
        seen = and_(seen, Assignment.unit_id == wanted.unit)
    issued = and_(seen, Assignment.issued_on.is_not(None))
    lines = [*_asked(db, seen), *_moved(db, issued), *_closed(db, issued)]
    shown = _shown(db, actor, wanted.show)
    fitting = [each for each in lines if _fits(each, wanted) and shown(each)]
    return sorted(fitting, key=_SORTS[wanted.sort], reverse=wanted.descending)


def adjustments_page(
    db: Session, actor: Actor, wanted: AdjustmentFilter, number: int
) -> Page[Adjustment]:
    """One page of it."""
    return page_of(adjustments(db, actor, wanted), number)


def units_adjusted(db: Session, actor: Actor) -> list[tuple[int, str]]:
    """The units that the list can be narrowed to, by name."""
    units = {each.assignment.unit for each in adjustments(db, actor)}
    return sorted(((unit.id, unit.name) for unit in units if unit), key=itemgetter(1))


_SORTS: Mapping[Sort, Callable[[Adjustment], Any]] = {
    "on": lambda line: (line.on, line.assignment.id),
    "decided": lambda line: (line.decided_on or date.max, line.assignment.id),
    "number": lambda line: (line.assignment.task.position, line.assignment.id),
    "unit": lambda line: (line.assignment.unit.name if line.assignment.unit else "", line.on),
    "kind": lambda line: (list(RequestKind).index(line.kind), line.on),
}


def _shown(db: Session, actor: Actor, show: Show | None) -> Callable[[Adjustment], bool]:
    """Whether a line stands in the state that is asked for."""
    if show is None:
        return lambda _line: True
    if show == "open":
        return lambda line: line.outcome is None
    if show != "mine":
        return lambda line: line.outcome == show
    mine = {each.id for each in db.scalars(requests_waiting(actor))}
    return lambda line: line.request is not None and line.request.id in mine


def _fits(line: Adjustment, wanted: AdjustmentFilter) -> bool:
    return (
        (wanted.kind is None or line.kind is wanted.kind)
        and (wanted.since is None or line.on >= wanted.since)
        and (wanted.until is None or line.on <= wanted.until)
        and all(_holds(line, word) for word in wanted.text.casefold().split()[:MOST_WORDS])
    )


def _holds(line: Adjustment, word: str) -> bool:
    """Whether any of the texts that the line shows holds the word."""
    assignment = line.assignment
    unit = assignment.unit.name if assignment.unit else ""
    texts = (assignment.task.number, assignment.text, unit, line.reason, line.document)
    return any(word in (text or "").casefold() for text in texts)


def _asked(db: Session, condition: ColumnElement[bool]) -> Iterator[Adjustment]:
    kept = or_(Request.outcome.is_(None), Request.outcome != Outcome.TAKEN_BACK)
    requests = db.scalars(
        select(Request)
        .join(Request.assignment)
        .join(Assignment.task)
        .where(condition, kept)
        .options(
            contains_eager(Request.assignment).options(
                contains_eager(Assignment.task), joinedload(Assignment.unit)
            ),
            joinedload(Request.by),
            joinedload(Request.decided_by),
        )
        .order_by(Request.id)
    ).all()
    units = _unit_names(db, {_data(each).get("unit_id") for each in requests})
    for request in requests:
        yield _of_request(request, units)


def _data(request: Request) -> dict[str, Any]:
    """What was granted, or as long as it was not, what was asked for."""
    return {**request.data, **(request.granted or {})}


def _of_request(request: Request, units: dict[int, str]) -> Adjustment:
    was, now = _change(request, units)
    data = _data(request)
    cause = request.cause or data.get("cancel_class")
    return Adjustment(
        assignment=request.assignment,
        kind=RequestKind(request.kind),
        on=request.on,
        reason=request.reason,
        cause=Cause(cause) if cause else None,
        outcome=Outcome(request.outcome) if request.outcome else None,
        was=was,
        now=now,
        asked_by=request.by.name,
        decided_by=request.decided_by.name if request.decided_by else None,
        decided_on=request.decided_on,
        document=data.get("document"),
        request=request,
    )


def _change(request: Request, units: dict[int, str]) -> tuple[Value, Value]:
    """Before and after: due dates, amounts or units."""
    data, assignment = _data(request), request.assignment
    match request.kind:
        case RequestKind.EXTENSION | RequestKind.RESUMPTION if "due_on" in data:
            return day_of(data["was"]), day_of(data["due_on"])
        case RequestKind.REDUCTION:
            return data["was"], data["amount"]
        case RequestKind.REASSIGN | RequestKind.OBJECTION:
            new = units.get(data.get("unit_id") or 0)
            return (assignment.unit.name if assignment.unit and new else None), new
    return None, None


def _moved(db: Session, condition: ColumnElement[bool]) -> Iterator[Adjustment]:
    """Due dates that the lead moved of its own accord."""
    before = aliased(DueRevision)
    rows = db.execute(
        select(DueRevision, before.due_on, Assignment, User.name)
        .join(Assignment, Assignment.id == DueRevision.assignment_id)
        .join(Assignment.task)
        .join(
            before,
            and_(
                before.assignment_id == DueRevision.assignment_id,
                before.number == DueRevision.number - 1,
            ),
        )
        .outerjoin(User, User.id == DueRevision.by_id)
        .where(
            condition,
            DueRevision.request_id.is_(None),
            DueRevision.basis.in_([DueBasis.EXTENSION, DueBasis.SUSPENSION]),
        )
        .options(contains_eager(Assignment.task), joinedload(Assignment.unit))
        .order_by(DueRevision.id)
    )
    for revision, was, assignment, name in rows:
        extended = revision.basis == DueBasis.EXTENSION
        yield Adjustment(
            assignment=assignment,
            kind=RequestKind.EXTENSION if extended else RequestKind.RESUMPTION,
            on=revision.on,
            reason=revision.reason,
            cause=Cause(revision.cause) if revision.cause else None,
            outcome=Outcome.GRANTED,
            was=was,
            now=revision.due_on,
            decided_by=name,
            decided_on=revision.on,
        )


def _closed(db: Session, condition: ColumnElement[bool]) -> Iterator[Adjustment]:
    """What the lead cancelled or handed to another unit of its own accord."""
    granted = select(Request.assignment_id).where(
        Request.kind.in_(CLOSING), Request.outcome == Outcome.GRANTED
    )
    next_one, next_unit = aliased(Assignment), aliased(Unit)
    rows = db.execute(
        select(Assignment, JournalEntry, next_unit.name)
        .join(Assignment.task)
        .join(
            JournalEntry,
            and_(
                JournalEntry.assignment_id == Assignment.id,
                JournalEntry.to_state == "cancelled",
                JournalEntry.from_state != "cancelled",
            ),
        )
        .outerjoin(next_one, next_one.replaces_id == Assignment.id)
        .outerjoin(next_unit, next_unit.id == next_one.unit_id)
        .where(condition, Assignment.cancelled_on.is_not(None), Assignment.id.not_in(granted))
        .options(contains_eager(Assignment.task), joinedload(Assignment.unit))
        .order_by(Assignment.id)
    )
    for assignment, entry, unit in rows:
        handed_on = unit is not None
        yield Adjustment(
            assignment=assignment,
            kind=RequestKind.REASSIGN if handed_on else RequestKind.CANCEL,
            on=entry.on,
            reason=entry.data.get("reason"),
            cause=Cause(assignment.cancel_class) if assignment.cancel_class else None,
            outcome=Outcome.GRANTED,
            was=assignment.unit.name if handed_on and assignment.unit else None,
            now=unit,
            decided_by=entry.actor_name,
            decided_on=entry.on,
            document=assignment.cancel_document,
        )


def _unit_names(db: Session, ids: set[int | None]) -> dict[int, str]:
    rows = db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids - {None})))
    return {row.id: row.name for row in rows}


def kind_name(line: Adjustment) -> Text:
    """What it is; an appeal is no second objection."""
    appeals = line.request is not None and line.request.appeals_id is not None
    return NAMES[Verb.APPEAL] if appeals else NAMES[line.kind]


def outcome_name(line: Adjustment) -> Text:
    """What became of it; undecided ones wait."""
    return NAMES[line.outcome] if line.outcome else t("Waiting for decision")


COLUMNS: Sequence[Column[Adjustment]] = (
    Column(t("Task"), 10, lambda line: line.assignment.task.number),
    Column(t("Assignment"), 48, lambda line: line.assignment.text),
    Column(t("Unit"), 20, lambda line: line.assignment.unit.name if line.assignment.unit else None),
    Column(t("Kind"), 12, kind_name),
    Column(t("Class"), 14, lambda line: NAMES[line.cause] if line.cause else None),
    Column(t("Reason"), 48, lambda line: line.reason),
    Column(t("Asked on"), 12, lambda line: line.on if line.request else None),
    Column(t("Asked by"), 12, lambda line: line.asked_by),
    Column(t("Before"), 16, lambda line: line.was),
    Column(t("After"), 16, lambda line: line.now),
    Column(t("Decision"), 12, outcome_name),
    Column(t("Decided by"), 12, lambda line: line.decided_by),
    Column(t("Decided on"), 12, lambda line: line.decided_on),
    Column(t("Document number"), 24, lambda line: line.document),
)
"""What the list is exported with."""
