"""What a seeding did, what it left alone, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.domain.text import Json, Text, t

_SHOWN = 80
"""Characters of a value that a sentence quotes."""

KINDS: Mapping[str, Text] = {
    "unit": t("Unit"),
    "group": t("Unit group"),
    "plan": t("Plan"),
    "action": t("Action"),
    "task": t("Task"),
    "target": t("Target"),
    "assignment": t("Assignment"),
    "indicator": t("Indicator"),
    "rules": t("Rules"),
}


@dataclass(frozen=True)
class Conflict:
    """A field that was left alone: what stands in the database, what the file wants, and why."""

    kind: str
    key: str
    field: str
    stands: Json
    wanted: Json
    reason: Text

    @property
    def sentence(self) -> Text:
        """All of it in one sentence for a person."""
        return t(
            "%(kind)s %(key)s, %(field)s: the file says %(wanted)s, here stands %(stands)s. "
            "%(reason)s",
            kind=KINDS[self.kind],
            key=self.key,
            field=self.field,
            wanted=_shown(self.wanted),
            stands=_shown(self.stands),
            reason=self.reason,
        )


@dataclass
class SeedReport:
    """The things of a file by what became of them, each as its kind and key.

    `gone` were in an earlier file and are not in this one; they stay in the database.
    """

    created: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[tuple[str, str]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)

    def sentences(self) -> list[Text]:
        """The report for a person: one line of counts, then each conflict and each thing gone."""
        counts = t(
            "Created: %(created)s, changed: %(changed)s, unchanged: %(unchanged)s, "
            "conflicts: %(conflicts)s, no longer in the file: %(gone)s.",
            created=len(self.created),
            changed=len(self.changed),
            unchanged=len(self.unchanged),
            conflicts=len(self.conflicts),
            gone=len(self.gone),
        )
        return [counts, *(each.sentence for each in self.conflicts), *map(_gone, self.gone)]


def _gone(thing: tuple[str, str]) -> Text:
    kind, key = thing
    return t(
        "%(kind)s %(key)s is no longer in the file. It stays as it is: nothing is deleted.",
        kind=KINDS[kind],
        key=key,
    )


def _shown(value: Json) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
