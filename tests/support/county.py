"""More than the cast's plan holds: units with something to do, indicators with readings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from planner.domain.words import Comparator, Direction, Outcome
from planner.models import Indicator, IndicatorReading, Unit
from planner.services import breakdown
from planner.services.tasks import RowForm, add_rows
from tests.support.cast import LEAD, TODAY, Cast


def add_indicator(cast: Cast, value: str | None, **more: object) -> int:
    """From 100 in 2020 to 90 in 2025, with a confirmed reading of 2023."""
    clock = cast.clock()
    facts = {
        "plan_id": cast.plan,
        "key": "energy",
        "position": 1,
        "category": "强度",
        "name": "人均综合能耗",
        "measure": "千克标煤",
        "sentence": "人均综合能耗下降10%。",
        "base_year": 2020,
        "base": Decimal(100),
        "target_year": 2025,
        "target": Decimal(90),
        "comparator": Comparator.AT_MOST,
        "direction": Direction.DOWN,
        "binding": True,
        "owner_id": cast.units[LEAD],
        "weight": Decimal(1),
        "section": "专栏1",
    }
    with cast.runtime.sessions.writing() as db:
        made = Indicator(**{**facts, **more})
        db.add(made)
        db.flush()
        if value:
            db.add(
                IndicatorReading(
                    indicator_id=made.id,
                    year=2023,
                    value=Decimal(value),
                    source="统计年报",
                    by_id=cast.users["coordinator2"],
                    on=TODAY,
                    at=clock.now,
                    outcome=Outcome.GRANTED,
                    decided_by_id=cast.users["coordinator"],
                    decided_on=TODAY,
                    decided_at=clock.now,
                )
            )
        db.commit()
        return made.id


def add_units(cast: Cast, count: int, rows: int = 1, name: str = "又一单位") -> None:
    """More units, each with something to do."""
    with cast.runtime.sessions.writing() as db:
        more = [
            Unit(key=f"{name}{number}", name=f"{name}{number}", ranking_group="更多")
            for number in range(count)
        ]
        db.add_all(more)
        db.commit()
        ids = [unit.id for unit in more]
    for _ in range(rows):
        form = RowForm("同一件事", ids, date(2024, 10, 8))
        for row in cast.do_on(date(2024, 9, 2), add_rows, "coordinator", cast.standard, form):
            cast.do_on(date(2024, 9, 2), breakdown.issue, "coordinator", row.id)
