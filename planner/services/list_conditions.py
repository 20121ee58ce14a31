"""What the filters of the task list mean, as conditions in SQL on `Assignment` and its task."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.lifecycle import OPEN_STATES, State
from planner.domain.words import Decider, Decision, SubmissionKind
from planner.models import (
    Assignment,
    Report,
    Request,
    Review,
    Submission,
    Task,
    UnitGroupMember,
    UntrueFinding,
)
from planner.services.overdue import last_past_due
from planner.services.scope import family

NOT_CLOSED = (State.DRAFT, State.ISSUED, State.IN_PROGRESS, State.SUBMITTED)


def whose_is(whose: str, actor: Actor) -> ColumnElement[bool]:
    """`own`: the actor's unit owes it; `family`: or a unit below it; `led`: it leads the task."""
    if actor.unit_id is None:
        return false()
    match whose:
        case "own":
            return Assignment.unit_id == actor.unit_id
        case "family":
            return Assignment.unit_id.in_(family(actor.unit_id))
        case _:
            return Task.lead_unit_id == actor.unit_id


def in_year(year: int) -> ColumnElement[bool]:
    """A node of that year, or a row that is due in it."""
    due_then = Assignment.due_on.between(date(year, 1, 1), date(year, 12, 31))
    return or_(Assignment.year == year, and_(Assignment.year.is_(None), due_then))


def accepted_in(year: int) -> ColumnElement[bool]:
    """Accepted in that year."""
    then = Assignment.accepted_on.between(date(year, 1, 1), date(year, 12, 31))
    return and_(Assignment.state == State.ACCEPTED, then)


def accepted_since(day: date) -> ColumnElement[bool]:
    """Accepted on that day or later."""
    return and_(Assignment.state == State.ACCEPTED, Assignment.accepted_on >= day)


def draft_is(kind: str) -> ColumnElement[bool]:
    """Drafts by what they lack: nothing, a unit, or the members of their group."""
    draft = Assignment.state == State.DRAFT
    match kind:
        case "ready":
            return and_(draft, Assignment.unit_id.is_not(None), Assignment.due_on.is_not(None))
        case "no-unit":
            return and_(draft, Assignment.unit_id.is_(None), Assignment.group_id.is_(None))
        case _:
            members = select(UnitGroupMember.group_id)
            lacking = Assignment.group_id.not_in(members)
            return and_(draft, Assignment.group_id.is_not(None), lacking)


def undivided_in(year: int) -> ColumnElement[bool]:
    """Open rows of a unit that still lack a node for that year; with 0, that have no node at all.

    What falls due in the year itself needs no node for it.
    """
    node = aliased(Assignment)
    mine = and_(node.parent_id == Assignment.id, node.state != State.CANCELLED)
    has_node = exists().where(mine, node.year == year) if year else exists().where(mine)
    row = and_(
        Assignment.parent_id.is_(None),
        Assignment.unit_id.is_not(None),
        Assignment.state.in_(NOT_CLOSED),
        ~has_node,
    )
    return and_(row, Assignment.due_on > date(year, 12, 31)) if year else row


def returned() -> ColumnElement[bool]:
    """In progress again because its latest round was returned."""
    last = (
        select(func.max(Submission.number))
        .where(
            Submission.assignment_id == Assignment.id,
            Submission.kind == SubmissionKind.COMPLETION,
            Submission.withdrawn_on.is_(None),
        )
        .correlate(Assignment)
        .scalar_subquery()
    )
    sent_back = exists().where(
        Submission.assignment_id == Assignment.id,
        Submission.number == last,
        Review.submission_id == Submission.id,
        Review.decision == Decision.RETURN,
    )
    return and_(Assignment.state == State.IN_PROGRESS, sent_back)


def awaits_decision_of(actor: Actor) -> ColumnElement[bool]:
    """Handed in, and this person decides on it (`domain.permissions`, accept)."""
    lead_owes = Assignment.unit_id == Task.lead_unit_id
    ways = []
    if actor.has(Role.COORDINATOR) and actor.unit_id is not None:
        ways.append(and_(Task.lead_unit_id == actor.unit_id, ~lead_owes))
    if actor.has(Role.SUPERVISOR):
        foreign = Assignment.unit_id != actor.unit_id if actor.unit_id is not None else lead_owes
        ways.append(and_(lead_owes, foreign))
    mine = aliased(Submission)
    handed_in_by_them = exists().where(
        mine.assignment_id == Assignment.id,
        mine.kind == SubmissionKind.COMPLETION,
        mine.withdrawn_on.is_(None),
        mine.by_id == actor.user_id,
    )
    return and_(Assignment.state == State.SUBMITTED, or_(false(), *ways), ~handed_in_by_them)


def asks_consent() -> ColumnElement[bool]:
    """A request on it waits for the supervisor."""
    return exists().where(
        Request.assignment_id == Assignment.id,
        Request.outcome.is_(None),
        Request.decider == Decider.ABOVE,
    )


def found_untrue() -> ColumnElement[bool]:
    """Evidence of it was found untrue, and that stands."""
    return exists().where(
        UntrueFinding.assignment_id == Assignment.id, UntrueFinding.revoked_on.is_(None)
    )


def owes_report(which: str, clock: Clock) -> ColumnElement[bool]:
    """Has yet to hand a periodic report in: any that is open, or one past its due day."""
    open_ones = select(Report.assignment_id).where(Report.submission_id.is_(None))
    if which == "overdue":
        open_ones = open_ones.where(Report.due_on <= last_past_due(clock))
    return and_(Assignment.state.in_(OPEN_STATES), Assignment.id.in_(open_ones))
