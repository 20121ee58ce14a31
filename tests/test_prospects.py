"""Where targets and indicators are heading, and the light that they stand in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from planner.domain.lights import Light
from planner.domain.reminder_rules import Lights
from planner.domain.scores.indicators import BaseSet, Indicator, Reading
from planner.domain.scores.prospects import adds_up, at_pace, light_on_path
from planner.domain.words import Comparator

RULES = Lights(
    blue_days=30, yellow_days=7, pace_yellow_points=Decimal(10), pace_red_points=Decimal(30)
)
DAY = date(2024, 3, 1)


def indicator(
    *readings: tuple[int, str],
    base: str = "100",
    target: str = "90",
    comparator: Comparator = Comparator.AT_MOST,
    consistent: bool = True,
    bases: tuple[BaseSet, ...] = (),
) -> Indicator:
    """From 2020 to 2025."""
    return Indicator(
        id=1,
        what="人均综合能耗",
        section="专栏1",
        measure="千克标煤",
        owner_id=1,
        base_year=2020,
        printed_base=Decimal(base),
        target_year=2025,
        target=Decimal(target),
        comparator=comparator,
        binding=True,
        weight=Decimal(1),
        consistent=consistent,
        readings=tuple(Reading(year, year, Decimal(value), DAY) for year, value in readings),
        bases=bases,
    )


@pytest.mark.parametrize(
    ("value", "light"),
    [
        ("94", Light.GREEN),
        ("93.5", Light.GREEN),
        ("94.01", Light.YELLOW),
        ("96.9", Light.YELLOW),
        ("97", Light.RED),
        ("120", Light.RED),
    ],
)
def test_on_the_line_is_green_and_off_it_red_from_as_many_points_as_the_rules_say(
    value: str, light: Light
) -> None:
    """In 2023 three fifths of the way should be gone: from 100 to 94."""
    assert light_on_path(indicator((2023, value)), RULES) is light


def test_what_should_rise_is_judged_upwards() -> None:
    up = {"base": "50", "target": "100", "comparator": Comparator.AT_LEAST}
    assert light_on_path(indicator((2023, "80"), **up), RULES) is Light.GREEN  # type: ignore[arg-type]
    assert light_on_path(indicator((2023, "60"), **up), RULES) is Light.RED  # type: ignore[arg-type]


def test_without_reading_or_base_there_is_no_light() -> None:
    assert light_on_path(indicator(), RULES) is Light.GREY
    assert light_on_path(indicator((2023, "94"), consistent=False), RULES) is Light.GREY
    settled = indicator((2023, "94"), consistent=False, bases=(BaseSet(DAY, Decimal(100)),))
    assert light_on_path(settled, RULES) is Light.GREEN


def test_a_target_equal_to_its_base_is_kept_or_not() -> None:
    kept = indicator((2023, "90"), base="90", target="90")
    assert light_on_path(kept, RULES) is Light.GREEN
    assert light_on_path(indicator((2023, "91"), base="90", target="90"), RULES) is Light.RED


def test_a_reading_after_the_target_year_is_held_against_the_target() -> None:
    assert light_on_path(indicator((2026, "90")), RULES) is Light.GREEN


def test_the_pace_is_what_was_reached_by_the_time_gone() -> None:
    assert at_pace(Fraction(3), Fraction(3, 4)) == 4
    assert at_pace(Fraction(3), Fraction(0)) is None


def test_rates_do_not_add_up() -> None:
    assert not any(adds_up(measure) for measure in ("%", " % ", "℃", "级", "PUE"))
    assert all(adds_up(measure) for measure in ("个", "人次", "万平方米"))
