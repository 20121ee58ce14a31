"""What the pages of assessments show, each to those who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain import assessment as rules
from planner.domain.actor import Actor
from planner.domain.assessment import Act, Stage
from planner.domain.clock import Clock
from planner.domain.errors import NotFound
from planner.domain.scores.frozen import FrozenTerms, read_line, read_terms, results
from planner.domain.scores.lines import Line
from planner.domain.scores.rules import ScoringRules
from planner.domain.text import Text
from planner.models import (
    Appeal,
    Assessment,
    Assignment,
    Remark,
    SelfAssessment,
    Snapshot,
    Unit,
    UnitResult,
)
from planner.services import appeals, snapshots
from planner.services.assessment_steps import assessed_units, find_assessment, parties_of
from planner.services.assessments import unreviewed
from planner.services.plans import active_plan
from planner.services.scope import sees_county
from planner.services.self_assessments import remarks, self_assessments, subject_of

SHOWN = frozenset({Stage.PUBLICISED, Stage.APPROVED, Stage.FINAL})
"""The stages in which every unit sees all totals, grades and ranks."""


@dataclass(frozen=True)
class Row:
    """One unit in an assessment: its self-score, and its result once there is one."""

    unit_id: int
    unit_name: str
    self_assessed: SelfAssessment | None
    result: UnitResult | None
    appeal: Appeal | None


@dataclass(frozen=True)
class AssessmentView:
    """An assessment as one person sees it.

    `rows` are the units that they may see, in the order of the result; `acts` what they may do now.
    `rules` are those that the result was counted by, `unreviewed` is what must be reviewed before
    the check can end, `deciding` are the appeals that the actor decides, `no_appeal` says why the
    own unit cannot appeal, `last_appeal` is the last day on which any unit can.
    """

    assessment: Assessment
    snapshot: Snapshot | None
    rules: ScoringRules | None
    rows: Sequence[Row]
    acts: frozenset[Act]
    county: bool
    unreviewed: Sequence[Assignment]
    appeals: Sequence[Appeal]
    deciding: frozenset[int]
    no_appeal: Text | None
    last_appeal: date | None


def assessments(db: Session) -> list[tuple[Assessment, int, int]]:
    """All of the plan, the newest first, with how many units assessed themselves and appealed."""
    plan = active_plan(db)
    sent = _counts(db, SelfAssessment)
    appealed = _counts(db, Appeal)
    found = db.scalars(
        select(Assessment).where(Assessment.plan_id == plan.id).order_by(Assessment.id.desc())
    )
    return [(each, sent.get(each.id, 0), appealed.get(each.id, 0)) for each in found]


def _counts(db: Session, kind: type[SelfAssessment] | type[Appeal]) -> Mapping[int, int]:
    units = func.count(kind.unit_id.distinct())
    rows = db.execute(select(kind.assessment_id, units).group_by(kind.assessment_id))
    return {assessment_id: int(number) for assessment_id, number in rows}


def view(
    db: Session, actor: Actor, clock: Clock, assessment_id: int, revision: int | None = None
) -> AssessmentView:
    """One assessment; `revision` asks for an earlier result. Raises NotFound."""
    assessment = find_assessment(db, assessment_id)
    county = sees_county(db, actor)
    snapshot = _revision(assessment, revision)
    made = appeals.appeals(db, assessment)
    may_decide = (each for each in made if each.outcome is None and _decides(actor, each))
    return AssessmentView(
        assessment=assessment,
        snapshot=snapshot,
        rules=read_terms(snapshot.terms).rules if snapshot else None,
        rows=_rows(db, actor, clock, assessment, snapshot, made, county),
        acts=frozenset(_acts(actor, assessment)),
        county=county,
        unreviewed=_unreviewed(db, assessment) if county else (),
        appeals=[each for each in made if county or each.unit_id == actor.unit_id],
        deciding=frozenset(each.id for each in may_decide),
        no_appeal=appeals.refusal(assessment, clock, actor.unit_id) if actor.unit_id else None,
        last_appeal=appeals.last_day(assessment, clock),
    )


def _revision(assessment: Assessment, revision: int | None) -> Snapshot | None:
    if revision is None:
        return snapshots.latest(assessment)
    found = [each for each in assessment.snapshots if each.revision == revision]
    if not found:
        raise NotFound
    return found[0]


def frozen_result(db: Session, assessment_id: int, revision: int | None = None) -> Snapshot:
    """The revision asked for, or the one in force. Raises NotFound while nothing is frozen."""
    snapshot = _revision(find_assessment(db, assessment_id), revision)
    if snapshot is None:
        raise NotFound
    return snapshot


def is_in_force(snapshot: Snapshot) -> bool:
    """Whether no later revision replaced it."""
    return snapshot is snapshots.latest(snapshot.assessment)


def _unreviewed(db: Session, assessment: Assessment) -> Sequence[Assignment]:
    waits = assessment.stage in (Stage.OPEN, Stage.SELF_ASSESSED)
    return unreviewed(db, assessment) if waits else ()


def _decides(actor: Actor, made: Appeal) -> bool:
    return rules.refusal(actor, Act.DECIDE_APPEAL, appeals.parties_of(made)) is None


def _acts(actor: Actor, assessment: Assessment) -> list[Act]:
    """What the actor may do now, to all of it or to the own unit's part."""
    parties = parties_of(assessment, actor.unit_id)
    stage = Stage(assessment.stage)
    return [
        act
        for act, doing in rules.ACTS.items()
        if stage in doing.sources and rules.refusal(actor, act, parties) is None
    ]


