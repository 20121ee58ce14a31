"""Scores as they are frozen: all inputs as plain data, and the same result made from them again.

What is stored is read back into the very facts that the rules read, so that recomputing needs
nothing else: no database row that may have changed since, no calendar, no rules of today.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from planner.domain.located import to_data
from planner.domain.records import read_data
from planner.domain.scores.lines import Line, lines
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.ranks import Rank, Standing, ranks
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.units import Terms, UnitFacts, score_unit
from planner.domain.text import Json, stored, to_json
from planner.domain.workdays import WorkCalendar


@dataclass(frozen=True)
class FrozenTerms:
    """All that scores were counted by, beside the facts of the units.

    `plan` and `lead` are the names of the plan and of its lead agency as they were.
    """

    period: str
    day: date
    until: date
    first_year: int
    days_off: tuple[date, ...]
    made_up: tuple[date, ...]
    rules: ScoringRules
    plan: str = ""
    lead: str = ""

    @classmethod
    def of(cls, asked: AsOf, terms: Terms, plan: str, lead: str) -> FrozenTerms:
        """These terms as they are kept."""
        return cls(
            asked.period.key,
            asked.day,
            asked.until,
            terms.first_year,
            tuple(sorted(terms.calendar.days_off)),
            tuple(sorted(terms.calendar.made_up)),
            terms.rules,
            plan,
            lead,
        )

    @property
    def asked(self) -> AsOf:
        """The period, the day and the cut-off."""
        return AsOf(Period.parse(self.period), self.day, self.until)

    @property
    def terms(self) -> Terms:
        """The rules, the calendar and the first year."""
        calendar = WorkCalendar(frozenset(self.days_off), frozenset(self.made_up))
        return Terms(self.rules, calendar, self.first_year)


@dataclass(frozen=True)
class Result:
    """What one unit's facts come to: the total and grade as printed, the rank, the lines."""

    unit: UnitFacts
    total: Decimal | None
    grade: str | None
    rank: Rank
    lines: tuple[Line, ...]


def results(units: Iterable[UnitFacts], frozen: FrozenTerms) -> list[Result]:
    """The results of all units, in the order given; ranks need them all."""
    scored = [(unit, score_unit(unit, frozen.asked, frozen.terms)) for unit in units]
    standings = [Standing(unit.id, unit.group, unit.lead, score) for unit, score in scored]
    places = ranks(standings, frozen.rules.ranking)
    return [
        Result(
            unit=unit,
            total=score.total,
            grade=score.grade.key if score.grade else None,
            rank=places[unit.id],
            lines=lines(score),
        )
        for unit, score in scored
    ]


def line_data(line: Line) -> dict[str, Json]:
    """A line as it is kept; its sentences stay sentences that can be put into a language."""
    return {
        "what": line.what if isinstance(line.what, str) else to_json(line.what),
        "rule": to_json(line.rule),
        "possible": format(line.possible, "f"),
        "earned": format(line.earned, "f"),
        "reason": to_json(line.reason),
        "refs": list(line.refs),
    }


def read_line(data: Mapping[str, Any]) -> Line:
    """The line that was kept. Raises ValueError for what is none."""
    what = data["what"]
    return Line(
        what=what if isinstance(what, str) else stored(what),
        rule=stored(data["rule"]),
        possible=Decimal(data["possible"]),
        earned=Decimal(data["earned"]),
        reason=stored(data["reason"]),
        refs=tuple(data["refs"]),
    )


def digits(line: Mapping[str, object]) -> tuple[object, object, object]:
    """What must come out again of a line that was kept: its numbers and what it rests on."""
    return line["possible"], line["earned"], line["refs"]


def unit_data(unit: UnitFacts) -> Json:
    """A unit's facts as they are kept."""
    return to_data(unit)


def read_unit(data: object) -> UnitFacts:
    """The facts that were kept. Raises BadRecord for what are none."""
    return read_data(UnitFacts, data)


def terms_data(frozen: FrozenTerms) -> Json:
    """The terms as they are kept."""
    return to_data(frozen)


def read_terms(data: object) -> FrozenTerms:
    """The terms that were kept. Raises BadRecord for what are none."""
    return read_data(FrozenTerms, data)


def digest(*parts: object) -> str:
    """The SHA-256 of plain data, whatever the order of its keys."""
    written = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
