"""What is asked for and decided, what stands still meanwhile, and what a head signs off."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Instant
from planner.domain.words import Cause, Decider, Outcome, RequestKind, SignOffOutcome
from planner.models.columns import AssignmentId, At, Code, Id, On, UserId, one_of
from planner.models.evidence import Evidence, StagedFile
from planner.models.people import User
from planner.models.work import Assignment


def _one_open(table: str, column: str) -> Index:
    """At most one row an assignment in which the column is still empty."""
    condition = sql(f"{column} IS NULL")
    return Index(
        f"uq_{table}_one_open",
        "assignment_id",
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class Request(Base):
    """Something asked for that another office decides (申请, 审批).

    `data` holds what is asked for: the parameters of the verb that is carried out when it is
    granted. `granted` holds them as they were decided, an exact date for example. `appeals_id`
    names the refused objection that this one takes to the supervisor.
    """

    __tablename__ = "requests"
    __table_args__ = (
        one_of("kind", RequestKind),
        one_of("cause", Cause),
        one_of("decider", Decider),
        one_of("outcome", Outcome),
        CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name="decided"),
        _one_open("requests", "outcome"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    kind: Mapped[Code]
    cause: Mapped[Code | None]
    decider: Mapped[Code]
    reason: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    appeals_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), unique=True)
    by_id: Mapped[UserId]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    on: Mapped[On]
    at: Mapped[At]
    outcome: Mapped[Code | None]
    granted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_on: Mapped[date | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision_reason: Mapped[str | None] = mapped_column(Text)

    assignment: Mapped[Assignment] = relationship(back_populates="requests")
    by: Mapped[User] = relationship(foreign_keys="Request.by_id")
    signed_by: Mapped[User | None] = relationship(foreign_keys="Request.signed_by_id")
    decided_by: Mapped[User | None] = relationship(foreign_keys="Request.decided_by_id")
    appeals: Mapped[Request | None] = relationship(remote_side="Request.id")
    evidence: Mapped[list[Evidence]] = relationship(
        order_by=Evidence.position, back_populates="request"
    )


class Suspension(Base):
    """A time in which an assignment's clock stands still (暂停). Ended once, never changed.

    The days after `on`, up to and with `ended_on`, do not count.
    """

    __tablename__ = "suspensions"
    __table_args__ = (
        CheckConstraint("(ended_on IS NULL) = (ended_at IS NULL)", name="ended"),
        _one_open("suspensions", "ended_on"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"))
    on: Mapped[On]
    at: Mapped[At]
    ended_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    request: Mapped[Request] = relationship()


class SignOff(Base):
    """What a unit's head must sign before it leaves the unit (审签): a completion or a request.

    `verb` and `data` are the act with what the form held; signing carries it out, and nothing of
    it is seen outside the unit before. Its files wait as staged files. One open per assignment.
    """

    __tablename__ = "sign_offs"
    __table_args__ = (
        one_of("outcome", SignOffOutcome),
        CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name="decided"),
        _one_open("sign_offs", "outcome"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    verb: Mapped[Code]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]
    outcome: Mapped[Code | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_on: Mapped[date | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision_reason: Mapped[str | None] = mapped_column(Text)

    assignment: Mapped[Assignment] = relationship(back_populates="sign_offs")
    by: Mapped[User] = relationship(foreign_keys="SignOff.by_id")
    decided_by: Mapped[User | None] = relationship(foreign_keys="SignOff.decided_by_id")
    files: Mapped[list[StagedFile]] = relationship(order_by=StagedFile.id)
