"""The trend of a score and of the shares behind it, drawn from the stored roll-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from markupsafe import Markup

from planner.domain.exact import rounded
from planner.services.rollups import TrendPoint
from planner.web.charts import Number, broken, picture, polyline, tag

WIDTH, HEIGHT = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 38, 74, 14, 218
LEVELS = (0, 25, 50, 75, 100)
MOST_TICKS = 6
LABEL_GAP = 18
KINDS = ("claimed", "verified", "total")
"""From the back to the front."""


@dataclass(frozen=True)
class _Scale:
    """Days to x, values of 0 to 100 to y."""

    first: date
    last: date

    def x(self, day: date) -> float:
        span = max(1, (self.last - self.first).days)
        return LEFT + (day - self.first).days / span * (WIDTH - LEFT - RIGHT)

    def y(self, value: Number) -> float:
        return BOTTOM - min(100.0, max(0.0, float(value))) / 100 * (BOTTOM - TOP)


def trend_line(
    points: Sequence[TrendPoint],
    first: date,
    last: date,
    *,
    kinds: Mapping[str, str],
    title: str,
    text: str,
) -> Markup:
    """Lines from the first day of a period to its last point, on a scale of 0 to 100.

    The days of the period that are still to come take no room; without points they take it all.
    `kinds` names what is drawn: "total" in points, "verified" and "claimed" in percent, each with
    what the reader calls it; the same names stand in `legend`. Days without a score leave a gap.
    """
    scale = _Scale(first, min(last, points[-1].on) if points else last)
    shown = [kind for kind in KINDS if kind in kinds]
    lines = {kind: [_value(point, kind) for point in points] for kind in shown}
    return picture(
        "trend",
        WIDTH,
        HEIGHT,
        title,
        text,
        *_grid(scale),
        *(part for kind in shown for part in _line(scale, kind, points, lines[kind])),
        *_ends(scale, points, lines),
    )


def legend(kinds: Mapping[str, str]) -> Markup:
    """What the lines of `trend_line` are called, as a list with the lines' colours."""
    entries = [
        Markup('<li><span class="chart-key chart-key-{}"></span>{}</li>').format(kind, kinds[kind])
        for kind in reversed(KINDS)
        if kind in kinds
    ]
    return Markup('<ul class="chart-legend">{}</ul>').format(Markup("").join(entries))


def _value(point: TrendPoint, kind: str) -> Number | None:
    if kind == "total":
        return point.total
    return 100 * (point.verified if kind == "verified" else point.claimed)


def _grid(scale: _Scale) -> list[Markup]:
    parts = []
    for level in LEVELS:
        y = scale.y(level)
        kind = "chart-grid" if level else "chart-axis"
        parts.append(tag("path", class_=kind, d=polyline([(LEFT, y), (WIDTH - RIGHT, y)])))
        parts.append(
            tag("text", str(level), class_="chart-tick", x=LEFT - 8, y=y + 4, text_anchor="end")
        )
    for day, name in _ticks(scale.first, scale.last):
        x = scale.x(day)
        parts.append(tag("path", class_="chart-axis", d=polyline([(x, BOTTOM), (x, BOTTOM + 5)])))
        parts.append(
            tag("text", name, class_="chart-tick", x=x, y=BOTTOM + 22, text_anchor="middle")
        )
    return parts


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """First days of months, or of years where the time is long, at most `MOST_TICKS`."""
    firsts = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    years = [day for day in firsts if day.month == 1]
    if len(years) > 1:
        return [(day, f"{day.year}") for day in years[:: -(-len(years) // MOST_TICKS)]]
    return [(day, f"{day:%Y-%m}") for day in firsts[:: max(1, -(-len(firsts) // MOST_TICKS))]]


def _line(
    scale: _Scale, kind: str, points: Sequence[TrendPoint], values: Sequence[Number | None]
) -> list[Markup]:
    placed = [
        None if value is None else (scale.x(point.on), scale.y(value))
        for point, value in zip(points, values, strict=True)
    ]
    line = tag("path", class_=f"chart-line-{kind}", d=broken(placed), fill="none")
    if kind != "verified" or not placed or placed[0] is None or placed[-1] is None:
        return [line]
    under = f"L{placed[-1][0]:.2f} {BOTTOM}L{placed[0][0]:.2f} {BOTTOM}Z"
    return [tag("path", class_="chart-area-verified", d=broken(placed) + under), line]


def _ends(
    scale: _Scale, points: Sequence[TrendPoint], lines: Mapping[str, Sequence[Number | None]]
) -> list[Markup]:
    """A dot and the value at the end of each line, moved apart where they would overlap."""
    if not points:
        return []
    ends = {kind: values[-1] for kind, values in lines.items() if values[-1] is not None}
    x, parts, lowest = scale.x(points[-1].on), [], float("inf")
    for kind, value in sorted(ends.items(), key=lambda end: scale.y(end[1]), reverse=True):
        y = scale.y(value)
        lowest = min(y + 4, lowest - LABEL_GAP)
        parts.append(tag("circle", class_=f"chart-dot-{kind}", cx=x, cy=y, r=3.5))
        words = f"{value:.2f}" if kind == "total" else f"{rounded(Fraction(value), 0)}%"
        parts.append(tag("text", words, class_=f"chart-end-{kind}", x=x + 9, y=lowest))
    return parts
