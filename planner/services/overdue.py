"""Which assignments are overdue, told to every list and every tile by one helper.

The rule is `services.standing`'s: the unit owes it, and working days have gone that it is
answerable for. Nearly all of it is a date in SQL; only what was returned, and is excused by the
lead's waiting or by granted rework days, is worked out by the rule itself.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.lateness import lateness
from planner.domain.lifecycle import State
from planner.models import Assignment, Submission
from planner.services.rounds import rounds_of

OWED = (State.ISSUED, State.IN_PROGRESS)
"""The unit owes something: neither handed in nor closed."""

_DAY = timedelta(days=1)


def last_past_due(clock: Clock) -> date:
    """The latest due date that is over: one on a day off runs to the next working day.

    A day off after the due date is not late yet: lateness counts working days.
    """
    calendar = clock.calendar
    return calendar.on_or_before(calendar.on_or_before(clock.today) - _DAY)


def overdue_condition(db: Session, clock: Clock) -> ColumnElement[bool]:
    """The condition on `Assignment` for what its unit owes past its due date. Two queries."""
    past = Assignment.state.in_(OWED) & (Assignment.due_on <= last_past_due(clock))
    reviewed = select(Submission.assignment_id).join(Submission.reviews)
    returned = past & Assignment.id.in_(reviewed)
    due_dates = select(Assignment.id, Assignment.due_on).where(returned)
    rounds = rounds_of(db, returned)
    excused = [
        row.id
        for row in db.execute(due_dates)
        if lateness(row.due_on, clock.today, rounds.get(row.id, ()), clock.calendar) == 0
    ]
    return past & Assignment.id.not_in(excused)
