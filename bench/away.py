"""A scheduler that was away over due dates: everything is caught up, once, and never backwards.

Nobody acts meanwhile, so that what a diligent scheduler would have come to follows from the rules,
asked day by day with nothing recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from planner import jobs, planfile
from planner.config import load
from planner.db import Sessions
from planner.domain import reminders
from planner.domain.actor import Role
from planner.domain.reminder_rules import ReminderRules
from planner.models import (
    Assignment,
    DueRevision,
    Message,
    Reminder,
    Report,
    Submission,
    Unit,
    Urge,
)
from planner.runtime import Runtime
from planner.services.plans import active_plan
from planner.services.reminder_facts import subjects
from tests.support.reminding import (
    CALENDAR,
    SEED,
    STARTED,
    County,
    add_person,
    found,
    give_scoring_rules,
)

ZONE = ZoneInfo("Asia/Shanghai")
LAST_DAY = date(2024, 9, 12)
"""Over the Mid-Autumn Festival and the first week of October, with their days made up for."""

ONE = timedelta(days=1)
A_UNIT = 2
"""People of a unit: its liaison and its head."""

Place = tuple[int, str, int, str, int]
"""Assignment, anchor, recipient, family and occurrence."""


@dataclass(frozen=True)
class Gap:
    """From the last tick to the first one after it."""

    name: str
    left: datetime
    back: datetime


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


GAPS = (
    Gap("1 hour", _at(LAST_DAY, 8, 30), _at(LAST_DAY, 9, 30)),
    *(
        Gap(f"{days} day{'s' * (days > 1)}", _at(LAST_DAY, 10), _at(LAST_DAY + days * ONE, 10))
        for days in (1, 7, 40)
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What the first tick after the gap made of it.

    `crossed` are the thresholds that a diligent scheduler would have come to by then; `lost` those
    that stand nowhere, `extra` those that nobody was to hear. `again` counts what a second tick
    says, `digests` the most that one person got on one channel that day.
    """

    crossed: int
    sent: int
    superseded: int
    lost: int
    extra: int
    backwards: int
    digests: int
    again: int

    @property
    def is_as_promised(self) -> bool:
        """All of it, once, and forwards."""
        wrong = self.lost or self.extra or self.backwards or self.again
        return self.sent > 0 and self.digests == 1 and not wrong


def play(url: str, var: Path, gap: Gap, assignments: int, people: int) -> Outcome:
    """On an empty database with all tables: a scheduler that is away for a while."""
    with _county(url, var) as (runtime, county):
        with county.sessions.writing() as db:
            _fill(db, county, Random(7), assignments, people)
            db.commit()
        crossed = _crossed(county, gap)
        for then in (_at(LAST_DAY - ONE, 10), gap.left):
            _tick(runtime, then)
        before = _last_reminder(county.sessions)
        _tick(runtime, gap.back)
        messages = _messages(county.sessions)
        again = _tick(runtime, gap.back + timedelta(minutes=1))
        again += _messages(county.sessions) - messages
        return _outcome(county, gap, crossed, before, again)


@contextmanager
def _county(url: str, var: Path) -> Iterator[tuple[Runtime, County]]:
    runtime = Runtime(load({"PLANNER_DATABASE_URL": url, "PLANNER_VAR": str(var)}))
    rules = planfile.load(SEED).reminders.to_data()
    assert isinstance(rules, dict)
    county = found(runtime.sessions, rules)
    give_scoring_rules(county)
    try:
        yield runtime, county
    finally:
        runtime.sessions.engine.dispose()


def _tick(runtime: Runtime, then: datetime) -> int:
    with time_machine.travel(then, tick=False):
        return jobs.send_reminders(runtime, jobs.Work(Event()))


# --- who owes what -----------------------------------------------------------------------------


