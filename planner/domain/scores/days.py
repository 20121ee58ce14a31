"""On which days the figures of an item may differ from those of the day before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from typing import TypeVar

from planner.domain.lateness import first_late_day
from planner.domain.scores.items import Item
from planner.domain.workdays import WorkCalendar

Thing = TypeVar("Thing")


def change_days(item: Item, calendar: WorkCalendar) -> frozenset[date]:
    """Every day whose figures may differ from those of the day before."""
    return frozenset(act_days(item)) | frozenset(_crossings(item, calendar))


def act_days(item: Item) -> tuple[date, ...]:
    """The days on which something happened to it, in order."""
    return tuple(sorted({day for day in _acts(item) if day is not None}))


def _acts(item: Item) -> Iterator[date | None]:
    yield item.issued_on
    yield item.cancelled_on
    yield from item.reopened_on
    yield from (each.on for each in item.due_dates)
    yield from (each.on for each in item.amounts)
    for pause in item.pauses:
        yield from (pause.known_on, pause.until)
    for finding in item.findings:
        yield from (finding.on, finding.revoked_on)
    for portion in item.portions:
        yield from (portion.on, portion.withdrawn_on)
    for handed_in in item.handed_in:
        yield from (handed_in.on, handed_in.withdrawn_on)
        yield from (verdict.on for verdict in handed_in.verdicts)


def _crossings(item: Item, calendar: WorkCalendar) -> Iterator[date]:
    for due_on in (item.original_due_on, *(each.due_on for each in item.due_dates)):
        yield calendar.on_or_after(due_on)
        yield from _turns_overdue(item, due_on, calendar)


def _turns_overdue(item: Item, due_on: date, calendar: WorkCalendar) -> Iterator[date]:
    """The days on which it may begin to be overdue: what is excused grows with the rounds.

    While a pause lasts none begins, and one after it is found with the pause at its length.
    """
    over = [each.span for each in item.pauses if each.until and not each.suspension]
    moved = [each.span for each in item.pauses if each.moved]
    known = product(_firsts(item.lateness_rounds), _firsts(over), _firsts(moved))
    for rounds, pauses, suspensions in known:
        yield first_late_day(due_on, rounds, calendar, pauses, suspensions)


def _firsts(all_of_them: Sequence[Thing]) -> Sequence[Sequence[Thing]]:
    """None, the first, the first two, and so on."""
    return [all_of_them[:number] for number in range(len(all_of_them) + 1)]
