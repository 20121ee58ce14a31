"""Gathers what scoring reads beside the items: units, boxes, reports, findings, indicators."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from planner.domain.reporting import ReportFacts
from planner.domain.scores.acts import Finding
from planner.domain.scores.indicators import BaseSet, Indicator, Reading
from planner.domain.scores.items import Item
from planner.domain.scores.points import FoundUntrue, OwedReport
from planner.domain.words import Comparator, Outcome
from planner.models import (
    Action,
    Assignment,
    ConfirmedBase,
    Evidence,
    IndicatorReading,
    Plan,
    Report,
    Target,
    Task,
    Unit,
    UntrueFinding,
)
from planner.models import Indicator as IndicatorRow


@dataclass(frozen=True)
class ScoredUnit:
    """A unit as the scorecard names it; `lead` marks the lead agency, which stands apart."""

    id: int
    key: str
    name: str
    group: str | None
    lead: bool


@dataclass(frozen=True)
class Box:
    """An action as the scorecard names it."""

    id: int
    key: str
    number: str
    title: str


@dataclass(frozen=True)
class SharedTarget:
    """A target that several units share, `amount` in `measure`."""

    task_id: int
    what: str
    amount: Decimal
    measure: str


@dataclass(frozen=True)
class Facts:
    """What scores of a plan are made from, beside its items.

    `units` are all units, by name within their group, the lead last; `boxes` and `task_order`, the
    place of each task, follow the plan.
    """

    plan: Plan
    units: tuple[ScoredUnit, ...]
    boxes: tuple[Box, ...]
    task_order: dict[int, int]
    shared_targets: tuple[SharedTarget, ...]
    reports: dict[int, list[OwedReport]]
    findings: dict[int, list[FoundUntrue]]
    indicators: tuple[Indicator, ...]

    def order_of(self, item: Item) -> tuple[int, int, bool, date, int]:
        """Where an item stands in the order of the plan, a row before its nodes."""
        place = self.task_order.get(item.task_id, 0)
        return place, item.unit_id, item.parent_id is not None, item.original_due_on, item.id


def gather(db: Session, plan: Plan, unit_id: int | None = None) -> Facts:
    """The facts of a plan, with the same few queries whatever its size.

    With `unit_id` the reports and findings of that unit alone.
    """
    only = true() if unit_id is None else Assignment.unit_id == unit_id
    return Facts(
        plan=plan,
        units=_units(db, plan),
        boxes=_boxes(db, plan),
        task_order=_task_order(db, plan),
        shared_targets=_shared_targets(db, plan),
        reports=_reports(db, plan, only),
        findings=_findings(db, plan, only),
        indicators=indicators_of(db, plan),
    )


def _task_order(db: Session, plan: Plan) -> dict[int, int]:
    tasks = select(Task.id).join(Task.action).where(Action.plan_id == plan.id)
    ordered = db.scalars(tasks.order_by(Action.position, Task.position))
    return {task_id: place for place, task_id in enumerate(ordered)}


def _reports(db: Session, plan: Plan, only: ColumnElement[bool]) -> dict[int, list[OwedReport]]:
    """By unit, in the order that they were owed."""
    rows = db.execute(
        select(
            Report.id,
            Report.assignment_id,
            Assignment.unit_id,
            Assignment.text,
            Report.period,
            Report.due_on,
            Report.missing_after,
            Report.handed_in_on,
            Assignment.accepted_on,
            Assignment.cancelled_on,
        )
        .join(Report.assignment)
        .join(Assignment.task)
        .join(Task.action)
        .where(Action.plan_id == plan.id, only)
        .order_by(Report.due_on, Report.id)
    )
    owed: dict[int, list[OwedReport]] = defaultdict(list)
    for row in rows:
        facts = ReportFacts(
            row.due_on, row.missing_after, row.handed_in_on, row.accepted_on or row.cancelled_on
        )
        owed[row.unit_id].append(
            OwedReport(row.id, row.assignment_id, row.unit_id, row.text, row.period, facts)
        )
    return owed


def _findings(db: Session, plan: Plan, only: ColumnElement[bool]) -> dict[int, list[FoundUntrue]]:
    """By unit, in the order that they were found."""
    rows = db.execute(
        select(
            Assignment.unit_id,
            Assignment.id.label("assignment_id"),
            Assignment.text,
            UntrueFinding.id,
            UntrueFinding.on,
            UntrueFinding.year,
            UntrueFinding.revoked_on,
        )
        .join(UntrueFinding.assignment)
        .join(Assignment.task)
        .join(Task.action)
        .where(Action.plan_id == plan.id, only)
        .order_by(UntrueFinding.id)
    )
    found: dict[int, list[FoundUntrue]] = defaultdict(list)
    for row in rows:
        finding = Finding(row.id, row.on, row.year, row.revoked_on)
        if row.unit_id is not None:
            found[row.unit_id].append(FoundUntrue(row.assignment_id, row.text, finding))
    return found


def indicators_of(db: Session, plan: Plan) -> tuple[Indicator, ...]:
    """The plan's indicators in its order, each with its confirmed readings and bases."""
    of_plan = select(IndicatorRow.id).where(IndicatorRow.plan_id == plan.id)
    readings, bases = _readings(db, of_plan), _bases(db, of_plan)
    rows = db.scalars(
        select(IndicatorRow)
        .where(IndicatorRow.plan_id == plan.id)
        .order_by(IndicatorRow.position, IndicatorRow.id)
    )
    return tuple(_indicator(row, readings[row.id], bases[row.id]) for row in rows)


