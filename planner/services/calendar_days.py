"""The working calendar as the administrator sees it: what is decreed, provisional, by hand."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.domain.workdays import WorkCalendar, is_weekend
from planner.models import CalendarDay, User
from planner.services import journal
from planner.services.export import Column
from planner.services.steps import person_id, required_text

MAX_REASON = 200

KINDS: Mapping[str, Text] = {
    "off": t("Holiday"),
    "made_up": t("Make-up working day"),
    "weekend": t("Weekend"),
    "worked": t("Working day"),
}
"""What a day is in the calendar as it stands."""


@dataclass(frozen=True)
class Day:
    """One day of the calendar: what it is, and whether a person settled that."""

    on: date
    kind: str
    settled: CalendarDay | None


@dataclass(frozen=True)
class Year:
    """A year of the calendar: its months as weeks from Monday, None outside the month."""

    number: int
    provisional: bool
    months: Sequence[Sequence[Sequence[Day | None]]]
    exceptions: Sequence[Day]


def settle(
    db: Session, actor: Actor, clock: Clock, day: date | None, worked: bool | None, reason: str
) -> CalendarDay:
    """Settle a day as worked or off, or with None give it back to the official calendar.

    Only from today on: what is over has been counted, and a figure must not move afterwards.
    Raises BadInput.
    """
    permissions.require(actor, Area.MANAGE_CALENDAR)
    day = _changeable(clock, day)
    standing = settled(db).get(day)
    if worked is None and standing is None:
        raise BadInput(t("Nobody settled this day: there is nothing to take back."), "day")
    if worked is not None and clock.calendar.is_workday(day) is worked:
        raise BadInput(
            t("This is a working day already.") if worked else t("This is a day off already."),
            "worked",
        )
    made = CalendarDay(
        day=day,
        worked=worked,
        reason=required_text(reason, "reason", MAX_REASON),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(made)
    db.flush()
    journal.record(
        db, actor, clock, "calendar_day", f"day:{day}", worked=worked, reason=made.reason
    )
    return made


def _changeable(clock: Clock, day: date | None) -> date:
    if day is None:
        raise BadInput(t("Please give a day."), "day")
    if day < clock.today:
        raise BadInput(t("This day is over: figures were counted with it."), "day")
    if day.year > clock.today.year + 10:
        raise BadInput(t("This day is more than ten years away."), "day")
    return day


def settled(db: Session) -> Mapping[date, CalendarDay]:
    """Day to the word that holds for it, where a person settled it."""
    words = db.scalars(
        select(CalendarDay)
        .options(joinedload(CalendarDay.by).options(lazyload(User.user_roles)))
        .order_by(CalendarDay.id)
    )
    last = {word.day: word for word in words}
    return {day: word for day, word in sorted(last.items()) if word.worked is not None}


def year_of(work: WorkCalendar, words: Mapping[date, CalendarDay], number: int) -> Year:
    """A year as the calendar stands."""
    weeks = calendar.Calendar(calendar.MONDAY)

    def day(on: date, month: int) -> Day | None:
        if on.month != month or on.year != number:
            return None
        return Day(on, _kind(work, on), words.get(on))

    months = [
        [[day(on, month) for on in week] for week in weeks.monthdatescalendar(number, month)]
        for month in range(1, 13)
    ]
    exceptions = [
        each
        for month in months
        for week in month
        for each in week
        if each and (each.settled or each.kind in ("off", "made_up"))
    ]
    return Year(number, work.is_provisional(number), months, exceptions)


def _kind(work: WorkCalendar, on: date) -> str:
    if work.is_workday(on):
        return "made_up" if is_weekend(on) else "worked"
    return "weekend" if is_weekend(on) else "off"


def years_around(today: date) -> Sequence[int]:
    """The years that one looks at: from two years back to two years ahead."""
    return range(today.year - 2, today.year + 3)


COLUMNS: Sequence[Column[Day]] = (
    Column(t("Day"), 12, lambda day: day.on),
    Column(t("Kind"), 22, lambda day: KINDS[day.kind]),
    Column(t("Settled by"), 16, lambda day: day.settled.by.name if day.settled else None),
    Column(t("Reason"), 50, lambda day: day.settled.reason if day.settled else None),
)
"""What the exceptions of a year are exported with."""
