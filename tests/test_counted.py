"""The list behind a number holds exactly what the rules counted, whatever happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.lifecycle import State, Verb
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.tally import Tally, scored
from planner.domain.words import (
    Cause,
    Decider,
    Decision,
    DueBasis,
    Method,
    Outcome,
    Part,
    RequestKind,
    SubmissionKind,
)
from planner.models import (
    Assignment,
    DueRevision,
    JournalEntry,
    Plan,
    Request,
    Review,
    Submission,
    Suspension,
)
from planner.services.counted import counted_in, due_in
from planner.services.plans import scoring_rules
from planner.services.score_items import read_items
from tests.support.cast import EDU, Cast

DAYS = (
    date(2024, 1, 2),
    date(2024, 10, 15),
    date(2024, 12, 31),
    date(2025, 3, 3),
    date(2026, 1, 2),
)
"""On all of them all that happens has happened: a list is of today."""

PERIODS = (Period(2023), Period(2024), Period(2025), Period(2026), Period())


@dataclass(frozen=True)
class Life:
    """When it was due, how that moved, why it stands still, and by which hand-in it was closed."""

    due_on: date
    moved: tuple[date, Cause] | None
    suspended: Cause | None
    handed_in_on: date | None
    reopened: bool = False


LIVES = [
    *(
        Life(due_on, moved, suspended, handed_in_on)
        for due_on, moved, suspended, handed_in_on in product(
            (date(2023, 6, 30), date(2024, 6, 28), date(2025, 6, 30)),
            (
                None,
                (date(2025, 2, 3), Cause.OWN),
                (date(2025, 2, 3), Cause.POLICY),
                (date(2024, 12, 6), Cause.FORCE_MAJEURE),
            ),
            (None, Cause.OWN, Cause.POLICY),
            (None, date(2023, 6, 5), date(2023, 12, 29), date(2024, 1, 2)),
        )
    ),
    Life(date(2023, 6, 30), None, None, date(2023, 6, 5), reopened=True),
]


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def put(db: Session, cast: Cast, life: Life) -> None:
    """An issued assignment with this life; all of it is known on every day that is asked for."""
    clock = cast.clock(date(2023, 1, 3))
    stamp = {"on": clock.today, "at": clock.now}
    closed = life.handed_in_on is not None and not life.reopened
    row = Assignment(
        task_id=cast.chargers,
        unit_id=cast.units[EDU],
        text="推进节能改造。",
        part=Part.RESPONSIBLE,
        method=Method.BINARY,
        weight=1,
        state=State.ACCEPTED if closed else State.IN_PROGRESS,
        original_due_on=life.due_on,
        due_on=life.moved[0] if life.moved else life.due_on,
        issued_on=clock.today,
        accepted_on=life.handed_in_on if closed else None,
    )
    db.add(row)
    db.flush()
    by = {"assignment_id": row.id, "by_id": cast.users["edu"], **stamp}
    db.add(DueRevision(number=0, due_on=life.due_on, basis=DueBasis.SET, **by))
    if life.moved:
        due_on, cause = life.moved
        moved = DueRevision(number=1, due_on=due_on, basis=DueBasis.EXTENSION, cause=cause, **by)
        db.add(moved)
    if life.suspended:
        asked = Request(
            kind=RequestKind.SUSPENSION,
            cause=life.suspended,
            decider=Decider.LEAD,
            reason="等待上级文件",
            data={},
            outcome=Outcome.GRANTED,
            decided_on=clock.today,
            decided_at=clock.now,
            decided_by_id=cast.users["coordinator"],
            **by,
        )
        db.add(asked)
        db.flush()
        db.add(Suspension(assignment_id=row.id, request_id=asked.id, **stamp))
    if life.handed_in_on:
        _hand_in(db, cast, row, life)


def _hand_in(db: Session, cast: Cast, row: Assignment, life: Life) -> None:
    on = life.handed_in_on or row.original_due_on
    stamp = {"on": on, "at": cast.clock(on or date.min).now}
    sent = Submission(
        assignment_id=row.id,
        number=1,
        round=1,
        kind=SubmissionKind.COMPLETION,
        text="已完成",
        by_id=cast.users["edu"],
        **stamp,
    )
    db.add(sent)
    db.flush()
    db.add(
        Review(
            submission_id=sent.id,
            decision=Decision.ACCEPT,
            by_id=cast.users["coordinator"],
            **stamp,
        )
    )
    if life.reopened:
        by = {"actor_kind": "person", "actor_name": "王芳", "subject": "assignment"}
        db.add(JournalEntry(assignment_id=row.id, verb=Verb.REOPEN, **by, **stamp))


def by_the_rules(db: Session, cast: Cast, asked: AsOf) -> Iterator[set[int]]:
    """What counts in the period, and what of it to date, one by one."""
    plan = db.get_one(Plan, cast.plan)
    rules, calendar = scoring_rules(db, plan), cast.clock().calendar
    tally = Tally(asked, calendar, keep=True)
    for each in scored(read_items(db, plan), asked, rules, calendar):
        tally.add(each)
    for work in (tally.whole, tally.to_date):
        yield {each.item.id for each in work.items or ()}


def test_the_list_holds_what_the_rules_count(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        for life in LIVES:
            put(db, cast, life)
        db.commit()
    with cast.reading() as db:
        for today, period in product(DAYS, PERIODS):
            counted, due = by_the_rules(db, cast, AsOf.on(today, period))
            clock = cast.clock(today)
            in_it = counted_in(period, clock)
            listed = set(db.scalars(select(Assignment.id).where(in_it)))
            listed_due = set(db.scalars(select(Assignment.id).where(in_it, due_in(period, clock))))
            assert (today, period, listed) == (today, period, counted)
            assert (today, period, listed_due) == (today, period, due)
