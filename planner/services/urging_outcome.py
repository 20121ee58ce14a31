"""What became of urging a list, for the page that is shown afterwards, or in the middle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from planner.domain.actor import Actor
from planner.domain.errors import NotFound
from planner.domain.text import Text, stored
from planner.models import Assignment, JournalEntry, Slip, Unit, Urge
from planner.services.urging_many import BATCH
from planner.services.urging_parts import parts_done, parts_of, units_waiting


@dataclass(frozen=True)
class Batch:
    """What became of urging a list: the urges made, and what was left out with its reason.

    `waiting` are the units that are still to be urged, since it was interrupted, with the number
    of their assignments.
    """

    id: int
    on: date
    urges: Sequence[Urge]
    left: Sequence[tuple[Assignment, Text]]
    slips: Sequence[Slip]
    waiting: Mapping[str, int]


def find_batch(db: Session, actor: Actor, entry_id: int) -> JournalEntry:
    """The entry of a batch, for the person who began it. Raises NotFound."""
    entry = db.scalar(
        select(JournalEntry).where(
            JournalEntry.id == entry_id,
            JournalEntry.verb == BATCH,
            JournalEntry.actor_id == actor.user_id,
        )
    )
    if entry is None:
        raise NotFound
    return entry


def load_batch(db: Session, actor: Actor, entry_id: int) -> Batch:
    """What became of a batch so far, for the person who began it. Raises NotFound."""
    entry = find_batch(db, actor, entry_id)
    entries = [entry, *parts_done(db, entry)]
    urges = db.scalars(
        select(Urge)
        .where(Urge.id.in_([each for one in entries for each in one.data.get("urge_ids", ())]))
        .options(
            joinedload(Urge.assignment).joinedload(Assignment.task),
            joinedload(Urge.assignment).joinedload(Assignment.unit),
            joinedload(Urge.slip),
        )
        .order_by(Urge.id)
    ).all()
    slips = {urge.slip.id: urge.slip for urge in urges if urge.slip is not None}
    left, waiting = _left(db, entries), _waiting(db, entry)
    return Batch(entry.id, entry.on, urges, left, list(slips.values()), waiting)


def _left(db: Session, entries: Sequence[JournalEntry]) -> list[tuple[Assignment, Text]]:
    reasons = {
        left_id: stored(json.loads(reason))
        for each in entries
        for left_id, reason in zip(each.data["left_ids"], each.data["left_reasons"], strict=True)
    }
    query = select(Assignment).where(Assignment.id.in_(reasons))
    loaded = query.options(joinedload(Assignment.task), joinedload(Assignment.unit))
    by_id = {each.id: each for each in db.scalars(loaded)}
    return [(by_id[left_id], reason) for left_id, reason in reasons.items()]


def _waiting(db: Session, entry: JournalEntry) -> Mapping[str, int]:
    unit_ids, parts = units_waiting(db, entry), parts_of(entry)
    names = select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids))
    named = {unit_id: name for unit_id, name in db.execute(names)}  # noqa: C416
    return {named[each]: len(parts[each]) for each in unit_ids}
