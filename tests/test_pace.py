"""Which group of the circular a unit belongs to."""

from __future__ import annotations

from fractions import Fraction

import pytest

from planner.domain.pace import Pace, far_behind, pace_of
from planner.domain.reminder_rules import Lights

RULES = Lights(blue_days=30, yellow_days=7, pace_yellow_points=10, pace_red_points=30)
GONE = Fraction(60, 100)


@pytest.mark.parametrize(
    ("verified", "pace"),
    [
        (Fraction(1), Pace.AHEAD),
        (Fraction(70, 100), Pace.AHEAD),
        (Fraction(6999, 10000), Pace.ON_PACE),
        (GONE, Pace.ON_PACE),
        (Fraction(5001, 10000), Pace.ON_PACE),
        (Fraction(50, 100), Pace.BEHIND),
        (Fraction(0), Pace.BEHIND),
    ],
)
def test_ahead_and_behind_begin_ten_points_from_the_time_gone(
    verified: Fraction, pace: Pace
) -> None:
    assert pace_of(verified, GONE, RULES) is pace


@pytest.mark.parametrize("verified", [Fraction(0), Fraction(1, 2), Fraction(1)])
def test_what_has_nothing_open_is_finished_whatever_was_verified(verified: Fraction) -> None:
    """Accepted below its target, as final, it will never be more."""
    assert pace_of(verified, GONE, RULES, finished=True) is Pace.FINISHED


def test_nothing_verified_is_on_pace_until_a_tenth_of_the_time_has_gone() -> None:
    assert pace_of(Fraction(0), Fraction(9, 100), RULES) is Pace.ON_PACE
    assert pace_of(Fraction(0), Fraction(10, 100), RULES) is Pace.BEHIND


def test_all_verified_at_the_very_end_is_on_pace_until_it_is_closed() -> None:
    assert pace_of(Fraction(1), Fraction(1), RULES) is Pace.ON_PACE


@pytest.mark.parametrize(("percent", "far"), [(31, False), (30, True), (0, True)])
def test_far_behind_is_the_red_light(percent: int, far: bool) -> None:
    assert far_behind(Fraction(percent, 100), GONE, RULES) is far


def test_the_thresholds_are_the_plans() -> None:
    narrow = Lights(blue_days=30, yellow_days=7, pace_yellow_points=1, pace_red_points=2)
    assert pace_of(Fraction(59, 100), GONE, narrow) is Pace.BEHIND
    assert pace_of(Fraction(59, 100), GONE, RULES) is Pace.ON_PACE