def _fill(db: Session, county: County, dice: Random, assignments: int, people: int) -> None:
    units = []
    for number in range(people // A_UNIT):
        unit = Unit(key=f"u{number}", name=f"单位{number}", aliases=[])
        db.add(unit)
        db.flush()
        county.units[unit.key] = unit.id
        add_person(db, county, f"liaison{number}", unit.key, Role.LIAISON)
        add_person(db, county, f"head{number}", unit.key, Role.HEAD)
        units.append(unit.id)
    rows = [_row(county, dice, dice.choice(units)) for _ in range(assignments)]
    ids = db.scalars(insert(Assignment).returning(Assignment.id), rows).all()
    dated = list(zip(ids, rows, strict=True))
    db.execute(insert(DueRevision), [_revision(each, row) for each, row in dated])
    for each, row in dated:
        if row["state"] == "submitted":
            db.add(_round(county, dice, each))
        elif dice.random() < 0.2:
            db.add(_urge(county, dice, each))
        elif dice.random() < 0.2:
            db.add(_report(dice, each))
    db.flush()


def _day(dice: Random, first: int, last: int) -> date:
    return LAST_DAY + dice.randrange(first, last) * ONE


def _row(county: County, dice: Random, unit_id: int) -> dict[str, Any]:
    """Most are due in the time that is looked at; what is not signed for was issued in it too."""
    state = dice.choice(["in_progress"] * 7 + ["issued"] * 2 + ["submitted"])
    due_on = _day(dice, -25, 75)
    issued_on = _day(dice, -30, 35) if state == "issued" else date(2024, 3, 1)
    return {
        "task_id": county.task_id,
        "unit_id": unit_id,
        "text": "完成节能改造。",
        "part": "responsible",
        "method": "binary",
        "weight": 1,
        "state": state,
        "due_on": due_on,
        "original_due_on": due_on,
        "issued_on": issued_on,
    }


def _revision(assignment_id: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "assignment_id": assignment_id,
        "number": 0,
        "due_on": row["due_on"],
        "basis": "set",
        "on": row["issued_on"],
        "at": STARTED,
    }


def _round(county: County, dice: Random, assignment_id: int) -> Submission:
    return Submission(
        assignment_id=assignment_id,
        number=1,
        round=1,
        kind="completion",
        text="已完成。",
        by_id=county.people["edu"],
        on=_day(dice, -15, 1),
        at=STARTED,
    )


def _urge(county: County, dice: Random, assignment_id: int) -> Urge:
    on = _day(dice, -5, 30)
    return Urge(
        assignment_id=assignment_id,
        text="请报送。",
        answer_by=on + dice.randrange(8) * ONE,
        by_id=county.people["coordinator"],
        on=on,
        at=STARTED,
    )


def _report(dice: Random, assignment_id: int) -> Report:
    opened = _day(dice, -5, 20)
    due_on = opened + dice.randrange(14) * ONE
    return Report(
        assignment_id=assignment_id,
        period="2024-Q3",
        starts_on=date(2024, 7, 1),
        ends_on=opened - ONE,
        due_on=due_on,
        missing_after=due_on + 90 * ONE,
        on=opened,
        at=STARTED,
    )


# --- what came of it ---------------------------------------------------------------------------


def _crossed(county: County, gap: Gap) -> set[Place]:
    """What a diligent scheduler would have come to, but for those who hear weekly."""
    rules = county.rules
    first, last = LAST_DAY - ONE, gap.back.date()
    days = [first + number * ONE for number in range((last - first).days + 1)]
    with county.sessions.reading() as db:
        return {place for day in days for place in _crossed_on(db, day, rules)}


def _crossed_on(db: Session, day: date, rules: ReminderRules) -> Iterator[Place]:
    for subject in subjects(db, active_plan(db), day, rules):
        facts = _as_of(subject.facts, day)
        for due in reminders.due(facts, day, CALENDAR, rules):
            for each in (*due.superseded, due.occurrence):
                yield due.assignment_id, due.anchor, due.recipient_id, each.family, each.number


def _as_of(facts: reminders.Facts, day: date) -> reminders.Facts:
    """With nothing recorded, and nothing asked for that is to be asked for later."""
    answers = [each for each in facts.answers if each.since <= day]
    reports = [each for each in facts.reports if each.since <= day]
    return facts._replace(recorded={}, answers=answers, reports=reports)


def _outcome(county: County, gap: Gap, crossed: set[Place], before: int, again: int) -> Outcome:
    with county.sessions.reading() as db:
        rows = db.scalars(select(Reminder).order_by(Reminder.id)).all()
        digests = _digests(db, gap.back.date())
    by_day = [each for each in rows if each.recipient_id != county.people["leader"]]
    recorded = {_place(each) for each in by_day}
    new = [each for each in rows if each.id > before]
    return Outcome(
        crossed=len(crossed),
        sent=sum(not each.superseded for each in new),
        superseded=sum(each.superseded for each in new),
        lost=len(crossed - recorded),
        extra=len(recorded - crossed),
        backwards=_backwards(rows),
        digests=digests,
        again=again,
    )


def _place(row: Reminder) -> Place:
    return row.assignment_id, row.anchor, row.recipient_id, row.family, row.occurrence


def _backwards(rows: Sequence[Reminder]) -> int:
    """Words that came after a later one of the same matter to the same person."""
    latest: dict[tuple[int, str, int], tuple[bool, int]] = {}
    wrong = 0
    for row in rows:
        if row.superseded:
            continue
        key = row.assignment_id, row.anchor, row.recipient_id
        place = row.family == "overdue", row.occurrence
        wrong += key in latest and place <= latest[key]
        latest[key] = place
    return wrong


def _digests(db: Session, day: date) -> int:
    """The most digests of a kind that somebody got that day on one channel."""
    of_day = select(Message.recipient_id, Message.channel, Message.kind).where(Message.on == day)
    return max(Counter(tuple(row) for row in db.execute(of_day)).values(), default=0)


def _last_reminder(sessions: Sessions) -> int:
    with sessions.reading() as db:
        return db.scalar(select(func.max(Reminder.id))) or 0


def _messages(sessions: Sessions) -> int:
    with sessions.reading() as db:
        return db.scalar(select(func.count(Message.id))) or 0
