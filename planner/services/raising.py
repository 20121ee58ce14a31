"""What would raise a unit's score, for its scorecard and for its people's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.scores.gains import Gain
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.raising import raising
from planner.models import Assignment
from planner.services.plans import find_plan, rules_history
from planner.services.score_facts import gather
from planner.services.score_items import read_items
from planner.services.scores import PlanScores, UnitScore, evaluate


@dataclass(frozen=True)
class Gains:
    """What would raise the score to date, and that of the whole period; the most points first."""

    to_date: Sequence[Gain]
    whole: Sequence[Gain]


def gains(scores: PlanScores, unit: UnitScore) -> Gains:
    """What would raise a unit's score; its items must have been kept."""
    to_date, whole = (
        raising(score, scores.asked, scores.calendar, unit.reports)
        for score in (unit.figures.to_date, unit.figures.whole)
    )
    return Gains(to_date, whole)


@dataclass(frozen=True)
class OwnGains:
    """The most that the own unit could do for its score to date."""

    unit_id: int
    period: Period
    first: Sequence[Gain]


def own_gains(db: Session, actor: Actor, clock: Clock, most: int) -> OwnGains | None:
    """The first of what would raise the score to date of the actor's unit in the present year.

    None without a plan or a unit. Reads what that unit owes and no more.
    """
    plan = find_plan(db)
    history = rules_history(db, plan) if plan else None
    if plan is None or history is None or actor.unit_id is None:
        return None
    period = Period.present(clock.today, plan.issued_on.year, plan.ends_on.year)
    scores = evaluate(
        gather(db, plan, actor.unit_id),
        read_items(db, plan, Assignment.unit_id == actor.unit_id),
        AsOf.on(clock.today, period),
        clock.calendar,
        history.on(clock.today),
    )
    own = scores.unit(actor.unit_id)
    first = gains(scores, own).to_date[:most] if own else ()
    return OwnGains(actor.unit_id, period, first)
