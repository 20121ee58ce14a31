"""The worker: a process of its own that ticks. What is due follows from the data, not from it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from planner.db import Sessions
from planner.domain.clock import Clock
from planner.models import Heartbeat
from planner.runtime import Runtime
from planner.services import housekeeping
from planner.services.delivery import courier_of, deliver_all
from planner.services.plans import find_plan, reminder_rules
from planner.services.reminders import (
    DueReminder,
    by_recipient,
    due_reminders,
    is_time,
    materialise,
)
from planner.services.rollups import make_missing, store
from planner.services.weekly import WeeklyDigest, send_weekly, weekly_digests

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})

DAYS_AT_ONCE = 30
"""Roll-ups in one transaction, so that other writers do not wait long."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something the worker does again and again; `seconds` apart, and never twice at once.

    `run` gets the event that tells it to stop between two pieces of work.
    """

    name: str
    seconds: int
    run: Callable[[Runtime, Event], object]


def send_reminders(runtime: Runtime, stopping: Event) -> int:
    """Tell people what is due, at the hours for it; how many reminders were sent."""
    clock = runtime.clock()
    with runtime.sessions.reading() as db:
        plan = find_plan(db)
        if plan is None:
            return 0
        rules = reminder_rules(db, plan)
        if not is_time(clock, runtime.settings.timezone, clock.calendar, rules):
            return 0
        found = due_reminders(db, plan, clock.today, clock.calendar, rules)
        digests = weekly_digests(db, plan, clock, rules, found)
    sent = record_reminders(runtime.sessions, clock, found, stopping)
    return sent + record_weekly(runtime.sessions, clock, digests, stopping)


def record_weekly(
    sessions: Sessions, clock: Clock, digests: Iterable[WeeklyDigest], stopping: Event
) -> int:
    """Queue the weekly digests with their reminders, each in a transaction; how many reminders."""
    sent = 0
    for digest in digests:
        if stopping.is_set():
            break
        with sessions.writing() as db:
            sent += send_weekly(db, clock, digest)
            db.commit()
    return sent


def record_reminders(
    sessions: Sessions, clock: Clock, found: Iterable[DueReminder], stopping: Event
) -> int:
    """Record what was found due and queue the digests, whatever the hour; how many were sent.

    Each person has a transaction of their own, so that the writer's lock is held shortly.
    """
    sent = 0
    for mine in by_recipient(found).values():
        if stopping.is_set():
            break
        with sessions.writing() as db:
            sent += materialise(db, clock, mine)
            db.commit()
    return sent


def deliver(runtime: Runtime, stopping: Event) -> int:
    """Try every mail whose time has come; how many."""
    return deliver_all(courier_of(runtime), lambda: not stopping.is_set())


def roll_up(runtime: Runtime, stopping: Event) -> int:
    """Store the figures of each day that is over and has none yet, a few at a time; how many."""
    stored = 0
    while not stopping.is_set():
        clock = runtime.clock()
        with runtime.sessions.reading() as db:
            made = make_missing(db, clock, DAYS_AT_ONCE)
        if not made:
            break
        with runtime.sessions.writing() as db:
            stored += len(store(db, clock, made))
            db.commit()
    return stored


def keep_house(runtime: Runtime, _stopping: Event) -> None:
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


JOBS = (
    Job("reminders", 60, send_reminders),
    Job("delivery", 5, deliver),
    Job("rollup", 3600, roll_up),
    Job("housekeeping", 3600, keep_house),
)
"""In the order in which `planner worker --once` does them."""


def run_worker(runtime: Runtime, once: bool = False) -> None:
    """Tick until SIGTERM or SIGINT, then let the running jobs come to an end.

    With `once` each job runs one time, in order. Make the runtime in this very process: an
    engine does not survive a fork.
    """
    stopping = Event()
    if once:
        for job in JOBS:
            attempt(job, runtime, stopping)
        return
    engine = runtime.sessions.engine  # made before the threads that share it
    with _signals_held():
        scheduler = _scheduler(runtime, stopping)
        scheduler.start()
        log.info("the worker ticks")
        signal.sigwait(STOP_SIGNALS)
        log.info("the worker stops")
        stopping.set()
        scheduler.shutdown(wait=True)
    engine.dispose()


def attempt(job: Job, runtime: Runtime, stopping: Event) -> bool:
    """Do a job and note that it was done; a failure is logged and stops no other job."""
    try:
        job.run(runtime, stopping)
        _beat(runtime, job.name)
    except Exception:
        log.exception("the job %s failed; it is tried again at its next tick", job.name)
        return False
    return True


def _beat(runtime: Runtime, name: str) -> None:
    clock = runtime.clock()
    with runtime.sessions.writing() as db:
        db.merge(Heartbeat(name=name, on=clock.today, at=clock.now))
        db.commit()


def _scheduler(runtime: Runtime, stopping: Event) -> BackgroundScheduler:
    """A job each in its thread; ticks that were missed are made up for by one."""
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(JOBS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in JOBS:
        scheduler.add_job(
            attempt,
            "interval",
            (job, runtime, stopping),
            id=job.name,
            seconds=job.seconds,
            next_run_time=runtime.now(),
        )
    return scheduler


@contextmanager
def _signals_held() -> Iterator[None]:
    """Signals wait to be fetched by `sigwait`; the threads that start meanwhile get none."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
