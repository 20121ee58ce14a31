"""Delivering mail at least once (design, section 5): claim, send, mark; three transactions.

The only windows for a duplicate are a crash between the server's accept and our commit, and a
lease that ran out; the Message-ID is the same then.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from planner.channels import Mail, MailChannel
from planner.db import Sessions
from planner.domain.text import Text, t
from planner.i18n import Languages
from planner.links import Links
from planner.models import Assignment, Message, Reminder
from planner.runtime import Runtime
from planner.services.failures import as_error
from planner.services.letters import render
from planner.services.messages import EMAIL
from planner.wire import DeliveryFailed, Step, no_step

LEASE = timedelta(minutes=3)
"""How long a claim holds: more than twice what a mail channel may take."""

MAX_ATTEMPTS = 20
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)

CRASHED = t("The worker ended in the middle of each attempt.")
NOBODY_THERE = t("The recipient has no account or no address any more.")

STEPS = (
    "looking",
    "claiming",
    "claim written",
    "claimed",
    "rendering",
    "rendered",
    "connecting",
    "connected",
    "offering",
    "accepted",
    "sent",
    "marking",
    "mark written",
    "marked",
)
"""What a message that is delivered passes through, in order; "claimed" and "marked" are
committed, and only between "offering" and "marked" can a crash make a second copy."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Courier:
    """What delivery works with. `domain` ends the Message-IDs; `now` is the real time, UTC.

    `step` is told each of STEPS as it is reached, so that a test can end the process there.
    """

    sessions: Sessions
    mail: MailChannel
    languages: Languages
    links: Links
    domain: str
    now: Callable[[], datetime]
    step: Step = no_step


def courier_of(runtime: Runtime) -> Courier:
    """The courier of a process."""
    return Courier(
        runtime.sessions,
        runtime.mail,
        runtime.languages,
        runtime.links,
        _domain(runtime.settings.base_url),
        runtime.now,
    )


def _domain(base_url: str) -> str:
    """The site's host name, where it can stand in a Message-ID: an IPv6 address cannot."""
    host = urlsplit(base_url).hostname or ""
    return host if host and ":" not in host else "localhost"


def deliver_all(courier: Courier, go_on: Callable[[], bool] = lambda: True) -> int:
    """Try every mail whose time has come, as long as `go_on` says so; how many were tried."""
    tried = 0
    while go_on() and deliver_one(courier):
        tried += 1
    return tried


def deliver_one(courier: Courier) -> bool:
    """Try one mail whose time has come; whether there was one. Never raises for a bad message."""
    claim = _claim(courier)
    if claim is None:
        return False
    if claim.attempt > MAX_ATTEMPTS:
        _give_up(courier, claim, CRASHED)
        return True
    try:
        mail = _prepare(courier, claim.message_id)
        courier.step("rendered")
        courier.mail.send(mail, courier.step)
        courier.step("sent")
    except DeliveryFailed as failure:
        _failed(courier, claim, failure.reason, permanent=failure.permanent)
    except Exception as error:
        log.exception("message %s cannot be delivered", claim.message_id)
        said = t("It cannot be written: %(words)s", words=f"{type(error).__name__}: {error}")
        _failed(courier, claim, said, permanent=False)
    else:
        _finish(courier, claim, state="sent", sent_at=courier.now(), error=None)
    return True


@dataclass(frozen=True)
class _Claim:
    message_id: int
    token: str
    attempt: int


def _claim(courier: Courier) -> _Claim | None:
    """Take the next mail for as long as the lease; exactly one worker gets it."""
    now = courier.now()
    courier.step("looking")
    while (message_id := _next(courier, now)) is not None:
        token = secrets.token_hex(16)
        take = (
            update(Message)
            .where(Message.id == message_id, _is_ready(now))
            .values(claim_token=token, lease_until=now + LEASE, attempts=Message.attempts + 1)
            .returning(Message.attempts)
        )
        courier.step("claiming")
        with courier.sessions.writing() as db:
            attempt = db.scalar(take)
            courier.step("claim written")
            db.commit()
        courier.step("claimed")
        if attempt is not None:
            return _Claim(message_id, token, attempt)
    return None


def _next(courier: Courier, now: datetime) -> int | None:
    query = select(Message.id).where(_is_ready(now)).order_by(Message.next_try_at, Message.id)
    with courier.sessions.reading() as db:
        return db.scalar(query.limit(1))


def _is_ready(now: datetime) -> ColumnElement[bool]:
    free = or_(Message.lease_until.is_(None), Message.lease_until <= now)
    due = Message.next_try_at <= now
    return (Message.channel == EMAIL) & (Message.state == "pending") & due & free


def _prepare(courier: Courier, message_id: int) -> Mail:
    """The mail, complete, so that nothing of the database is needed while it is sent."""
    courier.step("rendering")
    with courier.sessions.reading() as db:
        message = db.scalars(_whole(message_id)).one()
        recipient = message.recipient
        if recipient is None or not recipient.active or not recipient.email:
            raise DeliveryFailed(True, NOBODY_THERE)
        language = courier.languages.get(recipient.locale or courier.languages.default.locale)
        subject, text = render(message, language, courier.links)
        return Mail(
            message_id=message_id_of(message, courier.domain),
            to=recipient.email,
            to_name=recipient.name,
            subject=subject,
            text=text,
            at=message.at,
        )


def message_id_of(message: Message, domain: str) -> str:
    """The mail's Message-ID without brackets: the same whenever the message is sent."""
    key = hashlib.sha256(f"{message.recipient_id}:{message.key}".encode()).hexdigest()[:12]
    return f"message.{message.id}.{key}@{domain}"


def _whole(message_id: int) -> Select[Message]:
    """A message with all that its text needs."""
    assignment = joinedload(Message.assignment).joinedload(Assignment.task)
    reminded = selectinload(Message.reminders).joinedload(Reminder.assignment)
    return (
        select(Message)
        .where(Message.id == message_id)
        .options(
            joinedload(Message.recipient),
            assignment,
            reminded.joinedload(Assignment.task),
            reminded.joinedload(Assignment.unit),
        )
    )


def _failed(courier: Courier, claim: _Claim, reason: Text, *, permanent: bool) -> None:
    if permanent or claim.attempt >= MAX_ATTEMPTS:
        _give_up(courier, claim, reason)
    else:
        later = courier.now() + wait_after(claim.attempt)
        _finish(courier, claim, state="pending", next_try_at=later, error=as_error(reason))


def wait_after(attempt: int) -> timedelta:
    """How long to wait after the n-th failure: a minute, doubled each time, at most 6 hours."""
    doubled: int = 2 ** min(attempt - 1, 16)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _give_up(courier: Courier, claim: _Claim, reason: Text) -> None:
    log.error("message %s is given up: %s", claim.message_id, reason)
    _finish(courier, claim, state="given_up", error=as_error(reason))


def _finish(courier: Courier, claim: _Claim, **outcome: object) -> None:
    """Note what became of it, if the claim is still ours; whoever took it over notes it else."""
    ours = (
        update(Message)
        .where(Message.id == claim.message_id, Message.claim_token == claim.token)
        .values(claim_token=None, lease_until=None, **outcome)
        .returning(Message.id)
    )
    courier.step("marking")
    with courier.sessions.writing() as db:
        noted = db.scalar(ours)
        courier.step("mark written")
        db.commit()
    courier.step("marked")
    if noted is None:
        log.warning("message %s: the lease ran out before it was sent", claim.message_id)
