"""The frozen result as the county's performance office takes it in (报绩效办)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import rounded
from planner.domain.scores.frozen import read_line, read_terms
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.rules import ScoringRules
from planner.domain.text import Text, stored, t
from planner.models import Assessment, Snapshot, UnitResult
from planner.services.export import Column

PLACES = 2


@dataclass(frozen=True)
class Reported:
    """One unit's row; `converted` is its total on the scale of the performance office."""

    result: UnitResult
    grade: Text | str | None
    converted: Decimal | None
    deductions: str
    document: str | None


def reported(
    assessment: Assessment, snapshot: Snapshot, say: Callable[[Text], str]
) -> list[Reported]:
    """The rows of a revision, in its order; `say` puts sentences into a language."""
    rules = read_terms(snapshot.terms).rules
    return [
        Reported(
            result=row,
            grade=grade_of(row.grade, rules),
            converted=converted(assessment, row.total),
            deductions="；".join(_deductions(row, say)),
            document=assessment.document_number,
        )
        for row in snapshot.units
    ]


def grade_of(key: str | None, rules: ScoringRules) -> Text | str | None:
    """The name of a frozen grade, by the rules of its time."""
    grade = next((each for each in rules.grades if each.key == key), None)
    return grade_name(grade) if grade else None


def converted(assessment: Assessment, total: Decimal | None) -> Decimal | None:
    """The total on the other scale, rounded half up to 2 places."""
    if total is None:
        return None
    return rounded(Fraction(total) * Fraction(assessment.converted_to) / 100, PLACES)


def _deductions(row: UnitResult, say: Callable[[Text], str]) -> Iterable[str]:
    """Every line that took points off or did not earn all, with its reason."""
    for line in map(read_line, row.lines):
        lost = rounded(Fraction(line.possible - line.earned), PLACES)
        if line.refs and lost > 0:
            what = line.what if isinstance(line.what, str) else say(line.what)
            yield f"{what} -{lost}：{say(line.reason)}"


def _reason(row: Reported) -> Text | None:
    because = row.result.unranked_because
    return stored(because) if because else None


COLUMNS: Sequence[Column[Reported]] = (
    Column(t("Unit"), 24, lambda row: row.result.unit_name),
    Column(t("Ranking group"), 16, lambda row: row.result.ranking_group),
    Column(t("Total"), 10, lambda row: row.result.total, PLACES),
    Column(t("Rank"), 8, lambda row: row.result.place),
    Column(t("Ranked units"), 8, lambda row: row.result.ranked),
    Column(t("Why no rank"), 30, _reason),
    Column(t("Grade"), 12, lambda row: row.grade),
    Column(t("Converted points"), 12, lambda row: row.converted, PLACES),
    Column(t("Points lost, and why"), 80, lambda row: row.deductions),
    Column(t("Document number"), 24, lambda row: row.document),
)
"""One row a unit."""
