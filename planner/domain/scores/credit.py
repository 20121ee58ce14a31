"""The credit of one assignment, from what was verified (design, section 4).

credit = (sum over portions of share x (1 - lateness)) x (1 - returns), never below 0.

Lateness is taken off each portion, returns off the whole. Portions fill the target with the least
late first, so that more verified never lowers a credit and handing in later never raises it.

What was not verified at a year's cut-off is carried over (结转): the rest of its weight, by the
rules' factor, counts in the next year with what is handed in after the cut-off; decision 0015.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from planner.domain.scores.acts import Verified
from planner.domain.scores.items import Item
from planner.domain.scores.rules import Lateness, Returns, ScoringRules
from planner.domain.words import Method, Part, ReturnKind, SubmissionKind
from planner.domain.workdays import WorkCalendar

NONE, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Layer:
    """The part of the target that one portion fills: `share` of 1, `penalty` off it, 0 to 1.

    `late` is in working days.
    """

    portion: Verified
    share: Fraction
    late: int
    penalty: Fraction


@dataclass(frozen=True)
class Credit:
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
    factor = rules.supporting_factor if item.part is Part.SUPPORTING else 1
    return Fraction(item.weight) * Fraction(factor)


def credit_of(item: Item, rules: ScoringRules, calendar: WorkCalendar) -> Credit:
    """The credit of an assignment, from all the facts that it holds: see `Item.as_of`."""
    layers = _layers(item, rules.lateness, calendar)
    verified = sum((layer.share for layer in layers), NONE)
    return _credit(item, rules, layers, verified, _claimed(item, verified))


def carried_credit(item: Item, since: date, rules: ScoringRules, calendar: WorkCalendar) -> Credit:
    """The credit of what was not verified by the cut-off `since`, from what came after it.

    Its `rest` is the share of the target that was left then; 0 where nothing was.
    """
    layers = _layers(item, rules.lateness, calendar, since)
    before = sum((each.share for each in layers if each.portion.handed_in_on <= since), NONE)
    rest = WHOLE - before
    later = [each for each in layers if each.portion.handed_in_on > since]
    of_rest = tuple(replace(each, share=each.share / rest) for each in later)
    verified = sum((layer.share for layer in of_rest), NONE)
    claimed = (_claimed(item, before) - before) / rest if rest else NONE
    return replace(_credit(item, rules, of_rest, verified, max(claimed, verified)), rest=rest)


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
    counted = _counted([each.kind for each in returns], rules.returns)
    penalty = _at_most(counted, rules.returns.percent, rules.returns.max_percent)
    earned = sum((layer.share * (1 - layer.penalty) for layer in layers), NONE)
    if item.method is Method.BINARY and verified < WHOLE:
        earned = NONE
    return Credit(
        value=max(NONE, earned * (1 - penalty)),
        verified=verified,
        claimed=claimed,
        layers=layers,
        returns=len(returns),
        counted_returns=counted,
        returns_penalty=penalty,
    )


def lateness_penalty(late: int, rules: Lateness) -> Fraction:
    """The share taken off for so many working days: each started step counts."""
    started = -(-late // rules.workdays)
    return _at_most(started, rules.percent, rules.max_percent)


def _layers(
    item: Item, rules: Lateness, calendar: WorkCalendar, since: date | None = None
) -> tuple[Layer, ...]:
    """Portions by how late they are, each with what it fills of what is still open.

    What was handed in by the cut-off `since` comes first: it has counted already.
    """
    reached, layers = NONE, []
    dated = [(item.days_late(each.handed_in_on, calendar), each) for each in item.portions]
    for late, portion in sorted(dated, key=lambda each: _order(each, since)):
        share = min(Fraction(portion.amount) / item.target, WHOLE - reached)
        if share > 0:
            layers.append(Layer(portion, share, late, lateness_penalty(late, rules)))
            reached += share
    return tuple(layers)


def _order(dated: tuple[int, Verified], since: date | None) -> tuple[bool, int, date, int]:
    late, portion = dated
    after = since is not None and portion.handed_in_on > since
    return after, late, portion.handed_in_on, portion.id


def _counted(kinds: list[ReturnKind | None], rules: Returns) -> int:
    """How many returns cost something: all but the free ones among the `amend`s."""
    amends = sum(1 for kind in kinds if kind is ReturnKind.AMEND)
    return len(kinds) - min(amends, rules.free_amends)


def _at_most(times: int, percent: Decimal, max_percent: Decimal) -> Fraction:
    """So many times a percentage as a share of 1, at most the other percentage."""
    return min(times * Fraction(percent), Fraction(max_percent)) / 100


def _claimed(item: Item, verified: Fraction) -> Fraction:
    """The share that the unit says is done, at least what is verified."""
    if item.method is Method.PROPORTIONAL:
        amounts = [each for each in item.handed_in if each.amount is not None]
        latest = max(amounts, key=lambda each: each.number, default=None)
        claim = Fraction(latest.amount or 0) / item.target if latest else NONE
    elif item.accepted or item.waiting:
        claim = WHOLE
    else:
        claim = _reported(item)
    return min(WHOLE, max(claim, verified))


def _reported(item: Item) -> Fraction:
    reports = [
        each
        for each in item.handed_in
        if each.kind is SubmissionKind.PROGRESS and each.percent is not None
    ]
    latest = max(reports, key=lambda each: each.number, default=None)
    return Fraction(latest.percent or 0, 100) if latest else NONE
