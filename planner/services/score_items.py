"""Reads a plan's assignments as scoring sees them, one after the other.

The queries are the same few whatever the size: each gives its rows in the order of the
assignments, and they are merged as they come, so that a million take no more room than one.
"""

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
from planner.domain.scores.items import Item
from planner.domain.words import Cause, Decision, Method, Part, ReturnKind, SubmissionKind
from planner.models import (
    Action,
    AmountRevision,
    Assignment,
    DueRevision,
    Evidence,
    JournalEntry,
    Plan,
    Portion,
    Request,
    Review,
    Submission,
    Suspension,
    Target,
    Task,
    UntrueFinding,
)
from planner.services.pauses import IN_TIME

Fact = TypeVar("Fact")
Key = TypeVar("Key", int, tuple[int, int])

AT_ONCE = 250
"""Rows that are fetched at once."""

COLUMNS = (
    Assignment.id,
    Assignment.unit_id,
    Assignment.task_id,
    Task.action_id,
    Assignment.text,
    Task.section,
    Assignment.method,
    Assignment.part,
    Assignment.weight,
    Assignment.original_due_on,
    Assignment.issued_on,
    Assignment.amount,
    Assignment.measure,
    Assignment.parent_id,
    Task.veto,
    Task.starred,
    Assignment.cancelled_on,
)
_METHODS = {str(each): each for each in Method}
_PARTS = {str(each): each for each in Part}
_KINDS = {str(each): each for each in SubmissionKind}
_DECISIONS = {str(each): each for each in Decision}


def _merged(pairs: Iterable[tuple[Key, Fact]]) -> Callable[[Key], tuple[Fact, ...]]:
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


def read_items(
    db: Session,
    plan: Plan,
    only: ColumnElement[bool] | None = None,
    *,
    evidence: bool = True,
) -> Iterator[Item]:
    """Every assignment of the plan that was ever issued, in the order of their numbers.

    Drafts are left out: nothing that was not issued ever counts. `only` is a condition on
    `Assignment` that leaves out more. Without `evidence` nobody can say what the points rest on.
    """
    with ExitStack() as opened:
        yield from _Reader(db, plan, only, opened, evidence).items()


