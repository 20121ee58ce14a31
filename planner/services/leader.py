"""What the leader's page is made of, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lights import share_of_time
from planner.domain.reminder_rules import Lights
from planner.domain.scores.period import Period
from planner.models import Plan, Unit
from planner.services.indicator_standing import IndicatorStanding, indicator_standings
from planner.services.plans import reminder_rules
from planner.services.rollups import totals_on
from planner.services.scores import PlanScores, UnitScore, current_scores, keep_none
from planner.services.target_progress import TargetProgress, target_progress
from planner.services.task_list import Line, TaskFilter, count_by_unit, first_lines

WEEK = timedelta(days=7)
WEEKS = 12
MONTH = 4
"""The weeks that the change of a score is told over."""

MOST_OVERDUE = 10


@dataclass(frozen=True)
class Trail:
    """A unit's totals, one a week and the present one last; None where nothing was due or stored.

    `since` is the first day. `change` is the difference to the one four weeks ago, in points.
    """

    since: date
    totals: tuple[Decimal | None, ...]

    @property
    def change(self) -> Decimal | None:
        """How it moved in four weeks; None where one of the two is not known."""
        before, now = self.totals[-1 - MONTH], self.totals[-1]
        return None if before is None or now is None else now - before

    @property
    def known(self) -> bool:
        """Whether there is anything to draw: two totals at least."""
        return sum(each is not None for each in self.totals) > 1


@dataclass(frozen=True)
class Overdue:
    """What is overdue in the period: how much, the longest overdue of it, and by whom."""

    first: Sequence[Line]
    by_unit: Sequence[tuple[Unit, int]]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(count for _, count in self.by_unit)


@dataclass(frozen=True)
class Overview:
    """Where the county stands. `time_gone` is the share of the whole plan's days.

    `trails` are by unit. Targets and indicators are those of the whole plan, whatever the period.
    """

    scores: PlanScores
    lights: Lights
    time_gone: Fraction
    trails: Mapping[int, Trail]
    targets: tuple[TargetProgress, ...]
    indicators: tuple[IndicatorStanding, ...]
    overdue: Overdue

    @property
    def missed_targets(self) -> list[TargetProgress]:
        """Those that fall short at the present pace, the farthest from their target first."""
        missed = [each for each in self.targets if each.is_missed(self.time_gone)]
        return sorted(missed, key=lambda each: each.share)

    @property
    def missed_indicators(self) -> list[IndicatorStanding]:
        """Those whose line ends short of their target."""
        return [each for each in self.indicators if each.is_missed]


def overview(db: Session, actor: Actor, clock: Clock, plan: Plan, period: Period) -> Overview:
    """Everything that the leader's page shows, for somebody who sees the county."""
    scores = current_scores(db, clock, period, keep_none)
    lights = reminder_rules(db, plan).lights
    return Overview(
        scores=scores,
        lights=lights,
        time_gone=share_of_time(plan.starts_on, plan.ends_on, clock.today),
        trails=trails(db, plan, scores),
        targets=target_progress(db, plan),
        indicators=indicator_standings(db, scores, lights),
        overdue=_overdue(db, actor, clock, period),
    )


def trails(db: Session, plan: Plan, scores: PlanScores) -> Mapping[int, Trail]:
    """Each unit's way over the last weeks of the period that have come, with one query."""
    begins, ends = scores.period.bounds(plan.starts_on, plan.ends_on)
    last = min(scores.today, ends)
    days = [last - WEEK * weeks for weeks in range(WEEKS, -1, -1)]
    stored = totals_on(db, plan, "unit", scores.period, [day for day in days if day >= begins])
    return {each.unit.id: _trail(scores, each, days, stored) for each in scores.units}


def _trail(
    scores: PlanScores,
    each: UnitScore,
    days: Sequence[date],
    stored: Mapping[int, Mapping[date, Decimal | None]],
) -> Trail:
    """What is stored of the unit; today is not over, and comes from the live figures."""
    own = stored.get(each.unit.id, {})
    totals = [own.get(day) for day in days]
    if days[-1] == scores.today:
        totals[-1] = each.figures.to_date.total
    return Trail(days[0], tuple(totals))


def _overdue(db: Session, actor: Actor, clock: Clock, period: Period) -> Overdue:
    wanted = TaskFilter(overdue=True, counted=period)
    return Overdue(
        first_lines(db, actor, clock, wanted, MOST_OVERDUE),
        count_by_unit(db, actor, clock, wanted),
    )
