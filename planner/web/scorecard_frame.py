"""What the pages of the scorecard share: the period asked for, pictures, lights, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from planner.domain.errors import BadInput
from planner.domain.lights import PACE_NAMES, by_pace
from planner.domain.scores import words
from planner.domain.scores.gains import WAY_NAMES
from planner.domain.scores.lines import Line
from planner.domain.scores.period import Period
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.rules import Grade
from planner.domain.scores.scoring import Figures, Score
from planner.domain.text import N_
from planner.models import Plan
from planner.services import plans
from planner.services.rollups import TrendPoint, point, trend
from planner.services.scores import PlanScores, UnitScore
from planner.web import charts
from planner.web.choices import period_name
from planner.web.context import clock, db, language
from planner.web.presentation import say
from planner.web.trend_chart import legend, trend_line


@dataclass(frozen=True)
class Drawn:
    """A trend, with the legend of its lines and its last points in words."""

    picture: Markup
    legend: Markup


def period_asked(plan: Plan) -> Period:
    """What the address asks for; without it, or with nonsense, the present year of the plan.

    Before and after the plan's years it is the whole plan.
    """
    try:
        return Period.parse(request.args.get("period", ""))
    except BadInput:
        return Period.present(clock().today, plan.issued_on.year, plan.ends_on.year)


def frame(plan: Plan, scores: PlanScores) -> Mapping[str, Any]:
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
        "grade_named": grade_named,
        "list_url": _list_url(scores.period),
        "ref_links": ref_links,
        "essence": words.essence(scores.rules),
        "way_names": WAY_NAMES,
    }


def by_group(units: Sequence[UnitScore]) -> list[tuple[str | None, list[UnitScore]]]:
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
    return None if score.grade is None else grade_named(score.grade)


def grade_named(grade: Grade) -> str:
    """The name of a grade in the reader's language."""
    name = grade_name(grade)
    return name if isinstance(name, str) else language().say(name)


def ring(score: Score, caption: str) -> Markup:
    """A score as a ring."""
    total = language().number(score.total, 2) if score.total is not None else "—"
    grade = grade_said(score)
    said = language().gettext(N_("nothing due yet")) if score.total is None else f"{total} {grade}"
    return charts.donut(
        score.total,
        caption,
        shown=total,
        grade=score.grade.key if score.grade else None,
        title=caption,
        text=said,
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


def trend_of(
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
