"""The plan as a tree: indicators, actions, tasks, rows, nodes, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import State
from planner.models import (
    Action,
    Assignment,
    DueRevision,
    Indicator,
    Note,
    Plan,
    Task,
    UnitGroup,
)
from planner.services.overdue import overdue_condition
from planner.services.plans import active_plan, reminder_rules
from planner.services.scope import load_task, visible_assignments, visible_tasks
from planner.services.standing import Standing, standings
from planner.services.task_list import verified_amounts


@dataclass(frozen=True)
class Branch:
    """A row or node with what stands below it.

    `revision` is the due date in force, `verified` in the assignment's measure or a share of 1.
    """

    assignment: Assignment
    revision: DueRevision | None
    standing: Standing | None
    verified: Decimal
    nodes: Sequence[Branch] = ()

    @property
    def lacks_unit(self) -> bool:
        """The plan names nobody, and nobody was named since."""
        return self.assignment.unit_id is None and self.assignment.group_id is None

    @property
    def lacks_members(self) -> bool:
        """It is for a unit group that has no members yet."""
        group = self.assignment.group
        return group is not None and not group.members

    @property
    def lacks_nodes(self) -> bool:
        """An open row of a unit that was not broken down by year."""
        closed = self.assignment.state in (State.ACCEPTED, State.CANCELLED)
        return not (closed or self.nodes or self.assignment.is_node) and bool(
            self.assignment.unit_id
        )


@dataclass(frozen=True)
class TaskBranch:
    """A task with its visible rows."""

    task: Task
    rows: Sequence[Branch]


@dataclass(frozen=True)
class Counts:
    """How much stands under an action: rows and nodes together where not said otherwise."""

    tasks: int
    rows: int
    nodes: int
    accepted: int
    overdue: int


@dataclass(frozen=True)
class ActionBranch:
    """An action with its visible tasks."""

    action: Action
    tasks: Sequence[TaskBranch]
    counts: Counts


@dataclass(frozen=True)
class PlanTree:
    """Everything that the page of the plan shows; `notes` are the plan's own."""

    plan: Plan
    notes: Sequence[Note]
    indicators: Sequence[Indicator]
    actions: Sequence[ActionBranch]


def plan_tree(db: Session, actor: Actor, clock: Clock) -> PlanTree:
    """The plan in force as the actor may see it. Raises NotFound before it is seeded."""
    plan = active_plan(db)
    tasks = _tasks(db, actor, plan)
    rows = branches_of(db, actor, clock, Assignment.task_id.in_([task.id for task in tasks]))
    by_task = defaultdict(list)
    for row in rows:
        by_task[row.assignment.task_id].append(row)
    overdue = _overdue_by_action(db, actor, clock)
    return PlanTree(
        plan=plan,
        notes=db.scalars(select(Note).where(Note.plan_id == plan.id).order_by(Note.id)).all(),
        indicators=_indicators(db, plan),
        actions=_actions([TaskBranch(task, by_task[task.id]) for task in tasks], overdue),
    )


def task_branch(db: Session, actor: Actor, clock: Clock, task_id: int) -> TaskBranch:
    """One task with its visible rows. Raises NotFound outside the actor's scope."""
    task = load_task(db, actor, task_id)
    return TaskBranch(task, branches_of(db, actor, clock, Assignment.task_id == task.id))


def _tasks(db: Session, actor: Actor, plan: Plan) -> Sequence[Task]:
    query = (
        select(Task)
        .join(Task.action)
        .where(Action.plan_id == plan.id, visible_tasks(actor))
        .options(
            joinedload(Task.action),
            joinedload(Task.lead_unit),
            selectinload(Task.targets),
            selectinload(Task.notes),
        )
        .order_by(Action.position, Action.id, Task.position, Task.id)
    )
    return db.scalars(query).all()


def _indicators(db: Session, plan: Plan) -> Sequence[Indicator]:
    query = (
        select(Indicator)
        .where(Indicator.plan_id == plan.id)
        .options(joinedload(Indicator.owner), selectinload(Indicator.notes))
        .order_by(Indicator.position)
    )
    return db.scalars(query).all()


def _actions(tasks: Iterable[TaskBranch], overdue: Mapping[int, int]) -> Sequence[ActionBranch]:
    grouped: dict[int, list[TaskBranch]] = defaultdict(list)
    for branch in tasks:
        grouped[branch.task.action_id].append(branch)
    return [
        ActionBranch(
            branches[0].task.action, branches, _counts(branches, overdue.get(action_id, 0))
        )
        for action_id, branches in grouped.items()
    ]


def _counts(branches: Sequence[TaskBranch], overdue: int) -> Counts:
    rows = [row for branch in branches for row in branch.rows]
    nodes = [node for row in rows for node in row.nodes]
    accepted = [each for each in (*rows, *nodes) if each.assignment.state == State.ACCEPTED]
    return Counts(len(branches), len(rows), len(nodes), len(accepted), overdue)


def _overdue_by_action(db: Session, actor: Actor, clock: Clock) -> Mapping[int, int]:
    query = (
        select(Task.action_id, func.count(Assignment.id).label("overdue"))
        .join(Assignment, Assignment.task_id == Task.id)
        .where(visible_assignments(actor), overdue_condition(db, clock))
        .group_by(Task.action_id)
    )
    return {row.action_id: row.overdue for row in db.execute(query)}


def branches_of(
    db: Session, actor: Actor, clock: Clock, condition: ColumnElement[bool]
) -> Sequence[Branch]:
    """The visible rows that meet a condition, each with its visible nodes, in the plan's order.

    A node whose row the actor may not open stands at the top. A fixed number of queries.
    """
    assignments = db.scalars(
        select(Assignment)
        .where(condition, visible_assignments(actor))
        .options(
            joinedload(Assignment.unit),
            joinedload(Assignment.group).selectinload(UnitGroup.members),
            joinedload(Assignment.task),
            selectinload(Assignment.notes),
        )
        .order_by(Assignment.id)
    ).all()
    ids = [each.id for each in assignments]
    revisions, verified = _revisions(db, ids), verified_amounts(db, ids)
    lights = reminder_rules(db, active_plan(db)).lights
    standing = standings(db, clock, lights, assignments)
    below: dict[int | None, list[Branch]] = defaultdict(list)
    seen = set(ids)
    for each in sorted(assignments, key=lambda one: (one.parent_id is None, one.year or 0)):
        parent = each.parent_id if each.parent_id in seen else None
        branch = Branch(
            each,
            revisions.get(each.id),
            standing.get(each.id),
            verified.get(each.id, Decimal(0)),
            below[each.id],
        )
        below[parent].append(branch)
    return below[None]


def _revisions(db: Session, ids: Sequence[int]) -> Mapping[int, DueRevision]:
    """The due date in force of each, with its basis and the plan's own words."""
    query = (
        select(DueRevision)
        .where(DueRevision.assignment_id.in_(ids))
        .order_by(DueRevision.assignment_id, DueRevision.number)
    )
    return {each.assignment_id: each for each in db.scalars(query)}
