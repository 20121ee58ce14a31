"""Assignments and what happens to them: due dates, amounts, submissions, reviews, portions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Exact, Instant
from planner.domain.lifecycle import State
from planner.domain.words import (
    Cause,
    Decision,
    DueBasis,
    Method,
    Part,
    ReturnKind,
    SubmissionKind,
)
from planner.models.columns import (
    AssignmentId,
    At,
    Code,
    Id,
    Key,
    On,
    Quantity,
    UserId,
    one_of,
)
from planner.models.evidence import Evidence
from planner.models.people import Unit, UnitGroup, User
from planner.models.plan import Note, Target, Task

if TYPE_CHECKING:
    from planner.models.reports import Report, Settlement
    from planner.models.requests import Request, SignOff, Suspension
    from planner.models.urging import Urge


class Assignment(Base):
    """What one unit owes (任务分解): a row of the plan, or with a parent its yearly node.

    `version` is claimed by every verb; `activity` grows with reports and urges, which must not
    invalidate a half-written submission. `template_id` names the group row that this one was
    fanned out from, `replaces_id` the assignment of the unit that was responsible before.
    `target_id` names the task's target that the amount belongs to, where the plan says which.
    A proportional row may wait without amount: its unit's part of a target is not yet known.
    `deemed_signed`: nobody signed or objected in time, so it counts as signed.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("state", State),
        one_of("part", Part),
        one_of("method", Method),
        one_of("cancel_class", Cause),
        CheckConstraint("weight > 0", name="weight_is_positive"),
        CheckConstraint("amount > 0", name="amount_is_positive"),
        CheckConstraint("unit_id IS NULL OR group_id IS NULL", name="unit_or_group"),
        CheckConstraint("(parent_id IS NULL) = (year IS NULL)", name="node_has_a_year"),
        CheckConstraint("(amount IS NULL) = (measure IS NULL)", name="amount_has_a_measure"),
        CheckConstraint(
            "state IN ('draft', 'cancelled') OR (unit_id IS NOT NULL AND due_on IS NOT NULL)",
            name="issued_to_a_unit",
        ),
        Index(None, "state", "due_on"),
        Index(None, "unit_id", "state"),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    key: Mapped[Key | None] = mapped_column(unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("unit_groups.id"), index=True)
    year: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    text_inherited: Mapped[bool] = mapped_column(default=False)
    part: Mapped[Code]
    method: Mapped[Code]
    amount: Mapped[Decimal | None] = mapped_column(Exact)
    measure: Mapped[Code | None]
    target_id: Mapped[int | None] = mapped_column(ForeignKey("targets.id"), index=True)
    weight: Mapped[Quantity]
    state: Mapped[Code] = mapped_column(default=State.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    activity: Mapped[int] = mapped_column(default=0)
    original_due_on: Mapped[date | None]
    due_on: Mapped[date | None]
    issued_on: Mapped[date | None] = mapped_column(index=True)
    acknowledged_on: Mapped[date | None]
    deemed_signed: Mapped[bool] = mapped_column(default=False)
    accepted_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    cancel_class: Mapped[Code | None]
    cancel_document: Mapped[str | None] = mapped_column(String(120))

    task: Mapped[Task] = relationship()
    target: Mapped[Target | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    group: Mapped[UnitGroup | None] = relationship()
    parent: Mapped[Assignment | None] = relationship(
        remote_side="Assignment.id", foreign_keys="Assignment.parent_id", back_populates="nodes"
    )
    nodes: Mapped[list[Assignment]] = relationship(
        foreign_keys="Assignment.parent_id", back_populates="parent", order_by="Assignment.year"
    )
    replaces: Mapped[Assignment | None] = relationship(
        remote_side="Assignment.id", foreign_keys="Assignment.replaces_id"
    )
    due_revisions: Mapped[list[DueRevision]] = relationship(order_by="DueRevision.number")
    submissions: Mapped[list[Submission]] = relationship(
        order_by="Submission.number", back_populates="assignment"
    )
    amount_revisions: Mapped[list[AmountRevision]] = relationship(order_by="AmountRevision.number")
    portions: Mapped[list[Portion]] = relationship(order_by="Portion.id")
    urges: Mapped[list[Urge]] = relationship(order_by="Urge.id", back_populates="assignment")
    requests: Mapped[list[Request]] = relationship(
        order_by="Request.id", back_populates="assignment"
    )
    suspensions: Mapped[list[Suspension]] = relationship(order_by="Suspension.id")
    sign_offs: Mapped[list[SignOff]] = relationship(
        order_by="SignOff.id", back_populates="assignment"
    )
    reports: Mapped[list[Report]] = relationship(
        order_by="Report.starts_on", back_populates="assignment"
    )
    notes: Mapped[list[Note]] = relationship(order_by="Note.id")

    @property
    def is_node(self) -> bool:
        """Whether this is a yearly part of a row."""
        return self.parent_id is not None


class DueRevision(Base):
    """A due date as it was first set (number 0) or later moved. Insert-only.

    `cause` is why it was extended; `request_id` the request that was granted with it.
    """

    __tablename__ = "due_revisions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "number"),
        one_of("basis", DueBasis),
        one_of("cause", Cause),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    number: Mapped[int]
    due_on: Mapped[date]
    basis: Mapped[Code]
    raw: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[Code | None]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    on: Mapped[On]
    at: Mapped[At]


class AmountRevision(Base):
    """A target amount that was reduced, or with number 0 as it was before. Insert-only."""

    __tablename__ = "amount_revisions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "number"),
        CheckConstraint("amount > 0", name="amount_is_positive"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    number: Mapped[int]
    amount: Mapped[Quantity]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    on: Mapped[On]
    at: Mapped[At]


class Submission(Base):
    """What a unit hands in (报送): progress or completion. Immutable once sent.

    `number` counts all of an assignment's submissions, `round` the rounds of completion. `on` is
    the day of sign-off where the unit's head signs, `signed_by_id` that head.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "number"),
        one_of("kind", SubmissionKind),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("amount >= 0", name="amount_is_not_negative"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    number: Mapped[int]
    round: Mapped[int]
    kind: Mapped[Code]
    text: Mapped[str] = mapped_column(Text)
    problems: Mapped[str | None] = mapped_column(Text)
    next_steps: Mapped[str | None] = mapped_column(Text)
    coordination: Mapped[str | None] = mapped_column(Text)
    percent: Mapped[int | None]
    amount: Mapped[Decimal | None] = mapped_column(Exact)
    by_id: Mapped[UserId]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    on: Mapped[On] = mapped_column(index=True)
    at: Mapped[At]
    withdrawn_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

    assignment: Mapped[Assignment] = relationship(back_populates="submissions")
    by: Mapped[User] = relationship(foreign_keys="Submission.by_id")
    signed_by: Mapped[User | None] = relationship(foreign_keys="Submission.signed_by_id")
    evidence: Mapped[list[Evidence]] = relationship(
        order_by=Evidence.position, back_populates="submission"
    )
    reviews: Mapped[list[Review]] = relationship(order_by="Review.id", back_populates="submission")
    settlement: Mapped[Settlement | None] = relationship(back_populates="submission")


class Review(Base):
    """The decision on a submission (审核). Insert-only.

    `ticks` are the proof items that the reviewer found satisfied, in their words of that day.
    `tier`, the key of a grade of the rules, or `rating`, 0 to 100, is what was judged.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        one_of("decision", Decision),
        one_of("kind", ReturnKind),
        CheckConstraint("(decision = 'return') = (kind IS NOT NULL)", name="return_has_a_kind"),
    )

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    decision: Mapped[Code]
    kind: Mapped[Code | None]
    reason: Mapped[str | None] = mapped_column(Text)
    rework_on: Mapped[date | None]
    final: Mapped[bool] = mapped_column(default=False)
    ticks: Mapped[list[str]] = mapped_column(JSON, default=list)
    tier: Mapped[Code | None]
    rating: Mapped[Decimal | None] = mapped_column(Exact)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    submission: Mapped[Submission] = relationship(back_populates="reviews")
    by: Mapped[User] = relationship()


class Portion(Base):
    """A verified part of an assignment, with the day that its proof was handed in.

    `amount` is in the assignment's measure where it has a target, else the share 0 to 1 that the
    method gives. Never changed but by being withdrawn.
    """

    __tablename__ = "portions"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount_is_not_negative"),)

    id: Mapped[Id]
    assignment_id: Mapped[AssignmentId]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), index=True)
    amount: Mapped[Quantity]
    handed_in_on: Mapped[date]
    on: Mapped[On]
    at: Mapped[At]
    withdrawn_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    submission: Mapped[Submission] = relationship()
