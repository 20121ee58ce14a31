"""The lead agency's steering: cancel, reassign, and what the supervisor must agree to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain import lifecycle, permissions
from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State, Verb
from planner.domain.text import t
from planner.domain.words import Cause, Decider
from planner.models import Assignment, Request
from planner.services import messages
from planner.services.handover import carry_out, check
from planner.services.steps import (
    MAX_DOCUMENT,
    Step,
    begin,
    finish,
    optional_text,
    parties_of,
    person_id,
    required_text,
)


@dataclass(frozen=True)
class CancelForm:
    """Why an assignment leaves the plan, and on which paper; a draft needs only a reason."""

    reason: str
    cancel_class: Cause = Cause.NOT_APPLICABLE
    document: str = ""


@dataclass(frozen=True)
class ReassignForm:
    """Who is responsible from now on, and until when."""

    unit_id: int
    reason: str
    due_on: date | None


def cancel(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: CancelForm,
    seen: int | None = None,
) -> Assignment | Request:
    """Take an assignment out of the plan (终止).

    A draft, which was never issued, is discarded with a reason alone. After the due date of what
    was issued the supervisor must agree: then a request is made and returned instead.
    """
    step = begin(db, actor, clock, Verb.CANCEL, assignment_id, seen)
    draft = step.before is State.DRAFT
    read_document = optional_text if draft else required_text
    data = {
        "reason": required_text(form.reason, "reason"),
        "cancel_class": str(Cause.NOT_APPLICABLE if draft else form.cancel_class),
        "document": read_document(form.document, "document", MAX_DOCUMENT),
    }
    return _do_or_ask(db, actor, clock, step, data)


def reassign(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ReassignForm,
    seen: int | None = None,
) -> Assignment | Request:
    """Close an assignment and issue a new one to another unit (调整责任单位).

    Lateness and evidence stay with the old one. After the due date, or back to a unit that had it
    before, the supervisor must agree: then a request is made and returned instead.
    """
    step = begin(db, actor, clock, Verb.REASSIGN, assignment_id, seen)
    data = {
        "reason": required_text(form.reason, "reason"),
        "unit_id": form.unit_id,
        "due_on": form.due_on.isoformat() if form.due_on else None,
    }
    return _do_or_ask(db, actor, clock, step, data)


def _do_or_ask(
    db: Session,
    actor: Actor,
    clock: Clock,
    step: Step,
    data: Mapping[str, object],
) -> Assignment | Request:
    check(db, clock, step, data)
    if _open_request(db, step.assignment):
        raise BadInput(t("A request on this waits for the supervisor's decision."))
    back_again = data.get("unit_id") in _units_before(step.assignment)
    if permissions.needs_consent(step.verb, step.parties, back_again=back_again):
        return _ask(db, actor, clock, step, data)
    return carry_out(db, actor, clock, step, data)


def _units_before(assignment: Assignment) -> set[int | None]:
    """The units that had it before the present one."""
    before = set()
    while assignment.replaces is not None:
        assignment = assignment.replaces
        before.add(assignment.unit_id)
    return before


def _open_request(db: Session, assignment: Assignment) -> Request | None:
    return db.scalar(
        select(Request).where(Request.assignment_id == assignment.id, Request.outcome.is_(None))
    )


def _ask(
    db: Session, actor: Actor, clock: Clock, step: Step, data: Mapping[str, object]
) -> Request:
    request = Request(
        assignment_id=step.assignment.id,
        kind=step.verb,
        decider=Decider.ABOVE,
        reason=data["reason"],
        data=dict(data),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(request)
    db.flush()
    unchanged = Step(step.verb, step.assignment, step.parties, step.before, step.before)
    entry = finish(db, actor, clock, unchanged, request_id=request.id, asked=True)
    messages.tell(
        db,
        clock,
        entry,
        messages.people(db, None, Role.SUPERVISOR),
        t("Waiting for your consent: %(text)s", text=step.assignment.text),
        step.assignment,
    )
    return request


def decide_request(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    grant: bool,
    reason: str | None,
) -> Request:
    """Agree to or refuse what the coordinator asked for; agreeing carries it out at once."""
    step = begin(db, actor, clock, Verb.DECIDE_REQUEST, assignment_id)
    request = _open_request(db, step.assignment)
    if request is None:
        raise BadInput(t("There is no open request here."))
    request.outcome = "granted" if grant else "refused"
    request.decided_by_id, request.decided_on = person_id(actor), clock.today
    request.decided_at = clock.now
    request.decision_reason = (
        optional_text(reason, "reason") if grant else required_text(reason, "reason")
    )
    entry = finish(db, actor, clock, step, request_id=request.id, granted=grant, reason=reason)
    messages.tell(
        db,
        clock,
        entry,
        [request.by],
        t("Your request was granted.") if grant else t("Your request was refused."),
        step.assignment,
    )
    if grant:
        _grant(db, actor, clock, request)
    return request


def _grant(db: Session, actor: Actor, clock: Clock, request: Request) -> None:
    """Carry out the granted verb on the supervisor's authority."""
    assignment = request.assignment
    verb = Verb(request.kind)
    parties = parties_of(db, assignment, clock)
    before = State(assignment.state)
    step = Step(verb, assignment, parties, before, lifecycle.require(verb, before))
    assignment.version += 1
    check(db, clock, step, request.data)
    carry_out(db, actor, clock, step, request.data)
