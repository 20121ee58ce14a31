"""Items with their credit, added up for a unit, a box or the whole plan.

A tally can keep the items, so that a score made from it explains itself line by line, or only
their sums, so that a million of them take no more room than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from planner.domain.exact import ExactSum
from planner.domain.scores.credit import Credit, Weighed, credit_of, factor_of
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf, Place
from planner.domain.scores.rules import ScoringRules
from planner.domain.workdays import WorkCalendar

NONE = Fraction(0)
MOST_CASES = 4096
"""Different cases that are counted before they are added up."""


class Scored(NamedTuple):
    """An item as of a day, with its weight and its credit in a period, and how it belongs to it."""

    item: Item
    weighed: Weighed
    credit: Credit
    place: Place = Place.OWN

    @property
    def weight(self) -> Fraction:
        """Its weight; of what is carried over, of the rest and by the factor."""
        return Fraction(*self.weighed.weight)

    @property
    def earned(self) -> Fraction:
        """Weight times credit."""
        return Fraction(*self.weighed.earned)


def scored(
    items: Iterable[Item], asked: AsOf, rules: ScoringRules, calendar: WorkCalendar
) -> Iterator[Scored]:
    """Every item that stands on the day and belongs to the period, in the order given."""
    for item in items:
        if asked.sees(item):
            made = score_item(item.as_of(asked.day), asked, rules, calendar)
            if made:
                yield made


def score_item(
    item: Item, asked: AsOf, rules: ScoringRules, calendar: WorkCalendar
) -> Scored | None:
    """The item's weight and credit, from the facts that it holds: see `Item.as_of`.

    None where it does not belong to the period.
    """
    place = asked.place_of(item)
    if place is None:
        return None
    carried = place is Place.CARRIED
    since = asked.since if carried else None
    known = item if asked.until >= asked.day else item.handed_in_until(asked.until)
    credit = credit_of(known, rules, calendar, since)
    factor = factor_of(item, rules)
    if carried:
        factor *= rules.carry_over.factor
    return Scored(item, credit.worth.at(item.weight, factor), credit, place)


def grouped(items: Iterable[Scored], key: Callable[[Scored], int]) -> dict[int, tuple[Scored, ...]]:
    """The items by unit, action or whatever the key takes from them, each in the order given."""
    groups: dict[int, list[Scored]] = {}
    for each in items:
        groups.setdefault(key(each), []).append(each)
    return {name: tuple(members) for name, members in groups.items()}


@dataclass(frozen=True)
class Counts:
    """How many items of the period: `due` to date, the others of the whole period.

    `accepted`, `waiting` and `overdue` are as they stand on the day; `carried` are the items from
    earlier years.
    """

    counting: int = 0
    due: int = 0
    accepted: int = 0
    waiting: int = 0
    overdue: int = 0
    shared: int = 0
    carried: int = 0


@dataclass(frozen=True)
class Work:
    """What items come to: the sums of weight and of weight times credit, and how many weigh.

    `items` are they, or None where only sums were kept. `missed` are those that are due, earned
    nothing and are veto or ★ items.
    """

    weight: Fraction
    earned: Fraction
    count: int
    items: tuple[Scored, ...] | None = ()
    missed: tuple[Scored, ...] = ()


@dataclass(frozen=True)
class Totals:
    """What a tally comes to; `verified` and `claimed` are shares of the weight of the period.

    They are 0 where nothing counts.
    """

    to_date: Work
    whole: Work
    verified: Fraction
    claimed: Fraction
    counts: Counts


class Tally:
    """Adds items up, as of a day, to date and for the whole period."""

    def __init__(self, asked: AsOf, calendar: WorkCalendar, *, keep: bool) -> None:
        self._asked, self._calendar, self._keep = asked, calendar, keep
        self._due, self._later = _Side(), _Side()
        self._missed: list[Scored] = []
        self._accepted = self._waiting = self._overdue = self._carried = 0
        self.shared: list[Scored] = []
        self._order: Callable[[Scored], Any] | None = None

    def add(self, each: Scored) -> None:
        """Count an item of the period."""
        item = each.item
        if item.shared:
            self.shared.append(each)
            return
        if self._asked.is_due(item, self._calendar):
            self._due.add(each, self._keep)
            if (item.veto or item.starred) and each.weighed.weighs and not each.credit.value:
                self._missed.append(each)
        else:
            self._later.add(each, self._keep)
        course = item.course
        if course.closed_by is not None:
            self._accepted += 1
        elif item.is_overdue(self._asked.day, self._calendar):
            self._overdue += 1
        self._waiting += course.waiting
        self._carried += each.place is Place.CARRIED

    def merge(self, other: Tally) -> None:
        """Count all that another one has counted."""
        self._later.merge(other._later)
        self._due.merge(other._due)
        self._missed += other._missed
        self._accepted += other._accepted
        self._waiting += other._waiting
        self._overdue += other._overdue
        self._carried += other._carried
        self.shared += other.shared

    def sort(self, key: Callable[[Scored], Any]) -> None:
        """Put the items that are kept into an order."""
        for each in (self._later.items, self._due.items, self._missed, self.shared):
            each.sort(key=key)
        self._order = key

    @property
    def to_date(self) -> Work:
        """What is due on or before the day."""
        return self._due.work(self._missed, self._keep)

    @property
    def whole(self) -> Work:
        """All of the period."""
        return self._all().work(self._missed, self._keep)

    def totals(self) -> Totals:
        """All that was counted."""
        both = self._all()
        whole = both.work(self._missed, self._keep)
        return Totals(
            to_date=self.to_date,
            whole=whole,
            verified=_share(both.sums.verified.value, whole.weight),
            claimed=_share(both.sums.claimed.value, whole.weight),
            counts=self._counts(),
        )

    def _all(self) -> _Side:
        """What is due, and what is not yet."""
        whole = _Side()
        whole.merge(self._due)
        whole.merge(self._later)
        if self._order:
            whole.items.sort(key=self._order)
        return whole

    def _counts(self) -> Counts:
        return Counts(
            counting=self._due.sums.count + self._later.sums.count,
            due=self._due.sums.count,
            accepted=self._accepted,
            waiting=self._waiting,
            overdue=self._overdue,
            shared=len(self.shared),
            carried=self._carried,
        )


class _Sums:
    """Weights, and weights times what was earned, verified and claimed; how many there are.

    `weighing` is the number of those that weigh anything.
    """

    def __init__(self) -> None:
        self.weight, self.earned = ExactSum(), ExactSum()
        self.verified, self.claimed = ExactSum(), ExactSum()
        self.count = self.weighing = 0

    def add(self, each: Weighed, times: int) -> None:
        self.weight.add(each.weight, times)
        self.earned.add(each.earned, times)
        self.verified.add(each.verified, times)
        self.claimed.add(each.claimed, times)
        self.count += times
        self.weighing += times * each.weighs

    def merge(self, other: _Sums) -> None:
        self.weight.merge(other.weight)
        self.earned.merge(other.earned)
        self.verified.merge(other.verified)
        self.claimed.merge(other.claimed)
        self.count += other.count
        self.weighing += other.weighing


class _Side:
    """The items to date, or those of later: how often each weighed case, added up at the end."""

    def __init__(self) -> None:
        self._sums, self._times = _Sums(), dict[Weighed, int]()
        self.items: list[Scored] = []

    def add(self, each: Scored, keep: bool) -> None:
        times = self._times
        times[each.weighed] = times.get(each.weighed, 0) + 1
        if len(times) > MOST_CASES:
            self._add_up()
        if keep:
            self.items.append(each)

    def _add_up(self) -> None:
        for each, times in self._times.items():
            self._sums.add(each, times)
        self._times.clear()

    @property
    def sums(self) -> _Sums:
        """All of it added up."""
        self._add_up()
        return self._sums

    def merge(self, other: _Side) -> None:
        self._sums.merge(other.sums)
        self.items += other.items

    def work(self, missed: list[Scored], keep: bool) -> Work:
        items = tuple(self.items) if keep else None
        sums = self.sums
        return Work(sums.weight.value, sums.earned.value, sums.weighing, items, tuple(missed))


def _share(part: Fraction, whole: Fraction) -> Fraction:
    return part / whole if whole else NONE
