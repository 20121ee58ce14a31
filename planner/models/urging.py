"""Urges, what was answered to them, and the slips that carry them on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base
from planner.domain.words import SlipKind
from planner.models.columns import AssignmentId, At, Code, Id, Name, On, UnitId, UserId, one_of
from planner.models.people import Unit, User
from planner.models.work import Assignment


class Slip(Base):
    """A numbered paper to one unit that urges one or more of its assignments. Insert-only.

    `number` is the document number as printed, `issuer` whose name stands in red above it,
    `signatory` who signs it (签发人), `addressee` the unit as it was called then. `items` are its
    assignments as they stood that day: number, text, due date, working days late.
    """

    __tablename__ = "slips"
    __table_args__ = (one_of("kind", SlipKind),)

    id: Mapped[Id]
    kind: Mapped[Code]
    number: Mapped[str] = mapped_column(String(120), unique=True)
    unit_id: Mapped[UnitId]
    issuer: Mapped[Name]
    addressee: Mapped[Name]
    signatory: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    answer_by: Mapped[date]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    unit: Mapped[Unit] = relationship()
    by: Mapped[User] = relationship()
    urges: Mapped[list[Urge]] = relationship(order_by="Urge.id", back_populates="slip")


class Urge(Base):
    """A recorded act of the lead agency that demands an answer (催办). Insert-only.

    `spoken_to` names who took the telephone call, where it was one.
    """

    __tablename__ = "urges"

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    text: Mapped[str] = mapped_column(Text)
    answer_by: Mapped[date]
    spoken_to: Mapped[str | None] = mapped_column(String(60))
    slip_id: Mapped[int | None] = mapped_column(ForeignKey("slips.id"), index=True)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    assignment: Mapped[Assignment] = relationship(back_populates="urges")
    slip: Mapped[Slip | None] = relationship(back_populates="urges")
    by: Mapped[User] = relationship()
    answer: Mapped[UrgeAnswer | None] = relationship(back_populates="urge")


class UrgeAnswer(Base):
    """What the unit answered to an urge, once. Insert-only."""

    __tablename__ = "urge_answers"

    id: Mapped[Id]
    urge_id: Mapped[int] = mapped_column(ForeignKey("urges.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    urge: Mapped[Urge] = relationship(back_populates="answer")
    by: Mapped[User] = relationship()