class _Reader:
    """The queries, and how their rows become facts. `opened` closes them at the end."""

    def __init__(
        self,
        db: Session,
        plan: Plan,
        only: ColumnElement[bool] | None,
        opened: ExitStack,
        evidence: bool,
    ) -> None:
        self._db, self._plan, self._only, self._opened = db, plan, only, opened
        self._with_evidence = evidence

    def items(self) -> Iterator[Item]:
        """Each with its facts; a row by amount without one has its unit's part of a target open.

        `services.counted.counted_in` says the same in SQL.
        """
        unallocated = self._shared_tasks()
        due_dates, portions = _merged(self._due_dates()), _merged(self._portions())
        handed_in, reopened = _merged(self._handed_in()), _merged(self._reopened())
        amounts, pauses = _merged(self._amounts()), _merged(self._pauses())
        findings = _merged(self._findings())
        for row in self._rows(self._assignments()):
            number, unit_id, task_id, action_id, text, section, method, part, *rest = row
            weight, due_on, issued_on, amount, measure, parent_id, *marks = rest
            veto, starred, cancelled_on = marks
            unknown = amount is None and parent_id is None and method == Method.PROPORTIONAL
            yield quick(
                Item,
                id=number,
                unit_id=unit_id,
                task_id=task_id,
                action_id=action_id,
                what=text,
                section=section or None,
                method=_METHODS[method],
                part=_PARTS[part],
                weight=weight,
                original_due_on=due_on,
                issued_on=issued_on,
                amount=amount,
                measure=measure,
                parent_id=parent_id,
                shared=unknown and task_id in unallocated,
                veto=veto,
                starred=starred,
                cancelled_on=cancelled_on,
                due_dates=due_dates(number),
                handed_in=handed_in(number),
                portions=portions(number),
                reopened_on=reopened(number),
                amounts=amounts(number),
                pauses=pauses(number),
                findings=findings(number),
            )

    def _rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
        found = self._db.execute(query.execution_options(yield_per=AT_ONCE))
        return iter(self._opened.enter_context(found))

    def _restricted(self, query: Select[*tuple[Any, ...]], of: Any) -> Select[*tuple[Any, ...]]:
        """Leave out the facts of assignments that are not asked for, where only some are."""
        if self._only is None:
            return query
        return query.where(of.in_(select(Assignment.id).where(self._only)))

    def _assignments(self) -> Select[*tuple[Any, ...]]:
        query = (
            select(*COLUMNS)
            .join(Assignment.task)
            .join(Task.action)
            .where(
                Action.plan_id == self._plan.id,
                Assignment.issued_on.is_not(None),
                Assignment.unit_id.is_not(None),
                Assignment.original_due_on.is_not(None),
            )
            .order_by(Assignment.id)
        )
        return query if self._only is None else query.where(self._only)

    def _shared_tasks(self) -> frozenset[int]:
        tasks = select(Target.task_id).join(Task, Target.task_id == Task.id).join(Task.action)
        shared = tasks.where(Action.plan_id == self._plan.id, Target.shared)
        return frozenset(self._db.scalars(shared))

    def _handed_in(self) -> Iterator[tuple[int, HandedIn]]:
        verdicts = _merged(self._verdicts())
        evidence = _merged(self._evidence() if self._with_evidence else ())
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
        for row in self._rows(self._restricted(query, Submission.assignment_id)):
            number, assignment_id, place, kind, on, percent, amount, withdrawn_on = row
            key = assignment_id, place
            made = quick(
                HandedIn,
                id=number,
                number=place,
                kind=_KINDS[kind],
                on=on,
                percent=percent,
                amount=amount,
                withdrawn_on=withdrawn_on,
                verdicts=verdicts(key),
                evidence=evidence(key),
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
        for row in self._rows(self._restricted(query, Submission.assignment_id)):
            assignment_id, number, on, decision, kind, rework_on = row
            returned = ReturnKind(kind) if kind else None
            decided = _DECISIONS[decision]
            verdict = quick(Verdict, on=on, decision=decided, kind=returned, rework_on=rework_on)
            yield (assignment_id, number), verdict

    def _evidence(self) -> Iterator[tuple[tuple[int, int], str]]:
        query = (
            select(Submission.assignment_id, Submission.number, Evidence.sha256, Evidence.url)
            .join(Evidence.submission)
            .order_by(Submission.assignment_id, Submission.number, Evidence.position)
        )
        for row in self._rows(self._restricted(query, Submission.assignment_id)):
            ref = f"evidence:{row.sha256}" if row.sha256 else f"link:{row.url}"
            yield (row.assignment_id, row.number), ref

    def _portions(self) -> Iterator[tuple[int, Verified]]:
        query = select(
            Portion.id,
            Portion.assignment_id,
            Portion.submission_id,
            Portion.amount,
            Portion.handed_in_on,
            Portion.on,
            Portion.withdrawn_on,
        ).order_by(Portion.assignment_id, Portion.id)
        for row in self._rows(self._restricted(query, Portion.assignment_id)):
            number, assignment_id, submission_id, amount, handed_in_on, on, withdrawn_on = row
            made = quick(
                Verified,
                id=number,
                submission_id=submission_id,
                amount=amount,
                handed_in_on=handed_in_on,
                on=on,
                withdrawn_on=withdrawn_on,
            )
            yield assignment_id, made

    def _due_dates(self) -> Iterator[tuple[int, DueDate]]:
        query = select(
            DueRevision.assignment_id, DueRevision.on, DueRevision.due_on, DueRevision.cause
        ).order_by(DueRevision.assignment_id, DueRevision.number)
        for row in self._rows(self._restricted(query, DueRevision.assignment_id)):
            assignment_id, on, due_on, cause = row
            moves = cause is not None and cause != Cause.OWN
            yield assignment_id, quick(DueDate, on=on, due_on=due_on, moves=moves)

    def _reopened(self) -> Iterator[tuple[int, date]]:
        """The days of reopening stand in the journal alone, which nobody can change."""
        query = (
            select(JournalEntry.assignment_id, JournalEntry.on)
            .where(JournalEntry.verb == Verb.REOPEN, JournalEntry.assignment_id.is_not(None))
            .order_by(JournalEntry.assignment_id, JournalEntry.id)
        )
        for row in self._rows(self._restricted(query, JournalEntry.assignment_id)):
            yield row.assignment_id, row.on

    def _amounts(self) -> Iterator[tuple[int, AmountSet]]:
        """The amounts of those that were reduced."""
        query = select(
            AmountRevision.assignment_id, AmountRevision.on, AmountRevision.amount
        ).order_by(AmountRevision.assignment_id, AmountRevision.number)
        for row in self._rows(self._restricted(query, AmountRevision.assignment_id)):
            yield row.assignment_id, AmountSet(row.on, row.amount)

    def _pauses(self) -> Iterator[tuple[int, Pause]]:
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
            for row in self._rows(self._restricted(requests, Request.assignment_id))
            if row.data.get(IN_TIME)
        )
        granted = (
            (
                row.assignment_id,
                Pause(row.on, row.decided_on or row.on, row.ended_on, True, row.cause == Cause.OWN),
            )
            for row in self._rows(self._restricted(suspensions, Suspension.assignment_id))
        )
        return merge(asked, granted, key=lambda pair: pair[0])

    def _findings(self) -> Iterator[tuple[int, Finding]]:
        query = select(
            UntrueFinding.assignment_id,
            UntrueFinding.id,
            UntrueFinding.on,
            UntrueFinding.year,
            UntrueFinding.revoked_on,
        ).order_by(UntrueFinding.assignment_id, UntrueFinding.id)
        for row in self._rows(self._restricted(query, UntrueFinding.assignment_id)):
            assignment_id, *rest = row
            yield assignment_id, Finding(*rest)
