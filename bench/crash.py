"""kill -9 at every named step between "due" and "sent": nothing is lost, and what is sent twice.

Each round forks a worker that kills itself at a step, and then another that goes on after the
lease: the time is handed in, nobody waits for it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any, NoReturn

from sqlalchemy import event, func, select, update

from bench.mailserver import MailServer
from planner import jobs
from planner.channels import Smtp
from planner.config import load
from planner.db import Sessions, make_engine
from planner.domain.clock import instant
from planner.i18n import Languages
from planner.links import Links
from planner.models import Assignment, Message, Reminder, ReminderMessage
from planner.robots import open_robot_channel
from planner.services.delivery import LEASE, STEPS, Courier, deliver_all
from planner.services.messages import EMAIL, INBOX
from planner.services.parcels import Stationery
from tests.support.reminding import County, at_nine, found
from tests.test_reminders import DATA

TODAY = date(2024, 11, 1)
SENDER = "planner@plan.example.org"
LANGUAGES = Languages()

REMINDING = (
    "looking for what is due",
    "recording",
    "reminder written",
    "message written",
    "link written",
    "committing",
    "recorded",
)
TAKEN = "taken, not answered"
ALL_STEPS = (
    *REMINDING,
    *STEPS[: STEPS.index("accepted")],
    TAKEN,
    *STEPS[STEPS.index("accepted") :],
)

MAY_BE_TWICE = frozenset({TAKEN, "accepted", "sent", "marking", "mark written"})
"""Design, section 5: between the server's accept and our commit."""

INSERTS = {
    "insert into reminders": "reminder written",
    "insert into messages": "message written",
    "insert into reminder_messages": "link written",
}


@dataclass
class Outcome:
    """Of the rounds of one step."""

    step: str
    rounds: int = 0
    lost: int = 0
    twice: int = 0
    other_ids: int = 0
    inbox_wrong: int = 0

    @property
    def is_as_promised(self) -> bool:
        """Nothing lost, the inbox exactly once, a second copy only in the window and as itself."""
        windows = self.step in MAY_BE_TWICE or not self.twice
        return not (self.lost or self.other_ids or self.inbox_wrong) and windows


@dataclass(frozen=True)
class Scene:
    """A county in a database of its own, and the server that its mail goes to."""

    server: MailServer
    county: County
    mail: Smtp


@contextmanager
def scene(url: str, server: MailServer) -> Iterator[Scene]:
    """On an empty database with all tables."""
    engine = make_engine(url)
    mail = Smtp(f"smtp://127.0.0.1:{server.port}", default_sender=SENDER)
    made = Scene(server, found(Sessions(engine), DATA), mail)
    made.county.assign()
    _work(made, timedelta(), lambda _: None)  # once in this process: the forked ones are warm then
    try:
        yield made
    finally:
        engine.dispose()


def play(at: Scene, step: str, rounds: int) -> Outcome:
    """Kill a worker at that step, so many times, alternately for the first and second person."""
    outcome = Outcome(step)
    for number in range(rounds):
        _round(at, step, 1 + number % 2, outcome)
    return outcome


def _round(at: Scene, step: str, passing: int, outcome: Outcome) -> None:
    assignment = at.county.assign()
    before = at.server.taken()
    at.county.sessions.engine.dispose()  # a connection does not survive a fork
    assert _forked(lambda: _die_at(at, step, passing)) == -signal.SIGKILL, f"{step} is not reached"
    at.server.victim.value = 0
    assert _forked(lambda: _work(at, LEASE + timedelta(seconds=1), lambda _: None)) == 0
    outcome.rounds += 1
    _count(at, assignment, before, outcome)


def _count(at: Scene, assignment: int, before: Any, outcome: Outcome) -> None:
    with at.county.sessions.writing() as db:
        carried = (
            select(Reminder.id, Message.channel, func.count().label("times"))
            .join(ReminderMessage, ReminderMessage.reminder_id == Reminder.id)
            .join(Message, Message.id == ReminderMessage.message_id)
            .where(Reminder.assignment_id == assignment, Message.state == "sent")
            .group_by(Reminder.id, Message.channel)
        )
        times = {(row.id, row.channel): row.times for row in db.execute(carried)}
        due = db.scalars(
            select(Reminder.id).where(
                Reminder.assignment_id == assignment, Reminder.superseded.is_(False)
            )
        ).all()
        db.execute(update(Assignment).values(state="accepted"))
        db.commit()
    taken = at.server.taken() - before
    outcome.inbox_wrong += sum(times.get((each, INBOX), 0) != 1 for each in due)
    outcome.lost += max(0, 2 - len(due)) + sum(times.get((each, EMAIL), 0) != 1 for each in due)
    outcome.lost += max(0, 2 - len(taken))
    outcome.other_ids += max(0, len(taken) - 2)
    outcome.twice += sum(taken.values()) - len(taken)


def _forked(do: Callable[[], object]) -> int:
    """Do it in a child; its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        _in_child(do)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _in_child(do: Callable[[], object]) -> NoReturn:
    status = 1
    try:
        do()
        status = 0
    finally:
        os._exit(status)


def _die_at(at: Scene, step: str, passing: int) -> None:
    left = passing

    def hook(name: str) -> None:
        nonlocal left
        left -= name == step
        if name == step and not left:
            os.kill(os.getpid(), signal.SIGKILL)

    def offer(name: str) -> None:
        """The server kills us when it has the mail: from the n-th offer on."""
        nonlocal left
        left -= name == "offering"
        if name == "offering" and not left:
            at.server.victim.value = os.getpid()

    _listen(at.county.sessions.engine, hook)
    _work(at, timedelta(), offer if step == TAKEN else hook)


def _work(at: Scene, later: timedelta, step: Callable[[str], None]) -> None:
    """What a worker does: look, record, deliver."""
    sessions = at.county.sessions
    clock = replace(at_nine(TODAY), now=instant() + later)
    work = jobs.Work(Event())
    for _ in range(2):  # twice, because each round asks for the first or the second passing
        step("looking for what is due")
        due = at.county.due(TODAY)
    jobs.remind(sessions, clock, jobs.Found(tuple(due), of_all=False), work)
    deliver_all(_courier(at, later, step))


def _courier(at: Scene, later: timedelta, step: Callable[[str], None]) -> Courier:
    settings = load({"PLANNER_VAR": str(at.server.book.parent)})

    def now() -> datetime:
        return instant() + later

    return Courier(
        at.county.sessions,
        at.mail,
        open_robot_channel(settings),
        Stationery(LANGUAGES, Links("https://p.example.org"), "p.example.org"),
        settings.timezone,
        now,
        step,
    )


def _listen(engine: Any, step: Callable[[str], None]) -> None:
    """The steps of recording, as the database is told them: the product knows of no hook."""
    pending: list[str] = []

    def before(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _m: bool) -> None:
        if _insert_of(statement) == "reminder written":
            step("recording")

    def after(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _m: bool) -> None:
        name = _insert_of(statement)
        if name and name not in pending:
            pending.append(name)
            step(name)

    def commit(_connection: Any) -> None:
        if pending:
            step("committing")

    def returned(_dbapi: Any, _record: Any) -> None:
        if pending:
            pending.clear()
            step("recorded")

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "commit", commit)
    event.listen(engine, "checkin", returned)


def _insert_of(statement: str) -> str | None:
    words = " ".join(statement.split()[:3]).lower()
    return INSERTS.get(words)
