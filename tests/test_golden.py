"""The score's golden tables, worked out by hand; anyone can read them in tests/data/golden."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from planner.domain.exact import exact_sum
from planner.domain.reporting import ReportFacts
from planner.domain.scores.indicators import BaseSet, Indicator, Judged, Reading, judge
from planner.domain.scores.items import Item
from planner.domain.scores.lines import lines
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.points import OwedReport, Points, report_points
from planner.domain.scores.scoring import Beside
from planner.domain.scores.tally import score_item
from planner.domain.text import t
from planner.domain.words import Comparator, Method, Part
from tests.support.scoring import (
    CALENDAR,
    RULES,
    accepted,
    completion,
    golden,
    item,
    score_of,
    verified_portion,
    weighed,
    whole_list,
)

ISSUE_YEAR = 2022


def case(row: dict[str, str]) -> str:
    return row["case"]


def day(text: str) -> date:
    return date.fromisoformat(text)


def asked(row: dict[str, str]) -> AsOf:
    return AsOf.on(day(row["as of"]), Period.parse(row["period"]))


def fraction(cell: str) -> Fraction | None:
    return Fraction(cell) if cell else None


def carried_item(row: dict[str, str]) -> Item:
    weight, _, part = row["weight"].partition(" ")
    closed = completion(1, day(row["closed by"])) if row["closed by"] else None
    portions = tuple(verified_portion(cell) for cell in whole_list(row["verified portions"]))
    if closed:
        closed = completion(1, closed.on, accepted(portions[-1].on))
    return item(
        method=Method(row["method"]),
        amount=Decimal(row["target"]) if row["target"] else None,
        weight=Decimal(weight),
        part=Part.SUPPORTING if part else Part.RESPONSIBLE,
        original_due_on=day(row["due"]),
        portions=portions,
        handed_in=(closed,) if closed else (),
    )


@pytest.mark.parametrize("row", golden("carried.csv"), ids=case)
def test_what_is_carried_over_is_what_was_worked_out_by_hand(row: dict[str, str]) -> None:
    owed, wanted = carried_item(row), asked(row)
    made = score_item(owed.as_of(wanted.day), wanted, RULES, CALENDAR)
    found = (made.weight, made.credit.value) if made else (None, None)
    assert found == (fraction(row["weight counted"]), fraction(row["credit"]))


def reading(number: int, cell: str) -> Reading:
    found = re.fullmatch(r"(\d{4}) (\S+) on (\S+)", cell)
    assert found, cell
    return Reading(number, int(found[1]), Decimal(found[2]), day(found[3]))


def base_set(cell: str) -> BaseSet:
    value, _, on = cell.partition(" on ")
    return BaseSet(day(on), Decimal(value))


def golden_indicator(row: dict[str, str]) -> Indicator:
    return Indicator(
        id=1,
        what="人均用水量",
        section="专栏1",
        measure="吨/人·年",
        owner_id=1,
        base_year=2020,
        printed_base=Decimal(row["base"]),
        target_year=2025,
        target=Decimal(row["target"]),
        comparator=Comparator(row["comparator"]),
        binding=row["kind"] != "expected",
        weight=Decimal(1),
        consistent=row["kind"] != "contradictory",
        readings=tuple(reading(n, cell) for n, cell in enumerate(whole_list(row["readings"]))),
        bases=tuple(base_set(cell) for cell in whole_list(row["confirmed base"])),
    )


@pytest.mark.parametrize("row", golden("indicators.csv"), ids=case)
def test_an_indicator_is_worth_what_was_worked_out_by_hand(row: dict[str, str]) -> None:
    made = judge(golden_indicator(row), asked(row), RULES.indicators, CALENDAR, ISSUE_YEAR)
    assert made.credit == fraction(row["credit"]), made.why


def judged(cell: str) -> Judged:
    weight, _, credit = cell.partition(" x ")
    indicator = golden_indicator(
        {
            "base": "100",
            "target": "90",
            "comparator": "<=",
            "kind": "binding",
            "readings": "",
            "confirmed base": "",
        }
    )
    scored = Indicator(**{**vars(indicator), "weight": Decimal(weight)})
    return Judged(scored, None if credit == "none" else Fraction(credit), t("nothing due yet"))


def points(cell: str) -> Points:
    return Points(t("Work"), t("Limit"), Fraction(cell), t("nothing due yet"))


@pytest.mark.parametrize("row", golden("components.csv"), ids=case)
def test_a_total_of_components_is_what_was_worked_out_by_hand(row: dict[str, str]) -> None:
    beside = Beside(
        indicators=tuple(judged(cell) for cell in whole_list(row["indicators (weight x credit)"])),
        points=tuple(points(cell) for cell in whole_list(row["points"])),
    )
    items = [weighed(cell) for cell in whole_list(row["items (weight x credit)"])]
    score = score_of(items, beside)
    total = "" if score.total is None else str(score.total)
    assert (total, score.grade.key if score.grade else "") == (row["total"], row["grade"])
    printed = lines(score)
    assert sum(line.earned for line in printed) == (score.total or 0)
    assert sum(line.possible for line in printed) == (0 if score.total is None else 100)


def owed_reports(cell: str) -> list[OwedReport]:
    many = re.fullmatch(r"(?:(\d+) times )?(\S+) (\S+) (\S+)", cell)
    assert many, cell
    times, due, missing_after, handed_in = many.groups()
    facts = ReportFacts(
        day(due), day(missing_after), None if handed_in == "none" else day(handed_in)
    )
    return [OwedReport(n, 1, 1, "节能改造", "2024-Q1", facts) for n in range(int(times or 1))]


@pytest.mark.parametrize("row", golden("reports.csv"), ids=case)
def test_reports_cost_what_was_worked_out_by_hand(row: dict[str, str]) -> None:
    owed = owed_reports(row["reports (due missing-after handed-in)"])
    costs = report_points(owed, asked(row), RULES.reports, CALENDAR)
    assert exact_sum(each.points for each in costs) == Fraction(row["points"])


def test_the_golden_tables_hold_a_hundred_cases() -> None:
    """As many as the design asks for, so that none is dropped unseen."""
    tables = ("scores", "totals", "carried", "indicators", "components", "reports")
    assert sum(len(golden(f"{name}.csv")) for name in tables) >= 100
