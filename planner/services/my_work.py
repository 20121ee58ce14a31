"""My work: for each role what waits for it. Every number is the length of a list one can open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.lifecycle import OPEN_STATES, State
from planner.domain.reporting import ReportState
from planner.domain.text import Text, t
from planner.domain.words import Decision, SubmissionKind
from planner.models import (
    Assignment,
    IndicatorReading,
    Message,
    Request,
    Review,
    SignOff,
    Submission,
    Unit,
)
from planner.services.allocation import Allocation, unallocated
from planner.services.assessment_duties import Duty, duties
from planner.services.coordination import count_open
from planner.services.message_list import how_many_given_up
from planner.services.messages import INBOX
from planner.services.raising import OwnGains, own_gains
from planner.services.readings_due import OwedReading, owed_readings, readings_to_decide
from planner.services.report_list import ReportFilter, ReportLine, counts, first_reports
from planner.services.requests import requests_waiting
from planner.services.review_queue import WaitingRound, first_rounds
from planner.services.scope import visible_assignments
from planner.services.signatures import to_sign
from planner.services.task_list import (
    Line,
    TaskFilter,
    count_all,
    count_by_unit,
    first_lines,
)

SOON_DAYS = 30
MOST = 8
MOST_MESSAGES = 5
MOST_DRAFTS = 50
MOST_GAINS = 3

OWED = frozenset({State.ISSUED, State.IN_PROGRESS})
Tone: TypeAlias = Literal["", "red", "yellow", "green", "grey"]


@dataclass(frozen=True)
class Tile:
    """A number, its name, and the filter of the list that is exactly so long."""

    label: Text
    wanted: TaskFilter
    number: int
    tone: Tone


@dataclass(frozen=True)
class Returned:
    """What was returned to the unit, with the return."""

    assignment: Assignment
    review: Review


@dataclass(frozen=True)
class Owed:
    """What the actor's own unit owes; `to_sign` waits for the signature of its head.

    `gains` is what would raise its score most, `readings` are those of its indicators that it has
    not entered for last year.
    """

    tiles: Sequence[Tile]
    next: Sequence[Line]
    next_wanted: TaskFilter
    returned: Sequence[Returned]
    reports: Sequence[ReportLine]
    to_sign: Sequence[SignOff]
    gains: OwnGains | None
    readings: Sequence[OwedReading]


@dataclass(frozen=True)
class UnitCount:
    """A unit with what is overdue there, and the filter of that list."""

    unit: Unit
    number: int
    wanted: TaskFilter


@dataclass(frozen=True)
class Led:
    """What the coordinator's unit leads. `year` is the one that rows are to be broken down for.

    `requests` and `readings` are those that the actor decides.
    `started` says whether anything was ever issued; before that the page shows the first steps.
    `given_up` counts the messages that nobody got.
    """

    tiles: Sequence[Tile]
    waiting: Sequence[WaitingRound]
    requests: Sequence[Request]
    readings: Sequence[IndicatorReading]
    overdue: Sequence[UnitCount]
    drafts: Sequence[Line]
    drafts_wanted: TaskFilter
    unallocated: Sequence[Allocation]
    reports: Mapping[ReportState, int]
    matters: int
    year: int
    started: bool
    given_up: int


@dataclass(frozen=True)
class Supervised:
    """What the supervisor decides and watches; `requests` and `readings` are to be decided."""

    tiles: Sequence[Tile]
    waiting: Sequence[WaitingRound]
    requests: Sequence[Request]
    readings: Sequence[IndicatorReading]
    overdue: Sequence[UnitCount]


@dataclass(frozen=True)
class MyWork:
    """The parts of the page; a person of several roles has several."""

    owed: Owed | None
    led: Led | None
    supervised: Supervised | None
    duties: Sequence[Duty]
    messages: Sequence[Message]


def my_work(db: Session, actor: Actor, clock: Clock) -> MyWork:
    """What waits for the actor, with a fixed number of queries for each role."""
    owes = actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR) and actor.unit_id is not None
    leads = actor.has(Role.COORDINATOR) and actor.unit_id is not None
    return MyWork(
        owed=_owed(db, actor, clock) if owes else None,
        led=_led(db, actor, clock) if leads else None,
        supervised=_supervised(db, actor, clock) if actor.has(Role.SUPERVISOR) else None,
        duties=duties(db, actor, clock),
        messages=_latest_messages(db, actor),
    )


REPORTS_OWED = ReportFilter(whose="own", waiting=True, descending=False)
"""What the own unit has yet to hand in, and can; the longest due first."""

_Counted: TypeAlias = tuple[Text, TaskFilter, Tone]


def _tiles(db: Session, actor: Actor, clock: Clock, counted: Sequence[_Counted]) -> Sequence[Tile]:
    """Tiles in the order given; a colour warns only where there is something to warn of."""
    numbers = count_all(db, actor, clock, [wanted for _, wanted, _ in counted])
    return [
        Tile(label, wanted, number, tone if number else "grey")
        for (label, wanted, tone), number in zip(counted, numbers, strict=True)
    ]


def _owed(db: Session, actor: Actor, clock: Clock) -> Owed:
    own = TaskFilter(whose="own")
    owed = replace(own, states=OWED)
    soon = clock.today + timedelta(days=SOON_DAYS)
    year = clock.today.year
    counted: Sequence[_Counted] = (
        (t("Overdue"), replace(own, overdue=True), "red"),
        (
            t("Due within %(days)s days", days=SOON_DAYS),
            replace(owed, overdue=False, due_to=soon),
            "yellow",
        ),
        (t("Returned"), replace(own, returned=True), "red"),
        (t("To be signed for"), replace(own, states=frozenset({State.ISSUED})), "yellow"),
        (t("Waiting for review"), replace(own, states=frozenset({State.SUBMITTED})), ""),
        (t("Accepted within %(year)s", year=str(year)), replace(own, accepted=year), "green"),
    )
    return Owed(
        tiles=_tiles(db, actor, clock, counted),
        next=first_lines(db, actor, clock, owed, MOST),
        next_wanted=owed,
        returned=_returned(db, actor),
        reports=first_reports(db, actor, clock, REPORTS_OWED, MOST),
        to_sign=to_sign(db, actor),
        gains=own_gains(db, actor, clock, MOST_GAINS),
        readings=owed_readings(db, actor, clock),
    )


def _returned(db: Session, actor: Actor) -> Sequence[Returned]:
    """What the own unit was sent back and has not handed in again, the nearest date first."""
    rows = db.execute(
        select(Assignment, Review)
        .join(Submission, Submission.assignment_id == Assignment.id)
        .join(Review, Review.submission_id == Submission.id)
        .where(
            visible_assignments(actor),
            Assignment.unit_id == actor.unit_id,
            Assignment.state == State.IN_PROGRESS,
            Submission.kind == SubmissionKind.COMPLETION,
            Submission.withdrawn_on.is_(None),
        )
        .options(joinedload(Assignment.task))
        .order_by(Submission.number, Review.id)
    )
    latest = {row.Assignment.id: Returned(row.Assignment, row.Review) for row in rows}
    returned = [each for each in latest.values() if each.review.decision == Decision.RETURN]
    return sorted(returned, key=lambda each: each.review.rework_on or date.max)


def _led(db: Session, actor: Actor, clock: Clock) -> Led:
    led, year = TaskFilter(whose="led"), clock.today.year
    ready = replace(led, draft="ready")
    counted: Sequence[_Counted] = (
        (t("Waiting for my review"), TaskFilter(review=True), "yellow"),
        (t("Overdue"), replace(led, overdue=True), "red"),
        (t("Not yet signed for"), replace(led, states=frozenset({State.ISSUED})), "yellow"),
        (
            t("Not yet broken down for %(year)s", year=str(year)),
            replace(led, undivided=year),
            "yellow",
        ),
        (t("Drafts to issue"), ready, "yellow"),
        (t("Drafts without unit"), replace(led, draft="no-unit"), "red"),
        (t("Unit groups without members"), replace(led, draft="no-members"), "red"),
        (t("Waiting for consent"), replace(led, consent=True), ""),
    )
    return Led(
        tiles=_tiles(db, actor, clock, counted),
        waiting=first_rounds(db, actor, clock, MOST),
        requests=db.scalars(requests_waiting(actor)).all(),
        readings=readings_to_decide(db, actor),
        overdue=_overdue_units(db, actor, clock, led),
        drafts=first_lines(db, actor, clock, ready, MOST_DRAFTS),
        drafts_wanted=ready,
        unallocated=unallocated(db, actor),
        reports=counts(db, actor, clock, ReportFilter(whose="led")),
        matters=count_open(db, actor),
        year=year,
        started=db.scalar(select(Assignment.id).where(Assignment.issued_on.is_not(None)).limit(1))
        is not None,
        given_up=how_many_given_up(db, actor),
    )


def _supervised(db: Session, actor: Actor, clock: Clock) -> Supervised:
    everything = TaskFilter()
    counted: Sequence[_Counted] = (
        (t("Waiting for my review"), TaskFilter(review=True), "yellow"),
        (t("Waiting for my consent"), TaskFilter(consent=True), "yellow"),
        (t("Overdue, all units"), replace(everything, overdue=True), "red"),
        (t("Open, all units"), replace(everything, states=OPEN_STATES), ""),
    )
    return Supervised(
        tiles=_tiles(db, actor, clock, counted),
        waiting=first_rounds(db, actor, clock, MOST),
        requests=db.scalars(requests_waiting(actor)).all(),
        readings=readings_to_decide(db, actor),
        overdue=_overdue_units(db, actor, clock, everything),
    )


def _overdue_units(
    db: Session, actor: Actor, clock: Clock, base: TaskFilter
) -> Sequence[UnitCount]:
    overdue = replace(base, overdue=True)
    return [
        UnitCount(unit, number, replace(overdue, unit=unit.id))
        for unit, number in count_by_unit(db, actor, clock, overdue)
    ]


def _latest_messages(db: Session, actor: Actor) -> Sequence[Message]:
    query = (
        select(Message)
        .where(Message.recipient_id == actor.user_id, Message.channel == INBOX)
        .options(joinedload(Message.assignment).joinedload(Assignment.task))
        .order_by(Message.on.desc(), Message.id.desc())
        .limit(MOST_MESSAGES)
    )
    return db.scalars(query).all()
