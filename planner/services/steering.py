"""The lead agency's steering: cancel, reassign, and what the supervisor must agree to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import State, Verb
from planner.domain.text import Json
from planner.domain.words import Cause, Decider, RequestKind
from planner.models import Assignment, Request
from planner.services import askable, requests
from planner.services.changes import units_before
from planner.services.handover import carry_out, check
from planner.services.requests import Asked
from planner.services.steps import (
    MAX_DOCUMENT,
    Step,
    begin,
    optional_text,
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
    data: dict[str, Json] = {
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
    data: dict[str, Json] = {
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
    data: Mapping[str, Json],
) -> Assignment | Request:
    check(db, clock, step, data)
    askable.require(db, clock, step.verb, step.assignment)
    back_again = data.get("unit_id") in units_before(step.assignment)
    if permissions.needs_consent(step.verb, step.parties, back_again=back_again):
        return requests.make(db, actor, clock, step, _asked(step, data))
    return carry_out(db, actor, clock, step, data)


def _asked(step: Step, data: Mapping[str, Json]) -> Asked:
    return Asked(RequestKind(step.verb), Decider.ABOVE, str(data["reason"]), data=data)
