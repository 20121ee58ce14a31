"""Yearly readings of indicators: what is done with them, their years, values that look wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from planner.domain.errors import BadInput
from planner.domain.text import Text, Value, t
from planner.domain.words import Direction

LAST_MONTH = 12
"""The present year can be read from the first day of this month on."""
OFF, THOUSAND, NEAR_FACTOR = Fraction(1, 2), 1000, 2
PLACES = 6


class ReadingVerb(StrEnum):
    """What can be done to an indicator and its readings."""

    ENTER = "enter_reading"
    TAKE_BACK = "take_back_reading"
    CONFIRM = "confirm_reading"
    REFUSE = "refuse_reading"
    SETTLE_BASE = "settle_base"


@dataclass(frozen=True)
class Known:
    """The last value that is known of an indicator, and of which year."""

    year: int
    value: Decimal


def last_year(target_year: int, today: date) -> int:
    """The last year that can be read by now: never one that has not come to its last month."""
    return min(target_year, today.year if today.month == LAST_MONTH else today.year - 1)


def check_year(year: int, base_year: int, target_year: int, today: date) -> None:
    """Raises BadInput for a year outside the plan's line, or one that is not over."""
    if not base_year < year <= target_year:
        raise BadInput(
            t(
                "A reading is of a year from %(first)s to %(last)s.",
                first=str(base_year + 1),
                last=str(target_year),
            ),
            "year",
        )
    if year > last_year(target_year, today):
        raise BadInput(
            t(
                "%(year)s is not over: it can be read from 1 December %(year)s on.",
                year=str(year),
            ),
            "year",
        )


def check_value(value: Decimal | None, direction: Direction, field: str = "value") -> Decimal:
    """A value that can be. Raises BadInput for none, a negative one, or 0 of what is consumed.

    What should grow may stand at 0; what should shrink is consumption, which is never 0.
    """
    if value is None or not value.is_finite():
        raise BadInput(t("Please give the value as a number."), field)
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES:
        raise BadInput(t("At most six decimal places."), field)
    if value < 0:
        raise BadInput(t("This cannot be negative."), field)
    if value == 0 and direction is Direction.DOWN:
        raise BadInput(t("This must be more than 0."), field)
    return value


def doubt(value: Decimal, known: Known, measure: str) -> Text | None:
    """Why a value looks wrong beside the last known one, or nothing.

    About a thousand times as much, or a thousandth, is a wrong unit; half as much again, or less
    than half, is to be looked at twice.
    """
    if known.value <= 0:
        return None
    ratio = Fraction(value) / Fraction(known.value)
    said: dict[str, Value] = {
        "value": value,
        "known": known.value,
        "year": str(known.year),
        "measure": measure,
    }
    if THOUSAND / NEAR_FACTOR <= ratio <= THOUSAND * NEAR_FACTOR:
        return t(
            "%(value)s is about a thousand times the last known value, %(known)s (%(year)s):"
            " is it in %(measure)s?",
            **said,
        )
    if ratio and THOUSAND / NEAR_FACTOR <= 1 / ratio <= THOUSAND * NEAR_FACTOR:
        return t(
            "%(value)s is about a thousandth of the last known value, %(known)s (%(year)s):"
            " is it in %(measure)s?",
            **said,
        )
    if abs(ratio - 1) > OFF:
        return t(
            "%(value)s %(measure)s is more than 50 %% off the last known value,"
            " %(known)s (%(year)s).",
            **said,
        )
    return None
