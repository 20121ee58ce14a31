"""An assignment: everything about it, and the verbs that this person may do to it now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for

from planner.domain.errors import InvalidTransition, Stale
from planner.domain.lifecycle import Verb
from planner.domain.permissions import Area
from planner.models import Assignment
from planner.services import sheets
from planner.web import assignment_page, uploads
from planner.web.access import area, require_verb
from planner.web.assignment_forms import ProofFields
from planner.web.assignment_verbs import ACTS, Act
from planner.web.choices import asked_id
from planner.web.context import actor, clock, close_db, db
from planner.web.forms import carry_out
from planner.web.typed import takes

bp = Blueprint("assignments", __name__, url_prefix="/assignments")


@bp.get("/<int:assignment_id>")
@area(Area.SEE_TASKS)
def show(assignment_id: int) -> str:
    """The page of an assignment."""
    return assignment_page.render(assignment_id)


@bp.get("/<int:assignment_id>/sheet")
@area(Area.SEE_TASKS)
def sheet(assignment_id: int) -> str:
    """The form to be printed, signed and sealed."""
    facts = sheets.sheet(db(), actor(), assignment_id, asked_id("submission"), asked_id("request"))
    return render_template("assignments/sheet.html", sheet=facts)


@bp.post("/<int:assignment_id>/files")
@area(Area.SEE_TASKS)
def upload(assignment_id: int) -> tuple[dict[str, str], int]:
    """Take one file in for a form that is still being written; answers with its list item."""
    file, prefix = request.files.get("file"), request.form.get("prefix", "")
    return uploads.one(uploads.for_assignment(assignment_id), file, prefix)


def _do(assignment_id: int, verb: Verb, act: Act) -> Any:
    """Carry one verb out; a conflict keeps what was typed and shows what happened meanwhile.

    Who may not is told so first, whatever the form says.
    """
    require_verb(assignment_id, verb)
    form = act.form()
    if isinstance(form, ProofFields):
        uploads.take_in(form, uploads.for_assignment(assignment_id))

    def again() -> Any:
        close_db()
        return assignment_page.of_request()(assignment_id, form={verb: form})

    try:
        return carry_out(
            form,
            lambda db: act.service(db, actor(), clock(), assignment_id, *act.given(form)),
            done=lambda made: _result(assignment_id, verb, made),
            again=again,
            said=act.said,
        )
    except (Stale, InvalidTransition) as error:
        close_db()
        return assignment_page.conflict(assignment_id, verb, form, error)


def _result(assignment_id: int, verb: Verb, made: object) -> str:
    """Where to go on: the queue, the assignment itself, or the one that took its place."""
    if request.form.get("page") == "review":
        return url_for("review.index")
    if verb is Verb.REASSIGN and isinstance(made, Assignment):
        return url_for("assignments.show", assignment_id=made.id)
    return url_for("assignments.show", assignment_id=assignment_id)


def _view(verb: Verb, act: Act) -> Callable[[int], Any]:
    @area(Area.SEE_TASKS)
    @takes(act.form)
    def do(assignment_id: int) -> Any:
        return _do(assignment_id, verb, act)

    return do


def endpoint(verb: Verb) -> str:
    """The name of a verb's view; "return" is a word of Python."""
    return "return_" if verb is Verb.RETURN else str(verb)


for each, its_act in ACTS.items():
    bp.add_url_rule(
        f"/<int:assignment_id>/{each}", endpoint(each), _view(each, its_act), methods=["POST"]
    )
