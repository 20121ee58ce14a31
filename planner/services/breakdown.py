"""From the plan's row to what a unit is handed: drafts, yearly nodes, issuing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State, Verb
from planner.domain.measures import check_whole
from planner.domain.text import t
from planner.domain.words import Method
from planner.models import Assignment, Unit
from planner.services import fanning_out, journal
from planner.services.due_dates import check_due, check_node_due, set_due
from planner.services.steps import (
    MAX_MEASURE,
    begin,
    finish,
    is_past_due,
    optional_text,
    positive,
    required_text,
    tell_unit,
)


@dataclass(frozen=True)
class NodeForm:
    """A yearly node as the coordinator enters it; `measure` only where the row has none."""

    year: int
    text: str
    due_on: date | None
    amount: Decimal | None = None
    measure: str | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class DraftForm:
    """What can be changed while an assignment is a draft."""

    text: str
    unit_id: int | None
    due_on: date | None
    amount: Decimal | None = None
    measure: str | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Edited:
    """A changed draft, and how many drafts of members followed where it is for a unit group."""

    draft: Assignment
    followed: int = 0


def break_down(db: Session, actor: Actor, clock: Clock, row_id: int, form: NodeForm) -> Assignment:
    """Add a draft node for one year to a row of the plan (年度分解).

    Raises BadInput for a node, a row without unit, a year outside the plan or already taken.
    """
    step = begin(db, actor, clock, Verb.BREAK_DOWN, row_id)
    row = step.assignment
    _check_row(row)
    _check_year(db, row, form.year)
    method, measure = _method(row, form)
    node = Assignment(
        task_id=row.task_id,
        parent_id=row.id,
        unit_id=row.unit_id,
        year=form.year,
        text=required_text(form.text, "text"),
        part=row.part,
        method=method,
        amount=form.amount,
        measure=measure,
        target_id=row.target_id,
        weight=positive(form.weight, "weight"),
        state=State.DRAFT,
    )
    due_on = check_node_due(row.task, form.year, form.due_on)
    db.add(node)
    db.flush()
    set_due(db, actor, clock, node, due_on)
    finish(db, actor, clock, step, node_id=node.id, year=form.year)
    journal.record(
        db,
        actor,
        clock,
        "create",
        f"assignment:{node.id}",
        assignment=node,
        year=form.year,
        due_on=due_on,
    )
    return node


def _check_row(row: Assignment) -> None:
    if row.is_node:
        raise BadInput(t("A yearly node is not broken down further."))
    if row.unit_id is None:
        raise BadInput(t("Give this row a unit first; then it can be broken down by year."))


def _check_year(db: Session, row: Assignment, year: int) -> None:
    plan = row.task.action.plan
    first, last = plan.issued_on.year, plan.ends_on.year
    if not first <= year <= last:
        raise BadInput(
            t(
                "The year must be from %(first)s to %(last)s.",
                first=str(first),
                last=str(last),
            ),
            "year",
        )
    taken = select(Assignment.id).where(
        Assignment.parent_id == row.id,
        Assignment.year == year,
        Assignment.state != State.CANCELLED,
    )
    if db.scalar(taken):
        raise BadInput(t("There is a node for %(year)s already.", year=str(year)), "year")


def _method(row: Assignment, form: NodeForm) -> tuple[str, str | None]:
    """The node's method and measure: an amount makes it proportional."""
    if form.amount is None:
        if row.method == Method.PROPORTIONAL:
            raise BadInput(t("This row is counted by amount: give the year's amount."), "amount")
        return row.method, None
    positive(form.amount, "amount")
    measure = row.measure or _shared_measure(row) or measured_in(form.measure)
    check_whole(form.amount, measure)
    return Method.PROPORTIONAL, measure


def measured_in(value: str | None) -> str:
    """What an amount is counted in. Raises BadInput if it is empty or longer than a word is."""
    words = optional_text(value, "measure", MAX_MEASURE)
    if words is None:
        raise BadInput(t("Say what the amount is measured in."), "measure")
    return words


def _shared_measure(row: Assignment) -> str | None:
    """The measure of the task's target that several units share, such as five projects."""
    return next((target.measure for target in row.task.targets if target.shared), None)


