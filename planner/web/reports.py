"""Who has handed in periodic reports and who has not, and what needs coordination."""

from __future__ import annotations

from typing import Any, cast, get_args

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from planner.domain import permissions
from planner.domain.actor import Role
from planner.domain.permissions import Area
from planner.domain.reporting import STATE_NAMES, ReportState
from planner.domain.text import N_, t
from planner.services import coordination, report_list
from planner.services.coordination import MatterFilter, Show
from planner.services.export import Sheet
from planner.services.paging import page_number
from planner.services.report_list import ReportFilter, Sort, Whose
from planner.services.report_matrix import matrix
from planner.services.steps import MAX_TEXT
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_day, asked_id, asked_text
from planner.web.context import actor, clock, close_db, db, language
from planner.web.forms import PlannerForm, carry_out
from planner.web.typed import entries, refusals, takes

bp = Blueprint("reports", __name__)

MATRIX, YES = "matrix", "yes"
LEVELS = {
    ReportState.OPEN: "blue",
    ReportState.OVERDUE: "red",
    ReportState.MISSING: "red",
    ReportState.HANDED_IN: "green",
    ReportState.LATE: "yellow",
    ReportState.LAPSED: "grey",
}
"""The light of each state."""

REPORTING = (Role.LIAISON, Role.HEAD, Role.COORDINATOR)
"""Who hands reports in for the own unit."""

TILES = ("open", "overdue", "missing", "handed_in", "late")


class SettleFields(PlannerForm):
    """How a matter was settled."""

    text = TextAreaField(
        N_("How it was settled"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 2}
    )


@bp.get("/reports")
@area(Area.SEE_TASKS)
def index() -> str:
    """The list, or units by periods, with how many stand how."""
    wanted, number = _asked(), page_number(request.args.get("page"))
    as_matrix = request.args.get("view") == MATRIX
    shown = matrix if as_matrix else report_list.report_page
    query = _query(wanted)
    return render_template(
        "reports/index.html",
        page=shown(db(), actor(), clock(), wanted, number),
        counts=report_list.counts(db(), actor(), clock(), wanted),
        matters=coordination.count_open(db(), actor()),
        choices=report_list.choices(db(), actor()),
        wanted=wanted,
        query=query,
        view=MATRIX if as_matrix else "",
        sort=query.get("sort", "-due"),
        states=list(ReportState),
        tiles=[ReportState(key) for key in TILES],
        names=STATE_NAMES,
        levels=LEVELS,
        urges=permissions.may(actor(), Area.EDIT_TASK),
        reporting_unit=actor().unit_id if actor().has(*REPORTING) else None,
    )


@bp.get(f"/reports.{downloads.ENDINGS}")
@area(Area.SEE_TASKS)
def download(ending: str) -> Response:
    """The whole filtered list as a file."""
    rows = report_list.whole_list(db(), actor(), clock(), _asked())
    sheet = Sheet(language().say(t("Periodic reports")), report_list.COLUMNS, rows)
    return downloads.table(ending, f"reports-{clock().today}", [sheet])


def _asked() -> ReportFilter:
    sort = request.args.get("sort", "-due")
    known = sort.removeprefix("-") in get_args(Sort)
    states = request.args.getlist("state")
    whose = request.args.get("whose")
    return ReportFilter(
        text=asked_text("q"),
        task=asked_id("task"),
        unit=asked_id("unit"),
        period=asked_text("period", 10) or None,
        states=frozenset(state for state in ReportState if state in states),
        whose=cast(Whose, whose) if whose in get_args(Whose) else None,
        waiting=request.args.get("waiting") == YES,
        sort=cast(Sort, sort.removeprefix("-")) if known else "due",
        descending=sort.startswith("-") or not known,
    )


def _query(wanted: ReportFilter) -> dict[str, Any]:
    """The filter as an address has it; what is usual is left out."""
    sort = ("-" if wanted.descending else "") + wanted.sort
    query = {
        "q": wanted.text,
        "task": wanted.task,
        "unit": wanted.unit,
        "period": wanted.period,
        "state": [state for state in ReportState if state in wanted.states],
        "whose": wanted.whose,
        "waiting": YES if wanted.waiting else None,
        "sort": sort if sort != "-due" else None,
    }
    return {name: value for name, value in query.items() if value}


@bp.get("/coordination")
@area(Area.SEE_TASKS)
def matters() -> str:
    """What units say needs coordination, newest first."""
    return _matters_page()


def _matters_page(submission_id: int | None = None, form: SettleFields | None = None) -> str:
    """The list; `form` holds what was typed at a matter, which may have left the list since."""
    wanted = _asked_matters()
    page = coordination.matters_page(db(), actor(), wanted, page_number(request.args.get("page")))
    offered = [each.id for each in page.items if each.settlement is None]
    lost = submission_id if form and submission_id not in offered else None
    return render_template(
        "reports/coordination.html",
        page=page,
        lost=coordination.load_matter(db(), actor(), lost) if lost else None,
        reasons=refusals(form) if form else [],
        entries=entries(form) if form else [],
        units=coordination.units_concerned(db(), actor()),
        wanted=wanted,
        query=_matters_query(wanted),
        form=form,
        blank=SettleFields(formdata=None),
        typed_at=submission_id,
        settles=permissions.may(actor(), Area.EDIT_TASK),
    )


@bp.get(f"/coordination.{downloads.ENDINGS}")
@area(Area.SEE_TASKS)
def download_matters(ending: str) -> Response:
    """The whole filtered list as a file."""
    rows = coordination.whole_list(db(), actor(), _asked_matters())
    sheet = Sheet(language().say(t("Needs coordination")), coordination.COLUMNS, rows)
    return downloads.table(ending, f"coordination-{clock().today}", [sheet])


@bp.post("/coordination/<int:submission_id>/settle")
@area(Area.EDIT_TASK)
@takes(SettleFields)
def settle(submission_id: int) -> Any:
    """Note how a matter was settled."""
    coordination.load_matter(db(), actor(), submission_id)
    form = SettleFields()

    def again() -> str:
        close_db()
        return _matters_page(submission_id, form)

    return carry_out(
        form,
        lambda session: coordination.settle(
            session, actor(), clock(), submission_id, form.text.data or ""
        ),
        done=lambda _: url_for("reports.matters"),
        again=again,
        said=t("Settled. The unit was told."),
    )


def _asked_matters() -> MatterFilter:
    show = request.args.get("show", "")
    known = show in get_args(Show)
    return MatterFilter(
        text=asked_text("q"),
        unit=asked_id("unit"),
        show=cast(Show, show) if known else "open",
        since=asked_day("since"),
    )


def _matters_query(wanted: MatterFilter) -> dict[str, Any]:
    show = wanted.show if wanted.show != "open" else None
    query = {"q": wanted.text, "unit": wanted.unit, "show": show, "since": wanted.since}
    return {name: value for name, value in query.items() if value}
