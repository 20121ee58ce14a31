"""Charts as SVG text: they scale, print and need no script; colours are classes of charts.css.

Every chart is one picture with a text that says the same (`text`), for readers who cannot see it.
Shares and points are exact numbers; they become screen coordinates here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from markupsafe import Markup, escape

Number: TypeAlias = "int | Decimal | Fraction"

BAR_WIDTH, BAR_HEIGHT, BAR_TOP, BAR_THICK, HATCH_STEP = 200, 16, 3, 10, 4
RING, RING_WIDTH, RING_RADIUS = 120, 11, 50
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 24, 3


def tag(name: str, *content: str, **attributes: str | float | None) -> Markup:
    """One SVG element; `class_` is class, an underscore a hyphen, and None leaves out."""
    written = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    ]
    inner = Markup("").join(content)
    return Markup(f"<{name}{''.join(written)}>{inner}</{name}>")


def _plain(value: str | float) -> str:
    """A text as it is, a coordinate with at most two decimals."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def picture(kind: str, width: float, height: float, title: str, text: str, *content: str) -> Markup:
    """An SVG picture of its own size, with a title and the same in words."""
    return tag(
        "svg",
        tag("title", title),
        tag("desc", text),
        *content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_plain(width)} {_plain(height)}",
        width=width,
        height=height,
        class_=f"chart chart-{kind}",
        role="img",
        aria_label=f"{title}: {text}",
    )


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """The points as the path of a broken line."""
    steps = [f"{_plain(x)} {_plain(y)}" for x, y in points]
    return "M" + "L".join(steps) if steps else ""


def bar(
    verified: Number,
    claimed: Number,
    expected: Number | None = None,
    *,
    title: str,
    text: str,
) -> Markup:
    """Shares of 1: verified solid, what is only claimed hatched, a mark at the expected share."""
    solid, hatched = _share(verified) * BAR_WIDTH, _share(claimed) * BAR_WIDTH
    parts = [block("chart-track", 0, BAR_WIDTH)]
    if hatched > solid:
        parts += [block("chart-claimed", solid, hatched), hatch(solid, hatched)]
    if solid:
        parts.append(block("chart-verified", 0, solid))
    if expected is not None:
        parts.append(_mark(_share(expected) * BAR_WIDTH))
    return picture("bar", BAR_WIDTH, BAR_HEIGHT, title, text, *parts)


def _share(value: Number) -> float:
    return min(1.0, max(0.0, float(value)))


def block(kind: str, left: float, right: float) -> Markup:
    """A stretch of a bar."""
    width = right - left
    return tag(
        "rect", class_=kind, x=left, y=BAR_TOP, width=width, height=BAR_THICK, rx=min(3, width / 2)
    )


def hatch(left: float, right: float) -> Markup:
    """Slanting strokes cut off at both ends: no pattern, which would need an id on the page."""
    strokes = []
    start = left - left % HATCH_STEP - BAR_THICK
    for number in range(math.ceil((right - start) / HATCH_STEP)):
        foot = start + number * HATCH_STEP
        near, far = max(left, foot), min(right, foot + BAR_THICK)
        if far > near:
            bottom = BAR_TOP + BAR_THICK + foot
            strokes.append(polyline([(near, bottom - near), (far, bottom - far)]))
    return tag("path", class_="chart-hatch", d="".join(strokes))


def _mark(at: float) -> Markup:
    where = min(BAR_WIDTH - 1.0, max(1.0, at))
    return tag("path", class_="chart-expected", d=polyline([(where, 0), (where, BAR_HEIGHT)]))


def donut(
    total: Number | None, caption: str, *, shown: str, grade: str | None, title: str, text: str
) -> Markup:
    """A total of 100 as a ring, the total as `shown` in its middle, a caption below it.

    `grade` is the grade's key and picks the colour. Without a total the ring stays empty.
    """
    middle = RING / 2
    around = 2 * math.pi * RING_RADIUS
    where = {"cx": middle, "cy": middle, "r": RING_RADIUS, "stroke_width": RING_WIDTH}
    parts = [tag("circle", class_="chart-ring", fill="none", **where)]
    if total:
        arc = _share(Fraction(total) / 100) * around
        parts.append(
            tag(
                "circle",
                class_=f"chart-arc chart-grade-{grade or 'none'}",
                fill="none",
                stroke_dasharray=f"{_plain(arc)} {_plain(around)}",
                transform=f"rotate(-90 {_plain(middle)} {_plain(middle)})",
                **where,
            )
        )
    parts.append(_centred("chart-total", middle, middle + 6, shown))
    parts.append(_centred("chart-caption", middle, middle + 25, caption))
    return picture("donut", RING, RING, title, text, *parts)


def _centred(kind: str, x: float, y: float, text: str) -> Markup:
    return tag("text", text, class_=kind, x=x, y=y, text_anchor="middle")


def sparkline(values: Sequence[Number | None], *, title: str, text: str, top: int = 100) -> Markup:
    """A small line of values from 0 to `top`, the last one dotted; None leaves a gap."""
    across = (SPARK_WIDTH - 2 * SPARK_EDGE) / max(1, len(values) - 1)
    placed = [
        None
        if value is None
        else (
            SPARK_EDGE + number * across,
            SPARK_EDGE + (1 - _share(Fraction(value) / top)) * (SPARK_HEIGHT - 2 * SPARK_EDGE),
        )
        for number, value in enumerate(values)
    ]
    parts = [tag("path", class_="chart-line-total", d=broken(placed), fill="none")]
    if placed and placed[-1]:
        x, y = placed[-1]
        parts.append(tag("circle", class_="chart-dot-total", cx=x, cy=y, r=2.5))
    return picture("spark", SPARK_WIDTH, SPARK_HEIGHT, title, text, *parts)


def broken(points: Sequence[tuple[float, float] | None]) -> str:
    """A line with gaps where there is no point; points within a level stretch are left out."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            _extend(stretches[-1], point)
    return "".join(polyline(stretch) for stretch in stretches)


def _extend(stretch: list[tuple[float, float]], point: tuple[float, float]) -> None:
    if len(stretch) > 1 and stretch[-1][1] == stretch[-2][1] == point[1]:
        stretch[-1] = point
    else:
        stretch.append(point)
