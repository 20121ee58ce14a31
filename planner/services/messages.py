"""Queueing messages: the inbox in the same transaction, mail for the worker to deliver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from planner.domain.actor import Role
from planner.domain.clock import Clock
from planner.domain.errors import NotFound
from planner.domain.text import Text, to_json
from planner.models import Assignment, JournalEntry, Message, User, UserRole

INBOX, EMAIL = "inbox", "email"


def channels_of(user: User) -> tuple[str, ...]:
    """The channels that a person is reached by: the inbox always, mail if an address is known."""
    return (INBOX, EMAIL) if user.email else (INBOX,)


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
) -> list[Message]:
    """One message on every channel of the recipient; unique by recipient, channel and key."""
    queued = []
    for channel in channels_of(recipient):
        inbox = channel == INBOX
        message = Message(
            recipient_id=recipient.id,
            channel=channel,
            key=key,
            kind=kind,
            subject=to_json(subject),
            body=to_json(body),
            assignment_id=assignment.id if assignment else None,
            on=clock.today,
            at=clock.now,
            state="sent" if inbox else "pending",
            sent_at=clock.now if inbox else None,
            next_try_at=None if inbox else clock.now,
        )
        db.add(message)
        queued.append(message)
    db.flush()
    return queued


def tell(
    db: Session,
    clock: Clock,
    entry: JournalEntry,
    recipients: Iterable[User],
    subject: Text,
    assignment: Assignment,
    body: Text | None = None,
) -> None:
    """Tell people of an event at once; never the person who caused it."""
    for recipient in recipients:
        if recipient.id != entry.actor_id:
            queue(
                db,
                clock,
                recipient,
                key=f"event:{entry.id}",
                kind="event",
                subject=subject,
                body=body,
                assignment=assignment,
            )


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
    roles = [Role.LIAISON, Role.HEAD]
    if assignment.unit_id == assignment.task.lead_unit_id:
        roles.append(Role.COORDINATOR)
    return people(db, assignment.unit_id, *roles)


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
