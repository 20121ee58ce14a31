"""What nobody got."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.domain.permissions import Area
from planner.domain.text import t
from planner.services import undelivered
from planner.services.export import Sheet
from planner.services.failures import error_of
from planner.services.paging import page_number, paginate
from planner.services.resending import KINDS, address_of
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_text
from planner.web.context import actor, clock, db, language
from planner.web.forms import PlannerForm, carry_out

bp = Blueprint("undelivered", __name__)


class AgainFields(PlannerForm):
    """Send again: nothing but the button."""


@bp.get("/undelivered")
@area(Area.MANAGE_USERS)
def index() -> str:
    """Who should have got something and did not, newest first."""
    words = asked_text("q")
    found = undelivered.undelivered(words)
    return render_template(
        "undelivered.html",
        page=paginate(db(), found, page_number(request.args.get("page"))),
        words=words,
        kinds=KINDS,
        address_of=address_of,
        error_of=error_of,
        form=AgainFields(formdata=None),
    )


@bp.get(f"/undelivered.{downloads.KINDS}")
@area(Area.MANAGE_USERS)
def export(kind: str) -> Response:
    """The whole filtered list as a file."""
    found = db().scalars(undelivered.undelivered(asked_text("q")))
    sheet = Sheet(language().say(t("Undelivered")), undelivered.COLUMNS, found)
    return downloads.table(kind, f"undelivered-{clock().today}", [sheet])


@bp.post("/undelivered/<int:message_id>/again")
@area(Area.MANAGE_USERS)
def again(message_id: int) -> Any:
    """One message once more."""
    form = AgainFields()
    return carry_out(
        form,
        lambda session: undelivered.send_again(session, actor(), clock(), message_id),
        done=lambda _message: url_for("undelivered.index"),
        again=lambda: _refused(form),
        said=lambda message: t(
            "The message to %(name)s is sent again within a minute.",
            name=address_of(message).name,
        ),
    )


@bp.post("/undelivered/again")
@area(Area.MANAGE_USERS)
def again_all() -> Any:
    """All of them once more."""
    form = AgainFields()
    return carry_out(
        form,
        lambda session: undelivered.send_all_again(session, actor(), clock()),
        done=lambda _count: url_for("undelivered.index"),
        again=lambda: _refused(form),
        said=lambda count: t("Messages that are sent again now: %(count)s.", count=count),
    )


def _refused(form: PlannerForm) -> str:
    for error in form.form_errors:
        flash(error, "danger")
    return index()
