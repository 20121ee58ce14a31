"""What the score of a period counts as of today, as conditions in SQL on `Assignment`.

`domain.scores.period` says the same of items one by one.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true

from planner.domain.clock import Clock
from planner.domain.lifecycle import State
from planner.domain.scores.period import AsOf, Period
from planner.domain.words import Cause, Decision, Method
from planner.models import Assignment, DueRevision, Request, Review, Submission, Suspension, Target
from planner.services.pauses import suspended


def counted_in(period: Period, clock: Clock) -> ColumnElement[bool]:
    """What counts in the period, in its own year or carried over."""
    in_force = and_(Assignment.issued_on.is_not(None), Assignment.cancelled_on.is_(None))
    unallocated = and_(
        Assignment.method == Method.PROPORTIONAL,
        Assignment.parent_id.is_(None),
        Assignment.amount.is_(None),
        Assignment.task_id.in_(select(Target.task_id).where(Target.shared)),
    )
    return and_(in_force, ~unallocated, _belongs(AsOf.on(clock.today, period)))


def due_in(period: Period, clock: Clock) -> ColumnElement[bool]:
    """What of it counts to date."""
    return due_by(AsOf.on(clock.today, period), clock)


def due_by(asked: AsOf, clock: Clock) -> ColumnElement[bool]:
    """What of a period counts with the hand-ins up to a day."""
    if asked.is_over:
        return ~suspended()
    return and_(~suspended(), Assignment.due_on <= clock.calendar.on_or_before(asked.until))


def _belongs(asked: AsOf) -> ColumnElement[bool]:
    year, now = asked.period.year, asked.day.year
    if year is None:
        return true()
    first, last = date(year, 1, 1), date(year, 12, 31)
    own = and_(_counts_from(first), ~_counts_after(last))
    carried = and_(~_counts_from(first), ~_closed_by(asked.since)) if asked.since else false()
    waiting = {now: ~_counts_after(last)}.get(year, own if year > now else false())
    return or_(and_(~_waits(), or_(own, carried)), and_(_waits(), waiting))


def _counts_from(day: date) -> ColumnElement[bool]:
    """Its year is that day's or a later one: see `Item.year_on`."""
    return or_(Assignment.original_due_on >= day, _moved(DueRevision.due_on >= day))


def _counts_after(day: date) -> ColumnElement[bool]:
    return or_(Assignment.original_due_on > day, _moved(DueRevision.due_on > day))


def _moved(far: ColumnElement[bool]) -> ColumnElement[bool]:
    """Extended so far for a cause that is not the unit's own."""
    return exists().where(
        DueRevision.assignment_id == Assignment.id, DueRevision.cause != Cause.OWN, far
    )


def _waits() -> ColumnElement[bool]:
    """Stands still for a cause that is not the unit's own."""
    own = func.coalesce(Request.cause, "") == Cause.OWN
    lasting = exists().where(
        Suspension.assignment_id == Assignment.id,
        Suspension.ended_on.is_(None),
        Request.id == Suspension.request_id,
        ~own,
    )
    return and_(Assignment.state != State.ACCEPTED, lasting)


def _closed_by(day: date) -> ColumnElement[bool]:
    """Closed with what was handed in by that day."""
    accepted = (
        select(func.max(Submission.on))
        .join(Review, Review.submission_id == Submission.id)
        .where(Submission.assignment_id == Assignment.id, Review.decision == Decision.ACCEPT)
        .scalar_subquery()
    )
    return and_(Assignment.state == State.ACCEPTED, accepted <= day)
