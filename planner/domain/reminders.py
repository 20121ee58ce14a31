"""Which reminders are due (design, section 5): what the data says, never what a scheduler did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from planner.domain.actor import Role
from planner.domain.lateness import Round, lateness
from planner.domain.lifecycle import State
from planner.domain.reminder_rules import (
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
_STRENGTH: Mapping[Colour, int] = {"blue": 0, "yellow": 1, "red": 2}


@dataclass(frozen=True)
class Person:
    """An active person who can be told: ids of user and unit, and the roles."""

    user_id: int
    unit_id: int | None
    roles: frozenset[Role]


class Directory:
    """Who stands for an audience. Never nobody, as long as there is anybody above."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._of_unit: dict[tuple[Role, int | None], list[int]] = defaultdict(list)
        self._of_role: dict[Role, list[int]] = defaultdict(list)
        for person in sorted(people, key=lambda each: each.user_id):
            for role in person.roles:
                self._of_unit[role, person.unit_id].append(person.user_id)
                self._of_role[role].append(person.user_id)

    def audiences(self, unit_id: int | None, lead_unit_id: int) -> Mapping[Audience, Sequence[int]]:
        """Audience to user ids, for what this unit owes and that unit leads.

        A unit without liaison is told through its head, one without either through the lead's
        coordinator. In the lead's own unit the coordinator is a liaison too, and the supervisor
        decides in the coordinator's place.
        """
        coordinators = self._of_unit.get((Role.COORDINATOR, lead_unit_id), [])
        supervisors = self._of_role[Role.SUPERVISOR]
        heads = self._of_unit.get((Role.HEAD, unit_id), [])
        liaisons = self._of_unit.get((Role.LIAISON, unit_id), [])
        deciding = [coordinators, supervisors]
        if unit_id == lead_unit_id:
            liaisons = sorted({*liaisons, *coordinators})
            deciding.reverse()
        return {
            "liaison": _first_of(liaisons, heads, coordinators, supervisors),
            "head": heads,
            "coordinator": _first_of(*deciding),
            "supervisor": supervisors,
            "leader": self._of_role[Role.LEADER],
        }


def _first_of(*groups: Sequence[int]) -> Sequence[int]:
    return next((group for group in groups if group), ())


@dataclass(frozen=True)
class Waiting:
    """A round that lies with the lead: its number and the day that it was handed in."""

    number: int
    handed_in_on: date


@dataclass(frozen=True)
class Facts:
    """One assignment as the rules see it.

    `due_revision` numbers the due date that is in force; `rounds` are the decided rounds;
    `suspended`: a request is open, so nobody is told of lateness.
    """

    assignment_id: int
    state: State
    issued_on: date
    due_on: date
    audiences: Mapping[Audience, Sequence[int]]
    due_revision: int = 0
    rounds: Sequence[Round] = ()
    waiting: Waiting | None = None
    suspended: bool = False
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
    """A reminder that is to be sent, and the thresholds that it is sent in place of."""

    assignment_id: int
    family: str
    anchor: str
    recipient_id: int
    occurrence: Occurrence
    superseded: tuple[Occurrence, ...] = ()


def due(facts: Facts, today: date, calendar: WorkCalendar, rules: ReminderRules) -> list[Due]:
    """What is to be said of an assignment today, in the order of families and recipients.

    For each family and recipient it is the latest threshold crossed, unless that or a later one
    stands recorded for this anchor. Nothing is said on a day off.
    """
    if not calendar.is_workday(today):
        return []
    crossed = [
        *_due_date(facts, today, calendar, rules.families.due),
        *_overdue(facts, today, calendar, rules.families.overdue),
        *_unsigned(facts, today, calendar, rules.families.unsigned),
        *_waiting(facts, today, calendar, rules.families.waiting),
    ]
    return [found for each in crossed for found in _for_recipients(facts, *each)]


_Crossed: TypeAlias = tuple[str, str, Mapping["Audience", list[Occurrence]]]
"""Family, anchor, and what each audience's thresholds amount to by today."""


def _for_recipients(
    facts: Facts, family: str, anchor: str, crossed: Mapping[Audience, list[Occurrence]]
) -> Iterator[Due]:
    for recipient, occurrences in sorted(_by_recipient(facts, crossed).items()):
        recorded = facts.recorded.get((family, anchor, recipient))
        new = [each for each in occurrences if recorded is None or each.number > recorded]
        if new:
            yield Due(facts.assignment_id, family, anchor, recipient, new[-1], tuple(new[:-1]))


