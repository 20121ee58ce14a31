"""Every message about the work, and what became of it."""

from __future__ import annotations

from typing import Any, get_args

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from planner.domain.permissions import Area
from planner.domain.text import t
from planner.domain.words import Channel
from planner.services import message_list, units
from planner.services.export import Sheet
from planner.services.failures import error_of
from planner.services.letters import headline
from planner.services.message_list import STANDINGS, MessageFilter, Standing
from planner.services.paging import page_number, paginate
from planner.services.resending import KINDS, address_of, unit_of
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_id, asked_text
from planner.web.context import actor, clock, db, language, runtime
from planner.web.sending_again import AgainFields, send_all, send_one

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@area(Area.SEE_MESSAGES)
def index() -> str:
    """Who was told what, over which channel, and whether it arrived; newest first."""
    wanted = _asked()
    found = message_list.message_list(actor(), wanted)
    return render_template(
        "messages.html",
        page=paginate(db(), found, page_number(request.args.get("page"))),
        wanted=wanted,
        given_up=message_list.how_many_given_up(db(), actor()),
        standings=STANDINGS,
        channels=list(Channel),
        kinds=KINDS,
        units=units.active_units(db()),
        standing_of=message_list.standing_of,
        next_try_of=message_list.next_try_of,
        address_of=address_of,
        unit_of=unit_of,
        error_of=error_of,
        subject=headline,
        form=AgainFields(formdata=None),
    )


@bp.get(f"/messages.{downloads.ENDINGS}")
@area(Area.SEE_MESSAGES)
def export(ending: str) -> Response:
    """The whole filtered list as a file."""
    found = db().scalars(message_list.message_list(actor(), _asked())).unique()
    columns = message_list.columns(runtime().settings.timezone)
    sheet = Sheet(language().say(t("Delivery")), columns, found)
    return downloads.table(ending, f"messages-{clock().today}", [sheet])


def _asked() -> MessageFilter:
    standing, channel, kind = (asked_text(name) for name in ("standing", "channel", "kind"))
    return MessageFilter(
        standing=next((each for each in get_args(Standing) if each == standing), None),
        channel=Channel(channel) if channel in set(map(str, Channel)) else None,
        kind=kind if kind in KINDS else None,
        unit_id=asked_id("unit"),
        words=asked_text("q"),
    )


@bp.post("/messages/<int:message_id>/again")
@area(Area.SEE_MESSAGES)
def again(message_id: int) -> Any:
    """One message once more."""
    return send_one(message_list.send_again, message_id, index, "messages.index")


@bp.post("/messages/again")
@area(Area.SEE_MESSAGES)
def again_all() -> Any:
    """All that were given up, once more."""
    return send_all(message_list.send_all_again, index, "messages.index")
