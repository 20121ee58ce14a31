"""A small plan with two units and their people, for reminders and their delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from planner import planfile
from planner.calendars import load_calendar
from planner.db import Sessions
from planner.domain.actor import Role
from planner.domain.clock import Clock
from planner.domain.reminder_rules import ReminderRules
from planner.models import (
    Action,
    Assignment,
    DueRevision,
    Plan,
    Task,
    Unit,
    User,
    UserRole,
)
from planner.services.plans import REMINDERS, SCORING, active_plan, reminder_rules, store_rules
from planner.services.reminders import DueReminder, due_reminders

SEED = Path(__file__).resolve().parents[2] / "seed/plan_tasks.yaml"
CALENDAR = load_calendar(2023, 2026)
STARTED = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)


def at_nine(day: date) -> Clock:
    """09:00 in Shanghai on that day."""
    return Clock(day, datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC), CALENDAR)


@dataclass
class County:
    """The lead agency, the education office, their people, and one task."""

    sessions: Sessions
    rules: ReminderRules
    people: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    task_id: int = 0

    def due(self, today: date, **options: Any) -> list[DueReminder]:
        """What is due that day."""
        with self.sessions.reading() as db:
            plan = active_plan(db)
            rules = reminder_rules(db, plan)
            return due_reminders(db, plan, today, CALENDAR, rules, **options)

    def assign(self, unit: str = "edu", **values: Any) -> int:
        """An assignment of that unit: signed for, due on 2024-10-31 unless said otherwise."""
        with self.sessions.writing() as db:
            assignment = self.add_assignment(db, unit, **values)
            db.commit()
            return assignment.id

    def add_assignment(self, db: Session, unit: str, **values: Any) -> Assignment:
        """The same within a transaction."""
        assignment = Assignment(
            **{
                "task_id": self.task_id,
                "unit_id": self.units[unit],
                "text": "组织各类学校开展节能改造，完成既有建筑节能改造。",
                "part": "responsible",
                "method": "binary",
                "weight": Decimal(1),
                "state": "in_progress",
                "due_on": date(2024, 10, 31),
                "issued_on": date(2024, 3, 1),
                **values,
            }
        )
        db.add(assignment)
        db.flush()
        add_due_revision(db, assignment, 0)
        return assignment


def add_due_revision(db: Session, assignment: Assignment, number: int) -> None:
    """The assignment's due date as its revision of that number."""
    assert assignment.due_on is not None
    row = DueRevision(
        assignment_id=assignment.id,
        number=number,
        due_on=assignment.due_on,
        basis="set",
        on=date(2024, 3, 1),
        at=STARTED,
    )
    db.add(row)
    db.flush()


def give_scoring_rules(county: County) -> None:
    """The plan file's, which figures are made by: `found` gives those of reminders alone."""
    scoring = planfile.load(SEED).scoring.to_data()
    assert isinstance(scoring, dict)
    with county.sessions.writing() as db:
        store_rules(db, at_nine(date(2024, 1, 2)), active_plan(db), SCORING, scoring)
        db.commit()


def refuse_messages(sessions: Sessions, user_id: int) -> None:
    """From now on the database takes no message to this person."""
    condition = f"NEW.recipient_id = {user_id}"
    with sessions.writing() as db:
        if sessions.engine.dialect.name == "sqlite":
            db.execute(text(f"{_REFUSE} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'full'); END"))
        else:
            db.execute(text(_REFUSAL))
            db.execute(
                text(f"{_REFUSE} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refusal()")
            )
        db.commit()


_REFUSE = "CREATE TRIGGER refuse BEFORE INSERT ON messages"
_REFUSAL = """CREATE FUNCTION refusal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'full' USING ERRCODE = 'integrity_constraint_violation'; END $$"""


def found(sessions: Sessions, rules: dict[str, Any]) -> County:
    """An empty database becomes a county with a plan, rules and people."""
    county = County(sessions, ReminderRules.from_data(rules))
    with sessions.writing() as db:
        _units(db, county)
        _plan(db, county, rules)
        for username, unit, role in (
            ("edu", "edu", Role.LIAISON),
            ("edu-head", "edu", Role.HEAD),
            ("coordinator", "lead", Role.COORDINATOR),
            ("supervisor", None, Role.SUPERVISOR),
            ("leader", None, Role.LEADER),
        ):
            add_person(db, county, username, unit, role)
        db.commit()
    return county


def _units(db: Session, county: County) -> None:
    for key, name in (("lead", "县机关事务管理中心"), ("edu", "县教委")):
        unit = Unit(key=key, name=name, aliases=[])
        db.add(unit)
        db.flush()
        county.units[key] = unit.id


def _plan(db: Session, county: County, rules: dict[str, Any]) -> None:
    plan = Plan(
        key="p",
        name="规划",
        document="彭机管发〔2022〕1号",
        owner_id=county.units["lead"],
        issued_on=date(2022, 3, 26),
        starts_on=date(2021, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    db.add(plan)
    db.flush()
    store_rules(db, at_nine(date(2024, 1, 2)), plan, REMINDERS, rules)
    action = Action(plan_id=plan.id, key="a", number="2", title="行动", section="专栏2", position=1)
    db.add(action)
    db.flush()
    task = Task(
        action_id=action.id,
        key="retrofit",
        number="2.1",
        position=1,
        section="专栏2",
        sentence="开展节能改造。",
        origin="plan",
        kind="once",
        lead_unit_id=county.units["lead"],
    )
    db.add(task)
    db.flush()
    county.task_id = task.id


def add_person(
    db: Session, county: County, username: str, unit: str | None, *roles: Role, **values: Any
) -> User:
    """A person with an address; `email=None` leaves it out."""
    user = User(
        **{
            "username": username,
            "name": username.upper(),
            "password_hash": "-",
            "unit_id": county.units[unit] if unit else None,
            "email": f"{username}@example.org",
            "locale": "en",
            "created_on": date(2024, 1, 2),
            "created_at": STARTED,
            **values,
        }
    )
    user.user_roles = [UserRole(role=role) for role in roles]
    db.add(user)
    db.flush()
    county.people[username] = user.id
    return user
