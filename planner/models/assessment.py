"""Assessments with their frozen results, and the stored roll-ups that trends are drawn from."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Exact, Instant
from planner.domain.assessment import Stage
from planner.domain.words import Decider, Outcome
from planner.models.columns import At, Code, Id, Key, Name, On, Quantity, UnitId, UserId, one_of
from planner.models.people import Unit, User
from planner.models.plan import Plan


class Assessment(Base):
    """A scoring of all units for a period (考核).

    `period` is a year or "plan". What was handed in after `cut_off` does not count.
    `converted_to` is what 100 points come to for the county's performance office. The days of the
    steps are their business dates; who did them and with which words stands in its steps.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        one_of("stage", Stage),
        UniqueConstraint("plan_id", "name"),
        CheckConstraint("converted_to > 0", name="converted_to_is_positive"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    name: Mapped[Name]
    period: Mapped[str] = mapped_column(String(10))
    cut_off: Mapped[date]
    converted_to: Mapped[Quantity]
    stage: Mapped[Code] = mapped_column(default=Stage.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    opened_on: Mapped[date]
    self_due_on: Mapped[date]
    publicised_on: Mapped[date | None]
    appeals_until: Mapped[date | None]
    approved_on: Mapped[date | None]
    document_number: Mapped[str | None] = mapped_column(String(120))
    final_on: Mapped[date | None]

    plan: Mapped[Plan] = relationship()
    steps: Mapped[list[AssessmentStep]] = relationship(order_by="AssessmentStep.id")
    snapshots: Mapped[list[Snapshot]] = relationship(
        order_by="Snapshot.revision", back_populates="assessment"
    )
    appeals: Mapped[list[Appeal]] = relationship(order_by="Appeal.id", back_populates="assessment")


class AssessmentStep(Base):
    """One step of an assessment from stage to stage. Insert-only."""

    __tablename__ = "assessment_steps"
    __table_args__ = (one_of("stage", Stage),)

    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"), index=True)
    stage: Mapped[Code]
    words: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[UserId]
    by_name: Mapped[Name]
    on: Mapped[On]
    at: Mapped[At]


class SelfAssessment(Base):
    """What a unit says of its own result (自评). Insert-only; the one sent last counts.

    `items` holds a percentage, 0 to 100 as text, and a word by the reference of the line, such as
    "assignment:12".
    """

    __tablename__ = "self_assessments"
    __table_args__ = (UniqueConstraint("assessment_id", "unit_id", "number"),)

    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"))
    unit_id: Mapped[UnitId]
    number: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    total: Mapped[Decimal | None] = mapped_column(Exact)
    items: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    unit: Mapped[Unit] = relationship()
    by: Mapped[User] = relationship()


class Remark(Base):
    """What the check of a unit's self-assessment noted on a line (核查意见). Insert-only."""

    __tablename__ = "remarks"

    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"), index=True)
    unit_id: Mapped[UnitId]
    subject: Mapped[Key]
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]

    by: Mapped[User] = relationship()


class Snapshot(Base):
    """A frozen result of an assessment. Insert-only; a correction is the next revision.

    `terms` holds all that it was counted by: rules, calendar, period, day, cut-off. `digest` is
    the SHA-256 of the terms and of its units' digests, in their order.
    """

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("assessment_id", "revision"),)

    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"))
    revision: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    rules_version: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[UserId]
    by_name: Mapped[Name]
    on: Mapped[On]
    at: Mapped[At]

    assessment: Mapped[Assessment] = relationship(back_populates="snapshots")
    units: Mapped[list[UnitResult]] = relationship(
        order_by="UnitResult.position", back_populates="snapshot"
    )


class UnitResult(Base):
    """One unit's frozen result: every input, every line, the hashes of the evidence. Insert-only.

    Names are kept as they were. `lines` are the score's lines, `inputs` the facts that the rules
    read (`domain.scores.units.UnitFacts`); `digest` is the SHA-256 of all of it.
    """

    __tablename__ = "unit_results"
    __table_args__ = (UniqueConstraint("snapshot_id", "unit_id"),)

    id: Mapped[Id]
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    position: Mapped[int]
    unit_id: Mapped[UnitId]
    unit_name: Mapped[Name]
    ranking_group: Mapped[Name | None]
    lead: Mapped[bool]
    total: Mapped[Decimal | None] = mapped_column(Exact)
    grade: Mapped[Code | None]
    place: Mapped[int | None]
    ranked: Mapped[int | None]
    unranked_because: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))

    snapshot: Mapped[Snapshot] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class Appeal(Base):
    """A unit's objection to its publicised result (申诉). Decided once.

    It goes to the lead, and refused there once to the supervisor: `appeals_id` names the refused
    one. `subject` is the reference of the line that it is about. `points` were given or taken.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        one_of("decider", Decider),
        one_of("outcome", Outcome),
        CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name="decided"),
        Index(
            "uq_appeals_one_open",
            "assessment_id",
            "unit_id",
            unique=True,
            sqlite_where=sql("outcome IS NULL"),
            postgresql_where=sql("outcome IS NULL"),
        ),
    )

    id: Mapped[Id]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"), index=True)
    unit_id: Mapped[UnitId]
    subject: Mapped[Key | None]
    text: Mapped[str] = mapped_column(Text)
    decider: Mapped[Code]
    appeals_id: Mapped[int | None] = mapped_column(ForeignKey("appeals.id"), unique=True)
    by_id: Mapped[UserId]
    on: Mapped[On]
    at: Mapped[At]
    outcome: Mapped[Code | None]
    points: Mapped[Decimal | None] = mapped_column(Exact)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_on: Mapped[date | None]
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    assessment: Mapped[Assessment] = relationship(back_populates="appeals")
    unit: Mapped[Unit] = relationship()
    by: Mapped[User] = relationship(foreign_keys="Appeal.by_id")
    decided_by: Mapped[User | None] = relationship(foreign_keys="Appeal.decided_by_id")
    appeals: Mapped[Appeal | None] = relationship(remote_side="Appeal.id")


class Rollup(Base):
    """One subject's figures as of one day (the scheduler's daily roll-up). Insert-only.

    `total` is the score to date, 0 to 100 with two places, or nothing where nothing was due;
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
