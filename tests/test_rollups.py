"""Roll-ups: one a day, never changed, and the same whenever they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from planner.domain.scores.period import AsOf, Period
from planner.models import Plan, Rollup
from planner.services import plans, rollups
from planner.services.plans import scoring_rules
from planner.services.rollups import (
    DayRows,
    TrendPoint,
    missing_days,
    point,
    store_missing,
    trend,
)
from planner.services.scores import plan_scores
from tests.support.cast import EDU, Cast
from tests.support.history import acts, play

FIRST = date(2024, 2, 5)
LAST = date(2025, 1, 15)
DAY = timedelta(days=1)
YEAR = Period(2024)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def store(cast: Cast, today: date) -> list[date]:
    with cast.runtime.sessions.writing() as db:
        days = store_missing(db, cast.clock(today))
        db.commit()
        return days


def make(cast: Cast, today: date, most: int) -> list[DayRows]:
    with cast.reading() as db:
        return list(islice(missing_days(db, cast.clock(today)), most))


def store_made(cast: Cast, made: list[DayRows]) -> list[date]:
    with cast.runtime.sessions.writing() as db:
        days = [each.day for each in made if rollups.store(db, cast.clock(LAST), each)]
        db.commit()
        return days


def stored(cast: Cast) -> dict[tuple[object, ...], tuple[object, ...]]:
    with cast.reading() as db:
        return {
            (each.on, each.period, each.subject, each.subject_id): (
                each.total,
                each.verified,
                each.claimed,
                each.counting,
                each.accepted,
                each.overdue,
            )
            for each in db.scalars(select(Rollup))
        }


def days_between(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def test_every_day_that_is_over_is_stored_from_the_first_issue_on(cast: Cast) -> None:
    play(cast)
    assert store(cast, LAST) == days_between(FIRST, LAST - DAY)
    assert store(cast, LAST) == []


def test_nothing_is_stored_before_anything_is_issued(cast: Cast) -> None:
    assert store(cast, LAST) == []
    assert stored(cast) == {}


def test_today_is_stored_only_when_it_is_over(cast: Cast) -> None:
    play(cast, FIRST)
    assert store(cast, FIRST) == []
    assert store(cast, FIRST + DAY) == [FIRST]


def test_a_missed_day_made_later_equals_the_one_made_in_time(cast: Cast) -> None:
    """The year is played day by day; what was stored meanwhile must be what a fresh look says."""
    for day, act in acts(cast):
        store(cast, day)
        act(day)
    store(cast, LAST)
    made = stored(cast)
    fresh = {}
    with cast.reading() as db:
        for day in days_between(FIRST, LAST - DAY)[::5]:
            fresh |= looked_at(db, cast, day)
    assert {key: row for key, row in made.items() if key[0] in {key[0] for key in fresh}} == fresh


def looked_at(db: Session, cast: Cast, day: date) -> dict[tuple[object, ...], tuple[object, ...]]:
    """A day's roll-ups, as the scorecard would have shown them."""
    plan, rows = db.get_one(Plan, cast.plan), {}
    for period in (Period(day.year), Period()):
        made = plan_scores(
            db, plan, AsOf.on(day, period), cast.clock().calendar, scoring_rules(db, plan)
        )
        subjects = [
            ("plan", plan.id, made.overall),
            *(("unit", each.unit.id, each.figures) for each in made.units),
            *(("action", each.box.id, each.figures) for each in made.boxes),
        ]
        for subject, subject_id, figures in subjects:
            if figures.counts.counting or subject == "plan":
                point_of_day = point(day, figures)
                rows[(day, period.key, subject, subject_id)] = tuple(vars(point_of_day).values())[
                    1:
                ]
    return rows


def test_each_day_has_the_plan_its_units_and_its_boxes_for_the_year_and_the_plan(
    cast: Cast,
) -> None:
    play(cast, FIRST)
    store(cast, FIRST + DAY)
    made = Counter((period, subject) for _, period, subject, _ in stored(cast))
    assert made == {
        (period, subject): many
        for period in ("2024", "plan")
        for subject, many in (("plan", 1), ("unit", 3), ("action", 2))
    }


