"""What a unit asks for: more time, another unit, less, a pause, nothing at all.

`signed_by_id` is everywhere the head who signed it, where the unit's head has to.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import Verb
from planner.domain.request_rules import (
    ADJUSTMENTS,
    CAUSES,
    decider_of,
    goes_above,
)
from planner.domain.text import Json, t
from planner.domain.words import Cause, Decider, RequestKind
from planner.models import Assignment, Request, Unit
from planner.services import askable, signatures
from planner.services.changes import (
    check_later,
    check_reduced,
    extensions,
    is_in_time,
    is_past_cut_off,
    open_suspension,
)
from planner.services.request_forms import AdjustmentForm, ExtensionForm, ObjectionForm
from planner.services.requests import Asked, make
from planner.services.steps import begin, required_text


def ask_extension(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ExtensionForm,
    signed_by_id: int | None = None,
) -> Request:
    """Ask for a later due date (申请延期), up to and on the one in effect."""
    step = begin(db, actor, clock, Verb.ASK_EXTENSION, assignment_id)
    assignment = step.assignment
    signatures.check(db, actor, step, signed_by_id)
    askable.require(db, clock, step.verb, assignment)
    cause = check_cause(form.cause)
    due_on, was = form.due_on, check_later(assignment, form.due_on)
    if due_on is None:
        raise BadInput(t("Please give a due date."), "due_on")
    past = is_past_cut_off(assignment, due_on)
    above = goes_above(step.parties, extensions(db, assignment), past)
    asked = Asked(
        RequestKind.EXTENSION,
        Decider.ABOVE if above else Decider.LEAD,
        required_text(form.reason, "reason"),
        cause,
        {"due_on": due_on.isoformat(), "was": was.isoformat()},
        in_time=True,
        signed_by_id=signed_by_id,
    )
    return make(db, actor, clock, step, asked, form.evidence)


def check_cause(cause: Cause | None) -> Cause:
    """The class of a reason for more time. Raises BadInput for any other."""
    if cause not in CAUSES:
        raise BadInput(t("Please choose the class of the reason."), "cause")
    return cause


def object_(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ObjectionForm,
    signed_by_id: int | None = None,
) -> Request:
    """Say that the assignment is not this unit's (提出异议), soon after it was issued."""
    step = begin(db, actor, clock, Verb.OBJECT, assignment_id)
    assignment = step.assignment
    signatures.check(db, actor, step, signed_by_id)
    askable.require(db, clock, step.verb, assignment)
    decider = decider_of(RequestKind.OBJECTION, step.parties)
    asked = _objection(db, assignment, form, decider, signed_by_id)
    return make(db, actor, clock, step, asked, form.evidence)


def appeal(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ObjectionForm,
    signed_by_id: int | None = None,
) -> Request:
    """Take a refused objection to the supervisor, once."""
    step = begin(db, actor, clock, Verb.APPEAL, assignment_id)
    assignment = step.assignment
    signatures.check(db, actor, step, signed_by_id)
    askable.require(db, clock, step.verb, assignment)
    refused = askable.refused_objection(db, assignment)
    asked = _objection(db, assignment, form, Decider.ABOVE, signed_by_id)
    appealed = replace(asked, appeals_id=refused.id if refused else None)
    return make(db, actor, clock, step, appealed, form.evidence)


def _objection(
    db: Session,
    assignment: Assignment,
    form: ObjectionForm,
    decider: Decider,
    signed_by_id: int | None,
) -> Asked:
    return Asked(
        RequestKind.OBJECTION,
        decider,
        required_text(form.reason, "reason"),
        data=_proposed(db, assignment, form),
        in_time=True,
        signed_by_id=signed_by_id,
    )


def _proposed(db: Session, assignment: Assignment, form: ObjectionForm) -> dict[str, Json]:
    if form.unit_id is None:
        return {}
    unit = db.get(Unit, form.unit_id)
    if unit is None or not unit.active or unit.id == assignment.unit_id:
        raise BadInput(t("There is no such unit."), "unit_id")
    return {"unit_id": unit.id}


def ask_adjustment(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: AdjustmentForm,
    signed_by_id: int | None = None,
) -> Request:
    """Ask for less, for a pause or its end, or to be freed of it (申请调整).

    Up to the due date; after it only for force majeure. The end of a pause at any time.
    """
    step = begin(db, actor, clock, Verb.ASK_ADJUSTMENT, assignment_id)
    signatures.check(db, actor, step, signed_by_id)
    askable.require(db, clock, step.verb, step.assignment)
    in_time = is_in_time(db, step.assignment, clock)
    data = _adjusted(db, step.assignment, form)
    asked = Asked(
        form.kind,
        decider_of(form.kind, step.parties),
        required_text(form.reason, "reason"),
        _cause_of(form, in_time),
        data,
        in_time=in_time,
        signed_by_id=signed_by_id,
    )
    return make(db, actor, clock, step, asked, form.evidence)


def _cause_of(form: AdjustmentForm, in_time: bool) -> Cause | None:
    if form.kind == RequestKind.RESUMPTION:
        return form.cause
    if form.cause is None:
        raise BadInput(t("Please choose the class of the reason."), "cause")
    if not in_time and form.cause is not Cause.FORCE_MAJEURE:
        raise BadInput(
            t("After the due date an adjustment is possible only for force majeure."), "cause"
        )
    return form.cause


def _adjusted(db: Session, assignment: Assignment, form: AdjustmentForm) -> dict[str, Json]:
    """What the request holds. Raises BadInput where there is nothing to adjust."""
    if form.kind not in ADJUSTMENTS:
        raise BadInput(t("Say what should be adjusted."), "kind")
    if form.kind == RequestKind.REDUCTION:
        was = check_reduced(assignment, form.amount)
        return {"amount": str(form.amount), "was": str(was)}
    suspended = open_suspension(db, assignment) is not None
    if form.kind == RequestKind.RESUMPTION and not suspended:
        raise BadInput(t("This is not suspended."), "kind")
    if form.kind == RequestKind.SUSPENSION and suspended:
        raise BadInput(t("This is suspended already."), "kind")
    return {}
