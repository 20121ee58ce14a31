"""The worker's jobs: each by itself, none stops another; and what housekeeping may clear away."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from planner import jobs
from planner.config import load
from planner.db import Sessions
from planner.domain.clock import Clock
from planner.jobs import JOBS, Job, Work, attempt
from planner.models import (
    Blob,
    CalendarDay,
    Evidence,
    Heartbeat,
    LoginAttempt,
    LoginSession,
    Message,
    Reminder,
    StagedFile,
    Submission,
)
from planner.runtime import Runtime
from planner.services import housekeeping
from planner.services.heartbeats import BEAT_SECONDS, TICKS
from planner.worker import run_worker
from tests.support.reminding import CALENDAR, County, found, refuse_messages
from tests.test_reminders import DATA

FRIDAY = "2024-11-01"
NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
CLOCK = Clock(date(2026, 5, 6), NOW, CALENDAR)
DAY = timedelta(days=1)
SENT = ~Reminder.superseded


def environment(url: str, var: Path) -> dict[str, str]:
    return {
        "PLANNER_DATABASE_URL": url,
        "PLANNER_VAR": str(var),
        "PLANNER_TODAY": FRIDAY,
        "PLANNER_BASE_URL": "https://p.example.org",
    }


@pytest.fixture
def runtime(database_url: str, tmp_path: Path) -> Iterator[Runtime]:
    made = Runtime(load(environment(database_url, tmp_path)))
    yield made
    made.sessions.engine.dispose()


@pytest.fixture
def county(runtime: Runtime) -> County:
    return found(runtime.sessions, DATA)


def how_many(sessions: Sessions, table: Any, *conditions: Any) -> int:
    with sessions.reading() as db:
        return db.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def beats(sessions: Sessions) -> set[str]:
    with sessions.reading() as db:
        return set(db.scalars(select(Heartbeat.name)))


# --- the worker --------------------------------------------------------------------------------


def test_one_tick_reminds_and_delivers(runtime: Runtime, county: County, tmp_path: Path) -> None:
    county.assign()
    run_worker(runtime, once=True)
    assert how_many(runtime.sessions, Reminder, SENT) == 2
    assert how_many(runtime.sessions, Message, Message.state == "sent") == 4
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 2
    assert beats(runtime.sessions) == {job.name for job in JOBS}


def test_a_second_tick_says_nothing_again(runtime: Runtime, county: County) -> None:
    county.assign()
    run_worker(runtime, once=True)
    run_worker(runtime, once=True)
    assert how_many(runtime.sessions, Message) == 4


def test_an_empty_database_is_no_failure(runtime: Runtime) -> None:
    run_worker(runtime, once=True)
    assert beats(runtime.sessions) == {job.name for job in JOBS}


def test_before_nine_nothing_is_said(
    runtime: Runtime, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 08:59 by the plan's clock the day's reminders wait, at 09:00 they go."""
    county.assign()
    at_nine = datetime(2024, 11, 1, 1, 0, tzinfo=UTC)
    for now, expected in ((at_nine - timedelta(minutes=1), 0), (at_nine, 2)):
        clock = Clock(date(2024, 11, 1), now, CALENDAR)
        monkeypatch.setattr(Runtime, "clock", lambda _self, _db=None, clock=clock: clock)
        assert jobs.send_reminders(runtime, Work(Event())) == expected


@pytest.mark.parametrize("sunday", [date(2024, 3, 31), date(2024, 10, 27)])
def test_over_a_night_in_which_the_clocks_change_each_word_is_said_once(
    sqlite_url: str, tmp_path: Path, sunday: date
) -> None:
    """At nine by the clock on the wall; the Sunday itself is worked, and Monday is the due date."""
    environ = environment(sqlite_url, tmp_path)
    del environ["PLANNER_TODAY"]
    runtime = Runtime(load({**environ, "PLANNER_TIMEZONE": "Europe/Berlin"}))
    county, berlin = found(runtime.sessions, DATA), runtime.settings.timezone
    county.assign(issued_on=date(2024, 1, 2), due_on=sunday + DAY)
    with runtime.sessions.writing() as db:
        settled = {"reason": "调休", "by_id": county.people["coordinator"], "at": NOW}
        db.add(CalendarDay(day=sunday, worked=True, on=date(2024, 1, 2), **settled))
        db.commit()
    friday = datetime(sunday.year, sunday.month, sunday.day, tzinfo=UTC) - 2 * DAY
    said = []
    for hours in range(5 * 24):
        with time_machine.travel(friday + timedelta(hours=hours), tick=False):
            if jobs.send_reminders(runtime, Work(Event())):
                said.append(runtime.now().astimezone(berlin).strftime("%a %H:%M"))
    assert said == ["Fri 09:00", "Sun 09:00", "Mon 09:00", "Tue 09:00"]
    assert how_many(runtime.sessions, Reminder, SENT) == 5, "on Tuesday to the head as well"
    runtime.sessions.engine.dispose()


