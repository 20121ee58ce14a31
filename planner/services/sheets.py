"""The printed form of what a unit hands in or asks for (报送表), with a place for the seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.errors import NotFound
from planner.domain.lifecycle import TRANSITIONS, Verb
from planner.domain.names import NAMES
from planner.domain.text import Text, t
from planner.domain.words import RequestKind
from planner.models import Assignment, Blob, Evidence, Request, Submission
from planner.services import signatures
from planner.services.portions import verified_amount
from planner.services.request_forms import AdjustmentForm, ExtensionForm
from planner.services.requests_words import asked_words
from planner.services.scope import load_assignment
from planner.services.signing import Form, PutForward, put_forward_of


@dataclass(frozen=True)
class Proof:
    """One piece on the list of proof: a link has neither size, in bytes, nor hash."""

    name: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class SheetFacts:
    """What stands on the form. Where nothing is written yet it is filled in by hand.

    `what` is the act, `wanted` what it asks for to the day or digit where `what` leaves that open;
    `amount` is what was reached in the assignment's measure, `verified` what of it stood verified
    before.
    """

    assignment: Assignment
    what: Text
    is_request: bool
    verified: Decimal
    wanted: Text | None = None
    text: str | None = None
    amount: Decimal | None = None
    on: date | None = None
    prepared_by: str | None = None
    signed_by: str | None = None
    proof: Sequence[Proof] = ()


def sheet(
    db: Session,
    actor: Actor,
    assignment_id: int,
    submission_id: int | None = None,
    request_id: int | None = None,
) -> SheetFacts:
    """Of a submission or a request; else of what waits for the head's signature, or an empty one.

    Raises NotFound outside the actor's scope.
    """
    assignment = load_assignment(db, actor, assignment_id)
    if submission_id is not None:
        return _of_submission(assignment, _own(db.get(Submission, submission_id), assignment))
    if request_id is not None:
        return _of_request(assignment, _own(db.get(Request, request_id), assignment))
    waiting = signatures.open_sign_off(db, assignment)
    if waiting is not None and actor.unit_id == assignment.unit_id:
        return _of_draft(assignment, put_forward_of(db, actor, waiting))
    return SheetFacts(assignment, TRANSITIONS[Verb.SUBMIT].name, False, verified_amount(assignment))


Owned = TypeVar("Owned", Submission, Request)


def _own(found: Owned | None, assignment: Assignment) -> Owned:
    """What belongs to this assignment. Raises NotFound for anything else."""
    if found is None or found.assignment_id != assignment.id:
        raise NotFound
    return found


def _of_submission(assignment: Assignment, submission: Submission) -> SheetFacts:
    return SheetFacts(
        assignment,
        TRANSITIONS[Verb.SUBMIT].name,
        False,
        verified_amount(assignment),
        None,
        submission.text,
        submission.amount,
        submission.on,
        submission.by.name,
        submission.signed_by.name if submission.signed_by else None,
        [_proof(each) for each in submission.evidence],
    )


def _of_request(assignment: Assignment, request: Request) -> SheetFacts:
    return SheetFacts(
        assignment,
        asked_words(request),
        True,
        verified_amount(assignment),
        None,
        request.reason,
        None,
        request.on,
        request.by.name,
        request.signed_by.name if request.signed_by else None,
        [_proof(each) for each in request.evidence],
    )


def _of_draft(assignment: Assignment, put: PutForward) -> SheetFacts:
    form = put.form
    return SheetFacts(
        assignment,
        put.what,
        put.sign_off.verb != Verb.SUBMIT,
        verified_amount(assignment),
        _wanted(form),
        getattr(form, "text", None) or getattr(form, "reason", None),
        getattr(form, "amount", None),
        put.sign_off.on,
        put.sign_off.by.name,
        proof=[
            *(_of_blob(each.name, each.blob) for each in put.files),
            *(Proof(link) for link in form.evidence.links),
            *(_proof(each) for each in put.cited),
        ],
    )


def _wanted(form: Form) -> Text | None:
    """The day or the amount that a request asks for."""
    match form:
        case ExtensionForm(due_on=date() as day):
            return t("New due date: %(day)s", day=day)
        case AdjustmentForm(kind=RequestKind.REDUCTION, amount=Decimal() as amount):
            return t("Smaller amount: %(amount)s", amount=amount)
        case AdjustmentForm(kind=kind):
            return NAMES[kind]
    return None


def _proof(piece: Evidence) -> Proof:
    return _of_blob(piece.name, piece.blob)


def _of_blob(name: str, blob: Blob | None) -> Proof:
    return Proof(name, blob.size, blob.sha256) if blob else Proof(name)
