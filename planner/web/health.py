"""Whether the process lives, and whether people can work."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus

from flask import Blueprint, current_app

from planner.services.readiness import KeptReadiness
from planner.web.context import runtime

KEPT = "planner_readiness"

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers; nothing else is looked at."""
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> tuple[dict[str, str], HTTPStatus]:
    """Database, migrations and store, with 503 if one fails; a late worker is only reported."""
    kept = current_app.extensions.setdefault(KEPT, KeptReadiness(runtime()))
    found = kept()
    status = HTTPStatus.OK if found.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ready" if found.ready else "not ready", **asdict(found)}, status
