"""The scorecard: where we stand, unit by unit and box by box, and every point explained."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.models import Plan
from planner.services import coordination, plans, raising, rule_versions, score_export
from planner.services.export import Sheet
from planner.services.scope import sees_county
from planner.services.scores import (
    PlanScores,
    UnitScore,
    current_scores,
    keep_none,
    visible_unit_ids,
)
from planner.web import downloads, leader, meeting, scorecard_parts
from planner.web.access import area
from planner.web.context import actor, clock, db, language
from planner.web.scorecard_frame import by_group, frame, period_asked, trend_of

bp = Blueprint("scorecard", __name__)
bp.add_url_rule("/scorecard/meeting", "meeting", meeting.show)
bp.add_url_rule("/scorecard/boxes/<int:action_id>", "box", scorecard_parts.box)
bp.add_url_rule("/scorecard/tasks/<int:task_id>", "task", scorecard_parts.task)


@bp.get("/scorecard")
@area(Area.SEE_SCORECARD)
def index() -> str:
    """The county at a glance, or the reader's own units."""
    plan = plans.find_plan(db())
    if plan is None:
        return render_template("scorecard/empty.html")
    if sees_county(db(), actor()):
        return render_template("scorecard/index.html", **leader.page(plan))
    return _own_units(plan)


def _own_units(plan: Plan) -> str:
    scores = current_scores(db(), clock(), period_asked(plan), keep_none)
    return render_template(
        "scorecard/index.html",
        **frame(plan, scores),
        county=False,
        matters=coordination.count_open(db(), actor()),
        groups=by_group(_visible(scores)),
        trend=None,
    )


def _visible(scores: PlanScores) -> list[UnitScore]:
    """The units whose figures the reader may read."""
    visible = visible_unit_ids(db(), actor())
    return [each for each in scores.units if each.unit.id in visible]


@bp.get(f"/scorecard.{downloads.ENDINGS}")
@area(Area.SEE_SCORECARD)
def download(ending: str) -> Response:
    """The units' scores as a file; a workbook has every line that explains them too."""
    units, lines = _sheets()
    return downloads.table(ending, f"scorecard-{clock().today}", [units, lines])


@bp.get("/scorecard/lines.csv")
@area(Area.SEE_SCORECARD)
def download_lines() -> Response:
    """Every line that explains the units' scores; CSV holds one table alone."""
    _, lines = _sheets()
    return downloads.table("csv", f"scorecard-lines-{clock().today}", [lines])


def _sheets() -> tuple[Sheet[UnitScore], Sheet[score_export.UnitLine]]:
    scores = current_scores(db(), clock(), period_asked(plans.active_plan(db())))
    units = [each for _, members in by_group(_visible(scores)) for each in members]
    say = language().say
    return (
        Sheet(say(t("Scorecard")), score_export.UNIT_COLUMNS, units),
        Sheet(say(t("Line by line")), score_export.LINE_COLUMNS, score_export.unit_lines(units)),
    )


@bp.get("/scorecard/units/<int:unit_id>")
@area(Area.SEE_SCORECARD)
def unit(unit_id: int) -> str:
    """One unit: its score, each line with its reason, its trend."""
    plan = plans.active_plan(db())
    scores = current_scores(db(), clock(), period_asked(plan))
    found = scores.unit(unit_id)
    if found is None or unit_id not in visible_unit_ids(db(), actor()):
        raise NotFound
    return render_template(
        "scorecard/subject.html",
        **frame(plan, scores),
        title=found.unit.name,
        subject=found,
        rank=found.rank,
        filter={"unit": found.unit.id},
        lines=found.lines,
        whole_lines=found.whole_lines,
        gains=raising.gains(scores, found),
        trend=trend_of(plan, scores, "unit", found.unit.id, found.figures),
    )


@bp.get("/scorecard/rules")
@area(Area.SEE_SCORECARD)
def rules() -> str:
    """How scores are counted, in words, and what each version of the rules changed."""
    plan = plans.active_plan(db())
    return render_template(
        "scorecard/rules.html", plan=plan, versions=rule_versions.versions(db(), clock(), plan)
    )
