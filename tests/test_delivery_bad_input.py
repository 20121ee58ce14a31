"""Servers and addresses at their worst: none stops the others, none loses anything, all is seen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from planner.channels import Smtp
from planner.domain.text import t
from planner.models import Message, User
from planner.services import undelivered
from planner.services.delivery import (
    LEASE,
    MAX_ATTEMPTS,
    Courier,
    deliver_all,
    deliver_one,
    wait_after,
)
from planner.services.failures import error_of
from planner.services.messages import queue
from tests.support.posting import FRIDAY, SENDER, SHANGHAI, Post
from tests.support.reminding import at_nine
from tests.test_channels import drip, hang, raw_server


def courier_to(post: Post, port: int) -> Courier:
    return replace(
        post.courier, mail=Smtp(f"smtp://127.0.0.1:{port}", default_sender=SENDER, timeout=0.4)
    )


def change_person(post: Post, username: str, **values: Any) -> None:
    with post.sessions.writing() as db:
        who = User.id == post.county.people[username]
        db.execute(update(User).where(who).values(**values))
        db.commit()


def why(post: Post, message_id: int) -> str:
    return str(error_of(post.message(message_id)))


def state(post: Post, message_id: int) -> tuple[str, int]:
    found = post.message(message_id)
    return found.state, found.attempts


# --- servers ------------------------------------------------------------------------------------


def close_at_once(connection: socket.socket, over: threading.Event) -> None:
    """Nothing is said."""


def close_after_hello(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"220 hello\r\n")
    connection.recv(100)


def close_with_the_mail(connection: socket.socket, over: threading.Event) -> None:
    """Everything is fine until the mail itself has been taken; then no word comes."""
    connection.sendall(b"220 hello\r\n")
    for _ in range(3):
        connection.recv(1000)
        connection.sendall(b"250 ok\r\n")
    connection.recv(1000)
    connection.sendall(b"354 go\r\n")
    received = b""
    while not received.endswith(b"\r\n.\r\n"):
        received += connection.recv(10_000)


def talk_nonsense(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n\xff\xfe")
    over.wait()


@pytest.mark.parametrize(
    "talk", [hang, drip, close_at_once, close_after_hello, close_with_the_mail, talk_nonsense]
)
def test_a_server_that_does_not_serve_is_tried_again(
    post: Post, talk: Callable[[socket.socket, threading.Event], None]
) -> None:
    mail = post.queue()
    with raw_server(talk) as port:
        assert deliver_one(courier_to(post, port))
    assert state(post, mail) == ("pending", 1)
    assert why(post, mail)
    post.time.pass_by(wait_after(1))
    assert deliver_one(post.courier), "the server is well again"
    assert state(post, mail)[0] == "sent"


def test_a_day_of_4xx_loses_nothing(post: Post) -> None:
    mails = [post.queue(f"event:{n}") for n in range(3)]
    post.server.answer = "451 4.3.0 try later"
    began = post.time.now
    while post.time.now - began < timedelta(days=1):
        deliver_all(post.courier)
        post.time.pass_by(timedelta(minutes=30))
    assert all(state(post, mail)[0] == "pending" for mail in mails)
    assert all(state(post, mail)[1] < MAX_ATTEMPTS for mail in mails)
    post.server.answer = "250 OK"
    post.time.pass_by(timedelta(hours=6))
    deliver_all(post.courier)
    assert all(state(post, mail)[0] == "sent" for mail in mails)
    assert len(set(post.server.ids)) == len(post.server.ids) == 3


class Refusing:
    """A server's hook that refuses one recipient."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def __call__(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == self.address:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_one_refused_recipient_is_given_up_and_the_rest_get_theirs(post: Post) -> None:
    post.server.handle_RCPT = Refusing("edu@example.org")  # type: ignore[attr-defined]
    refused, taken = post.queue(to="edu"), post.queue(to="edu-head")
    assert deliver_all(post.courier) == 2
    assert state(post, refused) == ("given_up", 1)
    assert state(post, taken) == ("sent", 1)
    assert "550 5.1.1 no such user" in why(post, refused)
    with post.sessions.reading() as db:
        assert [each.id for each in db.scalars(undelivered.undelivered())] == [refused]


