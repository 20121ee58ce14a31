"""Due dates: the first and every later one stays on record."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State
from planner.domain.text import t
from planner.domain.words import Cause, DueBasis
from planner.models import Assignment, DueRevision, Plan, Task

RECURRING_SLACK_YEARS = 1
"""A yearly round may fall due in the year after the plan's end (design: 2.4)."""


def set_due(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment: Assignment,
    due_on: date,
    *,
    basis: DueBasis = DueBasis.SET,
    raw: str | None = None,
    reason: str | None = None,
    cause: Cause | None = None,
    request_id: int | None = None,
) -> None:
    """Record a due date. Until it is issued, the latest one is also the original."""
    number = db.scalar(
        select(func.count(DueRevision.id)).where(DueRevision.assignment_id == assignment.id)
    )
    db.add(
        DueRevision(
            assignment_id=assignment.id,
            number=number or 0,
            due_on=due_on,
            basis=basis,
            raw=raw,
            reason=reason,
            cause=cause,
            request_id=request_id,
            by_id=actor.user_id,
            on=clock.today,
            at=clock.now,
        )
    )
    assignment.due_on = due_on
    if assignment.state == State.DRAFT:
        assignment.original_due_on = due_on
    db.flush()


def check_due(task: Task, due_on: date | None, field: str = "due_on") -> date:
    """The due date, if it lies in the plan. Raises BadInput otherwise."""
    plan = task.action.plan
    if due_on is None:
        raise BadInput(t("Please give a due date."), field)
    if due_on < plan.starts_on:
        raise BadInput(t("The plan begins on %(start)s.", start=plan.starts_on), field)
    if due_on > last_due(plan, task):
        raise BadInput(t("The plan ends on %(end)s.", end=last_due(plan, task)), field)
    return due_on


def check_node_due(task: Task, year: int, due_on: date | None) -> date:
    """The due date of a node: in its year, or as late after it as the task's recurrence names.

    Raises BadInput otherwise.
    """
    due_on = check_due(task, due_on)
    last = date(year + (task.recurrence or {}).get("year_offset", 0), 12, 31)
    if not date(year, 1, 1) <= due_on <= last:
        raise BadInput(
            t(
                "A node of %(year)s is due from %(first)s to %(last)s.",
                year=str(year),
                first=date(year, 1, 1),
                last=last,
            ),
            "due_on",
        )
    return due_on


def last_due(plan: Plan, task: Task) -> date:
    """The last day on which something of this task can be due."""
    slack = RECURRING_SLACK_YEARS if task.recurrence else 0
    return plan.ends_on.replace(year=plan.ends_on.year + slack)


def default_due(task: Task, year: int) -> date:
    """10 December of the year; for recurring tasks the day that their recurrence names."""
    rule = task.recurrence
    if not rule:
        return date(year, 12, 10)
    return date(year + rule["year_offset"], rule["month"], rule["day"])
