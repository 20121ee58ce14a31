"""Sentences, dates and numbers in the reader's language, with or without a request.

Message ids are the English sentences; the Chinese ones are read from the .po file at start.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po

from planner.config import LOCALES
from planner.domain.text import Text, Value

TRANSLATIONS = Path(__file__).parent / "translations"
DATES = {"zh": "y年M月d日", "en": "d MMMM y"}
MOST_PLACES = 6
NOTHING = "—"

Number: TypeAlias = "int | Decimal | Fraction"
Catalog: TypeAlias = Mapping[str, str]

log = logging.getLogger(__name__)


class MissingTranslation(LookupError):
    """A sentence has no translation, where a strict language was asked for."""


class Language:
    """One language: `locale` is "zh" or "en"; it knows no person and no request.

    Sentences are format strings, also without parameters: a percent sign is written ``%%``.
    A sentence without translation is said in English and logged once; if `strict`, saying it
    raises MissingTranslation.
    """

    def __init__(self, locale: str, catalog: Catalog | None, *, strict: bool = False) -> None:
        self.locale = locale
        self._catalog = catalog
        self._strict = strict
        self._missed: set[str] = set()

    def say(self, text: Text | str) -> str:
        """The sentence with its parameters, each put into this language; a str is a message id."""
        if isinstance(text, str):
            text = Text(text)
        shown = {name: self._shown(value) for name, value in text.params.items()}
        return self.gettext(text.msgid) % shown

    def gettext(self, msgid: str) -> str:
        """The translation as a format string, as Jinja's newstyle gettext wants it."""
        if self._catalog is None or not msgid:
            return msgid
        return self._catalog.get(msgid) or self._missing(msgid)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The format string for n things. Chinese has one form, kept under the singular."""
        english = singular if n == 1 else plural
        if self._catalog is None:
            return english
        return self._catalog.get(singular) or self._missing(english)

    def date(self, day: date) -> str:
        """2024年10月15日, 15 October 2024."""
        return format_date(day, DATES[self.locale], locale=self.locale)

    def instant(self, at: datetime, zone: ZoneInfo) -> str:
        """2024年10月15日 14:03, on the clock of that zone. Raises ValueError without a zone."""
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        pattern = f"{DATES[self.locale]} HH:mm"
        return format_datetime(at, pattern, tzinfo=zone, locale=self.locale)

    def number(self, number: Number, places: int | None = None) -> str:
        """1,234.5: thousands grouped, halves rounded away from zero.

        With `places` exactly so many decimals; without, at most 6 and no trailing zeros.
        """
        if places is not None:
            return f"{_rounded(number, places):,f}"
        text = f"{_rounded(number, MOST_PLACES):,f}"
        return text.rstrip("0").rstrip(".")

    def percent(self, portion: Number, places: int = 1) -> str:
        """0.455 is 45.5%: at most `places` decimals, no trailing zeros."""
        return self.number(_rounded(Fraction(portion) * 100, places)) + "%"

    def _shown(self, value: Value) -> str:
        match value:
            case Text():
                return self.say(value)
            case date():
                return self.date(value)
            case Decimal() | Fraction():
                return self.number(value)
            case None:
                return NOTHING
            case _:
                return str(value)

    def _missing(self, english: str) -> str:
        if self._strict:
            raise MissingTranslation(f"no {self.locale} translation of {english!r}")
        if english not in self._missed:
            self._missed.add(english)
            log.warning("no %s translation of %r", self.locale, english)
        return english


class Languages:
    """The languages that planner speaks; `default` is spoken where nobody chose.

    Reads the .po files under `folder` when made; raises OSError if one cannot be read.
    """

    available = LOCALES

    def __init__(
        self, default: str = "zh", *, strict: bool = False, folder: Path = TRANSLATIONS
    ) -> None:
        catalogs = {"en": None, "zh": read_catalog(folder / "zh" / "LC_MESSAGES" / "planner.po")}
        self._languages = {
            locale: Language(locale, catalogs[locale], strict=strict) for locale in self.available
        }
        self.default = self.get(default)

    def get(self, locale: str) -> Language:
        """The language "zh" or "en". Raises LookupError for another."""
        if locale not in self._languages:
            raise LookupError(f"no language {locale!r}: there are {', '.join(self.available)}")
        return self._languages[locale]


@cache
def read_catalog(path: Path) -> Catalog:
    """Message id (of a plural, its singular) to translation. Fuzzy and empty ones are left out."""
    with path.open("rb") as file:
        messages = list(read_po(file, locale="zh", abort_invalid=True))
    pairs = [(_first(m.id), _first(m.string)) for m in messages if not m.fuzzy]
    return {msgid: string for msgid, string in pairs if msgid and string}


def _first(forms: str | Sequence[str] | None) -> str:
    """A message's only form; of a plural's forms the first. Empty where there is none."""
    if not forms:
        return ""
    return forms if isinstance(forms, str) else forms[0]


def _rounded(number: Number, places: int) -> Decimal:
    """To so many decimals, halves away from zero, exactly, also for a third."""
    units = int(abs(Fraction(number)) * 10**places + Fraction(1, 2))
    return Decimal(units if number >= 0 else -units).scaleb(-places)
