"""What the lead gives of its own accord: more time, and the end of a pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import Verb
from planner.domain.request_rules import goes_above
from planner.domain.text import t
from planner.domain.words import Cause, Decider, DueBasis, RequestKind
from planner.models import Assignment, JournalEntry, Request
from planner.services import askable
from planner.services.changes import (
    check_later,
    due_of,
    extensions,
    is_in_time,
    is_past_cut_off,
    resume_now,
)
from planner.services.due_dates import set_due
from planner.services.request_forms import ExtendForm
from planner.services.requests import Asked, store, tell_deciders
from planner.services.requests_asking import check_cause
from planner.services.requests_words import extended_words, resumed_words
from planner.services.steps import Step, begin, finish, required_text, tell_unit


@dataclass(frozen=True)
class Extended:
    """What became of it: extended, or a request that the supervisor decides; nobody is told yet."""

    step: Step
    made: Assignment | Request
    entry: JournalEntry
    was: date


def extend(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ExtendForm,
    seen: int | None = None,
) -> Assignment | Request:
    """Set a later due date of one's own accord (延期), and tell the unit.

    The second extension, one past the year and one after the due date need the supervisor: then
    a request is made and returned instead.
    """
    done = extend_untold(db, actor, clock, assignment_id, form, seen)
    assignment, made = done.step.assignment, done.made
    if isinstance(made, Request):
        tell_deciders(db, clock, done.entry, done.step, made)
        return made
    words = extended_words(due_of(assignment), done.was)
    text = t("%(what)s: %(text)s", what=words, text=assignment.text)
    tell_unit(db, clock, done.entry, done.step, text)
    return made


def extend_untold(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ExtendForm,
    seen: int | None = None,
) -> Extended:
    """The same, and it is the caller's to tell those concerned in this transaction."""
    step = begin(db, actor, clock, Verb.EXTEND, assignment_id, seen)
    askable.require(db, clock, step.verb, step.assignment)
    cause, reason = check_cause(form.cause), required_text(form.reason, "reason")
    was = check_later(step.assignment, form.due_on)
    if form.due_on is None:
        raise BadInput(t("Please give a due date."), "due_on")
    if _needs_consent(db, step, form.due_on):
        request, entry = _ask(db, actor, clock, step, form.due_on, was, cause, reason)
        return Extended(step, request, entry, was)
    basis = DueBasis.EXTENSION
    set_due(db, actor, clock, step.assignment, form.due_on, basis=basis, reason=reason, cause=cause)
    entry = finish(
        db, actor, clock, step, due_on=form.due_on, was=was, cause=str(cause), reason=reason
    )
    return Extended(step, step.assignment, entry, was)


def _needs_consent(db: Session, step: Step, due_on: date) -> bool:
    """Where the lead itself owes, the supervisor acts alone already."""
    if step.parties.lead_owes:
        return False
    past = is_past_cut_off(step.assignment, due_on)
    return step.parties.late or goes_above(step.parties, extensions(db, step.assignment), past)


def _ask(
    db: Session,
    actor: Actor,
    clock: Clock,
    step: Step,
    due_on: date,
    was: date,
    cause: Cause,
    reason: str,
) -> tuple[Request, JournalEntry]:
    asked = Asked(
        RequestKind.EXTENSION,
        Decider.ABOVE,
        reason,
        cause,
        {"due_on": due_on.isoformat(), "was": was.isoformat()},
        in_time=is_in_time(db, step.assignment, clock),
    )
    return store(db, actor, clock, step, asked)


def resume(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    reason: str | None = None,
    seen: int | None = None,
) -> Assignment:
    """End a suspension of one's own accord (恢复); the due date moves on by the days suspended."""
    step = begin(db, actor, clock, Verb.RESUME, assignment_id, seen)
    askable.require(db, clock, step.verb, step.assignment)
    due_on, was, cause = resume_now(db, clock, step.assignment)
    said = required_text(reason, "reason") if reason else None
    if due_on != was:
        set_due(
            db,
            actor,
            clock,
            step.assignment,
            due_on,
            basis=DueBasis.SUSPENSION,
            reason=said,
            cause=Cause(cause) if cause else None,
        )
    entry = finish(db, actor, clock, step, due_on=due_on, was=was, reason=said)
    text = t("%(what)s: %(text)s", what=resumed_words(due_on), text=step.assignment.text)
    tell_unit(db, clock, entry, step, text)
    return step.assignment
