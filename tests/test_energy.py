"""Energy and carbon as the plan counts them: its factors give its own printed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from planner import planfile
from planner.domain.energy import Balance, Consumption, EnergyRules, FactorBasis
from planner.domain.exact import rounded
from planner.domain.located import BadRecord
from tests.support.cast import SEED

PLAN = planfile.load(SEED)
assert PLAN.energy is not None
RULES = PLAN.energy

ENERGY_SHARES = {
    "electricity": "72.95",
    "coal": "0.86",
    "gas": "7.45",
    "petrol": "16.25",
    "diesel": "2.49",
}
CARBON_SHARES = {
    "electricity": "81.83",
    "coal": "0.74",
    "gas": "4.13",
    "petrol": "11.47",
    "diesel": "1.84",
}
"""In percent of 2020, as the first chapter prints them."""
ENERGY, CARBON = 15402, 45169
HEADCOUNT, AREA, WATER = Decimal(88500), Decimal("129.21"), Decimal(211)


@pytest.fixture
def base_year() -> Balance:
    """2020, its amounts worked back from the printed shares of energy."""
    carriers = {
        each.key: rounded(Fraction(ENERGY_SHARES[each.key]) / 100 * ENERGY / Fraction(each.coal), 6)
        for each in RULES.carriers
    }
    return Balance(RULES, Consumption(carriers, WATER, HEADCOUNT, AREA))


def test_the_totals_of_the_base_year_come_out_as_printed(base_year: Balance) -> None:
    assert rounded(base_year.energy, 0) == ENERGY
    assert rounded(base_year.carbon, 0) == CARBON


def test_every_printed_share_of_the_base_year_comes_out(base_year: Balance) -> None:
    energy = {c.key: rounded(100 * part / ENERGY, 2) for c, _, part, _ in base_year.lines()}
    carbon = {c.key: rounded(100 * part / CARBON, 2) for c, _, _, part in base_year.lines()}
    assert energy == {key: Decimal(share) for key, share in ENERGY_SHARES.items()}
    assert carbon == {key: Decimal(share) for key, share in CARBON_SHARES.items()}


def test_the_intensities_of_the_base_year_come_out_as_printed(base_year: Balance) -> None:
    """But for water per head: the plan notes that 23.92 contradicts the total of 211."""
    printed = {each.key: each.base for each in PLAN.indicators}
    found = {each.indicator: each.value for each in base_year.results()}
    county = ("total-energy", "total-water", "total-carbon", "mean-energy-area")
    for key in (*county, "mean-energy-head", "mean-carbon-area"):
        assert found[key] == printed[key], key
    assert found["mean-water-head"] == Decimal("23.84") != printed["mean-water-head"]


def test_the_sheet_gives_every_indicator_of_the_plan() -> None:
    given = [each.indicator for each in RULES.indicators]
    assert given == [each.key for each in PLAN.indicators]


def test_factors_that_the_plan_does_not_print_are_marked_as_inferred() -> None:
    assert {each.basis for each in RULES.carriers} == {FactorBasis.INFERRED}
    assert all("第一章" in each.source for each in RULES.carriers)


def test_what_is_kept_of_a_sheet_gives_the_same_again(base_year: Balance) -> None:
    kept = base_year.used.inputs(RULES)
    assert kept["rules_version"] == "1"
    assert kept["headcount"] == "88500"
    again = Balance(RULES, Consumption.from_inputs(kept))
    assert again.results() == base_year.results()


def test_rules_come_back_from_storage_to_the_digit() -> None:
    data: Any = RULES.to_data()
    assert EnergyRules.from_data(data) == RULES


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"carriers": []}, "carriers"),
        ({"proof_percent": "101"}, "proof_percent"),
        ({"version": 0}, "version"),
    ],
)
def test_rules_that_make_no_sense_are_refused(change: Mapping[str, Any], path: str) -> None:
    data: Any = RULES.to_data()
    with pytest.raises(BadRecord) as caught:
        EnergyRules.from_data({**data, **change})
    assert [each.path for each in caught.value.problems] == [path]


def test_a_key_that_a_sheet_needs_itself_and_a_second_rule_are_refused() -> None:
    data: Any = replace(
        RULES,
        carriers=(replace(RULES.carriers[0], key="water"),),
        indicators=(RULES.indicators[0], RULES.indicators[0]),
    ).to_data()
    with pytest.raises(BadRecord) as caught:
        EnergyRules.from_data(data)
    paths = {each.path for each in caught.value.problems}
    assert paths == {"carriers[0].key", "indicators[1].indicator"}


def test_an_indicator_that_is_not_there_is_a_mistake_of_the_file() -> None:
    text = SEED.read_text("utf-8").replace("indicator: edu-water-head", "indicator: edu-wood")
    with pytest.raises(planfile.PlanFileError) as caught:
        planfile.parse(text)
    assert [each.path for each in caught.value.problems] == ["energy.indicators[9].indicator"]
