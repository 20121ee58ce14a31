"""Working days: weekends, public holidays, and weekend days that are worked instead (调休).

The calendar is data that is handed to the rules; `planner.calendars` loads it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_weekend(day: date) -> bool:
    """Saturday or Sunday, whether worked or not."""
    return day.weekday() >= _SATURDAY


@dataclass(frozen=True)
class WorkCalendar:
    """Monday to Friday are worked, except as listed.

    `days_off`: weekdays that are holidays. `made_up`: weekend days that are worked (调休).
    `decreed`: years with an official notice; every other year is provisional.
    Raises ValueError when a day off is on a weekend or a made-up day on a weekday.
    """

    days_off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()
    decreed: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if wrong := [day for day in self.days_off if is_weekend(day)]:
            raise ValueError(f"{min(wrong)} is on a weekend, so it is no day off from work")
        if wrong := [day for day in self.made_up if not is_weekend(day)]:
            raise ValueError(f"{min(wrong)} is a weekday, so it makes up for nothing")

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.made_up if is_weekend(day) else day not in self.days_off

    def on_or_after(self, day: date) -> date:
        """The day itself if it is worked, else the next working day (顺延)."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = day if self.is_workday(day) else self.on_or_after(day + _DAY)
        return known

    def on_or_before(self, day: date) -> date:
        """The day itself if it is worked, else the working day before it."""
        while not self.is_workday(day):
            day -= _DAY
        return day

    def count(self, after: date, until: date) -> int:
        """Working days in (after, until]; 0 if `until` is not later than `after`.

        Takes time logarithmic in the number of exceptions, whatever the span.
        """
        if until <= after:
            return 0
        return self._worked_by(until) - self._worked_by(after)

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day`, so that `count(day, add(day, n)) == n`.

        With n = 0 the day itself, worked or not; `on_or_after` moves it on if it must be worked.
        Raises ValueError for a negative n.
        """
        if n < 0:
            raise ValueError(f"cannot go {n} working days on")
        if n == 0:
            return day
        start = day.toordinal()
        weeks = -(-(n + len(self.days_off)) // 5)
        span = range(start + 1, start + 7 * weeks + 1)
        wanted = self._worked_up_to(start) + n
        return date.fromordinal(span[bisect_left(span, wanted, key=self._worked_up_to)])

    def is_provisional(self, when: date | int) -> bool:
        """Whether that day's year, or that year, has no official notice in this calendar."""
        year = when.year if isinstance(when, date) else when
        return year not in self.decreed

    def overridden(self, days: Iterable[tuple[date, bool]]) -> WorkCalendar:
        """This calendar with days settled by hand as worked or not, the later word winning.

        It decrees no year.
        """
        off, made_up = set(self.days_off), set(self.made_up)
        for day, worked in days:
            exceptions, exceptional = (made_up, worked) if is_weekend(day) else (off, not worked)
            if exceptional:
                exceptions.add(day)
            else:
                exceptions.discard(day)
        return WorkCalendar(frozenset(off), frozenset(made_up), self.decreed)

    def _worked_by(self, day: date) -> int:
        """Working days up to and with the day, looked up where they are known."""
        worked = self._counted.get(day)
        if worked is None:
            worked = self._counted[day] = self._worked_up_to(day.toordinal())
        return worked

    def _worked_up_to(self, ordinal: int) -> int:
        """Working days from 0001-01-01, a Monday and ordinal 1, up to and with the ordinal."""
        weeks, rest = divmod(ordinal, 7)
        weekdays = 5 * weeks + min(rest, 5)
        off, made_up = self._exceptions
        return weekdays - bisect_right(off, ordinal) + bisect_right(made_up, ordinal)

    @cached_property
    def _known(self) -> dict[date, date]:
        """Answers of `on_or_after`: the same few hundred days are asked for again and again."""
        return {}

    @cached_property
    def _counted(self) -> dict[date, int]:
        """Answers of `_worked_by`."""
        return {}

    @cached_property
    def _exceptions(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return _ordinals(self.days_off), _ordinals(self.made_up)


def _ordinals(days: Iterable[date]) -> tuple[int, ...]:
    return tuple(sorted(day.toordinal() for day in days))
