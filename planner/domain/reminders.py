"""Which reminders are due (design, section 5): what the data says, never what a scheduler did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from planner.domain.lateness import Round, Span, lateness
from planner.domain.lifecycle import State
from planner.domain.reminder_rules import STRENGTH, Audience, Colour, Family, ReminderRules
from planner.domain.reminder_steps import Step, after, ahead, elapsed, since
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


class Facts(NamedTuple):
    """One assignment as the rules see it.

    `due_revision` numbers the due date that is in force, `due_set_on` is the day that it was set
    where it was moved; `rounds` are the decided rounds, `pauses` the days that do not count,
    `moved` those by which the due date was moved on.
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
    moved: Sequence[Span] = ()
    waiting: Waiting | None = None
    suspended: bool = False
    halted: bool = False
    disputed: bool = False
    answers: Sequence[Demand] = ()
    reports: Sequence[Demand] = ()
    recorded: Recorded = MappingProxyType({})


class Occurrence(NamedTuple):
    """A threshold crossed: its place in the family, in time, and its colour.

    `number` counts days from the anchor, below 0 before it: -30, -7, 0 or 1, 6, 11. A greater
    number is a later threshold.
    """

    family: str
    number: int
    level: Colour


class Due(NamedTuple):
    """A reminder that is to be sent, and the thresholds that it is sent in place of.

    These are of the same family; but "overdue" also stands for what was due to be said before it.
    `due_on` is the day that it speaks of. `weekly`: it is said in the weekly digest.
    """

    assignment_id: int
    anchor: str
    recipient_id: int
    occurrence: Occurrence
    superseded: tuple[Occurrence, ...] = ()
    due_on: date = date.min
    weekly: bool = False

    @property
    def family(self) -> str:
        """The family that is spoken of."""
        return self.occurrence.family


class _Crossed(NamedTuple):
    """What a family comes to by today, before anybody's records are looked at.

    `gone_by` are thresholds whose time to be said is over: they are recorded with what is said.
    """

    family: str
    anchor: str
    due_on: date
    steps: list[Step]
    gone_by: Sequence[Step] = ()


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
            steps = since(facts.issued_on, facts.issued_on, today, calendar, families.unsigned)
            yield _Crossed("unsigned", "issued", facts.due_on, steps)
    elif facts.state is State.SUBMITTED and facts.waiting:
        handed_in = facts.waiting.handed_in_on
        steps = since(handed_in, facts.issued_on, today, calendar, families.waiting)
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
        steps = _until_due(facts, in_effect, today, calendar, rules.families.due)
        yield _Crossed("due", anchor, facts.due_on, steps)
    elif not facts.suspended:
        steps = _overdue(facts, in_effect, today, calendar, rules.families.overdue)
        gone_by = _gone_by(facts, in_effect, calendar, rules.families.due) if steps else ()
        yield _Crossed("overdue", anchor, facts.due_on, steps, gone_by)


def _until_due(
    facts: Facts, in_effect: date, day: date, calendar: WorkCalendar, family: Family
) -> list[Step]:
    length = (facts.due_on - facts.issued_on).days
    return ahead(in_effect, facts.issued_on, day, calendar, family, length)


def _gone_by(
    facts: Facts, in_effect: date, calendar: WorkCalendar, family: Family
) -> Sequence[Step]:
    """What was to be said up to the due date; nothing if it was set when it had passed."""
    if facts.due_set_on is not None and facts.due_set_on > in_effect:
        return ()
    return _until_due(facts, in_effect, in_effect, calendar, family)


def _overdue(
    facts: Facts, in_effect: date, today: date, calendar: WorkCalendar, family: Family
) -> list[Step]:
    """What it was late by on the day that the due date was set was told with it."""
    told_on = facts.due_set_on or facts.issued_on
    told = _lateness(facts, in_effect, told_on, calendar, family) if told_on > in_effect else 0
    return after(family, told, _lateness(facts, in_effect, today, calendar, family))


def _lateness(
    facts: Facts, in_effect: date, day: date, calendar: WorkCalendar, family: Family
) -> int:
    """Counted as the score counts it: the lead's waiting and granted rework do not nag."""
    spans = facts.pauses, facts.moved
    late = lateness(facts.due_on, day, facts.rounds, calendar, *spans)
    excused = calendar.count(in_effect, day) - late
    return elapsed(calendar.add(in_effect, max(0, excused)), day, family.unit, calendar)


def _demand(
    name: str, demand: Demand, today: date, calendar: WorkCalendar, family: Family
) -> _Crossed:
    in_effect = calendar.on_or_after(demand.due_on)
    until = ahead(in_effect, demand.since, min(today, in_effect), calendar, family, 0)
    if today <= in_effect:
        return _Crossed(name, demand.anchor, demand.due_on, until)
    steps = since(in_effect, demand.since, today, calendar, family)
    return _Crossed(name, demand.anchor, demand.due_on, steps, until)


def _for_recipients(
    facts: Facts, crossed: _Crossed, held_back: Collection[Audience], weekly: Collection[int]
) -> Iterator[Due]:
    """Who belongs to a daily audience of the family hears of it there, and not weekly again."""
    daily: dict[int, list[Step]] = defaultdict(list)
    later: dict[int, list[Step]] = defaultdict(list)
    for step in crossed.steps:
        for audience in step.to:
            for recipient in facts.audiences.get(audience, ()):
                if audience not in held_back:
                    daily[recipient].append(step)
                elif recipient in weekly:
                    later[recipient].append(step)
    for recipient in sorted({*daily, *later}):
        steps = daily[recipient] if recipient in daily else later[recipient]
        found = _unrecorded(facts, crossed.family, crossed.anchor, recipient, steps)
        if found:
            yield Due(
                facts.assignment_id,
                crossed.anchor,
                recipient,
                found[-1],
                (*_passed_over(facts, crossed, recipient), *found[:-1]),
                crossed.due_on,
                weekly=recipient not in daily,
            )


def _passed_over(facts: Facts, crossed: _Crossed, recipient: int) -> list[Occurrence]:
    """What this recipient was to hear before the anchor, and nobody said."""
    if not crossed.gone_by:
        return []
    steps = [
        step
        for step in crossed.gone_by
        if any(recipient in facts.audiences.get(audience, ()) for audience in step.to)
    ]
    family = "due" if crossed.family == "overdue" else crossed.family
    return _unrecorded(facts, family, crossed.anchor, recipient, steps)


def _unrecorded(
    facts: Facts, family: str, anchor: str, recipient: int, steps: Sequence[Step]
) -> list[Occurrence]:
    """In the order of time; who belongs to two audiences hears the stronger colour, once."""
    latest = _latest_recorded(facts.recorded, family, anchor, recipient)
    levels: dict[int, Colour] = {}
    for step in steps:
        if step.numbers[-1] <= latest:
            continue
        for number in step.numbers:
            held = levels.get(number)
            if number > latest and (held is None or STRENGTH[step.colour] > STRENGTH[held]):
                levels[number] = step.colour
    return [_occurrence(family, number, levels[number]) for number in sorted(levels)]


_occurrence = lru_cache(maxsize=10_000)(Occurrence)
"""The same few thresholds are crossed by very many."""


def _latest_recorded(recorded: Recorded, family: str, anchor: str, recipient: int) -> int:
    """Whoever heard "overdue" is past all that is said before, should the clock jump back."""
    if family == "due" and ("overdue", anchor, recipient) in recorded:
        return 0
    return recorded.get((family, anchor, recipient), _NEVER)
