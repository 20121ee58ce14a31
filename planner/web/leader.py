"""The leader's page and the meeting room: the county's figures put into pictures and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import current_app, request, url_for
from markupsafe import Markup

from planner.domain.exact import shown
from planner.domain.lights import PACE_NAMES, Light, by_pace, points_behind, share_of_time
from planner.domain.measures import COUNTING_WORDS
from planner.domain.reminder_rules import Lights
from planner.domain.scores.scoring import Figures
from planner.domain.text import Text, t
from planner.models import Plan
from planner.services import coordination
from planner.services.indicator_standing import IndicatorStanding
from planner.services.leader import WEEKS, Overview, overview
from planner.services.score_facts import Box
from planner.services.scores import PlanScores, UnitScore
from planner.services.target_progress import TargetProgress
from planner.web import charts
from planner.web.bullet_chart import bullet
from planner.web.context import actor, clock, db
from planner.web.path_chart import path_line
from planner.web.presentation import number, percent, say
from planner.web.scorecard_frame import by_group, frame, grade_said, period_asked, trend_of

BY_SCORE, BY_PACE = "score", "pace"

MOST_NAMED = 3
"""How many are named in the summary."""

FIRST_SHOWN = 12
"""Units of a longer list that are shown at once."""


@dataclass(frozen=True)
class HeatCell:
    """A unit's or the county's standing in a box: two numbers, a colour, and all of it in words."""

    tone: str
    main: str
    below: str
    words: str
    overdue: int


@dataclass(frozen=True)
class HeatMap:
    """Units × boxes; only boxes and units of which anything counts in the period."""

    by: str
    boxes: Sequence[Box]
    rows: Sequence[tuple[UnitScore, Sequence[HeatCell | None]]]
    county: Sequence[HeatCell | None]


def page(plan: Plan) -> Mapping[str, Any]:
    """What the template of the leader's page needs."""
    found = overview(db(), actor(), clock(), plan, period_asked(plan))
    groups = by_group(found.scores.units)
    return {
        **frame(plan, found.scores),
        **drawing(found),
        "county": True,
        "matters": coordination.count_open(db(), actor()),
        "groups": groups,
        "heat": heat_map(found, [each for _, members in groups for each in members]),
        "trend": trend_of(plan, found.scores, "plan", plan.id, found.scores.overall),
    }


def drawing(found: Overview) -> Mapping[str, Any]:
    """The overview and what draws it."""
    return {
        "overview": found,
        "behind": behind(found),
        "first_shown": FIRST_SHOWN,
        "most_named": MOST_NAMED,
        "points_behind": lambda figures: points_behind(figures.verified, found.scores.time_gone),
        "brief": brief,
        "spark": _spark(found),
        **target_pictures(found.lights, found.scores),
        "indicator_path": indicator_path,
        "indicator_light": indicator_light,
        "indicator_url": indicator_url,
    }


def behind(found: Overview) -> list[UnitScore]:
    """The units that lag behind the pace, the farthest first."""
    gone, yellow = found.scores.time_gone, found.lights.pace_yellow_points
    lagging = [
        each
        for each in found.scores.units
        if each.figures.counts.counting and points_behind(each.figures.verified, gone) >= yellow
    ]
    return sorted(lagging, key=lambda each: (each.figures.verified, each.unit.name))


def heat_map(found: Overview, units: Sequence[UnitScore]) -> HeatMap:
    """The figures of each unit in each box, in the order of the units given."""
    scores = found.scores
    boxes = [each for each in scores.boxes if each.figures.counts.counting]
    by = BY_PACE if request.args.get("heat") == BY_PACE else BY_SCORE
    cell = _by_pace(found) if by == BY_PACE else _by_score

    def row(each: UnitScore) -> list[HeatCell | None]:
        cells = [scores.cells.get((each.unit.id, box.box.id)) for box in boxes]
        return [
            cell(figures, f"{each.unit.name} · {box.box.title}")
            if figures and figures.counts.counting
            else None
            for figures, box in zip(cells, boxes, strict=True)
        ]

    return HeatMap(
        by=by,
        boxes=[each.box for each in boxes],
        rows=[(each, row(each)) for each in units if each.figures.counts.counting],
        county=[cell(each.figures, each.box.title) for each in boxes],
    )


def _by_score(figures: Figures, name: str) -> HeatCell:
    """The score to date, and what is verified of the period."""
    score = figures.to_date
    return HeatCell(
        tone=f"grade-{score.grade.key}" if score.grade else "none",
        main=number(score.total, 2) if score.total is not None else "—",
        below=percent(figures.verified, 0),
        words=_in_words(name, figures),
        overdue=figures.counts.overdue,
    )


