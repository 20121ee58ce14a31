"""Gathers what the rules of reminders read, in the same few queries however much work there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from planner.domain import reminders
from planner.domain.actor import Role
from planner.domain.lateness import Round
from planner.domain.lifecycle import OPEN_STATES, State
from planner.domain.reminder_audiences import Directory, Person
from planner.domain.reminder_rules import ReminderRules
from planner.domain.reminders import Demand, Facts, Recorded, Waiting
from planner.domain.words import RequestKind
from planner.models import (
    Action,
    Assignment,
    DueRevision,
    Plan,
    Reminder,
    Report,
    Request,
    Task,
    Unit,
    Urge,
    UrgeAnswer,
    User,
    UserRole,
)
from planner.services.pauses import NO_PAUSES, Pauses, pauses_of, suspended
from planner.services.rounds import rounds_of


class Subject(NamedTuple):
    """An assignment that may be reminded of: keys of task and unit for people, facts for rules."""

    task: str
    unit: str
    facts: Facts


def subjects(db: Session, plan: Plan, today: date, rules: ReminderRules) -> Iterator[Subject]:
    """The plan's open assignments of which something may be to be said, in order of id."""
    known = _Known.of(db, plan, today)
    silent_after = reminders.silent_after(today, rules)
    asked_of, eventful = known.answers.keys() | known.reports.keys(), known.eventful
    for row in db.execute(_open_assignments(plan)):
        number, issued_on, due_on, state_name, unit_id, lead_id, task, unit = row
        if due_on > silent_after and state_name == State.IN_PROGRESS and number not in asked_of:
            continue
        facts = Facts(
            number,
            State(state_name),
            issued_on,
            due_on,
            known.directory.audiences(unit_id, lead_id),
            recorded=known.recorded.get(number, _NOTHING),
        )
        yield Subject(task, unit, known.add_to(facts) if number in eventful else facts)


_NOTHING: Recorded = {}


@dataclass(frozen=True)
class _Known:
    """All that is told of the open assignments besides their own rows, by assignment."""

    directory: Directory
    revisions: Mapping[int, tuple[int, date]]
    rounds: Mapping[int, Sequence[Round]]
    pauses: Mapping[int, Pauses]
    asked: Mapping[int, str]
    halted: frozenset[int]
    answers: Mapping[int, Sequence[Demand]]
    reports: Mapping[int, Sequence[Demand]]
    recorded: Mapping[int, Recorded]

    @cached_property
    def eventful(self) -> frozenset[int]:
        """The assignments of which anything is told here; of most there is nothing."""
        told = (self.revisions, self.rounds, self.pauses, self.asked, self.answers, self.reports)
        return self.halted.union(*told)

    def add_to(self, facts: Facts) -> Facts:
        """The facts with all that is told of their assignment."""
        number = facts.assignment_id
        revision, set_on = self.revisions.get(number, (0, None))
        rounds, pauses = self.rounds.get(number, ()), self.pauses.get(number, NO_PAUSES)
        kind = self.asked.get(number)
        return facts._replace(
            due_revision=revision,
            due_set_on=set_on,
            rounds=rounds,
            pauses=pauses.pauses,
            moved=pauses.moved,
            waiting=_waiting(facts.state, rounds),
            suspended=kind is not None,
            halted=number in self.halted,
            disputed=kind == RequestKind.OBJECTION,
            answers=self.answers.get(number, ()),
            reports=self.reports.get(number, ()),
        )

    @classmethod
    def of(cls, db: Session, plan: Plan, today: date) -> _Known:
        is_open = _is_open(plan)
        asked = _of_open(plan, Request.assignment_id, Request.kind)
        return cls(
            directory=directory(db),
            revisions=_revisions(db, plan),
            rounds=rounds_of(db, is_open),
            pauses=pauses_of(db, is_open, today),
            asked={row[0]: row[1] for row in db.execute(asked.where(Request.outcome.is_(None)))},
            halted=frozenset(db.scalars(select(Assignment.id).where(is_open, suspended()))),
            answers=_answers(db, plan),
            reports=_reports(db, plan),
            recorded=_recorded(db, plan),
        )


def _open_assignments(plan: Plan) -> Select[Any]:
    return (
        _of_open(
            plan,
            Assignment.id,
            Assignment.issued_on,
            Assignment.due_on,
            Assignment.state,
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


def directory(db: Session) -> Directory:
    """Everybody active, by role and unit."""
    roles: dict[tuple[int, int | None], set[Role]] = defaultdict(set)
    query = select(User.id, User.unit_id, UserRole.role).join(UserRole).where(User.active)
    for user_id, unit_id, role in db.execute(query):
        roles[user_id, unit_id].add(Role(role))
    return Directory(
        Person(user_id, unit_id, frozenset(held)) for (user_id, unit_id), held in roles.items()
    )


def _revisions(db: Session, plan: Plan) -> Mapping[int, tuple[int, date]]:
    """The number of the due date in force, where it was moved, and the day of the move."""
    query = _of_open(plan, DueRevision.assignment_id, DueRevision.number, DueRevision.on)
    moved = query.where(DueRevision.number > 0).order_by(DueRevision.number)
    return {row[0]: (row[1], row[2]) for row in db.execute(moved)}


def _answers(db: Session, plan: Plan) -> Mapping[int, Sequence[Demand]]:
    """The urges that nobody answered."""
    query = _of_open(plan, Urge.assignment_id, Urge.id, Urge.on, Urge.answer_by)
    demands: dict[int, list[Demand]] = defaultdict(list)
    for assignment_id, number, on, by in db.execute(query.where(unanswered()).order_by(Urge.id)):
        demands[assignment_id].append(Demand(f"urge:{number}", on, by))
    return demands


def unanswered() -> ColumnElement[bool]:
    """The condition on `Urge` for those without answer."""
    return ~exists().where(UrgeAnswer.urge_id == Urge.id)


def _reports(db: Session, plan: Plan) -> Mapping[int, Sequence[Demand]]:
    """The periodic reports that were opened and not handed in."""
    query = _of_open(plan, Report.assignment_id, Report.period, Report.on, Report.due_on)
    owed = query.where(Report.submission_id.is_(None)).order_by(Report.id)
    demands: dict[int, list[Demand]] = defaultdict(list)
    for assignment_id, period, on, due_on in db.execute(owed):
        demands[assignment_id].append(Demand(f"report:{period}", on, due_on))
    return demands


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