def _by_recipient(
    facts: Facts, crossed: Mapping[Audience, list[Occurrence]]
) -> Mapping[int, list[Occurrence]]:
    """In the order of time; who belongs to two audiences hears the stronger colour, once."""
    found: dict[int, dict[int, Occurrence]] = defaultdict(dict)
    for audience, occurrences in crossed.items():
        for recipient in facts.audiences.get(audience, ()):
            mine = found[recipient]
            for each in occurrences:
                held = mine.get(each.number)
                if held is None or _STRENGTH[each.level] > _STRENGTH[held.level]:
                    mine[each.number] = each
    return {who: [mine[number] for number in sorted(mine)] for who, mine in found.items()}


def _due_date(
    facts: Facts, today: date, calendar: WorkCalendar, family: Family
) -> Iterator[_Crossed]:
    """Until the due date in effect; after it, the word is "overdue"."""
    in_effect = calendar.on_or_after(facts.due_on)
    if facts.state in OWED_STATES and today <= in_effect:
        length = (facts.due_on - facts.issued_on).days
        crossed: dict[Audience, list[Occurrence]] = defaultdict(list)
        for step in family.before:
            on = _day_before(in_effect, step.at, family.unit, calendar)
            if _is_meant(step, length) and facts.issued_on <= on <= today:
                for audience in step.to:
                    crossed[audience].append(Occurrence(-step.at, step.colour))
        yield "due", f"due:{facts.due_revision}", crossed


def _is_meant(step: Before, length: int) -> bool:
    return step.longer_than_days is None or length > step.longer_than_days


def _day_before(anchor: date, n: int, unit: DayUnit, calendar: WorkCalendar) -> date:
    """The working day on which a threshold n days ahead is said: never on a day off, never late."""
    if unit == "days":
        return calendar.on_or_before(anchor - n * _DAY)
    for _ in range(n):
        anchor = calendar.on_or_before(anchor - _DAY)
    return anchor


def _overdue(
    facts: Facts, today: date, calendar: WorkCalendar, family: Family
) -> Iterator[_Crossed]:
    """Counted as the score counts lateness: the lead's waiting and granted rework do not nag."""
    if facts.state in OWED_STATES and not facts.suspended:
        late = lateness(facts.due_on, today, facts.rounds, calendar)
        in_effect = calendar.on_or_after(facts.due_on)
        excused = calendar.count(in_effect, today) - late
        anchor_on = calendar.add(in_effect, max(0, excused))
        crossed = _since(anchor_on, facts, today, calendar, family)
        yield "overdue", f"due:{facts.due_revision}", crossed


def _unsigned(
    facts: Facts, today: date, calendar: WorkCalendar, family: Family
) -> Iterator[_Crossed]:
    if facts.state is State.ISSUED:
        yield "unsigned", "issued", _since(facts.issued_on, facts, today, calendar, family)


def _waiting(
    facts: Facts, today: date, calendar: WorkCalendar, family: Family
) -> Iterator[_Crossed]:
    if facts.state is State.SUBMITTED and facts.waiting:
        anchor_on = facts.waiting.handed_in_on
        crossed = _since(anchor_on, facts, today, calendar, family)
        yield "waiting", f"round:{facts.waiting.number}", crossed


def _since(
    anchor_on: date, facts: Facts, today: date, calendar: WorkCalendar, family: Family
) -> Mapping[Audience, list[Occurrence]]:
    """Thresholds after the anchor up to today, and after the day of issue.

    What was issued too late is late at once, but "overdue" must not be the first word.
    """
    elapsed = _elapsed(anchor_on, today, family.unit, calendar)
    at_issue = _elapsed(anchor_on, facts.issued_on, family.unit, calendar)
    crossed: dict[Audience, list[Occurrence]] = defaultdict(list)
    for step in family.after:
        found = [Occurrence(n, step.colour) for n in _numbers(step, elapsed) if n > at_issue]
        for audience in step.to:
            crossed[audience].extend(found)
    return crossed


def _elapsed(anchor_on: date, day: date, unit: DayUnit, calendar: WorkCalendar) -> int:
    if unit == "workdays":
        return calendar.count(anchor_on, day)
    return max(0, (day - anchor_on).days)


def _numbers(step: After, elapsed: int) -> range:
    if step.every:
        return range(step.at, elapsed + 1, step.every)
    return range(step.at, step.at + 1) if step.at <= elapsed else range(0)
