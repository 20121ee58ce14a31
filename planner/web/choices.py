"""Choices of select fields, and tolerant reading of filters in an address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from flask import request

from planner.domain.scores.period import Period
from planner.domain.text import N_
from planner.models import Unit
from planner.web.addresses import MAX_ID
from planner.web.context import language

LANGUAGES = (("", N_("Language of the installation")), ("zh", N_("Chinese")), ("en", N_("English")))


def optional_id(value: object) -> int | None:
    """The id that a select field sent; nothing for its empty choice."""
    return int(str(value)) if value not in (None, "") else None


Choices: TypeAlias = "list[tuple[str, str]]"


def unit_choices(units: Iterable[Unit], empty: str) -> Choices:
    """Units by name, after the empty choice."""
    chosen = [(str(unit.id), unit.name) for unit in units]
    return [("", language().say(empty)), *chosen]


def language_choices() -> Choices:
    """The languages, after leaving it to the installation."""
    return [(code, language().say(name)) for code, name in LANGUAGES]


def readable(text: str) -> str:
    """Without NUL, which PostgreSQL holds in no text."""
    return text.replace("\x00", "")


def asked_text(name: str, most: int = 100) -> str:
    """A filter's words, cut to a sensible length."""
    return readable(request.args.get(name, "")).strip()[:most]


def asked_id(name: str) -> int | None:
    """A filter's id, or nothing where it is none."""
    text = request.args.get(name, "")
    known = text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= MAX_ID
    return int(text) if known else None


def asked_day(name: str) -> date | None:
    """A filter's date, or nothing where it is none."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def ticked_versions(name: str) -> list[tuple[int, int]]:
    """What was ticked in a list whose boxes hold an id and the version that was seen, as "3.1".

    What is no such pair is left out.
    """
    pairs = [value.partition(".") for value in request.form.getlist(name)]
    return [
        (int(key), int(seen))
        for key, _, seen in pairs
        if key.isdecimal() and seen.isdecimal() and len(key) < 10 and len(seen) < 10
    ]


def period_name(period: Period) -> str:
    """A year, or the whole plan."""
    return str(period.year) if period.year else language().gettext(N_("Whole plan"))
