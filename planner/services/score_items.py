"""Reads a plan's assignments as scoring sees them, one after the other.

The queries are the same few whatever the size: each gives its rows in the order of the
assignments, and they are merged as they come, so that a million take no more room than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from planner.domain.kept import quick
from planner.domain.scores.items import Item
from planner.domain.words import Method, Part
from planner.models import Action, Assignment, Plan, Target, Task
from planner.services.score_acts import Acts, merged

COLUMNS = (
    Assignment.id,
    Assignment.unit_id,
    Assignment.task_id,
    Task.action_id,
    Assignment.text,
    Task.section,
    Assignment.method,
    Assignment.part,
    Assignment.weight,
    Assignment.original_due_on,
    Assignment.issued_on,
    Assignment.amount,
    Assignment.measure,
    Assignment.parent_id,
    Task.veto,
    Task.starred,
    Assignment.cancelled_on,
)
_METHODS = {str(each): each for each in Method}
_PARTS = {str(each): each for each in Part}


def read_items(
    db: Session,
    plan: Plan,
    only: ColumnElement[bool] | None = None,
    *,
    evidence: bool = True,
) -> Iterator[Item]:
    """Every assignment of the plan that was ever issued, in the order of their numbers.

    Drafts are left out: nothing that was not issued ever counts. `only` is a condition on
    `Assignment` that leaves out more. Without `evidence` nobody can say what the points rest on.
    """
    unallocated = _shared_tasks(db, plan)
    with ExitStack() as opened:
        yield from _items(Acts(db, only, opened), _assignments(plan, only), unallocated, evidence)


def _shared_tasks(db: Session, plan: Plan) -> frozenset[int]:
    tasks = select(Target.task_id).join(Task, Target.task_id == Task.id).join(Task.action)
    return frozenset(db.scalars(tasks.where(Action.plan_id == plan.id, Target.shared)))


def _assignments(plan: Plan, only: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    query = (
        select(*COLUMNS)
        .join(Assignment.task)
        .join(Task.action)
        .where(
            Action.plan_id == plan.id,
            Assignment.issued_on.is_not(None),
            Assignment.unit_id.is_not(None),
            Assignment.original_due_on.is_not(None),
        )
        .order_by(Assignment.id)
    )
    return query if only is None else query.where(only)


def _items(
    acts: Acts,
    assignments: Select[*tuple[Any, ...]],
    unallocated: frozenset[int],
    evidence: bool,
) -> Iterator[Item]:
    """Each with its facts; a row by amount without one has its unit's part of a target open.

    `services.counted.counted_in` says the same in SQL.
    """
    due_dates, portions = merged(acts.due_dates()), merged(acts.portions())
    handed_in, reopened = merged(acts.handed_in(evidence=evidence)), merged(acts.reopened())
    amounts, pauses = merged(acts.amounts()), merged(acts.pauses())
    findings = merged(acts.findings())
    for row in acts.rows(assignments):
        (
            number,
            unit_id,
            task_id,
            action_id,
            text,
            section,
            method,
            part,
            weight,
            due_on,
            issued_on,
            amount,
            measure,
            parent_id,
            veto,
            starred,
            cancelled_on,
        ) = row
        unknown = amount is None and parent_id is None and method == Method.PROPORTIONAL
        yield quick(
            Item,
            {
                "id": number,
                "unit_id": unit_id,
                "task_id": task_id,
                "action_id": action_id,
                "what": text,
                "section": section or None,
                "method": _METHODS[method],
                "part": _PARTS[part],
                "weight": weight,
                "original_due_on": due_on,
                "issued_on": issued_on,
                "amount": amount,
                "measure": measure,
                "parent_id": parent_id,
                "shared": unknown and task_id in unallocated,
                "veto": veto,
                "starred": starred,
                "cancelled_on": cancelled_on,
                "due_dates": due_dates(number),
                "handed_in": handed_in(number),
                "portions": portions(number),
                "reopened_on": reopened(number),
                "amounts": amounts(number),
                "pauses": pauses(number),
                "findings": findings(number),
            },
        )
