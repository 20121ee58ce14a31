"""What was urged and answered, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from planner.domain.clock import Clock
from planner.domain.lifecycle import OPEN_STATES, State
from planner.models import Assignment, Urge, UrgeAnswer
from planner.services.urging import is_late


@dataclass(frozen=True)
class UrgeStanding:
    """An urge with what became of it.

    `open`: it can still be answered. `overdue`: it can, and its day has passed. `late`: it was
    answered after its day.
    """

    urge: Urge
    open: bool
    overdue: bool
    late: bool


def urges_of(db: Session, clock: Clock, assignment: Assignment) -> list[UrgeStanding]:
    """The urges of an assignment with people, slips and answers, newest first; one query."""
    query = (
        select(Urge)
        .where(Urge.assignment_id == assignment.id)
        .options(
            joinedload(Urge.by),
            joinedload(Urge.slip),
            joinedload(Urge.answer).joinedload(UrgeAnswer.by),
        )
        .order_by(Urge.id.desc())
    )
    owed = State(assignment.state) in OPEN_STATES
    return [urge_standing(clock, each, owed) for each in db.scalars(query)]


def urge_standing(clock: Clock, urge: Urge, owed: bool) -> UrgeStanding:
    """How one urge stands; `owed` says whether its assignment is open."""
    answer = urge.answer
    is_open = owed and answer is None
    return UrgeStanding(
        urge,
        open=is_open,
        overdue=is_open and is_late(clock, urge.answer_by, clock.today),
        late=answer is not None and is_late(clock, urge.answer_by, answer.on),
    )


def urge_counts(db: Session, ids: Sequence[int]) -> Mapping[int, int]:
    """Assignment id to how often it was urged; those never urged are left out."""
    query = (
        select(Urge.assignment_id, func.count(Urge.id))
        .where(Urge.assignment_id.in_(ids))
        .group_by(Urge.assignment_id)
    )
    return {assignment_id: count for assignment_id, count in db.execute(query)}  # noqa: C416
