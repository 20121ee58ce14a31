"""What a form held, kept as JSON until somebody signs it: dataclasses of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from planner.domain.text import Json

Form = TypeVar("Form")


def form_to_json(form: Any) -> dict[str, Json]:
    """The fields of a form; dates, amounts and words as text, forms within it as objects."""
    return {each.name: _plain(getattr(form, each.name)) for each in fields(form)}


def form_from_json(kind: type[Form], data: Mapping[str, Any]) -> Form:
    """The form that `form_to_json` kept. Raises TypeError for one that has other fields now."""
    hints = get_type_hints(kind)
    return kind(**{name: _restored(hints[name], value) for name, value in data.items()})


def _plain(value: Any) -> Json:
    if is_dataclass(value):
        return form_to_json(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Decimal | date | str) else value


def _restored(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    kind = _present(hint)
    if get_origin(kind) is tuple:
        return tuple(_restored(get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        return form_from_json(kind, value)  # type: ignore[arg-type]
    return date.fromisoformat(value) if kind is date else kind(value)


def _present(hint: Any) -> Any:
    """What a field holds where it holds something: `date` for `date | None`."""
    arms = [arm for arm in get_args(hint) if arm is not NoneType]
    return arms[0] if NoneType in get_args(hint) else hint
