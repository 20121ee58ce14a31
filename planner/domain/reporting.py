"""Periodic reports (定期报告): which periods there are, when each is due, how one stands on a day.

A report is in time up to and with its due day. After that it is late when it comes, overdue while
it does not. It is missing once the next one has fallen due as well (for a yearly report: what would
be the first quarter's), and stays so: who hands in a year's reports on the last day of the year
has not reported. What comes then is kept and shown all the same. The closing of its assignment ends
the matter as it stands: a report that was not due yet is not owed any more, it lapsed; one that was
overdue is late, and never becomes missing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from planner.domain.records import Complaints
from planner.domain.scalars import between
from planner.domain.text import Text, t
from planner.domain.words import Rhythm
from planner.domain.workdays import WorkCalendar

WORKDAYS = 10
"""Within so many working days after the period's end, where a task does not say."""

MOST_WORKDAYS = 40
_DAY = timedelta(days=1)
_MONTHS: Mapping[Rhythm, int] = {Rhythm.MONTH: 1, Rhythm.QUARTER: 3, Rhythm.YEAR: 12}


class ReportState(StrEnum):
    """How a report stands as of a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    MISSING = "missing"
    HANDED_IN = "handed_in"
    LATE = "late"
    LAPSED = "lapsed"


STATE_NAMES: Mapping[ReportState, Text] = {
    ReportState.OPEN: t("Report open"),
    ReportState.OVERDUE: t("Report overdue"),
    ReportState.MISSING: t("Report missing"),
    ReportState.HANDED_IN: t("Handed in on time"),
    ReportState.LATE: t("Late report"),
    ReportState.LAPSED: t("No longer owed"),
}


@dataclass(frozen=True)
class ReportPeriod:
    """A month, quarter or year that is reported on; both days are part of it."""

    every: Rhythm
    starts_on: date
    ends_on: date

    @property
    def key(self) -> str:
        """2024-09, 2024-Q3 or 2024."""
        year, month = self.starts_on.year, self.starts_on.month
        match self.every:
            case Rhythm.MONTH:
                return f"{year:04}-{month:02}"
            case Rhythm.QUARTER:
                return f"{year:04}-Q{(month + 2) // 3}"
            case _:
                return f"{year:04}"

    def next(self) -> ReportPeriod:
        """The one that follows."""
        return period_of(self.every, self.ends_on + _DAY)


def period_of(every: Rhythm, day: date) -> ReportPeriod:
    """The period that a day lies in."""
    length = _MONTHS[every]
    first = (day.month - 1) // length * length + 1
    last = first + length - 1
    ends_on = date(day.year, last, monthrange(day.year, last)[1])
    return ReportPeriod(every, date(day.year, first, 1), ends_on)


def periods_ending(every: Rhythm, first: date, last: date) -> Iterator[ReportPeriod]:
    """The periods whose last day lies in [first, last], in order."""
    period = period_of(every, first)
    while period.ends_on <= last:
        yield period
        period = period.next()


def rhythm_of(key: str) -> Rhythm:
    """The rhythm that a period's key is of."""
    if "-" not in key:
        return Rhythm.YEAR
    return Rhythm.QUARTER if "Q" in key else Rhythm.MONTH


def period_name(key: str) -> Text:
    """What people call a period."""
    year, _, rest = key.partition("-")
    match rhythm_of(key):
        case Rhythm.YEAR:
            return t("Year %(year)s", year=year)
        case Rhythm.QUARTER:
            return t("Q%(quarter)s %(year)s", quarter=rest[1:], year=year)
        case _:
            return t("%(year)s-%(month)s", year=year, month=rest)


@dataclass(frozen=True)
class Reporting:
    """How often a task asks for a report, and by when.

    Either within so many `workdays` after the period's end (10 where neither is said), or by a
    fixed `day` of the month after it, which runs on to a working day; a day that the month does not
    have is its last.
    """

    every: Rhythm
    workdays: Annotated[int, between(1, MOST_WORKDAYS)] | None = None
    day: Annotated[int, between(1, 31)] | None = None

    def check(self) -> Complaints:
        """One way of saying it only."""
        if self.workdays is not None and self.day is not None:
            yield "day", t("Say either workdays or a day of the month, not both.")

    def due_on(self, ends_on: date, calendar: WorkCalendar) -> date:
        """The working day by which the period that ends then must be reported on."""
        if self.day is None:
            return calendar.add(ends_on, self.workdays or WORKDAYS)
        first = ends_on + _DAY
        last = monthrange(first.year, first.month)[1]
        return calendar.on_or_after(first.replace(day=min(self.day, last)))

    def missing_after(self, period: ReportPeriod, calendar: WorkCalendar) -> date:
        """The day that the next report falls due; a yearly one does not wait a whole year."""
        sooner = Rhythm.QUARTER if self.every is Rhythm.YEAR else self.every
        following = period_of(sooner, period.ends_on + _DAY)
        return self.due_on(following.ends_on, calendar)


@dataclass(frozen=True)
class ReportFacts:
    """What the state of one report follows from.

    `closed_on` is when its assignment was accepted or cancelled.
    """

    due_on: date
    missing_after: date
    handed_in_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True)
class ReportStanding:
    """The state of a report, and how many working days after its due day it came, or has not."""

    state: ReportState
    days_late: int
    unanswered: bool = False
    """Whether nothing was handed in before its assignment was closed."""

    @property
    def text(self) -> Text:
        """In words, with the days where it is late."""
        name = STATE_NAMES[self.state]
        if self.unanswered and self.state is ReportState.LATE:
            return t("Overdue when closed, %(days)s working days", days=self.days_late)
        if not self.days_late or self.state is ReportState.LAPSED:
            return name
        return t("%(state)s, %(days)s working days", state=name, days=self.days_late)


def first_late_day(due_on: date, calendar: WorkCalendar) -> date:
    """The working day after the due date; on days off between them nothing is late yet."""
    return calendar.add(calendar.on_or_after(due_on), 1)


def standing_of(facts: ReportFacts, today: date, calendar: WorkCalendar) -> ReportStanding:
    """How a report stands as of a day; what happened later is not known yet."""
    handed_in_on = _known(facts.handed_in_on, today)
    closed_on = _known(facts.closed_on, today)
    acted_on = handed_in_on or closed_on or today
    days = calendar.count(calendar.on_or_after(facts.due_on), acted_on)
    if acted_on >= first_late_day(facts.missing_after, calendar):
        return ReportStanding(ReportState.MISSING, days)
    if handed_in_on:
        return ReportStanding(ReportState.LATE if days else ReportState.HANDED_IN, days)
    if closed_on:
        state = ReportState.LATE if days else ReportState.LAPSED
        return ReportStanding(state, days, unanswered=True)
    return ReportStanding(ReportState.OVERDUE if days else ReportState.OPEN, days)


def _known(on: date | None, today: date) -> date | None:
    return on if on is not None and on <= today else None
