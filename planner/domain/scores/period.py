"""What a score is asked of: a year or the plan, as known on a day, and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from planner.domain.errors import BadInput
from planner.domain.kept import kept
from planner.domain.scores.items import Item
from planner.domain.text import t
from planner.domain.workdays import WorkCalendar

PLAN = "plan"
"""The period that is the whole plan."""


@dataclass(frozen=True)
class Period:
    """A year, or the whole plan where `year` is None."""

    year: int | None = None

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that "2024" or "plan" names. Raises BadInput for anything else."""
        if text == PLAN:
            return cls()
        if len(text) == 4 and text.isascii() and text.isdecimal() and text > "0000":
            return cls(int(text))
        raise BadInput(t("A period is a year such as 2024, or “plan”."), "period")

    @classmethod
    def present(cls, day: date, first: int, last: int) -> Period:
        """The day's year where it is one of a plan's years, else the whole plan."""
        return cls(day.year if first <= day.year <= last else None)

    @property
    def key(self) -> str:
        """How addresses, JSON and tables name it."""
        return PLAN if self.year is None else f"{self.year:04}"

    @property
    def cut_off(self) -> date:
        """The last day whose hand-ins count in it (截止日); the plan has none."""
        return date.max if self.year is None else cut_off(self.year)

    def bounds(self, starts_on: date, ends_on: date) -> tuple[date, date]:
        """Its first and last day; those of the plan are given."""
        if self.year is None:
            return starts_on, ends_on
        return date(self.year, 1, 1), date(self.year, 12, 31)


def cut_off(year: int) -> date:
    """The last day of a year whose hand-ins count in it."""
    return date(year, 12, 31)


class Place(StrEnum):
    """How an item belongs to a period: in its own year, or carried over from an earlier one."""

    OWN = "own"
    CARRIED = "carried"


@dataclass(frozen=True)
class AsOf:
    """A period as known at the end of `day`; what was handed in after `until` does not count."""

    period: Period
    day: date
    until: date

    @classmethod
    def on(cls, day: date, period: Period) -> AsOf:
        """As the scorecard shows it on that day."""
        return cls(period, day, min(day, period.cut_off))

    @kept
    def since(self) -> date | None:
        """The cut-off of the year before; None where it has not come, or in the whole plan."""
        if self.period.year is None:
            return None
        before = cut_off(self.period.year - 1)
        return before if before < self.day else None

    @kept
    def is_over(self) -> bool:
        """Whether all of the period has come: what is not done by now is not done in it."""
        return self.until >= self.period.cut_off

    def sees(self, item: Item) -> bool:
        """Whether an item is issued and not cancelled as of the day."""
        return item.stands_on(self.day)

    def place_of(self, item: Item) -> Place | None:
        """How an item as of the day belongs to the period; None where it does not."""
        if self.period.year is None:
            return Place.OWN
        year = item.year_on(self.day)
        if year == self.period.year:
            return Place.OWN
        if self.since is None or year > self.period.year or _closed(item, self.since):
            return None
        return Place.CARRIED

    def is_due(self, item: Item, calendar: WorkCalendar) -> bool:
        """Whether it counts to date: its day has come, or the period's last has.

        What is suspended counts to no date: its clock stands still.
        """
        if item.suspended:
            return False
        if self.is_over:
            return True
        return item.due_on <= self.until and calendar.on_or_after(item.due_on) <= self.until


def _closed(item: Item, day: date) -> bool:
    closed_by = item.course.closed_by
    return closed_by is not None and closed_by <= day
