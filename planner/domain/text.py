"""Sentences for people, kept as message id and parameters until the reader's language is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

Value: TypeAlias = "str | int | Decimal | Fraction | date | Text | None"

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"


@dataclass(frozen=True)
class Text:
    """An English gettext message id with its named parameters.

    ``i18n.Language.say`` puts it into a language. Parameters may be texts themselves.
    """

    msgid: str
    params: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        """The English sentence, for logs and the command line."""
        return self.msgid % {key: str(value) for key, value in self.params.items()}


def t(msgid: str, **params: Value) -> Text:
    """Mark a sentence for translation; ``%(name)s`` stands for a parameter."""
    return Text(msgid, params)


def N_(msgid: str) -> str:  # noqa: N802
    """Mark a sentence without parameters for translation where a plain string is wanted."""
    return msgid


def to_json(value: Value) -> Json:
    """A text or a parameter as JSON, so that a row can store it; `from_json` reads it back."""
    match value:
        case Text(msgid, params):
            return {"msgid": msgid, "params": {k: to_json(v) for k, v in params.items()}}
        case Fraction():
            return {"fraction": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case date():
            return {"date": value.isoformat()}
        case _:
            return value


def from_json(value: Json) -> Value:
    """The text or parameter that `to_json` stored. Raises ValueError on anything else."""
    match value:
        case {"msgid": str(msgid), "params": dict(params)}:
            return Text(msgid, {k: from_json(v) for k, v in params.items()})
        case {"fraction": str(number)}:
            return Fraction(number)
        case {"decimal": str(number)}:
            return Decimal(number)
        case {"date": str(day)}:
            return date.fromisoformat(day)
        case str() | int() | None:
            return value
        case _:
            raise ValueError(f"not a stored text: {value!r}")


def stored(data: object) -> Text:
    """A text as it was kept. Raises ValueError for what is none."""
    text = from_json(data)  # type: ignore[arg-type]  # from_json itself refuses what is no JSON
    if not isinstance(text, Text):
        raise ValueError(f"not a stored text: {data!r}")
    return text
