"""Energy and carbon as the plan counts them: from what was consumed to its indicators.

The factors are data of the plan file. Everything is exact until a value is rounded to the places
that its indicator is kept with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, TypeAlias

from planner.domain.exact import exact_sum, rounded, shown
from planner.domain.located import to_data
from planner.domain.records import Complaints, Names, read_data
from planner.domain.scalars import above_zero, between, not_negative, slug, up_to
from planner.domain.text import Json, Text, Value, t

Factor: TypeAlias = Annotated[Decimal, above_zero]
Short: TypeAlias = Annotated[str, up_to(40)]
WATER, HEADCOUNT, AREA = "water", "headcount", "area"
OTHERS = (WATER, HEADCOUNT, AREA)
"""What a sheet holds beside the carriers."""
VERSION = "rules_version"


class FactorBasis(StrEnum):
    """Whether the plan, or a standard that it names, states a factor, or it was inferred."""

    EXPLICIT = "explicit"
    INFERRED = "inferred"


class Counted(StrEnum):
    """What an indicator counts."""

    ENERGY = "energy"
    CARBON = "carbon"
    WATER = "water"


class Per(StrEnum):
    """What it is divided by."""

    AREA = "area"
    HEAD = "head"


@dataclass(frozen=True)
class Carrier:
    """A kind of energy: tonnes of standard coal and of carbon dioxide in one `measure` of it."""

    key: Annotated[str, slug, up_to(40), Names("carrier")]
    name: Short
    measure: Short
    coal: Factor
    carbon: Annotated[Decimal, not_negative]
    basis: FactorBasis
    source: Annotated[str, up_to(2000)]


@dataclass(frozen=True)
class Computed:
    """An indicator that a sheet gives: what it counts, divided by what, times `factor`.

    `factor` puts it into the indicator's measure; `places` are the decimals that it is kept with.
    """

    indicator: Annotated[str, slug, up_to(80)]
    counts: Counted
    per: Per | None = None
    factor: Factor = Decimal(1)
    places: Annotated[int, between(0, 6)] = 2


@dataclass(frozen=True)
class EnergyRules:
    """How a consumption sheet (用能统计表) is counted.

    Headcount or area more than `proof_percent` off the year before needs proof.
    """

    version: Annotated[int, above_zero]
    carriers: tuple[Carrier, ...]
    water_measure: Short
    area_measure: Short
    indicators: tuple[Computed, ...]
    proof_percent: Annotated[Decimal, between(0, 100)] = Decimal(10)

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> EnergyRules:
        """The rules that stored JSON holds. Raises BadRecord with every mistake in it."""
        return read_data(cls, data)

    def to_data(self) -> Json:
        """The rules as JSON keeps them; `from_data` turns them back, to the digit."""
        return to_data(self)

    def check(self) -> Complaints:
        """There is something to count, under names of its own, and each indicator once."""
        if not self.carriers:
            yield "carriers", t("There must be at least one.")
        for number, carrier in enumerate(self.carriers):
            if carrier.key in (*OTHERS, VERSION):
                yield f"carriers[{number}].key", t("This key is taken.")
        known = [each.indicator for each in self.indicators]
        for number, key in enumerate(known):
            if key in known[:number]:
                yield f"indicators[{number}].indicator", t("This indicator is computed already.")


@dataclass(frozen=True)
class Consumption:
    """What was used in a year: carriers and water in the rules' measures, people, area."""

    carriers: Mapping[str, Decimal]
    water: Decimal
    headcount: Decimal
    area: Decimal

    @classmethod
    def from_inputs(cls, inputs: Mapping[str, Any]) -> Consumption:
        """What a reading keeps of its sheet."""
        carriers = {
            key: Decimal(str(value))
            for key, value in inputs.items()
            if key not in (*OTHERS, VERSION)
        }
        return cls(carriers, *(Decimal(str(inputs[key])) for key in OTHERS))

    def inputs(self, rules: EnergyRules) -> dict[str, str]:
        """As a reading keeps it: a name to a decimal as text, with the version of the rules."""
        others = (self.water, self.headcount, self.area)
        return {
            **{each.key: _plain(self.carriers[each.key]) for each in rules.carriers},
            **{key: _plain(value) for key, value in zip(OTHERS, others, strict=True)},
            VERSION: str(rules.version),
        }


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


