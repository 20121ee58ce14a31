"""Writing the journal: every act of every verb, in the verb's own transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.text import Text, to_json
from planner.models import Assignment, JournalEntry

Detail = str | int | bool | Decimal | date | None | list[str] | list[int]


def record(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: str,
    subject: str,
    *,
    assignment: Assignment | None = None,
    states: tuple[StrEnum, StrEnum] | None = None,
    **details: Detail,
) -> JournalEntry:
    """Append one act. `subject` is a kind and an id such as "user:3"; `states` from and to."""
    entry = entry_of(
        actor, clock, verb, subject, assignment=assignment, states=states, details=details
    )
    db.add(entry)
    db.flush()
    return entry


def entry_of(
    actor: Actor,
    clock: Clock,
    verb: str,
    subject: str,
    *,
    assignment: Assignment | None = None,
    states: tuple[StrEnum, StrEnum] | None = None,
    details: Mapping[str, Detail] | None = None,
) -> JournalEntry:
    """An act that is still to be added; for many at once."""
    return JournalEntry(
        on=clock.today,
        at=clock.now,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        actor_name=actor.name,
        actor_unit_id=actor.unit_id,
        origin=actor.origin,
        verb=verb,
        subject=subject,
        assignment_id=assignment.id if assignment else None,
        from_state=states[0] if states else None,
        to_state=states[1] if states else None,
        data=_plain(details or {}),
    )


def stored_reason(reason: Text) -> str:
    """A reason of the program's own as the journal keeps it: read in any language later."""
    return json.dumps(to_json(reason))


def _plain(details: Mapping[str, Detail]) -> dict[str, object]:
    return {
        name: str(value) if isinstance(value, Decimal | date) else value
        for name, value in details.items()
        if value is not None
    }
