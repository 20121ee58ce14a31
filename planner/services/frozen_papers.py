"""A frozen revision as the papers print it: from what it keeps alone, never from live rows.

Totals, grades, ranks and lines are the kept ones; what a paper says beside them (how many items
count and how they stand, what holds a grade down) follows from the kept inputs by the kept rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.documents.figures import (
    Basis,
    Frozen,
    GradeStep,
    Loss,
    ResultFigures,
    ScoreLine,
    ScoreTable,
    SelfScored,
    UnitSheet,
)
from planner.documents.wording import amount, period_words
from planner.domain.exact import exact_sum, rounded
from planner.domain.scores.frozen import FrozenTerms, read_line, read_terms, read_unit
from planner.domain.scores.lines import Line
from planner.domain.scores.losses import Cause, Lost, losses
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Figures
from planner.domain.scores.units import figures_of_unit
from planner.domain.text import stored
from planner.domain.words import Outcome
from planner.models import Appeal, Assessment, Remark, SelfAssessment, Snapshot, UnitResult
from planner.services.assessment_export import converted, printed
from planner.services.assessment_view import ranked
from planner.services.score_papers import (
    Say,
    grade_words,
    limit_words,
    progress_of,
    score_line,
)
from planner.services.self_assessments import self_assessments, subject_of

WHOLE = Decimal(100)
LOSS_PLACES = 2


@dataclass(frozen=True)
class _Kept:
    """What the units and their check said, which the assessment keeps beside its revisions."""

    said: Mapping[int, SelfAssessment]
    remarks: Mapping[tuple[int, str], Remark]


def frozen_table(
    db: Session, snapshot: Snapshot, say: Say, unit_ids: Iterable[int] | None = None
) -> ScoreTable:
    """Every unit's sheet of a revision, or those of some units, in the order of the result."""
    wanted = None if unit_ids is None else frozenset(unit_ids)
    terms, kept = read_terms(snapshot.terms), _kept(db, snapshot.assessment)
    rows = [row for row in ranked(snapshot.units) if wanted is None or row.unit_id in wanted]
    sheets = tuple(_sheet(row, terms, snapshot.assessment, kept, say) for row in rows)
    return ScoreTable(frozen_basis(snapshot, say), sheets)


def frozen_basis(snapshot: Snapshot, say: Say) -> Basis:
    """What the figures of a revision are of, and by which rules."""
    terms, assessment = read_terms(snapshot.terms), snapshot.assessment
    rules = terms.rules
    return Basis(
        plan=terms.plan,
        lead=terms.lead,
        period=period_words(terms.asked.period),
        as_of=terms.until,
        rules_version=rules.version,
        grades=tuple(GradeStep(grade_words(each, say), each.at_least) for each in rules.grades),
        places=rules.places,
        line_places=rules.line_places,
        min_items=rules.ranking.min_items,
        lead_apart=rules.ranking.lead_apart,
        time_gone=WHOLE,
        frozen=Frozen(
            assessment=assessment.name,
            revision=snapshot.revision,
            reason=snapshot.reason,
            document=assessment.document_number,
            cut_off=assessment.cut_off,
            frozen_on=snapshot.on,
            digest=snapshot.digest,
            converted_to=assessment.converted_to,
        ),
    )


def _kept(db: Session, assessment: Assessment) -> _Kept:
    rows = select(Remark).where(Remark.assessment_id == assessment.id).order_by(Remark.id)
    remarks = {(row.unit_id, row.subject): row for row in db.scalars(rows)}
    return _Kept(self_assessments(db, assessment), remarks)


def _figures(row: UnitResult, terms: FrozenTerms) -> Figures:
    return figures_of_unit(read_unit(row.inputs), terms.asked, terms.terms)


def _sheet(
    row: UnitResult, terms: FrozenTerms, assessment: Assessment, kept: _Kept, say: Say
) -> UnitSheet:
    figures, rules = _figures(row, terms), terms.rules
    score = figures.to_date
    grade = next((each for each in rules.grades if each.key == row.grade), None)
    return UnitSheet(
        unit=row.unit_name,
        group=row.ranking_group,
        lead=row.lead,
        total=printed(row.total, rules),
        grade=grade_words(grade, say) if grade else None,
        place=row.place,
        of=row.ranked,
        no_rank=say(stored(row.unranked_because)) if row.unranked_because else None,
        items=score.scored_items,
        limit=limit_words(score),
        limited=tuple(grade_words(score.graded_as(each), say) for each in rules.grades),
        whole=figures.whole.total,
        progress=progress_of(figures),
        lines=tuple(_line(read_line(line), row.unit_id, kept, say) for line in row.lines),
        converted=converted(assessment, row.total),
        self_scored=_self_scored(kept.said.get(row.unit_id), rules),
    )


def _self_scored(sent: SelfAssessment | None, rules: ScoringRules) -> SelfScored | None:
    if sent is None:
        return None
    return SelfScored(printed(sent.total, rules), sent.on, sent.words)


def _line(line: Line, unit_id: int, kept: _Kept, say: Say) -> ScoreLine:
    made, subject = score_line(line, say), subject_of(line)
    if subject is None:
        return made
    sent, remark = kept.said.get(unit_id), kept.remarks.get((unit_id, subject))
    item = sent.items.get(subject) if sent else None
    said = f"{amount(Decimal(item['percent']))}%　{item['word']}".strip() if item else ""
    return replace(made, said=said, remark=remark.text if remark else "")


def result_figures(db: Session, snapshot: Snapshot, say: Say) -> ResultFigures:
    """The figures of the circular of a result."""
    table, assessment = frozen_table(db, snapshot, say), snapshot.assessment
    decided = _appeals_before(db, snapshot)
    return ResultFigures(
        basis=table.basis,
        units=table.units,
        losses=_losses(snapshot),
        appeals=len(decided),
        upheld=sum(each.outcome == Outcome.GRANTED for each in decided),
        publicised_on=assessment.publicised_on,
        approved_on=assessment.approved_on,
    )


def _appeals_before(db: Session, snapshot: Snapshot) -> list[Appeal]:
    """The appeals that were decided by the day of the revision; of the latest, all of them."""
    query = select(Appeal).where(
        Appeal.assessment_id == snapshot.assessment_id, Appeal.outcome.is_not(None)
    )
    if snapshot.revision < len(snapshot.assessment.snapshots):
        query = query.where(Appeal.decided_at <= snapshot.at)
    return list(db.scalars(query))


def _losses(snapshot: Snapshot) -> tuple[Loss, ...]:
    terms = read_terms(snapshot.terms)
    found: dict[Cause, list[tuple[int, Lost]]] = {}
    for row in snapshot.units:
        for lost in losses(_figures(row, terms).to_date):
            found.setdefault(lost.cause, []).append((row.unit_id, lost))
    return tuple(_loss(cause, found[cause]) for cause in Cause if cause in found)


def _loss(cause: Cause, found: list[tuple[int, Lost]]) -> Loss:
    taken = [(unit_id, lost) for unit_id, lost in found if lost.points > 0]
    return Loss(
        cause=cause,
        points=rounded(exact_sum(Fraction(lost.points) for _, lost in found), LOSS_PLACES),
        lines=len(taken),
        units=len({unit_id for unit_id, _ in taken}),
    )
