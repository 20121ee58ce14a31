"""What waits for the reader's decision, and one submission with proof and decision side by side."""

from __future__ import annotations

from flask import Blueprint, render_template

from planner.domain.permissions import Area
from planner.services import my_work
from planner.web import assignment_page
from planner.web.access import area
from planner.web.context import actor, clock, db

bp = Blueprint("review", __name__, url_prefix="/review")


@bp.get("")
@area(Area.SEE_REVIEW_QUEUE)
def index() -> str:
    """The queue, the oldest first."""
    return render_template(
        "review/index.html", waiting=my_work.waiting_rounds(db(), actor(), clock())
    )


@bp.get("/<int:assignment_id>")
@area(Area.SEE_REVIEW_QUEUE)
def show(assignment_id: int) -> str:
    """Proof and decision side by side."""
    return assignment_page.render_review(assignment_id)
