"""Sign-off (审签): what goes before the head of a unit, and what the head does with it.

The act itself is the one that the preparer would have done: it is tried and taken back when it is
put forward, so that the head gets nothing that cannot be carried out, and carried out in the
preparer's name on the day of the signature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, Stale
from planner.domain.lifecycle import TRANSITIONS, Verb
from planner.domain.text import Text, t
from planner.domain.words import SignOffOutcome
from planner.models import (
    Assignment,
    Evidence,
    JournalEntry,
    Request,
    SignOff,
    StagedFile,
    Submission,
    Unit,
    User,
)
from planner.services import handing_in, journal, messages, requests_asking, signatures
from planner.services.evidence import citable
from planner.services.handing_in import SubmissionForm
from planner.services.request_forms import AdjustmentForm, ExtensionForm, ObjectionForm
from planner.services.scope import load_assignment
from planner.services.signatures import close, open_sign_off
from planner.services.steps import Step, begin, finish, person_id, required_text
from planner.services.stored_forms import form_from_json, form_to_json

Form: TypeAlias = SubmissionForm | ExtensionForm | ObjectionForm | AdjustmentForm
Made: TypeAlias = Submission | Request


@dataclass(frozen=True)
class _Signed:
    """A verb that can need the signature: what its form is, and who carries it out."""

    form: type[Form]
    carry_out: Callable[..., Made]


_ACTS: Mapping[Verb, _Signed] = {
    Verb.SUBMIT: _Signed(SubmissionForm, handing_in.submit),
    Verb.ASK_EXTENSION: _Signed(ExtensionForm, requests_asking.ask_extension),
    Verb.OBJECT: _Signed(ObjectionForm, requests_asking.object_),
    Verb.APPEAL: _Signed(ObjectionForm, requests_asking.appeal),
    Verb.ASK_ADJUSTMENT: _Signed(AdjustmentForm, requests_asking.ask_adjustment),
}


def put_forward(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: Verb,
    assignment_id: int,
    form: Form,
    seen: int | None = None,
) -> Made | SignOff:
    """Hand in or ask; where the unit's head has to sign it first, put it before the head instead.

    Raises whatever the act itself raises.
    """
    assignment = load_assignment(db, actor, assignment_id)
    if not signatures.goes_through_head(actor, assignment):
        return _carry_out(db, actor, clock, verb, assignment_id, form, seen)
    with db.begin_nested() as trial:
        _carry_out(db, actor, clock, verb, assignment_id, form, seen, person_id(actor))
        trial.rollback()
    return _put_before_head(db, actor, clock, verb, assignment, form)


def through_head(verb: Verb) -> Callable[..., Made | SignOff]:
    """`put_forward` for one verb, called as the verb itself is."""

    def put(
        db: Session,
        actor: Actor,
        clock: Clock,
        assignment_id: int,
        form: Form,
        seen: int | None = None,
    ) -> Made | SignOff:
        return put_forward(db, actor, clock, verb, assignment_id, form, seen)

    return put


def _carry_out(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: Verb,
    assignment_id: int,
    form: Form,
    seen: int | None = None,
    signed_by_id: int | None = None,
) -> Made:
    more = {"seen": seen} if verb is Verb.SUBMIT else {}
    act = _ACTS[verb].carry_out
    return act(db, actor, clock, assignment_id, form, signed_by_id=signed_by_id, **more)


def _put_before_head(
    db: Session, actor: Actor, clock: Clock, verb: Verb, assignment: Assignment, form: Form
) -> SignOff:
    heads = messages.people(db, assignment.unit_id, Role.HEAD)
    if not heads:
        raise BadInput(
            t("Your unit's head signs this, but no head has an account: tell the administrator.")
        )
    if open_sign_off(db, assignment):
        raise BadInput(
            t("Something here waits for the head's signature already: take it back first.")
        )
    sign_off = SignOff(
        assignment_id=assignment.id,
        verb=verb,
        data=form_to_json(form),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(sign_off)
    db.flush()
    _hold_files(db, sign_off, form)
    text = t("Waiting for your signature: %(what)s. %(text)s", **_words(verb, assignment))
    entry = _note(db, actor, clock, "put_forward", sign_off)
    messages.tell(db, clock, entry, heads, text, assignment)
    return sign_off


def _hold_files(db: Session, sign_off: SignOff, form: Form) -> None:
    """The files of the form wait for the head, however long that takes."""
    held = update(StagedFile).where(StagedFile.token.in_(form.evidence.tokens))
    db.execute(held.values(sign_off_id=sign_off.id))


def _words(verb: Verb, assignment: Assignment) -> dict[str, Text | str]:
    return {"what": TRANSITIONS[verb].name, "text": assignment.text}


def _note(db: Session, actor: Actor, clock: Clock, verb: str, sign_off: SignOff) -> JournalEntry:
    """In the journal, but on no time line: nothing of it is seen outside the unit."""
    subject = f"assignment:{sign_off.assignment_id}"
    return journal.record(db, actor, clock, verb, subject, act=sign_off.verb)


def form_of(sign_off: SignOff) -> Form:
    """What the preparer wrote."""
    return form_from_json(_ACTS[Verb(sign_off.verb)].form, sign_off.data)


@dataclass(frozen=True)
class PutForward:
    """What waits for the signature or came back from it, as people read it.

    `files` wait in staging, for their form again where it came back; `cited` was handed in before;
    `unit` is what an objection names.
    """

    sign_off: SignOff
    form: Form
    files: Sequence[StagedFile]
    cited: Sequence[Evidence]
    unit: Unit | None

    @property
    def what(self) -> Text:
        """The act's name."""
        return TRANSITIONS[Verb(self.sign_off.verb)].name

    @property
    def gone(self) -> int:
        """How many files waited so long that they were put away."""
        return len(self.form.evidence.tokens) - len(self.files)


