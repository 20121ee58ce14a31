"""When the clock of many assignments stood still, as the rules of lateness read it.

A request that was made in time stops the clock until it is decided or taken back: nothing gets
later meanwhile. A suspension stops it while it is open; once it has ended, the due date itself
has moved on by the days suspended, so that it needs no pause any more, and none of these days
is taken off for another reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from planner.domain.lateness import Span
from planner.domain.lifecycle import State
from planner.models import Assignment, Request, Suspension

IN_TIME = "in_time"
"""The key in a request's data that says, since the day it was made, that it stops the clock."""


class Pauses(NamedTuple):
    """What stops the clock, and what moved the due date: the last arguments of `lateness`."""

    pauses: Sequence[Span] = ()
    moved: Sequence[Span] = ()


NO_PAUSES = Pauses()


def pauses_of(db: Session, condition: ColumnElement[bool], today: date) -> Mapping[int, Pauses]:
    """The pauses of the assignments that meet a condition; open ones last until today.

    Two queries, whatever their number.
    """
    pauses: dict[int, list[Span]] = defaultdict(list)
    moved: dict[int, list[Span]] = defaultdict(list)
    for row in in_time(db, condition):
        pauses[row.assignment_id].append((row.on, row.until or today))
    suspensions = select(Suspension.assignment_id, Suspension.on, Suspension.ended_on)
    for assignment_id, on, ended_on in db.execute(suspensions.join(Assignment).where(condition)):
        if ended_on is None:
            pauses[assignment_id].append((on, today))
        else:
            moved[assignment_id].append((on, ended_on))
    return {each: Pauses(pauses[each], moved[each]) for each in {*pauses, *moved}}


@dataclass(frozen=True)
class InTime:
    """A request that stops the clock, from the day asked to the day that it was closed."""

    assignment_id: int
    on: date
    until: date | None


def in_time(db: Session, condition: ColumnElement[bool]) -> list[InTime]:
    """The requests that stop the clock, or did, oldest first. One query."""
    query = (
        select(Request.assignment_id, Request.on, Request.decided_on, Request.data)
        .join(Request.assignment)
        .where(condition)
        .order_by(Request.id)
    )
    return [
        InTime(assignment_id, on, decided_on)
        for assignment_id, on, decided_on, data in db.execute(query)
        if data.get(IN_TIME)
    ]


def ever_asked() -> ColumnElement[bool]:
    """The condition on `Assignment` for those that something was asked for."""
    return Assignment.id.in_(select(Request.assignment_id))


def suspended() -> ColumnElement[bool]:
    """The condition on `Assignment` for those whose clock stands still by decision."""
    lasting = select(Suspension.assignment_id).where(Suspension.ended_on.is_(None))
    return Assignment.id.in_(lasting) & (Assignment.state != State.ACCEPTED)


def suspended_ids(db: Session, condition: ColumnElement[bool]) -> frozenset[int]:
    """Those of the assignments that meet a condition whose clock stands still by decision."""
    return frozenset(db.scalars(select(Assignment.id).where(condition, suspended())))
