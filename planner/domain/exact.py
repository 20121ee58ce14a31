"""Exact arithmetic: fractions until the very end, one rounding, half up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TypeAlias

Ratio: TypeAlias = tuple[int, int]
"""A number as numerator and denominator, not reduced: quicker to multiply than a Fraction."""


_NOTHING = Fraction(0)


def product(*factors: Ratio) -> Ratio:
    """All of them multiplied."""
    over = by = 1
    for number, part in factors:
        over *= number
        by *= part
    return over, by


class ExactSum:
    """A sum that is added up as integers for each denominator: quicker than one by one, exact."""

    __slots__ = ("_numerators",)

    def __init__(self) -> None:
        self._numerators: defaultdict[int, int] = defaultdict(int)

    def add(self, term: Ratio, times: int = 1) -> None:
        """Add a term, so many times."""
        over, by = term
        self._numerators[by] += over * times

    def merge(self, other: ExactSum) -> None:
        """Add all of another sum."""
        for by, number in other._numerators.items():
            self._numerators[by] += number

    @property
    def value(self) -> Fraction:
        """The sum so far."""
        if not self._numerators:
            return _NOTHING
        common = lcm(*self._numerators)
        return Fraction(
            sum(number * (common // by) for by, number in self._numerators.items()), common
        )


def exact_sum(terms: Iterable[Fraction]) -> Fraction:
    """The sum of the terms."""
    total = ExactSum()
    for term in terms:
        total.add(term.as_integer_ratio())
    return total.value


def rounded(value: Fraction, places: int) -> Decimal:
    """The value with exactly so many decimal places, halves up (away from zero below it)."""
    over, by = value.as_integer_ratio()
    units = (2 * abs(over) * 10**places + by) // (2 * by)
    return Decimal(units if over >= 0 else -units).scaleb(-places)


def shown(value: Fraction, places: int = 2) -> Decimal:
    """The value as a sentence shows it: rounded, without trailing zeros."""
    number = rounded(value, places)
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()
