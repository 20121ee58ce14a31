"""Forms that were sent, so that a double click does nothing twice."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from planner.db import Base
from planner.models.columns import At, UserId


class SentForm(Base):
    """A form's random token, written in the same transaction as what the form did."""

    __tablename__ = "sent_forms"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UserId]
    at: Mapped[At] = mapped_column(index=True)
