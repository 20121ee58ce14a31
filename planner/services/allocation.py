"""Targets that several units share, and how much of them was given to units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Subquery, and_, func, select
from sqlalchemy.orm import Session, aliased

from planner.domain.actor import Actor
from planner.domain.lifecycle import State
from planner.models import Action, Assignment, Target, Task


@dataclass(frozen=True)
class Allocation:
    """A shared target of the task with that number, and the part that was given to units."""

    number: str
    target: Target
    allocated: Decimal


def unallocated(db: Session, actor: Actor) -> Sequence[Allocation]:
    """The shared targets of tasks that the actor's unit leads, where units were given too little.

    A row with an amount counts itself, any other row by its nodes; what is cancelled by nothing.
    """
    given = _given()
    allocated = func.coalesce(given.c.amount, Decimal(0))
    rows = db.execute(
        select(Task.number, Target, given.c.amount)
        .join(Task, Target.task_id == Task.id)
        .join(Task.action)
        .outerjoin(given, and_(given.c.task_id == Task.id, given.c.measure == Target.measure))
        .where(Target.shared, Task.lead_unit_id == actor.unit_id, allocated < Target.amount)
        .order_by(Action.position, Task.position, Target.id)
    )
    return [Allocation(row.number, row.Target, row.amount or Decimal(0)) for row in rows]


def _given() -> Subquery:
    """What was given to units, by task and measure."""
    row = aliased(Assignment)
    return (
        select(Assignment.task_id, Assignment.measure, func.sum(Assignment.amount).label("amount"))
        .outerjoin(row, Assignment.parent_id == row.id)
        .where(
            Assignment.state != State.CANCELLED,
            Assignment.amount.is_not(None),
            Assignment.group_id.is_(None),
            row.amount.is_(None),
        )
        .group_by(Assignment.task_id, Assignment.measure)
        .subquery()
    )
