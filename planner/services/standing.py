"""Where assignments stand today: how late, in which light, in words. Computed when read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.lateness import Round, Span, lateness
from planner.domain.lifecycle import State
from planner.domain.lights import Light, by_date
from planner.domain.reminder_rules import Lights
from planner.domain.text import Text, t
from planner.models import Assignment
from planner.services.pauses import NO_PAUSES, Pauses, pauses_of, suspended_ids
from planner.services.rounds import rounds_of

WAITS_TOO_LONG = 5
"""Working days after which a waiting round is the lead's debt (design, section 3)."""


@dataclass(frozen=True)
class Standing:
    """An assignment's light with its words; `days_late` in working days, 0 where not overdue."""

    level: Light
    text: Text
    days_late: int


def standings(
    db: Session, clock: Clock, rules: Lights, assignments: Iterable[Assignment]
) -> Mapping[int, Standing]:
    """The standing of each assignment that has a due date, with a fixed number of queries."""
    wanted = [each for each in assignments if each.due_on is not None]
    condition = Assignment.id.in_([each.id for each in wanted])
    rounds = rounds_of(db, condition)
    pauses = pauses_of(db, condition, clock.today)
    still = suspended_ids(db, condition)
    return {
        each.id: _STILL
        if each.id in still and each.state in OWED
        else standing(each, clock, rules, rounds.get(each.id, []), pauses.get(each.id, NO_PAUSES))
        for each in wanted
    }


OWED = (State.ISSUED, State.IN_PROGRESS)
_STILL = Standing(Light.BLUE, t("Suspended: the clock stands still"), 0)


_NOT_OWED = {
    State.ACCEPTED: t("Closed"),
    State.CANCELLED: t("Closed"),
    State.DRAFT: t("Not issued yet"),
}


def standing(
    assignment: Assignment,
    clock: Clock,
    rules: Lights,
    rounds: list[Round],
    pauses: Pauses = NO_PAUSES,
) -> Standing:
    """The standing of one that is not suspended. Raises ValueError without a due date."""
    if assignment.due_on is None:
        raise ValueError(f"assignment {assignment.id} has no due date")
    state = State(assignment.state)
    if state in _NOT_OWED:
        return Standing(Light.GREY, _NOT_OWED[state], 0)
    if state is State.SUBMITTED:
        return _waiting(clock, rounds)
    late = lateness(assignment.due_on, clock.today, rounds, clock.calendar, *pauses)
    if late:
        return Standing(Light.RED, t("Overdue by %(days)s working days", days=late), late)
    return _in_time(assignment.due_on, clock, rules, pauses.pauses)


def _in_time(due_on: date, clock: Clock, rules: Lights, pauses: Sequence[Span]) -> Standing:
    """Not late: before the due date, or after it on a day off, or what is excused."""
    last = clock.calendar.on_or_after(due_on)
    if clock.calendar.count(last, clock.today):
        if any(until == clock.today > after for after, until in pauses):
            return Standing(Light.YELLOW, t("A request is open: nothing gets later"), 0)
        return Standing(Light.YELLOW, t("Rework time granted"), 0)
    if clock.today > last:
        return Standing(Light.YELLOW, t("Still in time on this day off"), 0)
    level = by_date(due_on, clock.today, clock.calendar, rules)
    days = (last - clock.today).days
    return Standing(level, t("%(days)s days left", days=days) if days else t("Due today"), 0)


def _waiting(clock: Clock, rounds: list[Round]) -> Standing:
    """The lead's debt: how long the open round has waited, in working days."""
    since = rounds[-1].handed_in_on if rounds else clock.today
    days = clock.calendar.count(since, clock.today)
    level = Light.RED if days >= WAITS_TOO_LONG else Light.BLUE
    return Standing(level, t("Has waited %(days)s working days", days=days), 0)
