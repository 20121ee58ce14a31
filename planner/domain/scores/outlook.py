"""How an indicator stands beside its line today, and what becomes of it at the present pace."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from planner.domain.exact import shown
from planner.domain.lights import Light, points_behind
from planner.domain.reminder_rules import Lights
from planner.domain.scores.indicators import Forecast, Indicator, forecast
from planner.domain.text import Text, t

PLACES = 2
"""Decimals of what was worked out, in a sentence."""


@dataclass(frozen=True)
class Outlook:
    """The light of the latest reading beside its line, `wanted` in its year, and the forecast."""

    light: Light
    words: Text
    wanted: Fraction | None
    forecast: Forecast | None
    forecast_words: Text


def outlook_of(indicator: Indicator, rules: Lights) -> Outlook:
    """The outlook of an indicator as known; grey without a base or a reading."""
    expected = forecast(indicator)
    said = _forecast_words(indicator, expected)
    latest = indicator.latest
    if not indicator.has_base:
        return Outlook(Light.GREY, t("no base confirmed"), None, None, said)
    if latest is None:
        return Outlook(Light.GREY, t("no reading yet"), None, None, said)
    wanted = indicator.path(latest.year)
    light, words = _light(indicator, Fraction(latest.value), latest.year, rules)
    return Outlook(light, words, wanted, expected, said)


def _light(indicator: Indicator, value: Fraction, year: int, rules: Lights) -> tuple[Light, Text]:
    """Green on the line or better; else yellow, and red where it is far behind."""
    if indicator.meets(value, indicator.path(year)):
        return Light.GREEN, t("on the line or better")
    years = indicator.target_year - indicator.base_year
    gone = Fraction(year - indicator.base_year, years)
    done = indicator.completion(value, Fraction(indicator.target))
    if points_behind(done, gone) >= rules.pace_red_points:
        return Light.RED, t("far off the line")
    return Light.YELLOW, t("off the line")


def _forecast_words(indicator: Indicator, expected: Forecast | None) -> Text:
    if not indicator.has_base:
        return t("no forecast without a confirmed base")
    if expected is None:
        return t("no forecast without a reading")
    year, value = str(indicator.target_year), shown(expected.value, PLACES)
    if expected.missed:
        return t(
            "will be missed at the present pace: %(value)s in %(year)s", value=value, year=year
        )
    return t("will be met at the present pace: %(value)s in %(year)s", value=value, year=year)