def _shares(row: Assignment) -> bool:
    """Whether the row has part in a target that is allocated to units only through nodes."""
    return _shared_measure(row) is not None


def edit_draft(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, form: DraftForm, seen: int
) -> Edited:
    """Change a draft before it is issued: text, unit, due date, amount, weight.

    Drafts of a group's members change along where they still say the same.
    """
    step = begin(db, actor, clock, Verb.EDIT, assignment_id, seen)
    draft = step.assignment
    if draft.group_id is not None and form.unit_id is not None:
        raise BadInput(t("This is for a unit group; its members get one assignment each."))
    before = fanning_out.taken_over(draft)
    _set_unit(db, draft, form.unit_id)
    draft.text = required_text(form.text, "text")
    draft.weight = positive(form.weight, "weight")
    _set_amount(draft, form)
    due_on = _draft_due(draft, form.due_on)
    if due_on != draft.due_on:
        set_due(db, actor, clock, draft, due_on)
    finish(db, actor, clock, step, unit_id=draft.unit_id, due_on=due_on)
    if draft.group_id is None:
        return Edited(draft)
    return Edited(draft, fanning_out.follow(db, actor, clock, draft, before))


def _set_amount(draft: Assignment, form: DraftForm) -> None:
    if form.amount is None:
        if draft.amount is not None:
            raise BadInput(t("This is counted by amount: give the amount."), "amount")
        draft.amount = draft.measure = None
        return
    draft.amount = positive(form.amount, "amount")
    draft.measure = measured_in(form.measure or draft.measure)
    check_whole(draft.amount, draft.measure)
    draft.method = Method.PROPORTIONAL


def _draft_due(draft: Assignment, due_on: date | None) -> date:
    if draft.year is None:
        return check_due(draft.task, due_on)
    return check_node_due(draft.task, draft.year, due_on)


def _set_unit(db: Session, draft: Assignment, unit_id: int | None) -> None:
    """A node stays with the unit that it was given to, and a row with the unit of its nodes."""
    if draft.is_node and unit_id in (None, draft.unit_id):
        return
    if unit_id != draft.unit_id:
        if draft.is_node:
            text = t("A yearly node is given to another unit by reassigning it.")
            raise BadInput(text, "unit_id")
        if any(node.state != State.CANCELLED for node in draft.nodes):
            text = t("This row has yearly nodes: its unit can only be changed without them.")
            raise BadInput(text, "unit_id")
    draft.unit_id = _active_unit(db, unit_id)


def _active_unit(db: Session, unit_id: int | None) -> int | None:
    if unit_id is None:
        return None
    unit = db.get(Unit, unit_id)
    if unit is None or not unit.active:
        raise BadInput(t("There is no such unit."), "unit_id")
    return unit.id


def issue(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, seen: int | None = None
) -> Assignment:
    """Hand a draft to its unit (下达). Raises BadInput without unit or a due date to come."""
    step = begin(db, actor, clock, Verb.ISSUE, assignment_id, seen)
    draft = step.assignment
    if draft.group_id is not None:
        raise BadInput(
            t(
                "“%(group)s” is a unit group: its members are issued one assignment each, "
                "once the group has members.",
                group=draft.group.name if draft.group else "",
            )
        )
    check_ready(draft, clock)
    draft.issued_on = clock.today
    entry = finish(db, actor, clock, step, unit_id=draft.unit_id, due_on=draft.due_on)
    text = t("Issued to you: %(text)s (due %(due)s)", text=draft.text, due=draft.due_on)
    tell_unit(db, clock, entry, step, text)
    return draft


def check_ready(draft: Assignment, clock: Clock) -> None:
    """Raises BadInput unless the draft says who, until when and, where it counts, how much.

    A unit is never late by construction: the due date must not have passed.
    """
    if draft.unit_id is None:
        raise BadInput(t("The plan names no unit here: give one before issuing."))
    if draft.due_on is None:
        raise BadInput(t("Give a due date before issuing."))
    if is_past_due(draft, clock):
        raise BadInput(t("The due date has passed: set a fresh one before issuing."))
    if draft.method == Method.PROPORTIONAL and draft.amount is None and not _shares(draft):
        raise BadInput(t("This is counted by amount: give the target amount before issuing."))
