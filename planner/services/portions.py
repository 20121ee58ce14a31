"""Verified portions: what stands verified of an assignment, and how more is added."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.measures import check_whole
from planner.domain.text import t
from planner.domain.words import SubmissionKind
from planner.models import Assignment, Portion, Review, Submission


def verified_amount(assignment: Assignment) -> Decimal:
    """What stands verified now: the sum of the portions that were not withdrawn."""
    return sum((p.amount for p in assignment.portions if p.withdrawn_on is None), Decimal(0))


def check_increment(assignment: Assignment, source: Submission, amount: Decimal) -> None:
    """An amount is verified once, and never more of it than was claimed. Raises BadInput."""
    check_whole(amount, assignment.measure)
    verified = verified_amount(assignment)
    open_amount = max(Decimal(0), (source.amount or Decimal(0)) - verified)
    if amount <= 0 and source.kind == SubmissionKind.PROGRESS:
        raise BadInput(t("This must be more than 0."), "amount")
    if amount < 0 or amount > open_amount:
        raise BadInput(
            t(
                "Claimed are %(claimed)s, verified already %(verified)s: "
                "at most %(open)s can be verified now.",
                claimed=source.amount,
                verified=verified,
                open=open_amount,
            ),
            "amount",
        )


def record_portion(
    db: Session,
    clock: Clock,
    assignment: Assignment,
    review: Review,
    submission: Submission,
    amount: Decimal,
) -> Portion:
    """Store a verified portion with the day that its proof was handed in."""
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
