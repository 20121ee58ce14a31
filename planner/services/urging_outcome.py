"""What became of urging a list, for the page that is shown afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from planner.domain.actor import Actor
from planner.domain.errors import NotFound
from planner.domain.text import Text, from_json
from planner.models import Assignment, JournalEntry, Slip, Urge


@dataclass(frozen=True)
class Batch:
    """What became of urging a list: the urges made, and what was left out with its reason."""

    urges: Sequence[Urge]
    left: Sequence[tuple[Assignment, Text]]
    slips: Sequence[Slip]
    on: date


def load_batch(db: Session, actor: Actor, entry_id: int) -> Batch:
    """What became of an act of `urge_many`, for the person who did it. Raises NotFound."""
    entry = db.scalar(
        select(JournalEntry).where(
            JournalEntry.id == entry_id,
            JournalEntry.verb == "urge_many",
            JournalEntry.actor_id == actor.user_id,
        )
    )
    if entry is None:
        raise NotFound
    urges = db.scalars(
        select(Urge)
        .where(Urge.id.in_(entry.data["urge_ids"]))
        .options(
            joinedload(Urge.assignment).joinedload(Assignment.task),
            joinedload(Urge.assignment).joinedload(Assignment.unit),
            joinedload(Urge.slip),
        )
        .order_by(Urge.id)
    ).all()
    slips = {urge.slip.id: urge.slip for urge in urges if urge.slip is not None}
    return Batch(urges, _left(db, entry), list(slips.values()), entry.on)


def _left(db: Session, entry: JournalEntry) -> list[tuple[Assignment, Text]]:
    query = select(Assignment).where(Assignment.id.in_(entry.data["left_ids"]))
    loaded = query.options(joinedload(Assignment.task), joinedload(Assignment.unit))
    by_id = {each.id: each for each in db.scalars(loaded)}
    pairs = zip(entry.data["left_ids"], entry.data["left_reasons"], strict=True)
    return [(by_id[each], _text(reason)) for each, reason in pairs]


def _text(stored: str) -> Text:
    restored = from_json(json.loads(stored))
    if not isinstance(restored, Text):
        raise TypeError(f"not a text: {stored!r}")
    return restored