def test_stored_days_are_never_touched_and_a_gap_is_filled(cast: Cast) -> None:
    play(cast)
    day = date(2024, 7, 1)
    odd = {
        "plan_id": cast.plan,
        "on": day,
        "at": cast.clock().now,
        "period": "plan",
        "subject": "plan",
        "subject_id": cast.plan,
        "total": Decimal("12.34"),
        "verified": Decimal(0),
        "claimed": Decimal(0),
        "counting": 9,
        "accepted": 9,
        "overdue": 9,
    }
    with cast.runtime.sessions.writing() as db:
        db.execute(insert(Rollup), [odd])
        db.commit()
    days = store(cast, LAST)
    assert days == [each for each in days_between(FIRST, LAST - DAY) if each != day]
    assert {key: row[0] for key, row in stored(cast).items() if key[0] == day} == {
        (day, "plan", "plan", cast.plan): Decimal("12.34")
    }


def test_days_that_somebody_stored_meanwhile_are_left_out(cast: Cast) -> None:
    play(cast)
    made = make(cast, LAST, 10)
    store_made(cast, made[:7])
    assert store_made(cast, made) == days_between(FIRST + 7 * DAY, FIRST + 9 * DAY)


def test_who_stops_in_the_middle_is_gone_on_from_there(cast: Cast) -> None:
    play(cast)
    assert store_made(cast, make(cast, LAST, 10)) == days_between(FIRST, FIRST + 9 * DAY)
    assert store(cast, LAST) == days_between(FIRST + 10 * DAY, LAST - DAY)


def test_many_days_are_made_with_no_more_queries_than_one(
    cast: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    play(cast)
    with count_queries() as few:
        assert len(make(cast, LAST, 1)) == 1
    with count_queries() as many:
        assert len(make(cast, LAST, 30)) == 30
    assert len(few) == len(many)


def test_days_are_made_with_no_session_open(cast: Cast) -> None:
    """The worker makes each while nothing is locked or held back."""
    play(cast)
    with cast.reading() as db:
        days = missing_days(db, cast.clock(LAST))
    assert store_made(cast, list(days)) == days_between(FIRST, LAST - DAY)


def test_the_rules_in_force_on_the_day_count(cast: Cast) -> None:
    """A version stored later changes no day before it, also when that day is made later."""
    play(cast)
    milder = date(2024, 12, 28)
    with cast.runtime.sessions.writing() as db:
        plan = db.get_one(Plan, cast.plan)
        data = dict(plans.current_rules(db, plan, plans.SCORING).data)
        lateness = {**data["lateness"], "percent": "0"}
        plans.store_rules(
            db, cast.clock(milder), plan, plans.SCORING, {**data, "lateness": lateness}
        )
        db.commit()
    store(cast, LAST)
    totals = {
        each.on: each.total for each in trend_of(cast, "unit", cast.units[EDU], LAST) if each.total
    }
    assert (totals[milder - DAY], totals[milder]) == (Decimal(94), Decimal(99))


def trend_of(cast: Cast, subject: str, subject_id: int, until: date) -> list[TrendPoint]:
    with cast.reading() as db:
        plan = db.get_one(Plan, cast.plan)
        return trend(db, plan, subject, subject_id, YEAR, until)


def test_a_trend_is_what_was_stored_in_order_up_to_a_day(cast: Cast) -> None:
    play(cast)
    store(cast, LAST)
    until = date(2024, 6, 30)
    made = trend_of(cast, "unit", cast.units[EDU], until)
    assert [each.on for each in made] == days_between(FIRST, until)
    assert (made[0].total, made[0].verified, made[0].accepted) == (None, 0, 0)
    assert (made[-1].verified, made[-1].claimed, made[-1].accepted) == (
        Decimal("0.5"),
        Decimal("0.5"),
        1,
    )
    waiting = next(each for each in made if each.on == date(2024, 3, 1))
    assert (waiting.verified, waiting.claimed) == (0, Decimal("0.5"))


def test_the_year_ends_with_its_last_day(cast: Cast) -> None:
    play(cast)
    store(cast, LAST)
    made = trend_of(cast, "plan", cast.plan, LAST)
    assert made[-1].on == date(2024, 12, 31)
    assert made[-1].total == Decimal("62.67")