def _rows(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment: Assessment,
    snapshot: Snapshot | None,
    made: Sequence[Appeal],
    county: bool,
) -> list[Row]:
    sent = self_assessments(db, assessment)
    latest = {each.unit_id: each for each in made}

    def row(unit_id: int, name: str, result: UnitResult | None) -> Row:
        own = county or unit_id == actor.unit_id
        return Row(
            unit_id,
            name,
            sent.get(unit_id) if own else None,
            result,
            latest.get(unit_id) if own else None,
        )

    if snapshot is not None:
        return [row(each.unit_id, each.unit_name, each) for each in ranked(snapshot.units)]
    units = assessed_units(db, clock, assessment)
    shown = [unit for unit in units if county or unit.id == actor.unit_id]
    return [row(unit.id, unit.name, None) for unit in shown]


def ranked(units: Sequence[UnitResult]) -> list[UnitResult]:
    """Frozen results by ranking group, the best first; the lead agency last."""

    def place(each: UnitResult) -> tuple[bool, str, Decimal, str]:
        total = each.total if each.total is not None else Decimal(-1)
        return each.lead, each.ranking_group or "", -total, each.unit_name

    return sorted(units, key=place)


@dataclass(frozen=True)
class UnitLine:
    """One line of a unit, with what the unit said of it and what the check noted."""

    line: Line
    subject: str | None
    said: Mapping[str, str] | None
    remark: Remark | None


@dataclass(frozen=True)
class UnitView:
    """One unit's part of an assessment: frozen once there is a result, live before.

    `revisions` are its results in every revision.
    """

    assessment: Assessment
    unit_id: int
    unit_name: str
    result: UnitResult | None
    terms: FrozenTerms
    total: Decimal | None
    grade: str | None
    lines: Sequence[UnitLine]
    self_assessed: SelfAssessment | None
    revisions: Sequence[UnitResult]
    remarks: bool


def unit_view(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    unit_id: int,
    revision: int | None = None,
) -> UnitView:
    """One unit's lines, for the unit itself and those who see the county. Raises NotFound."""
    assessment = find_assessment(db, assessment_id)
    unit = db.get(Unit, unit_id)
    if unit is None or not (unit_id == actor.unit_id or sees_county(db, actor)):
        raise NotFound
    snapshot = _revision(assessment, revision)
    own = [each for each in _all_results(assessment) if each.unit_id == unit_id]
    shown = next((each for each in own if snapshot and each.snapshot_id == snapshot.id), None)
    if snapshot is not None and shown is None:
        raise NotFound
    terms, name, total, grade, lines = (
        _frozen(shown) if shown else _live(db, clock, assessment, unit)
    )
    sent = self_assessments(db, assessment).get(unit_id)
    noted = remarks(db, assessment, unit_id)
    judged = rules.refusal(actor, Act.REMARK, parties_of(assessment, unit_id)) is None
    return UnitView(
        assessment=assessment,
        unit_id=unit_id,
        unit_name=name,
        result=shown,
        terms=terms,
        total=total,
        grade=grade,
        lines=[_line(each, sent, noted) for each in lines],
        self_assessed=sent,
        revisions=own,
        remarks=judged and assessment.stage == Stage.SELF_ASSESSED,
    )


def _all_results(assessment: Assessment) -> list[UnitResult]:
    return [row for snapshot in assessment.snapshots for row in snapshot.units]


_Shown = tuple[FrozenTerms, str, Decimal | None, str | None, Sequence[Line]]


def _frozen(result: UnitResult) -> _Shown:
    terms = read_terms(result.snapshot.terms)
    return terms, result.unit_name, result.total, result.grade, lines_of(result)


def _live(db: Session, clock: Clock, assessment: Assessment, unit: Unit) -> _Shown:
    """As it would be frozen today."""
    terms = snapshots.terms_of(db, clock, assessment)
    facts = snapshots.unit_facts(db, assessment.plan, terms, unit.id)
    if not facts:
        return terms, unit.name, None, None, ()
    made = results(facts, terms)[0]
    return terms, unit.name, made.total, made.grade, made.lines


def lines_of(result: UnitResult) -> list[Line]:
    """The lines of a frozen result."""
    return [read_line(line) for line in result.lines]


def _line(line: Line, sent: SelfAssessment | None, noted: Mapping[str, Remark]) -> UnitLine:
    subject = subject_of(line)
    said = sent.items.get(subject) if sent and subject else None
    return UnitLine(line, subject, said, noted.get(subject) if subject else None)
