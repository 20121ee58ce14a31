"""What is for a unit group: one draft for each of its members, which follows the group's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import State, Verb
from planner.domain.words import DueBasis
from planner.models import Assignment, UnitGroup, UnitGroupMember
from planner.services import journal
from planner.services.due_dates import set_due
from planner.services.steps import begin, finish


def fan_out(db: Session, actor: Actor, clock: Clock, group: UnitGroup) -> list[Assignment]:
    """One draft for each member that has none yet, for every row of a unit group."""
    templates = db.scalars(
        select(Assignment).where(
            Assignment.group_id == group.id, Assignment.state != State.CANCELLED
        )
    ).all()
    members = db.scalars(
        select(UnitGroupMember.unit_id).where(UnitGroupMember.group_id == group.id)
    ).all()
    made: list[Assignment] = []
    for template in templates:
        served = set(
            db.scalars(select(Assignment.unit_id).where(Assignment.template_id == template.id))
        )
        made += [
            _from_template(db, actor, clock, template, unit_id)
            for unit_id in members
            if unit_id not in served
        ]
    return made


def _from_template(
    db: Session, actor: Actor, clock: Clock, template: Assignment, unit_id: int
) -> Assignment:
    copy = Assignment(
        task_id=template.task_id,
        template_id=template.id,
        unit_id=unit_id,
        text=template.text,
        part=template.part,
        method=template.method,
        amount=template.amount,
        measure=template.measure,
        target_id=template.target_id,
        weight=template.weight,
        state=State.DRAFT,
    )
    db.add(copy)
    db.flush()
    if template.due_on is not None:
        first = template.due_revisions[-1]
        set_due(
            db,
            actor,
            clock,
            copy,
            template.due_on,
            basis=DueBasis(first.basis),
            raw=first.raw,
            reason=first.reason,
        )
    journal.record(
        db, actor, clock, "fan_out", f"assignment:{copy.id}", assignment=copy, unit_id=unit_id
    )
    return copy


_TAKEN_OVER = ("text", "weight", "method", "amount", "measure", "due_on")


def taken_over(template: Assignment) -> dict[str, Any]:
    """What the drafts of members have from their group's row, by column."""
    return {name: getattr(template, name) for name in _TAKEN_OVER}


def follow(
    db: Session, actor: Actor, clock: Clock, template: Assignment, before: Mapping[str, Any]
) -> int:
    """Change the members' drafts along with their group's row; how many followed.

    `before` is what the row said. What a draft says differently stays, and what was issued stays.
    """
    changed = {name: value for name, value in taken_over(template).items() if value != before[name]}
    drafts = select(Assignment).where(
        Assignment.template_id == template.id, Assignment.state == State.DRAFT
    )
    followed = 0
    for draft in db.scalars(drafts.order_by(Assignment.id)).all():
        same = {
            name: value
            for name, value in changed.items()
            if taken_over(draft)[name] == before[name]
        }
        if same:
            _change_along(db, actor, clock, draft, same)
            followed += 1
    return followed


def _change_along(
    db: Session, actor: Actor, clock: Clock, draft: Assignment, values: Mapping[str, Any]
) -> None:
    step = begin(db, actor, clock, Verb.EDIT, draft.id)
    for name in values.keys() - {"due_on"}:
        setattr(draft, name, values[name])
    if "due_on" in values:
        set_due(db, actor, clock, draft, values["due_on"])
    finish(db, actor, clock, step, unit_id=draft.unit_id, due_on=draft.due_on)
