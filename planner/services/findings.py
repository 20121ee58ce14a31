"""Evidence found untrue (佐证不实), and taking that back: the score follows from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotAllowed
from planner.domain.lifecycle import Verb
from planner.domain.text import t
from planner.models import Assignment, Submission, UntrueFinding, User
from planner.services import messages
from planner.services.finals import final_assessment_of
from planner.services.score_items import read_items
from planner.services.steps import Step, begin, finish, person_id, required_text, tell_unit


@dataclass(frozen=True)
class FindingForm:
    """Which submission's evidence is untrue, and what shows it."""

    submission_id: int
    reason: str


def find_untrue(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: FindingForm,
    seen: int | None = None,
) -> UntrueFinding:
    """Find the evidence of a submission untrue (认定佐证不实); the state stays as it is.

    From today on the assignment earns nothing and its unit loses points, until it is revoked.
    Raises NotAllowed where the actor handed that submission in, BadInput where it has no evidence
    or a finding stands already.
    """
    step = begin(db, actor, clock, Verb.FIND_UNTRUE, assignment_id, seen)
    if standing(db, step.assignment):
        raise BadInput(t("Evidence of this was found untrue already."))
    submission = _proven(db, actor, step.assignment, form.submission_id)
    finding = UntrueFinding(
        assignment_id=assignment_id,
        submission_id=submission.id,
        reason=required_text(form.reason, "reason"),
        year=penalty_year(db, clock, step.assignment),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(finding)
    db.flush()
    entry = finish(
        db,
        actor,
        clock,
        step,
        finding_id=finding.id,
        submission_id=submission.id,
        reason=finding.reason,
        year=finding.year,
    )
    text = t("Evidence found untrue, it counts 0: %(reason)s", reason=finding.reason)
    tell_unit(db, clock, entry, step, text)
    return finding


def _proven(db: Session, actor: Actor, assignment: Assignment, submission_id: int) -> Submission:
    found = db.scalar(
        select(Submission).where(
            Submission.id == submission_id, Submission.assignment_id == assignment.id
        )
    )
    if found is None or not found.evidence:
        raise BadInput(t("Choose a submission with evidence."), "submission_id")
    if found.by_id == actor.user_id:
        raise NotAllowed(t("Nobody decides on what they handed in or asked for themselves."))
    return found


def penalty_year(db: Session, clock: Clock, assignment: Assignment) -> int:
    """The year whose total loses the points: the one that the assignment counts in today.

    Where a final assessment counts it already, the present one: what is final never changes.
    """
    if final_assessment_of(db, assignment) is not None:
        return clock.today.year
    plan = assignment.task.action.plan
    (item,) = read_items(db, plan, Assignment.id == assignment.id)
    return item.as_of(clock.today).year_on(clock.today)


def revoke_finding(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    reason: str,
    seen: int | None = None,
) -> UntrueFinding:
    """Take the finding back (撤销认定): from today on what was verified counts again.

    Raises BadInput where none stands.
    """
    step = begin(db, actor, clock, Verb.REVOKE_FINDING, assignment_id, seen)
    finding = standing(db, step.assignment)
    if finding is None:
        raise BadInput(t("No finding stands here."))
    finding.revoked_on, finding.revoked_at = clock.today, clock.now
    finding.revoked_by_id = person_id(actor)
    finding.revoked_reason = required_text(reason, "reason")
    entry = finish(db, actor, clock, step, finding_id=finding.id, reason=finding.revoked_reason)
    text = t("No longer held to be untrue: %(reason)s", reason=finding.revoked_reason)
    messages.tell(db, clock, entry, _concerned(db, step, finding), text, step.assignment)
    return finding


def _concerned(db: Session, step: Step, finding: UntrueFinding) -> Iterable[User]:
    """The unit's people, and who had found it."""
    unit_side = messages.unit_side(db, step.assignment)
    finder = [finding.by] if finding.by.active else []
    return {user.id: user for user in (*unit_side, *finder)}.values()


def standing(db: Session, assignment: Assignment) -> UntrueFinding | None:
    """The finding that stands; there is at most one."""
    return db.scalar(
        select(UntrueFinding).where(
            UntrueFinding.assignment_id == assignment.id, UntrueFinding.revoked_on.is_(None)
        )
    )


def findings_of(db: Session, assignment: Assignment) -> Sequence[UntrueFinding]:
    """All that were ever made on it, oldest first, with their people."""
    return db.scalars(
        select(UntrueFinding)
        .where(UntrueFinding.assignment_id == assignment.id)
        .options(joinedload(UntrueFinding.by), joinedload(UntrueFinding.revoked_by))
        .order_by(UntrueFinding.id)
    ).all()


def among(db: Session, ids: Sequence[int]) -> frozenset[int]:
    """Those of the assignments on which a finding stands."""
    query = select(UntrueFinding.assignment_id).where(
        UntrueFinding.assignment_id.in_(ids), UntrueFinding.revoked_on.is_(None)
    )
    return frozenset(db.scalars(query))
