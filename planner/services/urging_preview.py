"""What of a list can be urged, before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from planner.domain import lifecycle, permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.lifecycle import State, Verb
from planner.domain.permissions import Area, Parties
from planner.domain.text import Text, t
from planner.domain.words import SlipKind
from planner.models import Action, Assignment, Task, Unit
from planner.services.plans import active_plan, reminder_rules
from planner.services.scope import visible_assignments
from planner.services.standing import Standing, standings
from planner.services.steps import parties_of_many
from planner.services.task_list import TaskFilter, count_all, whole_list
from planner.services.urge_list import urge_counts

MOST_AT_ONCE = 2000
"""Assignments that are previewed and urged in one go."""


@dataclass(frozen=True)
class Candidate:
    """One assignment of the list: `refusal` is why it cannot be urged at all.

    `slip_only`: this person may urge it by a supervision slip alone. `urged` counts earlier urges.
    """

    assignment: Assignment
    standing: Standing | None
    urged: int
    refusal: Text | None
    slip_only: bool

    @property
    def days_late(self) -> int:
        """Working days overdue."""
        return self.standing.days_late if self.standing else 0


@dataclass(frozen=True)
class Preview:
    """What urging the list would do: by unit, and what is left out with its reason."""

    by_unit: Mapping[Unit, Sequence[Candidate]]
    left: Sequence[Candidate]

    @property
    def count(self) -> int:
        """How many can be urged."""
        return sum(map(len, self.by_unit.values()))


def preview(db: Session, actor: Actor, clock: Clock, wanted: TaskFilter) -> Preview:
    """What of the filtered list can be urged. Raises BadInput for a list that is too long."""
    permissions.require(actor, Area.URGE_MANY)
    (length,) = count_all(db, actor, clock, [wanted])
    if length > MOST_AT_ONCE:
        raise BadInput(
            t(
                "The list has %(count)s lines; at most %(most)s are urged at once. Narrow it.",
                count=length,
                most=MOST_AT_ONCE,
            )
        )
    assignments = [line.assignment for line in whole_list(db, actor, clock, wanted)]
    return _preview(_candidates(db, actor, clock, assignments))


def preview_some(db: Session, actor: Actor, clock: Clock, ids: Sequence[int]) -> Preview:
    """The same for some assignments. Raises NotFound if none is in the actor's scope."""
    permissions.require(actor, Area.URGE_MANY)
    assignments = load_chosen(db, actor, ids)
    if not assignments:
        raise NotFound
    return _preview(_candidates(db, actor, clock, assignments))


def _preview(candidates: Sequence[Candidate]) -> Preview:
    by_unit: dict[Unit, list[Candidate]] = {}
    for each in candidates:
        if each.refusal is None and each.assignment.unit is not None:
            by_unit.setdefault(each.assignment.unit, []).append(each)
    ordered = sorted(by_unit.items(), key=lambda pair: (-len(pair[1]), pair[0].name))
    return Preview(dict(ordered), [each for each in candidates if each.refusal is not None])


def load_chosen(db: Session, actor: Actor, ids: Iterable[int]) -> Sequence[Assignment]:
    """Those that the actor may open, in the plan's order."""
    return db.scalars(
        select(Assignment)
        .join(Assignment.task)
        .join(Task.action)
        .options(
            contains_eager(Assignment.task).contains_eager(Task.action),
            joinedload(Assignment.unit),
        )
        .where(Assignment.id.in_(list(ids)), visible_assignments(actor))
        .order_by(Action.position, Task.position, Assignment.year, Assignment.id)
    ).all()


def _candidates(
    db: Session, actor: Actor, clock: Clock, assignments: Sequence[Assignment]
) -> list[Candidate]:
    """Each with its standing, with a fixed number of queries."""
    parties = parties_of_many(db, assignments, clock)
    lights = reminder_rules(db, active_plan(db)).lights
    standing = standings(db, clock, lights, assignments)
    urged = urge_counts(db, [each.id for each in assignments])
    return [
        Candidate(
            each,
            standing.get(each.id),
            urged.get(each.id, 0),
            _refusal(actor, each, SlipKind.SUPERVISION, parties[each.id]),
            permissions.urge_refusal(actor, None, parties[each.id]) is not None,
        )
        for each in assignments
    ]


def refusals(
    db: Session,
    actor: Actor,
    clock: Clock,
    assignments: Sequence[Assignment],
    kind: SlipKind | None,
) -> Mapping[int, Text]:
    """Why some of these cannot be urged in this way, by id; three queries."""
    parties = parties_of_many(db, assignments, clock)
    reasons = {each.id: _refusal(actor, each, kind, parties[each.id]) for each in assignments}
    return {each: reason for each, reason in reasons.items() if reason is not None}


def _refusal(
    actor: Actor, assignment: Assignment, kind: SlipKind | None, parties: Parties
) -> Text | None:
    """Its state, or whose it is."""
    state = State(assignment.state)
    if not lifecycle.can(Verb.URGE, state):
        return t("It is “%(state)s”.", state=lifecycle.STATE_NAMES[state])
    if assignment.unit_id is None:
        return t("It has no unit yet.")
    return permissions.urge_refusal(actor, kind, parties)
