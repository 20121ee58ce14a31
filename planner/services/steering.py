"""The lead agency's steering: urge, cancel, reassign, and what the supervisor must agree to."""

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
from planner.domain.text import Text, t
from planner.domain.words import CancelClass, DueBasis
from planner.models import Assignment, JournalEntry, Request, Unit, Urge
from planner.services import messages
from planner.services.breakdown import check_ready
from planner.services.due_dates import check_due, set_due
from planner.services.steps import (
    Step,
    begin,
    finish,
    optional_text,
    parties_of,
    person_id,
    required_text,
    tell_unit,
)

MAX_DOCUMENT = 120


@dataclass(frozen=True)
class CancelForm:
    """Why an assignment leaves the plan, and on which paper."""

    reason: str
    cancel_class: CancelClass
    document: str


@dataclass(frozen=True)
class ReassignForm:
    """Who is responsible from now on, and until when."""

    unit_id: int
    reason: str
    due_on: date | None


def urge(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, text: str, answer_by: date | None
) -> Urge:
    """Demand an answer by a date (催办)."""
    step = begin(db, actor, clock, Verb.URGE, assignment_id)
    if answer_by is None or answer_by < clock.today:
        raise BadInput(t("Give a date from today on for the answer."), "answer_by")
    made = Urge(
        assignment_id=step.assignment.id,
        text=required_text(text, "text"),
        answer_by=answer_by,
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(made)
    db.flush()
    entry = finish(db, actor, clock, step, urge_id=made.id, answer_by=answer_by)
    tell_unit(
        db, clock, entry, step, t("Urged, answer by %(day)s: %(text)s", day=answer_by, text=text)
    )
    return made


def cancel(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: CancelForm,
    seen: int | None = None,
) -> Assignment | Request:
    """Take an assignment out of the plan (终止).

    After the due date the supervisor must agree: then a request is made and returned instead.
    """
    data = {
        "reason": required_text(form.reason, "reason"),
        "cancel_class": str(form.cancel_class),
        "document": _document(form.document),
    }
    return _do_or_ask(db, actor, clock, Verb.CANCEL, assignment_id, data, seen)


def reassign(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ReassignForm,
    seen: int | None = None,
) -> Assignment | Request:
    """Close an assignment and issue a new one to another unit (调整责任单位).

    Lateness and evidence stay with the old one. After the due date the supervisor must agree:
    then a request is made and returned instead.
    """
    data = {
        "reason": required_text(form.reason, "reason"),
        "unit_id": form.unit_id,
        "due_on": form.due_on.isoformat() if form.due_on else None,
    }
    return _do_or_ask(db, actor, clock, Verb.REASSIGN, assignment_id, data, seen)


def _document(value: str) -> str:
    text = required_text(value, "document")
    if len(text) > MAX_DOCUMENT:
        raise BadInput(t("At most %(limit)s characters.", limit=MAX_DOCUMENT), "document")
    return text


def _do_or_ask(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: Verb,
    assignment_id: int,
    data: Mapping[str, object],
    seen: int | None,
) -> Assignment | Request:
    step = begin(db, actor, clock, verb, assignment_id, seen)
    _check(db, clock, step, data)
    if _open_request(db, step.assignment):
        raise BadInput(t("A request on this waits for the supervisor's decision."))
    if permissions.needs_consent(verb, step.parties):
        return _ask(db, actor, clock, step, data)
    return _carry_out(db, actor, clock, step, data)


def _check(db: Session, clock: Clock, step: Step, data: Mapping[str, object]) -> None:
    assignment = step.assignment
    open_nodes = db.scalar(
        select(Assignment.id).where(
            Assignment.parent_id == assignment.id,
            Assignment.state.not_in([State.ACCEPTED, State.CANCELLED]),
        )
    )
    if open_nodes:
        raise BadInput(t("Its yearly nodes are still open: decide on them first."))
    if step.verb is not Verb.REASSIGN:
        return
    unit = db.get(Unit, data["unit_id"])
    if unit is None or not unit.active:
        raise BadInput(t("There is no such unit."), "unit_id")
    if unit.id == assignment.unit_id:
        raise BadInput(t("This unit is responsible already."), "unit_id")
    due_on = check_due(assignment.task, _day(data["due_on"]))
    if due_on < clock.today:
        raise BadInput(t("The fresh due date lies in the past."), "due_on")


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


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


def _carry_out(
    db: Session, actor: Actor, clock: Clock, step: Step, data: Mapping[str, object]
) -> Assignment:
    old = step.assignment
    old.cancelled_on = clock.today
    if step.verb is Verb.CANCEL:
        old.cancel_class, old.cancel_document = str(data["cancel_class"]), str(data["document"])
        entry = finish(
            db,
            actor,
            clock,
            step,
            reason=str(data["reason"]),
            cancel_class=old.cancel_class,
            document=old.cancel_document,
        )
        _tell_former(db, clock, entry, step, t("Cancelled: %(reason)s", reason=str(data["reason"])))
        return old
    return _hand_over(db, actor, clock, step, data)


def _hand_over(
    db: Session, actor: Actor, clock: Clock, step: Step, data: Mapping[str, object]
) -> Assignment:
    old, due_on = step.assignment, _day(data["due_on"])
    old.cancel_class = CancelClass.CHANGE_OF_DUTIES
    new = Assignment(
        task_id=old.task_id,
        parent_id=old.parent_id,
        replaces_id=old.id,
        unit_id=data["unit_id"],
        year=old.year,
        text=old.text,
        part=old.part,
        method=old.method,
        amount=old.amount,
        measure=old.measure,
        target_id=old.target_id,
        weight=old.weight,
        state=State.DRAFT,
    )
    db.add(new)
    db.flush()
    reason = str(data["reason"])
    set_due(db, actor, clock, new, check_due(old.task, due_on), basis=DueBasis.SET, reason=reason)
    entry = finish(db, actor, clock, step, reason=reason, new_assignment_id=new.id)
    _tell_former(db, clock, entry, step, t("Handed to another unit: %(reason)s", reason=reason))
    _issue_new(db, actor, clock, step, new)
    return new


def _tell_former(db: Session, clock: Clock, entry: JournalEntry, step: Step, text: Text) -> None:
    """Tell the unit that owed it; of a draft it never knew."""
    if step.before is not State.DRAFT:
        tell_unit(db, clock, entry, step, text)


def _issue_new(
    db: Session, actor: Actor, clock: Clock, step: Step, new: Assignment
) -> JournalEntry:
    db.refresh(new)
    check_ready(new)
    new.issued_on = clock.today
    issued = Step(Verb.ISSUE, new, step.parties, State.DRAFT, State.ISSUED)
    entry = finish(
        db,
        actor,
        clock,
        issued,
        replaces_id=step.assignment.id,
        unit_id=new.unit_id,
        due_on=new.due_on,
    )
    text: Text = t("Issued to you: %(text)s (due %(due)s)", text=new.text, due=new.due_on)
    tell_unit(db, clock, entry, issued, text)
    return entry


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
    _check(db, clock, step, request.data)
    _carry_out(db, actor, clock, step, request.data)
