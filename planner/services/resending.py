"""Messages that were given up, and sending again what did not arrive: the one way of doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.text import Text, t
from planner.models import Message, Robot, Unit, User
from planner.services import journal
from planner.services.messages import INBOX

KINDS: Mapping[str, Text] = {
    "event": t("Notice of an act"),
    "digest": t("Reminders of a day"),
    "weekly": t("Report of a week"),
}
"""What a message is, without a word of its business."""


def is_given_up() -> ColumnElement[bool]:
    """Nobody tries to deliver it any more."""
    return and_(Message.channel != INBOX, Message.state == "given_up")


def can_be_sent_again() -> ColumnElement[bool]:
    """Given up, or waiting after a failure. What was taken once is not offered again."""
    failed = and_(Message.state == "pending", Message.error.is_not(None))
    return and_(Message.channel != INBOX, or_(Message.state == "given_up", failed))


def queue_again(
    db: Session, actor: Actor, clock: Clock, subject: str, *wanted: ColumnElement[bool]
) -> Sequence[int]:
    """Try at once, with all attempts to come; the ids, which the journal keeps under `subject`.

    Quiet hours still hold, and so does the Message-ID: what arrived after all arrives once.
    """
    again = update(Message).where(can_be_sent_again(), *wanted)
    fresh = again.values(state="pending", attempts=0, next_try_at=clock.now, error=None)
    queued = sorted(db.scalars(fresh.returning(Message.id)))
    if queued:
        journal.record(db, actor, clock, "mail_again", subject, message_ids=queued)
    return queued


def address_of(message: Message) -> User | Robot:
    """Whom a message is for."""
    found = message.recipient or message.robot
    if found is None:
        raise ValueError(f"message {message.id} is for nobody")
    return found


def unit_of(message: Message) -> Unit | None:
    """The unit of the person or the robot that a message is for."""
    return address_of(message).unit
