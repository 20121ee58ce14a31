"""Exact arithmetic: fractions until the very end, one rounding, half up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction


def exact_sum(terms: Iterable[Fraction]) -> Fraction:
    """The sum, added up as integers for each denominator: quicker than one by one, and exact."""
    numerators: defaultdict[int, int] = defaultdict(int)
    for term in terms:
        numerators[term.denominator] += term.numerator
    return sum((Fraction(number, by) for by, number in numerators.items()), Fraction(0))


def rounded(value: Fraction, places: int) -> Decimal:
    """The value with exactly so many decimal places, halves up (away from zero below it)."""
    units = int(abs(value) * 10**places + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-places)


def shown(value: Fraction, places: int = 2) -> Decimal:
    """The value as a sentence shows it: rounded, without trailing zeros."""
    number = rounded(value, places)
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()
