"""What waits while a request is open, and what may be asked for now: one word on why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import Verb
from planner.domain.request_rules import APPEAL_WITHIN, OBJECT_WITHIN, is_within
from planner.domain.text import Text, t
from planner.domain.words import Outcome, RequestKind
from planner.models import Assignment, Request
from planner.services.changes import due_of, is_in_time

Refusal = Callable[[Session, Clock, Assignment], Text | None]


def require(db: Session, clock: Clock, verb: Verb, assignment: Assignment) -> None:
    """Raises BadInput where this verb has to wait, or its time has passed."""
    reason = refusal(db, clock, verb, assignment)
    if reason is not None:
        raise BadInput(reason)


def refusal(db: Session, clock: Clock, verb: Verb, assignment: Assignment) -> Text | None:
    """Why this cannot be done or asked for now, whatever the form says; nothing where it can."""
    if verb not in _REFUSALS:
        return None
    if open_request(db, assignment):
        return t("A request on this is still open: it must be decided or taken back first.")
    return _REFUSALS[verb](db, clock, assignment)


def open_request(db: Session, assignment: Assignment) -> Request | None:
    """The request on it that is not decided yet; there is at most one."""
    return db.scalar(
        select(Request).where(Request.assignment_id == assignment.id, Request.outcome.is_(None))
    )


def refused_objection(db: Session, assignment: Assignment) -> Request | None:
    """The latest objection to it, or appeal, that was refused."""
    return db.scalar(
        select(Request)
        .where(
            Request.assignment_id == assignment.id,
            Request.kind == RequestKind.OBJECTION,
            Request.outcome == Outcome.REFUSED,
        )
        .order_by(Request.id.desc())
        .limit(1)
    )


def _nothing(_db: Session, _clock: Clock, _assignment: Assignment) -> Text | None:
    return None


def _extension(db: Session, clock: Clock, assignment: Assignment) -> Text | None:
    if is_in_time(db, assignment, clock):
        return None
    return t(
        "More time can be asked for up to the due date; it was due on %(day)s.",
        day=clock.calendar.on_or_after(due_of(assignment)),
    )


def _objection(db: Session, clock: Clock, assignment: Assignment) -> Text | None:
    if refused_objection(db, assignment):
        return t("The objection was refused before; what is left is the appeal.")
    issued_on = assignment.issued_on or clock.today
    if is_within(OBJECT_WITHIN, issued_on, clock.today, clock.calendar):
        return None
    return t("An objection is possible within %(days)s working days of issue.", days=OBJECT_WITHIN)


def _appeal(db: Session, clock: Clock, assignment: Assignment) -> Text | None:
    refused = refused_objection(db, assignment)
    if refused is None or refused.decided_on is None:
        return t("There is no refused objection to appeal against.")
    if refused.appeals_id is not None:
        return t("The appeal was decided: that is final.")
    if not is_within(APPEAL_WITHIN, refused.decided_on, clock.today, clock.calendar):
        return t(
            "An appeal is possible within %(days)s working days of the refusal.",
            days=APPEAL_WITHIN,
        )
    if db.scalar(select(Request.id).where(Request.appeals_id == refused.id)):
        return t("There was an appeal before; it was taken back.")
    return None


_REFUSALS: Mapping[Verb, Refusal] = {
    Verb.ASK_EXTENSION: _extension,
    Verb.OBJECT: _objection,
    Verb.APPEAL: _appeal,
    Verb.ASK_ADJUSTMENT: _nothing,
    Verb.EXTEND: _nothing,
    Verb.RESUME: _nothing,
    Verb.CANCEL: _nothing,
    Verb.REASSIGN: _nothing,
}
"""The verbs that wait while a request is open, and why else they may have to."""
