"""What the filters of the task list offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.models import Action, Assignment, Task, Unit
from planner.services.plans import active_plan
from planner.services.scope import visible_assignments


@dataclass(frozen=True)
class Choices:
    """What the filters offer: names by id, and the plan's years."""

    units: Sequence[tuple[int, str]]
    actions: Sequence[tuple[int, str]]
    years: Sequence[int]


def choices(db: Session, actor: Actor) -> Choices:
    """The units and actions of what the actor may open, and the plan's years."""
    visible = visible_assignments(actor)
    units = select(Unit.id, Unit.name).where(Unit.id.in_(select(Assignment.unit_id).where(visible)))
    tasks = select(Assignment.task_id).where(visible)
    actions = select(Action.id, Action.number, Action.title).where(
        Action.id.in_(select(Task.action_id).where(Task.id.in_(tasks)))
    )
    plan = active_plan(db)
    return Choices(
        units=[(row.id, row.name) for row in db.execute(units.order_by(Unit.name))],
        actions=[
            (row.id, f"{row.number} {row.title}")
            for row in db.execute(actions.order_by(Action.position))
        ],
        years=range(plan.starts_on.year, plan.ends_on.year + 1),
    )
