"""The scorecard: where we stand, unit by unit and box by box, and every point explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from planner.domain.errors import BadInput, NotFound
from planner.domain.lights import PACE_NAMES, by_pace
from planner.domain.permissions import Area
from planner.domain.scores.lines import Line
from planner.domain.scores.period import Period
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.scoring import Figures, Score
from planner.domain.text import N_, t
from planner.models import Plan
from planner.services import coordination, plans, score_export
from planner.services.export import Sheet
from planner.services.rollups import TrendPoint, point, trend
from planner.services.scope import sees_county
from planner.services.scores import (
    PlanScores,
    UnitScore,
    current_scores,
    visible_unit_ids,
)
from planner.web import charts, downloads
from planner.web.access import area
from planner.web.context import actor, clock, db, language
from planner.web.presentation import say
from planner.web.trend_chart import legend, trend_line

bp = Blueprint("scorecard", __name__)


@dataclass(frozen=True)
class Drawn:
    """A trend, with the legend of its lines and its last points in words."""

    picture: Markup
    legend: Markup


@bp.get("/scorecard")
@area(Area.SEE_SCORECARD)
def index() -> str:
    """The county at a glance, or the reader's own units."""
    plan = plans.find_plan(db())
    if plan is None:
        return render_template("scorecard/empty.html")
    period = _period(plan)
    scores = current_scores(db(), clock(), period)
    county = sees_county(db(), actor())
    return render_template(
        "scorecard/index.html",
        **_frame(plan, scores),
        county=county,
        matters=coordination.count_open(db(), actor()),
        groups=_groups(_visible(scores)),
        trend=_trend(plan, scores, "plan", plan.id, scores.overall) if county else None,
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
    scores = current_scores(db(), clock(), _period(plans.active_plan(db())))
    units = [each for _, members in _groups(_visible(scores)) for each in members]
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
    scores = current_scores(db(), clock(), _period(plan))
    found = scores.unit(unit_id)
    if found is None or unit_id not in visible_unit_ids(db(), actor()):
        raise NotFound
    return render_template(
        "scorecard/subject.html",
        **_frame(plan, scores),
        title=found.unit.name,
        subject=found,
        rank=found.rank,
        filter={"unit": found.unit.id},
        lines=found.lines,
        whole_lines=found.whole_lines,
        trend=_trend(plan, scores, "unit", found.unit.id, found.figures),
    )


@bp.get("/scorecard/boxes/<int:action_id>")
@area(Area.SEE_SCORECARD)
def box(action_id: int) -> str:
    """One box over all units; for those who see the county."""
    plan = plans.active_plan(db())
    scores = current_scores(db(), clock(), _period(plan))
    found = next((each for each in scores.boxes if each.box.id == action_id), None)
    if found is None or not sees_county(db(), actor()):
        raise NotFound
    return render_template(
        "scorecard/subject.html",
        **_frame(plan, scores),
        title=f"{found.box.number} {found.box.title}",
        subject=found,
        rank=None,
        filter={"action": found.box.id},
        lines=found.lines,
        whole_lines=None,
        trend=_trend(plan, scores, "action", found.box.id, found.figures),
    )


def _period(plan: Plan) -> Period:
    """What the address asks for; without it, or with nonsense, the present year of the plan.

    Before and after the plan's years it is the whole plan.
    """
    try:
        return Period.parse(request.args.get("period", ""))
    except BadInput:
        year = clock().today.year
        return Period(year if plan.issued_on.year <= year <= plan.ends_on.year else None)


def _frame(plan: Plan, scores: PlanScores) -> Mapping[str, Any]:
    """What every page of the scorecard needs."""
    years = range(plan.issued_on.year, plan.ends_on.year + 1)
    return {
        "plan": plan,
        "scores": scores,
        "periods": [*(Period(year) for year in years), Period()],
        "period_name": period_name,
        "completion": _completion(scores),
        "ring": ring,
        "pace": _pace(scores),
        "grade_said": grade_said,
        "list_url": _list_url(scores.period),
        "ref_links": ref_links,
    }


def period_name(period: Period) -> str:
    """A year, or the whole plan."""
    return str(period.year) if period.year else language().gettext(N_("Whole plan"))


def _groups(units: Sequence[UnitScore]) -> list[tuple[str | None, list[UnitScore]]]:
    """Units by ranking group, the best first; the lead agency stands apart, at the end."""

    def place(each: UnitScore) -> tuple[bool, str, float, str]:
        total = each.figures.to_date.total
        return (
            each.unit.lead,
            each.unit.group or "",
            -float(total) if total is not None else 1.0,
            each.unit.name,
        )

    ordered = sorted(units, key=place)
    return [
        (group, list(members))
        for (_, group), members in groupby(ordered, lambda each: (each.unit.lead, each.unit.group))
    ]


def grade_said(score: Score) -> str | None:
    """The name of a score's grade, if it has one."""
    if score.grade is None:
        return None
    name = grade_name(score.grade)
    return name if isinstance(name, str) else language().say(name)


def ring(score: Score, caption: str) -> Markup:
    """A score as a ring."""
    total = language().number(score.total, 2) if score.total is not None else "—"
    grade = grade_said(score)
    words = language().gettext(N_("nothing due yet")) if score.total is None else f"{total} {grade}"
    return charts.donut(
        score.total,
        caption,
        shown=total,
        grade=score.grade.key if score.grade else None,
        title=caption,
        text=words,
    )


def _completion(scores: PlanScores) -> Any:
    """Draws the completion of any figures against the share of time gone."""

    def draw(figures: Figures, name: str) -> Markup:
        text = language().gettext(
            N_("%(name)s: verified %(verified)s, claimed %(claimed)s, time gone %(gone)s")
        ) % {
            "name": name,
            "verified": language().percent(figures.verified),
            "claimed": language().percent(figures.claimed),
            "gone": language().percent(scores.time_gone),
        }
        return charts.bar(
            figures.verified, figures.claimed, scores.time_gone, title=name, text=text
        )

    return draw


def _pace(scores: PlanScores) -> Any:
    """The light by pace of any figures, with its words."""
    lights = plans.reminder_rules(db(), scores.plan).lights

    def light(figures: Figures) -> tuple[str, str]:
        level = by_pace(figures.verified, scores.time_gone, lights)
        return str(level), say(PACE_NAMES[level])

    return light


def _list_url(period: Period) -> Any:
    """Addresses of the lists behind the numbers: exactly what was counted."""

    def address(*, due: bool = False, **wanted: Any) -> str:
        if due:
            wanted["due-in"] = period.key
        return url_for("tasks.index", counted=period.key, **wanted)

    return address


def _trend(
    plan: Plan, scores: PlanScores, subject: str, subject_id: int, figures: Figures
) -> Drawn | None:
    """The stored days and today's live figures; nothing before there are two days."""
    today = scores.today
    stored = trend(db(), plan, subject, subject_id, scores.period, today)
    points: list[TrendPoint] = [each for each in stored if each.on < today]
    points.append(point(today, figures))
    if len(points) < 2:
        return None
    first, last = scores.period.bounds(plan.starts_on, plan.ends_on)
    kinds = {
        "total": language().gettext(N_("Score to date")),
        "verified": language().gettext(N_("Verified completion")),
        "claimed": language().gettext(N_("Claimed completion")),
    }
    words = language().gettext(
        N_("From %(first)s to %(last)s; score to date now %(total)s, verified %(verified)s")
    ) % {
        "first": language().date(points[0].on),
        "last": language().date(today),
        "total": language().number(figures.to_date.total, 2) if figures.to_date.total else "—",
        "verified": language().percent(figures.verified),
    }
    title = language().gettext(N_("Trend"))
    picture = trend_line(
        [each for each in points if first <= each.on <= last],
        first,
        last,
        kinds=kinds,
        title=title,
        text=words,
    )
    return Drawn(picture, legend(kinds))


def ref_links(line: Line) -> list[tuple[str, str | None]]:
    """What a line rests on: words, and the address where it can be seen."""
    found: list[tuple[str, str | None]] = []
    page: str | None = None
    for ref in line.refs:
        kind, _, value = ref.partition(":")
        if kind == "assignment":
            page = url_for("assignments.show", assignment_id=int(value))
            found.append((language().gettext(N_("Assignment")), page))
        elif kind == "indicator":
            page = url_for("indicators.show", indicator_id=int(value))
            found.append((language().gettext(N_("Indicator")), page))
        elif kind == "submission" and page:
            found.append((language().gettext(N_("Submission")), f"{page}#submission-{value}"))
        elif kind == "evidence":
            found.append((f"SHA-256 {value[:12]}…", page))
        elif kind == "section":
            found.append((value, None))
    return found
