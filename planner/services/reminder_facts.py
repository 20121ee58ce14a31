"""Gathers what the rules of reminders read, in the same few queries however much work there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Role
from planner.domain.lateness import Round
from planner.domain.lifecycle import OPEN_STATES, State
from planner.domain.reminders import Directory, Facts, Person, Recorded, Waiting
from planner.models import (
    Action,
    Assignment,
    DueRevision,
    Plan,
    Reminder,
    Request,
    Task,
    Unit,
    User,
    UserRole,
)
from planner.services.rounds import rounds_of


@dataclass(frozen=True)
class Subject:
    """An assignment that may be reminded of: keys of task and unit for people, facts for rules."""

    task: str
    unit: str
    facts: Facts


def subjects(db: Session, plan: Plan) -> Iterator[Subject]:
    """The plan's issued assignments that are neither accepted nor cancelled, in order of id."""
    directory = _directory(db)
    revisions = _revisions(db, plan)
    rounds = rounds_of(db, _is_open(plan))
    asked = set(db.scalars(_of_open(plan, Request.assignment_id).where(Request.outcome.is_(None))))
    recorded = _recorded(db, plan)
    for row in db.execute(_open_assignments(plan)):
        facts = Facts(
            assignment_id=row.id,
            state=State(row.state),
            issued_on=row.issued_on,
            due_on=row.due_on,
            audiences=directory.audiences(row.unit_id, row.lead_unit_id),
            due_revision=revisions.get(row.id, 0),
            rounds=rounds.get(row.id, ()),
            waiting=_waiting(State(row.state), rounds.get(row.id, ())),
            suspended=row.id in asked,
            recorded=recorded[row.id],
        )
        yield Subject(row.task, row.unit, facts)


def _open_assignments(plan: Plan) -> Select[Any]:
    return (
        _of_open(
            plan,
            Assignment.id,
            Assignment.state,
            Assignment.issued_on,
            Assignment.due_on,
            Assignment.unit_id,
            Task.lead_unit_id,
            Task.key.label("task"),
            Unit.key.label("unit"),
        )
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(Assignment.issued_on.is_not(None))
        .order_by(Assignment.id)
    )


def _of_open(plan: Plan, *columns: Any) -> Select[Any]:
    """Select columns of the plan's open assignments, or of a table that belongs to them."""
    owner = columns[0].class_
    query = select(*columns)
    if owner is not Assignment:
        query = query.select_from(owner).join(Assignment, Assignment.id == owner.assignment_id)
    return query.join(Task, Task.id == Assignment.task_id).where(_is_open(plan))


def _is_open(plan: Plan) -> ColumnElement[bool]:
    """The condition on `Assignment` for the plan's open ones."""
    tasks = select(Task.id).join(Action).where(Action.plan_id == plan.id)
    return Assignment.task_id.in_(tasks) & Assignment.state.in_(OPEN_STATES)


def _directory(db: Session) -> Directory:
    roles: dict[tuple[int, int | None], set[Role]] = defaultdict(set)
    query = select(User.id, User.unit_id, UserRole.role).join(UserRole).where(User.active)
    for user_id, unit_id, role in db.execute(query):
        roles[user_id, unit_id].add(Role(role))
    return Directory(
        Person(user_id, unit_id, frozenset(held)) for (user_id, unit_id), held in roles.items()
    )


def _revisions(db: Session, plan: Plan) -> Mapping[int, int]:
    query = _of_open(plan, DueRevision.assignment_id, func.max(DueRevision.number))
    return dict(db.execute(query.group_by(DueRevision.assignment_id)).all())


def _recorded(db: Session, plan: Plan) -> Mapping[int, Recorded]:
    what = (Reminder.assignment_id, Reminder.family, Reminder.anchor, Reminder.recipient_id)
    latest: dict[int, dict[tuple[str, str, int], int]] = defaultdict(dict)
    query = _of_open(plan, *what, func.max(Reminder.occurrence)).group_by(*what)
    for assignment_id, family, anchor, recipient_id, occurrence in db.execute(query):
        latest[assignment_id][family, anchor, recipient_id] = occurrence
    return latest


def _waiting(state: State, rounds: Sequence[Round]) -> Waiting | None:
    """The round that lies with the lead: the last one of what was submitted."""
    if state is not State.SUBMITTED or not rounds:
        return None
    return Waiting(rounds[-1].number, rounds[-1].handed_in_on)
