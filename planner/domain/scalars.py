"""How single values are written in plan files and stored rules, and the limits they may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any, TypeAlias

from planner.domain.text import Text, t

Limit: TypeAlias = Callable[[Any], "Text | None"]
"""Says what is wrong with a value, or None."""

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_SHOWN = 40
"""Characters of a wrong value that a sentence repeats."""


class Refused(Exception):
    """The value is not written as its key asks; `text` says how it should be."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def _text(written: str, plain: bool) -> str:
    if not written.strip():
        raise Refused(t("This text is empty."))
    return written.strip()


def _whole(written: str, plain: bool) -> int:
    if not plain or not _WHOLE.fullmatch(written):
        raise Refused(t("“%(value)s” is not a whole number.", value=_short(written)))
    return int(written)


def _number(written: str, plain: bool) -> Decimal:
    if not plain or not _NUMBER.fullmatch(written):
        raise Refused(
            t(
                "“%(value)s” is not a number of at most 12 digits and 6 decimal places.",
                value=_short(written),
            )
        )
    return Decimal(written)


def _date(written: str, plain: bool) -> date:
    try:
        if _DATE.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise Refused(t("“%(value)s” is not a date like 2025-12-31.", value=_short(written)))


def _time(written: str, plain: bool) -> time:
    try:
        if _TIME.fullmatch(written):
            return time.fromisoformat(written)
    except ValueError:
        pass
    raise Refused(t("“%(value)s” is not a time of day like 09:00.", value=_short(written)))


def _truth(written: str, plain: bool) -> bool:
    if not plain or written not in ("true", "false"):
        raise Refused(t("“%(value)s” is neither true nor false.", value=_short(written)))
    return written == "true"


_READERS: dict[Any, Callable[[str, bool], Any]] = {
    str: _text,
    int: _whole,
    Decimal: _number,
    date: _date,
    time: _time,
    bool: _truth,
}


def reader_of(kind: Any) -> Callable[[str, bool], Any]:
    """What reads a value of this type from its written form (and whether it stood unquoted).

    Raises Refused where the value is written otherwise.
    """
    return _READERS[kind]


def read_choice(written: str, choices: Iterable[str]) -> str:
    """One of the words. Raises Refused for another."""
    choices = tuple(choices)
    if written not in choices:
        raise Refused(
            t(
                "“%(value)s” must be one of: %(choices)s.",
                value=_short(written),
                choices=", ".join(choices),
            )
        )
    return written


def above_zero(value: Any) -> Text | None:
    """A number greater than zero."""
    return None if value > 0 else t("The number must be greater than zero.")


def not_negative(value: Any) -> Text | None:
    """Zero or more."""
    return None if value >= 0 else t("The number must not be negative.")


def between(low: int, high: int) -> Limit:
    """A number from low to high, both included."""

    def limit(value: Any) -> Text | None:
        if low <= value <= high:
            return None
        return t("The number must be from %(low)s to %(high)s.", low=low, high=high)

    return limit


def up_to(length: int) -> Limit:
    """A text of at most so many characters."""

    def limit(value: str) -> Text | None:
        if len(value) <= length:
            return None
        return t("The text is longer than %(length)s characters.", length=length)

    return limit


def slug(value: str) -> Text | None:
    """A stable key: lower-case letters, digits and single hyphens."""
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        return None
    return t("A key has only lower-case letters, digits and single hyphens.")


def _short(written: str) -> str:
    return written if len(written) <= _SHOWN else written[: _SHOWN - 1] + "…"
