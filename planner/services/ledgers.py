"""The ledger's rows: every assignment of the period as the live scores have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.documents.ledger import Ledger, LedgerRow
from planner.domain.lifecycle import STATE_NAMES, State
from planner.domain.names import NAMES
from planner.domain.scores.items import Item
from planner.domain.scores.lines import Line
from planner.domain.scores.period import Place
from planner.domain.scores.tally import Scored
from planner.domain.words import Method
from planner.models import Action, Assignment, Plan, Task
from planner.services.circulars import urged_by
from planner.services.score_papers import Say, basis_of
from planner.services.scores import PlanScores, UnitScore

PLACES = {Place.OWN: "本期", Place.CARRIED: "上年结转"}
SHARED = "共享未分解"


def ledger_of(db: Session, scores: PlanScores, say: Say) -> Ledger:
    """All assignments of the period in the plan's order, unit by unit within a task."""
    known = _Known(_tasks(db, scores.plan), _states(db, scores.plan), urged_by(db, scores))
    found = [
        (known.tasks[each.item.task_id].place, name, row)
        for name, each, row in _rows(scores, known, say)
    ]
    ordered = sorted(found, key=lambda each: (each[0], each[1], each[2].due_on))
    rows = tuple(row for _, _, row in ordered)
    return Ledger(
        basis=basis_of(scores, say),
        rows=rows,
    )


@dataclass(frozen=True)
class _Known:
    """What the scores do not know: tasks by id, states and urges by assignment."""

    tasks: Mapping[int, Any]
    states: Mapping[int, State]
    urged: Mapping[int, int]


@dataclass(frozen=True)
class _Task:
    place: int
    number: str
    sentence: str
    box: str


def _tasks(db: Session, plan: Plan) -> Mapping[int, _Task]:
    query = (
        select(Task.id, Task.number, Task.sentence, Action.number.label("box"), Action.title)
        .join(Task.action)
        .where(Action.plan_id == plan.id)
        .order_by(Action.position, Task.position)
    )
    return {
        row.id: _Task(place, row.number, row.sentence, f"{row.box} {row.title}")
        for place, row in enumerate(db.execute(query))
    }


def _states(db: Session, plan: Plan) -> Mapping[int, State]:
    query = (
        select(Assignment.id, Assignment.state)
        .join(Assignment.task)
        .join(Task.action)
        .where(Action.plan_id == plan.id)
    )
    return {row.id: State(row.state) for row in db.execute(query)}


def _rows(scores: PlanScores, known: _Known, say: Say) -> Iterator[tuple[str, Scored, LedgerRow]]:
    for unit in scores.units:
        of_items = _lines(unit)
        whole = unit.figures.whole
        for each in whole.work.items or ():
            line = of_items.get(each.item.id)
            yield unit.unit.name, each, _row(scores, unit, each, line, known, say)
        for each in whole.shared:
            yield unit.unit.name, each, _row(scores, unit, each, None, known, say)


def _lines(unit: UnitScore) -> Mapping[int, Line]:
    """The line of each assignment that is due."""
    found = {}
    for line in unit.lines:
        first = line.refs[0] if line.refs else ""
        if line.possible and first.startswith("assignment:"):
            found[int(first.partition(":")[2])] = line
    return found


def _row(
    scores: PlanScores,
    unit: UnitScore,
    each: Scored,
    line: Line | None,
    known: _Known,
    say: Say,
) -> LedgerRow:
    item, task = each.item, known.tasks[each.item.task_id]
    overdue = item.is_overdue(scores.today, scores.calendar)
    credit = None if item.shared else each.credit
    return LedgerRow(
        number=task.number,
        box=task.box,
        task=task.sentence,
        text=item.what,
        unit=unit.unit.name,
        part=say(NAMES[item.part]),
        place=SHARED if item.shared else PLACES[each.place],
        due_on=item.due_on,
        state=say(STATE_NAMES[known.states[item.id]]),
        accepted=item.accepted,
        waiting=item.waiting,
        due=scores.asked.is_due(item, scores.calendar),
        days_late=item.days_late(scores.today, scores.calendar) if overdue else 0,
        amount=item.amount,
        measure=item.measure,
        verified_amount=_verified_amount(item),
        verified=credit.verified if credit else None,
        weight=None if item.shared else each.weight,
        credit=credit.value if credit else None,
        possible=line.possible if line else None,
        earned=line.earned if line else None,
        evidence=len({ref for handed_in in item.handed_in for ref in handed_in.evidence}),
        urged=known.urged.get(item.id, 0),
        section=item.section or "",
    )


def _verified_amount(item: Item) -> Decimal | None:
    if item.method is not Method.PROPORTIONAL:
        return None
    return sum((each.amount for each in item.portions), Decimal(0))
