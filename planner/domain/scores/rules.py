"""The numbers that scoring works with. They are data of the plan, versioned, never constants."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Annotated, Any, TypeAlias

from planner.domain.kept import kept
from planner.domain.located import to_data
from planner.domain.records import Complaints, Names, Refers, read_data
from planner.domain.scalars import above_zero, between, not_negative, slug, up_to
from planner.domain.text import Json, t
from planner.domain.workdays import WorkCalendar

Share: TypeAlias = Annotated[Decimal, between(0, 1)]
Percent: TypeAlias = Annotated[Decimal, between(0, 100)]
Points: TypeAlias = Annotated[Decimal, not_negative]
Positive: TypeAlias = Annotated[Decimal, above_zero]
Count: TypeAlias = Annotated[int, not_negative]
Days: TypeAlias = Annotated[int, above_zero]
WHOLE = 100
GradeRef: TypeAlias = Annotated[str, Refers("grade")]


@dataclass(frozen=True)
class Weights:
    """How much of the total each component carries, in percent."""

    work: Percent
    indicators: Percent

    def check(self) -> Complaints:
        """The components make up the whole."""
        if (total := self.work + self.indicators) != WHOLE:
            yield "work", t("The weights must add up to 100, not %(total)s.", total=total)


@dataclass(frozen=True)
class Tier:
    """One step of the table for qualitative work."""

    key: Annotated[str, slug, up_to(40), Names("tier")]
    name: Annotated[str, up_to(40)]
    credit: Share


@dataclass(frozen=True)
class Lateness:
    """`percent` off a portion for each started `workdays` working days, at most `max_percent`."""

    percent: Percent
    workdays: Days
    max_percent: Percent

    def steps(self, late: int) -> int:
        """The steps started by so many working days, no more than take something off."""
        return min(-(-late // self.workdays), self._most_steps) if late else 0

    @kept
    def _most_steps(self) -> int:
        return ceil(self.max_percent / self.percent) if self.percent else 0


@dataclass(frozen=True)
class Returns:
    """`percent` off an item for each return that counts, at most `max_percent`.

    The first `free_amends` returns of kind `amend` do not count. `rework_workdays` is the time
    that a return grants if the reviewer says nothing else.
    """

    free_amends: Count
    percent: Percent
    max_percent: Percent
    rework_workdays: Days


@dataclass(frozen=True)
class CarryOver:
    """The share of its weight that unfinished work takes into the next year."""

    factor: Share


@dataclass(frozen=True)
class Reports:
    """Points off the total for periodic reports, together at most `max_points`."""

    late_points: Points
    missing_points: Points
    max_points: Points


@dataclass(frozen=True)
class UntrueEvidence:
    """Evidence found untrue: the item earns 0, the total loses `points`, no grade of `bars`."""

    points: Points
    bars: tuple[GradeRef, ...]


@dataclass(frozen=True)
class Bonus:
    """Points for each binding indicator better than its final target, at most `max_points`."""

    enabled: bool
    points: Points
    max_points: Points

    def check(self) -> Complaints:
        """A bonus that is on gives something."""
        if self.enabled and not self.points:
            yield "points", t("A bonus that is enabled needs points.")


@dataclass(frozen=True)
class Veto:
    """A missed veto item forces this grade."""

    forces: GradeRef


@dataclass(frozen=True)
class Starred:
    """A starred item at 0 puts these grades out of reach."""

    bars: tuple[GradeRef, ...]


@dataclass(frozen=True)
class Grade:
    """A grade for totals of at least `at_least` points."""

    key: Annotated[str, slug, up_to(40), Names("grade")]
    name: Annotated[str, up_to(40)]
    at_least: Percent


@dataclass(frozen=True)
class Ranking:
    """Units with fewer than `min_items` scored items are graded, not ranked."""

    min_items: Count
    lead_apart: bool


@dataclass(frozen=True)
class Step:
    """Credit for an indicator that reached at least `percent` of its way, short of the target."""

    percent: Percent
    credit: Share


@dataclass(frozen=True)
class DayOfYear:
    """A day of each year."""

    month: Annotated[int, between(1, 12)]
    day: Annotated[int, between(1, 31)]

    def check(self) -> Complaints:
        """A day that every year has."""
        if self.day > monthrange(2023, self.month)[1]:
            yield "day", t("This month has no such day in every year.")


@dataclass(frozen=True)
class IndicatorRules:
    """How indicators count: interim years linear, the final year by `final_steps`, met is 1.

    A reading is due by `readings_due` of the year after its own; one that is missing then counts 0.
    """

    default_weight: Positive
    score_expected: bool
    final_steps: tuple[Step, ...]
    readings_due: DayOfYear = DayOfYear(3, 31)

    def deadline(self, year: int, calendar: WorkCalendar) -> date:
        """The last day for the reading of a year."""
        due = date(year + 1, self.readings_due.month, self.readings_due.day)
        return calendar.on_or_after(due)

    def step(self, reached: Fraction) -> Fraction:
        """The credit of the final year for a share of the way that falls short of the target."""
        for each in self.final_steps:
            if 100 * reached >= Fraction(each.percent):
                return Fraction(each.credit)
        return Fraction(0)

    def check(self) -> Complaints:
        """The steps fall."""
        yield from _falling("final_steps", [step.percent for step in self.final_steps])
        yield from _falling("final_steps", [step.credit for step in self.final_steps])


@dataclass(frozen=True)
class ScoringRules:
    """All numbers of the scoring, on a scale of 100 points; credits and factors are of 1."""

    version: Days
    places: Annotated[int, between(0, 6)]
    line_places: Annotated[int, between(0, 12)]
    weights: Weights
    default_weight: Positive
    supporting_factor: Share
    tiers: tuple[Tier, ...]
    lateness: Lateness
    returns: Returns
    carry_over: CarryOver
    reports: Reports
    untrue_evidence: UntrueEvidence
    bonus: Bonus
    veto: Veto
    starred: Starred
    grades: tuple[Grade, ...]
    ranking: Ranking
    indicators: IndicatorRules
    publicity_workdays: Days

    @kept
    def worked_out(self) -> dict[Any, Any]:
        """What `credit` has worked out by these rules already: a plan has few different cases."""
        return {}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> ScoringRules:
        """The rules that stored JSON holds. Raises BadRecord with every mistake in it."""
        return read_data(cls, data)

    def to_data(self) -> Json:
        """The rules as JSON keeps them; `from_data` turns them back, to the digit."""
        return to_data(self)

    def check(self) -> Complaints:
        """Tables fall, and every total has a grade."""
        yield from _falling("tiers", [tier.credit for tier in self.tiers])
        yield from _falling("grades", [grade.at_least for grade in self.grades])
        if self.grades and self.grades[-1].at_least != 0:
            yield f"grades[{len(self.grades) - 1}].at_least", t("The lowest grade must begin at 0.")


def _falling(key: str, values: list[Decimal]) -> Complaints:
    if not values:
        yield key, t("There must be at least one step.")
    for number, (above, value) in enumerate(pairwise(values), 1):
        if value >= above:
            yield f"{key}[{number}]", t("Each step must be lower than the one before.")
