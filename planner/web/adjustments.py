"""The list of adjustments: what was asked for, decided, and done without being asked."""

from __future__ import annotations

from typing import Any, cast, get_args

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from planner.domain import permissions
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.domain.words import RequestKind
from planner.services import adjustments
from planner.services.adjustments import AdjustmentFilter, Show, Sort
from planner.services.export import Sheet
from planner.services.paging import page_number
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_day, asked_id, asked_text
from planner.web.context import actor, clock, db, language

bp = Blueprint("adjustments", __name__)


@bp.get("/adjustments")
@area(Area.SEE_TASKS)
def index() -> str:
    """The list, filtered, sorted and paged."""
    wanted = _asked()
    query = _query(wanted)
    return render_template(
        "adjustments.html",
        page=adjustments.adjustments_page(
            db(), actor(), wanted, page_number(request.args.get("page"))
        ),
        units=adjustments.units_adjusted(db(), actor()),
        kinds=list(RequestKind),
        decides=permissions.may(actor(), Area.SEE_REVIEW_QUEUE),
        kind_name=adjustments.kind_name,
        outcome_name=adjustments.outcome_name,
        wanted=wanted,
        query=query,
        sort=query.get("sort", "-on"),
    )


@bp.get(f"/adjustments.{downloads.ENDINGS}")
@area(Area.SEE_TASKS)
def download(ending: str) -> Response:
    """The whole filtered list as a file."""
    rows = adjustments.adjustments(db(), actor(), _asked())
    sheet = Sheet(language().say(t("List of adjustments")), adjustments.COLUMNS, rows)
    return downloads.table(ending, f"adjustments-{clock().today}", [sheet])


def _asked() -> AdjustmentFilter:
    sort, show, kind = (request.args.get(name, "") for name in ("sort", "show", "kind"))
    known = sort.removeprefix("-") in get_args(Sort)
    return AdjustmentFilter(
        text=asked_text("q"),
        kind=RequestKind(kind) if kind in set(RequestKind) else None,
        show=cast(Show, show) if show in get_args(Show) else None,
        unit=asked_id("unit"),
        since=asked_day("from"),
        until=asked_day("to"),
        sort=cast(Sort, sort.removeprefix("-")) if known else "on",
        descending=sort.startswith("-") or not known,
    )


def _query(wanted: AdjustmentFilter) -> dict[str, Any]:
    """The filter as an address has it; what is usual is left out."""
    sort = ("-" if wanted.descending else "") + wanted.sort
    query = {
        "q": wanted.text,
        "kind": wanted.kind,
        "show": wanted.show,
        "unit": wanted.unit,
        "from": wanted.since,
        "to": wanted.until,
        "sort": sort if sort != "-on" else None,
    }
    return {name: value for name, value in query.items() if value}
