"""The reports that a task asks for each month, quarter or year, and what they need coordinated."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base
from planner.models.columns import AssignmentId, At, Code, Id, On, UserId
from planner.models.people import User
from planner.models.work import Assignment, Submission


class Report(Base):
    """A report that one assignment owes for one period (定期报告), opened by the scheduler.

    `period` reads 2024-09, 2024-Q3 or 2024. It is answered by a submission, once; late and missing
    follow from the dates (`domain.reporting`): it is missing after `missing_after`.
    """

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("assignment_id", "period"),
        CheckConstraint("starts_on <= ends_on AND ends_on < due_on", name="period"),
        CheckConstraint("due_on < missing_after", name="missing_after"),
        CheckConstraint("(submission_id IS NULL) = (handed_in_on IS NULL)", name="handed_in"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    period: Mapped[Code]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    missing_after: Mapped[date]
    on: Mapped[On]
    at: Mapped[At]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"), index=True)
    handed_in_on: Mapped[date | None]

    assignment: Mapped[Assignment] = relationship(back_populates="reports")
    submission: Mapped[Submission | None] = relationship()


class Settlement(Base):
    """How the lead settled what a submission said needs coordination. Insert-only, once each."""

    __tablename__ = "settlements"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    submission: Mapped[Submission] = relationship(back_populates="settlement")
    by: Mapped[User] = relationship()
