"""What waits for the reader's decision, and one submission with proof and decision side by side."""

from __future__ import annotations

from typing import Any, cast, get_args

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from planner.domain.permissions import Area
from planner.domain.text import t
from planner.services import review_export
from planner.services.export import Sheet
from planner.services.paging import page_number
from planner.services.review_queue import (
    QueueFilter,
    Sort,
    queue_page,
    reports_to_confirm,
    units_waiting,
    whole_queue,
)
from planner.web import assignment_page, downloads
from planner.web.access import area
from planner.web.choices import asked_id, asked_text
from planner.web.context import actor, clock, db, language

bp = Blueprint("review", __name__)


@bp.get("/review")
@area(Area.SEE_REVIEW_QUEUE)
def index() -> str:
    """The queue, the longest waiting first, and reports with amounts to confirm."""
    wanted, query = _asked(), _query(_asked())
    return render_template(
        "review/index.html",
        page=queue_page(db(), actor(), clock(), wanted, page_number(request.args.get("page"))),
        reports=reports_to_confirm(db(), actor(), clock(), wanted),
        units=units_waiting(db(), actor()),
        wanted=wanted,
        query=query,
        sort=query.get("sort", "-waiting"),
    )


@bp.get(f"/review.{downloads.ENDINGS}")
@area(Area.SEE_REVIEW_QUEUE)
def download(ending: str) -> Response:
    """Everything that the filtered page lists, as a file."""
    rows = whole_queue(db(), actor(), clock(), _asked())
    sheet = Sheet(language().say(t("Review")), review_export.COLUMNS, rows)
    return downloads.table(ending, f"review-{clock().today}", [sheet])


def _asked() -> QueueFilter:
    sort = request.args.get("sort", "-waiting")
    known = sort.removeprefix("-") in get_args(Sort)
    return QueueFilter(
        text=asked_text("q"),
        unit=asked_id("unit"),
        sort=cast(Sort, sort.removeprefix("-")) if known else "waiting",
        descending=sort.startswith("-") or not known,
    )


def _query(wanted: QueueFilter) -> dict[str, Any]:
    """The filter as an address has it; what is usual is left out."""
    sort = ("-" if wanted.descending else "") + wanted.sort
    query = {"q": wanted.text, "unit": wanted.unit, "sort": sort if sort != "-waiting" else None}
    return {name: value for name, value in query.items() if value}


@bp.get("/review/<int:assignment_id>")
@area(Area.SEE_REVIEW_QUEUE)
def show(assignment_id: int) -> str:
    """Proof and decision side by side."""
    return assignment_page.render_review(assignment_id)
