"""Reading the journal: filtered, newest first, and as a table to export."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, cast, or_, select
from sqlalchemy.orm import Session

from planner.domain.names import DETAIL_NAMES, NAMES, act_name
from planner.domain.text import N_, Text, stored, t
from planner.models import JournalEntry, Unit
from planner.services.export import Cell, Column

EXPORT_LIMIT = 100_000
"""The most rows of one export; a smaller time span gives the rest."""


@dataclass(frozen=True)
class JournalFilter:
    """Which acts a list shows; `person` is part of a name, `text` part of subject or details."""

    first: date | None = None
    last: date | None = None
    person: str = ""
    verb: str = ""
    text: str = ""


@dataclass(frozen=True)
class Act:
    """One entry as the export shows it: with its unit's name and its instant on the wall clock."""

    entry: JournalEntry
    unit_name: str | None
    local_time: str


def entries(wanted: JournalFilter) -> Select[JournalEntry]:
    """The acts that the filter leaves, newest first."""
    query = select(JournalEntry).where(*_conditions(wanted))
    return query.order_by(JournalEntry.id.desc())


def _conditions(wanted: JournalFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.first is not None:
        yield JournalEntry.on >= wanted.first
    if wanted.last is not None:
        yield JournalEntry.on <= wanted.last
    if wanted.person:
        yield JournalEntry.actor_name.icontains(wanted.person, autoescape=True)
    if wanted.verb:
        yield JournalEntry.verb == wanted.verb
    if wanted.text:
        yield _mentions(wanted.text)


def _mentions(words: str) -> ColumnElement[bool]:
    """Stored details are JSON, in which everything beyond ASCII is escaped."""
    details = cast(JournalEntry.data, String)
    escaped = json.dumps(words)[1:-1]
    return or_(
        JournalEntry.subject.icontains(words, autoescape=True),
        JournalEntry.origin.icontains(words, autoescape=True),
        details.icontains(escaped, autoescape=True),
        details.icontains(words, autoescape=True),
    )


def verbs_in_use(db: Session) -> Sequence[str]:
    """The verbs that the journal holds, to choose from."""
    return db.scalars(select(JournalEntry.verb).distinct().order_by(JournalEntry.verb)).all()


def unit_names(db: Session, found: Iterable[JournalEntry]) -> dict[int, str]:
    """Unit id to name, for the actors of these entries; one query."""
    ids = {entry.actor_unit_id for entry in found if entry.actor_unit_id is not None}
    rows = db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids)))
    return {row.id: row.name for row in rows}


def acts(db: Session, wanted: JournalFilter, limit: int, zone: ZoneInfo) -> list[Act]:
    """The newest acts that the filter leaves, for export."""
    found = db.scalars(entries(wanted).limit(limit)).all()
    names = unit_names(db, found)
    return [
        Act(
            entry,
            names.get(entry.actor_unit_id or 0),
            entry.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        )
        for entry in found
    ]


def details(entry: JournalEntry) -> Text | str | None:
    """The verb's parameters in words, in the order of their names, or nothing without any.

    What is empty, and what only machines read, is left out.
    """
    return _in_a_row(
        t("%(name)s: %(value)s", name=DETAIL_NAMES.get(name, name), value=_plain(name, value))
        for name, value in sorted(entry.data.items())
        if name not in UNSAID and value not in ("", [])
    )


SEMICOLON, COMMA = N_("%(first)s; %(rest)s"), N_("%(first)s, %(rest)s")


def _in_a_row(texts: Iterable[Text | str], between: str = SEMICOLON) -> Text | str | None:
    found: Text | str | None = None
    for text in reversed(list(texts)):
        found = text if found is None else Text(between, {"first": text, "rest": found})
    return found


WORDS = frozenset({"act", "cancel_class", "cause", "channel", "decider", "every", "kind", "roles"})
"""Parameters whose values are words of a closed vocabulary, and not a person's or a name."""

STORED = frozenset({"failure", "left_reasons"})
"""Parameters that hold stored texts."""

UNSAID = frozenset({"form"})
"""Parameters by which the program finds an entry again."""


def _plain(name: str, value: object) -> Text | str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, list):
        between = SEMICOLON if name in STORED else COMMA
        return _in_a_row((_one(name, str(each)) for each in value), between) or ""
    return _one(name, str(value))


def _one(name: str, value: str) -> Text | str:
    if name in STORED:
        return stored(json.loads(value))
    return _NAMES.get(value, value) if name in WORDS else value


_NAMES: Mapping[str, Text] = {str(word): name for word, name in NAMES.items()}


def _state(word: str | None) -> Cell:
    return _NAMES.get(word, word) if word else None


def _acted(act: Act) -> Text | str:
    return act_name(act.entry.verb)


COLUMNS: Sequence[Column[Act]] = (
    Column(t("Entry"), 8, lambda act: act.entry.id),
    Column(t("Business date"), 12, lambda act: act.entry.on),
    Column(t("Time"), 18, lambda act: act.local_time),
    Column(t("Person"), 16, lambda act: act.entry.actor_name),
    Column(t("Unit"), 20, lambda act: act.unit_name),
    Column(t("From where"), 16, lambda act: act.entry.origin),
    Column(t("Act"), 16, _acted),
    Column(t("Subject"), 18, lambda act: act.entry.subject),
    Column(t("State before"), 12, lambda act: _state(act.entry.from_state)),
    Column(t("State after"), 12, lambda act: _state(act.entry.to_state)),
    Column(t("Details"), 60, lambda act: details(act.entry)),
)
"""What the journal is exported with."""
