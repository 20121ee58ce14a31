"""An indicator as a line: base, the straight line to the target, readings, and the forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from planner.domain.scores.indicators import Indicator
from planner.domain.scores.outlook import Outlook
from planner.web.charts import picture, polyline, tag

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 78, 22, 236
SMALL_WIDTH, SMALL_HEIGHT, SMALL_EDGE = 112, 36, 5
STEPS = (1, 2, 5, 10)
LINES = 4

Said = Callable[[Fraction], str]


@dataclass(frozen=True)
class Mark:
    """A reading in the picture: confirmed ones are solid, those that wait are hollow."""

    year: int
    value: Fraction
    confirmed: bool
    estimated: bool = False


@dataclass(frozen=True)
class _Scale:
    """Years to x, values to y; the values span what is drawn, with some air."""

    years: tuple[int, int]
    values: tuple[float, float]
    box: tuple[float, float, float, float]

    def x(self, year: float) -> float:
        left, right = self.box[0], self.box[1]
        first, last = self.years
        return left + (year - first) / max(1, last - first) * (right - left)

    def y(self, value: Fraction | float) -> float:
        top, bottom = self.box[2], self.box[3]
        low, high = self.values
        return bottom - (float(value) - low) / (high - low) * (bottom - top)

    def at(self, year: int, value: Fraction) -> tuple[float, float]:
        return self.x(year), self.y(value)


def _scale(
    indicator: Indicator,
    marks: Sequence[Mark],
    outlook: Outlook,
    box: tuple[float, float, float, float],
) -> _Scale:
    values = [float(indicator.base), float(indicator.target), *(float(m.value) for m in marks)]
    if outlook.forecast:
        values.append(float(outlook.forecast.value))
    low, high = min(values), max(values)
    air = (high - low or abs(high) or 1.0) * 0.12
    return _Scale((indicator.base_year, indicator.target_year), (low - air, high + air), box)


def marks_of(indicator: Indicator, waiting: Sequence[Mark] = ()) -> list[Mark]:
    """What is drawn of an indicator: the counting reading of each year, and what waits."""
    years = sorted({each.year for each in indicator.readings})
    counting = (indicator.reading_of(year) for year in years)
    confirmed = [
        Mark(each.year, Fraction(each.value), True, each.estimated)
        for each in counting
        if each is not None
    ]
    return [*confirmed, *waiting]


def large(
    indicator: Indicator,
    marks: Sequence[Mark],
    outlook: Outlook,
    *,
    said: Said,
    title: str,
    text: str,
) -> Markup:
    """The whole picture; `said` writes a number in the reader's language."""
    scale = _scale(indicator, marks, outlook, (LEFT, WIDTH - RIGHT, TOP, BOTTOM))
    return picture(
        "indicator",
        WIDTH,
        HEIGHT,
        title,
        text,
        *_grid(scale, said),
        *_years(scale),
        *_lines(scale, indicator, marks, outlook),
        *_ends(scale, indicator, said),
        *(_mark(scale, each, 5) for each in marks),
        *(_value(scale, each, marks, said) for each in marks),
    )


def small(
    indicator: Indicator, marks: Sequence[Mark], outlook: Outlook, *, title: str, text: str
) -> Markup:
    """The same in a table's cell: line, readings, forecast."""
    box = (SMALL_EDGE, SMALL_WIDTH - SMALL_EDGE, SMALL_EDGE, SMALL_HEIGHT - SMALL_EDGE)
    scale = _scale(indicator, marks, outlook, box)
    return picture(
        "indicator-small",
        SMALL_WIDTH,
        SMALL_HEIGHT,
        title,
        text,
        *_lines(scale, indicator, marks, outlook),
        *(_mark(scale, each, 2.6) for each in marks),
    )


def legend(kinds: Mapping[str, str]) -> Markup:
    """What the lines and marks are called, as a list with their looks."""
    entries = [
        Markup('<li><span class="chart-key chart-key-{}"></span>{}</li>').format(kind, name)
        for kind, name in kinds.items()
    ]
    return Markup('<ul class="chart-legend">{}</ul>').format(Markup("").join(entries))


