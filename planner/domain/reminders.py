"""Which reminders are due (design, section 5): what the data says, never what a scheduler did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

from planner.domain.lateness import Round, Span, lateness
from planner.domain.lifecycle import State
from planner.domain.reminder_rules import (
    STRENGTH,
    After,
    Audience,
    Before,
    Colour,
    DayUnit,
    Family,
    ReminderRules,
)
from planner.domain.workdays import WorkCalendar

Recorded: TypeAlias = Mapping[tuple[str, str, int], int]
"""Family, anchor and recipient to the latest occurrence that stands recorded."""

OWED_STATES = frozenset({State.ISSUED, State.IN_PROGRESS})
"""The unit owes something: neither handed in nor closed."""

_DAY = timedelta(days=1)
_NEVER = -(10**9)


@dataclass(frozen=True)
class Waiting:
    """A round that lies with the lead: its number and the day that it was handed in."""

    number: int
    handed_in_on: date


@dataclass(frozen=True)
class Demand:
    """What must be handed in by a day besides the work itself: an answer, a periodic report.

    `since` is the day that it was asked for.
    """

    anchor: str
    since: date
    due_on: date


@dataclass(frozen=True)
class Facts:
    """One assignment as the rules see it.

    `due_revision` numbers the due date that is in force, `due_set_on` is the day that it was set
    where it was moved; `rounds` are the decided rounds, `pauses` the days that do not count.
    `suspended`: a request is open, so nobody is told of lateness; `halted`: the clock stands still
    by decision; `disputed`: the unit objects.
    `answers` are urges without answer, `reports` those not yet handed in.
    """

    assignment_id: int
    state: State
    issued_on: date
    due_on: date
    audiences: Mapping[Audience, Sequence[int]]
    due_revision: int = 0
    due_set_on: date | None = None
    rounds: Sequence[Round] = ()
    pauses: Sequence[Span] = ()
    waiting: Waiting | None = None
    suspended: bool = False
    halted: bool = False
    disputed: bool = False
    answers: Sequence[Demand] = ()
    reports: Sequence[Demand] = ()
    recorded: Recorded = field(default_factory=dict)


@dataclass(frozen=True)
class Occurrence:
    """A threshold crossed: its place in the family, in time, and its colour.

    `number` counts days from the anchor, below 0 before it: -30, -7, 0 or 1, 6, 11. A greater
    number is a later threshold.
    """

    number: int
    level: Colour


@dataclass(frozen=True)
class Due:
    """A reminder that is to be sent, and the thresholds that it is sent in place of.

    `due_on` is the day that it speaks of. `weekly`: it is said in the weekly digest.
    """

    assignment_id: int
    family: str
    anchor: str
    recipient_id: int
    occurrence: Occurrence
    superseded: tuple[Occurrence, ...] = ()
    due_on: date = date.min
    weekly: bool = False


class _Step(NamedTuple):
    """Thresholds of one step that are crossed, in the order of time; at least one."""

    to: tuple[Audience, ...]
    colour: Colour
    numbers: Sequence[int]


class _Crossed(NamedTuple):
    """What a family comes to by today, before anybody's records are looked at."""

    family: str
    anchor: str
    due_on: date
    steps: list[_Step]


def due(
    facts: Facts,
    today: date,
    calendar: WorkCalendar,
    rules: ReminderRules,
    weekly: Collection[int] = (),
) -> list[Due]:
    """What is to be said of an assignment today, in the order of families and recipients.

    For each family and recipient it is the latest threshold crossed, unless that or a later one
    stands recorded for this anchor. Nothing is said on a day off. Audiences that the rules give
    a weekly digest hear only then: `weekly` are those of them whose digest is to be made today.
    """
    if not calendar.is_workday(today):
        return []
    return [
        found
        for crossed in _crossed(facts, today, calendar, rules)
        if crossed.steps
        for found in _for_recipients(facts, crossed, rules.weekly_audiences, weekly)
    ]


def silent_after(today: date, rules: ReminderRules) -> date:
    """What is signed for and due later than this day has nothing said of its due date today.

    Generous: no stretch of days off is longer than a month, no week has more than 5 to work.
    """
    family = rules.families.due
    furthest = max((step.at for step in family.before), default=0)
    return today + (2 * furthest if family.unit == "workdays" else furthest) * _DAY + 31 * _DAY


def _crossed(
    facts: Facts, today: date, calendar: WorkCalendar, rules: ReminderRules
) -> Iterator[_Crossed]:
    families = rules.families
    if facts.state in OWED_STATES:
        yield from _due_date(facts, today, calendar, rules)
        if facts.state is State.ISSUED and not facts.disputed:
            steps = _since(facts.issued_on, facts.issued_on, today, calendar, families.unsigned)
            yield _Crossed("unsigned", "issued", facts.due_on, steps)
    elif facts.state is State.SUBMITTED and facts.waiting:
        handed_in = facts.waiting.handed_in_on
        steps = _since(handed_in, facts.issued_on, today, calendar, families.waiting)
        yield _Crossed("waiting", f"round:{facts.waiting.number}", facts.due_on, steps)
    for each in facts.answers:
        yield _demand("answer_by", each, today, calendar, families.answer_by)
    for each in facts.reports:
        yield _demand("report", each, today, calendar, families.report)


