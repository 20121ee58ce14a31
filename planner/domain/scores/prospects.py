"""Where targets and indicators are heading at the present pace, and the light they stand in."""

from __future__ import annotations

from fractions import Fraction

from planner.domain.lights import Light, points_behind
from planner.domain.reminder_rules import Lights
from planner.domain.scores.indicators import Indicator

RATES = frozenset({"%", "℃", "级", "PUE"})
"""Measures of which the values of several units are no sum."""


def adds_up(measure: str) -> bool:
    """Whether what several units did is the sum of it, as of projects; not so of percentages."""
    return measure.strip() not in RATES


def at_pace(reached: Fraction, time_gone: Fraction) -> Fraction | None:
    """What there will be at the end if it goes on as until now; None before any time has gone."""
    return reached / time_gone if time_gone else None


def light_on_path(indicator: Indicator, rules: Lights) -> Light:
    """The light of the latest reading: green on the straight line from base to target or better.

    Off the line yellow, and red where the way gone lags behind the years gone by as many points
    of 100 as the rules say. Grey without a reading, and without a base to draw the line from.
    """
    latest = indicator.latest
    if latest is None or not indicator.has_base:
        return Light.GREY
    value, year = Fraction(latest.value), min(latest.year, indicator.target_year)
    if indicator.meets(value, indicator.path(year)):
        return Light.GREEN
    gone = Fraction(year - indicator.base_year, indicator.target_year - indicator.base_year)
    behind = points_behind(indicator.completion(value, Fraction(indicator.target)), gone)
    return Light.RED if behind >= rules.pace_red_points else Light.YELLOW
