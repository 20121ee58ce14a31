"""What nobody signed for or objected to in time counts as signed (逾期未签收视为签收)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from planner.domain.actor import SYSTEM
from planner.domain.clock import Clock
from planner.domain.errors import InvalidTransition, Stale
from planner.domain.lifecycle import State, Verb
from planner.domain.request_rules import DISPUTES, counts_as_signed
from planner.domain.text import t
from planner.models import Assignment, Request, Suspension
from planner.services.pauses import suspended
from planner.services.steps import begin, finish, tell_unit

_DAY = timedelta(days=1)


def unanswered(db: Session, clock: Clock, only: int | None = None) -> list[int]:
    """What counts as signed from today on, since its unit left it unanswered; of one where named.

    The unit has 5 whole working days from the issue, and as many afresh from the decision on its
    objection and from the end of a suspension. While it is disputed or suspended nothing counts.
    """
    candidates = (
        select(Assignment.id, Assignment.issued_on)
        .where(
            Assignment.state == State.ISSUED,
            Assignment.issued_on < clock.today - _DAY,
            ~suspended(),
            Assignment.id.not_in(_disputed()),
        )
        .order_by(Assignment.id)
    )
    if only is not None:
        candidates = candidates.where(Assignment.id == only)
    since = _restarted(db, only)
    return [
        assignment_id
        for assignment_id, issued_on in db.execute(candidates)
        if _is_due(issued_on, since.get(assignment_id), clock)
    ]


def sign(db: Session, clock: Clock, assignment_id: int) -> bool:
    """Sign one of them on the system's account; False if somebody acted on it meanwhile."""
    if not unanswered(db, clock, assignment_id):
        return False
    try:
        step = begin(db, SYSTEM, clock, Verb.ACKNOWLEDGE, assignment_id)
    except (Stale, InvalidTransition):
        return False
    step.assignment.acknowledged_on = clock.today
    step.assignment.deemed_signed = True
    entry = finish(db, SYSTEM, clock, step, deemed=True)
    text = t("Counts as signed for, since nobody answered: %(text)s", text=step.assignment.text)
    tell_unit(db, clock, entry, step, text)
    return True


def _is_due(issued_on: date | None, restarted_on: date | None, clock: Clock) -> bool:
    days = [day for day in (issued_on, restarted_on) if day is not None]
    return bool(days) and counts_as_signed(max(days), clock.today, clock.calendar)


def _disputed() -> Select[int]:
    return select(Request.assignment_id).where(
        Request.outcome.is_(None), Request.kind.in_(DISPUTES)
    )


def _restarted(db: Session, only: int | None) -> Mapping[int, date]:
    """The day from which the count runs afresh, where that is not the day of issue."""
    decided = (
        select(Request.assignment_id, func.max(Request.decided_on))
        .where(Request.decided_on.is_not(None), Request.kind.in_(DISPUTES))
        .group_by(Request.assignment_id)
    )
    ended = (
        select(Suspension.assignment_id, func.max(Suspension.ended_on))
        .where(Suspension.ended_on.is_not(None))
        .group_by(Suspension.assignment_id)
    )
    if only is not None:
        decided = decided.where(Request.assignment_id == only)
        ended = ended.where(Suspension.assignment_id == only)
    since: dict[int, date] = {}
    for query in (decided, ended):
        for assignment_id, day in db.execute(query):
            if day is not None:
                since[assignment_id] = max(day, since.get(assignment_id, day))
    return since
