"""What an indicator has earned, where it should stand, and where it is heading (section 4).

In the years between, completion is measured against the straight line from the base to the
target; in the final year against the printed target.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import exact_sum, shown
from planner.domain.kept import kept
from planner.domain.scores.period import AsOf
from planner.domain.scores.rules import IndicatorRules
from planner.domain.text import Text, t
from planner.domain.words import Comparator
from planner.domain.workdays import WorkCalendar

NONE, WHOLE = Fraction(0), Fraction(1)
_CONTRADICTORY = t(
    "the plan's own numbers contradict each other: not scored until a base is confirmed"
)
PLACES = 6
"""Decimals of values in a sentence; they are kept with as many."""


@dataclass(frozen=True)
class Reading:
    """A year's value, in the indicator's measure, that the lead confirmed `on` that day.

    `evidence` are references such as "evidence:<sha256>".
    """

    id: int
    year: int
    value: Decimal
    on: date
    estimated: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class BaseSet:
    """A base that the lead confirmed instead of the printed one, and when."""

    on: date
    value: Decimal


@dataclass(frozen=True)
class Indicator:
    """An indicator (指标) with its confirmed readings.

    `printed_base` is the value of `base_year`, `target` that of `target_year`, by `comparator`.
    `consistent` is False where the plan's own numbers contradict each other (口径不一致).
    `readings` and `bases` stand in the order that they were confirmed; the last one counts.
    """

    id: int
    what: str
    section: str
    measure: str
    owner_id: int
    base_year: int
    printed_base: Decimal
    target_year: int
    target: Decimal
    comparator: Comparator
    binding: bool
    weight: Decimal
    consistent: bool = True
    readings: tuple[Reading, ...] = ()
    bases: tuple[BaseSet, ...] = ()

    def as_of(self, day: date) -> Indicator:
        """The same with only what had been confirmed by the end of that day."""
        return replace(
            self,
            readings=tuple(each for each in self.readings if each.on <= day),
            bases=tuple(each for each in self.bases if each.on <= day),
        )

    @kept
    def base(self) -> Fraction:
        """The base in force."""
        return Fraction(self.bases[-1].value if self.bases else self.printed_base)

    @property
    def has_base(self) -> bool:
        """Whether there is a base to score by: an unambiguous printed one, or a settled one."""
        return self.consistent or bool(self.bases)

    def reading_of(self, year: int) -> Reading | None:
        """The reading of a year that counts: the one confirmed last."""
        return next((each for each in reversed(self.readings) if each.year == year), None)

    @property
    def latest(self) -> Reading | None:
        """The counting reading of the latest year after the base that has one."""
        years = [each.year for each in self.readings if each.year > self.base_year]
        return self.reading_of(max(years)) if years else None

    def path(self, year: int) -> Fraction:
        """Where it should stand in a year: on the straight line from the base to the target."""
        gone = Fraction(year - self.base_year, self.target_year - self.base_year)
        return self.base + (Fraction(self.target) - self.base) * gone

    def meets(self, value: Fraction, wanted: Fraction) -> bool:
        """Whether a value is as good as the one wanted."""
        return value <= wanted if self.comparator is Comparator.AT_MOST else value >= wanted

    def completion(self, value: Fraction, wanted: Fraction) -> Fraction:
        """The share of the way from the base to the value wanted; below 0 where it went back.

        Without a way to go it is 1 where the wanted value is kept, else 0.
        """
        if wanted == self.base:
            return WHOLE if self.meets(value, wanted) else NONE
        return (self.base - value) / (self.base - wanted)


@dataclass(frozen=True)
class Judged:
    """An indicator in a period: its credit of 0 to 1, or None where it is not scored, and why.

    `year` is the one that was judged, `wanted` where it should have stood in it.
    """

    indicator: Indicator
    credit: Fraction | None
    why: Text
    year: int | None = None
    reading: Reading | None = None
    wanted: Fraction | None = None

    @kept
    def weight(self) -> Fraction:
        """Its weight among the indicators of its owner; 0 where it is not scored."""
        return NONE if self.credit is None else Fraction(self.indicator.weight)

    @property
    def is_better(self) -> bool:
        """Whether it ended better than the final target."""
        if self.reading is None or self.year != self.indicator.target_year:
            return False
        value, target = Fraction(self.reading.value), Fraction(self.indicator.target)
        return value != target and self.indicator.meets(value, target)


def judge(
    indicator: Indicator,
    asked: AsOf,
    rules: IndicatorRules,
    calendar: WorkCalendar,
    first_year: int,
) -> Judged:
    """What an indicator is worth as of a day. `first_year` is the year of the plan's issue."""
    known = indicator.as_of(asked.day)
    if not (known.binding or rules.score_expected):
        return Judged(known, None, t("an expected target is tracked, not scored"))
    if not known.has_base:
        return Judged(known, None, _CONTRADICTORY)
    first = max(first_year, known.base_year + 1)
    year = asked.period.year or _last_year(known, first, asked.day, rules, calendar)
    if not first <= year <= known.target_year:
        return Judged(known, None, t("the year %(year)s is not scored", year=str(year)))
    reading = known.reading_of(year)
    if reading is None:
        return _unread(known, year, asked.day, rules, calendar)
    return _judged(known, year, reading, rules)