def _by_pace(found: Overview) -> Any:
    """What is verified of the period, and how many points that is ahead of time or behind it."""
    gone = found.scores.time_gone

    def cell(figures: Figures, name: str) -> HeatCell:
        ahead = -points_behind(figures.verified, gone)
        return HeatCell(
            tone=f"pace-{by_pace(figures.verified, gone, found.lights)}",
            main=percent(figures.verified, 0),
            below=f"{'+' if ahead > 0 else '−'}{number(abs(ahead), 0)}",
            words=_in_words(name, figures),
            overdue=figures.counts.overdue,
        )

    return cell


def _in_words(name: str, figures: Figures) -> str:
    score = figures.to_date
    told = t(
        "%(name)s: score to date %(score)s, verified %(verified)s, items %(count)s, overdue "
        "%(overdue)s",
        name=name,
        score=t("nothing due yet") if score.total is None else _graded(figures),
        verified=percent(figures.verified),
        count=figures.counts.counting,
        overdue=figures.counts.overdue,
    )
    return say(told)


def _graded(figures: Figures) -> str:
    return f"{number(figures.to_date.total, 2)} {grade_said(figures.to_date)}"


def _spark(found: Overview) -> Any:
    """Draws how a unit's score moved over the last weeks."""

    def draw(each: UnitScore) -> Markup | None:
        trail = found.trails[each.unit.id]
        if not trail.known:
            return None
        known = [total for total in trail.totals if total is not None]
        told = t(
            "over %(weeks)s weeks from %(first)s to %(last)s",
            weeks=WEEKS,
            first=number(known[0], 2),
            last=number(known[-1], 2),
        )
        return charts.sparkline(trail.totals, title=each.unit.name, text=say(told))

    return draw


def target_pictures(lights: Lights, scores: PlanScores) -> Mapping[str, Any]:
    """What draws quantified targets, whose time is that of the whole plan."""
    plan = scores.plan
    gone = share_of_time(plan.starts_on, plan.ends_on, scores.today)

    def draw(target: TargetProgress) -> Markup:
        return _target_bar(target, gone)

    def light(target: TargetProgress) -> tuple[str, str]:
        return _target_light(target, gone, lights)

    return {"target_bar": draw, "target_light": light, "plan_gone": gone}


def _target_bar(target: TargetProgress, gone: Fraction) -> Markup:
    told = t(
        "verified %(verified)s, claimed %(claimed)s of %(amount)s %(measure)s; time gone %(gone)s",
        verified=number(target.verified),
        claimed=number(target.claimed),
        amount=target.amount,
        measure=target.measure,
        gone=percent(gone),
    )
    return bullet(
        target.verified,
        target.claimed,
        Fraction(target.amount),
        gone,
        whole=target.measure in COUNTING_WORDS,
        title=target.what,
        text=say(told),
    )


def _target_light(target: TargetProgress, gone: Fraction, lights: Lights) -> tuple[str, str]:
    """The light of a target by its pace over the whole plan, with its words."""
    if target.verified >= target.amount:
        return str(Light.GREEN), say(t("Reached"))
    if not target.rows:
        return str(Light.GREY), say(t("given to no unit yet"))
    level = by_pace(target.share, gone, lights)
    if level is Light.GREEN and target.is_missed(gone):
        level = Light.YELLOW
    return str(level), say(PACE_NAMES[level])


PATH_WORDS: Mapping[Light, Text] = {
    Light.GREY: t("no reading yet"),
    Light.GREEN: t("On the path"),
    Light.YELLOW: t("Off the path"),
    Light.RED: t("Far off the path"),
}


def brief(value: Fraction) -> str:
    """A number of a summary: two decimals at most."""
    return number(shown(value))


def indicator_light(each: IndicatorStanding) -> tuple[str, str]:
    """The light of an indicator's latest reading, with its words."""
    if each.latest and not each.judged.indicator.has_base:
        return str(Light.GREY), say(t("no base to judge it by"))
    return str(each.light), say(PATH_WORDS[each.light])


def indicator_path(each: IndicatorStanding) -> Markup:
    """An indicator's small picture."""
    indicator, latest = each.judged.indicator, each.latest
    told = t(
        "from %(base)s in %(base_year)s to %(target)s in %(year)s; latest reading %(latest)s",
        base=indicator.base if indicator.has_base else None,
        base_year=str(indicator.base_year),
        target=indicator.target,
        year=str(indicator.target_year),
        latest=latest.value if latest else t("none"),
    )
    title = f"{each.category} {indicator.what}"
    return path_line(indicator, each.forecast, title=title, text=say(told))


def indicator_url(indicator_id: int) -> str:
    """The page of an indicator, or the plan's list of them."""
    if "indicators.show" in current_app.view_functions:
        return url_for("indicators.show", indicator_id=indicator_id)
    return url_for("plan.index", _anchor="indicators")
