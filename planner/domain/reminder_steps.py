"""Which thresholds of a family are crossed by a day, before its anchor and after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from planner.domain.reminder_rules import After, Audience, Before, Colour, DayUnit, Family
from planner.domain.workdays import WorkCalendar

_DAY = timedelta(days=1)


class Step(NamedTuple):
    """Thresholds of one step that are crossed, in the order of time; at least one.

    Days from the anchor, below 0 before it.
    """

    to: tuple[Audience, ...]
    colour: Colour
    numbers: Sequence[int]


def ahead(
    in_effect: date,
    asked_on: date,
    today: date,
    calendar: WorkCalendar,
    family: Family,
    length: int,
) -> list[Step]:
    """Thresholds before the anchor whose day has come, and did not lie before `asked_on`.

    A day off is pulled forward to the working day before: it has come as soon as no working day
    lies between, and it lies in the time from `asked_on` on if a working day of that time does.
    `in_effect` is the anchor, a working day; `length` the days that the item runs.
    """
    first = calendar.on_or_after(asked_on)
    if first > in_effect:
        return []
    if family.unit == "days":
        least = (in_effect - calendar.on_or_after(today + _DAY)).days + 1
        most = (in_effect - first).days
    else:
        least, most = calendar.count(today, in_effect), calendar.count(first, in_effect)
    return [
        Step(step.to, step.colour, (-step.at,))
        for step in family.before
        if least <= step.at <= most and _is_meant(step, length)
    ]


def _is_meant(step: Before, length: int) -> bool:
    return step.longer_than_days is None or length > step.longer_than_days


def since(
    anchor_on: date, told_on: date, today: date, calendar: WorkCalendar, family: Family
) -> list[Step]:
    """Thresholds after the anchor up to today, and after `told_on`, the day that it was told.

    What was issued too late is late at once, but "overdue" must not be the first word.
    """
    told = elapsed(anchor_on, told_on, family.unit, calendar)
    return after(family, told, elapsed(anchor_on, today, family.unit, calendar))


def elapsed(anchor_on: date, day: date, unit: DayUnit, calendar: WorkCalendar) -> int:
    """How many of the family's days have gone since the anchor; 0 up to it."""
    if unit == "workdays":
        return calendar.count(anchor_on, day)
    return max(0, (day - anchor_on).days)


def after(family: Family, told: int, gone: int) -> list[Step]:
    """Thresholds later than `told` days after the anchor, up to `gone` days after it."""
    steps = [(step, _numbers(step, told, gone)) for step in family.after]
    return [Step(step.to, step.colour, numbers) for step, numbers in steps if numbers]


def _numbers(step: After, told: int, gone: int) -> range:
    """The step's thresholds in (told, gone]."""
    if not step.every:
        return range(step.at, step.at + 1) if told < step.at <= gone else range(0)
    skipped = max(0, -(-(told + 1 - step.at) // step.every))
    return range(step.at + skipped * step.every, gone + 1, step.every)
