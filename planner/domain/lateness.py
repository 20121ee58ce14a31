"""How late a round is, in working days (design, section 3; decision 0009)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from planner.domain.words import ReturnKind
from planner.domain.workdays import WorkCalendar

Span = tuple[date, date]
"""The days after the first, up to and with the second."""


@dataclass(frozen=True)
class Round:
    """One submission for completion and what became of it.

    `back_on` is the day that it came back to the unit: returned, or opened again after it was
    accepted. Until then, and where it was withdrawn, it has none.
    """

    handed_in_on: date
    back_on: date | None = None
    return_kind: ReturnKind | None = None
    rework_on: date | None = None
    number: int = 0


def lateness(
    due_on: date,
    handed_in_on: date,
    earlier: Sequence[Round],
    calendar: WorkCalendar,
    pauses: Sequence[Span] = (),
    moved: Sequence[Span] = (),
) -> int:
    """Working days in (due date, day handed in] that the unit is answerable for. Never below 0.

    Taken off are the working days that earlier rounds lay with the lead, accepted or not, the
    rework days that the first `amend` granted beyond the due date, and the pauses after it, in
    which the clock stands still; no day is taken off twice, nor one of `moved`, by which the due
    date itself was moved on. A pause that still lasts ends on `date.max`. A due date on a day off
    runs to the next working day.
    """
    begins = calendar.on_or_after(due_on)
    gross = calendar.count(begins, handed_in_on)
    if not gross:
        return 0
    excused = sum(
        calendar.count(after, min(until, handed_in_on))
        for after, until in _excused(begins, earlier, pauses, moved)
    )
    return max(0, gross - excused - _given_back(begins, earlier, calendar, moved))


def first_late_day(
    due_on: date,
    earlier: Sequence[Round],
    calendar: WorkCalendar,
    pauses: Sequence[Span] = (),
    moved: Sequence[Span] = (),
) -> date:
    """The first day on which something that is still owed is late. Every pause has an end."""
    day = calendar.on_or_after(due_on)
    left = 1 + _given_back(day, earlier, calendar, moved)
    for after, until in _excused(day, earlier, pauses, moved):
        free = calendar.count(day, after)
        if free >= left:
            break
        left, day = left - free, until
    return calendar.add(day, left)


def _excused(
    begins: date, rounds: Sequence[Round], pauses: Sequence[Span], moved: Sequence[Span]
) -> list[Span]:
    """The days after `begins` that the unit is not answerable for."""
    spans = _without([*_with_the_lead(rounds), *_granted(rounds), *pauses], moved)
    return [(max(after, begins), until) for after, until in spans if until > begins]


def _given_back(
    begins: date, rounds: Sequence[Round], calendar: WorkCalendar, moved: Sequence[Span]
) -> int:
    """Working days up to `begins` that the unit lost because a round lay with the lead."""
    spans = _without(_with_the_lead(rounds), moved)
    return sum(calendar.count(after, min(until, begins)) for after, until in spans)


def _without(spans: Sequence[Span], moved: Sequence[Span]) -> list[Span]:
    """Their days in order, without overlaps and without those that are moved."""
    left = _merged(spans)
    for begins, ends in moved:
        before = [(after, min(until, begins)) for after, until in left]
        behind = [(max(after, ends), until) for after, until in left]
        left = sorted(span for span in (*before, *behind) if span[0] < span[1])
    return left


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The same days in order, without overlaps."""
    merged: list[Span] = []
    for after, until in sorted(spans):
        if merged and after <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((after, until))
    return merged


def _with_the_lead(rounds: Sequence[Round]) -> list[Span]:
    return [(each.handed_in_on, each.back_on) for each in rounds if each.back_on]


def _granted(rounds: Sequence[Round]) -> list[Span]:
    """The rework days of the first `amend`."""
    for each in rounds:
        if each.return_kind is ReturnKind.AMEND and each.back_on and each.rework_on:
            return [(each.back_on, each.rework_on)]
    return []
