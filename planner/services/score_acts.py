"""Reads what happened to assignments, kind by kind, each in the order of the assignments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from heapq import merge
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from planner.domain.kept import quick
from planner.domain.lifecycle import Verb
from planner.domain.scores.acts import (
    AmountSet,
    DueDate,
    Finding,
    HandedIn,
    Pause,
    Verdict,
    Verified,
)
from planner.domain.words import Cause, Decision, ReturnKind, SubmissionKind
from planner.models import (
    AmountRevision,
    Assignment,
    DueRevision,
    Evidence,
    JournalEntry,
    Portion,
    Request,
    Review,
    Submission,
    Suspension,
    UntrueFinding,
)
from planner.services.pauses import IN_TIME

Fact = TypeVar("Fact")
Key = TypeVar("Key", int, tuple[int, int])

AT_ONCE = 250
"""Rows that are fetched at once: more of them take longer each."""

_KINDS = {str(each): each for each in SubmissionKind}
_DECISIONS = {str(each): each for each in Decision}


def merged(pairs: Iterable[tuple[Key, Fact]]) -> Callable[[Key], tuple[Fact, ...]]:
    """Facts in the order of their keys, handed out key by key in the same order.

    Keys that nobody asks for before a later one are passed over.
    """
    coming = iter(pairs)
    pair = next(coming, None)

    def of(key: Key) -> tuple[Fact, ...]:
        nonlocal pair
        if pair is None or pair[0] > key:
            return ()
        found = []
        while pair is not None and pair[0] <= key:
            if pair[0] == key:
                found.append(pair[1])
            pair = next(coming, None)
        return tuple(found)

    return of


class Acts:
    """The queries of acts, and how their rows become facts.

    `only` is a condition on `Assignment` that leaves out the acts of all others; `opened` closes
    the queries at the end.
    """

    def __init__(self, db: Session, only: ColumnElement[bool] | None, opened: ExitStack) -> None:
        self._db, self._only, self._opened = db, only, opened

    def rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
        """Those of a query, few at a time."""
        found = self._db.execute(query.execution_options(yield_per=AT_ONCE))
        return iter(self._opened.enter_context(found))

    def _restricted(self, query: Select[*tuple[Any, ...]], of: Any) -> Select[*tuple[Any, ...]]:
        """Leave out the facts of assignments that are not asked for, where only some are."""
        if self._only is None:
            return query
        return query.where(of.in_(select(Assignment.id).where(self._only)))

    def handed_in(self, *, evidence: bool) -> Iterator[tuple[int, HandedIn]]:
        """Reports and rounds, with their verdicts, and with references to their evidence or not."""
        verdicts = merged(self._verdicts())
        rests_on = merged(self._evidence() if evidence else ())
        query = select(
            Submission.id,
            Submission.assignment_id,
            Submission.number,
            Submission.kind,
            Submission.on,
            Submission.percent,
            Submission.amount,
            Submission.withdrawn_on,
        ).order_by(Submission.assignment_id, Submission.number)
        for row in self.rows(self._restricted(query, Submission.assignment_id)):
            number, assignment_id, place, kind, on, percent, amount, withdrawn_on = row
            key = assignment_id, place
            made = quick(
                HandedIn,
                {
                    "id": number,
                    "number": place,
                    "kind": _KINDS[kind],
                    "on": on,
                    "percent": percent,
                    "amount": amount,
                    "withdrawn_on": withdrawn_on,
                    "verdicts": verdicts(key),
                    "evidence": rests_on(key),
                },
            )
            yield assignment_id, made

    def _verdicts(self) -> Iterator[tuple[tuple[int, int], Verdict]]:
        query = (
            select(
                Submission.assignment_id,
                Submission.number,
                Review.on,
                Review.decision,
                Review.kind,
                Review.rework_on,
            )
            .join(Review.submission)
            .order_by(Submission.assignment_id, Submission.number, Review.id)
        )
        for row in self.rows(self._restricted(query, Submission.assignment_id)):
            assignment_id, number, on, decision, kind, rework_on = row
            returned = ReturnKind(kind) if kind else None
            decided = _DECISIONS[decision]
            verdict = quick(
                Verdict, {"on": on, "decision": decided, "kind": returned, "rework_on": rework_on}
            )
            yield (assignment_id, number), verdict

    def _evidence(self) -> Iterator[tuple[tuple[int, int], str]]:
        query = (
            select(Submission.assignment_id, Submission.number, Evidence.sha256, Evidence.url)
            .join(Evidence.submission)
            .order_by(Submission.assignment_id, Submission.number, Evidence.position)
        )
        for row in self.rows(self._restricted(query, Submission.assignment_id)):
            ref = f"evidence:{row.sha256}" if row.sha256 else f"link:{row.url}"
            yield (row.assignment_id, row.number), ref

    def portions(self) -> Iterator[tuple[int, Verified]]:
        """What was verified."""
        query = select(
            Portion.id,
            Portion.assignment_id,
            Portion.submission_id,
            Portion.amount,
            Portion.handed_in_on,
            Portion.on,
            Portion.withdrawn_on,
        ).order_by(Portion.assignment_id, Portion.id)
        for row in self.rows(self._restricted(query, Portion.assignment_id)):
            number, assignment_id, submission_id, amount, handed_in_on, on, withdrawn_on = row
            made = quick(
                Verified,
                {
                    "id": number,
                    "submission_id": submission_id,
                    "amount": amount,
                    "handed_in_on": handed_in_on,
                    "on": on,
                    "withdrawn_on": withdrawn_on,
                },
            )
            yield assignment_id, made

    def due_dates(self) -> Iterator[tuple[int, DueDate]]:
        """The due dates in the order that they were set."""
        query = select(
            DueRevision.assignment_id, DueRevision.on, DueRevision.due_on, DueRevision.cause
        ).order_by(DueRevision.assignment_id, DueRevision.number)
        for row in self.rows(self._restricted(query, DueRevision.assignment_id)):
            assignment_id, on, due_on, cause = row
            moves = cause is not None and cause != Cause.OWN
            yield assignment_id, quick(DueDate, {"on": on, "due_on": due_on, "moves": moves})

    def reopened(self) -> Iterator[tuple[int, date]]:
        """The days of reopening stand in the journal alone, which nobody can change."""
        query = (
            select(JournalEntry.assignment_id, JournalEntry.on)
            .where(JournalEntry.verb == Verb.REOPEN, JournalEntry.assignment_id.is_not(None))
            .order_by(JournalEntry.assignment_id, JournalEntry.id)
        )
        for row in self.rows(self._restricted(query, JournalEntry.assignment_id)):
            yield row.assignment_id, row.on

    def amounts(self) -> Iterator[tuple[int, AmountSet]]:
        """The amounts of those that were reduced."""
        query = select(
            AmountRevision.assignment_id, AmountRevision.on, AmountRevision.amount
        ).order_by(AmountRevision.assignment_id, AmountRevision.number)
        for row in self.rows(self._restricted(query, AmountRevision.assignment_id)):
            yield row.assignment_id, AmountSet(row.on, row.amount)

    def pauses(self) -> Iterator[tuple[int, Pause]]:
        """Requests made in time, and suspensions, which are known once they were granted."""
        requests = select(
            Request.assignment_id, Request.on, Request.decided_on, Request.data
        ).order_by(Request.assignment_id, Request.id)
        suspensions = (
            select(
                Suspension.assignment_id,
                Suspension.on,
                Request.decided_on,
                Suspension.ended_on,
                Request.cause,
            )
            .join(Suspension.request)
            .order_by(Suspension.assignment_id, Suspension.id)
        )
        asked = (
            (row.assignment_id, Pause(row.on, row.on, row.decided_on))
            for row in self.rows(self._restricted(requests, Request.assignment_id))
            if row.data.get(IN_TIME)
        )
        granted = (
            (
                row.assignment_id,
                Pause(row.on, row.decided_on or row.on, row.ended_on, True, row.cause == Cause.OWN),
            )
            for row in self.rows(self._restricted(suspensions, Suspension.assignment_id))
        )
        return merge(asked, granted, key=lambda pair: pair[0])

    def findings(self) -> Iterator[tuple[int, Finding]]:
        """Evidence that was found untrue."""
        query = select(
            UntrueFinding.assignment_id,
            UntrueFinding.id,
            UntrueFinding.on,
            UntrueFinding.year,
            UntrueFinding.revoked_on,
        ).order_by(UntrueFinding.assignment_id, UntrueFinding.id)
        for row in self.rows(self._restricted(query, UntrueFinding.assignment_id)):
            assignment_id, *rest = row
            yield assignment_id, Finding(*rest)
