"""How a unit stands against time: finished, ahead, on pace or behind (进度超前、正常、滞后)."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from planner.domain.lights import Light, by_pace, points_behind
from planner.domain.reminder_rules import Lights


class Pace(StrEnum):
    """The groups of a circular, the best first."""

    FINISHED = "finished"
    AHEAD = "ahead"
    ON_PACE = "on_pace"
    BEHIND = "behind"


def pace_of(
    verified: Fraction, time_gone: Fraction, rules: Lights, *, finished: bool = False
) -> Pace:
    """The group of a verified share against the share of time gone, both 0 to 1.

    Behind begins where the light by pace turns yellow; ahead is as far on the other side.
    `finished` is for what has nothing open any more, whatever its share.
    """
    if finished:
        return Pace.FINISHED
    if by_pace(verified, time_gone, rules) is not Light.GREEN:
        return Pace.BEHIND
    lead = -points_behind(verified, time_gone)
    return Pace.AHEAD if lead >= rules.pace_yellow_points else Pace.ON_PACE


def far_behind(verified: Fraction, time_gone: Fraction, rules: Lights) -> bool:
    """Whether the light by pace of what is not finished is red."""
    return by_pace(verified, time_gone, rules) is Light.RED
