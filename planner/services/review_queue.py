"""What waits for the actor's decision: completions handed in, and reports with amounts to confirm.

The number on My work and the tile of the task list count the same assignments
(`list_conditions.awaits_decision_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import State, Verb
from planner.domain.words import Method, SubmissionKind
from planner.models import Action, Assignment, Portion, Submission, Task, Unit
from planner.services.list_conditions import awaits_decision_of
from planner.services.paging import Page, paginate
from planner.services.scope import visible_assignments
from planner.services.steps import parties_of_many
from planner.services.task_list import verified_amounts

Sort: TypeAlias = Literal["waiting", "unit", "number"]

MOST_WORDS = 8


@dataclass(frozen=True)
class QueueFilter:
    """What the queue is narrowed to. `waiting` sorts by working days; `descending` turns it."""

    text: str = ""
    unit: int | None = None
    sort: Sort = "waiting"
    descending: bool = True


@dataclass(frozen=True)
class WaitingRound:
    """A submission that waits for the actor's decision, and for how many working days.

    `verified` is what stood verified before it, in the assignment's measure.
    """

    submission: Submission
    days: int
    verified: Decimal = Decimal(0)


def first_rounds(db: Session, actor: Actor, clock: Clock, most: int) -> Sequence[WaitingRound]:
    """The rounds that have waited longest."""
    query = _sorted(_rounds(actor), QueueFilter()).limit(most)
    return _read(db, clock, db.scalars(query).unique().all())


def queue_page(
    db: Session, actor: Actor, clock: Clock, wanted: QueueFilter, number: int
) -> Page[WaitingRound]:
    """One page of the rounds that wait, with a fixed number of queries."""
    query = _sorted(_narrowed(_rounds(actor), wanted), wanted)
    page = paginate(db, query, number)
    return Page(_read(db, clock, page.items), page.number, page.total)


def whole_queue(
    db: Session, actor: Actor, clock: Clock, wanted: QueueFilter
) -> Sequence[WaitingRound]:
    """Everything that the page lists: the rounds in its order, then the reports."""
    query = _sorted(_narrowed(_rounds(actor), wanted), wanted)
    rounds = _read(db, clock, db.scalars(query).unique().all())
    return [*rounds, *reports_to_confirm(db, actor, clock, wanted)]


def reports_to_confirm(
    db: Session, actor: Actor, clock: Clock, wanted: QueueFilter
) -> Sequence[WaitingRound]:
    """Reports with evidence that claim more than is verified, the newest of each assignment.

    Only those that this actor may confirm; with a fixed number of queries.
    """
    newest = _claiming(actor).with_only_columns(func.max(Submission.id))
    query = _joined().where(Submission.id.in_(newest.group_by(Submission.assignment_id)))
    found = db.scalars(_sorted(_narrowed(query, wanted), wanted)).unique().all()
    parties = parties_of_many(db, [each.assignment for each in found], clock)
    mine = [
        each for each in found if permissions.may(actor, Verb.CONFIRM, parties[each.assignment_id])
    ]
    return _read(db, clock, mine)


def units_waiting(db: Session, actor: Actor) -> Sequence[tuple[int, str]]:
    """The units that the queue can be narrowed to: id and name."""
    waiting = _rounds(actor).with_only_columns(Assignment.unit_id)
    reporting = _claiming(actor).with_only_columns(Assignment.unit_id)
    query = select(Unit.id, Unit.name).where(
        or_(Unit.id.in_(waiting.order_by(None)), Unit.id.in_(reporting))
    )
    return [(row.id, row.name) for row in db.execute(query.order_by(Unit.name, Unit.id))]


def _joined() -> Select[Submission]:
    return (
        select(Submission)
        .join(Submission.assignment)
        .join(Assignment.task)
        .join(Task.action)
        .outerjoin(Assignment.unit)
        .options(
            contains_eager(Submission.assignment)
            .contains_eager(Assignment.task)
            .contains_eager(Task.action),
            contains_eager(Submission.assignment).contains_eager(Assignment.unit),
            joinedload(Submission.by),
        )
    )


def _rounds(actor: Actor) -> Select[Submission]:
    """The completions that wait for this actor."""
    return _joined().where(
        visible_assignments(actor),
        awaits_decision_of(actor),
        Submission.kind == SubmissionKind.COMPLETION,
        Submission.withdrawn_on.is_(None),
        ~Submission.reviews.any(),
    )


def _claiming(actor: Actor) -> Select[Submission]:
    """Others' reports with evidence that claim more than is verified (`assignment_view`)."""
    verified = (
        select(func.sum(Portion.amount))
        .where(Portion.assignment_id == Assignment.id, Portion.withdrawn_on.is_(None))
        .correlate(Assignment)
        .scalar_subquery()
    )
    return (
        select(Submission)
        .join(Submission.assignment)
        .where(
            visible_assignments(actor),
            Assignment.state == State.IN_PROGRESS,
            Assignment.method == Method.PROPORTIONAL,
            Submission.kind == SubmissionKind.PROGRESS,
            Submission.evidence.any(),
            Submission.amount > func.coalesce(verified, 0),
            Submission.by_id != actor.user_id,
        )
    )


def _narrowed(query: Select[Submission], wanted: QueueFilter) -> Select[Submission]:
    if wanted.unit is not None:
        query = query.where(Assignment.unit_id == wanted.unit)
    return query.where(*(_matches(word) for word in wanted.text.split()[:MOST_WORDS]))


def _matches(word: str) -> ColumnElement[bool]:
    texts = (Task.number, Task.sentence, Assignment.text, Unit.name, Submission.text)
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _sorted(query: Select[Submission], wanted: QueueFilter) -> Select[Submission]:
    """In the wanted order, then the longest waiting first."""
    keys: Mapping[Sort, Sequence[Any]] = {
        "waiting": (Submission.on, Submission.id),
        "unit": (Unit.name, Unit.id),
        "number": (Action.position, Task.position, Assignment.id),
    }
    backwards = wanted.descending != (wanted.sort == "waiting")  # the earliest waited most days
    turned = [key.desc() if backwards else key.asc() for key in keys[wanted.sort]]
    return query.order_by(*turned, Submission.on, Submission.id)


def _read(db: Session, clock: Clock, found: Iterable[Submission]) -> list[WaitingRound]:
    submissions = list(found)
    verified = verified_amounts(db, [each.assignment_id for each in submissions])
    return [
        WaitingRound(
            each,
            clock.calendar.count(each.on, clock.today),
            verified.get(each.assignment_id, Decimal(0)),
        )
        for each in submissions
    ]
