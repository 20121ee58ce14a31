"""Queueing messages: the inbox in the same transaction, all others for the worker to deliver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.domain.actor import Role
from planner.domain.clock import Clock
from planner.domain.errors import NotFound
from planner.domain.quiet_hours import QuietHours
from planner.domain.text import Text, to_json
from planner.models import Assignment, JournalEntry, Message, Robot, User, UserRole

INBOX, EMAIL = "inbox", "email"


def channels_of(user: User, kind: str = "digest") -> tuple[str, ...]:
    """What a person is reached by: the inbox always, mail where they want it and have an address.

    `kind` is an event, or one of the digests.
    """
    by_mail = user.mail_events if kind == "event" else user.mail_digests
    return (INBOX, EMAIL) if user.email and by_mail else (INBOX,)


def quiet_hours_of(user: User) -> QuietHours | None:
    """When no mail leaves for a person."""
    if user.quiet_from is None or user.quiet_until is None:
        return None
    return QuietHours(user.quiet_from, user.quiet_until)


def may_leave_at(user: User, now: datetime, zone: ZoneInfo) -> datetime:
    """When mail for a person may leave: now, or when their quiet hours are over."""
    quiet = quiet_hours_of(user)
    return (quiet and quiet.over_at(now, zone)) or now


def queue(
    db: Session,
    clock: Clock,
    recipient: User,
    *,
    key: str,
    kind: str,
    subject: Text,
    body: Text | None = None,
    assignment: Assignment | None = None,
    path: str | None = None,
) -> list[Message]:
    """One message on every channel of the recipient; unique by recipient, channel and key."""
    return [
        queue_on(
            db,
            clock,
            recipient,
            channel,
            key=key,
            kind=kind,
            subject=subject,
            body=body,
            assignment=assignment,
            path=path,
        )
        for channel in channels_of(recipient, kind)
    ]


def queue_once(
    db: Session, clock: Clock, recipient: User, key: str, kind: str, subject: Text
) -> list[Message] | None:
    """The same, or nothing where another worker has queued the key for this recipient."""
    try:
        with db.begin_nested():
            return queue(db, clock, recipient, key=key, kind=kind, subject=subject)
    except IntegrityError:
        taken = select(Message.id).where(Message.recipient_id == recipient.id, Message.key == key)
        if db.scalar(taken.limit(1)) is None:
            raise  # it was refused for some other reason
        return None


def queue_on(
    db: Session,
    clock: Clock,
    recipient: User | Robot,
    channel: str,
    *,
    key: str,
    kind: str,
    subject: Text,
    body: Text | None = None,
    assignment: Assignment | None = None,
    path: str | None = None,
    forwards: Message | None = None,
) -> Message:
    """One message on one channel: in the inbox it is there, elsewhere it waits for the worker."""
    inbox, robot = channel == INBOX, isinstance(recipient, Robot)
    message = Message(
        recipient_id=None if robot else recipient.id,
        robot_id=recipient.id if robot else None,
        channel=channel,
        key=key,
        kind=kind,
        subject=to_json(subject),
        body=to_json(body),
        assignment_id=assignment.id if assignment else None,
        path=path,
        forwards_id=forwards.id if forwards else None,
        on=clock.today,
        at=clock.now,
        state="sent" if inbox else "pending",
        sent_at=clock.now if inbox else None,
        next_try_at=None if inbox else _first_try(clock, recipient),
    )
    db.add(message)
    db.flush()
    return message


def _first_try(clock: Clock, recipient: User | Robot) -> datetime:
    if isinstance(recipient, Robot):
        return clock.now
    return may_leave_at(recipient, clock.now, clock.zone)


def tell(
    db: Session,
    clock: Clock,
    entry: JournalEntry,
    recipients: Iterable[User],
    subject: Text,
    assignment: Assignment | None,
    body: Text | None = None,
    path: str | None = None,
) -> None:
    """Tell people of an event at once, never the person who caused it, and their units' robots.

    `path` is the page that it is about, where that is not the assignment's.
    """
    told = [recipient for recipient in recipients if recipient.id != entry.actor_id]
    key = f"event:{entry.id}"
    for recipient in told:
        queue(
            db,
            clock,
            recipient,
            key=key,
            kind="event",
            subject=subject,
            body=body,
            assignment=assignment,
            path=path,
        )
    units = {recipient.unit_id for recipient in told if recipient.unit_id is not None}
    for robot in _untold_robots(db, units, key):
        queue_on(
            db,
            clock,
            robot,
            robot.channel,
            key=key,
            kind="event",
            subject=subject,
            assignment=assignment,
            path=path,
        )


def _untold_robots(db: Session, unit_ids: Iterable[int], key: str) -> Sequence[Robot]:
    """The robots of these units that no message of that key is for; an event has several sides."""
    told = select(Message.robot_id).where(Message.key == key, Message.robot_id.is_not(None))
    wanted = Robot.active & Robot.unit_id.in_(unit_ids) & Robot.id.not_in(told)
    return db.scalars(select(Robot).where(wanted).order_by(Robot.id)).all()


def people(db: Session, unit_id: int | None, *roles: Role) -> Sequence[User]:
    """The active people of a unit who hold one of the roles; of any unit where it is None."""
    query = (
        select(User)
        .where(User.active, User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(roles))))
        .order_by(User.id)
    )
    if unit_id is not None:
        query = query.where(User.unit_id == unit_id)
    return db.scalars(query).all()


def unit_side(db: Session, assignment: Assignment) -> Sequence[User]:
    """Those who answer for the assignment: liaison and head, the coordinator in the lead unit."""
    if assignment.unit_id is None:
        return []
    leads = assignment.unit_id == assignment.task.lead_unit_id
    return people(db, assignment.unit_id, *answering_roles(leads))


def answering_roles(leads: bool) -> tuple[Role, ...]:
    """The roles that answer for what a unit owes, in the lead unit or in any other."""
    return (Role.LIAISON, Role.HEAD, Role.COORDINATOR) if leads else (Role.LIAISON, Role.HEAD)


def deciding_side(db: Session, assignment: Assignment) -> Sequence[User]:
    """Those who review: the lead's coordinators, the supervisors where the lead itself owes."""
    lead = assignment.task.lead_unit_id
    if assignment.unit_id == lead:
        return people(db, None, Role.SUPERVISOR)
    return people(db, lead, Role.COORDINATOR)


def unread_count(db: Session, user_id: int) -> int:
    """How many inbox messages a person has not read."""
    return (
        db.scalar(
            select(func.count(Message.id)).where(
                Message.recipient_id == user_id,
                Message.channel == INBOX,
                Message.read_at.is_(None),
            )
        )
        or 0
    )


def mark_read(db: Session, user_id: int, message_ids: Sequence[int] | None, at: datetime) -> int:
    """Mark a person's own inbox messages as read, all of them where None; how many changed."""
    unread = update(Message).where(
        Message.recipient_id == user_id, Message.channel == INBOX, Message.read_at.is_(None)
    )
    if message_ids is not None:
        unread = unread.where(Message.id.in_(message_ids))
    return len(db.scalars(unread.values(read_at=at).returning(Message.id)).all())


def own_message(db: Session, user_id: int, message_id: int) -> Message:
    """One of a person's own inbox messages. Raises NotFound for anybody else's."""
    found = db.scalar(
        select(Message).where(
            Message.id == message_id, Message.recipient_id == user_id, Message.channel == INBOX
        )
    )
    if found is None:
        raise NotFound
    return found
