"""What deciding costs: little more than reading the facts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import ORMExecuteState, Session

from bench.report import write
from planner.db import Sessions
from planner.models import Assignment, DueRevision, Reminder
from planner.services.plans import active_plan, reminder_rules
from planner.services.reminders import due_reminders
from tests.support.reminding import CALENDAR, STARTED, County, found
from tests.test_reminders import DATA

TODAY = date(2024, 11, 1)
MOST_TIMES = 3


def fill(county: County, size: int) -> None:
    """Assignments as a county has them: most are in time, one in ten is late and was told so."""
    with county.sessions.writing() as db:
        rows = [_row(county, number) for number in range(size)]
        ids = db.scalars(insert(Assignment).returning(Assignment.id), rows).all()
        revisions = [_revision(each, row["due_on"]) for each, row in zip(ids, rows, strict=True)]
        db.execute(insert(DueRevision), revisions)
        told = [
            _told(county, each, row["due_on"])
            for each, row in zip(ids, rows, strict=True)
            if row["due_on"] < TODAY + timedelta(days=30)
        ]
        db.execute(insert(Reminder), told)
        db.commit()


def _row(county: County, number: int) -> dict[str, Any]:
    return {
        "task_id": county.task_id,
        "unit_id": county.units["edu" if number % 3 else "lead"],
        "text": f"第{number}项",
        "part": "responsible",
        "method": "binary",
        "weight": 1,
        "state": "issued" if number % 50 == 0 else "in_progress",
        "due_on": TODAY + timedelta(days=number % 360 - 36),
        "issued_on": date(2024, 1, 2) if number % 50 else TODAY - timedelta(days=1),
    }


def _revision(assignment_id: int, due_on: date) -> dict[str, Any]:
    return {
        "assignment_id": assignment_id,
        "number": 0,
        "due_on": due_on,
        "basis": "set",
        "on": date(2024, 1, 2),
        "at": STARTED,
    }


def _told(county: County, assignment_id: int, due_on: date) -> dict[str, Any]:
    late = due_on < TODAY
    return {
        "assignment_id": assignment_id,
        "family": "overdue" if late else "due",
        "anchor": "due:0",
        "occurrence": 26 if late else -3,
        "recipient_id": county.people["edu"],
        "level": "red" if late else "yellow",
        "due_on": due_on,
        "on": TODAY - timedelta(days=1),
        "at": STARTED,
    }


@contextmanager
def statements(db: Session) -> Iterator[list[tuple[Any, Any]]]:
    """Every statement with its parameters that the session is asked for meanwhile."""
    seen: list[tuple[Any, Any]] = []

    def note(state: ORMExecuteState) -> None:
        seen.append((state.statement, state.parameters))

    event.listen(db, "do_orm_execute", note)
    try:
        yield seen
    finally:
        event.remove(db, "do_orm_execute", note)


def costs(county: County) -> tuple[float, float, int]:
    """Seconds to decide, seconds for the bare queries of the same facts, and what is due."""
    with county.sessions.reading() as db:
        plan = active_plan(db)
        rules = reminder_rules(db, plan)
        with statements(db) as asked:
            began = time.perf_counter()
            due = due_reminders(db, plan, TODAY, CALENDAR, rules)
            deciding = time.perf_counter() - began
    with county.sessions.reading() as db:
        began = time.perf_counter()
        for statement, parameters in asked:
            db.execute(statement, parameters).all()
        return deciding, time.perf_counter() - began, len(due)


def test_deciding_among_100_000_takes_at_most_three_times_the_bare_query(
    sessions: Sessions,
) -> None:
    """The best of three runs of each, in one process."""
    county = found(sessions, DATA)
    fill(county, 100_000)
    runs = [costs(county) for _ in range(3)]
    deciding, bare = min(run[0] for run in runs), min(run[1] for run in runs)
    assert runs[0][2] > 0
    assert deciding <= MOST_TIMES * bare
    database = sessions.engine.dialect.name
    write(
        f"deciding-{database}",
        f"Deciding what is due among 100,000 assignments, {database}",
        "make bench",
        [
            f"{deciding:.2f} s to decide, {bare:.2f} s for the bare queries of the same facts:",
            f"{deciding / bare:.2f} times as long (at most {MOST_TIMES}); {runs[0][2]} are due.",
        ],
    )
