"""What has gone on for so many working days, as conditions on `Assignment`: late, asked, waiting.

The weekly digest counts by these, and the task list shows what was counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.lateness import lateness
from planner.domain.lifecycle import OPEN_STATES, State
from planner.models import Assignment, Request, Urge
from planner.services.overdue import overdue_condition
from planner.services.pauses import pauses_of
from planner.services.reminder_facts import unanswered
from planner.services.rounds import rounds_of


def days_late(db: Session, clock: Clock) -> Mapping[int, int]:
    """How many working days each overdue assignment is late. A fixed number of queries."""
    overdue = overdue_condition(db, clock)
    rounds, pauses = rounds_of(db, overdue), pauses_of(db, overdue, clock.today)
    return {
        row.id: lateness(
            row.due_on,
            clock.today,
            rounds.get(row.id, ()),
            clock.calendar,
            *pauses.get(row.id, ()),
        )
        for row in db.execute(select(Assignment.id, Assignment.due_on).where(overdue))
    }


def late_for(db: Session, clock: Clock, days: int) -> ColumnElement[bool]:
    """Overdue by at least so many working days."""
    return Assignment.id.in_([each for each, late in days_late(db, clock).items() if late >= days])


def asked_for(db: Session, clock: Clock, days: int) -> ColumnElement[bool]:
    """A request on it has been open for at least so many working days."""
    query = select(Request.assignment_id, Request.on).where(Request.outcome.is_(None))
    waited = [
        row.assignment_id
        for row in db.execute(query)
        if clock.calendar.count(row.on, clock.today) >= days
    ]
    return Assignment.id.in_(waited)


def handed_in_for(db: Session, clock: Clock, days: int) -> ColumnElement[bool]:
    """Its round has waited for review for at least so many working days."""
    submitted = Assignment.state == State.SUBMITTED
    waited = [
        assignment_id
        for assignment_id, rounds in rounds_of(db, submitted).items()
        if clock.calendar.count(rounds[-1].handed_in_on, clock.today) >= days
    ]
    return Assignment.id.in_(waited) & submitted


def urged_in_vain(clock: Clock) -> ColumnElement[bool]:
    """An urge on it has no answer, and its answer-by date is over."""
    last = clock.calendar.on_or_before(clock.today)
    silent = select(Urge.assignment_id).where(unanswered(), Urge.answer_by < last)
    return Assignment.id.in_(silent) & Assignment.state.in_(OPEN_STATES)
