"""The indicators as a list: base, line, latest reading, light and forecast; and what waits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.exact import rounded
from planner.domain.lights import Light
from planner.domain.scores.indicators import Indicator as Facts
from planner.domain.scores.outlook import Outlook, outlook_of
from planner.domain.text import Text, t
from planner.models import Indicator, IndicatorReading, Plan
from planner.services.export import Column
from planner.services.plans import reminder_rules
from planner.services.scope import visible_indicators
from planner.services.score_facts import indicators_of

Sort: TypeAlias = Literal["plan", "name", "owner", "light"]
Kind: TypeAlias = Literal["binding", "expected"]
Forecasts: TypeAlias = Literal["missed", "met"]

PLACES = 4
MOST_WORDS = 8
_PRESSING: Mapping[Light, int] = {
    light: place for place, light in enumerate((Light.RED, Light.YELLOW, Light.GREY, Light.GREEN))
}


@dataclass(frozen=True)
class IndicatorFilter:
    """What the list is narrowed to; nothing set is everything that the actor may open."""

    text: str = ""
    category: str | None = None
    owner: int | None = None
    kind: Kind | None = None
    light: Light | None = None
    forecast: Forecasts | None = None
    waiting: bool = False
    sort: Sort = "plan"
    descending: bool = False


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator as the plan has it (`row`), as it stands (`facts`), and what waits."""

    row: Indicator
    facts: Facts
    outlook: Outlook
    open: Sequence[IndicatorReading]


def narrowed(lines: Iterable[IndicatorLine], wanted: IndicatorFilter) -> list[IndicatorLine]:
    """The filtered list in its order."""
    kept = [each for each in lines if _is_wanted(each, wanted)]
    return sorted(kept, key=_ORDERS[wanted.sort], reverse=wanted.descending)


@dataclass(frozen=True)
class Counts:
    """How many of some lines stand in which light, will be missed, and wait for a decision."""

    lights: Mapping[Light, int]
    missed: int
    waiting: int


def counts(lines: Sequence[IndicatorLine]) -> Counts:
    """What stands above the list."""
    ahead = [each.outlook.forecast for each in lines]
    return Counts(
        lights=Counter(each.outlook.light for each in lines),
        missed=sum(each is not None and each.missed for each in ahead),
        waiting=sum(bool(each.open) for each in lines),
    )


LIGHT_NAMES: Mapping[Light, Text] = {
    Light.RED: t("far off the line"),
    Light.YELLOW: t("off the line"),
    Light.GREEN: t("on the line or better"),
    Light.GREY: t("not judged"),
}
"""What the filter calls the lights."""


def all_lines(db: Session, actor: Actor, clock: Clock, plan: Plan) -> list[IndicatorLine]:
    """Everything that the actor may open, in the plan's order."""
    rows = db.scalars(
        select(Indicator)
        .where(Indicator.plan_id == plan.id, visible_indicators(actor))
        .options(joinedload(Indicator.owner), selectinload(Indicator.notes))
        .order_by(Indicator.position, Indicator.id)
    ).all()
    facts = {each.id: each.as_of(clock.today) for each in indicators_of(db, plan)}
    waiting = _open(db, plan)
    lights = reminder_rules(db, plan).lights
    return [
        IndicatorLine(row, facts[row.id], outlook_of(facts[row.id], lights), waiting[row.id])
        for row in rows
    ]


def _open(db: Session, plan: Plan) -> dict[int, list[IndicatorReading]]:
    """The readings that wait for a decision, by indicator."""
    rows = db.scalars(
        select(IndicatorReading)
        .join(IndicatorReading.indicator)
        .where(Indicator.plan_id == plan.id, IndicatorReading.outcome.is_(None))
        .order_by(IndicatorReading.year, IndicatorReading.id)
    )
    found: dict[int, list[IndicatorReading]] = defaultdict(list)
    for row in rows:
        found[row.indicator_id].append(row)
    return found


def _is_wanted(line: IndicatorLine, wanted: IndicatorFilter) -> bool:
    row, forecast = line.row, line.outlook.forecast
    words = f"{row.category} {row.name} {row.owner.name}".casefold()
    return (
        all(word in words for word in wanted.text.casefold().split()[:MOST_WORDS])
        and wanted.category in (None, row.category)
        and wanted.owner in (None, row.owner_id)
        and wanted.kind in (None, "binding" if row.binding else "expected")
        and wanted.light in (None, line.outlook.light)
        and (
            wanted.forecast is None
            or (forecast is not None and forecast.missed is (wanted.forecast == "missed"))
        )
        and (bool(line.open) or not wanted.waiting)
    )


_ORDERS: Mapping[Sort, Callable[[IndicatorLine], Any]] = {
    "plan": lambda line: line.row.position,
    "name": lambda line: (line.row.name, line.row.position),
    "owner": lambda line: (line.row.owner.name, line.row.position),
    "light": lambda line: (_PRESSING[line.outlook.light], line.row.position),
}


@dataclass(frozen=True)
class Choices:
    """What the filters offer."""

    categories: Sequence[str]
    owners: Sequence[tuple[int, str]]


def choices(lines: Iterable[IndicatorLine]) -> Choices:
    """The headings and owners of these lines, in the plan's order."""
    rows = [line.row for line in lines]
    return Choices(
        list(dict.fromkeys(row.category for row in rows)),
        list(dict.fromkeys((row.owner_id, row.owner.name) for row in rows)),
    )


def kind_name(row: Indicator) -> Text:
    """约束性 or 预期性."""
    return t("binding") if row.binding else t("expected")


def _latest(line: IndicatorLine) -> Any:
    return line.facts.latest.value if line.facts.latest else None


def _latest_year(line: IndicatorLine) -> int | None:
    return line.facts.latest.year if line.facts.latest else None


def _wanted(line: IndicatorLine) -> Any:
    return rounded(line.outlook.wanted, PLACES) if line.outlook.wanted is not None else None


def _forecast(line: IndicatorLine) -> Any:
    expected = line.outlook.forecast
    return rounded(expected.value, PLACES) if expected else None


def _notes(line: IndicatorLine) -> str | None:
    """How the plan's own numbers contradict each other."""
    told = [] if line.row.consistent else line.row.notes
    return "\n".join(note.text for note in told) or None


COLUMNS: Sequence[Column[IndicatorLine]] = (
    Column(t("Heading"), 28, lambda line: line.row.category),
    Column(t("Indicator"), 24, lambda line: line.row.name),
    Column(t("Measure"), 20, lambda line: line.row.measure),
    Column(t("Kind"), 10, lambda line: kind_name(line.row)),
    Column(t("Owner"), 20, lambda line: line.row.owner.name),
    Column(t("Base year"), 8, lambda line: line.row.base_year),
    Column(t("Base as printed"), 12, lambda line: line.row.base),
    Column(
        t("Base that counts"),
        12,
        lambda line: line.facts.bases[-1].value if line.facts.bases else None,
    ),
    Column(t("Target year"), 8, lambda line: line.row.target_year),
    Column(t("Target"), 12, lambda line: line.row.target),
    Column(t("Latest reading"), 12, _latest),
    Column(t("Of the year"), 8, _latest_year),
    Column(t("Where it should stand"), 14, _wanted),
    Column(t("Beside the line"), 20, lambda line: line.outlook.words),
    Column(t("Value in the target year at this pace"), 16, _forecast),
    Column(t("Forecast"), 40, lambda line: line.outlook.forecast_words),
    Column(t("Section"), 24, lambda line: line.row.section),
    Column(t("What contradicts what"), 60, _notes),
)
"""What the list is exported with."""
