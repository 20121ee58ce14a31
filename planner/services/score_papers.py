"""Live scores as the papers print them; `frozen_papers` fills the same values from assessments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from planner.documents.figures import (
    Basis,
    GradeStep,
    LineKind,
    Progress,
    ScoreLine,
    ScoreTable,
    UnitSheet,
)
from planner.documents.wording import PERCENT_PLACES, period_words
from planner.domain.exact import shown
from planner.domain.scores.lines import ROUNDING, Line
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.rules import Grade
from planner.domain.scores.scoring import Figures, Score
from planner.domain.text import Text
from planner.services.scores import PlanScores, UnitScore

Say = Callable[[Text], str]
"""Puts a sentence into the language of the paper."""

HASH_SHOWN = 12


def basis_of(scores: PlanScores, say: Say) -> Basis:
    """What the figures are of, and by which rules."""
    rules = scores.rules
    return Basis(
        plan=scores.plan.name,
        lead=scores.plan.owner.name,
        period=period_words(scores.period),
        as_of=scores.today,
        rules_version=rules.version,
        grades=tuple(GradeStep(grade_words(each, say), each.at_least) for each in rules.grades),
        places=rules.places,
        line_places=rules.line_places,
        min_items=rules.ranking.min_items,
        lead_apart=rules.ranking.lead_apart,
        time_gone=in_percent(scores.time_gone),
    )


def score_table(scores: PlanScores, say: Say, unit_ids: Iterable[int] | None = None) -> ScoreTable:
    """Every unit's sheet to date, or those of some units, in the order of the ranking."""
    wanted = None if unit_ids is None else frozenset(unit_ids)
    chosen = [each for each in scores.units if wanted is None or each.unit.id in wanted]
    return ScoreTable(
        basis_of(scores, say), tuple(unit_sheet(each, say) for each in in_order(chosen))
    )


def in_order(units: Iterable[UnitScore]) -> list[UnitScore]:
    """By ranking group, the best first; what has no score, and the lead agency, come last."""

    def place(each: UnitScore) -> tuple[bool, str, bool, Decimal, str]:
        total = each.figures.to_date.total
        lead, group = each.unit.lead, each.unit.group or ""
        return lead, group, total is None, -(total or Decimal(0)), each.unit.name

    return sorted(units, key=place)


def unit_sheet(each: UnitScore, say: Say) -> UnitSheet:
    """One unit's score to date with all its lines."""
    score = each.figures.to_date
    return UnitSheet(
        unit=each.unit.name,
        group=each.unit.group,
        lead=each.unit.lead,
        total=score.total,
        grade=grade_words(score.grade, say) if score.grade else None,
        place=each.rank.place,
        of=each.rank.of,
        no_rank=say(each.rank.reason) if each.rank.reason else None,
        items=score.scored_items,
        limit=limit_words(score),
        limited=tuple(grade_words(score.graded_as(grade), say) for grade in score.rules.grades),
        whole=each.figures.whole.total,
        progress=progress_of(each.figures),
        lines=tuple(score_line(line, say) for line in each.lines),
    )


def progress_of(figures: Figures) -> Progress:
    """How many items count, and how they stand."""
    counts = figures.counts
    return Progress(
        counting=counts.counting,
        due=counts.due,
        accepted=counts.accepted,
        waiting=counts.waiting,
        overdue=counts.overdue,
        carried=counts.carried,
        verified=in_percent(figures.verified),
        claimed=in_percent(figures.claimed),
    )


def in_percent(share: Fraction) -> Decimal:
    """A share of 1 in percent, as papers print it."""
    return shown(100 * share, PERCENT_PLACES)


def grade_words(grade: Grade, say: Say) -> str:
    """The name of a grade in the words of the paper."""
    name = grade_name(grade)
    return name if isinstance(name, str) else say(name)


def limit_words(score: Score) -> str | None:
    """What holds the grade down, in the words of the papers."""
    reasons = (
        ("一票否决", score.vetoed),
        ("★项未得分", score.starred),
        ("佐证不实", score.beside and score.beside.bars),
    )
    return "、".join(name for name, holds in reasons if holds) or None


def score_line(line: Line, say: Say) -> ScoreLine:
    """A line in the words of the paper."""
    return ScoreLine(
        what=line.what if isinstance(line.what, str) else say(line.what),
        rule=say(line.rule),
        possible=line.possible,
        earned=line.earned,
        reason=say(line.reason),
        kind=kind_of(line),
        rests_on=tuple(_rests_on(line)),
    )


def kind_of(line: Line) -> LineKind:
    """What a line adds to, from the line alone, so that a stored one can be told as well."""
    if line.what == ROUNDING:
        return LineKind.ROUNDING
    if line.possible:
        about = {ref.partition(":")[0] for ref in line.refs}
        return LineKind.INDICATOR if "indicator" in about else LineKind.WORK
    return LineKind.POINTS if line.earned else LineKind.NOTE


def _rests_on(line: Line) -> Iterator[str]:
    """The plan's section and the proof."""
    for ref in line.refs:
        kind, _, value = ref.partition(":")
        if kind == "section":
            yield value
        elif kind == "evidence":
            yield f"佐证{value[:HASH_SHOWN]}"
        elif kind == "link":
            yield f"佐证{value}"
