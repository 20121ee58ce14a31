"""The rounds of completion of many assignments, as the rules read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from planner.domain.lateness import Round
from planner.domain.lifecycle import Verb
from planner.domain.words import Decision, ReturnKind, SubmissionKind
from planner.models import Assignment, JournalEntry, Review, Submission


def rounds_of(db: Session, condition: ColumnElement[bool]) -> Mapping[int, list[Round]]:
    """The rounds, without the withdrawn, of the assignments that meet a condition. Two queries."""
    reopened = _reopened(db, condition)
    query = (
        select(
            Submission.assignment_id,
            Submission.round,
            Submission.on,
            Review.decision,
            Review.on.label("decided_on"),
            Review.kind,
            Review.rework_on,
        )
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(Review, Review.submission_id == Submission.id)
        .where(
            condition,
            Submission.kind == SubmissionKind.COMPLETION,
            Submission.withdrawn_on.is_(None),
        )
        .order_by(Submission.number, Review.id)
    )
    rounds: dict[int, list[Round]] = defaultdict(list)
    for assignment_id, number, on, decision, decided_on, kind, rework_on in db.execute(query):
        accepted = decision == Decision.ACCEPT
        back_on = _first(reopened[assignment_id]) if accepted else decided_on
        returned = ReturnKind(kind) if kind else None
        rounds[assignment_id].append(Round(on, back_on, returned, rework_on, number))
    return rounds


def _first(days: list[date]) -> date | None:
    return days.pop(0) if days else None


def _reopened(db: Session, condition: ColumnElement[bool]) -> Mapping[int, list[date]]:
    """The days of reopening, in order: each ends the acceptance before it."""
    query = (
        select(Assignment.id, JournalEntry.on)
        .join(JournalEntry, JournalEntry.assignment_id == Assignment.id)
        .where(condition, JournalEntry.verb == Verb.REOPEN)
        .order_by(JournalEntry.id)
    )
    days: dict[int, list[date]] = defaultdict(list)
    for assignment_id, on in db.execute(query):
        days[assignment_id].append(on)
    return days
