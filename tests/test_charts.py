"""Charts: what they draw stands where the numbers say, and nothing in them breaks the page."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from planner.domain.scores.indicators import Indicator, Reading, forecast
from planner.domain.words import Comparator
from planner.services.rollups import TrendPoint
from planner.web import charts, trend_chart
from planner.web.bullet_chart import ROOM, WIDTH, bullet
from planner.web.charts import bar, donut, sparkline
from planner.web.path_chart import path_line
from planner.web.trend_chart import legend, trend_line

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"title": "进度 <1>", "text": "已核定 50% & 已申报 75%"}
FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
KINDS = {"total": "得分", "verified": "已核定", "claimed": "已申报"}


def read(svg: Markup) -> ET.Element:
    return ET.fromstring(svg)


def found(svg: Markup, kind: str) -> list[ET.Element]:
    return [each for each in read(svg).iter() if kind in each.get("class", "").split()]


def points(path: str) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def days(*values: tuple[str | None, str, str]) -> list[TrendPoint]:
    return [
        TrendPoint(
            FIRST + timedelta(days=number),
            None if total is None else Decimal(total),
            Decimal(verified),
            Decimal(claimed),
            3,
            1,
            0,
        )
        for number, (total, verified, claimed) in enumerate(values)
    ]


def trend(made: list[TrendPoint], last: date = LAST) -> Markup:
    return trend_line(made, FIRST, last, kinds=KINDS, **WORDS)


def indicator(*values: str, base: str = "100", target: str = "90", **facts: bool) -> Indicator:
    """From 2020 to 2025, with readings of the years from 2021 on."""
    return Indicator(
        id=1,
        what="单位建筑面积能耗",
        section="专栏1",
        measure="千克标煤",
        owner_id=1,
        base_year=2020,
        printed_base=Decimal(base),
        target_year=2025,
        target=Decimal(target),
        comparator=Comparator.AT_MOST,
        binding=True,
        weight=Decimal(1),
        readings=tuple(
            Reading(year, year, Decimal(value), FIRST) for year, value in enumerate(values, 2021)
        ),
        **facts,
    )


def aim(verified: int, claimed: int, amount: int = 5, gone: str = "1/2") -> Markup:
    return bullet(
        Fraction(verified), Fraction(claimed), Fraction(amount), Fraction(gone), whole=True, **WORDS
    )


def way(of: Indicator) -> Markup:
    return path_line(of, forecast(of), **WORDS)


EVERY = {
    "bullet": aim(3, 4),
    "path": way(indicator("99", "97")),
    "bar": bar(Fraction(1, 2), Fraction(3, 4), Fraction(2, 3), **WORDS),
    "donut": donut(Decimal(94), "优秀 <b>", shown="94.00", grade="excellent", **WORDS),
    "sparkline": sparkline([None, 1, Decimal(50), 100], **WORDS),
    "trend": trend(days((None, "0", "0.1"), ("90", "0.5", "0.7"))),
    "nothing": trend([]),
}


@pytest.mark.parametrize("name", EVERY)
def test_a_chart_is_one_picture_that_scales_and_says_the_same_in_words(name: str) -> None:
    svg = read(EVERY[name])
    assert svg.tag == f"{SVG}svg"
    assert svg.get("viewBox") == f"0 0 {svg.get('width')} {svg.get('height')}"
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == f"{WORDS['title']}: {WORDS['text']}"
    assert [svg.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == list(WORDS.values())


@pytest.mark.parametrize("name", EVERY)
def test_a_chart_has_no_styles_scripts_ids_or_addresses(name: str) -> None:
    """Styles and scripts are forbidden by the policy of the page, ids must be unique on it."""
    for each in read(EVERY[name]).iter():
        assert each.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "desc",
            "rect",
            "path",
            "circle",
            "text",
        }
        assert not {"style", "id", "href", "fill-url"} & set(each.attrib)
        assert not [key for key in each.attrib if key.startswith("on")]


def test_verified_is_solid_and_only_what_is_claimed_beyond_it_is_hatched() -> None:
    (solid,) = found(EVERY["bar"], "chart-verified")
    (claimed,) = found(EVERY["bar"], "chart-claimed")
    assert (solid.get("x"), solid.get("width")) == ("0", "100")
    assert (claimed.get("x"), claimed.get("width")) == ("100", "50")
    (hatch,) = found(EVERY["bar"], "chart-hatch")
    assert all(100 <= x <= 150 for x, _ in points(hatch.get("d", "")))


def test_nothing_is_hatched_where_nothing_more_is_claimed() -> None:
    assert found(bar(1, 1, **WORDS), "chart-hatch") == []
    assert found(bar(0, 0, **WORDS), "chart-verified") == []


def test_the_mark_stands_at_the_expected_share() -> None:
    (mark,) = found(EVERY["bar"], "chart-expected")
    assert {x for x, _ in points(mark.get("d", ""))} == {133.33}
    assert found(bar(0, 0, **WORDS), "chart-expected") == []


shares = st.fractions(-1, 2)


@given(shares, shares, shares)
def test_no_number_leaves_the_bar(
    verified: Fraction, claimed: Fraction, expected: Fraction
) -> None:
    svg = bar(verified, claimed, expected, **WORDS)
    for each in read(svg).iter():
        left, width = float(each.get("x", 0)), float(each.get("width", 0))
        assert 0 <= left <= left + width <= charts.BAR_WIDTH + 0.01
        for x, y in points(each.get("d", "")):
            assert 0 <= x <= charts.BAR_WIDTH
            assert 0 <= y <= charts.BAR_HEIGHT


def test_a_ring_is_as_long_as_its_total_and_empty_without_one() -> None:
    (arc,) = found(donut(25, "合格", shown="25.00", grade="pass", **WORDS), "chart-arc")
    length, around = map(float, arc.get("stroke-dasharray", "").split())
    assert around == pytest.approx(2 * math.pi * charts.RING_RADIUS, abs=0.01)
    assert length == pytest.approx(around / 4, abs=0.01)
    assert "chart-grade-pass" in arc.get("class", "")
    empty = donut(None, "暂无", shown="—", grade=None, **WORDS)
    assert found(empty, "chart-arc") == []
    assert [each.text for each in found(empty, "chart-total")] == ["—"]


def test_a_sparkline_leaves_a_gap_and_dots_its_last_value() -> None:
    gap = sparkline([10, 20, None, 40, 50], **WORDS)
    (line,) = found(gap, "chart-line-total")
    assert line.get("d", "").count("M") == 2
    assert len(found(gap, "chart-dot-total")) == 1
    assert found(sparkline([10, None], **WORDS), "chart-dot-total") == []
    assert found(sparkline([], **WORDS), "chart-line-total")[0].get("d") == ""


def test_a_trend_stands_at_its_days_and_values() -> None:
    svg = trend(days(("0", "0", "0"), ("100", "0.5", "1")), FIRST + timedelta(days=1))
    right = trend_chart.WIDTH - trend_chart.RIGHT
    middle = (trend_chart.TOP + trend_chart.BOTTOM) / 2
    drawn = {kind: points(found(svg, f"chart-line-{kind}")[0].get("d", "")) for kind in KINDS}
    start = (trend_chart.LEFT, trend_chart.BOTTOM)
    assert drawn["total"] == drawn["claimed"] == [start, (right, trend_chart.TOP)]
    assert drawn["verified"] == [start, (right, middle)]


def test_a_trend_leaves_no_room_for_days_to_come() -> None:
    svg = trend(days(("40", "0.4", "0.4"), ("50", "0.5", "0.5"), ("60", "0.6", "0.6")))
    right = trend_chart.WIDTH - trend_chart.RIGHT
    assert [float(dot.get("cx", "")) for dot in found(svg, "chart-dot-total")] == [right]


def test_a_trend_names_its_last_values_without_overlap() -> None:
    svg = trend(days(("91.25", "0.895", "0.91")))
    ends = [found(svg, f"chart-end-{kind}")[0] for kind in KINDS]
    assert {each.text for each in ends} == {"91.25", "90%", "91%"}
    heights = sorted(float(each.get("y", 0)) for each in ends)
    assert all(low - high >= trend_chart.LABEL_GAP for high, low in pairwise(heights))


def test_a_trend_without_score_has_a_gap_and_no_last_value() -> None:
    svg = trend(days(("50", "0", "0"), (None, "0", "0"), ("60", "0", "0"), (None, "0", "0")))
    assert found(svg, "chart-line-total")[0].get("d", "").count("M") == 2
    assert found(svg, "chart-end-total") == []


def test_level_days_do_not_make_a_long_path() -> None:
    svg = trend(days(*[("80", "0.5", "0.5")] * 300))
    assert len(points(found(svg, "chart-line-total")[0].get("d", ""))) == 2


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (FIRST, LAST, ["2024-01", "2024-03", "2024-05", "2024-07", "2024-09", "2024-11"]),
        (date(2021, 1, 1), date(2025, 12, 31), ["2021", "2022", "2023", "2024", "2025"]),
        (date(2024, 3, 5), date(2024, 3, 9), []),
    ],
)
def test_time_is_told_in_months_or_years(first: date, last: date, ticks: list[str]) -> None:
    svg = trend_line([], first, last, kinds=KINDS, **WORDS)
    names = [each.text or "" for each in found(svg, "chart-tick")]
    assert [name for name in names if int(name[:3]) > 100] == ticks


def test_the_legend_names_what_is_drawn() -> None:
    assert "得分" in legend({"total": "得分"})
    assert "chart-key-verified" not in legend({"total": "得分"})
    assert "&lt;b&gt;" in legend({"total": "<b>"})


def test_a_bullet_shows_what_is_verified_what_is_claimed_and_each_whole_thing() -> None:
    unit = (WIDTH - ROOM) / 5
    (solid,), (claimed,) = (
        found(EVERY["bullet"], f"chart-{kind}") for kind in ("verified", "claimed")
    )
    assert float(solid.get("width", 0)) == pytest.approx(3 * unit, abs=0.01)
    assert float(claimed.get("x", 0)) == pytest.approx(3 * unit, abs=0.01)
    assert float(claimed.get("width", 0)) == pytest.approx(unit, abs=0.01)
    assert len(found(EVERY["bullet"], "chart-gap")) == 4
    (flag,), (time,) = (found(EVERY["bullet"], f"chart-{kind}") for kind in ("aim", "expected"))
    assert points(flag.get("d", ""))[0][0] == pytest.approx(5 * unit, abs=0.01)
    assert points(time.get("d", ""))[0][0] == pytest.approx(2.5 * unit, abs=0.01)


def test_what_goes_beyond_the_target_is_drawn_to_its_end() -> None:
    svg = aim(10, 10)
    assert float(found(svg, "chart-verified")[0].get("width", 0)) == WIDTH - ROOM
    assert points(found(svg, "chart-aim")[0].get("d", ""))[0][0] == (WIDTH - ROOM) / 2


@pytest.mark.parametrize("amount", [0, -1])
def test_a_target_that_is_no_amount_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        aim(0, 0, amount)


@given(*[st.integers(0, 3000)] * 2, st.integers(1, 2000), st.fractions(-1, 2))
def test_no_number_leaves_the_bullet(
    verified: int, claimed: int, amount: int, gone: Fraction
) -> None:
    for each in read(aim(verified, claimed, amount, str(gone))).iter():
        assert 0 <= float(each.get("x", 0)) + float(each.get("width", 0)) <= WIDTH
        assert all(0 <= x <= WIDTH for x, _ in points(each.get("d", "")))


def test_a_path_leads_from_base_to_target_through_its_readings() -> None:
    svg = way(indicator("99", "97"))
    assert len(found(svg, "chart-dot-total")) == 2
    assert len(found(svg, "chart-way-line")) == 1
    (start, *_), (ahead,) = (
        points(found(svg, "chart-line-total")[0].get("d", "")),
        found(svg, "chart-way-missed"),
    )
    assert start == points(found(svg, "chart-way-line")[0].get("d", ""))[0]
    assert len(points(ahead.get("d", ""))) == 2
    assert found(way(indicator("95")), "chart-way-met"), "it heads for less than its target"


def test_a_path_without_a_base_or_without_a_way_is_drawn_all_the_same() -> None:
    contradictory = way(indicator("99", consistent=False))
    assert found(contradictory, "chart-way-line") == found(contradictory, "chart-way-met") == []
    assert len(found(contradictory, "chart-way-goal")) == 1
    assert found(way(indicator(base="90", target="90")), "chart-way-line")
    assert found(way(indicator()), "chart-dot-total") == []
