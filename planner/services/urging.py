"""Urging: demands with a date for the answer (催办)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import Verb
from planner.domain.text import t
from planner.models import Urge
from planner.services.steps import begin, finish, person_id, required_text, tell_unit


def urge(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, text: str, answer_by: date | None
) -> Urge:
    """Demand an answer by a date (催办)."""
    step = begin(db, actor, clock, Verb.URGE, assignment_id)
    if answer_by is None or answer_by < clock.today:
        raise BadInput(t("Give a date from today on for the answer."), "answer_by")
    made = Urge(
        assignment_id=step.assignment.id,
        text=required_text(text, "text"),
        answer_by=answer_by,
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(made)
    db.flush()
    entry = finish(db, actor, clock, step, urge_id=made.id, answer_by=answer_by)
    tell_unit(
        db, clock, entry, step, t("Urged, answer by %(day)s: %(text)s", day=answer_by, text=text)
    )
    return made
