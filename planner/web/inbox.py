"""A person's own messages."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.domain.permissions import Area
from planner.domain.text import t
from planner.services import messages
from planner.services.inbox import inbox
from planner.services.letters import by_level, headline, subject, what_is_due
from planner.services.paging import page_number, paginate
from planner.services.weekly import sections_of
from planner.web.access import area
from planner.web.context import clock, db, language, login, writing
from planner.web.forms import see_other

bp = Blueprint("inbox", __name__)


@bp.get("/inbox")
@area(Area.INBOX)
def index() -> str:
    """My messages, newest first."""
    unread_only = request.args.get("show") == "unread"
    found = inbox(login().user_id, unread_only)
    return render_template(
        "inbox.html",
        page=paginate(db(), found, page_number(request.args.get("page"))),
        unread_only=unread_only,
        by_level=by_level,
        subject=headline,
        whole=subject,
        what_is_due=what_is_due,
        sections_of=sections_of,
    )


@bp.post("/inbox/<int:message_id>/open")
@area(Area.INBOX)
def open_message(message_id: int) -> Response:
    """Read a message and go to what it is about."""
    message = messages.own_message(db(), login().user_id, message_id)
    target = message.path or url_for("inbox.index")
    if message.assignment_id is not None:
        target = url_for("assignments.show", assignment_id=message.assignment_id)
    with writing() as session:
        messages.mark_read(session, login().user_id, [message_id], clock().now)
        session.commit()
    return see_other(target)


@bp.post("/inbox/read")
@area(Area.INBOX)
def read_all() -> Response:
    """Nothing is new any more."""
    with writing() as session:
        changed = messages.mark_read(session, login().user_id, None, clock().now)
        session.commit()
    flash(language().say(t("Messages marked as read: %(count)s.", count=changed)), "success")
    return see_other(url_for("inbox.index"))
