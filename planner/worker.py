"""The worker: a process of its own that ticks until it is told to stop.

Any number may run. One is elected to look for what is due; all of them deliver. APScheduler only
keeps the intervals.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from planner import jobs
from planner.election import STANDS_EVERY, Election, open_election
from planner.jobs import Job, attempt
from planner.runtime import Runtime

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})

STOPS_WITHIN = 25.0
"""Seconds in which running jobs end after the signal; what is then not done is left as it is."""

JUMP_SECONDS = 2.0
"""A clock that moved by more was set by somebody."""

log = logging.getLogger(__name__)


def run_worker(runtime: Runtime, once: bool = False, stops_within: float = STOPS_WITHIN) -> bool:
    """Tick until SIGTERM or SIGINT, then let the running jobs finish their piece.

    False if one did not in `stops_within` seconds: the process must end by `os._exit`, its claims
    run out by themselves and its transaction is rolled back. With `once` each job runs one time,
    in order, elected or not. Make the runtime in this very process: an engine does not survive a
    fork.
    """
    if once:
        for job in jobs.JOBS:
            attempt(job, runtime, Event())
        return True
    engine = runtime.sessions.engine  # made before the threads that share it
    stopping = Event()
    with _signals_held():
        ticking = Ticking(runtime, stopping)
        ticking.begin()
        log.info("the worker ticks")
        signal.sigwait(STOP_SIGNALS)
        log.info("the worker stops")
        stopping.set()
        ended = ticking.end(stops_within)
    if ended:
        engine.dispose()
    return ended


class Ticking:
    """The scheduler, the election and the look at the clock of one worker."""

    def __init__(self, runtime: Runtime, stopping: Event) -> None:
        self._runtime, self._stopping = runtime, stopping
        self._elected = Event()
        self._election = open_election(runtime.sessions, runtime.now)
        self._scheduler = _scheduler(self._tick, runtime.now())
        self._watch = ClockWatch(runtime.now)

    def begin(self) -> None:
        """Start the threads; signals that are blocked now stay so in them."""
        self._stand()
        self._scheduler.start()
        Thread(target=self._look_on, name="election", daemon=True).start()

    def end(self, within: float) -> bool:
        """Wait for what runs; whether it ended in time. The next worker is elected after it."""
        ending = Thread(target=self._scheduler.shutdown, daemon=True)
        ending.start()
        ending.join(within)
        if ending.is_alive():
            log.warning("a job did not end within %s seconds: it is left as it is", within)
            return False
        self._election.resign()
        return True

    def _tick(self, job: Job) -> None:
        if job.everywhere or self._elected.is_set():
            attempt(job, self._runtime, self._stopping)

    def _look_on(self) -> None:
        while not self._stopping.wait(STANDS_EVERY):
            moved = self._watch.moved()
            if moved:
                log.warning("the clock jumped %s by %.0f seconds", *_direction(moved))
            if self._stand() or moved:
                self._tick_now()

    def _stand(self) -> bool:
        """Whether this worker was elected just now."""
        before = self._elected.is_set()
        return stand(self._election, self._elected) and not before

    def _tick_now(self) -> None:
        """The scheduler waits by the clock of the wall, which would be in vain after a jump."""
        for job in jobs.JOBS:
            self._scheduler.modify_job(job.name, next_run_time=self._runtime.now())


def stand(election: Election, elected: Event) -> bool:
    """Stand for election and remember the outcome; whether this worker is the elected one."""
    before, now = elected.is_set(), election.stand()
    if now:
        elected.set()
    else:
        elected.clear()
    if now != before:
        log.info("this worker %s", "is elected to tick" if now else "is no longer elected")
    return now


class ClockWatch:
    """Compares the clock of the wall with the one that only runs on."""

    def __init__(
        self, now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._now, self._monotonic = now, monotonic
        self._last = now(), monotonic()

    def moved(self) -> float:
        """Seconds by which the clock was set since the last look, 0 if it was not."""
        wall, steady = self._last
        self._last = now, passed = self._now(), self._monotonic()
        jump = (now - wall).total_seconds() - (passed - steady)
        return jump if abs(jump) > JUMP_SECONDS else 0.0


def _direction(moved: float) -> tuple[str, float]:
    return ("back" if moved < 0 else "ahead"), abs(moved)


def _scheduler(tick: Callable[[Job], None], now: datetime) -> BackgroundScheduler:
    """A job each in its thread; ticks that were missed are made up for by one."""
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(len(jobs.JOBS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in jobs.JOBS:
        scheduler.add_job(
            tick, "interval", (job,), id=job.name, seconds=job.seconds, next_run_time=now
        )
    return scheduler


@contextmanager
def _signals_held() -> Iterator[None]:
    """The signals wait until they are fetched, in threads that start meanwhile as well.

    A handler would not do: a second signal, which comes when a group is told and then each of
    its processes, would run inside the first one's `Event.set` and wait for its lock for ever.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        while signal.sigpending() & STOP_SIGNALS:
            signal.sigwait(STOP_SIGNALS)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
