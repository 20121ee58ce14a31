"""Delivering mail and robots' notes at least once (design, section 5): claim, send, mark.

Three transactions, and none while it is sent. The only windows for a duplicate are a crash between
the server's accept and our commit, and a lease that ran out; the Message-ID is the same then.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, joinedload

from planner.channels import Mail, MailChannel
from planner.db import Sessions
from planner.domain.text import Text, t
from planner.models import Message, User
from planner.robots import RobotChannel
from planner.runtime import Runtime
from planner.services.failures import as_error
from planner.services.messages import EMAIL, INBOX, may_leave_at
from planner.services.parcels import Parcel, Stationery, parcel_of
from planner.wire import DeliveryFailed, Step, no_step

LEASE = timedelta(minutes=3)
"""How long a claim holds: more than twice what a channel may take."""

MAX_ATTEMPTS = 20
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)

CRASHED = t("The worker ended in the middle of each attempt.")

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
    """What delivery works with. `now` is the real time, UTC; `zone` is for quiet hours.

    `step` is told each of STEPS as it is reached, so that a test can end the process there.
    """

    sessions: Sessions
    mail: MailChannel
    robots: RobotChannel
    stationery: Stationery
    zone: ZoneInfo
    now: Callable[[], datetime]
    step: Step = no_step


def courier_of(runtime: Runtime) -> Courier:
    """The courier of a process."""
    return Courier(
        runtime.sessions,
        runtime.mail,
        runtime.robots,
        Stationery(runtime.languages, runtime.links, runtime.settings.message_domain),
        runtime.settings.timezone,
        runtime.now,
    )


def deliver_all(courier: Courier, go_on: Callable[[], bool] = lambda: True) -> int:
    """Try every message whose time has come, as long as `go_on` says so; how many were tried."""
    tried = 0
    while go_on() and deliver_one(courier):
        tried += 1
    return tried


def deliver_one(courier: Courier) -> bool:
    """Try one message whose time has come; whether there was one. Never raises for a bad one."""
    claim = _claim(courier)
    if claim is None:
        return False
    if claim.attempt > MAX_ATTEMPTS:
        _give_up(courier, claim, CRASHED)
        return True
    try:
        parcel = _written(courier, claim.message_id)
        courier.step("rendered")
        _send(courier, parcel)
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
    """Take the next message for as long as the lease; exactly one worker gets it."""
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
    """The message that waited longest; mail to people who sleep is put off on the way."""
    while True:
        with courier.sessions.reading() as db:
            found = db.scalar(
                select(Message)
                .where(_is_ready(now))
                .options(joinedload(Message.recipient).lazyload(User.user_roles))
                .order_by(Message.next_try_at, Message.id)
                .limit(1)
            )
        if found is None:
            return None
        later = _put_off_until(courier, found, now)
        if later is None:
            return found.id
        with courier.sessions.writing() as db:
            _put_off(db, found.id, now, later)
            db.commit()


def _put_off_until(courier: Courier, message: Message, now: datetime) -> datetime | None:
    """When the recipient's quiet hours are over, if they are on."""
    if message.channel != EMAIL or message.recipient is None:
        return None
    leaves = may_leave_at(message.recipient, now, courier.zone)
    return leaves if leaves > now else None


def _put_off(db: Session, message_id: int, now: datetime, later: datetime) -> None:
    waiting = Message.id == message_id, _is_ready(now)
    db.execute(update(Message).where(*waiting).values(next_try_at=later))


def _is_ready(now: datetime) -> ColumnElement[bool]:
    free = or_(Message.lease_until.is_(None), Message.lease_until <= now)
    due = Message.next_try_at <= now
    return (Message.channel != INBOX) & (Message.state == "pending") & due & free


def _written(courier: Courier, message_id: int) -> Parcel:
    courier.step("rendering")
    with courier.sessions.reading() as db:
        return parcel_of(db, message_id, courier.stationery)


def _send(courier: Courier, parcel: Parcel) -> None:
    if isinstance(parcel, Mail):
        courier.mail.send(parcel, courier.step)
    else:
        courier.robots.post(parcel.robot, parcel.note, courier.now(), courier.step)


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
