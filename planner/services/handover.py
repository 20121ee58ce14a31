"""Taking an assignment out of the plan or handing it to another unit, once that is decided.

`data` are the verb's parameters as a request keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State, Verb
from planner.domain.text import Text, t
from planner.domain.words import Cause, DueBasis
from planner.models import Assignment, JournalEntry, Unit
from planner.services import signatures
from planner.services.breakdown import check_ready
from planner.services.due_dates import check_due, set_due
from planner.services.portions import verified_amount
from planner.services.steps import Step, finish, tell_unit


def check(db: Session, clock: Clock, step: Step, data: Mapping[str, object]) -> None:
    """Raises BadInput if nodes are open, nothing is left to hand over, or unit or date is wrong."""
    assignment = step.assignment
    open_nodes = db.scalar(
        select(Assignment.id).where(
            Assignment.parent_id == assignment.id,
            Assignment.state.not_in([State.ACCEPTED, State.CANCELLED]),
        )
    )
    if open_nodes:
        raise BadInput(t("Its yearly nodes are still open: decide on them first."))
    if step.verb is not Verb.REASSIGN:
        return
    if not data["unit_id"]:
        raise BadInput(t("Choose the unit that is responsible from now on."), "unit_id")
    unit = db.get(Unit, data["unit_id"])
    if unit is None or not unit.active:
        raise BadInput(t("There is no such unit."), "unit_id")
    if unit.id == assignment.unit_id:
        raise BadInput(t("This unit is responsible already."), "unit_id")
    due_on = check_due(assignment.task, _day(data["due_on"]))
    if due_on < clock.today:
        raise BadInput(t("The fresh due date lies in the past."), "due_on")
    left = _left(assignment)
    if left is not None and left <= 0:
        raise BadInput(t("All of it is verified already: nothing is left to hand over."))


def _left(assignment: Assignment) -> Decimal | None:
    """The part of the target amount that is not verified yet, where there is an amount."""
    if assignment.amount is None:
        return None
    return assignment.amount - verified_amount(assignment)


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def carry_out(
    db: Session, actor: Actor, clock: Clock, step: Step, data: Mapping[str, object]
) -> Assignment:
    """Cancel it, or close it and issue a new one to the other unit, which is returned.

    The new one owes what is not yet verified of the old one's amount.
    """
    old = step.assignment
    old.cancelled_on = clock.today
    signatures.drop_open(db, actor, clock, old)
    if step.verb is Verb.CANCEL:
        paper = data["document"]
        old.cancel_class = str(data["cancel_class"])
        old.cancel_document = str(paper) if paper else None
        entry = finish(
            db,
            actor,
            clock,
            step,
            reason=str(data["reason"]),
            cancel_class=old.cancel_class,
            document=old.cancel_document,
        )
        _tell_former(db, clock, entry, step, t("Cancelled: %(reason)s", reason=str(data["reason"])))
        return old
    return _hand_over(db, actor, clock, step, data)


def _hand_over(
    db: Session, actor: Actor, clock: Clock, step: Step, data: Mapping[str, object]
) -> Assignment:
    old, due_on = step.assignment, _day(data["due_on"])
    old.cancel_class = Cause.CHANGE_OF_DUTIES
    new = Assignment(
        task_id=old.task_id,
        parent_id=old.parent_id,
        replaces_id=old.id,
        unit_id=data["unit_id"],
        year=old.year,
        text=old.text,
        part=old.part,
        method=old.method,
        amount=_left(old),
        measure=old.measure,
        target_id=old.target_id,
        weight=old.weight,
        state=State.DRAFT,
    )
    db.add(new)
    db.flush()
    reason = str(data["reason"])
    set_due(db, actor, clock, new, check_due(old.task, due_on), basis=DueBasis.SET, reason=reason)
    entry = finish(db, actor, clock, step, reason=reason, new_assignment_id=new.id)
    _tell_former(db, clock, entry, step, t("Handed to another unit: %(reason)s", reason=reason))
    _issue_new(db, actor, clock, step, new)
    return new


def _tell_former(db: Session, clock: Clock, entry: JournalEntry, step: Step, text: Text) -> None:
    """Tell the unit that owed it; of a draft it never knew."""
    if step.before is not State.DRAFT:
        tell_unit(db, clock, entry, step, text)


def _issue_new(
    db: Session, actor: Actor, clock: Clock, step: Step, new: Assignment
) -> JournalEntry:
    db.refresh(new)
    check_ready(new, clock)
    new.issued_on = clock.today
    issued = Step(Verb.ISSUE, new, step.parties, State.DRAFT, State.ISSUED)
    entry = finish(
        db,
        actor,
        clock,
        issued,
        replaces_id=step.assignment.id,
        unit_id=new.unit_id,
        due_on=new.due_on,
    )
    text: Text = t("Issued to you: %(text)s (due %(due)s)", text=new.text, due=new.due_on)
    tell_unit(db, clock, entry, issued, text)
    return entry
