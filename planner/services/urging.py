"""Urging: demands with a date for the answer (催办), and what units answer to them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.lifecycle import Verb
from planner.domain.text import Text, t
from planner.models import Urge, UrgeAnswer, User
from planner.services import messages
from planner.services.steps import (
    Step,
    begin,
    finish,
    optional_text,
    person_id,
    required_text,
    tell_unit,
)

ANSWER_WITHIN = 3
"""Working days that an urge proposes for its answer."""

ANSWER_AT_MOST = 60
"""Working days ahead that an answer can be asked for by, about a quarter of a year.

What may take longer is no urge: it has a due date, and a year mistyped is found at once.
"""

MAX_NAME = 60


def urge(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    text: str,
    answer_by: date | None,
    spoken_to: str | None = None,
) -> Urge:
    """Demand an answer by a date (催办); `spoken_to` names who took the call, where it was one."""
    step = begin(db, actor, clock, Verb.URGE, assignment_id)
    made = Urge(
        assignment_id=step.assignment.id,
        text=required_text(text, "text"),
        answer_by=checked_answer_by(clock, answer_by),
        spoken_to=optional_text(spoken_to, "spoken_to", MAX_NAME),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(made)
    db.flush()
    entry = finish(
        db,
        actor,
        clock,
        step,
        urge_id=made.id,
        answer_by=made.answer_by,
        spoken_to=made.spoken_to,
    )
    tell_unit(db, clock, entry, step, _said(made))
    return made


def checked_answer_by(clock: Clock, answer_by: date | None) -> date:
    """Raises BadInput unless it is a date from today on, and not too far ahead."""
    if answer_by is None or answer_by < clock.today:
        raise BadInput(t("Give a date from today on for the answer."), "answer_by")
    last = clock.calendar.add(clock.today, ANSWER_AT_MOST)
    if answer_by > last:
        raise BadInput(
            t(
                "An answer is asked for within %(days)s working days: by %(last)s at the latest.",
                days=ANSWER_AT_MOST,
                last=last,
            ),
            "answer_by",
        )
    return answer_by


def _said(made: Urge) -> Text:
    if made.spoken_to is None:
        return t("Urged, answer by %(day)s: %(text)s", day=made.answer_by, text=made.text)
    return t(
        "Urged by telephone (%(name)s), answer by %(day)s: %(text)s",
        name=made.spoken_to,
        day=made.answer_by,
        text=made.text,
    )


def answer(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, urge_id: int, text: str
) -> UrgeAnswer:
    """Answer an urge, once; late answers are taken and marked late.

    Raises NotFound for an urge that is none of this assignment's, BadInput for one that was
    answered before.
    """
    step = begin(db, actor, clock, Verb.ANSWER, assignment_id)
    urged = db.scalar(select(Urge).where(Urge.id == urge_id, Urge.assignment_id == assignment_id))
    if urged is None:
        raise NotFound
    db.refresh(urged, ["answer"])
    if urged.answer is not None:
        raise BadInput(t("This urge was answered before."))
    made = UrgeAnswer(
        urge=urged,
        text=required_text(text, "text"),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(made)
    db.flush()
    late = is_late(clock, urged.answer_by, made.on)
    entry = finish(db, actor, clock, step, urge_id=urged.id, late=late or None)
    subject = (
        t("Your urge was answered late: %(text)s", text=made.text)
        if late
        else t("Your urge was answered: %(text)s", text=made.text)
    )
    messages.tell(db, clock, entry, _asking(db, urged, step), subject, step.assignment)
    return made


def is_late(clock: Clock, answer_by: date, day: date) -> bool:
    """Whether the day lies after the date for the answer, run on to a working day (顺延)."""
    return clock.calendar.on_or_after(answer_by) < day


def _asking(db: Session, urged: Urge, step: Step) -> list[User]:
    """Who urged; those who decide now, where that person has left."""
    if urged.by.active:
        return [urged.by]
    return list(messages.deciding_side(db, step.assignment))
