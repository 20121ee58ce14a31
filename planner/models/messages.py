"""What a rule says is due to be said, and what is to be delivered to whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Instant
from planner.domain.words import ROBOT_CHANNELS, Channel
from planner.models.columns import AssignmentId, At, Code, Id, Key, Name, On, UnitId, UserId, one_of
from planner.models.people import Unit, User
from planner.models.work import Assignment


class Robot(Base):
    """The robot of a unit's group chat (群机器人): what it says is read by all in the group.

    `token` is the secret part of its address, `secret` what its posts are signed with.
    """

    __tablename__ = "robots"
    __table_args__ = (one_of("channel", ROBOT_CHANNELS),)

    id: Mapped[Id]
    unit_id: Mapped[UnitId]
    channel: Mapped[Code]
    name: Mapped[Name]
    token: Mapped[str] = mapped_column(String(200))
    secret: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)

    unit: Mapped[Unit] = relationship()


class Message(Base):
    """One thing to deliver to one person, or one robot, over one channel (消息).

    `key` is the event or the digest's day, so that nothing is queued twice. `subject` and `body`
    are texts as JSON (`domain.text.to_json`). An inbox message is delivered by being written.
    `forwards_id` names the unread message that this one takes to the recipient's deputy.
    `sections` is what a weekly digest says below its subject (`services.weekly`), as it was made.
    `path` is the page that it is about, where that is not an assignment's.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("recipient_id", "channel", "key"),
        UniqueConstraint("robot_id", "key"),
        CheckConstraint("(recipient_id IS NULL) <> (robot_id IS NULL)", name="person_or_robot"),
        one_of("channel", Channel),
        one_of("kind", ("event", "digest", "weekly")),
        one_of("state", ("pending", "sent", "given_up")),
        Index(None, "state", "next_try_at"),
        Index(None, "recipient_id", "channel", "on"),
    )

    id: Mapped[Id]
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    robot_id: Mapped[int | None] = mapped_column(ForeignKey("robots.id"), index=True)
    channel: Mapped[Code]
    key: Mapped[Key]
    kind: Mapped[Code]
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sections: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    path: Mapped[str | None] = mapped_column(String(200))
    forwards_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    on: Mapped[On]
    at: Mapped[At]
    state: Mapped[Code]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    claim_token: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(Text)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    recipient: Mapped[User | None] = relationship()
    robot: Mapped[Robot | None] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    forwards: Mapped[Message | None] = relationship(remote_side="Message.id")
    reminders: Mapped[list[Reminder]] = relationship(
        secondary="reminder_messages", order_by="Reminder.id", viewonly=True
    )


class Reminder(Base):
    """A threshold that a rule crossed for one recipient (提醒): sent, or passed over. Insert-only.

    `anchor` names what the thresholds are counted from; a new anchor starts them anew.
    `superseded` were crossed while nobody ticked, and a later one was sent in their place.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("assignment_id", "family", "anchor", "occurrence", "recipient_id"),
        one_of("level", ("blue", "yellow", "red")),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    family: Mapped[Code]
    anchor: Mapped[Code]
    occurrence: Mapped[int]
    recipient_id: Mapped[UserId]
    level: Mapped[Code]
    due_on: Mapped[date]
    superseded: Mapped[bool] = mapped_column(default=False)
    on: Mapped[On]
    at: Mapped[At]

    assignment: Mapped[Assignment] = relationship()


class ReminderMessage(Base):
    """Which message carries which reminder: one on every channel of the recipient."""

    __tablename__ = "reminder_messages"

    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True, index=True)


class Heartbeat(Base):
    """When a worker last finished a tick, and of which kind."""

    __tablename__ = "heartbeats"

    name: Mapped[Code] = mapped_column(primary_key=True)
    on: Mapped[On]
    at: Mapped[At]


class Lease(Base):
    """Something that one process alone may do until an instant; SQLite's way to elect one."""

    __tablename__ = "leases"

    name: Mapped[Code] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[At]
