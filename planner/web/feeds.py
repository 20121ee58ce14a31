"""A person's calendar feed, read by calendar programs, which cannot log in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from planner.documents.calendar_feed import CALENDAR, write_feed
from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.models import FeedLink
from planner.services import feeds
from planner.web.access import area
from planner.web.context import actor, clock, db, runtime, writing
from planner.web.forms import carry_out
from planner.web.user_forms import StandingFields
from planner.web.users import NEW_FEED, profile_page

bp = Blueprint("feeds", __name__)


@bp.get("/feed/<token>.ics")
def calendar(token: str) -> Response:
    """The dates of whoever has the address, in their language. Raises NotFound for any other."""
    user = feeds.person_of(db(), token)
    if user is None:
        raise NotFound
    parts = runtime()
    language = parts.languages.get(user.locale) if user.locale else parts.languages.default
    found = feeds.events(db(), user, language, parts.links)
    name = language.say(t("Dates of the plan: %(name)s", name=user.name))
    answer = make_response(write_feed(name, language.locale, found))
    answer.headers["Content-Type"] = CALENDAR
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = "inline; filename=planner.ics"
    answer.add_etag()
    _note_reading(token)
    return answer.make_conditional(request)


def _note_reading(token: str) -> None:
    if feeds.is_to_be_noted(db(), clock(), token):
        now = clock()
        with writing() as changing:
            feeds.note_reading(changing, now, token)
            changing.commit()


@bp.post("/profile/feed")
@area(Area.PROFILE)
def new() -> Any:
    """A new address; the page that follows shows it, once."""
    form = StandingFields()

    def make(changing: Session) -> tuple[FeedLink, str]:
        return feeds.new_link(changing, actor(), clock())

    def keep(made: tuple[FeedLink, str]) -> Text:
        """Once it is committed, for the page that follows."""
        session[NEW_FEED] = runtime().links.feed(made[1])
        return t("Your calendar has a new link.")

    return carry_out(form, make, done=_section, again=profile_page, said=keep)


@bp.post("/profile/feed/revoke")
@area(Area.PROFILE)
def revoke() -> Any:
    """End the address."""
    return carry_out(
        StandingFields(),
        lambda changing: feeds.revoke(changing, actor(), clock()),
        done=_section,
        again=profile_page,
        said=t("Your calendar link was revoked."),
    )


def _section(_made: object) -> str:
    return url_for("users.profile", _anchor="feed")
