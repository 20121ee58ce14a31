"""Several workers, sudden deaths and polite stops: small versions of what `make bench` measures."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select, update

from bench import crash, crowd, mailserver
from planner import jobs
from planner.config import load
from planner.db import Sessions, make_engine
from planner.jobs import Work
from planner.models import Assignment, Message, Reminder, Rollup
from planner.runtime import Runtime
from planner.services.clock_jumps import release_held
from planner.services.delivery import LEASE
from planner.services.messages import EMAIL
from planner.services.reminders import materialise
from planner.services.rollups import missing_days
from planner.worker import STOPS_WITHIN, ClockWatch
from tests.support.reminding import County, at_nine, found, give_scoring_rules
from tests.test_reminders import DATA

NOW = datetime(2024, 11, 1, 1, 0, tzinfo=UTC)
SECONDS = 60


@pytest.fixture
def watched(database_url: str) -> Iterator[Sessions]:
    engine = make_engine(database_url)
    yield Sessions(engine)
    engine.dispose()


def test_two_workers_tell_sixty_people_once_each(database_url: str, tmp_path: Path) -> None:
    with mailserver.running(tmp_path) as server:
        made = crowd.run(database_url, tmp_path, server, people=60, workers=2)
    assert (made.recorded, made.inbox, made.taken) == (60, 60, 60)
    assert (made.lost, made.twice, made.statuses) == (0, 0, (0, 0))


@pytest.mark.parametrize(
    "step", ["reminder written", "committing", "claimed", crash.TAKEN, "accepted", "marked"]
)
def test_a_worker_killed_at_a_step_loses_nothing(
    database_url: str, tmp_path: Path, step: str
) -> None:
    with mailserver.running(tmp_path) as server, crash.scene(database_url, server) as at:
        made = crash.play(at, step, rounds=2)
    assert made.is_as_promised, made
    assert (made.rounds, bool(made.twice)) == (2, step in crash.MAY_BE_TWICE)


def test_at_least_twelve_steps_have_a_name() -> None:
    assert len(set(crash.ALL_STEPS)) == len(crash.ALL_STEPS) >= 12


# --- SIGTERM in the middle ---------------------------------------------------------------------


def stop_when(
    url: str,
    folder: Path,
    server: mailserver.MailServer,
    busy: Callable[[], bool],
) -> tuple[int, float]:
    """Start a worker, stop it as soon as it is busy; its exit status and the seconds it took."""
    with crowd.started(url, folder, server, 1) as (worker,):
        until = time.monotonic() + SECONDS
        while not busy():
            assert worker.poll() is None, (folder / "workers.log").read_text()
            assert time.monotonic() < until, "the worker does not come so far"
            Event().wait(0.002)
        told = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        return worker.wait(SECONDS), time.monotonic() - told


def counted(sessions: Sessions, query: object) -> int:
    with sessions.reading() as db:
        return db.scalar(query) or 0  # type: ignore[call-overload,no-any-return]


def finish(url: str, folder: Path, server: mailserver.MailServer, people: int) -> None:
    """Another worker does what is left."""
    engine = make_engine(url)
    with crowd.started(url, folder, server, 1) as processes:
        crowd.wait(Sessions(engine), people, processes)
    engine.dispose()


def test_stopped_while_a_slow_server_takes_a_mail(
    database_url: str, watched: Sessions, tmp_path: Path
) -> None:
    """The mail under way is finished and marked, the others wait for the next worker."""
    crowd.crowd(watched, 4)
    claimed = select(func.count()).where(Message.claim_token.is_not(None))
    with mailserver.running(tmp_path, seconds=1) as server:
        status, seconds = stop_when(
            database_url, tmp_path, server, lambda: counted(watched, claimed) > 0
        )
        assert (status, seconds < STOPS_WITHIN) == (0, True)
        assert counted(watched, claimed) == 0
        assert len(server.taken()) < 4
        finish(database_url, tmp_path, server, 4)
        assert sorted(server.taken().values()) == [1, 1, 1, 1]


def test_stopped_while_reminders_are_recorded(
    database_url: str, watched: Sessions, tmp_path: Path
) -> None:
    """One person's are finished, the next one's begin with the next worker."""
    people = 100
    crowd.crowd(watched, people)
    recorded = select(func.count(Reminder.id))
    with mailserver.running(tmp_path) as server:
        status, seconds = stop_when(
            database_url, tmp_path, server, lambda: counted(watched, recorded) > 0
        )
        assert (status, seconds < STOPS_WITHIN) == (0, True)
        assert 0 < counted(watched, recorded) < people
        finish(database_url, tmp_path, server, people)
        assert counted(watched, recorded) == people
        assert set(server.taken().values()) == {1}
        assert len(server.taken()) == people


@contextmanager
def the_next_worker(url: str, folder: Path) -> Iterator[Runtime]:
    environ = {"PLANNER_DATABASE_URL": url, "PLANNER_VAR": str(folder)}
    runtime = Runtime(load({**environ, "PLANNER_TODAY": crowd.TODAY.isoformat()}))
    yield runtime
    runtime.sessions.engine.dispose()


def stored_days(sessions: Sessions) -> list[tuple[date, int]]:
    """Days with the number of their rows, in the order in which they were stored."""
    query = select(Rollup.on, func.count()).group_by(Rollup.on).order_by(func.min(Rollup.id))
    with sessions.reading() as db:
        return [(day, rows) for day, rows in db.execute(query)]


def test_stopped_while_figures_are_stored(
    database_url: str, watched: Sessions, tmp_path: Path
) -> None:
    """What is stored is whole days, the oldest first; the next worker stores the rest."""
    county = found(watched, DATA)
    give_scoring_rules(county)
    county.assign(issued_on=date(2023, 3, 1), original_due_on=date(2024, 10, 31))
    with watched.reading() as db:
        owed = [(each.day, len(each.rows)) for each in missing_days(db, at_nine(crowd.TODAY))]
    begun = select(func.count(Rollup.id))
    with mailserver.running(tmp_path) as server:
        status, seconds = stop_when(
            database_url, tmp_path, server, lambda: counted(watched, begun) > 0
        )
    assert (status, seconds < STOPS_WITHIN) == (0, True)
    stored = stored_days(watched)
    assert 0 < len(stored) < len(owed)
    assert stored == owed[: len(stored)]
    with the_next_worker(database_url, tmp_path) as runtime:
        assert jobs.roll_up(runtime, Work(Event())) == len(owed) - len(stored)
    assert stored_days(watched) == owed


# --- a clock that jumps ------------------------------------------------------------------------


def test_a_clock_that_is_set_is_noticed_whichever_way() -> None:
    wall, steady = NOW, 0.0
    watch = ClockWatch(lambda: wall, lambda: steady)
    for seconds, jump in ((5, 0), (5, -86400), (5, 0), (5, 3600), (5, 1)):
        wall += timedelta(seconds=seconds + jump)
        steady += seconds
        assert watch.moved() == (jump if abs(jump) > 2 else 0)


@pytest.fixture
def county(watched: Sessions) -> County:
    return found(watched, DATA)


def test_after_a_jump_back_nothing_is_said_again(county: County) -> None:
    """Three days ahead, set right, and onwards: each threshold is said once."""
    county.assign()
    friday = NOW.date()
    said = []
    for days in (0, 3, 0, 3, 4):
        day = friday + timedelta(days=days)
        with county.sessions.writing() as db:
            said.append(materialise(db, at_nine(day), county.due(day)))
            db.commit()
    assert said[0] == 2
    assert said[2:4] == [0, 0]


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=40)])
def test_what_waits_for_a_wrong_instant_is_freed(county: County, ahead: timedelta) -> None:
    county.assign()
    with county.sessions.writing() as db:
        materialise(db, at_nine(NOW.date()), county.due(NOW.date()))
        wrong = {"at": NOW + ahead, "next_try_at": NOW + ahead, "lease_until": NOW + ahead}
        db.execute(update(Message).where(Message.channel == EMAIL).values(**wrong))
        assert release_held(db, NOW) == 2
        assert release_held(db, NOW) == 0
        mails = db.scalars(select(Message).where(Message.channel == EMAIL)).all()
        assert {(each.next_try_at, each.lease_until) for each in mails} == {(NOW, NOW + LEASE)}


def test_what_waits_for_its_turn_is_left_alone(county: County) -> None:
    county.assign()
    with county.sessions.writing() as db:
        materialise(db, at_nine(NOW.date()), county.due(NOW.date()))
        later = NOW + timedelta(hours=6)
        db.execute(update(Message).where(Message.channel == EMAIL).values(next_try_at=later))
        assert release_held(db, NOW) == 0
        assert db.scalar(select(func.count(Assignment.id))) == 1
