"""A county, a mail server and a vendor on this machine, and a courier between them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import update

from planner.channels import Smtp
from planner.db import Sessions
from planner.domain.text import t
from planner.i18n import Languages
from planner.links import Links
from planner.models import Message, User
from planner.robots import Webhooks
from planner.services.delivery import Courier
from planner.services.messages import queue
from planner.services.parcels import Stationery
from tests.support.reminding import County, at_nine, found
from tests.support.vendors import Vendors
from tests.support.vendors import listening as vendors_listening
from tests.test_reminders import DATA

FRIDAY = date(2024, 11, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
SENDER = "planner@plan.example.org"


class Time:
    """The real time as the couriers see it; it goes on when a test says so."""

    def __init__(self) -> None:
        self.now = at_nine(FRIDAY).now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


class Server:
    """A mail server that keeps what it takes and answers as it was told to."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.taken.append(parsed)
        return self.answer

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for message in self.taken]


@contextmanager
def listening(server: Server) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@dataclass
class Post:
    """A county, a mail server, and a courier between them."""

    county: County
    server: Server
    courier: Courier
    time: Time
    vendors: Vendors

    @property
    def sessions(self) -> Sessions:
        return self.county.sessions

    def queue(self, key: str = "event:1", to: str = "edu", **options: Any) -> int:
        """Queue an event to somebody; the id of the mail."""
        with self.sessions.writing() as db:
            recipient = db.get_one(User, self.county.people[to])
            subject = options.pop("subject", t("Issued"))
            made = queue(
                db, at_nine(FRIDAY), recipient, key=key, kind="event", subject=subject, **options
            )
            db.commit()
            return made[-1].id

    def message(self, message_id: int) -> Message:
        with self.sessions.reading() as db:
            return db.get_one(Message, message_id)

    def change(self, message_id: int, **values: Any) -> None:
        with self.sessions.writing() as db:
            db.execute(update(Message).where(Message.id == message_id).values(**values))
            db.commit()


@pytest.fixture
def post(sessions: Sessions) -> Iterator[Post]:
    server, now = Server(), Time()
    with listening(server) as port, vendors_listening() as vendors:
        mail = Smtp(f"smtp://localhost:{port}", default_sender=SENDER, timeout=5)
        stationery = Stationery(Languages(), Links("https://p.example.org"), "p.example.org")
        courier = Courier(sessions, mail, Webhooks(vendors.bases, 5), stationery, SHANGHAI, now)
        yield Post(found(sessions, DATA), server, courier, now, vendors)
