"""What leaves the house for a message: a mail, or a robot's note, complete before it is sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.channels import Mail
from planner.domain.text import t
from planner.domain.words import Channel
from planner.i18n import Languages
from planner.links import Links
from planner.models import Assignment, Message, Reminder, Robot, User
from planner.robots import Address, Note
from planner.services.letters import notice, render
from planner.wire import DeliveryFailed

NOBODY_THERE = t("The recipient has no account or no address any more.")
ROBOT_AWAY = t("The robot was disabled.")


@dataclass(frozen=True)
class Post:
    """A note, and the robot that says it."""

    robot: Address
    note: Note


Parcel: TypeAlias = Mail | Post


@dataclass(frozen=True)
class Stationery:
    """What every parcel is written with; `domain` ends the Message-IDs."""

    languages: Languages
    links: Links
    domain: str


def parcel_of(db: Session, message_id: int, with_: Stationery) -> Parcel:
    """What is to be sent, so that nothing of the database is needed while it is.

    Raises DeliveryFailed, permanent, where nobody is there to get it any more.
    """
    message = db.scalars(_whole(message_id)).one()
    if message.robot is not None:
        return _post(message, message.robot, with_)
    return _mail(message, message.recipient, with_)


def _mail(message: Message, recipient: User | None, with_: Stationery) -> Mail:
    if recipient is None or not recipient.active or not recipient.email:
        raise DeliveryFailed(True, NOBODY_THERE)
    language = with_.languages.get(recipient.locale or with_.languages.default.locale)
    subject, text = render(message, language, with_.links)
    return Mail(
        message_id=message_id_of(message, with_.domain),
        to=recipient.email,
        to_name=recipient.name,
        subject=subject,
        text=text,
        at=message.at,
    )


def _post(message: Message, robot: Robot, with_: Stationery) -> Post:
    """A title and where it leads; what else there is to say is read there, after a log-in."""
    if not robot.active:
        raise DeliveryFailed(True, ROBOT_AWAY)
    links = with_.links
    if message.assignment_id is not None:
        link = links.assignment(message.assignment_id)
    else:
        link = links.page(message.path) if message.path else links.my_work()
    note = Note(with_.languages.default.say(notice(message)), link)
    return Post(address_of(robot), note)


def address_of(robot: Robot) -> Address:
    """Where a robot is."""
    return Address(Channel(robot.channel), robot.token, robot.secret)


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
            joinedload(Message.robot),
            assignment,
            reminded.joinedload(Assignment.task),
            reminded.joinedload(Assignment.unit),
        )
    )
