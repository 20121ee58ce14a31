"""What is handed round: the circular, the score table, the ledger, each unit's score sheet."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template

from planner.documents.circular import Circular
from planner.documents.circular_words import CircularWords, proposed_words
from planner.documents.ledger import write_ledger
from planner.documents.pieces import flat
from planner.documents.score_sheet import set_sheets
from planner.documents.score_table import write_score_table
from planner.documents.typesetting import PDF
from planner.documents.wording import period_words
from planner.documents.workbook import XLSX
from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.scores.period import Period
from planner.models import Plan
from planner.services import circulars, plans
from planner.services.circular_making import record_made
from planner.services.ledgers import ledger_of
from planner.services.scope import sees_county
from planner.services.score_papers import basis_of, in_order, score_table
from planner.services.scores import (
    Keep,
    PlanScores,
    current_scores,
    keep_all,
    visible_unit_ids,
)
from planner.web.access import area
from planner.web.choices import period_name
from planner.web.context import actor, clock, db, writing
from planner.web.document_forms import CircularFields
from planner.web.forms import UNPROCESSABLE
from planner.web.papers import WRITERS, answer_by, as_file, chinese, drawn, words_of
from planner.web.scorecard_frame import period_asked
from planner.web.typed import takes

bp = Blueprint("documents", __name__, url_prefix="/scorecard")


@bp.get("/documents")
@area(Area.SEE_SCORECARD)
def index() -> str:
    """All papers of a period, and the circular as it would read."""
    scores = _county()
    words = _proposed(scores)
    return _page(scores, CircularFields.proposing(words), words)


@bp.post("/documents")
@area(Area.SEE_SCORECARD)
@takes(CircularFields)
def preview() -> Any:
    """The circular as it would read with the words that were typed."""
    scores, form = _county(), CircularFields()
    words = words_of(form)
    if words is None:
        return _page(scores, form, None), UNPROCESSABLE
    return _page(scores, form, words)


@bp.post("/documents/circular.<any(docx, pdf):ending>")
@area(Area.SEE_SCORECARD)
@takes(CircularFields)
def circular(ending: str) -> Any:
    """The circular as a file, noted in the journal."""
    scores, form = _county(), CircularFields()
    words = words_of(form)
    if words is None or g.get("only_read"):
        return _page(scores, form, words), UNPROCESSABLE
    write, media_type = WRITERS[ending]
    content = write(Circular(words, circulars.county_figures(db(), scores, chinese())))
    with writing() as session:
        subject = f"plan:{plans.active_plan(session).id}"
        record_made(session, actor(), clock(), subject, scores.period, words, ending, content)
        session.commit()
    return as_file(content, media_type, f"{flat(words.title)}.{ending}")


@bp.get("/documents/score-table.xlsx")
@area(Area.SEE_SCORECARD)
def score_table_file() -> Response:
    """Every unit's lines, and totals, grades and ranks as formulas over them."""
    scores = _county()
    content = write_score_table(score_table(scores, chinese()))
    return as_file(content, XLSX, f"{_of(scores)}评分汇总表.xlsx")


@bp.get("/documents/ledger.xlsx")
@area(Area.SEE_SCORECARD)
def ledger() -> Response:
    """Every assignment of the period, with totals by unit and box."""
    scores = _county()
    content = write_ledger(ledger_of(db(), scores, chinese()))
    return as_file(content, XLSX, f"{_of(scores)}任务台账.xlsx")


@bp.get("/documents/sheets.pdf")
@area(Area.SEE_SCORECARD)
def sheets() -> Response:
    """The score sheets of all units after each other."""
    scores = _county()
    if not scores.units:
        raise NotFound
    content = set_sheets(score_table(scores, chinese()))
    return as_file(content, PDF, f"{_of(scores)}各单位评分表.pdf")


@bp.get("/units/<int:unit_id>/sheet.pdf")
@area(Area.SEE_SCORECARD)
def sheet(unit_id: int) -> Response:
    """One unit's score sheet, for those who may read its score."""
    if unit_id not in visible_unit_ids(db(), actor()):
        raise NotFound
    scores = _scores(lambda of_unit, _: of_unit == unit_id)
    found = scores.unit(unit_id)
    if found is None:
        raise NotFound
    content = set_sheets(score_table(scores, chinese(), [unit_id]))
    return as_file(content, PDF, f"{found.unit.name}{_of(scores)}评分表.pdf")


def _scores(keep: Keep = keep_all) -> PlanScores:
    plan = plans.active_plan(db())
    return current_scores(db(), clock(), period_asked(plan), keep)


def _county() -> PlanScores:
    """The scores of all units. Raises NotFound for who does not read the county's."""
    if not sees_county(db(), actor()):
        raise NotFound
    return _scores()


def _of(scores: PlanScores) -> str:
    return f"{period_words(scores.period)}（截至{scores.today.isoformat()}）"


def _proposed(scores: PlanScores) -> CircularWords:
    return proposed_words(basis_of(scores, chinese()), answer_by(), clock().today)


def _page(scores: PlanScores, form: CircularFields, words: CircularWords | None) -> str:
    shown = None
    if words is not None:
        shown = Circular(words, circulars.county_figures(db(), scores, chinese()))
    return render_template(
        "documents/index.html",
        plan=scores.plan,
        scores=scores,
        units=in_order(scores.units),
        periods=_periods(scores.plan),
        period_name=period_name,
        **drawn(form, shown),
    )


def _periods(plan: Plan) -> list[Period]:
    years = range(plan.issued_on.year, plan.ends_on.year + 1)
    return [*(Period(year) for year in years), Period()]
