"""Extending a whole list: what of it can be extended, then unit by unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain import lifecycle, permissions
from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, DomainError, Repeated
from planner.domain.lifecycle import State, Verb
from planner.domain.permissions import Area, Parties
from planner.domain.text import Text, t
from planner.domain.words import DueBasis
from planner.models import Assignment, DueRevision, Request
from planner.services import forms, messages
from planner.services.extending import Extended, extend_untold
from planner.services.request_forms import ExtendForm
from planner.services.scope import load_assignment, visible_assignments
from planner.services.standing import Standing
from planner.services.steps import parties_of_many
from planner.services.task_list import TaskFilter, count_all, whole_list

MOST_AT_ONCE = 500
"""Assignments that are previewed and extended in one go."""

MOST_LISTED = 30
"""Assignments that a message spells out."""


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


def units_of(db: Session, actor: Actor, ids: Iterable[int]) -> Mapping[int, list[int]]:
    """The ids that the actor may open, by the id of their unit."""
    permissions.require(actor, Area.EXTEND_MANY)
    query = select(Assignment.id, Assignment.unit_id).where(
        Assignment.id.in_(list(ids)), visible_assignments(actor), Assignment.unit_id.is_not(None)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for assignment_id, unit_id in db.execute(query.order_by(Assignment.unit_id, Assignment.id)):
        found[unit_id or 0].append(assignment_id)
    return found


@dataclass(frozen=True)
class Part:
    """What became of one unit's: how many were extended, asked of the supervisor, or refused."""

    extended: int = 0
    asked: int = 0
    refused: tuple[Text, ...] = ()


def extend_unit(
    db: Session,
    actor: Actor,
    clock: Clock,
    chosen: Mapping[int, int],
    form: ExtendForm,
    token: str,
) -> Part:
    """Extend what was chosen of one unit, in one transaction; each person hears of it once.

    `chosen` are ids with the versions that were seen. What cannot be extended is left as it is and
    named with its reason. Nothing happens where the form that the token stands for did it before.
    """
    permissions.require(actor, Area.EXTEND_MANY)
    try:
        forms.use(db, actor, clock, token)
    except Repeated:
        return Part()
    done, refused = [], []
    for assignment_id, seen in chosen.items():
        try:
            with db.begin_nested():
                done.append(extend_untold(db, actor, clock, assignment_id, form, seen))
        except DomainError as error:
            refused.append(_named(db, actor, assignment_id, error))
    asked = [each for each in done if isinstance(each.made, Request)]
    extended = [each for each in done if not isinstance(each.made, Request)]
    _tell_unit(db, clock, extended, form)
    _tell_supervisor(db, clock, asked, form)
    return Part(len(extended), len(asked), tuple(refused))


def _tell_unit(db: Session, clock: Clock, done: Sequence[Extended], form: ExtendForm) -> None:
    if not done:
        return
    text = t("Extended to %(day)s: %(count)s assignments", day=form.due_on, count=len(done))
    people = messages.unit_side(db, done[0].step.assignment)
    messages.tell(db, clock, done[-1].entry, people, text, None, _listed(done, form))


def _tell_supervisor(
    db: Session, clock: Clock, asked: Sequence[Extended], form: ExtendForm
) -> None:
    if not asked:
        return
    text = t("Waiting for your decision: assignments to be extended: %(count)s", count=len(asked))
    people = messages.people(db, None, Role.SUPERVISOR)
    messages.tell(db, clock, asked[-1].entry, people, text, None, _listed(asked, form))


def _listed(done: Sequence[Extended], form: ExtendForm) -> Text:
    """The reason, and what it is about."""
    lines = [
        f"· {each.step.assignment.task.number} {each.step.assignment.text}"
        for each in done[:MOST_LISTED]
    ]
    rest = len(done) - MOST_LISTED
    if rest <= 0:
        return t("%(text)s\n%(list)s", text=form.reason, list="\n".join(lines))
    return t(
        "%(text)s\n%(list)s\n… and %(count)s more",
        text=form.reason,
        list="\n".join(lines),
        count=rest,
    )


def _named(db: Session, actor: Actor, assignment_id: int, error: DomainError) -> Text:
    assignment = load_assignment(db, actor, assignment_id)
    return t(
        "“%(number)s %(unit)s” was not extended: %(reason)s",
        number=assignment.task.number,
        unit=assignment.unit.name if assignment.unit else "",
        reason=error.text,
    )
