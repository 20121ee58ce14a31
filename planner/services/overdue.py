"""Which assignments are overdue, told to every list and every tile by one helper.

The rule is `services.standing`'s: the unit owes it, and working days have gone that it is
answerable for. Nearly all of it is a date in SQL; only what was returned or asked for, and is
excused by the lead's waiting, by granted rework days or by a request made in time, is worked out
by the rule itself.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.lateness import lateness
from planner.domain.lifecycle import State
from planner.models import Assignment, Submission
from planner.services.pauses import ever_asked, pauses_of, suspended
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
    """The condition on `Assignment` for what its unit owes past its due date.

    A fixed number of queries; what is suspended is never overdue.
    """
    past = Assignment.state.in_(OWED) & (Assignment.due_on <= last_past_due(clock)) & ~suspended()
    reviewed = select(Submission.assignment_id).join(Submission.reviews)
    perhaps = past & or_(Assignment.id.in_(reviewed), ever_asked())
    due_dates = select(Assignment.id, Assignment.due_on).where(perhaps)
    rounds, pauses = rounds_of(db, perhaps), pauses_of(db, perhaps, clock.today)
    excused = [
        row.id
        for row in db.execute(due_dates)
        if not lateness(
            row.due_on,
            clock.today,
            rounds.get(row.id, ()),
            clock.calendar,
            *pauses.get(row.id, ()),
        )
    ]
    return past & Assignment.id.not_in(excused)
