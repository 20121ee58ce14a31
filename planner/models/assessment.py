"""Stored roll-ups: one day's figures, from which trends are drawn."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from planner.db import Base, Exact
from planner.models.columns import At, Code, Id, On, Quantity, one_of


class Rollup(Base):
    """One subject's figures as of one day (the scheduler's daily roll-up). Insert-only.

    `total` is the work score to date, 0 to 100 with two places, or nothing where nothing was due;
    `verified` and `claimed` are the completed shares of the whole period, 0 to 1.
    """

    __tablename__ = "rollups"
    __table_args__ = (
        UniqueConstraint("plan_id", "on", "period", "subject", "subject_id"),
        one_of("subject", ("plan", "unit", "action")),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    on: Mapped[On]
    at: Mapped[At]
    period: Mapped[str] = mapped_column(String(10))
    subject: Mapped[Code]
    subject_id: Mapped[int]
    total: Mapped[Decimal | None] = mapped_column(Exact)
    verified: Mapped[Quantity]
    claimed: Mapped[Quantity]
    counting: Mapped[int]
    accepted: Mapped[int]
    overdue: Mapped[int]
