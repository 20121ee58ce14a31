"""Of any number of workers one ticks; when it is gone another follows, whatever the clock says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import select

from planner.db import Sessions, make_engine
from planner.election import (
    FOLLOWED_WITHIN,
    LEASE_SECONDS,
    STANDS_EVERY,
    AdvisoryLock,
    Election,
    LeaseRow,
    open_election,
)
from planner.models import Lease

NOW = datetime(2024, 10, 15, 2, 0, tzinfo=UTC)


class Times:
    """The clock of the wall and the one that only runs on; a test moves each."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW, 1000.0

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def stand_for(sqlite_sessions: Sessions, times: Times) -> Callable[[], LeaseRow]:
    return lambda: LeaseRow(sqlite_sessions, lambda: times.wall, monotonic=lambda: times.steady)


def test_one_of_many_is_elected(sessions: Sessions) -> None:
    rivals = [open_election(sessions, lambda: NOW) for _ in range(4)]
    assert sum(each.stand() for each in rivals) == 1
    assert sum(each.stand() for each in rivals) == 1
    for each in rivals:
        each.resign()


def test_one_is_elected_where_all_stand_at_once(sessions: Sessions) -> None:
    rivals = [open_election(sessions, lambda: NOW) for _ in range(6)]
    together, elected = Barrier(len(rivals)), []

    def run(rival: Election) -> None:
        together.wait()
        if rival.stand():
            elected.append(rival)

    threads = [Thread(target=run, args=(each,)) for each in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(elected) == 1
    for each in rivals:
        each.resign()


def test_who_resigns_is_followed_at_once(sessions: Sessions) -> None:
    first, second = (open_election(sessions, lambda: NOW) for _ in range(2))
    assert (first.stand(), second.stand()) == (True, False)
    first.resign()
    assert (second.stand(), first.stand()) == (True, False)
    second.resign()


PROGRAM = """
import os, sys
from planner.db import Sessions, make_engine
from planner.election import open_election
from planner.domain.clock import instant
election = open_election(Sessions(make_engine(os.environ["URL"])), instant)
print(election.stand(), flush=True)
sys.stdin.read()
"""


@pytest.mark.postgres
def test_postgresql_lets_go_of_the_dead_at_once(postgres_url: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "URL": postgres_url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    engine = make_engine(postgres_url)
    rival = AdvisoryLock(engine)
    try:
        assert holder.stdin is not None
        assert holder.stdout is not None
        with holder.stdout:
            assert holder.stdout.readline() == "True\n"
        assert not rival.stand()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        until = time.monotonic() + STANDS_EVERY
        while not rival.stand():
            assert time.monotonic() < until, "nobody follows"
            Event().wait(0.05)
    finally:
        holder.kill()
        holder.wait()
        if holder.stdin is not None:
            holder.stdin.close()
        rival.resign()
        engine.dispose()


@pytest.mark.postgres
def test_who_lost_the_connection_knows_and_stands_again(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    election = AdvisoryLock(engine)
    assert election.stand()
    with engine.connect() as other:
        other.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    assert not election.stand()
    assert election.stand()
    election.resign()
    engine.dispose()


def test_a_dead_holder_is_followed_after_the_lease(
    stand_for: Callable[[], LeaseRow], times: Times
) -> None:
    dead, rival = stand_for(), stand_for()
    assert dead.stand()
    died = times.steady
    while not rival.stand():
        times.pass_by(STANDS_EVERY)
    assert LEASE_SECONDS <= times.steady - died <= LEASE_SECONDS + STANDS_EVERY < FOLLOWED_WITHIN
    assert not dead.stand(), "it was only asleep: it sees that another follows"


def test_who_renews_stays(stand_for: Callable[[], LeaseRow], times: Times) -> None:
    holder, rival = stand_for(), stand_for()
    for _ in range(40):
        assert (holder.stand(), rival.stand()) == (True, False)
        times.pass_by(STANDS_EVERY)


@pytest.mark.parametrize("jump", [-timedelta(days=3), timedelta(days=3)])
def test_a_clock_that_jumps_changes_nothing(
    stand_for: Callable[[], LeaseRow], times: Times, jump: timedelta
) -> None:
    """Neither does a rival come in while the holder lives, nor does it wait for days after."""
    holder, rival = stand_for(), stand_for()
    assert (holder.stand(), rival.stand()) == (True, False)
    times.wall += jump
    assert (rival.stand(), holder.stand(), rival.stand()) == (False, True, False)
    died = times.steady
    while not rival.stand():
        times.pass_by(STANDS_EVERY)
    assert times.steady - died <= LEASE_SECONDS + STANDS_EVERY


def test_a_renewal_is_seen_also_where_the_clock_stands(
    stand_for: Callable[[], LeaseRow], sqlite_sessions: Sessions, times: Times
) -> None:
    holder = stand_for()
    words = set()
    for _ in range(3):
        holder.stand()
        with sqlite_sessions.reading() as db:
            words.add(db.scalar(select(Lease.holder)))
    assert len(words) == 3


def test_two_that_watched_equally_long_do_not_both_follow(
    stand_for: Callable[[], LeaseRow], times: Times
) -> None:
    dead, first, second = stand_for(), stand_for(), stand_for()
    assert (dead.stand(), first.stand(), second.stand()) == (True, False, False)
    times.pass_by(LEASE_SECONDS)
    assert [first.stand(), second.stand()] == [True, False]
