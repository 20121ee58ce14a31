"""The append-only record of every act."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from planner.db import Base
from planner.domain.actor import ActorKind
from planner.models.columns import At, Code, Id, Name, On, one_of


class JournalEntry(Base):
    """Who did what to which thing, when, and with which words (操作日志). Insert-only.

    `subject` is the kind and id of the thing, `data` the verb's parameters as JSON.
    """

    __tablename__ = "journal"
    __table_args__ = (
        one_of("actor_kind", ActorKind),
        Index(None, "on", "at"),
        Index(None, "assignment_id", "on"),
        Index(None, "verb", "on"),
    )

    id: Mapped[Id]
    on: Mapped[On]
    at: Mapped[At]
    actor_kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    actor_name: Mapped[Name]
    actor_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    origin: Mapped[str | None] = mapped_column(String(120))
    verb: Mapped[Code]
    subject: Mapped[Code]
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    from_state: Mapped[Code | None]
    to_state: Mapped[Code | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
