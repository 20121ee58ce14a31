"""What nobody got."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
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
from planner.web.context import clock, db, language
from planner.web.sending_again import AgainFields, send_all, send_one

bp = Blueprint("undelivered", __name__)


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


@bp.get(f"/undelivered.{downloads.ENDINGS}")
@area(Area.MANAGE_USERS)
def export(ending: str) -> Response:
    """The whole filtered list as a file."""
    found = db().scalars(undelivered.undelivered(asked_text("q")))
    sheet = Sheet(language().say(t("Undelivered")), undelivered.COLUMNS, found)
    return downloads.table(ending, f"undelivered-{clock().today}", [sheet])


@bp.post("/undelivered/<int:message_id>/again")
@area(Area.MANAGE_USERS)
def again(message_id: int) -> Any:
    """One message once more."""
    return send_one(undelivered.send_again, message_id, index, "undelivered.index")


@bp.post("/undelivered/again")
@area(Area.MANAGE_USERS)
def again_all() -> Any:
    """All that were given up, once more."""
    return send_all(undelivered.send_all_again, index, "undelivered.index")