def indicator_of(db: Session, row: IndicatorRow) -> Indicator:
    """One indicator, with its confirmed readings and bases."""
    only = select(IndicatorRow.id).where(IndicatorRow.id == row.id)
    return _indicator(row, _readings(db, only)[row.id], _bases(db, only)[row.id])


def _readings(db: Session, of: Select[int]) -> dict[int, list[Reading]]:
    """The confirmed readings by indicator, in the order that they were confirmed."""
    evidence = _reading_evidence(db, of)
    found: dict[int, list[Reading]] = defaultdict(list)
    for row in db.scalars(
        select(IndicatorReading)
        .where(IndicatorReading.indicator_id.in_(of), IndicatorReading.outcome == Outcome.GRANTED)
        .order_by(IndicatorReading.decided_at, IndicatorReading.id)
    ):
        if row.decided_on:
            reading = Reading(
                id=row.id,
                year=row.year,
                value=row.value,
                on=row.decided_on,
                estimated=bool(row.estimated_by),
                evidence=tuple(evidence[row.id]),
            )
            found[row.indicator_id].append(reading)
    return found


def _reading_evidence(db: Session, of: Select[int]) -> dict[int, list[str]]:
    """References by reading, in the order that they were handed in."""
    rows = db.execute(
        select(Evidence.reading_id, Evidence.sha256, Evidence.url)
        .join(Evidence.reading)
        .where(IndicatorReading.indicator_id.in_(of), IndicatorReading.outcome == Outcome.GRANTED)
        .order_by(Evidence.reading_id, Evidence.position)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for reading_id, sha256, url in rows:
        if reading_id is not None:
            found[reading_id].append(f"evidence:{sha256}" if sha256 else f"link:{url}")
    return found


def _bases(db: Session, of: Select[int]) -> dict[int, list[BaseSet]]:
    """The bases that the lead settled by indicator, in that order."""
    found: dict[int, list[BaseSet]] = defaultdict(list)
    for base in db.scalars(
        select(ConfirmedBase).where(ConfirmedBase.indicator_id.in_(of)).order_by(ConfirmedBase.id)
    ):
        found[base.indicator_id].append(BaseSet(base.on, base.value))
    return found


def _indicator(row: IndicatorRow, readings: list[Reading], bases: list[BaseSet]) -> Indicator:
    return Indicator(
        id=row.id,
        what=row.name,
        section=row.section,
        measure=row.measure,
        owner_id=row.owner_id,
        base_year=row.base_year,
        printed_base=row.base,
        target_year=row.target_year,
        target=row.target,
        comparator=Comparator(row.comparator),
        binding=row.binding,
        weight=row.weight,
        consistent=row.consistent,
        readings=tuple(readings),
        bases=tuple(bases),
    )


def _shared_targets(db: Session, plan: Plan) -> tuple[SharedTarget, ...]:
    rows = db.execute(
        select(Target.task_id, Target.what, Target.amount, Target.measure)
        .join(Task, Target.task_id == Task.id)
        .join(Task.action)
        .where(Action.plan_id == plan.id, Target.shared)
        .order_by(Action.position, Task.position, Target.id)
    )
    return tuple(SharedTarget(*row) for row in rows)


def _units(db: Session, plan: Plan) -> tuple[ScoredUnit, ...]:
    """Every unit, by name within its group; the lead comes last."""
    rows = db.execute(
        select(Unit.id, Unit.key, Unit.name, Unit.ranking_group).order_by(Unit.name, Unit.id)
    )
    units = [
        ScoredUnit(row.id, row.key, row.name, row.ranking_group, row.id == plan.owner_id)
        for row in rows
    ]
    return tuple(sorted(units, key=lambda unit: (unit.lead, unit.group or "", unit.name)))


def _boxes(db: Session, plan: Plan) -> tuple[Box, ...]:
    rows = db.execute(
        select(Action.id, Action.key, Action.number, Action.title)
        .where(Action.plan_id == plan.id)
        .order_by(Action.position, Action.id)
    )
    return tuple(Box(*row) for row in rows)
