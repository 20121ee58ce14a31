"""Each verb of an assignment: its form, the service that carries it out, what is said then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from planner.domain.actor import Role
from planner.domain.lifecycle import Verb
from planner.domain.text import Text, t
from planner.domain.words import Decider
from planner.models import Assignment, Request
from planner.services import (
    breakdown,
    extending,
    handing_in,
    messages,
    requests,
    requests_asking,
    reviewing,
    steering,
    urging,
)
from planner.web import assignment_forms as fields
from planner.web import request_forms as asking
from planner.web.assignment_forms import ProofFields
from planner.web.context import db
from planner.web.forms import PlannerForm


@dataclass(frozen=True)
class Act:
    """A verb on its way from the form to the service.

    `given` makes what the service takes after db, actor, clock and assignment id from the form.
    """

    form: type[PlannerForm]
    service: Callable[..., Any]
    given: Callable[[Any], tuple[Any, ...]]
    said: Text | Callable[[Any], Text]


def _seen(form: PlannerForm) -> tuple[Any, ...]:
    """For verbs that are a lone button."""
    return (form.seen_version,)


def _or_asked(done: Text) -> Callable[[object], Text]:
    """What is said of an act that after the due date is only asked for."""
    asked = t("This needs consent: the supervisor was asked to agree.")
    return lambda made: asked if isinstance(made, Request) else done


def _asks(form: type[ProofFields], service: Callable[..., Request]) -> Act:
    """A request: what it asks for comes from the form, who is told from the request."""
    return Act(form, service, lambda form: (form.asked(),), _asked)


def _asked(made: Request) -> Text:
    if made.decider == Decider.ABOVE:
        return t("Asked. The supervisor was told.")
    return t("Asked. The lead agency was told.")


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
        t("Progress was reported."),
    ),
    Verb.SUBMIT: Act(
        fields.SubmitFields,
        handing_in.submit,
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
    Verb.ASK_EXTENSION: _asks(asking.AskExtensionFields, requests_asking.ask_extension),
    Verb.OBJECT: _asks(asking.ObjectFields, requests_asking.object_),
    Verb.APPEAL: _asks(asking.ObjectFields, requests_asking.appeal),
    Verb.ASK_ADJUSTMENT: _asks(asking.AskAdjustmentFields, requests_asking.ask_adjustment),
    Verb.BREAK_DOWN: Act(
        fields.BreakDownFields,
        breakdown.break_down,
        lambda form: (form.node(),),
        t("The yearly node was added as a draft. Issue it when it is right."),
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
