"""What papers about scores print: plain values, rounded where they were made.

They hold all that a paper shows, in the words of the paper's language, so that they are filled from
the live scores of a day or from a frozen assessment alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from planner.domain.pace import Pace
from planner.domain.scores.losses import Cause


class LineKind(StrEnum):
    """What a line of a score adds to."""

    WORK = "work"
    INDICATOR = "indicator"
    POINTS = "points"
    NOTE = "note"
    ROUNDING = "rounding"


@dataclass(frozen=True)
class GradeStep:
    """A grade for totals of at least `at_least` points."""

    name: str
    at_least: Decimal


@dataclass(frozen=True)
class Frozen:
    """Which revision of which assessment figures are of, and what proves them.

    `document` is the number that the result was approved with, `reason` why there is a later
    revision; `digest` the SHA-256 of all that was frozen. 100 points come to `converted_to`.
    """

    assessment: str
    revision: int
    reason: str | None
    document: str | None
    cut_off: date
    frozen_on: date
    digest: str
    converted_to: Decimal


@dataclass(frozen=True)
class Basis:
    """What all figures of a paper are of, and by which rules.

    `period` in words (2024年度), `time_gone` in percent. `grades` fall. A total has `places`
    decimals, its lines `line_places`. Units with fewer than `min_items` scored items are not
    ranked; `lead_apart` says whether the lead agency is not. Figures that are `frozen` are as of
    the cut-off, with which their time is over.
    """

    plan: str
    lead: str
    period: str
    as_of: date
    rules_version: int
    grades: tuple[GradeStep, ...]
    places: int
    line_places: int
    min_items: int
    lead_apart: bool
    time_gone: Decimal
    frozen: Frozen | None = None


@dataclass(frozen=True)
class ScoreLine:
    """One line of a score; points as the rules print them, `rests_on` in words.

    `said` is what the unit's self-assessment says of it, `remark` what the check noted.
    """

    what: str
    rule: str
    possible: Decimal
    earned: Decimal
    reason: str
    kind: LineKind
    rests_on: tuple[str, ...] = ()
    said: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Progress:
    """How many items count in the period and how they stand; shares in percent."""

    counting: int
    due: int
    accepted: int
    waiting: int
    overdue: int
    carried: int
    verified: Decimal
    claimed: Decimal


@dataclass(frozen=True)
class SelfScored:
    """A unit's self-assessment: its total of 100, or none, the day, and its words on the whole."""

    total: Decimal | None
    on: date
    words: str


@dataclass(frozen=True)
class UnitSheet:
    """One unit's score with all its lines (评分表).

    `place` among `of` in its `group`, or `no_rank`, the reason why there is none. `limit` names
    what holds the grade down; `limited` is the grade that each of the rules' grades becomes by it.
    `whole` is the total of the whole period so far. Of a frozen result `converted` is the total on
    the other scale, and `self_scored` what the unit said itself.
    """

    unit: str
    group: str | None
    lead: bool
    total: Decimal | None
    grade: str | None
    place: int | None
    of: int | None
    no_rank: str | None
    items: int
    limit: str | None
    limited: tuple[str, ...]
    whole: Decimal | None
    progress: Progress
    lines: tuple[ScoreLine, ...]
    converted: Decimal | None = None
    self_scored: SelfScored | None = None


@dataclass(frozen=True)
class ScoreTable:
    """Every unit's sheet, in the order of the ranking."""

    basis: Basis
    units: tuple[UnitSheet, ...]


@dataclass(frozen=True)
class UnitPace:
    """A unit against time: it leads by `points` of 100, or lags below 0; `far` is the red light."""

    unit: str
    pace: Pace
    verified: Decimal
    points: Decimal
    far: bool


@dataclass(frozen=True)
class OverdueItem:
    """An assignment past its due date, `days_late` in working days, `urged` so many times."""

    unit: str
    number: str
    text: str
    due_on: date
    days_late: int
    urged: int


@dataclass(frozen=True)
class TargetProgress:
    """A target that several units share, in its measure; `share` is verified, in percent."""

    what: str
    measure: str
    amount: Decimal
    allocated: Decimal
    claimed: Decimal
    verified: Decimal
    share: Decimal


class Path(StrEnum):
    """How an indicator stands against its path."""

    MET = "met"
    MISSED = "missed"
    UNREAD = "unread"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True)
class IndicatorProgress:
    """An indicator's latest reading of the period against its path, in its measure."""

    what: str
    owner: str
    measure: str
    binding: bool
    year: int | None
    value: Decimal | None
    wanted: Decimal | None
    target_year: int
    target: Decimal
    path: Path


@dataclass(frozen=True)
class CountyFigures:
    """What a circular tells of the county; `units` how many have something that counts."""

    basis: Basis
    total: Decimal | None
    progress: Progress
    paces: tuple[UnitPace, ...]
    overdue: tuple[OverdueItem, ...]
    targets: tuple[TargetProgress, ...]
    indicators: tuple[IndicatorProgress, ...]
    units: tuple[UnitSheet, ...]


@dataclass(frozen=True)
class Loss:
    """What one cause cost: so many `points` together, on so many `lines` of so many `units`."""

    cause: Cause
    points: Decimal
    lines: int
    units: int


@dataclass(frozen=True)
class ResultFigures:
    """What the circular of a result tells: the frozen sheets, and what points were lost by.

    `appeals` were made until this revision, `upheld` of them changed a result. The days are those
    of publicising and approval, as far as they have come.
    """

    basis: Basis
    units: tuple[UnitSheet, ...]
    losses: tuple[Loss, ...]
    appeals: int
    upheld: int
    publicised_on: date | None
    approved_on: date | None


LEAD_APART, NO_GROUP = "牵头单位（单列）", "未分组单位"


def by_group(units: Sequence[UnitSheet]) -> list[tuple[str, list[UnitSheet]]]:
    """The units of each ranking group in the order given, under its name; the lead apart."""
    groups: dict[str, list[UnitSheet]] = {}
    for each in units:
        name = LEAD_APART if each.lead else each.group or NO_GROUP
        groups.setdefault(name, []).append(each)
    return list(groups.items())
