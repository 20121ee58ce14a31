"""An indicator's picture: base, line, readings and forecast stand where they should."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from planner.domain.lights import Light
from planner.domain.reminder_rules import Lights
from planner.domain.scores.indicators import Indicator, Reading
from planner.domain.scores.outlook import Outlook, outlook_of
from planner.domain.words import Comparator
from planner.web import indicator_chart
from planner.web.indicator_chart import Mark

LIGHTS = Lights(blue_days=30, yellow_days=7, pace_yellow_points=10, pace_red_points=30)
ON = date(2024, 3, 1)


def indicator(*values: tuple[int, str], **more: object) -> Indicator:
    readings = tuple(
        Reading(number, year, Decimal(value), ON) for number, (year, value) in enumerate(values)
    )
    facts: dict[str, object] = {
        "id": 1,
        "what": "人均综合能耗",
        "section": "专栏1",
        "measure": "千克",
        "owner_id": 1,
        "base_year": 2020,
        "printed_base": Decimal(100),
        "target_year": 2025,
        "target": Decimal(90),
        "comparator": Comparator.AT_MOST,
        "binding": True,
        "weight": Decimal(1),
        "readings": readings,
        **more,
    }
    return Indicator(**facts)  # type: ignore[arg-type]


def outlook(of: Indicator) -> Outlook:
    return outlook_of(of, LIGHTS)


@pytest.mark.parametrize(
    ("year", "value", "light"),
    [
        (2023, "94", Light.GREEN),
        (2023, "94.01", Light.YELLOW),
        (2023, "96.9", Light.YELLOW),
        (2023, "97", Light.RED),
        (2025, "90", Light.GREEN),
        (2025, "90.1", Light.YELLOW),
        (2021, "101.1", Light.RED),
    ],
)
def test_the_light_compares_with_the_line_of_the_readings_year(
    year: int, value: str, light: Light
) -> None:
    assert outlook(indicator((year, value))).light is light


def test_without_base_or_reading_the_light_is_grey_and_nothing_is_foretold() -> None:
    for facts in (indicator(), indicator((2023, "94"), consistent=False)):
        found = outlook(facts)
        assert found.light is Light.GREY
        assert found.forecast is None
        assert found.wanted is None


def test_a_target_equal_to_its_base_is_kept_or_lost() -> None:
    kept, lost = ((2023, "100"), (2023, "100.1"))
    assert outlook(indicator(kept, target=Decimal(100))).light is Light.GREEN
    assert outlook(indicator(lost, target=Decimal(100))).light is Light.RED


def test_the_forecast_goes_on_at_the_pace_so_far() -> None:
    missed, met = outlook(indicator((2022, "98"))), outlook(indicator((2022, "96")))
    assert missed.forecast is not None
    assert (missed.forecast.value, missed.forecast.missed) == (95, True)
    assert met.forecast is not None
    assert (met.forecast.value, met.forecast.missed) == (90, False)


def drawn(of: Indicator, *waiting: Mark) -> str:
    marks = indicator_chart.marks_of(of, waiting)
    return str(
        indicator_chart.large(
            of, marks, outlook(of), said=lambda each: str(float(each)), title="甲", text="文字"
        )
    )


def path(svg: str, kind: str) -> list[tuple[float, float]]:
    (found,) = re.findall(rf'<path class="{kind}" d="M([^"]+)"', svg)
    return [(float(x), float(y)) for x, y in (step.split() for step in found.split("L"))]


def test_the_readings_lie_on_the_line_where_they_equal_it() -> None:
    svg = drawn(indicator((2021, "98"), (2023, "94")))
    (left, top), (right, bottom) = path(svg, "chart-plan")
    for x, y in path(svg, "chart-actual"):
        along = (x - left) / (right - left)
        assert y == pytest.approx(top + along * (bottom - top), abs=0.02)
    assert path(svg, "chart-ahead-met")[-1] == pytest.approx((right, bottom), abs=0.02)


def test_a_correction_takes_the_place_of_the_reading_before() -> None:
    svg = drawn(indicator((2023, "94"), (2023, "97")))
    assert len(path(svg, "chart-actual")) == 2
    assert ">97.0</text>" in svg
    assert "chart-ahead-missed" in svg


def test_what_waits_is_hollow_and_what_was_estimated_square() -> None:
    waiting = Mark(2023, Fraction(95), confirmed=False, estimated=True)
    svg = drawn(indicator((2022, "96")), waiting)
    assert '<circle class="chart-reading"' in svg
    assert '<rect class="chart-reading-open"' in svg
    assert len(path(svg, "chart-actual")) == 2


def test_everything_stays_inside_the_picture() -> None:
    for values in (((2021, "0.000001"),), ((2023, "1000000000"),), ((2025, "90"),), ()):
        svg = drawn(indicator(*values))
        for number in re.findall(r'(?:cx|cy|x|y)="(-?[\d.]+)"', svg):
            assert -1 <= float(number) <= indicator_chart.WIDTH


def test_the_small_picture_has_its_text_too() -> None:
    facts = indicator((2023, "94"))
    marks = indicator_chart.marks_of(facts)
    svg = str(indicator_chart.small(facts, marks, outlook(facts), title="甲", text="文字"))
    assert 'role="img"' in svg
    assert "<desc>文字</desc>" in svg
