"""What a clock that was ahead left behind must not hold anything up once it is right again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from planner.models import Message
from planner.services.delivery import LEASE

LONGEST_HELD = timedelta(days=1)
"""Longer than any wait after a failure and any quiet hours."""


def release_held(db: Session, now: datetime) -> int:
    """Let go of what waits for an instant that a wrong clock set; how many messages.

    Quiet hours are asked again when a message is claimed.
    """
    waiting = Message.state == "pending"
    ahead = or_(Message.next_try_at > now + LONGEST_HELD, Message.at > now)
    tries = update(Message).where(waiting, ahead, Message.next_try_at > now)
    claims = update(Message).where(waiting, Message.lease_until > now + LEASE)
    freed = db.scalars(tries.values(next_try_at=now).returning(Message.id)).all()
    held = db.scalars(claims.values(lease_until=now + LEASE).returning(Message.id)).all()
    return len({*freed, *held})
