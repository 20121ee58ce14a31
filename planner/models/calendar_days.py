"""Days that this installation decided on itself: what the official calendar does not say."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base
from planner.models.columns import At, Id, On, UserId
from planner.models.people import User


class CalendarDay(Base):
    """One day as worked or off, by hand; the last word on a day counts. Insert-only.

    `worked` None takes an earlier word back, so that the official calendar holds again.
    """

    __tablename__ = "calendar_days"

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(index=True)
    worked: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    by: Mapped[User] = relationship()
