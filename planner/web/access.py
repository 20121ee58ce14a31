"""Who may enter which endpoint: log-in by default, and an area's roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from planner.domain import permissions
from planner.domain.lifecycle import Verb
from planner.domain.permissions import Area
from planner.domain.readings import ReadingVerb
from planner.services.reading_parties import load_reading, parties_of_indicator
from planner.services.scope import load_assignment, load_indicator
from planner.services.steps import parties_of
from planner.web.context import actor, clock, db, is_logged_in

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = frozenset(
    {
        "auth.login",
        "auth.choose_language",
        "health.healthz",
        "health.readyz",
        "feeds.calendar",
        "static",
        "bootstrap.static",
    }
)
"""The only endpoints without log-in."""

LEAVING = "auth.logout"
"""Who leaves twice has nothing to lose."""

_AREA = "planner_area"


def area(wanted: Area) -> Callable[[View], View]:
    """Mark a view as part of an area; a view without mark is refused to everybody."""

    def mark(view: View) -> View:
        setattr(view, _AREA, wanted)
        return view

    return mark


def area_of(app: Flask, endpoint: str) -> Area | None:
    """The area of an endpoint, or nothing for the public ones."""
    return getattr(app.view_functions[endpoint], _AREA, None)


def needs_log_in(endpoint: str | None) -> bool:
    """Whether only people who logged in get there."""
    return endpoint is not None and endpoint not in PUBLIC


def guard() -> Response | None:
    """Before every request: log-in, then the area.

    Who only looks is sent to the door. Raises Unauthorized for a form, which would be lost there,
    and NotAllowed for the wrong role.
    """
    endpoint = request.endpoint
    if endpoint is None or not needs_log_in(endpoint):
        return None
    if not is_logged_in():
        if request.method == "POST" and endpoint != LEAVING:
            raise Unauthorized
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined, no-any-return]
    wanted = area_of(current_app, endpoint)
    if wanted is None:
        raise LookupError(f"{endpoint} belongs to no area")
    permissions.require(actor(), wanted)
    return None


def require_verb(assignment_id: int, verb: Verb) -> None:
    """Before a form is read or a file taken in. Raises NotFound or NotAllowed."""
    assignment = load_assignment(db(), actor(), assignment_id)
    permissions.require(actor(), verb, parties_of(db(), assignment, clock()))


def require_of_indicator(indicator_id: int, verb: ReadingVerb) -> None:
    """The same for an indicator. Raises NotFound or NotAllowed."""
    indicator = load_indicator(db(), actor(), indicator_id)
    permissions.require(actor(), verb, parties_of_indicator(db(), indicator))


def require_of_reading(indicator_id: int, reading_id: int, verb: ReadingVerb) -> None:
    """The same for one of its readings. Raises NotFound or NotAllowed."""
    indicator = load_indicator(db(), actor(), indicator_id)
    reading = load_reading(db(), indicator, reading_id)
    permissions.require(actor(), verb, parties_of_indicator(db(), indicator, reading))
