"""Everything that happened to an assignment, in order, with what belongs to each act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.domain.lifecycle import Verb
from planner.domain.text import Text
from planner.models import (
    Assignment,
    JournalEntry,
    Portion,
    Request,
    Review,
    Submission,
    Unit,
    Urge,
)
from planner.services.requests_words import (
    asked_words,
    day_of,
    decided_words,
    extended_words,
    resumed_words,
)


@dataclass(frozen=True)
class Event:
    """One act of the journal, with the thing that it made; `words` say what a request came to."""

    entry: JournalEntry
    unit_name: str | None
    submission: Submission | None = None
    review: Review | None = None
    portion: Portion | None = None
    urge: Urge | None = None
    request: Request | None = None
    words: Text | None = None


def timeline(db: Session, assignment: Assignment) -> list[Event]:
    """The assignment's acts, newest first, with a fixed number of queries."""
    entries = db.scalars(
        select(JournalEntry)
        .where(JournalEntry.assignment_id == assignment.id)
        .order_by(JournalEntry.on.desc(), JournalEntry.id.desc())
    ).all()
    units = _unit_names(db, entries)
    submissions = {each.id: each for each in submissions_of(db, assignment)}
    reviews = {r.id: r for each in submissions.values() for r in each.reviews}
    portions = {each.review_id: each for each in assignment.portions}
    urges = {each.id: each for each in assignment.urges}
    requests = {each.id: each for each in assignment.requests}

    def event(entry: JournalEntry) -> Event:
        data: dict[str, Any] = entry.data
        return Event(
            entry,
            units.get(entry.actor_unit_id or 0),
            submission=submissions.get(data.get("submission_id", 0)),
            review=reviews.get(data.get("review_id", 0)),
            portion=portions.get(data.get("review_id", 0)),
            urge=urges.get(data.get("urge_id", 0)),
            request=requests.get(data.get("request_id", 0)),
            words=_words(entry, requests.get(data.get("request_id", 0))),
        )

    return [event(entry) for entry in entries]


def _words(entry: JournalEntry, request: Request | None) -> Text | None:
    """What was asked for, decided, extended or resumed."""
    if request is not None:
        return asked_words(request) if entry.data.get("asked") else decided_words(request)
    if entry.verb == Verb.EXTEND:
        return extended_words(day_of(entry.data["due_on"]), day_of(entry.data["was"]))
    if entry.verb == Verb.RESUME:
        return resumed_words(day_of(entry.data["due_on"]))
    return None


def submissions_of(db: Session, assignment: Assignment) -> Sequence[Submission]:
    """All submissions with their people, reviews and evidence, oldest first."""
    return db.scalars(
        select(Submission)
        .where(Submission.assignment_id == assignment.id)
        .options(
            selectinload(Submission.by),
            selectinload(Submission.signed_by),
            selectinload(Submission.evidence),
            selectinload(Submission.reviews).selectinload(Review.by),
        )
        .order_by(Submission.number)
    ).all()


def since(db: Session, assignment: Assignment, version: int) -> list[JournalEntry]:
    """The acts since a form was made from `version`, oldest first, for the conflict page."""
    entries = db.scalars(
        select(JournalEntry)
        .where(JournalEntry.assignment_id == assignment.id)
        .order_by(JournalEntry.id.desc())
        .limit(20)
    ).all()
    return [e for e in reversed(entries) if int(e.data.get("version", 0)) > version]


def _unit_names(db: Session, entries: Sequence[JournalEntry]) -> dict[int, str]:
    ids = {entry.actor_unit_id for entry in entries}
    rows = db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids - {None})))
    return {unit_id: name for unit_id, name in rows}  # noqa: C416
