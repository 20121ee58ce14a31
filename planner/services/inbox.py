"""A person's own messages."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, lazyload, selectinload

from planner.models import Assignment, Message, Reminder
from planner.services.messages import INBOX


def inbox(user_id: int, unread_only: bool = False) -> Select[Message]:
    """A person's inbox, newest first, digests with their reminders and what these are about."""
    query = (
        select(Message)
        .where(Message.recipient_id == user_id, Message.channel == INBOX)
        .options(
            lazyload(Message.recipient),
            joinedload(Message.assignment).joinedload(Assignment.task),
            selectinload(Message.reminders)
            .joinedload(Reminder.assignment)
            .joinedload(Assignment.unit),
        )
    )
    if unread_only:
        query = query.where(Message.read_at.is_(None))
    return query.order_by(Message.id.desc())
