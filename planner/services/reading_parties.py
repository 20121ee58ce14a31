"""Who is who where an indicator's readings are concerned: its owner, and those who decide."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Role
from planner.domain.clock import Clock
from planner.domain.errors import NotFound
from planner.domain.permissions import Parties
from planner.domain.text import Text
from planner.models import Indicator, IndicatorReading, JournalEntry, Plan, User
from planner.services import messages


def lead_of(db: Session, indicator: Indicator) -> int:
    """The plan's lead agency."""
    return db.get_one(Plan, indicator.plan_id).owner_id


def parties_of_indicator(
    db: Session, indicator: Indicator, reading: IndicatorReading | None = None
) -> Parties:
    """The facts that permissions read of an indicator, and of one of its readings."""
    entered_by = frozenset({reading.by_id} if reading else ())
    return Parties(
        lead_unit_id=lead_of(db, indicator),
        unit_id=indicator.owner_id,
        asked_by=entered_by,
        requested_by=entered_by,
    )


def load_reading(db: Session, indicator: Indicator, reading_id: int) -> IndicatorReading:
    """A reading through its indicator. Raises NotFound for any other's."""
    found = db.scalar(
        select(IndicatorReading).where(
            IndicatorReading.id == reading_id, IndicatorReading.indicator_id == indicator.id
        )
    )
    if found is None:
        raise NotFound
    return found


def tell(
    db: Session,
    clock: Clock,
    entry: JournalEntry,
    indicator: Indicator,
    people: Sequence[User],
    text: Text,
) -> None:
    """Tell people at once what happened to a reading, with the indicator's page."""
    path = f"/indicators/{indicator.id}"
    messages.tell(db, clock, entry, people, text, None, path=path)


def owning_side(db: Session, indicator: Indicator) -> Sequence[User]:
    """Those who answer for it: liaison and head, the coordinator too in the lead agency."""
    leads = indicator.owner_id == lead_of(db, indicator)
    return messages.people(db, indicator.owner_id, *messages.answering_roles(leads))


def deciding_side(db: Session, indicator: Indicator) -> Sequence[User]:
    """The lead's coordinators; the supervisors where the lead itself is the owner."""
    lead = lead_of(db, indicator)
    if indicator.owner_id == lead:
        return messages.people(db, None, Role.SUPERVISOR)
    return messages.people(db, lead, Role.COORDINATOR)
