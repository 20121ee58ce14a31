"""A quantified target as a bullet: confirmed solid, reported hatched, marks for target and time."""

from __future__ import annotations

from fractions import Fraction

from markupsafe import Markup

from planner.web.charts import BAR_HEIGHT, BAR_THICK, BAR_TOP, block, hatch, picture, polyline, tag

WIDTH = 320
ROOM = 8
"""Room on the right for the target's mark."""

MOST_PIECES = 20
"""Up to so many whole things are told apart in the bar."""


def bullet(
    verified: Fraction,
    claimed: Fraction,
    amount: Fraction,
    time_gone: Fraction,
    *,
    whole: bool,
    title: str,
    text: str,
) -> Markup:
    """Amounts of a target in one measure; `time_gone` is a share of 1 and marks where time is.

    What goes beyond the target is drawn as far as it goes, and the target's mark moves inside.
    `whole` says that the amount counts things, which are told apart. Raises ValueError for an
    amount that is not above 0.
    """
    if amount <= 0:
        raise ValueError(f"a target of {amount} cannot be drawn")
    scale = (WIDTH - ROOM) / float(max(amount, verified, claimed))
    solid, hatched = float(verified) * scale, float(max(verified, claimed)) * scale
    aim = float(amount) * scale
    parts = [block("chart-track", 0, aim)]
    if hatched > solid:
        parts += [block("chart-claimed", solid, hatched), hatch(solid, hatched)]
    if solid:
        parts.append(block("chart-verified", 0, solid))
    if whole and amount <= MOST_PIECES:
        parts += [_gap(number * scale) for number in range(1, int(amount))]
    parts.append(_time(min(1.0, float(time_gone)) * aim))
    parts.append(_aim(aim))
    return picture("bullet", WIDTH, BAR_HEIGHT, title, text, *parts)


def _gap(at: float) -> Markup:
    ends = [(at, BAR_TOP), (at, BAR_TOP + BAR_THICK)]
    return tag("path", class_="chart-gap", d=polyline(ends))


def _time(at: float) -> Markup:
    """A line through the bar."""
    at = max(1.0, at)
    return tag("path", class_="chart-expected", d=polyline([(at, 0), (at, BAR_HEIGHT)]))


def _aim(at: float) -> Markup:
    """A flag at the target's end."""
    pole, tip = [(at, 0), (at, BAR_HEIGHT)], [(at, 0), (at + ROOM - 1, 3.5), (at, 7)]
    return tag("path", class_="chart-aim", d=polyline(pole) + polyline(tip) + "Z")
