"""What a plan file says, as frozen records. The records are the format: see `domain.records`.

Amounts are exact decimals in the printed measure; sentences are the plan's own, never a paraphrase.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeAlias

from planner.domain.energy import EnergyRules
from planner.domain.records import Complaints, Names, Refers
from planner.domain.reminder_rules import ReminderRules
from planner.domain.reporting import Reporting
from planner.domain.scalars import above_zero, between, slug, up_to
from planner.domain.scores.rules import ScoringRules
from planner.domain.text import Text, t
from planner.domain.words import (
    Comparator,
    Direction,
    DueBasis,
    Method,
    Origin,
    Part,
    TaskKind,
)

KeyText: TypeAlias = Annotated[str, slug, up_to(80)]
Name: TypeAlias = Annotated[str, up_to(200)]
Short: TypeAlias = Annotated[str, up_to(40)]
Words: TypeAlias = Annotated[str, up_to(5000)]
Amount: TypeAlias = Annotated[Decimal, above_zero]
Year: TypeAlias = Annotated[int, between(1949, 2200)]
UnitRef: TypeAlias = Annotated[str, Refers("unit")]
UnitName: TypeAlias = Annotated[str, up_to(200), Names("unit name")]


def _format_1(value: int) -> Text | None:
    return None if value == 1 else t("This planner reads format 1 only.")


def _stated(value: DueBasis) -> Text | None:
    if value in (DueBasis.EXPLICIT, DueBasis.INFERRED):
        return None
    return t("The basis must be explicit or inferred.")


@dataclass(frozen=True)
class Note:
    """An ambiguity or contradiction of the plan, and the reading that was chosen."""

    text: Words
    reading: Words | None = None


@dataclass(frozen=True)
class Plan:
    """The published document: its period and its owner, the lead agency."""

    key: Annotated[KeyText, Names("plan")]
    name: Name
    owner: UnitRef
    issued: date
    starts: date
    ends: date
    document: Annotated[str, up_to(300)]
    notes: tuple[Note, ...] = ()

    def check(self) -> Complaints:
        """The period runs forward, and the plan was issued before it was over."""
        if self.ends <= self.starts:
            yield "ends", t("The plan must end after it starts.")
        elif self.issued > self.ends:
            yield "issued", t("The plan must be issued before it ends.")


@dataclass(frozen=True)
class Unit:
    """A public institution. Other names are those that the plan calls it by."""

    key: Annotated[KeyText, Names("unit")]
    name: UnitName
    aliases: tuple[UnitName, ...] = ()
    superior: UnitRef | None = None
    sector: Short | None = None
    ranking_group: Short | None = None


@dataclass(frozen=True)
class UnitGroup:
    """A named set of units; an assignment to it fans out to one a member."""

    key: Annotated[KeyText, Names("group")]
    name: Annotated[str, up_to(200), Names("group name")]
    members: tuple[UnitRef, ...] = ()

    def check(self) -> Complaints:
        """Each member stands once."""
        for number, member in enumerate(self.members):
            if member in self.members[:number]:
                yield f"members[{number}]", t("This unit is a member already.")


@dataclass(frozen=True)
class Action:
    """A box or chapter that groups tasks."""

    key: Annotated[KeyText, Names("action")]
    number: Short
    title: Name
    section: Name


@dataclass(frozen=True)
class Recurrence:
    """The round of year Y is due on this day of the year Y + `year_offset`.

    A day that the month does not have is its last day.
    """

    month: Annotated[int, between(1, 12)]
    day: Annotated[int, between(1, 31)]
    year_offset: Annotated[int, between(0, 5)] = 0

    def due_on(self, year: int) -> date:
        """The due date of a year's round."""
        year += self.year_offset
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


@dataclass(frozen=True)
class ProofItem:
    """One line of the proof list."""

    item: Annotated[str, up_to(300)]
    required: bool = True


