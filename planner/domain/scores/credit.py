"""The credit of one assignment, from what was verified (design, section 4).

credit = (sum over portions of share x (1 - lateness)) x (1 - returns), never below 0.

Lateness is taken off each portion, returns off the whole. Portions fill the target with the least
late first, so that more verified never lowers a credit and handing in later never raises it.

What was not verified at a year's cut-off is carried over (结转): the rest of its weight, by the
rules' factor, counts in the next year with what is handed in after the cut-off; decision 0015.

A plan has many assignments and few different cases: what a case comes to is worked out once
(`Worth`) and looked up from then on, so that a million of them can be scored exactly.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from planner.domain.exact import Ratio, product
from planner.domain.kept import kept
from planner.domain.scores.acts import Verified
from planner.domain.scores.items import Item
from planner.domain.scores.rules import Lateness, Returns, ScoringRules
from planner.domain.words import Method, Part, ReturnKind, SubmissionKind
from planner.domain.workdays import WorkCalendar

NONE, WHOLE = Fraction(0), Fraction(1)
_ZERO, _ALL = Decimal(0), Decimal(100)

MOST_KEPT = 65_536
"""Cases that are kept by a set of rules; then it begins anew."""


Filling: TypeAlias = tuple[Decimal, int, bool]
"""A portion in a case: its amount, steps of lateness, and whether it came after the cut-off."""


class Case(NamedTuple):
    """All that a credit depends on. `claim` is an amount, or percent where credit has no amount.

    `portions` stand in the order that they fill the target; `returns` and `amends` are counted.
    """

    method: Method
    target: Decimal
    portions: tuple[Filling, ...]
    returns: int
    amends: int
    claim: Decimal
    untrue: bool


Plain: TypeAlias = tuple[Method, Decimal, tuple[Filling, ...], int, int, Decimal, bool]
"""A case as it is looked up: its facts in their order."""


class Fill(NamedTuple):
    """What a portion fills: `share` of 1, `penalty` off it, and what is `earned`."""

    share: Fraction
    penalty: Fraction
    earned: Fraction


class Layer(NamedTuple):
    """The part of the target that one portion fills: `share` of 1, `penalty` off it, 0 to 1.

    `late` is in working days, `earned` what is left of the share.
    """

    portion: Verified
    share: Fraction
    late: int
    penalty: Fraction
    earned: Fraction


class Worth:
    """What a case comes to, 0 to 1; every number but `rest` is of the rest.

    `verified` and `claimed` are shares of the target without any deduction; they are never mixed.
    `returns` are all returns, `counted_returns` those that cost something. `untrue`: evidence was
    found untrue, and nothing counts. `rest` is what earlier years left of it. One object a case:
    two are equal only if they are the same.
    """

    def __init__(self, case: Case, rules: ScoringRules) -> None:
        self.untrue, self.returns = case.untrue, case.returns
        fills, before = _fills(case, rules.lateness)
        self.rest = WHOLE - before
        self.fills = tuple(_of_rest(each, self.rest) for each in fills)
        self.verified = sum((each.share for each in self.fills), NONE)
        self.counted_returns = case.returns - min(case.amends, rules.returns.free_amends)
        self.returns_penalty = _returns(self.counted_returns, rules.returns)
        self.value, self.claimed = self._value(case), self._claimed(case, before)
        if case.untrue:
            self.value = self.verified = self.claimed = NONE
        self._weighed: dict[tuple[Decimal, Decimal], Weighed] = {}

    def _value(self, case: Case) -> Fraction:
        if case.method is Method.BINARY and self.verified < WHOLE:
            return NONE
        earned = sum((each.earned for each in self.fills), NONE)
        return earned * (1 - self.returns_penalty)

    def _claimed(self, case: Case, before: Fraction) -> Fraction:
        """The share that the unit says is done, at least what is verified."""
        whole = case.target if case.method is Method.PROPORTIONAL else _ALL
        claim = min(WHOLE, Fraction(case.claim) / Fraction(whole))
        of_rest = (max(claim, before) - before) / self.rest if self.rest else NONE
        return max(of_rest, self.verified)

    def at(self, weight: Decimal, factor: Decimal) -> Weighed:
        """The case with a weight, times a factor."""
        known = self._weighed.get((weight, factor))
        if known is None:
            whole = product(weight.as_integer_ratio(), factor.as_integer_ratio())
            known = self._weighed[weight, factor] = Weighed(whole, self)
        return known


class Weighed:
    """A case with its weight: what is counted. One object for all assignments that are alike.

    `weight` is of the rest, and what it is multiplied by are shares of 1; `weighs` says whether
    it is more than 0.
    """

    def __init__(self, whole: Ratio, worth: Worth) -> None:
        self.weight = product(whole, worth.rest.as_integer_ratio())
        self.earned = product(self.weight, worth.value.as_integer_ratio())
        self.verified = product(self.weight, worth.verified.as_integer_ratio())
        self.claimed = product(self.weight, worth.claimed.as_integer_ratio())
        self.weighs = self.weight[0] > 0


Dated: TypeAlias = tuple[int, Verified]


class Credit:
    """What an assignment has earned, and the portions that it has earned it with."""

    def __init__(self, worth: Worth, dated: list[Dated], since: date | None) -> None:
        self.worth, self._dated, self._since = worth, dated, since

    @property
    def value(self) -> Fraction:
        """0 to 1, with everything taken off."""
        return self.worth.value

    @property
    def verified(self) -> Fraction:
        """The verified share."""
        return self.worth.verified

    @property
    def claimed(self) -> Fraction:
        """The share that the unit says is done."""
        return self.worth.claimed

    @property
    def rest(self) -> Fraction:
        """What earlier years left of it."""
        return self.worth.rest

    @property
    def untrue(self) -> bool:
        """Whether evidence was found untrue."""
        return self.worth.untrue

    @property
    def returns(self) -> int:
        """How many returns there were."""
        return self.worth.returns

    @property
    def counted_returns(self) -> int:
        """How many of them cost something."""
        return self.worth.counted_returns

    @property
    def returns_penalty(self) -> Fraction:
        """What they take off the whole."""
        return self.worth.returns_penalty

    @kept
    def layers(self) -> tuple[Layer, ...]:
        """What each portion of the rest fills, in order; those that fill nothing are left out."""
        if self.untrue:
            return ()
        later = [each for each in self._dated if _is_after(each[1], self._since)]
        return tuple(
            Layer(portion, fill.share, late, fill.penalty, fill.earned)
            for (late, portion), fill in zip(later, self.worth.fills, strict=True)
            if fill.share
        )


def factor_of(item: Item, rules: ScoringRules) -> Decimal:
    """By how much a unit's part of an assignment counts."""
    return rules.supporting_factor if item.part is Part.SUPPORTING else _ONE


