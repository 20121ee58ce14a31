"""Yearly values of the plan's indicators, and bases that the lead settled."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Instant
from planner.domain.words import Outcome
from planner.models.columns import At, Code, Id, On, Quantity, UserId, one_of
from planner.models.evidence import Evidence
from planner.models.people import User
from planner.models.plan import Indicator


class IndicatorReading(Base):
    """A year's value of an indicator (指标值), entered by its owner, confirmed by the lead.

    `value` is in the indicator's measure, `source` says where it comes from, `inputs` what it was
    worked out from (the consumption sheet: a name to a decimal as text, and the version of the
    energy rules), `estimated_by` by which rule it was estimated where it was. Decided once; a
    correction is a new reading, and the one confirmed last counts.
    """

    __tablename__ = "indicator_readings"
    __table_args__ = (
        one_of("outcome", Outcome),
        CheckConstraint(
            "(outcome IS NULL) = (decided_on IS NULL)"
            " AND (outcome IS NULL) = (decided_at IS NULL)"
            " AND (outcome IS NULL) = (decided_by_id IS NULL)",
            name="decided",
        ),
        Index(
            "uq_indicator_readings_one_open",
            "indicator_id",
            "year",
            unique=True,
            sqlite_where=sql("outcome IS NULL"),
            postgresql_where=sql("outcome IS NULL"),
        ),
    )

    id: Mapped[Id]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)
    year: Mapped[int]
    value: Mapped[Quantity]
    source: Mapped[str] = mapped_column(Text)
    inputs: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    estimated_by: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]
    outcome: Mapped[Code | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_on: Mapped[date | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision_reason: Mapped[str | None] = mapped_column(Text)

    indicator: Mapped[Indicator] = relationship()
    by: Mapped[User] = relationship(foreign_keys="IndicatorReading.by_id")
    decided_by: Mapped[User | None] = relationship(foreign_keys="IndicatorReading.decided_by_id")
    evidence: Mapped[list[Evidence]] = relationship(
        back_populates="reading", order_by="Evidence.position"
    )


class ConfirmedBase(Base):
    """A base that the lead settled for an indicator, with its reason. Insert-only; the last counts.

    It makes an indicator whose printed numbers contradict each other fit to be scored.
    """

    __tablename__ = "confirmed_bases"

    id: Mapped[Id]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)
    value: Mapped[Quantity]
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    indicator: Mapped[Indicator] = relationship()
    by: Mapped[User] = relationship()
