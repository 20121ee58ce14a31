"""Each verb of an assignment: its form, the service that carries it out, what is said then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.lifecycle import Verb
from planner.domain.text import Text, t
from planner.domain.words import Decider
from planner.models import Assignment, Request, SignOff, Submission
from planner.services import (
    breakdown,
    extending,
    findings,
    handing_in,
    messages,
    requests,
    reviewing,
    signing,
    steering,
    urging,
)
from planner.services.scope import load_assignment
from planner.web import assignment_forms as fields
from planner.web import request_forms as asking
from planner.web.assignment_forms import ProofFields
from planner.web.context import actor, db
from planner.web.forms import PlannerForm

Said: TypeAlias = Text | Callable[[Any], Text]


@dataclass(frozen=True)
class Act:
    """A verb on its way from the form to the service.

    `given` makes what the service takes after db, actor, clock and assignment id from the form.
    """

    form: type[PlannerForm]
    service: Callable[..., Any]
    given: Callable[[Any], tuple[Any, ...]]
    said: Said


def _seen(form: PlannerForm) -> tuple[Any, ...]:
    """For verbs that are a lone button."""
    return (form.seen_version,)


def _or_asked(done: Text) -> Callable[[object], Text]:
    """What is said of an act that after the due date is only asked for."""
    asked = t("This needs consent: the supervisor was asked to agree.")
    return lambda made: asked if isinstance(made, Request) else done


def _through_head(
    verb: Verb, form: type[ProofFields], given: Callable[[Any], tuple[Any, ...]], said: Said
) -> Act:
    """What the unit's head may have to sign before it leaves the unit."""

    def say(made: Any) -> Text:
        if isinstance(made, SignOff):
            return t("Put before the head of your unit for signature.")
        return said if isinstance(said, Text) else said(made)

    return Act(form, signing.through_head(verb), given, say)


def _asks(verb: Verb, form: type[ProofFields]) -> Act:
    """A request: what it asks for comes from the form, who is told from the request."""
    return _through_head(verb, form, lambda form: (form.asked(),), _asked)


def _asked(made: Request) -> Text:
    if made.decider == Decider.ABOVE:
        return t("Asked. The supervisor was told.")
    return t("Asked. The lead agency was told.")


def _sign_off(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: asking.SignOffFields,
) -> Submission | Request | SignOff:
    """The head signs, or sends it back."""
    sign_off_id = form.sign_off_id.data or 0
    if form.decision.data == "sign":
        return signing.sign(db, actor, clock, assignment_id, sign_off_id, form.seen_version)
    reason = form.reason.data or ""
    return signing.send_back(db, actor, clock, assignment_id, sign_off_id, reason)


def _signed(made: object) -> Text:
    if isinstance(made, SignOff):
        return t("Sent back. Who prepared it was told.")
    return t("Signed off. It has left the unit today.")


def _target(assignment_id: int) -> Decimal | None:
    """The amount that an assignment owes."""
    return load_assignment(db(), actor(), assignment_id).amount


def _reported(made: Submission) -> Text:
    """And a hint where the amount looks mistyped."""
    target = _target(made.assignment_id)
    if made.amount is not None and target is not None and made.amount > target:
        return t(
            "Progress was reported. %(amount)s is more than the target of %(target)s: if that is "
            "not so, report again.",
            amount=made.amount,
            target=target,
        )
    return t("Progress was reported.")


def _broken_down(node: Assignment) -> Text:
    """And a hint where the year owes more than the whole row."""
    row = _target(node.parent_id or 0)
    if node.amount is not None and row is not None and node.amount > row:
        return t(
            "The yearly node was added as a draft. Its amount, %(amount)s, is more than that of "
            "the whole row, %(target)s: see that it is right before you issue it.",
            amount=node.amount,
            target=row,
        )
    return t("The yearly node was added as a draft. Issue it when it is right.")


