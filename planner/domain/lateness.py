"""How late a round is, in working days (design, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from planner.domain.words import ReturnKind
from planner.domain.workdays import WorkCalendar


@dataclass(frozen=True)
class Round:
    """One submission for completion and what became of it.

    `decided_on` is the day of the review; a withdrawn round has none and waited at nobody's cost.
    """

    handed_in_on: date
    decided_on: date | None = None
    return_kind: ReturnKind | None = None
    rework_on: date | None = None


def lateness(
    due_on: date, handed_in_on: date, earlier: Sequence[Round], calendar: WorkCalendar
) -> int:
    """Working days in (due date, day handed in], less what the unit is not answerable for.

    Taken off are the working days that earlier rounds waited with the lead, and the rework days
    granted with the first `amend`. Never below 0. A due date on a day off runs to the next
    working day.
    """
    gross = calendar.count(calendar.on_or_after(due_on), handed_in_on)
    if gross == 0:
        return 0
    return max(0, gross - waited(earlier, calendar) - granted(earlier, handed_in_on, calendar))


def waited(rounds: Sequence[Round], calendar: WorkCalendar) -> int:
    """Working days that decided rounds lay with the lead."""
    return sum(
        calendar.count(each.handed_in_on, each.decided_on) for each in rounds if each.decided_on
    )


def granted(rounds: Sequence[Round], until: date, calendar: WorkCalendar) -> int:
    """Rework days of the first `amend`, as far as they lie up to `until`."""
    for each in rounds:
        if each.return_kind is ReturnKind.AMEND and each.decided_on and each.rework_on:
            return calendar.count(each.decided_on, min(each.rework_on, until))
    return 0
