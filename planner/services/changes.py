"""What can change of an assignment that was issued: due date, amount, its standing still."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.measures import check_whole
from planner.domain.request_rules import cut_off
from planner.domain.text import t
from planner.domain.words import DueBasis
from planner.models import AmountRevision, Assignment, DueRevision, Request, Suspension
from planner.services.due_dates import check_due
from planner.services.portions import verified_amount
from planner.services.steps import positive


def due_of(assignment: Assignment) -> date:
    """The due date in force. Raises ValueError for a draft without one."""
    if assignment.due_on is None:
        raise ValueError(f"assignment {assignment.id} has no due date")
    return assignment.due_on


def check_later(assignment: Assignment, due_on: date | None) -> date:
    """The present due date, if the new one is later and in the plan. Raises BadInput otherwise."""
    was = due_of(assignment)
    if check_due(assignment.task, due_on) <= was:
        raise BadInput(
            t("Give a date later than the present due date, %(day)s.", day=was), "due_on"
        )
    return was


def cut_off_of(assignment: Assignment) -> date:
    """The end of the year that the assignment counts in."""
    return cut_off(assignment.original_due_on or due_of(assignment))


def is_past_cut_off(assignment: Assignment, due_on: date) -> bool:
    """Whether a due date lies beyond the year that the assignment counts in."""
    return due_on > cut_off_of(assignment)


def extensions(db: Session, assignment: Assignment) -> int:
    """How often its due date was extended."""
    granted = select(func.count(DueRevision.id)).where(
        DueRevision.assignment_id == assignment.id, DueRevision.basis == DueBasis.EXTENSION
    )
    return db.scalar(granted) or 0


def units_before(assignment: Assignment) -> set[int | None]:
    """The units that had it before the present one."""
    before = set()
    while assignment.replaces is not None:
        assignment = assignment.replaces
        before.add(assignment.unit_id)
    return before


def check_reduced(assignment: Assignment, amount: Decimal | None) -> Decimal:
    """The present amount, if the new one is smaller and not below what is verified.

    Raises BadInput otherwise.
    """
    if assignment.amount is None:
        raise BadInput(t("This has no amount that could be reduced."), "amount")
    if amount is None:
        raise BadInput(t("Give the smaller amount."), "amount")
    positive(amount, "amount")
    check_whole(amount, assignment.measure)
    verified = verified_amount(assignment)
    if not verified <= amount < assignment.amount:
        raise BadInput(
            t(
                "Owed are %(amount)s, verified %(verified)s: the new amount lies between them.",
                amount=assignment.amount,
                verified=verified,
            ),
            "amount",
        )
    return assignment.amount


def reduce_amount(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment: Assignment,
    amount: Decimal,
    request_id: int | None,
) -> None:
    """Record the smaller amount; the first time also what it was before, as number 0."""
    number = db.scalar(
        select(func.count(AmountRevision.id)).where(AmountRevision.assignment_id == assignment.id)
    )
    dated = {"assignment_id": assignment.id, "on": clock.today, "at": clock.now}
    if not number:
        db.add(AmountRevision(number=0, amount=assignment.amount, **dated))
    revision = AmountRevision(number=number or 1, amount=amount, **dated)
    revision.request_id, revision.by_id = request_id, actor.user_id
    db.add(revision)
    assignment.amount = amount
    db.flush()


def open_suspension(db: Session, assignment: Assignment) -> Suspension | None:
    """The suspension that still lasts."""
    return db.scalar(
        select(Suspension).where(
            Suspension.assignment_id == assignment.id, Suspension.ended_on.is_(None)
        )
    )


def suspend(db: Session, clock: Clock, request: Request) -> Suspension:
    """Let the clock stand still from the day asked: since then it has not run."""
    suspension = Suspension(
        assignment_id=request.assignment_id, request_id=request.id, on=request.on, at=clock.now
    )
    db.add(suspension)
    db.flush()
    return suspension


class Resumed(NamedTuple):
    """The due date that follows from a suspension's end, the one before, and why it stood still."""

    due_on: date
    was: date
    cause: str | None


def resume_now(db: Session, clock: Clock, assignment: Assignment) -> Resumed:
    """End the suspension.

    The due date moves on by the working days suspended: what was late before stays so late.
    Raises BadInput if nothing is suspended.
    """
    suspension = open_suspension(db, assignment)
    if suspension is None:
        raise BadInput(t("This is not suspended."))
    suspension.ended_on, suspension.ended_at = clock.today, clock.now
    db.flush()
    was, calendar = due_of(assignment), clock.calendar
    days = calendar.count(suspension.on, clock.today)
    due_on = calendar.add(calendar.on_or_after(was), days) if days else was
    return Resumed(due_on, was, suspension.request.cause)


def is_in_time(db: Session, assignment: Assignment, clock: Clock) -> bool:
    """Whether the due date has not passed; while it is suspended no day passes."""
    suspension = open_suspension(db, assignment)
    day = min(clock.today, suspension.on) if suspension else clock.today
    return clock.calendar.on_or_after(due_of(assignment)) >= day
