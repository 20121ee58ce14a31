"""The deciding side: confirm an amount, accept, return, reopen. Only this earns points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from planner.domain.lifecycle import Verb
from planner.domain.text import t
from planner.domain.words import Decision, Method, ReturnKind, SubmissionKind
from planner.models import Assignment, Portion, Review, Submission
from planner.services import finals
from planner.services.acceptance import AcceptForm, judgement, newly_verified, ticked_items
from planner.services.handing_in import pending
from planner.services.plans import scoring_rules
from planner.services.portions import check_increment, record_portion
from planner.services.steps import (
    Step,
    begin,
    finish,
    optional_text,
    person_id,
    required_text,
    tell_unit,
)


@dataclass(frozen=True)
class ReturnForm:
    """A reviewer's return."""

    kind: ReturnKind
    reason: str
    rework_on: date | None = None


def confirm(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    submission_id: int,
    amount: Decimal,
    seen: int | None = None,
) -> Portion:
    """Verify an amount of a progress report with its evidence (阶段核定)."""
    step = begin(db, actor, clock, Verb.CONFIRM, assignment_id, seen)
    report = _progress_report(db, step.assignment, submission_id)
    if report.by_id == actor.user_id:
        raise NotAllowed(t("Nobody decides on what they handed in or asked for themselves."))
    check_increment(step.assignment, report, amount)
    review = _review(db, actor, clock, report, Decision.CONFIRM)
    portion = record_portion(db, clock, step.assignment, review, report, amount)
    entry = finish(
        db, actor, clock, step, submission_id=report.id, review_id=review.id, amount=amount
    )
    text = t(
        "Verified: %(amount)s %(measure)s of %(text)s",
        amount=amount,
        measure=step.assignment.measure or "",
        text=step.assignment.text,
    )
    tell_unit(db, clock, entry, step, text)
    return portion


def _progress_report(db: Session, assignment: Assignment, submission_id: int) -> Submission:
    report = db.scalar(
        select(Submission).where(
            Submission.id == submission_id,
            Submission.assignment_id == assignment.id,
            Submission.kind == SubmissionKind.PROGRESS,
        )
    )
    if report is None:
        raise NotFound
    if assignment.method != Method.PROPORTIONAL or assignment.amount is None:
        raise BadInput(t("Only assignments with a target amount are confirmed in parts."))
    if not report.evidence:
        raise BadInput(t("This report has no evidence: nothing can be verified from it."))
    if report.amount is None:
        raise BadInput(t("This report names no amount."))
    return report


def _review(
    db: Session,
    actor: Actor,
    clock: Clock,
    submission: Submission,
    decision: Decision,
    *,
    kind: ReturnKind | None = None,
    reason: str | None = None,
    rework_on: date | None = None,
    final: bool = False,
    ticks: list[str] | None = None,
    judged: tuple[str | None, Decimal | None] = (None, None),
) -> Review:
    review = Review(
        submission_id=submission.id,
        decision=decision,
        kind=kind,
        reason=reason,
        rework_on=rework_on,
        final=final,
        ticks=ticks or [],
        tier=judged[0],
        rating=judged[1],
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(review)
    db.flush()
    return review


def accept(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: AcceptForm,
    seen: int | None = None,
) -> Review:
    """Accept a completion (同意办结): what is accepted becomes a verified portion."""
    step = begin(db, actor, clock, Verb.ACCEPT, assignment_id, seen)
    submission = _pending(db, step.assignment)
    ticks = ticked_items(step.assignment, form)
    amount = newly_verified(db, step.assignment, submission, form)
    review = _review(
        db,
        actor,
        clock,
        submission,
        Decision.ACCEPT,
        reason=optional_text(form.reason, "reason"),
        final=form.final,
        ticks=ticks,
        judged=judgement(step.assignment, form),
    )
    if amount > 0:
        record_portion(db, clock, step.assignment, review, submission, amount)
    step.assignment.accepted_on = clock.today
    entry = finish(
        db, actor, clock, step, submission_id=submission.id, review_id=review.id, amount=amount
    )
    tell_unit(db, clock, entry, step, t("Accepted: %(text)s", text=step.assignment.text))
    return review


def _pending(db: Session, assignment: Assignment) -> Submission:
    submission = pending(db, assignment)
    if submission is None:
        raise BadInput(t("There is no submission left to review."))
    return submission


def return_(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ReturnForm,
    seen: int | None = None,
) -> Review:
    """Return a completion for rework (退回), with a date: the rules' rework days unless given."""
    step = begin(db, actor, clock, Verb.RETURN, assignment_id, seen)
    submission = _pending(db, step.assignment)
    rework_on = form.rework_on or default_rework(db, clock, step.assignment)
    if rework_on < clock.today:
        raise BadInput(t("The rework date lies in the past."), "rework_on")
    review = _review(
        db,
        actor,
        clock,
        submission,
        Decision.RETURN,
        kind=form.kind,
        reason=required_text(form.reason, "reason"),
        rework_on=rework_on,
    )
    entry = finish(
        db, actor, clock, step, submission_id=submission.id, review_id=review.id, kind=form.kind
    )
    text = t("Returned, to be reworked by %(day)s: %(reason)s", day=rework_on, reason=review.reason)
    tell_unit(db, clock, entry, step, text)
    return review


def default_rework(db: Session, clock: Clock, assignment: Assignment) -> date:
    """The day that a returned unit is given by the rules."""
    days = scoring_rules(db, assignment.task.action.plan).returns.rework_workdays
    return clock.calendar.add(clock.today, days)


def reopen(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    reason: str,
    withdraw_verified: bool = False,
    seen: int | None = None,
) -> Assignment:
    """Open an accepted assignment again (重新办理); verified portions stay unless withdrawn."""
    step = begin(db, actor, clock, Verb.REOPEN, assignment_id, seen)
    final = finals.final_assessment_of(db, step.assignment)
    if final is not None:
        raise InvalidTransition(
            t("“%(name)s” is final and counts this: it cannot be reopened.", name=final.name)
        )
    why = required_text(reason, "reason")
    if withdraw_verified:
        _withdraw_portions(actor, clock, step, why)
    step.assignment.accepted_on = None
    entry = finish(db, actor, clock, step, reason=why, withdraw_verified=withdraw_verified)
    tell_unit(db, clock, entry, step, t("Reopened: %(reason)s", reason=why))
    return step.assignment


def _withdraw_portions(actor: Actor, clock: Clock, step: Step, reason: str) -> None:
    for portion in step.assignment.portions:
        if portion.withdrawn_on is None:
            portion.withdrawn_on, portion.withdrawn_at = clock.today, clock.now
            portion.withdrawn_by_id, portion.withdrawn_reason = actor.user_id, reason