def _lines(
    scale: _Scale, indicator: Indicator, marks: Sequence[Mark], outlook: Outlook
) -> list[Markup]:
    """The straight line, the broken line through what was confirmed, and where it leads."""
    base = (indicator.base_year, indicator.base)
    target = (indicator.target_year, Fraction(indicator.target))
    confirmed = [base, *((each.year, each.value) for each in marks if each.confirmed)]
    parts = [_path("chart-plan", scale, [base, target])]
    if len(confirmed) > 1:
        parts.append(_path("chart-actual", scale, confirmed))
    if outlook.forecast:
        kind = "chart-ahead-missed" if outlook.forecast.missed else "chart-ahead-met"
        ahead = (indicator.target_year, outlook.forecast.value)
        parts.append(_path(kind, scale, [confirmed[-1], ahead]))
    return parts


def _path(kind: str, scale: _Scale, points: Sequence[tuple[int, Fraction]]) -> Markup:
    placed = [scale.at(year, value) for year, value in points]
    return tag("path", class_=kind, d=polyline(placed), fill="none")


def _mark(scale: _Scale, mark: Mark, radius: float) -> Markup:
    """A dot; a square where it was estimated; hollow where it waits."""
    x, y = scale.at(mark.year, mark.value)
    kind = "chart-reading" if mark.confirmed else "chart-reading-open"
    if mark.estimated:
        side = 2 * radius
        return tag("rect", class_=kind, x=x - radius, y=y - radius, width=side, height=side)
    return tag("circle", class_=kind, cx=x, cy=y, r=radius)


def _value(scale: _Scale, mark: Mark, marks: Sequence[Mark], said: Said) -> Markup:
    """The number above its mark, or below where another one of the year stands above it."""
    x, y = scale.at(mark.year, mark.value)
    is_lower = any(each.year == mark.year and each.value > mark.value for each in marks)
    y += 22 if is_lower else -11
    words = said(mark.value)
    return tag("text", words, class_="chart-end-total", x=x, y=y, text_anchor="middle")


def _ends(scale: _Scale, indicator: Indicator, said: Said) -> list[Markup]:
    """Base and target, written beside the line's ends."""
    x, y = scale.at(indicator.target_year, Fraction(indicator.target))
    base_x, base_y = scale.at(indicator.base_year, indicator.base)
    sign = "≤" if str(indicator.comparator) == "<=" else "≥"
    return [
        tag("circle", class_="chart-plan-end", cx=base_x, cy=base_y, r=3.5),
        tag("circle", class_="chart-plan-end", cx=x, cy=y, r=3.5),
        tag(
            "text",
            f"{sign} {said(Fraction(indicator.target))}",
            class_="chart-goal",
            x=x + 9,
            y=y + 4,
        ),
        tag("text", said(indicator.base), class_="chart-goal", x=base_x + 6, y=base_y - 9),
    ]


def _grid(scale: _Scale, said: Said) -> list[Markup]:
    low, high = scale.values
    parts = []
    for level in _levels(low, high):
        y = scale.y(level)
        parts.append(tag("path", class_="chart-grid", d=polyline([(LEFT, y), (WIDTH - RIGHT, y)])))
        words = said(level)
        parts.append(
            tag("text", words, class_="chart-tick", x=LEFT - 8, y=y + 4, text_anchor="end")
        )
    axis = polyline([(LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM)])
    return [*parts, tag("path", class_="chart-axis", d=axis)]


def _levels(low: float, high: float) -> list[Fraction]:
    """A few round numbers between two values."""
    span = Fraction(high - low) / LINES
    power = Fraction(1)
    while power * 10 <= span:
        power *= 10
    while power > span:
        power /= 10
    step = next(power * each for each in STEPS if power * each >= span)
    first = -(-Fraction(low) // step)
    return [step * number for number in range(int(first), int(Fraction(high) // step) + 1)]


def _years(scale: _Scale) -> list[Markup]:
    first, last = scale.years
    return [
        tag(
            "text",
            str(year),
            class_="chart-tick",
            x=scale.x(year),
            y=BOTTOM + 24,
            text_anchor="middle",
        )
        for year in range(first, last + 1)
    ]
