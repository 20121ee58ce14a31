"""The frozen result as the county's performance office takes it in (报绩效办)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import rounded
from planner.domain.scores.frozen import read_line, read_terms
from planner.domain.scores.lines import ROUNDING, STAR_MISSED, VETO_MISSED
from planner.domain.scores.points import UNTRUE
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.rules import ScoringRules
from planner.domain.text import Text, stored, t
from planner.models import Assessment, Snapshot, UnitResult
from planner.services.assessment_view import ranked
from planner.services.export import Column

PLACES = 2


@dataclass(frozen=True)
class Reported:
    """One unit's row; `converted` is its total on the scale of the performance office.

    `changes` are all points that keep the total from 100, `limits` what holds the grade down.
    """

    result: UnitResult
    total: Decimal | None
    grade: Text | str | None
    converted: Decimal | None
    changes: str
    limits: str
    document: str | None


def reported(
    assessment: Assessment, snapshot: Snapshot, say: Callable[[Text], str]
) -> list[Reported]:
    """The rows of a revision, in the order of the result; `say` puts sentences into a language."""
    rules = read_terms(snapshot.terms).rules
    return [
        Reported(
            result=row,
            total=printed(row.total, rules),
            grade=grade_of(row.grade, rules),
            converted=converted(assessment, row.total),
            changes="；".join(_changes(row, say)),
            limits="；".join(dict.fromkeys(map(say, _limits(row, rules)))),
            document=assessment.document_number,
        )
        for row in ranked(snapshot.units)
    ]


def grade_of(key: str | None, rules: ScoringRules) -> Text | str | None:
    """The name of a frozen grade, by the rules of its time."""
    grade = next((each for each in rules.grades if each.key == key), None)
    return grade_name(grade) if grade else None


def printed(total: Decimal | None, rules: ScoringRules) -> Decimal | None:
    """A kept total with the decimals of its rules: its column keeps no zeros at the end."""
    return None if total is None else rounded(Fraction(total), rules.places)


def converted(assessment: Assessment, total: Decimal | None) -> Decimal | None:
    """The total on the other scale, rounded half up to 2 places."""
    if total is None:
        return None
    return rounded(Fraction(total) * Fraction(assessment.converted_to) / 100, PLACES)


def _changes(row: UnitResult, say: Callable[[Text], str]) -> Iterable[str]:
    """Every line but the rounding that did not earn all, took points off or added some: why.

    To the digits of the lines, so that with 100 they add up to the total before its rounding.
    """
    for line in map(read_line, row.lines):
        change = line.earned - line.possible
        if change and line.what != ROUNDING and row.total is not None:
            what = line.what if isinstance(line.what, str) else say(line.what)
            yield f"{what} {_signed(change)}：{say(line.reason)}"


def _signed(change: Decimal) -> str:
    """With its sign, and without zeros at the end."""
    return f"{change.normalize():+f}"


def _limits(row: UnitResult, rules: ScoringRules) -> Iterable[Text]:
    """What keeps the grade from the one that the total reaches."""
    for line in map(read_line, row.lines):
        if line.reason in (VETO_MISSED, STAR_MISSED):
            yield line.reason
        elif line.rule == UNTRUE and rules.untrue_evidence.bars:
            yield t("evidence was found untrue: the best grade is out of reach")


def _reason(row: Reported) -> Text | None:
    because = row.result.unranked_because
    return stored(because) if because else None


COLUMNS: Sequence[Column[Reported]] = (
    Column(t("Unit"), 24, lambda row: row.result.unit_name),
    Column(t("Ranking group"), 16, lambda row: row.result.ranking_group),
    Column(t("Total"), 10, lambda row: row.total, PLACES),
    Column(t("Rank"), 8, lambda row: row.result.place),
    Column(t("Ranked units"), 8, lambda row: row.result.ranked),
    Column(t("Why no rank"), 30, _reason),
    Column(t("Grade"), 12, lambda row: row.grade),
    Column(t("What limits the grade"), 30, lambda row: row.limits),
    Column(t("Converted points"), 12, lambda row: row.converted, PLACES),
    Column(t("Points lost or added, and why"), 80, lambda row: row.changes),
    Column(t("Document number"), 24, lambda row: row.document),
)
"""One row a unit."""
