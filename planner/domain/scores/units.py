"""A unit's score from all of its facts: what live figures and frozen ones are both made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from planner.domain.scores.indicators import Indicator, Judged, judge
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf
from planner.domain.scores.points import (
    FoundUntrue,
    OwedReport,
    Points,
    bonus_points,
    report_points,
    untrue_points,
)
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Beside, Figures, Score, figures
from planner.domain.scores.tally import scored
from planner.domain.text import t
from planner.domain.workdays import WorkCalendar


@dataclass(frozen=True)
class Correction:
    """Points that the decision on an appeal gave or took, with its reason in words."""

    appeal_id: int
    points: Decimal
    reason: str


@dataclass(frozen=True)
class UnitFacts:
    """Everything that one unit's score rests on, as known on `day`; `lead` marks the lead agency.

    `indicators` are those that it owns.
    """

    id: int
    day: date
    key: str
    name: str
    group: str | None
    lead: bool
    items: tuple[Item, ...] = ()
    reports: tuple[OwedReport, ...] = ()
    findings: tuple[FoundUntrue, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What a score is counted by: the rules, the calendar, and the year of the plan's issue."""

    rules: ScoringRules
    calendar: WorkCalendar
    first_year: int


def score_unit(unit: UnitFacts, asked: AsOf, terms: Terms) -> Score:
    """The unit's score to date, with the items that its lines are made from."""
    return figures_of_unit(unit, asked, terms).to_date


def figures_of_unit(unit: UnitFacts, asked: AsOf, terms: Terms) -> Figures:
    """All figures of the unit, with the items that its lines are made from.

    They are counted as of the day of its facts, which one unit's may have later than the others'.
    """
    asked = replace(asked, day=unit.day)
    judged = judge_all(unit.indicators, asked, terms)
    items = scored(unit.items, asked, terms.rules, terms.calendar)
    beside = beside_of(judged, unit.reports, unit.findings, asked, terms, unit.corrections)
    return figures(items, asked, terms.rules, terms.calendar, beside)


def judge_all(indicators: Iterable[Indicator], asked: AsOf, terms: Terms) -> tuple[Judged, ...]:
    """What each indicator is worth as of the day."""
    rules, calendar = terms.rules.indicators, terms.calendar
    return tuple(judge(each, asked, rules, calendar, terms.first_year) for each in indicators)


def beside_of(
    judged: tuple[Judged, ...],
    reports: Iterable[OwedReport],
    findings: Iterable[FoundUntrue],
    asked: AsOf,
    terms: Terms,
    corrections: Iterable[Correction] = (),
) -> Beside:
    """What counts beside a unit's work: its indicators, and points off the total or on it."""
    rules = terms.rules
    found = [each for each in findings if each.counts_in(asked)]
    points = (
        *report_points(reports, asked, rules.reports, terms.calendar),
        *untrue_points(found, rules.untrue_evidence),
        *bonus_points(judged, rules.bonus),
        *_corrections(corrections),
    )
    return Beside(judged, points, frozenset(rules.untrue_evidence.bars if found else ()))


def _corrections(corrections: Iterable[Correction]) -> Iterator[Points]:
    for each in corrections:
        yield Points(
            what=t("Correction after an appeal"),
            rule=t("decided on an appeal while the result was publicised"),
            points=Fraction(each.points),
            reason=t("in the words of the decision: %(reason)s", reason=each.reason),
            refs=(f"appeal:{each.appeal_id}",),
        )
