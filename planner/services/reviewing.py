"""The deciding side: confirm an amount, accept, return, reopen. Only this earns points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotAllowed, NotFound
from planner.domain.lifecycle import Verb
from planner.domain.text import t
from planner.domain.words import Decision, Method, ReturnKind, SubmissionKind
from planner.models import Assignment, Portion, Review, Submission
from planner.services.handing_in import pending
from planner.services.plans import scoring_rules
from planner.services.steps import (
    Step,
    begin,
    finish,
    optional_text,
    person_id,
    required_text,
    tell_unit,
)

RATING_PLACES = 2


@dataclass(frozen=True)
class AcceptForm:
    """A reviewer's acceptance.

    `ticked` are ids of proof items; `amount` what is newly verified, in the assignment's measure;
    `tier` the key of a grade of the rules, `rating` 0 to 100; `final` accepts below target.
    """

    ticked: frozenset[int] = frozenset()
    amount: Decimal | None = None
    tier: str | None = None
    rating: Decimal | None = None
    final: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class ReturnForm:
    """A reviewer's return."""

    kind: ReturnKind
    reason: str
    rework_on: date | None = None


def verified_amount(assignment: Assignment) -> Decimal:
    """What stands verified now: the sum of the portions that were not withdrawn."""
    return sum((p.amount for p in assignment.portions if p.withdrawn_on is None), Decimal(0))


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
    _check_increment(step.assignment, report, amount)
    review = _review(db, actor, clock, report, Decision.CONFIRM)
    portion = _portion(db, clock, step.assignment, review, report, amount)
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


def _check_increment(assignment: Assignment, source: Submission, amount: Decimal) -> None:
    """An amount is verified once, and never more of it than was claimed."""
    verified = verified_amount(assignment)
    open_amount = max(Decimal(0), (source.amount or Decimal(0)) - verified)
    if amount <= 0 and source.kind == SubmissionKind.PROGRESS:
        raise BadInput(t("This must be more than 0."), "amount")
    if amount < 0 or amount > open_amount:
        raise BadInput(
            t(
                "Claimed are %(claimed)s, verified already %(verified)s: "
                "from 0 to %(open)s can be verified now.",
                claimed=source.amount,
                verified=verified,
                open=open_amount,
            ),
            "amount",
        )


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
) -> Review:
    review = Review(
        submission_id=submission.id,
        decision=decision,
        kind=kind,
        reason=reason,
        rework_on=rework_on,
        final=final,
        ticks=ticks or [],
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(review)
    db.flush()
    return review


def _portion(
    db: Session,
    clock: Clock,
    assignment: Assignment,
    review: Review,
    submission: Submission,
    amount: Decimal,
) -> Portion:
    portion = Portion(
        assignment_id=assignment.id,
        submission_id=submission.id,
        review_id=review.id,
        amount=amount,
        handed_in_on=submission.on,
        on=clock.today,
        at=clock.now,
    )
    db.add(portion)
    db.flush()
    return portion


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
    ticks = _ticks(step.assignment, form)
    amount = _accepted(db, step.assignment, submission, form)
    review = _review(
        db,
        actor,
        clock,
        submission,
        Decision.ACCEPT,
        reason=optional_text(form.reason, "reason"),
        final=form.final,
        ticks=ticks,
    )
    if amount > 0:
        _portion(db, clock, step.assignment, review, submission, amount)
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


def _ticks(assignment: Assignment, form: AcceptForm) -> list[str]:
    """The ticked proof items in their words; every required one must be among them."""
    items = assignment.task.proof_items
    missing = [item.item for item in items if item.required and item.id not in form.ticked]
    if missing:
        raise BadInput(
            t("Not ticked on the proof list: %(items)s", items="；".join(missing)), "ticked"
        )
    return [item.item for item in items if item.id in form.ticked]


def _accepted(
    db: Session, assignment: Assignment, submission: Submission, form: AcceptForm
) -> Decimal:
    """What the acceptance newly verifies: an amount, or a share 0 to 1.

    A row whose shared target is allocated through its nodes verifies nothing itself.
    """
    verified = verified_amount(assignment)
    match Method(assignment.method):
        case Method.PROPORTIONAL if assignment.amount is None:
            return Decimal(0)
        case Method.PROPORTIONAL:
            return _accepted_amount(assignment, submission, form, verified)
        case Method.BINARY:
            share = Decimal(1)
        case Method.TIERS:
            share = _tier(db, assignment, form)
        case Method.RATED:
            share = _rating(form)
    return max(Decimal(0), share - verified)


def _accepted_amount(
    assignment: Assignment, submission: Submission, form: AcceptForm, verified: Decimal
) -> Decimal:
    if form.amount is None:
        raise BadInput(t("Give the amount that you verify."), "amount")
    _check_increment(assignment, submission, form.amount)
    target = assignment.amount or Decimal(0)
    if verified + form.amount < target and not (form.final and (form.reason or "").strip()):
        raise BadInput(
            t(
                "%(verified)s of %(target)s: below the target it can only be accepted as final, "
                "with a reason. Otherwise return it or confirm an amount.",
                verified=verified + form.amount,
                target=target,
            ),
            "final",
        )
    return form.amount


def _tier(db: Session, assignment: Assignment, form: AcceptForm) -> Decimal:
    for tier in scoring_rules(db, assignment.task.action.plan).tiers:
        if tier.key == form.tier:
            return tier.credit
    raise BadInput(t("Choose one of the grades of this work."), "tier")


def _rating(form: AcceptForm) -> Decimal:
    if form.rating is None or not 0 <= form.rating <= 100:
        raise BadInput(t("Give a rating from 0 to 100."), "rating")
    if form.rating != round(form.rating, RATING_PLACES):
        raise BadInput(
            t("A rating has at most %(places)s decimal places.", places=RATING_PLACES), "rating"
        )
    required_text(form.reason, "reason")
    return form.rating / 100


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
