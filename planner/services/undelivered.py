"""What nobody got: shown to the administrator, who sees no business, and sent again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, lazyload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.names import NAMES
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.domain.words import Channel
from planner.models import Message, Robot, User
from planner.services.export import Column
from planner.services.failures import error_of
from planner.services.messages import INBOX
from planner.services.resending import KINDS, address_of, is_given_up, queue_again


def undelivered(words: str = "") -> Select[Message]:
    """What was given up, newest first; `words` are part of a name or an address."""
    query = (
        select(Message)
        .outerjoin(Message.recipient)
        .outerjoin(Message.robot)
        .where(is_given_up())
        .options(
            contains_eager(Message.recipient).options(lazyload(User.user_roles)),
            contains_eager(Message.robot).joinedload(Robot.unit),
        )
    )
    if words:
        places = (User.name, User.username, User.email, Robot.name)
        query = query.where(or_(*(p.icontains(words, autoescape=True) for p in places)))
    return query.order_by(Message.id.desc())


def how_many(db: Session) -> int:
    """The number of messages that were given up."""
    return db.scalar(select(func.count(Message.id)).where(is_given_up())) or 0


def send_again(db: Session, actor: Actor, clock: Clock, message_id: int) -> Message:
    """Queue one afresh. Raises NotFound, and BadInput for one that is not given up any more."""
    permissions.require(actor, Area.MANAGE_USERS)
    whole = [joinedload(Message.recipient), joinedload(Message.robot)]
    message = db.get(Message, message_id, options=whole)
    if message is None or message.channel == INBOX:
        raise NotFound
    if not queue_again(
        db, actor, clock, f"message:{message_id}", Message.id == message_id, is_given_up()
    ):
        raise BadInput(t("This message does not wait here any more."))
    return message


def send_all_again(db: Session, actor: Actor, clock: Clock) -> int:
    """Queue all of them afresh; how many."""
    permissions.require(actor, Area.MANAGE_USERS)
    return len(queue_again(db, actor, clock, "message:all", is_given_up()))


def _channel(message: Message) -> Text:
    return NAMES[Channel(message.channel)]


def _account(message: Message) -> str | None:
    return message.recipient.username if message.recipient else None


def _address(message: Message) -> str | None:
    return message.recipient.email if message.recipient else None


COLUMNS: Sequence[Column[Message]] = (
    Column(t("Recipient"), 16, lambda message: address_of(message).name),
    Column(t("User name"), 16, _account),
    Column(t("E-mail address"), 30, _address),
    Column(t("Channel"), 12, _channel),
    Column(t("Kind"), 18, lambda message: KINDS[message.kind]),
    Column(t("Business date"), 12, lambda message: message.on),
    Column(t("Attempts"), 10, lambda message: message.attempts),
    Column(t("Reason"), 60, error_of),
)
"""What the list is exported with."""
