"""The scorecard as tables, with the digits of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import rounded
from planner.domain.scores.lines import Line
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.scoring import Score
from planner.domain.text import Text, t
from planner.services.export import Cell, Column
from planner.services.scores import UnitScore

TOTAL_PLACES, LINE_PLACES, SHARE_PLACES = 2, 6, 1


@dataclass(frozen=True)
class UnitLine:
    """One line of a unit's score, of the part of the period that `scope` names."""

    unit: str
    scope: Text
    line: Line


def unit_lines(units: Iterable[UnitScore]) -> Iterator[UnitLine]:
    """Every line that explains these scores: to date, then of the whole period."""
    for each in units:
        for line in each.lines:
            yield UnitLine(each.unit.name, t("Score to date"), line)
        for line in each.whole_lines:
            yield UnitLine(each.unit.name, t("Whole period"), line)


def _grade(score: Score) -> Cell:
    return grade_name(score.grade) if score.grade else t("nothing due yet")


def _share(share: Fraction) -> Decimal:
    return rounded(share * 100, SHARE_PLACES)


UNIT_COLUMNS: Sequence[Column[UnitScore]] = (
    Column(t("Unit"), 24, lambda each: each.unit.name),
    Column(t("Ranking group"), 16, lambda each: each.unit.group),
    Column(t("Score to date"), 12, lambda each: each.figures.to_date.total, TOTAL_PLACES),
    Column(t("Grade"), 12, lambda each: _grade(each.figures.to_date)),
    Column(t("Rank"), 8, lambda each: each.rank.place),
    Column(t("Ranked units"), 8, lambda each: each.rank.of),
    Column(t("Why no rank"), 30, lambda each: each.rank.reason),
    Column(t("Whole period"), 12, lambda each: each.figures.whole.total, TOTAL_PLACES),
    Column(t("Verified, %%"), 10, lambda each: _share(each.figures.verified), SHARE_PLACES),
    Column(t("Claimed, %%"), 10, lambda each: _share(each.figures.claimed), SHARE_PLACES),
    Column(t("count in the period"), 10, lambda each: each.figures.counts.counting),
    Column(t("Due to date"), 10, lambda each: each.figures.counts.due),
    Column(t("Accepted"), 10, lambda each: each.figures.counts.accepted),
    Column(t("waiting for review"), 10, lambda each: each.figures.counts.waiting),
    Column(t("Overdue"), 10, lambda each: each.figures.counts.overdue),
)
"""One row a unit."""

LINE_COLUMNS: Sequence[Column[UnitLine]] = (
    Column(t("Unit"), 24, lambda each: each.unit),
    Column(t("Score"), 14, lambda each: each.scope),
    Column(t("What"), 48, lambda each: each.line.what),
    Column(t("Rule"), 36, lambda each: each.line.rule),
    Column(t("Possible"), 12, lambda each: each.line.possible, LINE_PLACES),
    Column(t("Earned"), 12, lambda each: each.line.earned, LINE_PLACES),
    Column(t("Why"), 48, lambda each: each.line.reason),
    Column(t("Rests on"), 40, lambda each: " ".join(each.line.refs)),
)
"""One row a line of a score."""
