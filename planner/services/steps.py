"""How every verb begins and ends: scope, permission, claim, state; then journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from planner.domain import lifecycle, permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, Stale
from planner.domain.lifecycle import Claim, State, Verb
from planner.domain.permissions import Parties
from planner.domain.text import Text, t
from planner.domain.words import Decider, SubmissionKind
from planner.models import Assignment, JournalEntry, Request, Submission
from planner.services import journal, messages
from planner.services.journal import Detail
from planner.services.scope import load_assignment

MAX_TEXT, MAX_DOCUMENT, MAX_MEASURE = 5000, 120, 40
"""Characters in a text that a person writes, a document's number, and what is counted in."""


@dataclass(frozen=True)
class Step:
    """A verb under way: the assignment is claimed, the actor may, the state allows it."""

    verb: Verb
    assignment: Assignment
    parties: Parties
    before: State
    after: State


def begin(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: Verb,
    assignment_id: int,
    seen: int | None = None,
) -> Step:
    """Load through the actor's scope, check permission, claim, check the state.

    `seen` is the version that the form was made from; verbs that move the activity counter need
    none. Raises NotFound, NotAllowed, Stale or InvalidTransition.
    """
    assignment = load_assignment(db, actor, assignment_id)
    parties = parties_of(db, assignment, clock)
    permissions.require(actor, verb, parties)
    _claim(db, assignment, verb, seen)
    before = State(assignment.state)
    return Step(verb, assignment, parties, before, lifecycle.require(verb, before))


def _claim(db: Session, assignment: Assignment, verb: Verb, seen: int | None) -> None:
    """Move the verb's counter; on PostgreSQL this also holds the row until the commit."""
    if lifecycle.TRANSITIONS[verb].claim is Claim.VERSION:
        condition = Assignment.version == (assignment.version if seen is None else seen)
        moved = {"version": Assignment.version + 1}
    else:
        condition = Assignment.id == assignment.id
        moved = {"activity": Assignment.activity + 1}
    claimed = db.scalars(
        update(Assignment)
        .where(Assignment.id == assignment.id, condition)
        .values(moved)
        .returning(Assignment.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.refresh(assignment)
    if not claimed:
        raise Stale(t("Somebody acted on this since you opened it. Nothing of yours is lost."))


def parties_of(db: Session, assignment: Assignment, clock: Clock) -> Parties:
    """The facts that permissions read of one assignment."""
    return parties_of_many(db, [assignment], clock)[assignment.id]


def parties_of_many(
    db: Session, assignments: Iterable[Assignment], clock: Clock
) -> dict[int, Parties]:
    """The same for many, with three queries whatever their number."""
    wanted = list(assignments)
    ids = [each.id for each in wanted]
    handed_in, requested, deciders = (
        _handed_in_by(db, ids),
        _requested_by(db, ids),
        _deciders(db, ids),
    )
    return {
        each.id: Parties(
            lead_unit_id=each.task.lead_unit_id,
            unit_id=each.unit_id,
            asked_by=handed_in.get(each.id, frozenset()),
            requested_by=requested.get(each.id, frozenset()),
            decider=deciders.get(each.id),
            late=each.state != State.DRAFT and is_past_due(each, clock),
        )
        for each in wanted
    }


def is_past_due(assignment: Assignment, clock: Clock) -> bool:
    """Whether the due date, run on to a working day, lies before today."""
    due_on = assignment.due_on
    return due_on is not None and clock.calendar.on_or_after(due_on) < clock.today


def _handed_in_by(db: Session, ids: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """Who handed in completions that were not withdrawn."""
    return _people(
        db,
        select(Submission.assignment_id, Submission.by_id).where(
            Submission.assignment_id.in_(ids),
            Submission.kind == SubmissionKind.COMPLETION,
            Submission.withdrawn_on.is_(None),
        ),
    )


def _requested_by(db: Session, ids: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """Who asked for what is undecided."""
    return _people(
        db,
        select(Request.assignment_id, Request.by_id).where(
            Request.assignment_id.in_(ids), Request.outcome.is_(None)
        ),
    )


def _deciders(db: Session, ids: Sequence[int]) -> Mapping[int, Decider]:
    """Which office decides what is undecided."""
    query = select(Request.assignment_id, Request.decider).where(
        Request.assignment_id.in_(ids), Request.outcome.is_(None)
    )
    return {assignment_id: Decider(decider) for assignment_id, decider in db.execute(query)}


def _people(db: Session, query: Select[int, int]) -> Mapping[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for assignment_id, user_id in db.execute(query):
        found[assignment_id] = found.get(assignment_id, frozenset()) | {user_id}
    return found


def finish(db: Session, actor: Actor, clock: Clock, step: Step, **details: Detail) -> JournalEntry:
    """Set the new state and write the journal."""
    step.assignment.state = step.after
    return journal.record(
        db,
        actor,
        clock,
        step.verb,
        f"assignment:{step.assignment.id}",
        assignment=step.assignment,
        states=(step.before, step.after),
        version=step.assignment.version,
        **details,
    )


def tell_unit(db: Session, clock: Clock, entry: JournalEntry, step: Step, text: Text) -> None:
    """Tell the unit's people what the lead did."""
    messages.tell(db, clock, entry, messages.unit_side(db, step.assignment), text, step.assignment)


def tell_lead(db: Session, clock: Clock, entry: JournalEntry, step: Step, text: Text) -> None:
    """Tell those who decide what the unit did."""
    messages.tell(
        db, clock, entry, messages.deciding_side(db, step.assignment), text, step.assignment
    )


def required_text(value: str | None, field: str, most: int = MAX_TEXT) -> str:
    """What a person wrote, trimmed. Raises BadInput if it is empty or longer than `most`."""
    text = optional_text(value, field, most)
    if text is None:
        raise BadInput(t("Please fill in this field."), field)
    return text


def optional_text(value: str | None, field: str, most: int = MAX_TEXT) -> str | None:
    """What a person wrote, trimmed, or nothing. Raises BadInput if it is longer than `most`."""
    text = (value or "").strip()
    if "\0" in text:
        raise BadInput(t("This text holds a character that cannot be stored."), field)
    if len(text) > most:
        raise BadInput(
            t("At most %(limit)s characters; this has %(count)s.", limit=most, count=len(text)),
            field,
        )
    return text or None


def one_line(value: str | None) -> str:
    """What a person typed as a name: trimmed, every gap a single space."""
    return " ".join((value or "").split())


def positive(number: Decimal, field: str) -> Decimal:
    """A number that is more than 0. Raises BadInput otherwise."""
    if number <= 0:
        raise BadInput(t("This must be more than 0."), field)
    return number


def person_id(actor: Actor) -> int:
    """The id of the acting person. Raises ValueError for an actor that is none."""
    if actor.user_id is None:
        raise ValueError(f"{actor.name} is not a person")
    return actor.user_id
