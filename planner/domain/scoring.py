"""The score of a unit, a box or the whole plan, for a year or the plan (design, section 4).

work score = 100 x sum of weight x credit / sum of weight, exact until one rounding at the end.
*To date* counts what is due on or before the day and not suspended, *whole* everything of the
period. Where nothing
counts there is no score: neither 0 nor 100.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from planner.domain.errors import BadInput
from planner.domain.exact import exact_sum, rounded
from planner.domain.scores_credit import Credit, credit_of, weight_of
from planner.domain.scores_facts import Item
from planner.domain.scoring_rules import Grade, ScoringRules
from planner.domain.text import t
from planner.domain.workdays import WorkCalendar

PLAN = "plan"
"""The period that is the whole plan."""

NONE = Fraction(0)


@dataclass(frozen=True)
class Period:
    """A year, or the whole plan where `year` is None."""

    year: int | None = None

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that "2024" or "plan" names. Raises BadInput for anything else."""
        if text == PLAN:
            return cls()
        if len(text) == 4 and text.isascii() and text.isdecimal() and text > "0000":
            return cls(int(text))
        raise BadInput(t("A period is a year such as 2024, or “plan”."), "period")

    @property
    def key(self) -> str:
        """How addresses, JSON and tables name it."""
        return PLAN if self.year is None else f"{self.year:04}"

    def holds(self, item: Item) -> bool:
        """Whether an item belongs to it, by its original due date."""
        return self.year is None or item.original_due_on.year == self.year

    def bounds(self, starts_on: date, ends_on: date) -> tuple[date, date]:
        """Its first and last day; those of the plan are given."""
        if self.year is None:
            return starts_on, ends_on
        return date(self.year, 1, 1), date(self.year, 12, 31)


@dataclass(frozen=True)
class Scored:
    """An item as of a day, with its weight and its credit."""

    item: Item
    weight: Fraction
    credit: Credit

    @cached_property
    def earned(self) -> Fraction:
        """Weight times credit."""
        return self.weight * self.credit.value

    @cached_property
    def verified(self) -> Fraction:
        """Weight times the verified share."""
        return self.weight * self.credit.verified

    @cached_property
    def claimed(self) -> Fraction:
        """Weight times the claimed share."""
        return self.weight * self.credit.claimed


def scored(
    items: Iterable[Item], day: date, rules: ScoringRules, calendar: WorkCalendar
) -> tuple[Scored, ...]:
    """Every item that stands on that day, with its credit as of that day, in the order given."""
    standing = (item.as_of(day) for item in items if item.stands_on(day))
    return tuple(score_item(item, rules, calendar) for item in standing)


def score_item(item: Item, rules: ScoringRules, calendar: WorkCalendar) -> Scored:
    """The item's weight and credit, from all the facts that it holds: see `Item.as_of`."""
    return Scored(item, weight_of(item, rules), credit_of(item, rules, calendar))


def grouped(items: Iterable[Scored], key: Callable[[Scored], int]) -> dict[int, tuple[Scored, ...]]:
    """The items by unit, action or whatever the key takes from them, each in the order given."""
    groups: dict[int, list[Scored]] = {}
    for each in items:
        groups.setdefault(key(each), []).append(each)
    return {name: tuple(members) for name, members in groups.items()}


@dataclass(frozen=True)
class Score:
    """A score and what it is made of. `shared` are rows that are scored for nobody.

    `missed` are those of the counted that are due and earned nothing.
    """

    counted: tuple[Scored, ...]
    shared: tuple[Scored, ...]
    rules: ScoringRules
    missed: tuple[Scored, ...] = ()

    @cached_property
    def weight(self) -> Fraction:
        """The sum of the weights."""
        return exact_sum(each.weight for each in self.counted)

    @cached_property
    def exact(self) -> Fraction | None:
        """0 to 100, exactly; None where no weight counts."""
        if not self.weight:
            return None
        return 100 * exact_sum(each.earned for each in self.counted) / self.weight

    @cached_property
    def total(self) -> Decimal | None:
        """0 to 100, rounded half up to the rules' places; None where nothing counts."""
        return None if self.exact is None else rounded(self.exact, self.rules.places)

    @property
    def vetoed(self) -> tuple[Scored, ...]:
        """Missed veto items: each forces a grade."""
        return tuple(each for each in self.missed if each.item.veto)

    @property
    def starred(self) -> tuple[Scored, ...]:
        """Starred items at 0: each puts grades out of reach."""
        return tuple(each for each in self.missed if each.item.starred)

    @property
    def grade(self) -> Grade | None:
        """The grade that the rounded total reaches, unless a veto or a ★ says otherwise.

        Those change the grade, never the score. None without a total.
        """
        if self.total is None:
            return None
        if self.vetoed:
            return next(each for each in self.rules.grades if each.key == self.rules.veto.forces)
        reached = grade_of(self.total, self.rules)
        if self.starred and reached.key in self.rules.starred.bars:
            return _best_unbarred(self.rules)
        return reached


def _best_unbarred(rules: ScoringRules) -> Grade:
    """The best grade that a ★ item at 0 leaves; the lowest where it leaves none."""
    left = [grade for grade in rules.grades if grade.key not in rules.starred.bars]
    return left[0] if left else rules.grades[-1]


def grade_of(total: Decimal, rules: ScoringRules) -> Grade:
    """The first grade that the total reaches; the lowest begins at 0."""
    return next(grade for grade in rules.grades if total >= grade.at_least)


@dataclass(frozen=True)
class Counts:
    """How many items of the period: `due` to date, the others of the whole period."""

    counting: int
    due: int
    accepted: int
    waiting: int
    overdue: int
    shared: int


@dataclass(frozen=True)
class Figures:
    """One subject's figures as of a day; `verified` and `claimed` are shares of the period.

    They are weighted by the items' weights, 0 to 1, and 0 where nothing counts.
    """

    to_date: Score
    whole: Score
    verified: Fraction
    claimed: Fraction
    counts: Counts


def figures(
    items: Iterable[Scored], day: date, period: Period, rules: ScoringRules, calendar: WorkCalendar
) -> Figures:
    """What these items, as of that day, come to in the period."""
    inside = [each for each in items if period.holds(each.item)]
    shared = tuple(each for each in inside if each.item.shared)
    counted = tuple(each for each in inside if not each.item.shared)
    due = tuple(each for each in counted if _is_due(each.item, day, calendar))
    missed = tuple(each for each in due if not each.credit.value)
    whole = Score(counted, shared, rules, missed)
    to_date = Score(due, shared, rules, missed)
    return Figures(
        to_date=to_date,
        whole=whole,
        verified=_share(exact_sum(each.verified for each in counted), whole),
        claimed=_share(exact_sum(each.claimed for each in counted), whole),
        counts=Counts(
            counting=len(counted),
            due=len(to_date.counted),
            accepted=sum(each.item.accepted for each in counted),
            waiting=sum(each.item.waiting for each in counted),
            overdue=sum(each.item.is_overdue(day, calendar) for each in counted),
            shared=len(shared),
        ),
    )


def _is_due(item: Item, day: date, calendar: WorkCalendar) -> bool:
    """Whether it counts to date: its day has come, and its clock does not stand still."""
    return not item.suspended and calendar.on_or_after(item.due_on) <= day


def _share(weighed: Fraction, score: Score) -> Fraction:
    return weighed / score.weight if score.weight else NONE
