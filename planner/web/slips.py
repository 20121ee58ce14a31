"""Slips: the list with its exports, a slip as a page that prints, and as a Word file."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file

from planner.documents.pieces import WORD, chinese_date
from planner.documents.slips import GRADES, write_slip
from planner.domain.lifecycle import OPEN_STATES, State
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.domain.words import SlipKind
from planner.filenames import clean_name
from planner.models import Slip
from planner.services import slips
from planner.services.export import Sheet
from planner.services.paging import page_number, paginate
from planner.services.slips import SlipFilter
from planner.services.urge_list import urge_standing
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_text
from planner.web.context import actor, clock, db, language

bp = Blueprint("slips", __name__)


def _wanted() -> SlipFilter:
    kind = request.args.get("slip", "")
    return SlipFilter(
        words=asked_text("q"),
        kind=SlipKind(kind) if kind in set(SlipKind) else None,
        unanswered=request.args.get("unanswered") == "yes",
    )


def _query(wanted: SlipFilter) -> dict[str, str]:
    """The parameters of the address that asks for this filter."""
    values = {
        "q": wanted.words,
        "slip": wanted.kind or "",
        "unanswered": "yes" if wanted.unanswered else "",
    }
    return {name: value for name, value in values.items() if value}


@bp.get("/slips")
@area(Area.SEE_TASKS)
def index() -> str:
    """Slips that this person may open, newest first."""
    wanted = _wanted()
    found = slips.slip_list(actor(), wanted)
    return render_template(
        "slips/index.html",
        page=paginate(db(), found, page_number(request.args.get("page"))),
        wanted=wanted,
        query=_query(wanted),
        kinds=list(SlipKind),
        answered=slips.answered,
        waits=_waits,
    )


def _waits(slip: Slip) -> bool:
    """Whether an answer is overdue."""
    return any(
        urge_standing(clock(), urge, State(urge.assignment.state) in OPEN_STATES).overdue
        for urge in slip.urges
    )


@bp.get(f"/slips.{downloads.ENDINGS}")
@area(Area.SEE_TASKS)
def export(ending: str) -> Response:
    """The whole filtered list as a file."""
    found = db().scalars(slips.slip_list(actor(), _wanted())).unique()
    sheet = Sheet(language().say(t("Slips")), slips.COLUMNS, found)
    return downloads.table(ending, f"slips-{clock().today}", [sheet])


@bp.get("/slips/<int:slip_id>")
@area(Area.SEE_TASKS)
def show(slip_id: int) -> str:
    """One slip as it reads on paper, and what was answered."""
    slip = slips.load_slip(db(), actor(), slip_id)
    urges = [
        urge_standing(clock(), urge, State(urge.assignment.state) in OPEN_STATES)
        for urge in slip.urges
    ]
    return render_template(
        "slips/show.html",
        slip=slip,
        paper=slips.paper_of(slip),
        grade=GRADES[SlipKind(slip.kind)],
        urges=urges,
        chinese_date=chinese_date,
    )


@bp.get("/slips/<int:slip_id>.docx")
@area(Area.SEE_TASKS)
def download(slip_id: int) -> Response:
    """The slip as a Word file in official document form."""
    slip = slips.load_slip(db(), actor(), slip_id)
    title = GRADES[SlipKind(slip.kind)].title.replace(" ", "")
    return send_file(
        BytesIO(write_slip(slips.paper_of(slip))),
        mimetype=WORD,
        as_attachment=True,
        download_name=clean_name(f"{title} {slip.number}.docx"),
    )
