"""The unit's side: sign for, report progress, submit for completion, withdraw."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State, Verb
from planner.domain.measures import check_whole
from planner.domain.text import t
from planner.domain.words import SubmissionKind, TaskKind
from planner.models import Assignment, Submission
from planner.services import evidence, reports, signatures
from planner.services.evidence import EvidenceForm
from planner.services.steps import (
    Step,
    begin,
    finish,
    optional_text,
    person_id,
    required_text,
    tell_lead,
)

_PERCENT = t("Give the progress as a percentage from 0 to 100.")


@dataclass(frozen=True)
class SubmissionForm:
    """What a unit hands in. `amount` is the total reached so far, in the assignment's measure.

    `period` names the periodic report that a progress report answers: the oldest open one where
    None, none where it is "".
    """

    text: str
    problems: str | None = None
    next_steps: str | None = None
    coordination: str | None = None
    percent: int | None = None
    amount: Decimal | None = None
    evidence: EvidenceForm = field(default_factory=EvidenceForm)
    period: str | None = None


def acknowledge(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, seen: int | None = None
) -> Assignment:
    """Sign for an issued assignment (签收)."""
    step = begin(db, actor, clock, Verb.ACKNOWLEDGE, assignment_id, seen)
    step.assignment.acknowledged_on = clock.today
    finish(db, actor, clock, step)
    return step.assignment


def report(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, form: SubmissionForm
) -> Submission:
    """Report progress (报进展); nothing is verified by it."""
    step = begin(db, actor, clock, Verb.REPORT, assignment_id)
    if form.percent is None:
        raise BadInput(_PERCENT, "percent")
    submission = _hand_in(db, actor, clock, step, SubmissionKind.PROGRESS, form)
    answered = reports.answer(db, clock, step.assignment, submission, form.period)
    entry = finish(
        db,
        actor,
        clock,
        step,
        submission_id=submission.id,
        percent=submission.percent,
        period=answered.period if answered else None,
    )
    if submission.coordination:
        text = t("Needs coordination: %(text)s", text=submission.coordination)
        tell_lead(db, clock, entry, step, text)
    return submission


def submit(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: SubmissionForm,
    seen: int | None = None,
    signed_by_id: int | None = None,
) -> Submission:
    """Submit for completion with proof (申请办结); `signed_by_id` is the head who signed it."""
    step = begin(db, actor, clock, Verb.SUBMIT, assignment_id, seen)
    signatures.check(db, actor, step, signed_by_id)
    _check_completion(step.assignment, clock, form)
    submission = _hand_in(db, actor, clock, step, SubmissionKind.COMPLETION, form, signed_by_id)
    entry = finish(db, actor, clock, step, submission_id=submission.id, round=submission.round)
    tell_lead(
        db, clock, entry, step, t("Waiting for your review: %(text)s", text=step.assignment.text)
    )
    return submission


def is_completable(assignment: Assignment, clock: Clock) -> bool:
    """Whether completion can be asked for: a standing rule's row not before the plan's end."""
    task = assignment.task
    if task.kind != TaskKind.STANDING or assignment.is_node:
        return True
    return clock.today >= task.action.plan.ends_on


def _check_completion(assignment: Assignment, clock: Clock, form: SubmissionForm) -> None:
    task = assignment.task
    if not is_completable(assignment, clock):
        raise BadInput(
            t(
                "This is a standing rule: it is completed at the plan's end, %(end)s. "
                "Report inspections as progress until then.",
                end=task.action.plan.ends_on,
            )
        )
    if task.evidence_required and form.evidence.count == 0:
        raise BadInput(t("Add at least one file or link as proof."), "evidence")
    if assignment.amount is not None and form.amount is None:
        raise BadInput(t("Give the amount reached."), "amount")


def _hand_in(
    db: Session,
    actor: Actor,
    clock: Clock,
    step: Step,
    kind: SubmissionKind,
    form: SubmissionForm,
    signed_by_id: int | None = None,
) -> Submission:
    assignment = step.assignment
    _check_numbers(assignment, form)
    submission = Submission(
        assignment_id=assignment.id,
        number=1 + _count(db, assignment),
        round=1 + _count(db, assignment, SubmissionKind.COMPLETION),
        kind=kind,
        text=required_text(form.text, "text"),
        problems=optional_text(form.problems, "problems"),
        next_steps=optional_text(form.next_steps, "next_steps"),
        coordination=optional_text(form.coordination, "coordination"),
        percent=form.percent,
        amount=form.amount if assignment.amount is not None else None,
        by_id=person_id(actor),
        signed_by_id=signed_by_id,
        on=clock.today,
        at=clock.now,
    )
    db.add(submission)
    db.flush()
    evidence.attach(db, actor, submission, form.evidence)
    return submission


def _check_numbers(assignment: Assignment, form: SubmissionForm) -> None:
    if form.percent is not None and not 0 <= form.percent <= 100:
        raise BadInput(_PERCENT, "percent")
    if form.amount is not None and form.amount < 0:
        raise BadInput(t("An amount cannot be less than 0."), "amount")
    check_whole(form.amount, assignment.measure)


def _count(db: Session, assignment: Assignment, kind: SubmissionKind | None = None) -> int:
    query = select(func.count(Submission.id)).where(Submission.assignment_id == assignment.id)
    if kind is not None:
        query = query.where(Submission.kind == kind)
    return db.scalar(query) or 0


def pending(db: Session, assignment: Assignment) -> Submission | None:
    """The completion that waits for its review: the latest one, if the state says it waits."""
    if assignment.state != State.SUBMITTED:
        return None
    return db.scalar(
        select(Submission)
        .where(
            Submission.assignment_id == assignment.id,
            Submission.kind == SubmissionKind.COMPLETION,
            Submission.withdrawn_on.is_(None),
            ~Submission.reviews.any(),
        )
        .order_by(Submission.number.desc())
        .limit(1)
    )


def withdraw(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, seen: int | None = None
) -> Submission:
    """Take back a completion that was not yet reviewed (撤回)."""
    step = begin(db, actor, clock, Verb.WITHDRAW, assignment_id, seen)
    submission = pending(db, step.assignment)
    if submission is None:
        raise BadInput(t("There is no submission left to withdraw."))
    submission.withdrawn_on, submission.withdrawn_at = clock.today, clock.now
    entry = finish(db, actor, clock, step, submission_id=submission.id)
    tell_lead(
        db, clock, entry, step, t("Withdrawn by the unit: %(text)s", text=step.assignment.text)
    )
    return submission
