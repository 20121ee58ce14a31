"""The mails that nobody got: shown to the administrator, who sees no business, and sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload, lazyload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.models import Message, User
from planner.services import journal
from planner.services.export import Column
from planner.services.failures import error_of
from planner.services.messages import EMAIL

KINDS: Mapping[str, Text] = {"digest": t("Reminders of a day"), "event": t("Notice of an act")}
"""What a mail is, without a word of its business."""


def undelivered(words: str = "") -> Select[Message]:
    """The mails that were given up, newest first; `words` are part of a name or an address."""
    query = (
        select(Message)
        .join(Message.recipient)
        .where(Message.channel == EMAIL, Message.state == "given_up")
        .options(contains_eager(Message.recipient).options(lazyload(User.user_roles)))
    )
    if words:
        places = (User.name, User.username, User.email)
        query = query.where(or_(*(p.icontains(words, autoescape=True) for p in places)))
    return query.order_by(Message.id.desc())


def how_many(db: Session) -> int:
    """The number of mails that were given up."""
    found = select(func.count(Message.id)).where(
        Message.channel == EMAIL, Message.state == "given_up"
    )
    return db.scalar(found) or 0


def send_again(db: Session, actor: Actor, clock: Clock, message_id: int) -> Message:
    """Queue a mail afresh. Raises NotFound, and BadInput for one that is not given up any more."""
    permissions.require(actor, Area.MANAGE_USERS)
    message = db.get(Message, message_id, options=[joinedload(Message.recipient)])
    if message is None or message.channel != EMAIL:
        raise NotFound
    if not _queue_again(db, clock.now, [message_id]):
        raise BadInput(t("This mail does not wait here any more."))
    journal.record(db, actor, clock, "mail_again", f"message:{message_id}")
    return message


def send_all_again(db: Session, actor: Actor, clock: Clock) -> int:
    """Queue all of them afresh; how many."""
    permissions.require(actor, Area.MANAGE_USERS)
    queued = _queue_again(db, clock.now)
    if queued:
        journal.record(db, actor, clock, "mail_again", "message:all", message_ids=sorted(queued))
    return len(queued)


def _queue_again(
    db: Session, now: datetime, message_ids: Sequence[int] | None = None
) -> Sequence[int]:
    """With all attempts before them again; the ids of those that were given up until now."""
    again = update(Message).where(Message.channel == EMAIL, Message.state == "given_up")
    if message_ids is not None:
        again = again.where(Message.id.in_(message_ids))
    fresh = again.values(state="pending", attempts=0, next_try_at=now, error=None)
    return db.scalars(fresh.returning(Message.id)).all()


def person_of(message: Message) -> User:
    """Whom a mail is for: a person, always."""
    if message.recipient is None:
        raise ValueError(f"message {message.id} is for no person")
    return message.recipient


COLUMNS: Sequence[Column[Message]] = (
    Column(t("Recipient"), 16, lambda message: person_of(message).name),
    Column(t("User name"), 16, lambda message: person_of(message).username),
    Column(t("E-mail address"), 30, lambda message: person_of(message).email),
    Column(t("Kind"), 18, lambda message: KINDS[message.kind]),
    Column(t("Business date"), 12, lambda message: message.on),
    Column(t("Attempts"), 10, lambda message: message.attempts),
    Column(t("Reason"), 60, error_of),
)
"""What the list is exported with."""
