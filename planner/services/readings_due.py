"""Readings on the desk: those that the own unit owes for last year, and those to be decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.words import Outcome
from planner.models import Indicator, IndicatorReading, Plan
from planner.services.plans import find_plan, scoring_rules


@dataclass(frozen=True)
class OwedReading:
    """An indicator whose reading of `year` is not entered, and by when it is to be confirmed."""

    indicator: Indicator
    year: int
    due_on: date
    late: bool


def owed_readings(db: Session, actor: Actor, clock: Clock) -> Sequence[OwedReading]:
    """What the actor's own unit has not entered for last year, in the plan's order."""
    plan, year = find_plan(db), clock.today.year - 1
    if plan is None or actor.unit_id is None or year < plan.issued_on.year:
        return ()
    entered = exists().where(
        IndicatorReading.indicator_id == Indicator.id,
        IndicatorReading.year == year,
        or_(IndicatorReading.outcome.is_(None), IndicatorReading.outcome == Outcome.GRANTED),
    )
    rows = db.scalars(
        select(Indicator)
        .where(
            Indicator.plan_id == plan.id,
            Indicator.owner_id == actor.unit_id,
            Indicator.base_year < year,
            Indicator.target_year >= year,
            ~entered,
        )
        .order_by(Indicator.position, Indicator.id)
    ).all()
    if not rows:
        return ()
    due_on = scoring_rules(db, plan, clock.today).indicators.deadline(year, clock.calendar)
    return [OwedReading(row, year, due_on, clock.today > due_on) for row in rows]


def readings_to_decide(db: Session, actor: Actor) -> Sequence[IndicatorReading]:
    """The open readings that this actor decides, the oldest first."""
    led = Indicator.plan_id.in_(select(Plan.id).where(Plan.owner_id == actor.unit_id))
    own = Indicator.owner_id == actor.unit_id
    of_lead = exists().where(Plan.id == Indicator.plan_id, Plan.owner_id == Indicator.owner_id)
    may: list[ColumnElement[bool]] = []
    if actor.has(Role.COORDINATOR) and actor.unit_id is not None:
        may.append(led & ~own)
    if actor.has(Role.SUPERVISOR):
        may.append(of_lead & ~own if actor.unit_id is not None else of_lead)
    if not may:
        return ()
    query = (
        select(IndicatorReading)
        .join(IndicatorReading.indicator)
        .where(
            IndicatorReading.outcome.is_(None),
            IndicatorReading.by_id != actor.user_id,
            or_(*may),
        )
        .options(
            joinedload(IndicatorReading.indicator).joinedload(Indicator.owner),
            joinedload(IndicatorReading.by),
        )
        .order_by(IndicatorReading.on, IndicatorReading.id)
    )
    return db.scalars(query).all()
