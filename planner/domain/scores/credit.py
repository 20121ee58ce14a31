"""The credit of one assignment, from what was verified (design, section 4).

credit = (sum over portions of share x (1 - lateness)) x (1 - returns), never below 0.

Lateness is taken off each portion, returns off the whole. Portions fill the target with the least
late first, so that more verified never lowers a credit and handing in later never raises it.

What was not verified at a year's cut-off is carried over (结转): the rest of its weight, by the
rules' factor, counts in the next year with what is handed in after the cut-off; decision 0015.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from planner.domain.scores.acts import Verified
from planner.domain.scores.items import Item
from planner.domain.scores.rules import Filled, Lateness, Returns, ScoringRules
from planner.domain.words import Method, Part, ReturnKind, SubmissionKind
from planner.domain.workdays import WorkCalendar

NONE, WHOLE = Fraction(0), Fraction(1)
_ZERO, _ONE = Decimal(0), Decimal(1)

MOST_KEPT = 65_536
"""Of the many assignments of a plan most have the same few weights, amounts and targets."""


class Layer(NamedTuple):
    """The part of the target that one portion fills: `share` of 1, `penalty` off it, 0 to 1.

    `late` is in working days, `earned` what is left of the share.
    """

    portion: Verified
    share: Fraction
    late: int
    penalty: Fraction
    earned: Fraction


class Credit(NamedTuple):
    """What an assignment has earned, 0 to 1, and why.

    `verified` and `claimed` are shares of the target without any deduction; they are never mixed.
    `returns` are all returns, `counted_returns` those that cost something. `untrue`: evidence was
    found untrue, and nothing counts. Of what is carried over all shares are of the `rest`.
    """

    value: Fraction
    verified: Fraction
    claimed: Fraction
    layers: tuple[Layer, ...] = ()
    returns: int = 0
    counted_returns: int = 0
    returns_penalty: Fraction = NONE
    untrue: bool = False
    rest: Fraction = WHOLE


def weight_of(item: Item, rules: ScoringRules) -> Fraction:
    """The assignment's weight; a supporting part counts by the rules' factor."""
    supporting = item.part is Part.SUPPORTING
    return _product(item.weight, rules.supporting_factor if supporting else _ONE)


def credit_of(item: Item, rules: ScoringRules, calendar: WorkCalendar) -> Credit:
    """The credit of an assignment, from all the facts that it holds: see `Item.as_of`."""
    layers = _layers(item, rules, calendar)
    verified = _sum([layer.share for layer in layers])
    return _credit(item, rules, layers, verified, _claimed(item, verified))


def carried_credit(item: Item, since: date, rules: ScoringRules, calendar: WorkCalendar) -> Credit:
    """The credit of what was not verified by the cut-off `since`, from what came after it.

    Its `rest` is the share of the target that was left then; 0 where nothing was.
    """
    layers = _layers(item, rules, calendar, since)
    before = _sum([each.share for each in layers if each.portion.handed_in_on <= since])
    rest = WHOLE - before
    later = [each for each in layers if each.portion.handed_in_on > since]
    of_rest = tuple(
        each._replace(share=_whole_or(each.share / rest), earned=each.earned / rest)
        for each in later
    )
    verified = _sum([layer.share for layer in of_rest])
    claimed = (_claimed(item, before) - before) / rest if rest else NONE
    return _credit(item, rules, of_rest, verified, max(claimed, verified))._replace(rest=rest)


def _credit(
    item: Item,
    rules: ScoringRules,
    layers: tuple[Layer, ...],
    verified: Fraction,
    claimed: Fraction,
) -> Credit:
    if item.untrue:
        return Credit(NONE, NONE, NONE, untrue=True)
    returns = item.returns
    counted = _counted([each.kind for each in returns], rules.returns) if returns else 0
    penalty = NONE
    if counted:
        penalty = _at_most(counted, rules.returns.percent, rules.returns.max_percent)
    earned = _sum([layer.earned for layer in layers])
    if item.method is Method.BINARY and verified is not WHOLE:
        earned = NONE
    return Credit(
        value=earned * (1 - penalty) if penalty else earned,
        verified=verified,
        claimed=claimed,
        layers=layers,
        returns=len(returns),
        counted_returns=counted,
        returns_penalty=penalty,
    )


def lateness_penalty(late: int, rules: Lateness) -> Fraction:
    """The share taken off for so many working days: each started step counts."""
    if not late:
        return NONE
    started = -(-late // rules.workdays)
    return _at_most(started, rules.percent, rules.max_percent)


def _layers(
    item: Item, rules: ScoringRules, calendar: WorkCalendar, since: date | None = None
) -> tuple[Layer, ...]:
    """Portions by how late they are, each with what it fills of what is still open.

    What was handed in by the cut-off `since` comes first: it has counted already.
    """
    portions = item.portions
    if not portions:
        return ()
    dated = [(item.days_late(each.handed_in_on, calendar), each) for each in portions]
    if len(dated) > 1:
        dated.sort(key=lambda each: _order(each, since))
    target, reached, layers = item.target, NONE, []
    for late, portion in dated:
        share, penalty, earned = _filled(portion.amount, target, late, rules)
        if reached and share > WHOLE - reached:
            share = WHOLE - reached
            earned = share * (1 - penalty)
        if share:
            layers.append(Layer(portion, share, late, penalty, earned))
            reached = reached + share if reached else share
    return tuple(layers)


def _filled(amount: Decimal, target: Decimal, late: int, rules: ScoringRules) -> Filled:
    """What an amount comes to that was handed in so late, looked up where it is known."""
    known = rules.filled.get((amount, target, late))
    if known is not None:
        return known
    share, penalty = _share(amount, target), lateness_penalty(late, rules.lateness)
    if len(rules.filled) >= MOST_KEPT:
        rules.filled.clear()
    made = rules.filled[amount, target, late] = share, penalty, share * (1 - penalty)
    return made


def _order(dated: tuple[int, Verified], since: date | None) -> tuple[bool, int, date, int]:
    late, portion = dated
    after = since is not None and portion.handed_in_on > since
    return after, late, portion.handed_in_on, portion.id


def _counted(kinds: list[ReturnKind | None], rules: Returns) -> int:
    """How many returns cost something: all but the free ones among the `amend`s."""
    amends = sum(1 for kind in kinds if kind is ReturnKind.AMEND)
    return len(kinds) - min(amends, rules.free_amends)


def _sum(terms: list[Fraction]) -> Fraction:
    """Of mostly one term; the whole is always the same object."""
    if len(terms) == 1:
        return terms[0]
    return _whole_or(sum(terms, NONE))


def _whole_or(share: Fraction) -> Fraction:
    return WHOLE if share == WHOLE else share


@cache
def _at_most(times: int, percent: Decimal, max_percent: Decimal) -> Fraction:
    """So many times a percentage as a share of 1, at most the other percentage."""
    return min(times * Fraction(percent), Fraction(max_percent)) / 100


@lru_cache(MOST_KEPT)
def _product(weight: Decimal, factor: Decimal) -> Fraction:
    return Fraction(weight) * Fraction(factor)


@lru_cache(MOST_KEPT)
def _share(amount: Decimal, target: Decimal) -> Fraction:
    """An amount as a share of the target, at most all of it."""
    share = Fraction(amount) / Fraction(target)
    return min(WHOLE, share)


def _claimed(item: Item, verified: Fraction) -> Fraction:
    """The share that the unit says is done, at least what is verified."""
    if verified is WHOLE:
        return WHOLE
    if item.method is Method.PROPORTIONAL:
        amounts = [each for each in item.handed_in if each.amount is not None]
        latest = max(amounts, key=lambda each: each.number, default=None)
        claim = _share(latest.amount or _ZERO, item.target) if latest else NONE
    elif item.accepted or item.waiting:
        return WHOLE
    else:
        claim = _reported(item)
    return max(claim, verified)


def _reported(item: Item) -> Fraction:
    reports = [
        each
        for each in item.handed_in
        if each.kind is SubmissionKind.PROGRESS and each.percent is not None
    ]
    latest = max(reports, key=lambda each: each.number, default=None)
    return Fraction(latest.percent or 0, 100) if latest else NONE
