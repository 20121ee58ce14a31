"""What a circular (通报) tells of the county: its figures as of the scores' day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.documents.figures import (
    CountyFigures,
    IndicatorProgress,
    OverdueItem,
    Path,
    TargetProgress,
    UnitPace,
)
from planner.domain.exact import shown
from planner.domain.pace import Pace, far_behind, pace_of
from planner.domain.reminder_rules import Lights
from planner.domain.scores.indicators import Judged
from planner.domain.scores.items import Item
from planner.domain.scores.period import Period
from planner.models import Action, Assignment, Indicator, Plan, Task, Unit, Urge
from planner.services.plans import reminder_rules
from planner.services.score_papers import Say, in_percent, progress_of, score_table
from planner.services.scores import PlanScores, SharedProgress, UnitScore

PLACES = 6
"""Decimals of amounts and of indicators' values."""


def county_figures(db: Session, scores: PlanScores, say: Say) -> CountyFigures:
    """The figures of a circular, with the same few queries whatever the size of the plan."""
    table = score_table(scores, say)
    return CountyFigures(
        basis=table.basis,
        total=scores.overall.to_date.total,
        progress=progress_of(scores.overall),
        paces=tuple(_paces(scores, reminder_rules(db, scores.plan).lights)),
        overdue=tuple(_overdue(db, scores)),
        targets=tuple(_target(each) for each in scores.shared),
        indicators=tuple(_indicators(db, scores)),
        units=table.units,
    )


def _paces(scores: PlanScores, lights: Lights) -> list[UnitPace]:
    """Every unit that something counts for: the best first, of those behind the last first."""
    owing = [each for each in scores.units if each.figures.counts.counting]
    paces = [_pace(each, scores.time_gone, lights) for each in owing]

    def place(each: UnitPace) -> tuple[int, Fraction, str]:
        ahead = Fraction(each.points if each.pace is Pace.BEHIND else -each.points)
        return list(Pace).index(each.pace), ahead, each.unit

    return sorted(paces, key=place)


def _pace(each: UnitScore, gone: Fraction, lights: Lights) -> UnitPace:
    figures = each.figures
    finished = figures.counts.accepted == figures.counts.counting
    verified = in_percent(figures.verified)
    return UnitPace(
        unit=each.unit.name,
        pace=pace_of(figures.verified, gone, lights, finished=finished),
        verified=verified,
        points=verified - in_percent(gone),
        far=not finished and far_behind(figures.verified, gone, lights),
    )


def _overdue(db: Session, scores: PlanScores) -> Iterator[OverdueItem]:
    """Unit by unit, the one with the most first; of each the latest first."""
    late: dict[str, list[tuple[int, Item]]] = {}
    for unit in scores.units:
        for item in _items(unit):
            if item.is_overdue(scores.today, scores.calendar):
                days = item.days_late(scores.today, scores.calendar)
                late.setdefault(unit.unit.name, []).append((days, item))
    numbers, urged = task_numbers(db, scores.plan), urged_by(db, scores)
    for name, owed in sorted(late.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        for days, item in sorted(owed, key=lambda each: (-each[0], each[1].id)):
            number = numbers[item.task_id]
            yield OverdueItem(name, number, item.what, item.due_on, days, urged.get(item.id, 0))


def _items(unit: UnitScore) -> Iterator[Item]:
    for each in unit.figures.whole.work.items or ():
        yield each.item


def task_numbers(db: Session, plan: Plan) -> Mapping[int, str]:
    """Task id to its number in the plan."""
    query = select(Task.id, Task.number).join(Task.action).where(Action.plan_id == plan.id)
    return {row.id: row.number for row in db.execute(query)}


def urged_by(db: Session, scores: PlanScores) -> Mapping[int, int]:
    """Assignment id to how often it was urged by the scores' day, for those that ever were."""
    query = (
        select(Urge.assignment_id, func.count(Urge.id).label("times"))
        .join(Assignment, Urge.assignment_id == Assignment.id)
        .join(Assignment.task)
        .join(Task.action)
        .where(Action.plan_id == scores.plan.id, Urge.on <= scores.today)
        .group_by(Urge.assignment_id)
    )
    return {row.assignment_id: row.times for row in db.execute(query)}


def _target(each: SharedProgress) -> TargetProgress:
    amount = each.target.amount
    return TargetProgress(
        what=each.target.what,
        measure=each.target.measure,
        amount=amount,
        allocated=shown(each.allocated, PLACES),
        claimed=shown(each.claimed, PLACES),
        verified=shown(each.verified, PLACES),
        share=in_percent(each.verified / Fraction(amount) if amount else Fraction(0)),
    )


def _indicators(db: Session, scores: PlanScores) -> Iterator[IndicatorProgress]:
    """In the plan's order; the same name stands in several of its categories."""
    query = (
        select(Indicator.id, Indicator.category, Unit.name.label("owner"))
        .join(Indicator.owner)
        .where(Indicator.plan_id == scores.plan.id)
    )
    named = {row.id: row for row in db.execute(query)}
    for judged in scores.indicators:
        row = named[judged.indicator.id]
        what = f"{judged.indicator.what}（{_scope(row.category)}）"
        yield _indicator(judged, scores.period, what, row.owner)


def _scope(category: str) -> str:
    """What stands in brackets in the plan's category, else all of it."""
    return category.rpartition("（")[2].rstrip("）")


def _indicator(judged: Judged, period: Period, what: str, owner: str) -> IndicatorProgress:
    """Its reading of the period's year, or the latest of the plan, against its path."""
    known = judged.indicator
    reading = known.reading_of(period.year) if period.year else known.latest
    wanted = known.path(reading.year) if reading and known.has_base else None
    value = Fraction(reading.value) if reading else None
    if not known.has_base:
        path = Path.CONTRADICTORY
    elif value is None or wanted is None:
        path = Path.UNREAD
    else:
        path = Path.MET if known.meets(value, wanted) else Path.MISSED
    return IndicatorProgress(
        what=what,
        owner=owner,
        measure=known.measure,
        binding=known.binding,
        year=reading.year if reading else None,
        value=shown(value, PLACES) if value is not None else None,
        wanted=shown(wanted, PLACES) if wanted is not None else None,
        target_year=known.target_year,
        target=known.target,
        path=path,
    )
