"""The jobs of the worker, each with its own sessions and commits.

The worker only ticks: what is due follows from the data.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from sqlalchemy.orm import Session

from planner.db import Sessions
from planner.domain.clock import Clock
from planner.domain.errors import Busy
from planner.runtime import Runtime
from planner.services import housekeeping
from planner.services.clock_jumps import release_held
from planner.services.deemed import sign_unanswered
from planner.services.delivery import courier_of, deliver_all
from planner.services.deputies import forward_unread
from planner.services.heartbeats import BEAT_SECONDS, TICKS, beat
from planner.services.plans import find_plan, reminder_rules
from planner.services.reminders import (
    DueReminder,
    by_recipient,
    due_reminders,
    is_time,
    materialise,
    weekly_awaited,
)
from planner.services.reports import open_periods
from planner.services.robot_digests import tell_robots
from planner.services.rollups import missing_days, store
from planner.services.weekly import send_weekly, weekly_digest

log = logging.getLogger(__name__)


class Work:
    """What a job asks between two pieces: whether to go on. Asking also shows that it lives."""

    def __init__(self, stopping: Event, alive: Callable[[], None] = lambda: None) -> None:
        self._stopping, self._alive = stopping, alive
        self._shown_at = time.monotonic()

    def goes_on(self) -> bool:
        """False once the worker is told to stop."""
        now = time.monotonic()
        if now - self._shown_at >= BEAT_SECONDS:
            self._shown_at = now
            self._alive()
        return not self._stopping.is_set()


class Unfinished(Exception):
    """A job did what it could, but some of its pieces failed; why is in the log."""


class Pieces:
    """Pieces of a job that one bad one must not stop."""

    def __init__(self) -> None:
        self._failed = 0

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """Do a piece; a failure is logged. Raises Busy: that would meet the next one as well."""
        try:
            yield
        except Busy:
            raise
        except Exception:
            self._failed += 1
            log.exception("%s failed; the others go on", name)

    def end(self) -> None:
        """Raises Unfinished if any failed, so that the job does not pass for done."""
        if self._failed:
            raise Unfinished(f"{self._failed} pieces failed")


@dataclass(frozen=True)
class Job:
    """Something a worker does again and again, `seconds` apart, and never twice at once.

    All workers do what is done `everywhere`, only the elected one does the rest.
    """

    name: str
    run: Callable[[Runtime, Work], object]
    everywhere: bool = False

    @property
    def seconds(self) -> int:
        """Between two ticks."""
        return TICKS[self.name]


def open_reports(runtime: Runtime, _work: Work) -> int:
    """Open what is to be reported for the periods that ended; how many reports."""
    return _in_one_piece(runtime, open_periods)


def sign_in_default(runtime: Runtime, _work: Work) -> int:
    """Sign what nobody signed for or objected to in time, at the hours for telling it."""
    return _in_one_piece(runtime, sign_unanswered) if _may_tell(runtime) else 0


def forward(runtime: Runtime, _work: Work) -> int:
    """Give what lies unread to the deputies, at the hours for telling it."""
    return _in_one_piece(runtime, forward_unread) if _may_tell(runtime) else 0


def _in_one_piece(runtime: Runtime, verb: Callable[[Session, Clock], int]) -> int:
    clock = runtime.clock()
    with runtime.sessions.writing() as db:
        done = verb(db, clock)
        db.commit()
    return done


def _may_tell(runtime: Runtime) -> bool:
    with runtime.sessions.reading() as db:
        plan, clock = find_plan(db), runtime.clock(db)
        return plan is not None and is_time(
            clock, runtime.settings.timezone, clock.calendar, reminder_rules(db, plan)
        )


def send_reminders(runtime: Runtime, work: Work) -> int:
    """Tell people what is due, at the hours for it; how many reminders were sent."""
    if not _may_tell(runtime):
        return 0
    clock = runtime.clock()
    return remind(runtime.sessions, clock, find_due(runtime.sessions, clock), work)


@dataclass(frozen=True)
class Found:
    """What is due and not yet recorded, and whose weekly digest is to be made."""

    reminders: tuple[DueReminder, ...] = ()
    weekly: tuple[int, ...] = ()
    of_all: bool = True


def find_due(sessions: Sessions, clock: Clock, only_user: int | None = None) -> Found:
    """Look, and change nothing; whatever the hour, for one person where named."""
    with sessions.reading() as db:
        plan = find_plan(db)
        if plan is None:
            return Found()
        rules = reminder_rules(db, plan)
        due = due_reminders(db, plan, clock.today, clock.calendar, rules, only_user)
        awaited = weekly_awaited(db, clock.today, clock.calendar, rules)
    wanted = sorted(each for each in awaited if only_user in (None, each))
    return Found(tuple(due), tuple(wanted), of_all=only_user is None)


def remind(sessions: Sessions, clock: Clock, found: Found, work: Work) -> int:
    """Record what was found and queue its messages; how many reminders were sent.

    Each person has a transaction of their own, so that the writer's lock is held shortly, and
    whose words fail keeps nobody else's back. Raises Unfinished then, at the end. A robot's note
    of the day counts what its unit was told, so it waits until all were looked at.
    """
    pieces = Pieces()
    sent = _record_daily(sessions, clock, found, work, pieces)
    sent += _record_weekly(sessions, clock, found, work, pieces)
    if found.of_all and work.goes_on():
        with pieces.one("telling the robots"), sessions.writing() as db:
            tell_robots(db, clock)
            db.commit()
    pieces.end()
    return sent


def _record_daily(
    sessions: Sessions, clock: Clock, found: Found, work: Work, pieces: Pieces
) -> int:
    sent = 0
    for user_id, mine in by_recipient(found.reminders).items():
        if not work.goes_on():
            break
        with pieces.one(f"reminding user {user_id}"), sessions.writing() as db:
            told = materialise(db, clock, mine)
            db.commit()
            sent += told
    return sent


def _record_weekly(
    sessions: Sessions, clock: Clock, found: Found, work: Work, pieces: Pieces
) -> int:
    """Each digest is made with nothing locked, and queued with its reminders."""
    sent = 0
    for user_id in found.weekly:
        if not work.goes_on():
            break
        with pieces.one(f"the weekly digest of user {user_id}"):
            with sessions.reading() as db:
                digest = weekly_digest(db, clock, user_id, found.reminders)
            with sessions.writing() as db:
                told = send_weekly(db, clock, digest)
                db.commit()
            sent += told
    return sent


def deliver(runtime: Runtime, work: Work) -> int:
    """Try every mail whose time has come; how many."""
    return deliver_all(courier_of(runtime), work.goes_on)


def roll_up(runtime: Runtime, work: Work) -> int:
    """Store the figures of each day that is over and has none yet; how many days.

    A day at a time: it is made with nothing locked, and stored in a short transaction.
    """
    clock, stored = runtime.clock(), 0
    with runtime.sessions.reading() as db:
        days = missing_days(db, clock)
    while work.goes_on() and (made := next(days, None)):
        with runtime.sessions.writing() as db:
            stored += store(db, clock, made)
            db.commit()
    return stored


def keep_house(runtime: Runtime, _work: Work) -> None:
    """Clear away forgotten uploads, spent forms, old log-ins; files after their rows."""
    clock, store = runtime.clock(), runtime.store
    with runtime.sessions.writing() as db:
        housekeeping.forget_staged(db, clock)
        housekeeping.forget_attempts(db, clock)
        housekeeping.forget_sessions(db, clock)
        housekeeping.forget_forms(db, clock)
        gone = housekeeping.forget_blobs(db, clock)
        db.commit()
    with runtime.sessions.reading() as db:
        unknown = housekeeping.unknown_files(db, store, clock)
    housekeeping.remove_files(store, {*gone, *unknown}, clock.now)


def mend_clock(runtime: Runtime, _work: Work) -> int:
    """Let go of what a clock that was ahead holds up; how many messages."""
    with runtime.sessions.writing() as db:
        freed = release_held(db, runtime.now())
        db.commit()
    if freed:
        log.warning("%s messages waited for a time that a wrong clock had set", freed)
    return freed


JOBS = (
    Job("periods", open_reports),
    Job("signing", sign_in_default),
    Job("reminders", send_reminders),
    Job("forwarding", forward),
    Job("clock", mend_clock),
    Job("delivery", deliver, everywhere=True),
    Job("rollup", roll_up),
    Job("housekeeping", keep_house),
)
"""In the order in which `planner worker --once` does them."""


def attempt(job: Job, runtime: Runtime, stopping: Event) -> bool:
    """Do a job and note that it was done; a failure is logged and stops no other job."""
    try:
        job.run(runtime, Work(stopping, lambda: show_alive(runtime, job.name)))
        show_alive(runtime, job.name)
    except Exception:
        log.exception("the job %s failed; it is tried again at its next tick", job.name)
        return False
    return True


def show_alive(runtime: Runtime, name: str) -> None:
    """Note that a job ticks."""
    clock = runtime.clock()
    with runtime.sessions.writing() as db:
        beat(db, clock, name)
        db.commit()
