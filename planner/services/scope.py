"""What an actor may see, as conditions in SQL (design, section 7)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true
from sqlalchemy.orm import Session

from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.errors import NotFound
from planner.domain.lifecycle import State
from planner.models import Assignment, Indicator, Plan, Task, Unit


def family(unit_id: int) -> Select[int]:
    """The ids of a unit and of all units below it."""
    below = select(Unit.id).where(Unit.id == unit_id).cte(recursive=True)
    below = below.union(select(Unit.id).where(Unit.superior_id == below.c.id))
    return select(below.c.id)


def _sees_all(actor: Actor) -> bool:
    return actor.kind is not ActorKind.PERSON or actor.has(Role.SUPERVISOR, Role.LEADER)


def visible_assignments(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Assignment` for what this actor may open.

    A unit sees what it and its subordinates were issued; the lead agency's coordinator also what
    their unit leads, drafts included.
    """
    if _sees_all(actor):
        return true()
    if actor.unit_id is None or not actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return false()
    owed = Assignment.unit_id.in_(family(actor.unit_id)) & _was_issued()
    if not actor.has(Role.COORDINATOR):
        return owed
    led = select(Task.id).where(Task.lead_unit_id == actor.unit_id)
    return or_(Assignment.task_id.in_(led), owed)


def _was_issued() -> ColumnElement[bool]:
    return Assignment.issued_on.is_not(None) & (Assignment.state != State.DRAFT)


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Task` for what this actor may open."""
    if _sees_all(actor):
        return true()
    through = Task.id.in_(select(Assignment.task_id).where(visible_assignments(actor)))
    if actor.has(Role.COORDINATOR) and actor.unit_id is not None:
        return or_(Task.lead_unit_id == actor.unit_id, through)
    return through


def visible_units(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Unit` for whose figures this actor may read."""
    if _sees_all(actor):
        return true()
    if actor.unit_id is None or not actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return false()
    own = Unit.id.in_(family(actor.unit_id))
    return or_(_is_lead(actor.unit_id), own) if actor.has(Role.COORDINATOR) else own


def visible_indicators(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Indicator` for what this actor may open: those of units they may read."""
    if _sees_all(actor):
        return true()
    return Indicator.owner_id.in_(select(Unit.id).where(visible_units(actor)))


def _is_lead(unit_id: int) -> ColumnElement[bool]:
    """The unit owns the plan or leads a task."""
    owns = exists(select(Plan.id).where(Plan.owner_id == unit_id))
    return or_(owns, exists(select(Task.id).where(Task.lead_unit_id == unit_id)))


def leads(db: Session, actor: Actor) -> bool:
    """Whether the actor is a coordinator of a unit that owns the plan or leads a task of it."""
    if actor.unit_id is None or not actor.has(Role.COORDINATOR):
        return False
    return bool(db.scalar(select(_is_lead(actor.unit_id))))


def sees_county(db: Session, actor: Actor) -> bool:
    """Whether the actor may read the figures of the whole county."""
    return _sees_all(actor) or leads(db, actor)


def load_assignment(db: Session, actor: Actor, assignment_id: int) -> Assignment:
    """An assignment through the actor's scope. Raises NotFound outside it."""
    found = db.scalar(
        select(Assignment).where(Assignment.id == assignment_id, visible_assignments(actor))
    )
    if found is None:
        raise NotFound
    return found


def load_task(db: Session, actor: Actor, task_id: int) -> Task:
    """A task through the actor's scope. Raises NotFound outside it."""
    found = db.scalar(select(Task).where(Task.id == task_id, visible_tasks(actor)))
    if found is None:
        raise NotFound
    return found


def load_indicator(db: Session, actor: Actor, indicator_id: int) -> Indicator:
    """An indicator through the actor's scope. Raises NotFound outside it."""
    found = db.scalar(
        select(Indicator).where(Indicator.id == indicator_id, visible_indicators(actor))
    )
    if found is None:
        raise NotFound
    return found
