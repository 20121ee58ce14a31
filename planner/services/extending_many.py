"""Extending a whole list: what of it can be extended, then one by one, held shortly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain import lifecycle, permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, DomainError, NotFound, Repeated
from planner.domain.lifecycle import State, Verb
from planner.domain.permissions import Area, Parties
from planner.domain.text import Text, t
from planner.domain.words import DueBasis
from planner.models import Assignment, DueRevision, Request
from planner.services import extending, forms
from planner.services.request_forms import ExtendForm
from planner.services.scope import load_assignment
from planner.services.standing import Standing
from planner.services.steps import parties_of_many
from planner.services.task_list import TaskFilter, count_all, whole_list

MOST_AT_ONCE = 500
"""Assignments that are previewed and extended in one go."""


@dataclass(frozen=True)
class Candidate:
    """One assignment of the list: `refusal` is why it cannot be extended now.

    `extended` counts earlier extensions: a second one needs the supervisor.
    """

    assignment: Assignment
    standing: Standing | None
    extended: int
    refusal: Text | None


def preview(db: Session, actor: Actor, clock: Clock, wanted: TaskFilter) -> Sequence[Candidate]:
    """The filtered list, each with why it cannot be extended. A fixed number of queries.

    Raises BadInput for a list that is too long.
    """
    permissions.require(actor, Area.EXTEND_MANY)
    (length,) = count_all(db, actor, clock, [wanted])
    if length > MOST_AT_ONCE:
        raise BadInput(
            t(
                "The list has %(count)s lines; at most %(most)s are extended at once. Narrow it.",
                count=length,
                most=MOST_AT_ONCE,
            )
        )
    lines = whole_list(db, actor, clock, wanted)
    assignments = [line.assignment for line in lines]
    parties = parties_of_many(db, assignments, clock)
    extended = _extended(db, assignments)
    return [
        Candidate(
            line.assignment,
            line.standing,
            extended.get(line.assignment.id, 0),
            _refusal(actor, line.assignment, parties[line.assignment.id]),
        )
        for line in lines
    ]


def _refusal(actor: Actor, assignment: Assignment, parties: Parties) -> Text | None:
    state = State(assignment.state)
    if not lifecycle.can(Verb.EXTEND, state):
        return t("It is “%(state)s”.", state=lifecycle.STATE_NAMES[state])
    if parties.decider is not None:
        return t("A request on it is open.")
    return permissions.refusal(actor, Verb.EXTEND, parties)


def _extended(db: Session, assignments: Sequence[Assignment]) -> Mapping[int, int]:
    """How often each was extended before."""
    query = (
        select(DueRevision.assignment_id, func.count(DueRevision.id))
        .where(
            DueRevision.assignment_id.in_([each.id for each in assignments]),
            DueRevision.basis == DueBasis.EXTENSION,
        )
        .group_by(DueRevision.assignment_id)
    )
    return {assignment_id: count for assignment_id, count in db.execute(query)}  # noqa: C416


def extend_one_of_many(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignment_id: int,
    form: ExtendForm,
    seen: int,
    token: str,
) -> Assignment | Request | None:
    """Extend one of those that a form chose; nothing if this very form extended it before.

    A request is returned where the supervisor must agree. Raises BadInput with the assignment's
    name and the reason if it cannot be extended, NotFound for one outside the actor's scope.
    """
    permissions.require(actor, Area.EXTEND_MANY)
    try:
        forms.use(db, actor, clock, f"{token}-{assignment_id}")
        return extending.extend(db, actor, clock, assignment_id, form, seen)
    except Repeated:
        return None
    except NotFound:
        raise
    except DomainError as error:
        raise _named(db, actor, assignment_id, error) from error


def _named(db: Session, actor: Actor, assignment_id: int, error: DomainError) -> BadInput:
    assignment = load_assignment(db, actor, assignment_id)
    unit = assignment.unit.name if assignment.unit else ""
    said = t(
        "“%(number)s %(unit)s” was not extended: %(reason)s",
        number=assignment.task.number,
        unit=unit,
        reason=error.text,
    )
    return BadInput(said, getattr(error, "field", None))
