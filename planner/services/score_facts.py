"""Gathers what scoring reads, for a whole plan, with the same few queries whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from planner.domain.lifecycle import Verb
from planner.domain.scores_facts import DueDate, HandedIn, Item, Verdict, Verified
from planner.domain.words import Decision, Method, Part, ReturnKind, SubmissionKind
from planner.models import (
    Action,
    Assignment,
    DueRevision,
    Evidence,
    JournalEntry,
    Plan,
    Portion,
    Review,
    Submission,
    Target,
    Task,
    Unit,
)
from planner.services.score_changes import amounts_of, pauses_of

Fact = TypeVar("Fact")


@dataclass(frozen=True)
class ScoredUnit:
    """A unit as the scorecard names it; `lead` marks the lead agency, which stands apart."""

    id: int
    key: str
    name: str
    group: str | None
    lead: bool


@dataclass(frozen=True)
class Box:
    """An action as the scorecard names it."""

    id: int
    key: str
    number: str
    title: str


@dataclass(frozen=True)
class SharedTarget:
    """A target that several units share, `amount` in `measure`."""

    task_id: int
    what: str
    amount: Decimal
    measure: str


@dataclass(frozen=True)
class Facts:
    """All that scores of a plan are made from. `items` stand in the order of the plan."""

    plan: Plan
    items: tuple[Item, ...]
    units: tuple[ScoredUnit, ...]
    boxes: tuple[Box, ...]
    shared_targets: tuple[SharedTarget, ...]


def gather(db: Session, plan: Plan) -> Facts:
    """The facts of a plan. Drafts are left out: nothing that was not issued ever counts."""
    of_plan = _of_plan(plan)
    rows = db.execute(_assignments(of_plan)).all()
    shared = _shared_targets(db, plan)
    unallocated = {each.task_id for each in shared}
    handed_in, portions = _handed_in(db, of_plan), _portions(db, of_plan)
    due_dates, reopened = _due_dates(db, of_plan), _reopened(db, of_plan)
    amounts, pauses = amounts_of(db, of_plan), pauses_of(db, of_plan)
    items = tuple(
        Item(
            id=row.id,
            unit_id=row.unit_id,
            task_id=row.task_id,
            action_id=row.action_id,
            what=row.text,
            section=row.section,
            method=Method(row.method),
            part=Part(row.part),
            weight=row.weight,
            original_due_on=row.original_due_on,
            issued_on=row.issued_on,
            amount=row.amount,
            measure=row.measure,
            parent_id=row.parent_id,
            shared=_is_unallocated(row, unallocated),
            veto=row.veto,
            starred=row.starred,
            cancelled_on=row.cancelled_on,
            due_dates=tuple(due_dates[row.id]),
            handed_in=tuple(handed_in[row.id]),
            portions=tuple(portions[row.id]),
            reopened_on=tuple(reopened[row.id]),
            amounts=tuple(amounts[row.id]),
            pauses=tuple(pauses[row.id]),
        )
        for row in rows
    )
    return Facts(plan, items, _units(db, plan, items), _boxes(db, plan), shared)


def _is_unallocated(row: Any, shared_tasks: Container[int]) -> bool:
    """A row counted by a target that several units share, with no amount of its own.

    `services.list_conditions.counted_in` says the same in SQL.
    """
    return (
        row.task_id in shared_tasks
        and row.method == Method.PROPORTIONAL
        and row.parent_id is None
        and row.amount is None
    )


def _of_plan(plan: Plan) -> ColumnElement[bool]:
    """The condition on `Assignment` for what of this plan was ever issued."""
    tasks = select(Task.id).join(Action).where(Action.plan_id == plan.id)
    return (
        Assignment.task_id.in_(tasks)
        & Assignment.issued_on.is_not(None)
        & Assignment.unit_id.is_not(None)
        & Assignment.original_due_on.is_not(None)
    )


def _assignments(of_plan: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Assignment.id,
            Assignment.unit_id,
            Assignment.task_id,
            Task.action_id,
            Task.section,
            Task.veto,
            Task.starred,
            Assignment.parent_id,
            Assignment.text,
            Assignment.method,
            Assignment.part,
            Assignment.weight,
            Assignment.amount,
            Assignment.measure,
            Assignment.original_due_on,
            Assignment.issued_on,
            Assignment.cancelled_on,
        )
        .join(Assignment.task)
        .join(Task.action)
        .where(of_plan)
        .order_by(
            Action.position,
            Task.position,
            Assignment.unit_id,
            func.coalesce(Assignment.year, 0),
            Assignment.id,
        )
    )


def _grouped(pairs: Iterable[tuple[int, Fact]]) -> defaultdict[int, list[Fact]]:
    groups: defaultdict[int, list[Fact]] = defaultdict(list)
    for key, fact in pairs:
        groups[key].append(fact)
    return groups


def _handed_in(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[HandedIn]]:
    verdicts, evidence = _verdicts(db, of_plan), _evidence(db, of_plan)
    rows = db.execute(
        select(
            Submission.id,
            Submission.assignment_id,
            Submission.number,
            Submission.kind,
            Submission.on,
            Submission.percent,
            Submission.amount,
            Submission.withdrawn_on,
        )
        .join(Submission.assignment)
        .where(of_plan)
        .order_by(Submission.number)
    )
    return _grouped(
        (
            row.assignment_id,
            HandedIn(
                id=row.id,
                number=row.number,
                kind=SubmissionKind(row.kind),
                on=row.on,
                percent=row.percent,
                amount=row.amount,
                withdrawn_on=row.withdrawn_on,
                verdicts=tuple(verdicts[row.id]),
                evidence=tuple(evidence[row.id]),
            ),
        )
        for row in rows
    )


def _verdicts(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[Verdict]]:
    rows = db.execute(
        select(Review.submission_id, Review.on, Review.decision, Review.kind, Review.rework_on)
        .join(Review.submission)
        .join(Submission.assignment)
        .where(of_plan)
        .order_by(Review.id)
    )
    return _grouped(
        (
            row.submission_id,
            Verdict(
                row.on,
                Decision(row.decision),
                ReturnKind(row.kind) if row.kind else None,
                row.rework_on,
            ),
        )
        for row in rows
    )


def _evidence(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[str]]:
    rows = db.execute(
        select(Evidence.submission_id, Evidence.sha256, Evidence.url)
        .join(Evidence.submission)
        .join(Submission.assignment)
        .where(of_plan)
        .order_by(Evidence.submission_id, Evidence.position)
    )
    return _grouped(
        (row.submission_id, f"evidence:{row.sha256}" if row.sha256 else f"link:{row.url}")
        for row in rows
    )


def _portions(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[Verified]]:
    rows = db.execute(
        select(
            Portion.id,
            Portion.assignment_id,
            Portion.submission_id,
            Portion.amount,
            Portion.handed_in_on,
            Portion.on,
            Portion.withdrawn_on,
        )
        .join(Assignment, Portion.assignment_id == Assignment.id)
        .where(of_plan)
        .order_by(Portion.id)
    )
    return _grouped(
        (
            row.assignment_id,
            Verified(
                row.id, row.submission_id, row.amount, row.handed_in_on, row.on, row.withdrawn_on
            ),
        )
        for row in rows
    )


def _due_dates(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[DueDate]]:
    rows = db.execute(
        select(DueRevision.assignment_id, DueRevision.on, DueRevision.due_on)
        .join(Assignment, DueRevision.assignment_id == Assignment.id)
        .where(of_plan)
        .order_by(DueRevision.number)
    )
    return _grouped((row.assignment_id, DueDate(row.on, row.due_on)) for row in rows)


def _reopened(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[date]]:
    """The days of reopening stand in the journal alone, which nobody can change."""
    rows = db.execute(
        select(JournalEntry.assignment_id, JournalEntry.on)
        .join(Assignment, JournalEntry.assignment_id == Assignment.id)
        .where(of_plan, JournalEntry.verb == Verb.REOPEN)
        .order_by(JournalEntry.id)
    )
    return _grouped((row.assignment_id, row.on) for row in rows)


def _shared_targets(db: Session, plan: Plan) -> tuple[SharedTarget, ...]:
    rows = db.execute(
        select(Target.task_id, Target.what, Target.amount, Target.measure)
        .join(Task, Target.task_id == Task.id)
        .join(Task.action)
        .where(Action.plan_id == plan.id, Target.shared)
        .order_by(Action.position, Task.position, Target.id)
    )
    return tuple(SharedTarget(*row) for row in rows)


def _units(db: Session, plan: Plan, items: tuple[Item, ...]) -> tuple[ScoredUnit, ...]:
    """Every unit that anything was issued to, by name within its group; the lead comes last."""
    rows = db.execute(
        select(Unit.id, Unit.key, Unit.name, Unit.ranking_group).order_by(Unit.name, Unit.id)
    )
    owing = {item.unit_id for item in items}
    units = [
        ScoredUnit(row.id, row.key, row.name, row.ranking_group, row.id == plan.owner_id)
        for row in rows
        if row.id in owing
    ]
    return tuple(sorted(units, key=lambda unit: (unit.lead, unit.group or "", unit.name)))


def _boxes(db: Session, plan: Plan) -> tuple[Box, ...]:
    rows = db.execute(
        select(Action.id, Action.key, Action.number, Action.title)
        .where(Action.plan_id == plan.id)
        .order_by(Action.position, Action.id)
    )
    return tuple(Box(*row) for row in rows)
