"""Each indicator of the plan against its path: reading, where it should stand, where it heads."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.lights import Light
from planner.domain.reminder_rules import Lights
from planner.domain.scores.indicators import Forecast, Judged, Reading, forecast
from planner.domain.scores.prospects import light_on_path
from planner.models import Indicator, Unit
from planner.services.scores import PlanScores


@dataclass(frozen=True)
class IndicatorStanding:
    """An indicator with its latest confirmed reading, and where it should have stood then.

    `wanted` is on the straight line from base to target in the year of the reading; None without
    reading, and where there is no base to draw the line from.
    """

    judged: Judged
    category: str
    owner: str
    light: Light
    wanted: Fraction | None
    forecast: Forecast | None

    @property
    def latest(self) -> Reading | None:
        """The latest confirmed reading."""
        return self.judged.indicator.latest

    @property
    def is_missed(self) -> bool:
        """Whether it will miss its target at the present pace."""
        return self.forecast is not None and self.forecast.missed


def indicator_standings(
    db: Session, scores: PlanScores, rules: Lights
) -> tuple[IndicatorStanding, ...]:
    """The indicators as of the day of the scores, in the plan's order; one query."""
    rows = db.execute(
        select(Indicator.id, Indicator.category, Unit.name)
        .join(Indicator.owner)
        .where(Indicator.plan_id == scores.plan.id)
    )
    named = {row.id: (row.category, row.name) for row in rows}
    return tuple(_standing(each, *named[each.indicator.id], rules) for each in scores.indicators)


def _standing(judged: Judged, category: str, owner: str, rules: Lights) -> IndicatorStanding:
    indicator = judged.indicator
    latest = indicator.latest
    on_path = latest is not None and indicator.has_base
    return IndicatorStanding(
        judged=judged,
        category=category,
        owner=owner,
        light=light_on_path(indicator, rules),
        wanted=indicator.path(latest.year) if latest and on_path else None,
        forecast=forecast(indicator),
    )
