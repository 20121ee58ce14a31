"""Indicators of the cast's plan, and short words for what is done to their readings.

县教委 owns `edu`, 县卫生健康委 `health` with numbers that contradict each other, the lead `total`
and `mean`, which a consumption sheet gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from planner import planfile
from planner.domain.words import Comparator, Direction
from planner.models import Indicator, IndicatorReading, Note, Plan
from planner.services import plans, readings
from planner.services.consumption import SheetForm
from planner.services.readings import ReadingForm
from tests.support.cast import EDU, HEALTH, LEAD, SEED, Cast

SPRING = date(2024, 3, 1)
USED = {
    "electricity": Decimal("9142.2"),
    "coal": Decimal("185.4"),
    "gas": Decimal("86.27"),
    "petrol": Decimal(1701),
    "diesel": Decimal("263.2"),
    "water": Decimal("211.7"),
    "headcount": Decimal(88500),
    "area": Decimal("129.21"),
}
"""What the county consumed in the base year, as far as its own numbers say."""

NAMES = {
    "edu-energy-head": "教育类人均综合能耗",
    "health-energy-head": "卫生类人均综合能耗",
    "total-energy": "能源消费总量",
    "mean-energy-head": "人均综合能耗",
}


@dataclass(frozen=True)
class Measured:
    """Ids of the indicators."""

    edu: int
    health: int
    total: int
    mean: int


def measure(cast: Cast) -> Measured:
    """Give the cast's plan its indicators, and the factors of the real one."""
    energy = planfile.load(SEED).energy
    assert energy is not None
    factors: Any = energy.to_data()
    with cast.runtime.sessions.writing() as db:
        plan = db.get_one(Plan, cast.plan)
        plans.store_rules(db, cast.clock(date(2022, 4, 1)), plan, plans.ENERGY, factors)
        made = Measured(
            edu=_add(db, cast, "edu-energy-head", EDU, "100", "90"),
            health=_add(db, cast, "health-energy-head", HEALTH, "50", "45", consistent=False),
            total=_add(db, cast, "total-energy", LEAD, "15402", "14786", binding=False),
            mean=_add(db, cast, "mean-energy-head", LEAD, "174.03", "165.33"),
        )
        db.add(Note(indicator_id=made.health, text="口径不一致：与全县总量不能同时成立。"))
        db.commit()
    return made


def _add(db: Any, cast: Cast, key: str, owner: str, base: str, target: str, **more: Any) -> int:
    row = Indicator(
        plan_id=cast.plan,
        key=key,
        position=len(db.scalars(select(Indicator.id)).all()) + 1,
        category="强度（平均值）",
        name=NAMES[key],
        measure="千克标煤/人·年",
        sentence="人均综合能耗",
        section="专栏1",
        base_year=2020,
        base=Decimal(base),
        target_year=2025,
        target=Decimal(target),
        comparator=Comparator.AT_MOST,
        direction=Direction.DOWN,
        owner_id=cast.units[owner],
        weight=Decimal(1),
        **{"binding": True, **more},
    )
    db.add(row)
    db.flush()
    made: int = row.id
    return made


def form(value: str | None, year: int = 2023, **more: Any) -> ReadingForm:
    """A reading with a source."""
    given = None if value is None else Decimal(value)
    return ReadingForm(**{"year": year, "value": given, "source": "统计年报", **more})


def enter(
    cast: Cast,
    indicator_id: int,
    value: str,
    year: int = 2023,
    *,
    who: str = "edu",
    day: date = SPRING,
    **more: Any,
) -> int:
    """Enter a reading; returns its id."""
    return cast.do_on(day, readings.enter, who, indicator_id, form(value, year, **more)).id


def confirm(
    cast: Cast, indicator_id: int, reading_id: int, who: str = "coordinator", day: date = SPRING
) -> None:
    """Confirm a reading."""
    cast.do_on(day, readings.confirm, who, indicator_id, reading_id)


def found(cast: Cast, reading_id: int) -> IndicatorReading:
    """The reading as it stands."""
    with cast.reading() as db:
        return db.get_one(IndicatorReading, reading_id)


def sheet(year: int = 2023, **more: Any) -> SheetForm:
    """A sheet of a year; numbers replace those of the base year."""
    used = {**USED, **{key: Decimal(more.pop(key)) for key in tuple(more) if key in USED}}
    return SheetForm(**{"year": year, "used": used, "source": "统计年报", **more})
