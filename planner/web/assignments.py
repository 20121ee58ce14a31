"""An assignment: everything about it, and the verbs that this person may do to it now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy.orm import Session

from planner.domain.errors import InvalidTransition, Stale
from planner.domain.lifecycle import Verb
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.models import Assignment, Request
from planner.services import breakdown, handing_in, reviewing, steering
from planner.web import assignment_page, uploads
from planner.web.access import area, require_verb
from planner.web.assignment_forms import (
    AcceptFields,
    AcknowledgeFields,
    BreakDownFields,
    CancelFields,
    ConfirmFields,
    DecideFields,
    DraftFields,
    IssueFields,
    ReassignFields,
    ReopenFields,
    ReportFields,
    ReturnFields,
    SubmitFields,
    UrgeFields,
    WithdrawFields,
)
from planner.web.context import actor, clock, close_db
from planner.web.forms import PlannerForm, carry_out

bp = Blueprint("assignments", __name__, url_prefix="/assignments")


@bp.get("/<int:assignment_id>")
@area(Area.SEE_TASKS)
def show(assignment_id: int) -> str:
    """The page of an assignment."""
    return assignment_page.render(assignment_id)


def _done(made: object) -> str:
    """Where to look at the result: the assignment itself, or the new one."""
    if isinstance(made, Assignment):
        return url_for("assignments.show", assignment_id=made.id)
    return url_for("assignments.show", assignment_id=made.assignment_id)  # type: ignore[attr-defined]


def _verb(
    assignment_id: int,
    verb: Verb,
    form: PlannerForm,
    service: Callable[[Session], Any],
    said: Text | Callable[[Any], Text],
) -> Any:
    """Carry one verb out; a conflict keeps what was typed and shows what happened meanwhile.

    Who may not is told so first, whatever the form says.
    """
    require_verb(assignment_id, verb)

    def again() -> Any:
        close_db()
        return assignment_page.of_request()(assignment_id, form={verb: form})

    try:
        return carry_out(form, service, done=_done, again=again, said=said)
    except (Stale, InvalidTransition) as error:
        close_db()
        return assignment_page.conflict(assignment_id, verb, form, error)


@bp.post("/<int:assignment_id>/break_down")
@area(Area.SEE_TASKS)
def break_down(assignment_id: int) -> Any:
    """Add a yearly node."""
    form = BreakDownFields()
    return _verb(
        assignment_id,
        Verb.BREAK_DOWN,
        form,
        lambda db: breakdown.break_down(db, actor(), clock(), assignment_id, form.node()).parent,
        t("The yearly node was added as a draft. Issue it when it is right."),
    )


@bp.post("/<int:assignment_id>/edit")
@area(Area.SEE_TASKS)
def edit(assignment_id: int) -> Any:
    """Change a draft."""
    form = DraftFields()
    return _verb(
        assignment_id,
        Verb.EDIT,
        form,
        lambda db: breakdown.edit_draft(
            db, actor(), clock(), assignment_id, form.draft(), form.seen_version or 0
        ),
        t("The draft was changed."),
    )


@bp.post("/<int:assignment_id>/issue")
@area(Area.SEE_TASKS)
def issue(assignment_id: int) -> Any:
    """Hand a draft to its unit."""
    form = IssueFields()
    return _verb(
        assignment_id,
        Verb.ISSUE,
        form,
        lambda db: breakdown.issue(db, actor(), clock(), assignment_id, form.seen_version),
        t("Issued. The unit was told."),
    )


@bp.post("/<int:assignment_id>/acknowledge")
@area(Area.SEE_TASKS)
def acknowledge(assignment_id: int) -> Any:
    """Sign for it."""
    form = AcknowledgeFields()
    return _verb(
        assignment_id,
        Verb.ACKNOWLEDGE,
        form,
        lambda db: handing_in.acknowledge(db, actor(), clock(), assignment_id, form.seen_version),
        t("Signed for."),
    )


@bp.post("/<int:assignment_id>/report")
@area(Area.SEE_TASKS)
def report(assignment_id: int) -> Any:
    """Report progress."""
    form = ReportFields()
    uploads.take_in(form, assignment_id)
    return _verb(
        assignment_id,
        Verb.REPORT,
        form,
        lambda db: handing_in.report(db, actor(), clock(), assignment_id, form.submission()),
        t("Progress was reported."),
    )


@bp.post("/<int:assignment_id>/submit")
@area(Area.SEE_TASKS)
def submit(assignment_id: int) -> Any:
    """Submit for completion."""
    form = SubmitFields()
    uploads.take_in(form, assignment_id)
    return _verb(
        assignment_id,
        Verb.SUBMIT,
        form,
        lambda db: handing_in.submit(
            db, actor(), clock(), assignment_id, form.submission(), form.seen_version
        ),
        t("Submitted. It now waits for review."),
    )


@bp.post("/<int:assignment_id>/withdraw")
@area(Area.SEE_TASKS)
def withdraw(assignment_id: int) -> Any:
    """Take a submission back."""
    form = WithdrawFields()
    return _verb(
        assignment_id,
        Verb.WITHDRAW,
        form,
        lambda db: handing_in.withdraw(db, actor(), clock(), assignment_id, form.seen_version),
        t("Withdrawn. You can submit again."),
    )


@bp.post("/<int:assignment_id>/confirm")
@area(Area.SEE_TASKS)
def confirm(assignment_id: int) -> Any:
    """Verify an amount of a progress report."""
    form = ConfirmFields()
    return _verb(
        assignment_id,
        Verb.CONFIRM,
        form,
        lambda db: reviewing.confirm(
            db,
            actor(),
            clock(),
            assignment_id,
            form.report_id(),
            form.quantity(),
            form.seen_version,
        ),
        t("The amount was verified."),
    )


@bp.post("/<int:assignment_id>/accept")
@area(Area.SEE_TASKS)
def accept(assignment_id: int) -> Any:
    """Accept a completion."""
    form = AcceptFields()
    return _verb(
        assignment_id,
        Verb.ACCEPT,
        form,
        lambda db: (
            reviewing.accept(
                db, actor(), clock(), assignment_id, form.acceptance(), form.seen_version
            ).submission
        ),
        t("Accepted. It counts in the score from now on."),
    )


@bp.post("/<int:assignment_id>/return")
@area(Area.SEE_TASKS)
def return_(assignment_id: int) -> Any:
    """Return a completion for rework."""
    form = ReturnFields()
    return _verb(
        assignment_id,
        Verb.RETURN,
        form,
        lambda db: (
            reviewing.return_(
                db, actor(), clock(), assignment_id, form.refusal(), form.seen_version
            ).submission
        ),
        t("Returned. The unit was told why and until when."),
    )


@bp.post("/<int:assignment_id>/reopen")
@area(Area.SEE_TASKS)
def reopen(assignment_id: int) -> Any:
    """Open an accepted assignment again."""
    form = ReopenFields()
    return _verb(
        assignment_id,
        Verb.REOPEN,
        form,
        lambda db: reviewing.reopen(
            db,
            actor(),
            clock(),
            assignment_id,
            form.reason.data or "",
            bool(form.withdraw_verified.data),
            form.seen_version,
        ),
        t("Reopened. The unit was told."),
    )


@bp.post("/<int:assignment_id>/urge")
@area(Area.SEE_TASKS)
def urge(assignment_id: int) -> Any:
    """Demand an answer."""
    form = UrgeFields()
    return _verb(
        assignment_id,
        Verb.URGE,
        form,
        lambda db: steering.urge(
            db, actor(), clock(), assignment_id, form.text.data or "", form.answer_by.data
        ),
        t("Urged. The unit was told."),
    )


@bp.post("/<int:assignment_id>/cancel")
@area(Area.SEE_TASKS)
def cancel(assignment_id: int) -> Any:
    """Take it out of the plan."""
    form = CancelFields()
    return _verb(
        assignment_id,
        Verb.CANCEL,
        form,
        lambda db: steering.cancel(
            db, actor(), clock(), assignment_id, form.cancellation(), form.seen_version
        ),
        lambda made: _said_or_asked(made, t("Cancelled.")),
    )


@bp.post("/<int:assignment_id>/reassign")
@area(Area.SEE_TASKS)
def reassign(assignment_id: int) -> Any:
    """Hand it to another unit."""
    form = ReassignFields()
    return _verb(
        assignment_id,
        Verb.REASSIGN,
        form,
        lambda db: steering.reassign(
            db, actor(), clock(), assignment_id, form.reassignment(), form.seen_version
        ),
        lambda made: _said_or_asked(made, t("Closed here, and issued to the other unit.")),
    )


def _said_or_asked(made: object, done: Text) -> Text:
    if isinstance(made, Request):
        return t("The due date has passed: the supervisor was asked to agree.")
    return done


@bp.post("/<int:assignment_id>/decide_request")
@area(Area.SEE_TASKS)
def decide_request(assignment_id: int) -> Any:
    """The supervisor agrees or refuses."""
    form = DecideFields()
    return _verb(
        assignment_id,
        Verb.DECIDE_REQUEST,
        form,
        lambda db: steering.decide_request(
            db,
            actor(),
            clock(),
            assignment_id,
            form.decision.data == "grant",
            form.reason.data,
        ),
        t("Decided. The coordinator was told."),
    )


@bp.post("/<int:assignment_id>/files")
@area(Area.SEE_TASKS)
def upload(assignment_id: int) -> tuple[dict[str, str], int]:
    """Take one file in for a form that is still being written; answers with its list item."""
    file, prefix = request.files.get("file"), request.form.get("prefix", "")
    return uploads.one(assignment_id, file, prefix)
