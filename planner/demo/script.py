"""The demo's script: who takes part, and what happens to which assignment on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from planner.domain.actor import Role
from planner.domain.located import BadRecord
from planner.domain.records import Reader
from planner.domain.text import t
from planner.domain.words import Cause, RequestKind, ReturnKind, Rhythm, SlipKind
from planner.planfile import ProofItem
from planner.planfile.tree import compose

FOLDER = Path(__file__).resolve().parents[2] / "seed" / "demo"
PLAN = FOLDER.parent / "plan_tasks.yaml"

Record = TypeVar("Record")


class Do(StrEnum):
    """What an act of the script does; each is a verb of the services."""

    GIVE = "give"
    ISSUE = "issue"
    SIGN = "sign"
    REPORT = "report"
    CONFIRM = "confirm"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    REOPEN = "reopen"
    CANCEL = "cancel"
    REASSIGN = "reassign"
    URGE = "urge"
    ANSWER = "answer"
    SETTLE = "settle"
    ASK = "ask"
    DECIDE = "decide"
    EXTEND = "extend"
    RESUME = "resume"
    SIGN_OFF = "sign_off"
    FIND_UNTRUE = "find_untrue"
    REVOKE_FINDING = "revoke_finding"


@dataclass(frozen=True)
class Act:
    """One act; `who` is a username, left out where the assignment says whose act it is.

    `files` are made on the fly: a kind and the file's name, such as "paper 验收单". An urge may
    name who took the telephone call, or the `slip` that it goes out on; an answer is to the latest.
    `asks` is what a request is for; deciding is on the open one.
    """

    on: date
    do: Do
    who: str | None = None
    text: str = ""
    problems: str | None = None
    next_steps: str | None = None
    coordination: str | None = None
    percent: int | None = None
    amount: Decimal | None = None
    measure: str | None = None
    files: tuple[str, ...] = ()
    reason: str | None = None
    kind: ReturnKind = ReturnKind.AMEND
    rework_on: date | None = None
    tier: str | None = None
    final: bool = False
    withdraw_verified: bool = False
    cancel_class: Cause = Cause.NOT_APPLICABLE
    document: str = ""
    unit: str | None = None
    due_on: date | None = None
    answer_by: date | None = None
    spoken_to: str | None = None
    slip: SlipKind | None = None
    asks: RequestKind | None = None
    cause: Cause | None = None
    grant: bool = True


@dataclass(frozen=True)
class Node:
    """A year of a row; dates left out are those of the script's `years` and `signs`."""

    year: int
    text: str
    due_on: date | None = None
    amount: Decimal | None = None
    measure: str | None = None
    made: date | None = None
    issued: date | None = None
    unsigned: bool = False
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Given:
    """What the coordinator enters in a row before it is issued, where the plan leaves it open."""

    unit: str
    amount: Decimal | None = None
    measure: str | None = None


@dataclass(frozen=True)
class Story:
    """What happens to a row of the plan."""

    row: str
    give: Given | None = None
    acts: tuple[Act, ...] = ()
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Standard:
    """What counts as done for a task, and its proof list."""

    task: str
    standard: str
    proof: tuple[ProofItem, ...]


@dataclass(frozen=True)
class Asked:
    """A task that asks for periodic reports, from the day on which the coordinator says so."""

    task: str
    on: date
    every: Rhythm
    workdays: int | None = None


@dataclass(frozen=True)
class Year:
    """When the nodes of a year are made and issued; drafts stay drafts without a day of issue."""

    year: int
    made: date
    issued: date | None = None


@dataclass(frozen=True)
class Signs:
    """How many working days a unit takes to sign for what it is issued."""

    unit: str
    workdays: int


@dataclass(frozen=True)
class SignsOff:
    """A unit whose head signs what leaves it, from a day on."""

    unit: str
    on: date


class Measure(StrEnum):
    """What is done about readings of indicators; each is a verb of the services."""

    SHEET = "sheet"
    ENTER = "enter"
    CONFIRM = "confirm"
    CONFIRM_SHEET = "confirm_sheet"
    REFUSE = "refuse"
    TAKE_BACK = "take_back"
    SETTLE = "settle"


@dataclass(frozen=True)
class Used:
    """What a consumption sheet holds, in the plan's measures."""

    electricity: Decimal
    coal: Decimal
    gas: Decimal
    petrol: Decimal
    diesel: Decimal
    water: Decimal
    headcount: Decimal
    area: Decimal


@dataclass(frozen=True)
class Measured:
    """A value of an indicator, by its key in the plan file; for deciding the key is enough."""

    indicator: str
    value: Decimal | None = None
    estimated_by: str | None = None


@dataclass(frozen=True)
class Metering:
    """Readings of one year, entered or decided by one person on one day; or bases settled."""

    on: date
    do: Measure
    who: str
    year: int = 0
    values: tuple[Measured, ...] = ()
    used: Used | None = None
    source: str = ""
    reason: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """The whole history. Its last day is the day before the demo opens."""

    seeded: date
    accounts: date
    standards_set: date
    rows_given: date
    rows_issued: date
    reminders_from: date
    last_day: date
    years: tuple[Year, ...]
    signs: tuple[Signs, ...]
    sign_offs: tuple[SignsOff, ...]
    standards: tuple[Standard, ...]
    reporting: tuple[Asked, ...]
    metering: tuple[Metering, ...]
    stories: tuple[Story, ...]


@dataclass(frozen=True)
class Player:
    """One of the demo's people; `read_until` is the last day that they looked at their inbox."""

    username: str
    name: str
    roles: tuple[Role, ...]
    read_until: date
    unit: str | None = None


@dataclass(frozen=True)
class Players:
    """All of them, the administrator first."""

    people: tuple[Player, ...]


def load_script() -> Script:
    """The history in seed/demo/stories.yaml. Raises BadRecord with every mistake in it."""
    return _load(Script, FOLDER / "stories.yaml")


def load_players() -> tuple[Player, ...]:
    """The people in seed/demo/people.yaml. Raises BadRecord with every mistake in it."""
    return _load(Players, FOLDER / "people.yaml").people


def _load(kind: type[Record], path: Path) -> Record:
    reader = Reader()
    record = reader.read(kind, compose(path.read_text(encoding="utf-8"), reader.problems))
    if record is None:
        raise BadRecord(t("The demonstration's script cannot be read."), reader.problems)
    return record
