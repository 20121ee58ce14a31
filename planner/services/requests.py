"""Requests and decisions, one mechanism: make, take back, decide, find them (申请, 审批)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain import permissions
from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, Stale
from planner.domain.lifecycle import Verb
from planner.domain.text import Json, t
from planner.domain.words import Cause, Decider, Outcome, RequestKind, SubmissionKind
from planner.models import Assignment, JournalEntry, Request, Submission, Task, User
from planner.services import evidence, messages, requests_granting
from planner.services.askable import open_request
from planner.services.evidence import EvidenceForm
from planner.services.pauses import IN_TIME
from planner.services.request_forms import Decision
from planner.services.requests_words import asked_words, decided_words
from planner.services.scope import load_assignment, visible_assignments
from planner.services.steps import (
    Step,
    begin,
    finish,
    optional_text,
    parties_of,
    person_id,
    required_text,
)

_NONE_OPEN = t("There is no open request here.")


@dataclass(frozen=True)
class Asked:
    """A request to be made: what, which office decides it, and what it holds.

    `in_time`: while it is open, nothing gets later.
    """

    kind: RequestKind
    decider: Decider
    reason: str
    cause: Cause | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    in_time: bool = False
    appeals_id: int | None = None
    signed_by_id: int | None = None


def make(
    db: Session,
    actor: Actor,
    clock: Clock,
    step: Step,
    asked: Asked,
    proof: EvidenceForm | None = None,
) -> Request:
    """Store a request with its proof, and tell those who decide. The step is finished."""
    request, entry = store(db, actor, clock, step, asked, proof)
    tell_deciders(db, clock, entry, step, request)
    return request


def tell_deciders(
    db: Session, clock: Clock, entry: JournalEntry, step: Step, request: Request
) -> None:
    """Tell those who decide that something waits for them."""
    text = t(
        "Waiting for your decision: %(what)s. %(text)s",
        what=asked_words(request),
        text=step.assignment.text,
    )
    messages.tell(db, clock, entry, deciders(db, request, step), text, step.assignment)


def store(
    db: Session,
    actor: Actor,
    clock: Clock,
    step: Step,
    asked: Asked,
    proof: EvidenceForm | None = None,
) -> tuple[Request, JournalEntry]:
    """Store a request with its proof, and tell nobody yet. The step is finished."""
    request = Request(
        assignment_id=step.assignment.id,
        kind=asked.kind,
        cause=asked.cause,
        decider=asked.decider,
        reason=asked.reason,
        data={**asked.data, IN_TIME: True} if asked.in_time else dict(asked.data),
        appeals_id=asked.appeals_id,
        signed_by_id=asked.signed_by_id,
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(request)
    db.flush()
    evidence.attach(db, actor, request, proof or EvidenceForm())
    unchanged = Step(step.verb, step.assignment, step.parties, step.before, step.before)
    entry = finish(
        db, actor, clock, unchanged, request_id=request.id, asked=True, decider=request.decider
    )
    return request, entry


def deciders(db: Session, request: Request, step: Step) -> Sequence[User]:
    """The people of the office that the request lies with."""
    if request.decider == Decider.LEAD:
        return messages.deciding_side(db, step.assignment)
    return messages.people(db, None, Role.SUPERVISOR)


def take_back(db: Session, actor: Actor, clock: Clock, assignment_id: int) -> Request:
    """Take back what one asked for oneself, while it is open."""
    step = begin(db, actor, clock, Verb.TAKE_BACK, assignment_id)
    request = _claimed(db, step)
    if request.by_id != actor.user_id:
        raise Stale(t("Somebody acted on this since you opened it. Nothing of yours is lost."))
    _close(request, actor, clock, Outcome.TAKEN_BACK)
    entry = finish(db, actor, clock, step, request_id=request.id)
    text = t("Taken back: %(what)s. %(text)s", what=asked_words(request), text=step.assignment.text)
    messages.tell(db, clock, entry, deciders(db, request, step), text, step.assignment)
    return request


def decide(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, decision: Decision
) -> Request:
    """Grant or refuse what was asked for; what is granted takes effect at once.

    Raises BadInput if nothing is open or the decision lacks something, Stale if another request
    than the one decided on is open, InvalidTransition if it cannot be carried out any more.
    """
    _require_open(db, actor, assignment_id)
    step = begin(db, actor, clock, Verb.DECIDE_REQUEST, assignment_id)
    request = _claimed(db, step)
    if decision.request_id not in (None, request.id):
        raise Stale(t("Somebody acted on this since you opened it. Nothing of yours is lost."))
    permissions.require(actor, Verb.DECIDE_REQUEST, parties_of(db, step.assignment, clock))
    if decision.grant:
        return _grant(db, actor, clock, step, request, decision)
    reason = required_text(decision.reason, "reason")
    _close(request, actor, clock, Outcome.REFUSED, reason)
    _tell_decided(db, actor, clock, step, request)
    return request


def _require_open(db: Session, actor: Actor, assignment_id: int) -> None:
    """Who decides elsewhere hears that it is decided already, and not that it is not theirs."""
    deciding = actor.has(Role.COORDINATOR, Role.SUPERVISOR)
    if deciding and open_request(db, load_assignment(db, actor, assignment_id)) is None:
        raise BadInput(_NONE_OPEN)


def _grant(
    db: Session, actor: Actor, clock: Clock, step: Step, request: Request, decision: Decision
) -> Request:
    reason = optional_text(decision.reason, "reason")
    granted = requests_granting.settle(db, clock, request, decision)
    _close(request, actor, clock, Outcome.GRANTED, reason)
    request.granted = dict(granted)
    _tell_decided(db, actor, clock, step, request)
    requests_granting.carry_out(db, actor, clock, request)
    return request


def _claimed(db: Session, step: Step) -> Request:
    request = open_request(db, step.assignment)
    if request is None:
        raise BadInput(_NONE_OPEN)
    return request


def _close(
    request: Request, actor: Actor, clock: Clock, outcome: Outcome, reason: str | None = None
) -> None:
    request.outcome = outcome
    request.decided_by_id = person_id(actor)
    request.decided_on, request.decided_at = clock.today, clock.now
    request.decision_reason = reason


def _tell_decided(db: Session, actor: Actor, clock: Clock, step: Step, request: Request) -> None:
    """The journal, and a word to who asked; of what a unit is granted all its people hear."""
    entry = finish(
        db,
        actor,
        clock,
        step,
        request_id=request.id,
        granted=request.outcome == Outcome.GRANTED,
        reason=request.decision_reason,
    )
    people = {request.by.id: request.by}
    if request.kind not in (RequestKind.CANCEL, RequestKind.REASSIGN):
        people |= {each.id: each for each in messages.unit_side(db, step.assignment)}
    text = t("%(what)s: %(text)s", what=decided_words(request), text=step.assignment.text)
    messages.tell(db, clock, entry, people.values(), text, step.assignment)


def requests_of(db: Session, assignment: Assignment) -> Sequence[Request]:
    """All requests on it with their people and proof, newest first."""
    return db.scalars(
        select(Request)
        .where(Request.assignment_id == assignment.id)
        .options(
            joinedload(Request.by),
            joinedload(Request.signed_by),
            joinedload(Request.decided_by),
            selectinload(Request.evidence),
        )
        .order_by(Request.id.desc())
    ).all()


def requests_waiting(actor: Actor) -> Select[Request]:
    """The open requests that this person decides, the oldest first; as `permissions` says."""
    return (
        select(Request)
        .join(Request.assignment)
        .join(Assignment.task)
        .where(Request.outcome.is_(None), visible_assignments(actor), decided_by(actor))
        .options(
            joinedload(Request.assignment).joinedload(Assignment.task),
            joinedload(Request.assignment).joinedload(Assignment.unit),
            joinedload(Request.by),
        )
        .order_by(Request.on, Request.id)
    )


def decided_by(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Request`, its `Assignment` and `Task` for what this person decides."""
    lead_owes = Assignment.unit_id == Task.lead_unit_id
    at_lead = Request.decider == Decider.LEAD
    ways: list[ColumnElement[bool]] = []
    if actor.has(Role.COORDINATOR) and actor.unit_id is not None:
        ways.append(and_(at_lead, ~lead_owes, Task.lead_unit_id == actor.unit_id))
    if actor.has(Role.SUPERVISOR):
        foreign = and_(_is_foreign(actor), ~_handed_in_by(actor))
        ways.append(and_(or_(~at_lead, lead_owes), foreign))
    return and_(or_(false(), *ways), Request.by_id != actor.user_id)


def _is_foreign(actor: Actor) -> ColumnElement[bool]:
    if actor.unit_id is None:
        return ~false()
    others = Assignment.unit_id.is_(None) | (Assignment.unit_id != actor.unit_id)
    return and_(Task.lead_unit_id != actor.unit_id, others)


def _handed_in_by(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        Submission.assignment_id == Assignment.id,
        Submission.kind == SubmissionKind.COMPLETION,
        Submission.withdrawn_on.is_(None),
        Submission.by_id == actor.user_id,
    )
