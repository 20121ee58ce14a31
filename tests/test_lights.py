"""Lights: by date and by pace."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from planner.domain.lights import Light, by_date, by_pace, points_behind, share_of_time
from planner.domain.reminder_rules import Lights
from tests.support.scoring import CALENDAR

RULES = Lights(blue_days=30, yellow_days=7, pace_yellow_points=10, pace_red_points=30)
SUNDAY, MONDAY, TUESDAY = date(2024, 6, 30), date(2024, 7, 1), date(2024, 7, 2)


@pytest.mark.parametrize(
    ("today", "light"),
    [
        (date(2024, 5, 31), Light.GREEN),
        (date(2024, 6, 1), Light.BLUE),
        (date(2024, 6, 23), Light.BLUE),
        (date(2024, 6, 24), Light.YELLOW),
        (MONDAY, Light.YELLOW),
        (TUESDAY, Light.RED),
    ],
)
def test_the_light_by_date_counts_to_the_working_day_that_it_is_due(
    today: date, light: Light
) -> None:
    assert by_date(SUNDAY, today, CALENDAR, RULES) is light


@pytest.mark.parametrize(
    ("verified", "gone", "light"),
    [
        (Fraction(1, 2), Fraction(59, 100), Light.GREEN),
        (Fraction(1, 2), Fraction(60, 100), Light.YELLOW),
        (Fraction(1, 2), Fraction(79, 100), Light.YELLOW),
        (Fraction(1, 2), Fraction(80, 100), Light.RED),
        (Fraction(1), Fraction(0), Light.GREEN),
    ],
)
def test_the_light_by_pace_holds_proof_against_time(
    verified: Fraction, gone: Fraction, light: Light
) -> None:
    assert by_pace(verified, gone, RULES) is light


def test_what_is_closed_is_grey() -> None:
    assert by_date(SUNDAY, TUESDAY, CALENDAR, RULES, closed=True) is Light.GREY
    assert by_pace(Fraction(0), Fraction(1), RULES, closed=True) is Light.GREY


def test_points_behind_are_below_0_where_proof_is_ahead() -> None:
    assert points_behind(Fraction(3, 4), Fraction(1, 2)) == -25


def test_the_share_of_time_counts_whole_days_from_0_to_1() -> None:
    first, last = date(2024, 1, 1), date(2024, 1, 10)
    shares = [
        share_of_time(first, last, day)
        for day in (date(2023, 12, 1), first, date(2024, 1, 5), last, date(2024, 2, 1))
    ]
    assert shares == [0, Fraction(1, 10), Fraction(1, 2), 1, 1]
    with pytest.raises(ValueError, match="backwards"):
        share_of_time(last, first, first)
