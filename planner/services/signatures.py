"""What goes through the head of a unit, and what waits for the signature (审签)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotAllowed
from planner.domain.lifecycle import Verb
from planner.domain.text import t
from planner.domain.words import SignOffOutcome
from planner.models import Assignment, SignOff
from planner.services.steps import Step

SIGNED = frozenset({Verb.SUBMIT, Verb.ASK_EXTENSION, Verb.OBJECT, Verb.APPEAL, Verb.ASK_ADJUSTMENT})
"""What a unit can require its head's signature for: completions and requests."""


def goes_through_head(actor: Actor, assignment: Assignment) -> bool:
    """Whether what this person hands in or asks for leaves the unit only when its head signed."""
    unit = assignment.unit
    return unit is not None and unit.sign_off and not actor.has(Role.HEAD)


def check(db: Session, actor: Actor, step: Step, signed_by_id: int | None) -> None:
    """Before something of `SIGNED` leaves the unit.

    Raises NotAllowed where the head has to sign it first, BadInput while something waits for the
    signature. `signed_by_id` is the head who signs this very act now.
    """
    if signed_by_id is not None:
        return
    if goes_through_head(actor, step.assignment):
        raise NotAllowed(t("In this unit the head signs this first."))
    if open_sign_off(db, step.assignment):
        raise BadInput(t("Something here waits for the head's signature: sign it or take it back."))


def open_sign_off(db: Session, assignment: Assignment) -> SignOff | None:
    """What waits for the signature of the unit's head; there is at most one."""
    return db.scalar(
        select(SignOff).where(SignOff.assignment_id == assignment.id, SignOff.outcome.is_(None))
    )


def to_sign(db: Session, actor: Actor) -> Sequence[SignOff]:
    """What waits for the signature of the actor's own unit's head, the oldest first."""
    return db.scalars(
        select(SignOff)
        .join(SignOff.assignment)
        .where(SignOff.outcome.is_(None), Assignment.unit_id == actor.unit_id)
        .options(
            joinedload(SignOff.by),
            joinedload(SignOff.assignment).joinedload(Assignment.task),
        )
        .order_by(SignOff.on, SignOff.id)
    ).all()


def latest(db: Session, assignment: Assignment) -> SignOff | None:
    """The last thing that was put before the head, whatever became of it."""
    return db.scalar(
        select(SignOff)
        .where(SignOff.assignment_id == assignment.id)
        .options(
            joinedload(SignOff.by), joinedload(SignOff.decided_by), selectinload(SignOff.files)
        )
        .order_by(SignOff.id.desc())
        .limit(1)
    )


def close(
    db: Session,
    actor: Actor,
    clock: Clock,
    sign_off: SignOff,
    outcome: SignOffOutcome,
    reason: str | None = None,
) -> None:
    """Note what became of it. Unless it was signed, its files wait for their form again."""
    sign_off.outcome = outcome
    sign_off.decided_by_id = actor.user_id
    sign_off.decided_on, sign_off.decided_at = clock.today, clock.now
    sign_off.decision_reason = reason
    for staged in sign_off.files if outcome is not SignOffOutcome.SIGNED else ():
        staged.sign_off_id, staged.at = None, clock.now
    db.flush()


def drop_open(db: Session, actor: Actor, clock: Clock, assignment: Assignment) -> None:
    """Drop what waits for a signature: the assignment is closed, so that nobody can sign it."""
    sign_off = open_sign_off(db, assignment)
    if sign_off is not None:
        close(db, actor, clock, sign_off, SignOffOutcome.DROPPED)