@dataclass(frozen=True)
class Result:
    """The value of an indicator that a sheet gives, and how it came about."""

    indicator: str
    value: Decimal
    working: Text


@dataclass(frozen=True)
class Balance:
    """A sheet counted: total energy in tonnes of standard coal, carbon dioxide in tonnes."""

    rules: EnergyRules
    used: Consumption
    energy: Fraction = field(init=False)
    carbon: Fraction = field(init=False)

    def __post_init__(self) -> None:
        pairs = [(each, Fraction(self.used.carriers[each.key])) for each in self.rules.carriers]
        energy = exact_sum(amount * Fraction(each.coal) for each, amount in pairs)
        carbon = exact_sum(amount * Fraction(each.carbon) for each, amount in pairs)
        object.__setattr__(self, "energy", energy)
        object.__setattr__(self, "carbon", carbon)

    def lines(self) -> Iterator[tuple[Carrier, Decimal, Fraction, Fraction]]:
        """Each carrier with its amount, its energy and its carbon."""
        for each in self.rules.carriers:
            amount = self.used.carriers[each.key]
            exact = Fraction(amount)
            yield each, amount, exact * Fraction(each.coal), exact * Fraction(each.carbon)

    def results(self) -> tuple[Result, ...]:
        """The indicators, in the order of the rules. Area and headcount must be more than 0."""
        return tuple(self._result(each) for each in self.rules.indicators)

    def _result(self, wanted: Computed) -> Result:
        counted = self._counted(wanted.counts)
        by = self._divisor(wanted.per)
        exact = counted * Fraction(wanted.factor) / by
        value = rounded(exact, wanted.places)
        return Result(wanted.indicator, value, self._working(wanted, counted, by, value))

    def _counted(self, counts: Counted) -> Fraction:
        match counts:
            case Counted.ENERGY:
                return self.energy
            case Counted.CARBON:
                return self.carbon
            case Counted.WATER:
                return Fraction(self.used.water)

    def _divisor(self, per: Per | None) -> Fraction:
        if per is None:
            return Fraction(1)
        return Fraction(self.used.area if per is Per.AREA else self.used.headcount)

    def _working(self, wanted: Computed, counted: Fraction, by: Fraction, value: Decimal) -> Text:
        said: dict[str, Value] = {
            "what": COUNTED_NAMES[wanted.counts],
            "amount": shown(counted, PLACES),
            "by": shown(by, PLACES),
            "factor": wanted.factor,
            "value": value,
        }
        if wanted.per is None and wanted.factor == 1:
            return t("%(what)s %(amount)s, rounded %(value)s", **said)
        if wanted.per is None:
            return t("%(what)s %(amount)s × %(factor)s = %(value)s", **said)
        if wanted.per is Per.AREA:
            return t("%(what)s %(amount)s ÷ building area %(by)s × %(factor)s = %(value)s", **said)
        return t("%(what)s %(amount)s ÷ headcount %(by)s × %(factor)s = %(value)s", **said)


PLACES = 4
"""Decimals of sums in a working."""

COUNTED_NAMES: Mapping[Counted, Text] = {
    Counted.ENERGY: t("Total energy"),
    Counted.CARBON: t("Carbon emitted"),
    Counted.WATER: t("Water used"),
}


def change(now: Decimal, before: Decimal) -> Fraction:
    """By which share of what it was a number changed, up or down. Before it was not 0."""
    return abs(Fraction(now) / Fraction(before) - 1)
