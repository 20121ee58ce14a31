"""Many reminders and several workers: real processes, a real database, a real mail server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event

from sqlalchemy import func, insert, select

from bench.mailserver import MailServer
from planner.db import Sessions, make_engine
from planner.domain.actor import Role
from planner.models import Message, Reminder, Unit, User, UserRole
from planner.services.messages import EMAIL, INBOX
from planner.services.reminders import by_recipient, materialise
from tests.support.reminding import STARTED, County, at_nine, found
from tests.test_reminders import DATA

TODAY = date(2024, 11, 1)
A_UNIT = 100
"""People in a unit; each is to be told of its one assignment that is late."""

STOP_SECONDS = 60


@dataclass(frozen=True)
class Result:
    """What became of `due` reminders."""

    due: int
    workers: int
    recorded: int
    inbox: int
    taken: int
    lost: int
    twice: int
    seconds: float
    statuses: tuple[int, ...]

    @property
    def rate(self) -> float:
        """Mails a second, from the start of the processes to the last mark."""
        return self.due / self.seconds


def run(
    url: str, folder: Path, server: MailServer, people: int, workers: int, queued: int = 0
) -> Result:
    """On an empty database with all tables: tell so many people by so many workers.

    The mails of `queued` of them wait already, so that delivery need not tick a second time.
    """
    engine = make_engine(url)
    sessions = Sessions(engine)
    try:
        county = crowd(sessions, people)
        queue(county, queued)
        began = time.monotonic()
        with started(url, folder, server, workers) as processes:
            wait(sessions, people, processes)
            seconds = time.monotonic() - began
        statuses = tuple(process.returncode for process in processes)
        return _counted(sessions, server, people, seconds, statuses)
    finally:
        engine.dispose()


def crowd(sessions: Sessions, people: int) -> County:
    """A county where so many people have one late assignment to be told of."""
    county = found(sessions, DATA)
    for first in range(0, people, A_UNIT):
        with sessions.writing() as db:
            unit = Unit(key=f"unit-{first}", name=f"单位{first}", aliases=[])
            db.add(unit)
            db.flush()
            county.units[unit.key] = unit.id
            numbers = range(first, min(first + A_UNIT, people))
            rows = [_person(unit.id, number) for number in numbers]
            ids = db.scalars(insert(User).returning(User.id), rows).all()
            roles = [{"user_id": each, "role": Role.LIAISON} for each in ids]
            db.execute(insert(UserRole), roles)
            county.add_assignment(db, unit.key)
            db.commit()
    return county


def queue(county: County, people: int) -> None:
    """Record what so many people are to be told, and queue it."""
    for mine in list(by_recipient(county.due(TODAY)).values())[:people]:
        with county.sessions.writing() as db:
            materialise(db, at_nine(TODAY), mine)
            db.commit()


def _person(unit_id: int, number: int) -> dict[str, object]:
    return {
        "username": f"person-{number}",
        "name": f"联络员{number}",
        "password_hash": "-",
        "unit_id": unit_id,
        "email": f"person-{number}@example.org",
        "locale": "zh",
        "created_on": date(2024, 1, 2),
        "created_at": STARTED,
    }


@contextmanager
def started(
    url: str, folder: Path, server: MailServer, workers: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many `planner worker`; they are told to stop at the end, and asked for their status."""
    settings = {**os.environ, **environment(url, folder, server)}
    command = [sys.executable, "-m", "planner.cli", "worker"]
    with (folder / "workers.log").open("wb") as log:
        processes = [subprocess.Popen(command, env=settings, stderr=log) for _ in range(workers)]
        try:
            yield processes
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(STOP_SECONDS)
        finally:
            for process in processes:
                process.kill()
                process.wait()


def environment(url: str, folder: Path, server: MailServer | None) -> dict[str, str]:
    """The settings of such a worker."""
    settings = {
        "PLANNER_DATABASE_URL": url,
        "PLANNER_VAR": str(folder / "var"),
        "PLANNER_TODAY": TODAY.isoformat(),
        "PLANNER_BASE_URL": "https://p.example.org",
    }
    if server is not None:
        settings["PLANNER_SMTP_URL"] = f"smtp://127.0.0.1:{server.port}/?from=planner@p.example.org"
    return settings


def wait(sessions: Sessions, people: int, processes: list[subprocess.Popen[bytes]]) -> None:
    """Until every mail is marked; the caller's patience is the only limit."""
    sent = select(func.count()).where(Message.channel == EMAIL, Message.state == "sent")
    while True:
        with sessions.reading() as db:
            if (db.scalar(sent) or 0) >= people:
                return
        assert all(process.poll() is None for process in processes), "a worker died"
        Event().wait(0.5 if people > 1000 else 0.1)


def _counted(
    sessions: Sessions,
    server: MailServer,
    people: int,
    seconds: float,
    statuses: tuple[int, ...],
) -> Result:
    with sessions.reading() as db:
        recorded = db.scalar(select(func.count(Reminder.id)).where(~Reminder.superseded)) or 0
        inbox = db.scalar(select(func.count()).where(Message.channel == INBOX)) or 0
    taken = server.taken()
    return Result(
        due=people,
        workers=len(statuses),
        recorded=recorded,
        inbox=inbox,
        taken=len(taken),
        lost=people - len(taken),
        twice=sum(taken.values()) - len(taken) + inbox - people,
        seconds=seconds,
        statuses=statuses,
    )
