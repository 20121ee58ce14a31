"""The script as one list of scenes in the order of time, each at an hour when offices are open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from planner.demo import acts
from planner.demo.script import Act, Do, Node, Script, Story
from planner.demo.stage import Stage
from planner.domain.clock import Clock
from planner.domain.workdays import WorkCalendar

OPENS, LUNCH, AFTER_LUNCH = time(9, 5), timedelta(minutes=170), timedelta(minutes=290)
OPEN_FOR = timedelta(minutes=370)
"""Minutes of work a day: from 9:05 to 11:55, and from 13:55 to 17:15."""


@dataclass(frozen=True)
class Scene:
    """Something that happens on a day; `turn` orders what one subject has on the same day."""

    on: date
    turn: int
    subject: str
    run: Callable[[Session, Clock], None]


@dataclass(frozen=True)
class Day:
    """A day on which something happens, and what, each with its clock."""

    on: date
    scenes: tuple[tuple[Scene, Clock], ...]


def days(scenes: list[Scene], calendar: WorkCalendar, zone: ZoneInfo) -> Iterator[Day]:
    """The scenes day by day. Raises ValueError for one on a day off."""
    ordered = sorted(scenes, key=lambda each: (each.on, each.turn))
    for on, group in groupby(ordered, key=lambda each: each.on):
        if not calendar.is_workday(on):
            raise ValueError(f"the demo plays on {on}, which is a day off")
        todays = list(group)
        clocks = (
            clock_at(on, _moment(i, len(todays), on), calendar, zone) for i in range(len(todays))
        )
        yield Day(on, tuple(zip(todays, clocks, strict=True)))


def clock_at(on: date, since_opening: timedelta, calendar: WorkCalendar, zone: ZoneInfo) -> Clock:
    """A clock that stands so long after the office opened on that day."""
    local = datetime.combine(on, OPENS, zone) + since_opening
    return Clock(on, local.astimezone(UTC), calendar)


def _moment(place: int, of: int, on: date) -> timedelta:
    """Spread over the day, not to the even minute, in the given order, and not at lunch."""
    odd = crc32(f"{on}:{place}".encode()) % 1000 / 1000
    worked = OPEN_FOR * ((place + 0.1 + 0.8 * odd) / of)
    since = worked if worked < LUNCH else worked - LUNCH + AFTER_LUNCH
    return timedelta(seconds=int(since.total_seconds()))


def scenes(script: Script, stage: Stage) -> Iterator[Scene]:
    """Everything that happens to the rows and their years."""
    for story in script.stories:
        yield from _row(script, stage, story)
        for node in story.nodes:
            yield from _node(script, stage, story.row, node)


def _row(script: Script, stage: Stage, story: Story) -> Iterator[Scene]:
    if story.give:
        on, given = script.rows_given, story.give
        act = Act(on, Do.GIVE, unit=given.unit, amount=given.amount, measure=given.measure)
        yield _scene(stage, story.row, 0, act)
    yield from _handed(script, stage, story.row, script.rows_issued, signed=True)
    for turn, act in enumerate(story.acts, 3):
        yield _scene(stage, story.row, turn, act)


def _node(script: Script, stage: Stage, row: str, node: Node) -> Iterator[Scene]:
    year = next(each for each in script.years if each.year == node.year)
    subject = f"{row}/{node.year}"

    def make(db: Session, clock: Clock) -> None:
        acts.break_down(stage, db, clock, row, node)

    yield Scene(node.made or year.made, 0, subject, make)
    issued = node.issued or year.issued
    if issued:
        yield from _handed(script, stage, subject, issued, signed=not node.unsigned)
    for turn, act in enumerate(node.acts, 3):
        yield _scene(stage, subject, turn, act)


def _handed(
    script: Script, stage: Stage, subject: str, issued: date, signed: bool
) -> Iterator[Scene]:
    """Issued, and signed for after as many working days as the unit takes."""
    yield _scene(stage, subject, 1, Act(issued, Do.ISSUE))
    if signed:
        row = subject.split("/", maxsplit=1)[0]
        story = next(each for each in script.stories if each.row == row)
        unit = story.give.unit if story.give else stage.owners[row]
        takes = next(each.workdays for each in script.signs if each.unit == unit)
        on = stage.runtime.official_calendar.add(issued, takes)
        yield _scene(stage, subject, 2, Act(on, Do.SIGN))


def _scene(stage: Stage, subject: str, turn: int, act: Act) -> Scene:
    return Scene(act.on, turn, subject, partial(_play, stage, subject, act))


def _play(stage: Stage, subject: str, act: Act, db: Session, clock: Clock) -> None:
    acts.play(stage, db, clock, subject, act)