# --- people -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["nobody", "a b@example.org", "x@", "@x", "a@b@c", "x@y\r\nBcc: z@example.org", "\x01@x.org"],
)
def test_an_address_that_is_none_is_given_up_and_seen(post: Post, address: str) -> None:
    mail, other = post.queue(to="edu"), post.queue(to="edu-head")
    change_person(post, "edu", email=address)
    assert deliver_all(post.courier) == 2
    assert state(post, mail) == ("given_up", 1)
    assert why(post, mail)
    assert state(post, other)[0] == "sent"
    assert [each["To"].addresses[0].addr_spec for each in post.server.taken] == [
        "edu-head@example.org"
    ]


@pytest.mark.parametrize("values", [{"email": None}, {"mail_events": False}], ids=["none", "off"])
def test_who_has_no_channel_has_the_inbox(post: Post, values: dict[str, Any]) -> None:
    change_person(post, "edu", **values)
    with post.sessions.writing() as db:
        person = db.get_one(User, post.county.people["edu"])
        made = queue(db, at_nine(FRIDAY), person, key="event:1", kind="event", subject=t("Issued"))
        db.commit()
        assert [(each.channel, each.state) for each in made] == [("inbox", "sent")]
    assert not deliver_one(post.courier)


def test_each_kind_has_its_own_switch(post: Post) -> None:
    change_person(post, "edu", mail_digests=False)
    with post.sessions.writing() as db:
        person = db.get_one(User, post.county.people["edu"])
        channels = {
            kind: [
                each.channel
                for each in queue(
                    db, at_nine(FRIDAY), person, key=f"{kind}:1", kind=kind, subject=t("Issued")
                )
            ]
            for kind in ("event", "digest")
        }
        db.commit()
    assert channels == {"event": ["inbox", "email"], "digest": ["inbox"]}


# --- quiet hours --------------------------------------------------------------------------------


def night(post: Post, begins: str = "08:00", ends: str = "10:30") -> None:
    """The education office's liaison sleeps; it is nine o'clock."""
    change_person(
        post,
        "edu",
        quiet_from=time.fromisoformat(begins),
        quiet_until=time.fromisoformat(ends),
    )


def test_mail_waits_for_the_end_of_quiet_hours(post: Post) -> None:
    night(post)
    mail, other = post.queue(to="edu"), post.queue(to="edu-head")
    ends = datetime(2024, 11, 1, 10, 30, tzinfo=SHANGHAI)
    assert post.message(mail).next_try_at == ends
    assert deliver_all(post.courier) == 1
    assert state(post, other)[0] == "sent"
    post.time.pass_by(timedelta(minutes=89))
    assert not deliver_one(post.courier)
    post.time.pass_by(timedelta(minutes=1))
    assert deliver_one(post.courier)
    assert state(post, mail) == ("sent", 1)


def test_the_inbox_never_waits(post: Post) -> None:
    night(post)
    post.queue()
    with post.sessions.reading() as db:
        inbox = db.scalars(select(Message).where(Message.channel == "inbox")).one()
        assert (inbox.state, inbox.sent_at) == ("sent", at_nine(FRIDAY).now)


def test_what_was_queued_before_waits_as_well(post: Post) -> None:
    mail = post.queue()
    night(post)
    assert not deliver_one(post.courier)
    assert state(post, mail) == ("pending", 0), "no attempt was spent"
    post.time.pass_by(timedelta(minutes=90))
    assert deliver_one(post.courier)


def test_a_repetition_does_not_wake_anybody(post: Post) -> None:
    """It failed at nine; at ten the night begins, and the worker was away until then."""
    mail = post.queue()
    post.server.answer = "451 try later"
    assert deliver_one(post.courier)
    night(post, "10:00", "07:00")
    post.server.answer = "250 OK"
    post.time.pass_by(timedelta(hours=2))
    assert not deliver_one(post.courier)
    post.time.pass_by(timedelta(hours=20))
    assert deliver_one(post.courier)
    assert state(post, mail) == ("sent", 2)


def test_the_inbox_of_a_sleeper_does_not_hold_the_queue(post: Post) -> None:
    """Many who sleep are put off one after the other, and the one who is awake gets mail."""
    for number in range(5):
        post.queue(f"event:{number}")
    awake = post.queue("event:9", to="edu-head")
    night(post)
    assert deliver_all(post.courier) == 1
    assert state(post, awake)[0] == "sent"


def test_a_lease_that_ran_out_at_night_waits_for_the_morning(post: Post) -> None:
    mail = post.queue()
    post.change(mail, claim_token="gone", lease_until=post.time.now + LEASE, attempts=1)
    night(post)
    post.time.pass_by(LEASE)
    assert not deliver_one(post.courier)
    post.time.pass_by(timedelta(minutes=90))
    assert deliver_one(post.courier)