@dataclass(frozen=True)
class Target:
    """A number that the task must reach; `shared` by its units, or to be reached by each."""

    key: Annotated[KeyText, Names("target")]
    what: Name
    sentence: Words
    section: Name
    comparator: Comparator
    amount: Amount
    measure: Short
    shared: bool = False


@dataclass(frozen=True)
class AssignmentTarget:
    """The amount that one unit owes; `of` names the target of the task that it belongs to."""

    amount: Amount
    measure: Short
    of: Annotated[str, Refers("target")] | None = None


@dataclass(frozen=True)
class Deadline:
    """The day, the plan's raw words, and whether they say it or it was inferred, and why."""

    on: date
    basis: Annotated[DueBasis, _stated]
    raw: Name | None = None
    reason: Words | None = None

    def check(self) -> Complaints:
        """What is explicit has words, what is inferred has a reason."""
        if self.basis is DueBasis.EXPLICIT and not self.raw:
            yield "raw", t("An explicit deadline needs the plan's own words.")
        if self.basis is DueBasis.INFERRED and not self.reason:
            yield "reason", t("An inferred deadline needs a reason.")


@dataclass(frozen=True)
class Assignment:
    """What one unit or group owes; with neither, the coordinator still has to say who."""

    key: Annotated[KeyText, Names("assignment")]
    text: Words
    part: Part
    method: Method
    deadline: Deadline
    unit: UnitRef | None = None
    group: Annotated[str, Refers("group")] | None = None
    text_inherited: bool = False
    target: AssignmentTarget | None = None
    weight: Amount | None = None
    notes: tuple[Note, ...] = ()

    def check(self) -> Complaints:
        """One addressee at most."""
        if self.unit and self.group:
            yield "group", t("An assignment has a unit or a group, not both.")


@dataclass(frozen=True)
class Task:
    """One work item, with the plan's sentence and where it stands."""

    key: Annotated[KeyText, Names("task")]
    action: Annotated[str, Refers("action")]
    number: Annotated[str, up_to(40), Names("task number")]
    section: Name
    sentence: Words
    kind: TaskKind
    lead: UnitRef
    assignments: tuple[Assignment, ...]
    origin: Origin = Origin.PLAN
    document_number: Annotated[str, up_to(120)] | None = None
    recurrence: Recurrence | None = None
    reporting: Reporting | None = None
    completion_standard: Words | None = None
    proof: tuple[ProofItem, ...] = ()
    evidence_required: bool = True
    veto: bool = False
    starred: bool = False
    targets: tuple[Target, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """A number of the plan's own table, as printed: base, target, and who answers for it."""

    key: Annotated[KeyText, Names("indicator")]
    category: Name
    name: Name
    measure: Short
    sentence: Words
    section: Name
    base_year: Year
    base: Amount
    target_year: Year
    target: Amount
    comparator: Comparator
    direction: Direction
    binding: bool
    owner: UnitRef
    owner_inferred: bool = False
    weight: Amount | None = None
    consistent: bool = True
    notes: tuple[Note, ...] = ()

    def check(self) -> Complaints:
        """Years, direction and comparator agree, and a doubt says what it is."""
        down = self.direction is Direction.DOWN
        if self.target_year <= self.base_year:
            yield "target_year", t("The target year must come after the base year.")
        if down != (self.comparator is Comparator.AT_MOST):
            yield "comparator", t("Down goes with <=, up with >=.")
        if (self.target > self.base) if down else (self.target < self.base):
            yield "target", t("The target lies on the wrong side of the base.")
        if not self.consistent and not self.notes:
            yield "consistent", t("Numbers that contradict each other need a note that says how.")


@dataclass(frozen=True)
class PlanFile:
    """The whole plan."""

    format: Annotated[int, _format_1]
    plan: Plan
    units: tuple[Unit, ...]
    groups: tuple[UnitGroup, ...]
    actions: tuple[Action, ...]
    tasks: tuple[Task, ...]
    indicators: tuple[Indicator, ...]
    scoring: ScoringRules
    reminders: ReminderRules
    energy: EnergyRules | None = None