def test_a_job_that_fails_is_logged_and_stops_no_other(
    runtime: Runtime,
    county: County,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_runtime: Runtime, _work: Work) -> None:
        raise RuntimeError("the disk is gone")

    county.assign()
    monkeypatch.setattr(jobs, "JOBS", (Job("broken", fail), *JOBS))
    run_worker(runtime, once=True)
    assert "the job broken failed" in caplog.text
    assert "the disk is gone" in caplog.text
    assert beats(runtime.sessions) == {job.name for job in JOBS}
    assert how_many(runtime.sessions, Reminder, SENT) == 2


def test_a_person_who_cannot_be_told_is_seen_in_the_heartbeat(
    runtime: Runtime, county: County, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are told, and the job does not pass for done until this one is too."""
    county.assign()
    refuse_messages(runtime.sessions, county.people["edu"])
    run_worker(runtime, once=True)
    assert how_many(runtime.sessions, Reminder, SENT) == 1
    assert beats(runtime.sessions) == {job.name for job in JOBS} - {"reminders"}
    assert f"reminding user {county.people['edu']} failed" in caplog.text
    assert "the job reminders failed" in caplog.text


def test_a_heartbeat_is_the_last_one(runtime: Runtime) -> None:
    job = Job("idle", lambda _runtime, _work: None)
    assert attempt(job, runtime, Event())
    assert attempt(job, runtime, Event())
    assert how_many(runtime.sessions, Heartbeat) == 1


def test_every_job_has_its_ticks() -> None:
    assert [job.name for job in sorted(JOBS, key=lambda job: list(TICKS).index(job.name))] == [
        *TICKS
    ]


def test_only_delivery_is_for_every_worker() -> None:
    assert {job.name for job in JOBS if job.everywhere} == {"delivery"}


def test_a_long_job_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand mails take longer than the silence that raises the alarm."""
    steady, shown = 0.0, []
    monkeypatch.setattr(jobs.time, "monotonic", lambda: steady)
    work = Work(Event(), lambda: shown.append(steady))
    for _ in range(100):
        steady += BEAT_SECONDS / 10
        assert work.goes_on()
    assert len(shown) == 10


def test_jobs_end_early_when_the_worker_stops(runtime: Runtime, county: County) -> None:
    county.assign()
    stopping = Event()
    stopping.set()
    assert jobs.send_reminders(runtime, Work(stopping)) == 0
    assert jobs.deliver(runtime, Work(stopping)) == 0


PROGRAM = """
import logging, os
from planner.config import load
from planner.runtime import Runtime
from planner.worker import run_worker

logging.basicConfig(level=logging.INFO)
run_worker(Runtime(load({k: v for k, v in os.environ.items() if k.startswith("PLANNER_")})))
print("ended well")
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ticks_until_it_is_told_to_stop(
    sign: signal.Signals, sqlite_url: str, tmp_path: Path
) -> None:
    env = environment(sqlite_url, tmp_path)
    runtime = Runtime(load(env))
    found(runtime.sessions, DATA).assign()
    worker = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_until(lambda: beats(runtime.sessions) == {job.name for job in JOBS}, worker)
        worker.send_signal(sign)
        out, err = worker.communicate(timeout=30)
    finally:
        worker.kill()
    assert worker.returncode == 0, err
    assert out == "ended well\n"
    assert how_many(runtime.sessions, Reminder, SENT) == 2
    runtime.sessions.engine.dispose()


def _wait_until(true: Any, worker: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert worker.poll() is None, worker.communicate()
        assert time.monotonic() < until, "the worker does not tick"
        Event().wait(0.05)


# --- housekeeping ------------------------------------------------------------------------------


def put(runtime: Runtime, content: str, age: timedelta) -> str:
    """A file in the store, received so long ago; its hash."""
    stored = runtime.store.receive(io.BytesIO(content.encode()), "notes.txt", 1000)
    folder = Path(runtime.settings.var / "evidence")
    (path,) = folder.glob(f"??/??/{stored.sha256}")
    then = (NOW - age).timestamp()
    os.utime(path, (then, then))
    return stored.sha256


def know(runtime: Runtime, sha256: str, age: timedelta) -> None:
    """The row of a file, refreshed so long ago."""
    with runtime.sessions.writing() as db:
        at = NOW - age
        db.add(Blob(sha256=sha256, size=1, media_type="text/plain", stored_at=at, refreshed_at=at))
        db.commit()


def stage(runtime: Runtime, county: County, sha256: str, age: timedelta) -> None:
    assignment = county.assign()
    with runtime.sessions.writing() as db:
        row = StagedFile(
            token=f"{sha256[:8]}-{assignment}",
            user_id=county.people["edu"],
            assignment_id=assignment,
            name="notes.txt",
            sha256=sha256,
            at=NOW - age,
        )
        db.add(row)
        db.commit()


def submit(runtime: Runtime, county: County, sha256: str) -> None:
    assignment = county.assign()
    with runtime.sessions.writing() as db:
        row = Submission(
            assignment_id=assignment,
            number=1,
            round=1,
            kind="completion",
            text="已完成",
            by_id=county.people["edu"],
            on=date(2024, 10, 1),
            at=NOW,
        )
        row.evidence = [Evidence(position=1, kind="file", name="notes.txt", sha256=sha256)]
        db.add(row)
        db.commit()


def sweep(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runtime, "clock", lambda _self, _db=None: CLOCK)
    jobs.keep_house(runtime, Work(Event()))


def test_a_file_that_nothing_refers_to_goes_after_a_day(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, young = put(runtime, "old", 2 * DAY), put(runtime, "young", DAY / 2)
    know(runtime, old, 2 * DAY)
    know(runtime, young, DAY / 2)
    sweep(runtime, monkeypatch)
    assert (runtime.store.exists(old), runtime.store.exists(young)) == (False, True)
    assert how_many(runtime.sessions, Blob) == 1


def test_a_file_without_row_goes_after_a_day(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, young = put(runtime, "old", 2 * DAY), put(runtime, "young", DAY / 2)
    sweep(runtime, monkeypatch)
    assert (runtime.store.exists(old), runtime.store.exists(young)) == (False, True)


def test_evidence_is_never_swept(
    runtime: Runtime, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = put(runtime, "proof", 400 * DAY)
    know(runtime, proof, 400 * DAY)
    submit(runtime, county, proof)
    sweep(runtime, monkeypatch)
    assert runtime.store.exists(proof)
    assert how_many(runtime.sessions, Blob) == 1


@pytest.mark.parametrize(("age", "left"), [(6 * DAY, 1), (8 * DAY, 0)])
def test_a_staged_file_waits_seven_days_for_its_form(
    runtime: Runtime,
    county: County,
    monkeypatch: pytest.MonkeyPatch,
    age: timedelta,
    left: int,
) -> None:
    sha256 = put(runtime, "staged", age)
    know(runtime, sha256, age)
    stage(runtime, county, sha256, age)
    sweep(runtime, monkeypatch)
    assert how_many(runtime.sessions, StagedFile) == left
    assert how_many(runtime.sessions, Blob) == left
    assert runtime.store.exists(sha256) is bool(left)


def test_a_file_that_arrives_again_after_its_row_was_forgotten_stays(runtime: Runtime) -> None:
    """Between the commit and the removal somebody uploads the same content."""
    sha256 = put(runtime, "again", 2 * DAY)
    know(runtime, sha256, 2 * DAY)
    with runtime.sessions.writing() as db:
        gone = housekeeping.forget_blobs(db, CLOCK)
        db.commit()
    assert gone == [sha256]
    put(runtime, "again", timedelta())
    assert housekeeping.remove_files(runtime.store, gone, NOW) == 0
    assert runtime.store.exists(sha256)


def test_sessions_that_are_too_old_are_forgotten(
    runtime: Runtime, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.sessions.writing() as db:
        for age in (DAY / 4, DAY):
            token = f"{age}".ljust(64)
            db.add(LoginSession(token_hash=token, user_id=county.people["edu"], at=NOW - age))
        db.commit()
    sweep(runtime, monkeypatch)
    assert how_many(runtime.sessions, LoginSession) == 1


def test_old_failures_to_log_in_are_forgotten(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.sessions.writing() as db:
        for age in (DAY / 24, 30 * DAY):
            db.add(LoginAttempt(username="edu", address="127.0.0.1", at=NOW - age))
        db.commit()
    sweep(runtime, monkeypatch)
    assert how_many(runtime.sessions, LoginAttempt) == 1
