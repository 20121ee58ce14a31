"""An indicator against its path: the line from base to target, its readings, where it heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from planner.domain.scores.indicators import Forecast, Indicator
from planner.web.charts import picture, polyline, tag

WIDTH, HEIGHT, EDGE = 150, 44, 6


@dataclass(frozen=True)
class _Scale:
    first: int
    last: int
    low: Fraction
    high: Fraction

    def at(self, year: int, value: Fraction) -> tuple[float, float]:
        across = (min(year, self.last) - self.first) / max(1, self.last - self.first)
        span = self.high - self.low
        up = float((value - self.low) / span) if span else 0.5
        return EDGE + across * (WIDTH - 2 * EDGE), HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE)


def path_line(indicator: Indicator, heads_for: Forecast | None, *, title: str, text: str) -> Markup:
    """Years from left to right, values from low to high; the target is a ring, readings are dots.

    Without a base to draw from, only the readings and the target stand there.
    """
    target = Fraction(indicator.target)
    readings = [
        (year, Fraction(reading.value))
        for year in range(indicator.base_year + 1, indicator.target_year + 1)
        if (reading := indicator.reading_of(year))
    ]
    start = [(indicator.base_year, indicator.base)] if indicator.has_base else []
    end = [(indicator.target_year, target)]
    ahead = [(indicator.target_year, heads_for.value)] if heads_for and readings else []
    values = [value for _, value in (*start, *readings, *end, *ahead)]
    scale = _Scale(indicator.base_year, indicator.target_year, min(values), max(values))
    parts = [_line(scale, "chart-way-line", start + end)] if start else []
    parts.append(_line(scale, "chart-line-total", start + readings))
    if heads_for and readings:
        kind = "chart-way-missed" if heads_for.missed else "chart-way-met"
        parts.append(_line(scale, kind, readings[-1:] + ahead))
    parts += [_dot(scale, "chart-dot-total", 2.6, each) for each in readings]
    parts.append(_dot(scale, "chart-way-goal", 3.4, end[0]))
    return picture("way", WIDTH, HEIGHT, title, text, *parts)


def _line(scale: _Scale, kind: str, points: Sequence[tuple[int, Fraction]]) -> Markup:
    return tag("path", class_=kind, d=polyline([scale.at(*each) for each in points]), fill="none")


def _dot(scale: _Scale, kind: str, radius: float, at: tuple[int, Fraction]) -> Markup:
    x, y = scale.at(*at)
    return tag("circle", class_=kind, cx=x, cy=y, r=radius)
