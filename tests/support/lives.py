"""Lives of an assignment by chance, and as a reader of the rows finds them on a day."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from planner.calendars import load_calendar
from planner.domain.lateness import Round, Span
from planner.domain.lifecycle import State
from planner.domain.reminders import Demand, Facts, Waiting
from planner.domain.words import ReturnKind
from tests.oracle.reminding import Request, Story, Suspension
from tests.test_reminders import AUDIENCES

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
CALENDAR = load_calendar(2020, 2028)
ONE = timedelta(days=1)


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
    told = Story(issued, issued + dice.randrange(1, 15) * ONE, end)
    day = told.signed + dice.randrange(1, 60) * ONE
    for _ in range(dice.randrange(4)):
        back = day + dice.randrange(1, 25) * ONE
        kind = dice.choice(["amend", "reject"])
        told.rounds.append((day, back, kind, back + dice.randrange(1, 20) * ONE))
        day = back + dice.randrange(1, 120) * ONE
    day = max(day, ask(told, dice))
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


def ask(told: Story, dice: Random) -> date:
    """What is asked for and decided, one after the other, mostly around the due date."""
    day = told.issued
    if dice.random() < 0.3:
        on = day + dice.randrange(3) * ONE
        day = on + dice.randrange(30) * ONE
        told.requests.append(Request(on, day, objection=True))
    for _ in range(dice.randrange(5)):
        day = max(day + ONE, told.due + dice.randrange(-40, 15) * ONE)
        kind = dice.choice(["extension", "refused", "suspension", "own accord"])
        closed = day + dice.randrange(30) * ONE
        if kind == "own accord":
            told.extensions.append((day, dice.randrange(1, 120)))
        elif dice.random() < 0.1:
            told.requests.append(Request(day, None))
            return day
        else:
            told.requests.append(Request(day, closed))
            ends = grant(told, dice, kind, day, closed)
            if ends is None:
                return closed
            day = ends
        day += dice.randrange(60) * ONE
    return day


def grant(told: Story, dice: Random, kind: str, asked: date, on: date) -> date | None:
    """The day from which something else may be asked for; none while it is suspended for good."""
    if kind == "extension":
        told.extensions.append((on, dice.randrange(1, 120)))
    elif kind == "suspension":
        ended = on + dice.randrange(60) * ONE if dice.random() < 0.9 else None
        told.suspensions.append(Suspension(asked, on, ended))
        return ended
    return on


class DatesInForce:
    """The due dates as the services set and number them, with the rules' own calendar."""

    def __init__(self, told: Story, day: date) -> None:
        self.number, self.set_on, self.due_on = 0, told.issued, told.due
        moves: list[tuple[date, int | Suspension]] = [*told.extensions]
        moves += [(each.ended, each) for each in told.suspensions if each.ended]
        for on, move in sorted(moves, key=lambda each: each[0]):
            if on <= day:
                self._move(on, move)

    def _move(self, on: date, move: int | Suspension) -> None:
        due_on = self.due_on
        if isinstance(move, int):
            due_on += move * ONE
        elif days := CALENDAR.count(move.asked, on):
            due_on = CALENDAR.add(CALENDAR.on_or_after(due_on), days)
        if due_on != self.due_on:
            self.number, self.set_on, self.due_on = self.number + 1, on, due_on


def is_in_time(told: Story, asked: Request) -> bool:
    """As it is stored with a request when it is made."""
    known = [each.asked for each in told.suspensions if each.is_known(asked.on)]
    due_on = DatesInForce(told, asked.on).due_on
    return asked.objection or CALENDAR.on_or_after(due_on) >= min([asked.on, *known])


def pauses_on(told: Story, day: date) -> tuple[list[Span], list[Span]]:
    """As `services.pauses` reads them: what stops the clock, and what moved the due date."""
    stopped = [
        (each.on, day if each.is_open(day) else each.closed or day)
        for each in told.requests
        if each.on <= day and is_in_time(told, each)
    ]
    stopped += [(each.asked, day) for each in told.suspensions if each.is_known(day)]
    ended = [each for each in told.suspensions if each.ended and each.ended <= day]
    return stopped, [(each.asked, each.ended or day) for each in ended]


def facts_on(told: Story, day: date) -> Facts | None:
    """The story as a reader of the rows finds it on that day."""
    if day < told.issued or (told.accepted and told.accepted <= day):
        return None
    dates = DatesInForce(told, day)
    open_round = [n for n, each in enumerate(told.rounds) if each[0] <= day < each[1]]
    state = State.ISSUED if day < told.signed else State.IN_PROGRESS
    waiting = None
    if open_round:
        number = open_round[-1]
        state, waiting = State.SUBMITTED, Waiting(number + 1, told.rounds[number][0])
    pauses, moved = pauses_on(told, day)
    asked = [each for each in told.requests if each.is_open(day)]
    return Facts(
        1,
        state,
        told.issued,
        dates.due_on,
        AUDIENCES,
        due_revision=dates.number,
        due_set_on=dates.set_on if dates.number else None,
        rounds=[
            Round(handed_in, back, ReturnKind(kind), rework, number + 1)
            for number, (handed_in, back, kind, rework) in enumerate(told.rounds)
            if back <= day
        ],
        pauses=pauses,
        moved=moved,
        waiting=waiting,
        suspended=bool(asked),
        disputed=any(each.objection for each in asked),
        halted=any(each.is_known(day) for each in told.suspensions),
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
