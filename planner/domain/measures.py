"""What amounts are counted in: whole things, or something that has fractions."""

from __future__ import annotations

from decimal import Decimal

from planner.domain.errors import BadInput
from planner.domain.text import Text, t

COUNTING_WORDS = frozenset(
    "个人名位户家所处座栋幢间套台辆件只块盏根棵株批项次场期届例起宗份篇册本张条支"
) | {
    "人次",
    "户次",
    "场次",
    "班次",
    "批次",
    "台次",
    "台套",
    "车次",
}
"""Measures of whole things. With a multiplier before it (万人次) a measure has fractions."""


def splits(amount: Decimal | None, measure: str | None) -> bool:
    """Whether the amount is a fraction of what is counted whole."""
    if amount is None or measure is None:
        return False
    return measure.strip() in COUNTING_WORDS and amount != amount.to_integral_value()


def refusal(measure: str | None) -> Text:
    """Why an amount that splits is refused."""
    return t("“%(measure)s” counts whole things: give a whole number.", measure=measure)


def check_whole(amount: Decimal | None, measure: str | None) -> None:
    """Raises BadInput, for the field `amount`, if the amount splits what is counted whole."""
    if splits(amount, measure):
        raise BadInput(refusal(measure), "amount")
