"""The papers of a frozen result: score table, score sheets, the circular of the result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, render_template

from planner.documents.circular import Circular
from planner.documents.circular_words import CircularWords, proposed_result_words
from planner.documents.pieces import flat
from planner.documents.score_sheet import set_sheets
from planner.documents.score_table import write_score_table
from planner.documents.typesetting import PDF
from planner.documents.workbook import XLSX
from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.scores.period import Period
from planner.models import Snapshot
from planner.services.assessment_view import frozen_result, is_in_force
from planner.services.circular_making import record_made
from planner.services.frozen_papers import frozen_basis, frozen_table, result_figures
from planner.services.scope import sees_county
from planner.web.access import area
from planner.web.choices import asked_id
from planner.web.context import actor, clock, db, writing
from planner.web.document_forms import CircularFields
from planner.web.forms import UNPROCESSABLE
from planner.web.papers import WRITERS, answer_by, as_file, chinese, drawn, words_of

bp = Blueprint("assessment_papers", __name__, url_prefix="/assessments/<int:assessment_id>")


@bp.get("/score-table.xlsx")
@area(Area.SEE_ASSESSMENTS)
def score_table(assessment_id: int) -> Response:
    """Every unit's lines, and totals, grades and ranks as formulas over them."""
    snapshot = _county(assessment_id)
    content = write_score_table(frozen_table(db(), snapshot, chinese()))
    return as_file(content, XLSX, f"{_of(snapshot)}评分汇总表.xlsx")


@bp.get("/sheets.pdf")
@area(Area.SEE_ASSESSMENTS)
def sheets(assessment_id: int) -> Response:
    """The score sheets of all units after each other."""
    snapshot = _county(assessment_id)
    content = set_sheets(frozen_table(db(), snapshot, chinese()))
    return as_file(content, PDF, f"{_of(snapshot)}各单位评分表.pdf")


@bp.get("/units/<int:unit_id>/sheet.pdf")
@area(Area.SEE_ASSESSMENTS)
def sheet(assessment_id: int, unit_id: int) -> Response:
    """One unit's score sheet: for the unit itself, and those who see the county."""
    if unit_id != actor().unit_id and not sees_county(db(), actor()):
        raise NotFound
    snapshot = frozen_result(db(), assessment_id, asked_id("revision"))
    table = frozen_table(db(), snapshot, chinese(), [unit_id])
    if not table.units:
        raise NotFound
    return as_file(set_sheets(table), PDF, f"{table.units[0].unit}{_of(snapshot)}评分表.pdf")


@bp.get("/circular")
@area(Area.SEE_ASSESSMENTS)
def circular(assessment_id: int) -> str:
    """The circular of the result as it would read."""
    snapshot = _county(assessment_id)
    words = _proposed(snapshot)
    return _page(snapshot, CircularFields.proposing(words), words)


@bp.post("/circular")
@area(Area.SEE_ASSESSMENTS)
def preview(assessment_id: int) -> Any:
    """The circular as it would read with the words that were typed."""
    snapshot, form = _county(assessment_id), CircularFields()
    words = words_of(form)
    if words is None:
        return _page(snapshot, form, None), UNPROCESSABLE
    return _page(snapshot, form, words)


@bp.post("/circular.<any(docx, pdf):ending>")
@area(Area.SEE_ASSESSMENTS)
def circular_file(assessment_id: int, ending: str) -> Any:
    """The circular as a file, noted in the journal."""
    snapshot, form = _county(assessment_id), CircularFields()
    words = words_of(form)
    if words is None or g.get("only_read"):
        return _page(snapshot, form, words), UNPROCESSABLE
    write, media_type = WRITERS[ending]
    content = write(Circular(words, result_figures(db(), snapshot, chinese())))
    with writing() as session:
        record_made(
            session,
            actor(),
            clock(),
            f"assessment:{assessment_id}",
            Period.parse(snapshot.assessment.period),
            words,
            ending,
            content,
            snapshot.revision,
        )
        session.commit()
    return as_file(content, media_type, f"{flat(words.title)}.{ending}")


def _county(assessment_id: int) -> Snapshot:
    """The revision asked for. Raises NotFound for who does not read the county's results."""
    if not sees_county(db(), actor()):
        raise NotFound
    return frozen_result(db(), assessment_id, asked_id("revision"))


def _of(snapshot: Snapshot) -> str:
    return f"{snapshot.assessment.name}（第{snapshot.revision}版）"


def _proposed(snapshot: Snapshot) -> CircularWords:
    basis = frozen_basis(snapshot, chinese())
    return proposed_result_words(basis, answer_by(), clock().today)


def _page(snapshot: Snapshot, form: CircularFields, words: CircularWords | None) -> str:
    shown = Circular(words, result_figures(db(), snapshot, chinese())) if words else None
    return render_template(
        "assessments/circular.html",
        assessment=snapshot.assessment,
        snapshot=snapshot,
        in_force=is_in_force(snapshot),
        **drawn(form, shown),
    )