def _due_date(
    facts: Facts, today: date, calendar: WorkCalendar, rules: ReminderRules
) -> Iterator[_Crossed]:
    """Until the due date in effect it is due; after it, the word is "overdue"."""
    if facts.halted:
        return
    in_effect = calendar.on_or_after(facts.due_on)
    anchor = f"due:{facts.due_revision}"
    if today <= in_effect:
        length = (facts.due_on - facts.issued_on).days
        family = rules.families.due
        steps = _ahead(in_effect, facts.issued_on, today, calendar, family, length)
        yield _Crossed("due", anchor, facts.due_on, steps)
    elif not facts.suspended:
        steps = _overdue(facts, in_effect, today, calendar, rules.families.overdue)
        yield _Crossed("overdue", anchor, facts.due_on, steps)


def _overdue(
    facts: Facts, in_effect: date, today: date, calendar: WorkCalendar, family: Family
) -> list[_Step]:
    """Counted as the score counts lateness: the lead's waiting and granted rework do not nag."""
    late = lateness(facts.due_on, today, facts.rounds, calendar, facts.pauses)
    excused = calendar.count(in_effect, today) - late
    anchor_on = calendar.add(in_effect, excused) if excused > 0 else in_effect
    return _since(anchor_on, facts.due_set_on or facts.issued_on, today, calendar, family)


def _demand(
    name: str, demand: Demand, today: date, calendar: WorkCalendar, family: Family
) -> _Crossed:
    in_effect = calendar.on_or_after(demand.due_on)
    if today <= in_effect:
        steps = _ahead(in_effect, demand.since, today, calendar, family, 0)
    else:
        steps = _since(in_effect, demand.since, today, calendar, family)
    return _Crossed(name, demand.anchor, demand.due_on, steps)


def _ahead(
    in_effect: date,
    since: date,
    today: date,
    calendar: WorkCalendar,
    family: Family,
    length: int,
) -> list[_Step]:
    """Thresholds before the anchor whose day has come, and did not lie before `since`.

    A day off is pulled forward to the working day before: it has come as soon as no working day
    lies between, and it lies in the time from `since` on if a working day of that time does.
    """
    first = calendar.on_or_after(since)
    if family.unit == "days":
        least = (in_effect - calendar.on_or_after(today + _DAY)).days + 1
        most = (in_effect - first).days
    else:
        least, most = calendar.count(today, in_effect), calendar.count(first, in_effect)
    return [
        _Step(step.to, step.colour, (-step.at,))
        for step in family.before
        if least <= step.at <= most and _is_meant(step, length)
    ]


def _is_meant(step: Before, length: int) -> bool:
    return step.longer_than_days is None or length > step.longer_than_days


def _since(
    anchor_on: date, since: date, today: date, calendar: WorkCalendar, family: Family
) -> list[_Step]:
    """Thresholds after the anchor up to today, and after `since`, the day that it was told.

    What was issued too late is late at once, but "overdue" must not be the first word.
    """
    elapsed = _elapsed(anchor_on, today, family.unit, calendar)
    told = _elapsed(anchor_on, since, family.unit, calendar) if since > anchor_on else 0
    steps = []
    for step in family.after:
        numbers = _numbers(step, told, elapsed)
        if numbers:
            steps.append(_Step(step.to, step.colour, numbers))
    return steps


def _elapsed(anchor_on: date, day: date, unit: DayUnit, calendar: WorkCalendar) -> int:
    if unit == "workdays":
        return calendar.count(anchor_on, day)
    return max(0, (day - anchor_on).days)


def _numbers(step: After, told: int, elapsed: int) -> range:
    """The step's thresholds in (told, elapsed]."""
    if not step.every:
        return range(step.at, step.at + 1) if told < step.at <= elapsed else range(0)
    skipped = max(0, -(-(told + 1 - step.at) // step.every))
    return range(step.at + skipped * step.every, elapsed + 1, step.every)


def _for_recipients(
    facts: Facts, crossed: _Crossed, held_back: Collection[Audience], weekly: Collection[int]
) -> Iterator[Due]:
    """Who belongs to a daily audience of the family hears of it there, and not weekly again."""
    daily: dict[int, list[_Step]] = defaultdict(list)
    later: dict[int, list[_Step]] = defaultdict(list)
    for step in crossed.steps:
        for audience in step.to:
            for recipient in facts.audiences.get(audience, ()):
                if audience not in held_back:
                    daily[recipient].append(step)
                elif recipient in weekly:
                    later[recipient].append(step)
    for recipient in sorted({*daily, *later}):
        steps = daily[recipient] if recipient in daily else later[recipient]
        found = _unrecorded(facts, crossed, recipient, steps)
        if found:
            yield Due(
                facts.assignment_id,
                crossed.family,
                crossed.anchor,
                recipient,
                found[-1],
                tuple(found[:-1]),
                crossed.due_on,
                weekly=recipient not in daily,
            )


def _unrecorded(
    facts: Facts, crossed: _Crossed, recipient: int, steps: Sequence[_Step]
) -> list[Occurrence]:
    """In the order of time; who belongs to two audiences hears the stronger colour, once."""
    latest = _latest_recorded(facts.recorded, crossed, recipient)
    levels: dict[int, Colour] = {}
    for step in steps:
        if step.numbers[-1] <= latest:
            continue
        for number in step.numbers:
            held = levels.get(number)
            if number > latest and (held is None or STRENGTH[step.colour] > STRENGTH[held]):
                levels[number] = step.colour
    return [Occurrence(number, levels[number]) for number in sorted(levels)]


def _latest_recorded(recorded: Recorded, crossed: _Crossed, recipient: int) -> int:
    """Whoever heard "overdue" is past all that is said before, should the clock jump back."""
    family, anchor, _, _ = crossed
    if family == "due" and ("overdue", anchor, recipient) in recorded:
        return 0
    return recorded.get((family, anchor, recipient), _NEVER)
