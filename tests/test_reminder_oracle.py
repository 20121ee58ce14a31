"""Five simulated years, day by day: the rules say what the oracle says, no more, no less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from planner.calendars import load_calendar
from planner.domain.clock import Clock
from planner.domain.lateness import Round
from planner.domain.lifecycle import State
from planner.domain.reminder_rules import ReminderRules
from planner.domain.reminders import Demand, Facts, Waiting, due
from planner.domain.words import ReturnKind
from planner.domain.workdays import WorkCalendar
from planner.planfile import load
from planner.services.reminders import is_time
from tests.oracle.reminding import Oracle, Said, Story
from tests.support.cast import SEED
from tests.test_reminders import AUDIENCES, DATA

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
CALENDAR = load_calendar(2020, 2028)
RULES = replace(load(SEED).reminders, weekly=None)
ONE = timedelta(days=1)
NAMES = {ids[0]: name for name, ids in AUDIENCES.items()}


def worked(day: date) -> bool:
    """The calendar's data, without its arithmetic."""
    if day.weekday() >= 5:
        return day in CALENDAR.made_up
    return day not in CALENDAR.days_off


SPECIAL = (
    date(2021, 12, 31), date(2022, 1, 1), date(2024, 2, 29), date(2024, 2, 28), date(2023, 1, 31),
    date(2024, 2, 10), date(2023, 10, 6), date(2022, 10, 8), date(2024, 5, 11), date(2025, 12, 31),
    date(2023, 4, 30), date(2021, 10, 3), date(2024, 10, 12), date(2025, 1, 29), date(2022, 2, 28),
)  # fmt: skip


def story(seed: int) -> Story:
    """A life by chance; every second due date is a day that calendars stumble over."""
    dice = Random(seed)
    end = dice.choice(SPECIAL) if seed % 2 else FIRST + dice.randrange(300, 1700) * ONE
    issued = max(FIRST, end - dice.choice([-3, 0, 1, 5, 20, 40, 200, 400, 900]) * ONE)
    told = Story(issued, issued + dice.randrange(1, 15) * ONE, [(issued, end)])
    day = told.signed + dice.randrange(1, 60) * ONE
    for _ in range(dice.randrange(4)):
        back = day + dice.randrange(1, 25) * ONE
        kind = dice.choice(["amend", "reject"])
        told.rounds.append((day, back, kind, back + dice.randrange(1, 20) * ONE))
        day = back + dice.randrange(1, 120) * ONE
    if dice.random() < 0.4:
        moved = max(told.signed, end - dice.randrange(-10, 30) * ONE)
        told.due.append((moved, end + dice.randrange(5, 200) * ONE))
    if dice.random() < 0.3:
        begins = issued + dice.randrange(1, 100) * ONE
        ends = begins + dice.randrange(1, 60) * ONE
        last = max([ends, *(on for on, _ in told.due)])
        told.halts.append((begins, ends))
        told.due.append((last, told.due[-1][1] + (ends - begins)))
    for _ in range(dice.randrange(3)):
        on = issued + dice.randrange(1, 300) * ONE
        by = on + dice.randrange(15) * ONE
        told.urges.append((on, by, dice.choice([None, by + dice.randrange(20) * ONE])))
    for quarter in range(dice.randrange(4)):
        opened = issued + (90 * quarter + dice.randrange(30)) * ONE
        due_on = opened + dice.randrange(1, 25) * ONE
        handed_in = dice.choice([None, opened + dice.randrange(40) * ONE])
        told.reports.append((f"p{quarter}", opened, due_on, handed_in))
    if dice.random() < 0.7:
        told.accepted = max(end, day) + dice.randrange(200) * ONE
    return told


def facts_on(told: Story, day: date) -> Facts | None:
    """The story as a reader of the rows finds it on that day."""
    if day < told.issued or (told.accepted and told.accepted <= day):
        return None
    revision = max(n for n, (on, _) in enumerate(told.due) if on <= day)
    open_round = [n for n, each in enumerate(told.rounds) if each[0] <= day < each[1]]
    state = State.ISSUED if day < told.signed else State.IN_PROGRESS
    waiting = None
    if open_round:
        number = open_round[-1]
        state, waiting = State.SUBMITTED, Waiting(number + 1, told.rounds[number][0])
    return Facts(
        1,
        state,
        told.issued,
        told.due[revision][1],
        AUDIENCES,
        due_revision=revision,
        due_set_on=told.due[revision][0] if revision else None,
        rounds=[
            Round(handed_in, back, ReturnKind(kind), rework, number + 1)
            for number, (handed_in, back, kind, rework) in enumerate(told.rounds)
            if back <= day
        ],
        waiting=waiting,
        halted=any(begins <= day < ends for begins, ends in told.halts),
        answers=[
            Demand(f"urge:{number}", on, by)
            for number, (on, by, answered) in enumerate(told.urges)
            if on <= day and (answered is None or day < answered)
        ],
        reports=[
            Demand(f"report:{period}", opened, due_on)
            for period, opened, due_on, handed_in in told.reports
            if opened <= day and (handed_in is None or day < handed_in)
        ],
    )


def live(told: Story, days: list[date]) -> list[tuple[date, Said]]:
    """What the rules say when they are asked on these days."""
    recorded: dict[tuple[str, str, int], int] = {}
    log = []
    for day in days:
        facts = facts_on(told, day)
        for each in due(replace(facts, recorded=recorded), day, CALENDAR, RULES) if facts else ():
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
    overdue = [day for day, said in expected if said[0] == "overdue"]
    assert not overdue or told.issued < overdue[0], f"the first word was overdue: seed {seed}"
    return expected


@pytest.mark.parametrize("seed", range(60))
def test_five_years_day_by_day_are_the_oracles(seed: int) -> None:
    five_years(seed)


@pytest.mark.parametrize("away", [1, 7, 40])
@pytest.mark.parametrize("seed", range(10))
def test_a_worker_that_was_away_over_a_due_date_says_each_thing_once(seed: int, away: int) -> None:
    """It ends where a diligent one ends, and nobody hears two thresholds of a family at once."""
    told = story(seed)
    gone = told.due[0][1] - 2 * ONE
    days = [day for day in ALL_DAYS if not gone <= day < gone + away * ONE]
    log = live(told, days)
    assert len(log) == len({(day, said[0], said[1], said[3]) for day, said in log})
    assert len(log) == len({said for _, said in log})


def test_a_clock_that_jumps_back_says_nothing_twice_and_nothing_backwards() -> None:
    for seed in range(10):
        told = story(seed)
        middle = told.due[0][1] + 10 * ONE
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
