"""Evidence that the lead or the supervisor found untrue."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Instant
from planner.models.columns import AssignmentId, At, Id, On, UserId
from planner.models.people import User
from planner.models.work import Assignment, Submission


class UntrueFinding(Base):
    """Evidence of a submission was found untrue (佐证不实): its assignment earns nothing.

    `year` is the one that loses the points: the assignment's own, or the one under way where the
    assessment of that is final. Taken back once, never changed.
    """

    __tablename__ = "untrue_findings"
    __table_args__ = (
        CheckConstraint(
            "(revoked_on IS NULL) = (revoked_by_id IS NULL)"
            " AND (revoked_on IS NULL) = (revoked_at IS NULL)"
            " AND (revoked_on IS NULL) = (revoked_reason IS NULL)",
            name="revoked",
        ),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]
    revoked_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    revoked_reason: Mapped[str | None] = mapped_column(Text)

    assignment: Mapped[Assignment] = relationship()
    submission: Mapped[Submission] = relationship()
    by: Mapped[User] = relationship(foreign_keys="UntrueFinding.by_id")
    revoked_by: Mapped[User | None] = relationship(foreign_keys="UntrueFinding.revoked_by_id")