def _last_year(
    known: Indicator, first: int, day: date, rules: IndicatorRules, calendar: WorkCalendar
) -> int:
    """The latest year with a reading, or that should have one by now."""
    years = range(first, known.target_year + 1)
    due = [year for year in years if rules.deadline(year, calendar) < day]
    read = [year for year in years if known.reading_of(year)]
    return max([*due, *read, first])


def _unread(
    known: Indicator, year: int, day: date, rules: IndicatorRules, calendar: WorkCalendar
) -> Judged:
    deadline = rules.deadline(year, calendar)
    if day > deadline:
        why = t("no reading of %(year)s by %(day)s: it counts 0", year=str(year), day=deadline)
        return Judged(known, NONE, why, year, None, known.path(year))
    return Judged(known, None, t("no reading of %(year)s yet", year=str(year)), year)


def _judged(known: Indicator, year: int, reading: Reading, rules: IndicatorRules) -> Judged:
    value = Fraction(reading.value)
    final = year == known.target_year
    wanted = Fraction(known.target) if final else known.path(year)
    reached = known.completion(value, wanted)
    if known.meets(value, wanted):
        credit = WHOLE
    else:
        credit = rules.step(reached) if final else min(WHOLE, max(NONE, reached))
    why = t(
        "%(year)s: %(value)s %(measure)s, wanted %(wanted)s; %(percent)s %% of the way",
        year=str(year),
        value=shown(value, PLACES),
        measure=known.measure,
        wanted=shown(wanted, PLACES),
        percent=shown(100 * reached),
    )
    return Judged(known, credit, why, year, reading, wanted)


def weight_of(judged: Iterable[Judged]) -> Fraction:
    """The weight of those that are scored."""
    return exact_sum(each.weight for each in judged)


def earned_by(judged: Iterable[Judged]) -> Fraction:
    """The sum of weight times credit of those that are scored."""
    return exact_sum(each.weight * (each.credit or NONE) for each in judged)


@dataclass(frozen=True)
class Forecast:
    """Where an indicator is heading: its value in the target year at the present pace."""

    value: Fraction
    missed: bool


def forecast(indicator: Indicator) -> Forecast | None:
    """The straight line from the base through the latest reading; None without a reading."""
    latest = indicator.latest
    if latest is None or not indicator.has_base:
        return None
    gone = Fraction(indicator.target_year - indicator.base_year, latest.year - indicator.base_year)
    value = indicator.base + (Fraction(latest.value) - indicator.base) * gone
    return Forecast(value, not indicator.meets(value, Fraction(indicator.target)))