def _issued(made: Assignment) -> Text:
    """Whether anybody was told."""
    if messages.people(db(), made.unit_id, Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return t("Issued. The unit was told.")
    return t("Issued. Nobody of this unit has an account yet, so nobody could be told.")


def _edited(made: breakdown.Edited) -> Text:
    """For a unit group, how many drafts of members followed."""
    if made.draft.group_id is None:
        return t("The draft was changed.")
    return t(
        "The draft was changed. Members' drafts that followed: %(count)s.", count=made.followed
    )


ACTS: Mapping[Verb, Act] = {
    Verb.ISSUE: Act(fields.IssueFields, breakdown.issue, _seen, _issued),
    Verb.SIGN_OFF: Act(asking.SignOffFields, _sign_off, lambda form: (form,), _signed),
    Verb.CALL_BACK: Act(
        asking.CallBackFields,
        signing.call_back,
        lambda form: (form.sign_off_id.data or 0,),
        t("Taken back. What you wrote is in the form again."),
    ),
    Verb.ACKNOWLEDGE: Act(
        fields.AcknowledgeFields, handing_in.acknowledge, _seen, t("Signed for.")
    ),
    Verb.WITHDRAW: Act(
        fields.WithdrawFields, handing_in.withdraw, _seen, t("Withdrawn. You can submit again.")
    ),
    Verb.ANSWER: Act(
        fields.AnswerFields,
        urging.answer,
        lambda form: (form.urge_id.data or 0, form.text.data or ""),
        t("Answered. The person who urged was told."),
    ),
    Verb.EDIT: Act(
        fields.DraftFields,
        breakdown.edit_draft,
        lambda form: (form.draft(), form.seen_version),
        _edited,
    ),
    Verb.REPORT: Act(
        fields.ReportFields,
        handing_in.report,
        lambda form: (form.submission(),),
        _reported,
    ),
    Verb.SUBMIT: _through_head(
        Verb.SUBMIT,
        fields.SubmitFields,
        lambda form: (form.submission(), form.seen_version),
        t("Submitted. It now waits for review."),
    ),
    Verb.DECIDE_REQUEST: Act(
        asking.DecideFields,
        requests.decide,
        lambda form: (form.decided(),),
        t("Decided. Those who asked were told."),
    ),
    Verb.TAKE_BACK: Act(
        asking.TakeBackFields,
        requests.take_back,
        lambda _form: (),
        t("Taken back."),
    ),
    Verb.ASK_EXTENSION: _asks(Verb.ASK_EXTENSION, asking.AskExtensionFields),
    Verb.OBJECT: _asks(Verb.OBJECT, asking.ObjectFields),
    Verb.APPEAL: _asks(Verb.APPEAL, asking.ObjectFields),
    Verb.ASK_ADJUSTMENT: _asks(Verb.ASK_ADJUSTMENT, asking.AskAdjustmentFields),
    Verb.BREAK_DOWN: Act(
        fields.BreakDownFields,
        breakdown.break_down,
        lambda form: (form.node(),),
        _broken_down,
    ),
    Verb.CONFIRM: Act(
        fields.ConfirmFields,
        reviewing.confirm,
        lambda form: (form.report_id(), form.quantity(), form.seen_version),
        t("The amount was verified."),
    ),
    Verb.ACCEPT: Act(
        fields.AcceptFields,
        reviewing.accept,
        lambda form: (form.acceptance(), form.seen_version),
        t("Accepted. It counts in the score from now on."),
    ),
    Verb.RETURN: Act(
        fields.ReturnFields,
        reviewing.return_,
        lambda form: (form.refusal(), form.seen_version),
        t("Returned. The unit was told why and until when."),
    ),
    Verb.URGE: Act(
        fields.UrgeFields,
        urging.urge,
        lambda form: (form.text.data or "", form.answer_by.data, form.spoken_to.data),
        t("Urged. The unit was told."),
    ),
    Verb.EXTEND: Act(
        asking.ExtendFields,
        extending.extend,
        lambda form: (form.extension(), form.seen_version),
        _or_asked(t("Extended. The unit was told.")),
    ),
    Verb.RESUME: Act(
        asking.ResumeFields,
        extending.resume,
        lambda form: (form.reason.data, form.seen_version),
        t("Resumed. The unit was told."),
    ),
    Verb.REOPEN: Act(
        fields.ReopenFields,
        reviewing.reopen,
        lambda form: (
            form.reason.data or "",
            bool(form.withdraw_verified.data),
            form.seen_version,
        ),
        t("Reopened. The unit was told."),
    ),
    Verb.FIND_UNTRUE: Act(
        fields.FindUntrueFields,
        findings.find_untrue,
        lambda form: (form.finding(), form.seen_version),
        t("Found untrue: it counts 0 from today on. The unit was told."),
    ),
    Verb.REVOKE_FINDING: Act(
        fields.RevokeFindingFields,
        findings.revoke_finding,
        lambda form: (form.reason.data or "", form.seen_version),
        t("Revoked: what was verified counts again. The unit was told."),
    ),
    Verb.REASSIGN: Act(
        fields.ReassignFields,
        steering.reassign,
        lambda form: (form.reassignment(), form.seen_version),
        _or_asked(t("Closed here, and issued to the other unit.")),
    ),
    Verb.CANCEL: Act(
        fields.CancelFields,
        steering.cancel,
        lambda form: (form.cancellation(), form.seen_version),
        _or_asked(t("Cancelled.")),
    ),
}
"""In the order in which the page offers them."""
