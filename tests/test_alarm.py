"""Who hears that the worker does not tick: a page, a command, the administrators' mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import update

from planner import cli, server
from planner.config import load
from planner.models import Message, User
from planner.runtime import Runtime
from planner.services import alarm, heartbeats
from planner.services.heartbeats import LATE_AFTER, TICKS, late_after
from tests.support.cast import Cast, worker_ticks
from tests.support.pages import LogIn

NOW = datetime(2024, 10, 15, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def time() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def admin_mail(cast: Cast) -> Cast:
    """The administrator has an address."""
    with cast.runtime.sessions.writing() as db:
        query = update(User).where(User.username == "admin")
        db.execute(query.values(email="admin@example.org", locale="en"))
        db.commit()
    return cast


def mails(runtime: Runtime) -> list[EmailMessage]:
    found = []
    for path in sorted((runtime.settings.var / "outbox").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        found.append(mail)
    return found


def beat_alone(runtime: Runtime, name: str, at: datetime) -> None:
    with runtime.sessions.writing() as db:
        clock = runtime.clock(db)
        heartbeats.beat(db, type(clock)(clock.today, at), name)
        db.commit()


def late_jobs(runtime: Runtime) -> tuple[str, ...]:
    with runtime.sessions.reading() as db:
        found = heartbeats.silence(db, runtime.now())
    return found.jobs if found else ()


# --- what is late ------------------------------------------------------------------------------


def test_one_job_that_stands_still_is_enough(cast: Cast, time: time_machine.Coordinates) -> None:
    worker_ticks(cast.runtime)
    assert late_jobs(cast.runtime) == ()
    beat_alone(cast.runtime, "reminders", NOW - LATE_AFTER - MINUTE)
    assert late_jobs(cast.runtime) == ("reminders",)


def test_who_ticks_rarely_is_late_after_three_ticks(
    cast: Cast, time: time_machine.Coordinates
) -> None:
    assert late_after("delivery") == LATE_AFTER
    worker_ticks(cast.runtime)
    for minutes, expected in ((180, ()), (181, ("rollup",))):
        beat_alone(cast.runtime, "rollup", NOW - minutes * MINUTE)
        assert late_jobs(cast.runtime) == expected


def test_a_tick_in_the_future_tells_nothing(cast: Cast, time: time_machine.Coordinates) -> None:
    """The clock was ahead for a day, was set right, and the worker is gone: who would know?"""
    time.shift(timedelta(days=1))
    worker_ticks(cast.runtime)
    time.shift(-timedelta(days=1))
    assert set(late_jobs(cast.runtime)) == set(TICKS)


# --- the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["admin", "coordinator", "edu", "leader"])
def test_a_banner_for_those_who_can_see_to_it(cast: Cast, client_of: LogIn, username: str) -> None:
    client = client_of(username)
    assert "alarm-banner" not in client.get("/inbox").text
    worker_ticks(cast.runtime, minutes_ago=6 + 180)
    page = client.get("/inbox").text
    assert ("alarm-banner" in page) is (username in ("admin", "coordinator"))
    assert ("Start it again" in page) is (username == "admin")


# --- the command -------------------------------------------------------------------------------


def test_the_command_says_nothing_while_it_ticks(admin_mail: Cast) -> None:
    worker_ticks(admin_mail.runtime)
    result = run(admin_mail.runtime)
    assert (result.exit_code, result.output) == (0, "")
    assert mails(admin_mail.runtime) == []


def test_the_command_says_one_line_and_1(admin_mail: Cast) -> None:
    worker_ticks(admin_mail.runtime, minutes_ago=400)
    result = run(admin_mail.runtime)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: The worker has not ticked since ")
    assert all(name in line for name in TICKS)


def run(runtime: Runtime):  # type: ignore[no-untyped-def]
    settings = runtime.settings
    env = {"PLANNER_VAR": str(settings.var), "PLANNER_DATABASE_URL": settings.database_url}
    return CliRunner(env=env).invoke(cli.main, ["alarm"])


# --- the mail ----------------------------------------------------------------------------------


def test_administrators_are_mailed_once_an_hour_and_outage(
    admin_mail: Cast, time: time_machine.Coordinates
) -> None:
    runtime = admin_mail.runtime
    for _ in range(150):
        assert alarm.check(runtime) is not None
        time.shift(MINUTE)
    sent = mails(runtime)
    assert len(sent) == 3
    assert len({mail["Message-ID"] for mail in sent}) == 3
    assert sent[0]["To"].addresses[0].addr_spec == "admin@example.org"
    assert "never ticked" in sent[0].get_content()
    with runtime.sessions.reading() as db:
        assert db.query(Message).count() == 0, "not through the queue: who would deliver it?"


def test_the_next_outage_is_told_at_once(admin_mail: Cast, time: time_machine.Coordinates) -> None:
    runtime = admin_mail.runtime
    alarm.check(runtime)
    worker_ticks(runtime)
    assert alarm.check(runtime) is None
    time.shift(6 * MINUTE)
    assert alarm.check(runtime) is not None
    assert len(mails(runtime)) == 2


def test_a_clock_that_jumps_back_does_not_silence_it(
    admin_mail: Cast, time: time_machine.Coordinates
) -> None:
    alarm.check(admin_mail.runtime)
    time.shift(-timedelta(days=2))
    alarm.check(admin_mail.runtime)
    assert len(mails(admin_mail.runtime)) == 2


def test_it_is_raised_also_when_the_database_is_away(
    admin_mail: Cast, time: time_machine.Coordinates
) -> None:
    """Whom to tell was noted while it answered."""
    worker_ticks(admin_mail.runtime)
    assert alarm.check(admin_mail.runtime) is None
    var = admin_mail.runtime.settings.var
    url = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    away = Runtime(load({"PLANNER_VAR": str(var), "PLANNER_DATABASE_URL": url}))
    said = alarm.check(away)
    assert said is not None
    assert "database cannot be reached" in said.msgid
    assert len(mails(admin_mail.runtime)) == 1


def test_a_mail_server_that_is_away_is_tried_again_at_the_next_look(
    admin_mail: Cast, time: time_machine.Coordinates
) -> None:
    runtime = admin_mail.runtime
    outbox = Path(runtime.settings.var / "outbox")
    outbox.parent.mkdir(parents=True, exist_ok=True)
    outbox.write_bytes(b"in the way")
    alarm.check(runtime)
    outbox.unlink()
    alarm.check(runtime)
    assert len(mails(runtime)) == 1


def test_a_damaged_file_is_made_anew(
    admin_mail: Cast, time: time_machine.Coordinates, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = admin_mail.runtime
    runtime.settings.var.mkdir(parents=True, exist_ok=True)
    (runtime.settings.var / alarm.FILE).write_text('{"admins": 7', encoding="utf-8")
    assert alarm.check(runtime) is not None
    assert "is made anew" in caplog.text
    assert len(mails(runtime)) == 1


# --- `planner serve` looks too -----------------------------------------------------------------


def test_serve_looks_once_a_minute_in_a_process_of_its_own(admin_mail: Cast) -> None:
    runtime = admin_mail.runtime
    runtime.sessions.engine.dispose()
    lookout = server.Lookout(runtime.settings, 0.0)
    for now in (0.0, server.FIRST_LOOK_SECONDS - 1):
        lookout.look(now)
        assert lookout.process is None
    lookout.look(server.FIRST_LOOK_SECONDS)
    assert lookout.process is not None
    lookout.process.join(30)
    assert lookout.process.exitcode == 0
    lookout.end()
    assert len(mails(runtime)) == 1
