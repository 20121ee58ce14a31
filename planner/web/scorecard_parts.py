"""The scorecards of a box and of a task: who stands where in them, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import render_template
from sqlalchemy import select

from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.scores.credit import Credit
from planner.domain.scores.items import Item
from planner.domain.scores.lines import lines
from planner.domain.scores.tally import Scored
from planner.domain.words import Method
from planner.models import Assignment, Task, Unit
from planner.services import plans
from planner.services.part_scores import PartScores, box_scores, task_scores
from planner.services.scope import load_task, sees_county, visible_units
from planner.services.target_progress import TargetProgress, target_progress
from planner.services.urge_list import urge_counts
from planner.web.access import area
from planner.web.context import actor, clock, db
from planner.web.leader import target_pictures
from planner.web.presentation import number, percent
from planner.web.scorecard_frame import frame, period_asked, trend_of

MOST_LINES = 300
"""Lines that a page can hold; beyond it the tasks and units tell."""


@dataclass(frozen=True)
class ItemRow:
    """An assignment of a task as its scorecard shows it; `days_late` in working days.

    `due` says whether it counts to date.
    """

    scored: Scored
    due: bool
    overdue: bool
    days_late: int
    urged: int

    @property
    def state(self) -> str:
        """Its state as of today, in the words of the life of an assignment."""
        item = self.scored.item
        if item.accepted:
            return "accepted"
        return "submitted" if item.waiting else "in_progress"


@area(Area.SEE_SCORECARD)
def box(action_id: int) -> str:
    """One box over all units, with its tasks; for those who see the county."""
    plan = plans.active_plan(db())
    if not sees_county(db(), actor()):
        raise NotFound
    found = box_scores(db(), clock(), period_asked(plan), action_id)
    if found is None:
        raise NotFound
    return render_template(
        "scorecard/box.html",
        **_frame(found),
        targets=_shown(target_progress(db(), plan, Task.action_id == action_id)),
        filter={"action": action_id},
        trend=trend_of(plan, found.scores, "action", action_id, found.figures),
    )


@area(Area.SEE_SCORECARD)
def task(task_id: int) -> str:
    """One task as far as the reader may see its units: each assignment with its credit."""
    plan = plans.active_plan(db())
    row = load_task(db(), actor(), task_id)
    readable = Assignment.unit_id.in_(select(Unit.id).where(visible_units(actor())))
    found = task_scores(db(), clock(), period_asked(plan), row, readable)
    if found is None:
        raise NotFound
    county = sees_county(db(), actor())
    return render_template(
        "scorecard/task.html",
        **_frame(found),
        task=row,
        county=county,
        rows=_rows(found),
        amount_of=amount_of,
        targets=_shown(target_progress(db(), plan, Task.id == task_id)) if county else [],
        filter={"task": task_id},
    )


def _frame(found: PartScores) -> Mapping[str, Any]:
    """What both pages need; without lines where they would fill the page."""
    count = found.figures.counts.counting
    return {
        **frame(found.scores.plan, found.scores),
        **target_pictures(plans.reminder_rules(db(), found.scores.plan).lights, found.scores),
        "part": found,
        "figures": found.figures,
        "lines": lines(found.figures.to_date) if count <= MOST_LINES else None,
        "most_lines": MOST_LINES,
    }


def _shown(targets: tuple[TargetProgress, ...]) -> list[TargetProgress]:
    return [each for each in targets if each.shown]


def _rows(found: PartScores) -> Mapping[int, list[ItemRow]]:
    """The items by unit, each with how late it is and how often it was urged."""
    urged = urge_counts(db(), [each.item.id for each in found.items])
    rows: dict[int, list[ItemRow]] = {}
    for each in found.items:
        rows.setdefault(each.item.unit_id, []).append(_row(found, each, urged))
    return rows


def _row(found: PartScores, each: Scored, urged: Mapping[int, int]) -> ItemRow:
    today, calendar = found.scores.today, found.scores.calendar
    due = found.scores.asked.is_due(each.item, calendar)
    overdue = each.item.is_overdue(today, calendar)
    late = each.item.days_late(today, calendar) if overdue else 0
    return ItemRow(each, due, overdue, late, urged.get(each.item.id, 0))


def amount_of(item: Item, credit: Credit, share: Fraction) -> str:
    """A share of what is left of an item, as an amount of its target or in percent."""
    if item.method is not Method.PROPORTIONAL or item.amount is None:
        return percent(share)
    target = credit.rest * Fraction(item.target)
    return f"{number(share * target)} / {number(target)} {item.measure}"
