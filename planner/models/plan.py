"""The published document: plan, actions, tasks, targets, indicators, rules, and what was seeded."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base
from planner.domain.words import Comparator, Direction, Origin, TaskKind
from planner.models.columns import At, Code, Id, Key, Name, On, Quantity, UnitId, one_filled, one_of
from planner.models.people import Unit


class Plan(Base):
    """The published plan (规划): its period and its owner, the lead agency."""

    __tablename__ = "plans"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="period"),)

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Name]
    document: Mapped[str] = mapped_column(String(300))
    owner_id: Mapped[UnitId]
    issued_on: Mapped[On]
    starts_on: Mapped[date]
    ends_on: Mapped[date]

    owner: Mapped[Unit] = relationship()


class Action(Base):
    """A box or chapter that groups tasks (行动 / 专栏)."""

    __tablename__ = "actions"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    key: Mapped[Key]
    number: Mapped[Code]
    title: Mapped[Name]
    section: Mapped[Name]
    position: Mapped[int]

    plan: Mapped[Plan] = relationship()


class Task(Base):
    """One work item (重点工作), with the source's own sentence.

    `recurrence` is month, day and year offset of the due date of each year's round. `version` is
    claimed by who edits the completion standard. `reporting` says how often it asks for a report
    and by when: `domain.reporting.Reporting` as data. It does so for the periods that end on
    `reports_from` or later; those that ended up to `reports_through` are opened.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("action_id", "key"),
        one_of("origin", Origin),
        one_of("kind", TaskKind),
        CheckConstraint("(reporting IS NULL) = (reports_from IS NULL)", name="reports_from"),
        CheckConstraint("(reporting IS NULL) = (reports_through IS NULL)", name="reports_through"),
    )

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), index=True)
    key: Mapped[Key]
    number: Mapped[Code]
    position: Mapped[int]
    section: Mapped[Name]
    sentence: Mapped[str] = mapped_column(Text)
    origin: Mapped[Code]
    document_number: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[Code]
    recurrence: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    reporting: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reports_from: Mapped[date | None]
    reports_through: Mapped[date | None]
    lead_unit_id: Mapped[UnitId]
    completion_standard: Mapped[str | None] = mapped_column(Text)
    evidence_required: Mapped[bool] = mapped_column(default=True)
    veto: Mapped[bool] = mapped_column(default=False)
    starred: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    action: Mapped[Action] = relationship()
    lead_unit: Mapped[Unit] = relationship()
    targets: Mapped[list[Target]] = relationship(order_by="Target.id")
    proof_items: Mapped[list[ProofItem]] = relationship(
        order_by="ProofItem.position", cascade="all, delete-orphan"
    )
    notes: Mapped[list[Note]] = relationship(order_by="Note.id")


class Target(Base):
    """A quantified target of a task, with the sentence that states it."""

    __tablename__ = "targets"
    __table_args__ = (UniqueConstraint("task_id", "key"), one_of("comparator", Comparator))

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    key: Mapped[Key]
    what: Mapped[Name]
    sentence: Mapped[str] = mapped_column(Text)
    section: Mapped[Name]
    comparator: Mapped[Code]
    amount: Mapped[Quantity]
    measure: Mapped[Code]
    shared: Mapped[bool] = mapped_column(default=False)


class ProofItem(Base):
    """One line of a task's proof list (佐证清单)."""

    __tablename__ = "proof_items"
    __table_args__ = (UniqueConstraint("task_id", "position"),)

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    position: Mapped[int]
    item: Mapped[str] = mapped_column(String(300))
    required: Mapped[bool] = mapped_column(default=True)


class Note(Base):
    """An ambiguity of the source that the lead agency sees, with the reading that was chosen."""

    __tablename__ = "notes"
    __table_args__ = (
        one_filled("plan_id", "task_id", "assignment_id", "indicator_id", name="one_subject"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    reading: Mapped[str | None] = mapped_column(Text)


class Indicator(Base):
    """An indicator of box 1 (指标): base, printed target, direction and owner."""

    __tablename__ = "indicators"
    __table_args__ = (
        UniqueConstraint("plan_id", "key"),
        one_of("comparator", Comparator),
        one_of("direction", Direction),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    key: Mapped[Key]
    position: Mapped[int]
    category: Mapped[Name]
    name: Mapped[Name]
    measure: Mapped[Code]
    sentence: Mapped[str] = mapped_column(Text)
    base_year: Mapped[int]
    base: Mapped[Quantity]
    target_year: Mapped[int]
    target: Mapped[Quantity]
    comparator: Mapped[Code]
    direction: Mapped[Code]
    binding: Mapped[bool]
    owner_id: Mapped[UnitId]
    owner_inferred: Mapped[bool] = mapped_column(default=False)
    weight: Mapped[Quantity]
    consistent: Mapped[bool] = mapped_column(default=True)
    section: Mapped[Name]

    owner: Mapped[Unit] = relationship()
    notes: Mapped[list[Note]] = relationship(order_by="Note.id")


class RuleSet(Base):
    """A version of the plan's scoring, reminder or energy rules, as data. Insert-only."""

    __tablename__ = "rule_sets"
    __table_args__ = (
        UniqueConstraint("plan_id", "kind", "version"),
        one_of("kind", ("scoring", "reminders", "energy")),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    kind: Mapped[Code]
    version: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    on: Mapped[On]
    at: Mapped[At]


class SeedRecord(Base):
    """What the plan file last said of one thing, so that a later file changes only that."""

    __tablename__ = "seed_records"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[Id]
    kind: Mapped[Code]
    key: Mapped[str] = mapped_column(String(200))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
