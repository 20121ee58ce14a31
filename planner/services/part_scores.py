"""Scores of a part of the plan: one box, or one task, by unit and by task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.scoring import Figures, figures
from planner.domain.scores.tally import Scored, grouped
from planner.models import Action, Assignment, Task
from planner.services.plans import active_plan, scoring_rules
from planner.services.score_facts import Box, ScoredUnit, gather
from planner.services.score_items import read_items
from planner.services.scores import PlanScores, evaluate


@dataclass(frozen=True)
class UnitPart:
    """A unit's figures in the part, and its place by score; None where nothing is due."""

    unit: ScoredUnit
    figures: Figures
    place: int | None


@dataclass(frozen=True)
class TaskPart:
    """A task of the part, with its figures; None where nothing of it counts in the period."""

    id: int
    number: str
    sentence: str
    figures: Figures | None


@dataclass(frozen=True)
class PartScores:
    """What a box or a task comes to. `scores` are the plan's scores of its items alone.

    `items` are those of the period, in the order of the plan, a row before its nodes.
    """

    scores: PlanScores
    box: Box
    figures: Figures
    units: tuple[UnitPart, ...]
    tasks: tuple[TaskPart, ...]

    @property
    def items(self) -> tuple[Scored, ...]:
        """Everything that counts in the period."""
        return self.figures.whole.work.items or ()


def box_scores(db: Session, clock: Clock, period: Period, action_id: int) -> PartScores | None:
    """One box over all units; None where the plan has no such box. A fixed number of queries."""
    tasks = select(Task.id).where(Task.action_id == action_id)
    return _part(db, clock, period, action_id, Assignment.task_id.in_(tasks))


def task_scores(
    db: Session, clock: Clock, period: Period, task: Task, units: ColumnElement[bool]
) -> PartScores | None:
    """One task, as far as the condition on `Assignment` lets it be seen."""
    wanted = (Assignment.task_id == task.id) & units
    return _part(db, clock, period, task.action_id, wanted)


def _part(
    db: Session, clock: Clock, period: Period, action_id: int, only: ColumnElement[bool]
) -> PartScores | None:
    plan = active_plan(db)
    rules = scoring_rules(db, plan, clock.today)
    asked = AsOf.on(clock.today, period)
    facts = gather(db, plan)
    scores = evaluate(facts, read_items(db, plan, only), asked, clock.calendar, rules)
    found = next((each for each in scores.boxes if each.box.id == action_id), None)
    if found is None:
        return None
    return PartScores(
        scores=scores,
        box=found.box,
        figures=found.figures,
        units=_by_score(scores, facts.units),
        tasks=tuple(_tasks(db, scores, found.box, found.figures)),
    )


def _by_score(scores: PlanScores, units: Iterable[ScoredUnit]) -> tuple[UnitPart, ...]:
    """The units that anything counts for, the best first; equal totals share a place."""
    named = {unit.id: unit for unit in units}
    made = [(named[unit_id], found) for (unit_id, _), found in scores.cells.items()]
    totals = [found.to_date.total for _, found in made]

    def place(found: Figures) -> int | None:
        own = found.to_date.total
        if own is None:
            return None
        return 1 + sum(1 for total in totals if total is not None and total > own)

    parts = [UnitPart(unit, found, place(found)) for unit, found in made]
    return tuple(sorted(parts, key=lambda each: (each.place or len(parts) + 1, each.unit.name)))


def _tasks(db: Session, scores: PlanScores, box: Box, whole: Figures) -> Sequence[TaskPart]:
    items = grouped(whole.whole.work.items or (), lambda each: each.item.task_id)

    def figures_in(task_id: int) -> Figures | None:
        found = items.get(task_id)
        return figures(found, scores.asked, scores.rules, scores.calendar, None) if found else None

    return [
        TaskPart(row.id, row.number, row.sentence, figures_in(row.id))
        for row in db.execute(_named(box))
    ]


def _named(box: Box) -> Any:
    return (
        select(Task.id, Task.number, Task.sentence)
        .join(Action, Task.action_id == Action.id)
        .where(Action.id == box.id)
        .order_by(Task.position, Task.id)
    )
