"""What an acceptance verifies, by the method of the assignment."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from planner.domain.errors import BadInput
from planner.domain.text import t
from planner.domain.words import Method
from planner.models import Assignment, Submission
from planner.services.plans import scoring_rules
from planner.services.portions import check_increment, verified_amount
from planner.services.steps import required_text

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


def ticked_items(assignment: Assignment, form: AcceptForm) -> list[str]:
    """The ticked proof items in their words; every required one must be among them."""
    items = assignment.task.proof_items
    missing = [item.item for item in items if item.required and item.id not in form.ticked]
    if missing:
        raise BadInput(
            t("Not ticked on the proof list: %(items)s", items="；".join(missing)), "ticked"
        )
    return [item.item for item in items if item.id in form.ticked]


def judgement(assignment: Assignment, form: AcceptForm) -> tuple[str | None, Decimal | None]:
    """The grade or the rating that the method asks for; what else was filled in is left out."""
    method = Method(assignment.method)
    tier = form.tier if method is Method.TIERS else None
    return tier, form.rating if method is Method.RATED else None


def newly_verified(
    db: Session, assignment: Assignment, submission: Submission, form: AcceptForm
) -> Decimal:
    """What the acceptance newly verifies: an amount, or a share 0 to 1.

    A row whose shared target is allocated through its nodes verifies nothing itself. Raises
    BadInput for a judgement below what stands verified: it would be lost without a word.
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
    if share < verified:
        raise BadInput(
            t(
                "%(verified)s of 100 stands verified: reopen with withdrawal to lower it.",
                verified=(verified * 100).normalize() + 0,
            ),
            "rating" if assignment.method == Method.RATED else "tier",
        )
    return share - verified


def _accepted_amount(
    assignment: Assignment, submission: Submission, form: AcceptForm, verified: Decimal
) -> Decimal:
    if form.amount is None:
        raise BadInput(t("Give the amount that you verify."), "amount")
    check_increment(assignment, submission, form.amount)
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
