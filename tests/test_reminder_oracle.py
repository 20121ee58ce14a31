"""Five simulated years, day by day: the rules say what the oracle says, no more, no less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from planner.domain.clock import Clock
from planner.domain.reminder_rules import ReminderRules
from planner.domain.reminders import due
from planner.domain.workdays import WorkCalendar
from planner.planfile import load
from planner.services.reminders import is_time
from tests.oracle.reminding import Oracle, Said, Story
from tests.support.cast import SEED
from tests.support.lives import CALENDAR, FIRST, LAST, ONE, SPECIAL, facts_on, story, worked
from tests.test_reminders import AUDIENCES, DATA

RULES = replace(load(SEED).reminders, weekly=None)
NAMES = {ids[0]: name for name, ids in AUDIENCES.items()}


def live(told: Story, days: list[date]) -> list[tuple[date, Said]]:
    """What the rules say when they are asked on these days."""
    recorded: dict[tuple[str, str, int], int] = {}
    log = []
    for day in days:
        facts = facts_on(told, day)
        for each in due(facts._replace(recorded=recorded), day, CALENDAR, RULES) if facts else ():
            key = (each.family, each.anchor, each.recipient_id)
            assert each.occurrence.number > recorded.get(key, -9999)
            recorded[key] = each.occurrence.number
            said = (each.family, each.anchor, each.occurrence.number, NAMES[each.recipient_id])
            log.append((day, said))
    return log


ALL_DAYS = [FIRST + n * ONE for n in range((LAST - FIRST).days + 1)]


def five_years(seed: int) -> list[tuple[date, Said]]:
    """One life, held against the oracle on every day; what is said in it."""
    told = story(seed)
    oracle = Oracle(told, worked)
    expected = [(day, said) for day in ALL_DAYS for said in oracle.on(day)]
    assert sorted(live(told, ALL_DAYS)) == sorted(expected), f"seed {seed}: {told}"
    announced = {said[1] for _, said in expected if said[0] == "due"}
    for day, (family, anchor, _, audience) in expected:
        if family == "overdue" and audience == "liaison" and anchor not in announced:
            assert oracle.was_silent_until_due(anchor, day), f"first word: {seed}, {anchor}"
    return expected


@pytest.mark.parametrize("seed", range(45))
def test_five_years_day_by_day_are_the_oracles(seed: int) -> None:
    five_years(seed)


def test_the_due_dates_are_those_that_calendars_stumble_over() -> None:
    """New Year, 29 February, ends of months, days made up for, and long holidays."""
    off = [day for day in SPECIAL if not worked(day)]
    rests = {day: sum(not worked(day + n * ONE) for n in range(7)) for day in off}
    assert {date(2022, 1, 1), date(2021, 12, 31), date(2024, 2, 29)} <= {*SPECIAL}
    assert {day.month for day in SPECIAL if (day + ONE).day == 1} >= {1, 2, 4, 12}
    assert [day for day in SPECIAL if day in CALENDAR.made_up]
    assert max(rests.values()) >= 5, "a holiday of a week lies over one"


@pytest.mark.parametrize("away", [1, 7, 40])
@pytest.mark.parametrize("seed", range(10))
def test_a_worker_that_was_away_over_a_due_date_says_each_thing_once(seed: int, away: int) -> None:
    """It ends where a diligent one ends, and nobody hears two thresholds of a family at once."""
    told = story(seed)
    gone = told.due - 2 * ONE
    days = [day for day in ALL_DAYS if not gone <= day < gone + away * ONE]
    log = live(told, days)
    assert len(log) == len({(day, said[0], said[1], said[3]) for day, said in log})
    assert len(log) == len({said for _, said in log})


def test_a_clock_that_jumps_back_says_nothing_twice_and_nothing_backwards() -> None:
    for seed in range(10):
        told = story(seed)
        middle = told.due + 10 * ONE
        days = [day for day in ALL_DAYS if day <= middle]
        log = live(told, days)
        again = live(told, [*days, *(day for day in days if day > middle - 60 * ONE)])
        assert again[: len(log)] == log
        assert [said[0] for _, said in again[len(log) :] if said[0] in ("due", "overdue")] == []


@pytest.mark.parametrize("day", [date(2024, 3, 31), date(2024, 10, 27), date(2025, 3, 30)])
def test_nine_o_clock_comes_once_on_a_day_that_the_clocks_change(day: date) -> None:
    """In Berlin the hour from 2 is missing in spring and comes twice in autumn."""
    zone = ZoneInfo("Europe/Berlin")
    rules = ReminderRules.from_data(DATA)
    calendar = WorkCalendar(made_up=frozenset({day}))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=3)
    minutes = [start + n * timedelta(minutes=1) for n in range(30 * 60)]
    clocks = [Clock(now.astimezone(zone).date(), now, calendar) for now in minutes]
    today = [each for each in clocks if each.today == day]
    open_ = [is_time(each, zone, calendar, rules) for each in today]
    assert len(today) == (23 if day.month == 3 else 25) * 60
    assert open_ == sorted(open_)
    assert today[open_.index(True)].now.astimezone(zone).strftime("%H:%M") == "09:00"
