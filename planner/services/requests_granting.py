"""What a granted request does: first settled to the digit, then carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from planner.domain import lifecycle
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, InvalidTransition
from planner.domain.lifecycle import OPEN_STATES, State, Verb
from planner.domain.text import t
from planner.domain.words import Cause, Decider, DueBasis, RequestKind
from planner.models import Request
from planner.services import handover
from planner.services.changes import (
    check_later,
    check_reduced,
    cut_off_of,
    is_past_cut_off,
    open_suspension,
    reduce_amount,
    resume_now,
    suspend,
    units_before,
)
from planner.services.due_dates import set_due
from planner.services.request_forms import Decision
from planner.services.steps import MAX_DOCUMENT, Step, optional_text, parties_of

Granted = Mapping[str, Any]
"""What is granted, as it is stored: days and amounts as text."""

ENDINGS: Mapping[str, Verb] = {
    RequestKind.CANCEL: Verb.CANCEL,
    RequestKind.REASSIGN: Verb.REASSIGN,
    RequestKind.EXEMPTION: Verb.CANCEL,
}
"""The verbs that close the assignment when these are granted."""


def settle(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    """The exact parameters of what is granted.

    Raises BadInput where the decision lacks one or it breaks a rule, InvalidTransition where the
    assignment has moved on.
    """
    settled = _SETTLE[RequestKind(request.kind)](db, clock, request, decision)
    verb = _ending(request, settled)
    if verb is not None:
        handover.check(db, clock, _step(db, clock, request, verb), settled)
    elif request.assignment.state not in OPEN_STATES:
        raise InvalidTransition(t("It is closed: the request can only be refused."))
    return settled


def carry_out(db: Session, actor: Actor, clock: Clock, request: Request) -> None:
    """Do what was granted, on the authority of who decided it."""
    granted: Granted = request.granted or {}
    verb = _ending(request, granted)
    if verb is not None:
        step = _step(db, clock, request, verb)
        request.assignment.version += 1
        handover.carry_out(db, actor, clock, step, granted)
        return
    _CHANGE[RequestKind(request.kind)](db, actor, clock, request, granted)
    request.assignment.version += 1
    db.flush()


def _ending(request: Request, granted: Granted) -> Verb | None:
    kind = granted.get("end", request.kind)
    return ENDINGS.get(kind)


def _step(db: Session, clock: Clock, request: Request, verb: Verb) -> Step:
    assignment = request.assignment
    before = State(assignment.state)
    after = lifecycle.require(verb, before)
    return Step(verb, assignment, parties_of(db, assignment, clock), before, after)


def _as_asked(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    return dict(request.data)


def _reassigned(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    exact = {"due_on": decision.due_on.isoformat()} if decision.due_on else {}
    return {**request.data, **exact}


def _extended(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    due_on = decision.due_on or date.fromisoformat(request.data["due_on"])
    was = check_later(request.assignment, due_on)
    if request.decider == Decider.LEAD and is_past_cut_off(request.assignment, due_on):
        raise BadInput(
            t(
                "Only the supervisor can extend past %(day)s, the end of its year.",
                day=cut_off_of(request.assignment),
            ),
            "due_on",
        )
    return {"due_on": due_on.isoformat(), "was": was.isoformat()}


def _objected(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    reason = optional_text(decision.reason, "reason") or request.reason
    if decision.end == RequestKind.CANCEL:
        return {"end": decision.end, "reason": reason, **_paper(decision, Cause.NOT_APPLICABLE)}
    if decision.end != RequestKind.REASSIGN:
        raise BadInput(t("Say whether it goes to another unit or is cancelled."), "end")
    unit_id = decision.unit_id or request.data.get("unit_id") or 0
    if request.decider == Decider.LEAD and unit_id in units_before(request.assignment):
        raise BadInput(
            t("This unit had it before: only the supervisor can hand it back."), "unit_id"
        )
    due_on = decision.due_on.isoformat() if decision.due_on else None
    return {"end": decision.end, "reason": reason, "unit_id": unit_id, "due_on": due_on}


def _exempted(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    cause = Cause(request.cause or Cause.NOT_APPLICABLE)
    return {"reason": request.reason, **_paper(decision, cause)}


def _paper(decision: Decision, cause: Cause) -> Granted:
    return {
        "cancel_class": str(decision.cause or cause),
        "document": optional_text(decision.document, "document", MAX_DOCUMENT),
    }


def _reduced(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    amount = decision.amount
    if amount is None:
        amount = Decimal(request.data["amount"])
    was = check_reduced(request.assignment, amount)
    return {"amount": str(amount), "was": str(was)}


def _suspended(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    if open_suspension(db, request.assignment):
        raise BadInput(t("This is suspended already."))
    return {"on": request.on.isoformat()}


def _resumed(db: Session, clock: Clock, request: Request, decision: Decision) -> Granted:
    due_on, was, cause = resume_now(db, clock, request.assignment)
    return {"due_on": due_on.isoformat(), "was": was.isoformat(), "cause": cause}


_SETTLE: Mapping[RequestKind, Callable[[Session, Clock, Request, Decision], Granted]] = {
    RequestKind.CANCEL: _as_asked,
    RequestKind.REASSIGN: _reassigned,
    RequestKind.EXTENSION: _extended,
    RequestKind.OBJECTION: _objected,
    RequestKind.EXEMPTION: _exempted,
    RequestKind.REDUCTION: _reduced,
    RequestKind.SUSPENSION: _suspended,
    RequestKind.RESUMPTION: _resumed,
}


def _extend(db: Session, actor: Actor, clock: Clock, request: Request, granted: Granted) -> None:
    _move_due(db, actor, clock, request, granted, DueBasis.EXTENSION, request.cause)


def _resume(db: Session, actor: Actor, clock: Clock, request: Request, granted: Granted) -> None:
    if granted["due_on"] != granted["was"]:
        _move_due(db, actor, clock, request, granted, DueBasis.SUSPENSION, granted["cause"])


def _move_due(
    db: Session,
    actor: Actor,
    clock: Clock,
    request: Request,
    granted: Granted,
    basis: DueBasis,
    cause: str | None,
) -> None:
    set_due(
        db,
        actor,
        clock,
        request.assignment,
        date.fromisoformat(granted["due_on"]),
        basis=basis,
        reason=request.reason,
        cause=Cause(cause) if cause else None,
        request_id=request.id,
    )


def _reduce(db: Session, actor: Actor, clock: Clock, request: Request, granted: Granted) -> None:
    reduce_amount(db, actor, clock, request.assignment, Decimal(granted["amount"]), request.id)


def _suspend(db: Session, actor: Actor, clock: Clock, request: Request, granted: Granted) -> None:
    suspend(db, clock, request)


_CHANGE: Mapping[RequestKind, Callable[[Session, Actor, Clock, Request, Granted], None]] = {
    RequestKind.EXTENSION: _extend,
    RequestKind.REDUCTION: _reduce,
    RequestKind.SUSPENSION: _suspend,
    RequestKind.RESUMPTION: _resume,
}