def put_forward_of(db: Session, actor: Actor, sign_off: SignOff) -> PutForward:
    """What the preparer wrote, with its proof, for somebody of the same unit."""
    form = form_of(sign_off)
    unit_id = form.unit_id if isinstance(form, ObjectionForm) else None
    cited = citable(actor).where(Evidence.id.in_(form.evidence.cited)).order_by(Evidence.id)
    return PutForward(
        sign_off,
        form,
        _files(db, sign_off, form),
        db.scalars(cited).all(),
        db.get(Unit, unit_id) if unit_id else None,
    )


def _files(db: Session, sign_off: SignOff, form: Form) -> Sequence[StagedFile]:
    """Its files, wherever they wait: with it, or for the preparer's form since it came back."""
    waiting = select(StagedFile).where(
        StagedFile.token.in_(form.evidence.tokens),
        StagedFile.user_id == sign_off.by_id,
        StagedFile.assignment_id == sign_off.assignment_id,
    )
    return db.scalars(waiting.order_by(StagedFile.id)).all()


def sign(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    sign_off_id: int,
    seen: int | None = None,
) -> Made:
    """Sign it: it leaves the unit today, in the preparer's name.

    Raises Stale if something else waits there now, and whatever the act itself raises: then it
    goes on waiting.
    """
    step = begin(db, actor, clock, Verb.SIGN_OFF, assignment_id)
    sign_off = _claimed(db, step, sign_off_id)
    entry = finish(db, actor, clock, step, act=sign_off.verb)
    close(db, actor, clock, sign_off, SignOffOutcome.SIGNED)
    made = _carry_out(
        db,
        _preparer(sign_off, step.assignment, actor),
        clock,
        Verb(sign_off.verb),
        assignment_id,
        form_of(sign_off),
        seen,
        person_id(actor),
    )
    words = _words(Verb(sign_off.verb), step.assignment)
    text = t("Signed off and handed on: %(what)s. %(text)s", **words)
    messages.tell(db, clock, entry, [sign_off.by], text, step.assignment)
    return made


def _preparer(sign_off: SignOff, assignment: Assignment, head: Actor) -> Actor:
    """Who prepared it, on the head's authority: also when that account was closed meanwhile."""
    by: User = sign_off.by
    roles = frozenset({Role.LIAISON})
    return Actor(ActorKind.PERSON, by.name, by.id, assignment.unit_id, roles, head.origin)


def send_back(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, sign_off_id: int, reason: str
) -> SignOff:
    """Send it back to the preparer with a reason; what was written and uploaded is kept."""
    step = begin(db, actor, clock, Verb.SIGN_OFF, assignment_id)
    sign_off = _claimed(db, step, sign_off_id)
    reason = required_text(reason, "reason")
    close(db, actor, clock, sign_off, SignOffOutcome.SENT_BACK, reason)
    entry = _note(db, actor, clock, "send_back", sign_off)
    words = _words(Verb(sign_off.verb), step.assignment)
    text = t("Not signed: %(what)s. %(reason)s", what=words["what"], reason=reason)
    messages.tell(db, clock, entry, [sign_off.by], text, step.assignment)
    return sign_off


def call_back(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, sign_off_id: int
) -> SignOff:
    """Take it back before it is signed; what was written and uploaded is kept."""
    step = begin(db, actor, clock, Verb.CALL_BACK, assignment_id)
    sign_off = _claimed(db, step, sign_off_id)
    close(db, actor, clock, sign_off, SignOffOutcome.DROPPED)
    _note(db, actor, clock, "call_back", sign_off)
    return sign_off


def _claimed(db: Session, step: Step, sign_off_id: int) -> SignOff:
    sign_off = db.scalar(
        select(SignOff).where(
            SignOff.assignment_id == step.assignment.id, SignOff.outcome.is_(None)
        )
    )
    if sign_off is None or sign_off.id != sign_off_id:
        raise Stale(t("Somebody acted on this since you opened it. Nothing of yours is lost."))
    return sign_off