def credit_of(
    item: Item, rules: ScoringRules, calendar: WorkCalendar, since: date | None = None
) -> Credit:
    """The credit of an assignment, from all the facts that it holds: see `Item.as_of`.

    With the cut-off `since` it is the credit of what was not verified by then, from what came
    after it.
    """
    dated = [(item.days_late(each.handed_in_on, calendar), each) for each in item.portions]
    if len(dated) > 1:
        dated.sort(key=lambda each: _order(each, since))
    returns, steps = item.course.returns, rules.lateness.steps
    case = (
        item.method,
        item.target,
        tuple([(each.amount, steps(late), _is_after(each, since)) for late, each in dated]),
        len(returns),
        sum(each.kind is ReturnKind.AMEND for each in returns) if returns else 0,
        _claim(item),
        item.untrue,
    )
    worth = rules.worked_out.get(case) or _worth(case, rules)
    return Credit(worth, dated, since)


def _worth(case: Plain, rules: ScoringRules) -> Worth:
    """A case that is not known yet."""
    if len(rules.worked_out) >= MOST_KEPT:
        rules.worked_out.clear()
    made = rules.worked_out[case] = Worth(Case(*case), rules)
    return made


def lateness_penalty(late: int, rules: Lateness) -> Fraction:
    """The share taken off for so many working days: each started step counts."""
    return _penalty(rules.steps(late), rules)


def _penalty(steps: int, rules: Lateness) -> Fraction:
    return _at_most(steps, rules.percent, rules.max_percent)


def _returns(counted: int, rules: Returns) -> Fraction:
    return _at_most(counted, rules.percent, rules.max_percent)


def _at_most(times: int, percent: Decimal, max_percent: Decimal) -> Fraction:
    """So many times a percentage as a share of 1, at most the other percentage."""
    return min(times * Fraction(percent), Fraction(max_percent)) / 100


def _fills(case: Case, rules: Lateness) -> tuple[list[Fill], Fraction]:
    """What the portions after the cut-off fill, and what those before it had filled."""
    reached = before = NONE
    fills = []
    for amount, steps, after in case.portions:
        share = min(Fraction(amount) / Fraction(case.target), WHOLE - reached)
        reached += share
        if after:
            penalty = _penalty(steps, rules)
            fills.append(Fill(share, penalty, share * (1 - penalty)))
        else:
            before += share
    return fills, before


def _of_rest(fill: Fill, rest: Fraction) -> Fill:
    if rest in (NONE, WHOLE):
        return fill
    return fill._replace(share=fill.share / rest, earned=fill.earned / rest)


def _order(dated: Dated, since: date | None) -> tuple[bool, int, date, int]:
    """The least late first; what came by the cut-off has counted already, and comes before."""
    late, portion = dated
    return _is_after(portion, since), late, portion.handed_in_on, portion.id


def _is_after(portion: Verified, since: date | None) -> bool:
    return since is None or portion.handed_in_on > since


def _claim(item: Item) -> Decimal:
    """What the unit says of it: the latest amount, or percent; all once it is handed in."""
    if not item.handed_in:
        return _ZERO
    if item.method is Method.PROPORTIONAL:
        amounts = [each for each in item.handed_in if each.amount is not None]
        latest = max(amounts, key=lambda each: each.number, default=None)
        return latest.amount or _ZERO if latest else _ZERO
    course = item.course
    if course.closed_by is not None or course.waiting:
        return _ALL
    reports = [
        each
        for each in item.handed_in
        if each.kind is SubmissionKind.PROGRESS and each.percent is not None
    ]
    newest = max(reports, key=lambda each: each.number, default=None)
    return Decimal(newest.percent or 0) if newest else _ZERO


_ONE = Decimal(1)
