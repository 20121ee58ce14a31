"""Every message about the work, with what became of it, for those who lead or supervise it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, lazyload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.names import NAMES
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.domain.words import Channel
from planner.models import Assignment, Message, Plan, Reminder, ReminderMessage, Robot, Unit, User
from planner.services.export import Column
from planner.services.failures import error_of
from planner.services.letters import subject
from planner.services.messages import INBOX
from planner.services.resending import (
    KINDS,
    address_of,
    is_given_up,
    queue_again,
    unit_of,
)
from planner.services.scope import visible_assignments, visible_units

Standing: TypeAlias = Literal["waiting", "failing", "sent", "given_up", "unread", "read"]

STANDINGS: dict[Standing, Text] = {
    "given_up": t("Given up"),
    "failing": t("Failed, is tried again"),
    "waiting": t("Waits to be sent"),
    "sent": t("Sent"),
    "unread": t("In the inbox, unread"),
    "read": t("Read"),
}
"""What became of a message, what needs a person first."""


@dataclass(frozen=True)
class MessageFilter:
    """What the list is narrowed to; nothing narrows where it is None or empty."""

    standing: Standing | None = None
    channel: Channel | None = None
    kind: str | None = None
    unit_id: int | None = None
    words: str = ""


def message_list(actor: Actor, wanted: MessageFilter) -> Select[Message]:
    """The messages that the actor may see, newest first, with all that a line shows."""
    return (
        select(Message)
        .outerjoin(Message.recipient)
        .outerjoin(Message.robot)
        .outerjoin(Message.assignment)
        .where(_seen_by(actor), *_conditions(wanted))
        .options(
            contains_eager(Message.recipient).options(
                lazyload(User.user_roles), joinedload(User.unit)
            ),
            contains_eager(Message.robot).joinedload(Robot.unit),
            contains_eager(Message.assignment).joinedload(Assignment.task),
        )
        .order_by(Message.id.desc())
    )


def how_many_given_up(db: Session, actor: Actor) -> int:
    """The length of that list where nobody got them."""
    query = select(func.count(Message.id)).outerjoin(Message.recipient).outerjoin(Message.robot)
    return db.scalar(query.where(_seen_by(actor), is_given_up())) or 0


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """About what the actor may open, or carrying a reminder of it.

    What is about no assignment follows its recipient's unit, or without one the plan's owner.
    """
    visible = select(Assignment.id).where(visible_assignments(actor))
    carried = exists().where(
        ReminderMessage.message_id == Message.id,
        Reminder.id == ReminderMessage.reminder_id,
        Reminder.assignment_id.in_(visible),
    )
    units = select(Unit.id).where(visible_units(actor))
    of_unit = or_(User.unit_id.in_(units), Robot.unit_id.in_(units))
    of_nobody = and_(
        User.unit_id.is_(None), Robot.id.is_(None), exists().where(Plan.owner_id.in_(units))
    )
    about_none = and_(Message.assignment_id.is_(None), or_(of_unit, of_nobody), ~_carries_any())
    return or_(Message.assignment_id.in_(visible), carried, about_none)


def _carries_any() -> ColumnElement[bool]:
    return exists().where(ReminderMessage.message_id == Message.id)


def _conditions(wanted: MessageFilter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.standing is not None:
        found.append(_stands(wanted.standing))
    if wanted.channel is not None:
        found.append(Message.channel == wanted.channel)
    if wanted.kind is not None:
        found.append(Message.kind == wanted.kind)
    if wanted.unit_id is not None:
        found.append(or_(User.unit_id == wanted.unit_id, Robot.unit_id == wanted.unit_id))
    if wanted.words:
        places = (User.name, User.username, User.email, Robot.name, Assignment.text)
        found.append(or_(*(p.icontains(wanted.words, autoescape=True) for p in places)))
    return found


def _stands(standing: Standing) -> ColumnElement[bool]:
    inbox, pending = Message.channel == INBOX, Message.state == "pending"
    match standing:
        case "given_up":
            return is_given_up()
        case "failing":
            return and_(pending, Message.error.is_not(None))
        case "waiting":
            return and_(pending, Message.error.is_(None))
        case "sent":
            return and_(~inbox, Message.state == "sent")
        case "unread":
            return and_(inbox, Message.read_at.is_(None))
        case "read":
            return and_(inbox, Message.read_at.is_not(None))


def standing_of(message: Message) -> Standing:
    """What became of a message, as the filter has it."""
    if message.channel == INBOX:
        return "read" if message.read_at else "unread"
    if message.state == "pending":
        return "failing" if message.error else "waiting"
    return "sent" if message.state == "sent" else "given_up"


def next_try_of(message: Message) -> datetime | None:
    """When a message is tried next, if it is."""
    return message.next_try_at if message.state == "pending" else None


def send_again(db: Session, actor: Actor, clock: Clock, message_id: int) -> Message:
    """Try one at once that was given up or failed.

    Raises NotFound for one that the actor may not see, BadInput for one that is on its way.
    """
    permissions.require(actor, Area.SEE_MESSAGES)
    found = message_list(actor, MessageFilter()).where(Message.id == message_id)
    message = db.scalar(found)
    if message is None:
        raise NotFound
    if not queue_again(db, actor, clock, f"message:{message_id}", Message.id == message_id):
        raise BadInput(t("This message was sent, or is on its way: there is nothing to repeat."))
    return message


def send_all_again(db: Session, actor: Actor, clock: Clock) -> int:
    """Try all at once that were given up and that the actor may see; how many."""
    permissions.require(actor, Area.SEE_MESSAGES)
    mine = message_list(actor, MessageFilter("given_up")).with_only_columns(Message.id)
    wanted = Message.id.in_(mine.order_by(None))
    return len(queue_again(db, actor, clock, "message:all", wanted))


def columns(zone: ZoneInfo) -> Sequence[Column[Message]]:
    """What the list is exported with; instants by the clocks of `zone`."""

    def moment(at: datetime | None) -> str | None:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else None

    return (
        Column(t("Written"), 17, lambda message: moment(message.at)),
        Column(t("Recipient"), 16, lambda message: address_of(message).name),
        Column(t("Unit"), 20, _unit_name),
        Column(t("Channel"), 12, lambda message: NAMES[Channel(message.channel)]),
        Column(t("Kind"), 18, lambda message: KINDS[message.kind]),
        Column(t("Message"), 60, subject),
        Column(t("State"), 18, lambda message: STANDINGS[standing_of(message)]),
        Column(t("Attempts"), 10, lambda message: message.attempts),
        Column(t("Next attempt"), 17, lambda message: moment(next_try_of(message))),
        Column(t("Sent or put there"), 17, lambda message: moment(message.sent_at)),
        Column(t("Reason"), 60, error_of),
    )


def _unit_name(message: Message) -> str | None:
    unit = unit_of(message)
    return unit.name if unit else None
