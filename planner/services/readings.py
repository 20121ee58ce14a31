"""Yearly readings of indicators: entered by the owner, decided by the lead, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, Stale
from planner.domain.readings import Known, ReadingVerb, check_value, check_year, doubt
from planner.domain.text import Text, t
from planner.domain.words import Direction, Outcome
from planner.models import ConfirmedBase, Indicator, IndicatorReading, JournalEntry
from planner.services import evidence, journal
from planner.services.evidence import EvidenceForm
from planner.services.reading_parties import (
    deciding_side,
    load_reading,
    owning_side,
    parties_of_indicator,
    tell,
)
from planner.services.scope import load_indicator
from planner.services.steps import optional_text, person_id, required_text

MAX_SOURCE = 500
"""Characters of a source."""

_WAITS = t("A reading of this year waits for its decision already: look at it first.")


@dataclass(frozen=True)
class ReadingForm:
    """A year's value and where it comes from; `estimated_by` says by which rule, if it was.

    `sure` repeats a value that looks wrong and is right nevertheless.
    """

    year: int
    value: Decimal | None
    source: str
    estimated_by: str | None = None
    evidence: EvidenceForm = field(default_factory=EvidenceForm)
    sure: Decimal | None = None


def enter(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, form: ReadingForm
) -> IndicatorReading:
    """Hand in a year's value; it counts once it is confirmed. A correction is entered alike.

    Raises NotFound, NotAllowed, BadInput, and Stale where one of the year is open.
    """
    indicator = load_indicator(db, actor, indicator_id)
    permissions.require(actor, ReadingVerb.ENTER, parties_of_indicator(db, indicator))
    check_year(form.year, indicator.base_year, indicator.target_year, clock.today)
    value = check_value(form.value, Direction(indicator.direction))
    check_sure(indicator, value, last_known(db, indicator, form.year), form.sure)
    reading = IndicatorReading(
        indicator_id=indicator.id,
        year=form.year,
        value=value,
        source=required_text(form.source, "source", MAX_SOURCE),
        estimated_by=optional_text(form.estimated_by, "estimated_by"),
    )
    store(db, actor, clock, reading)
    evidence.attach_to_readings(db, actor, [reading], [indicator.id], form.evidence)
    tell_entered(db, actor, clock, indicator, reading)
    return reading


def store(db: Session, actor: Actor, clock: Clock, reading: IndicatorReading) -> None:
    """Add a reading of this person, as of now. Raises Stale where one of its year is open."""
    reading.by_id, reading.on, reading.at = person_id(actor), clock.today, clock.now
    try:
        with db.begin_nested():
            db.add(reading)
    except IntegrityError:
        raise Stale(_WAITS) from None


def tell_entered(
    db: Session, actor: Actor, clock: Clock, indicator: Indicator, reading: IndicatorReading
) -> None:
    """Journal, and a message to those who decide."""
    entry = record_entered(db, actor, clock, reading)
    text = t("Reading to be decided: %(what)s", what=described(indicator, reading))
    tell(db, clock, entry, indicator, deciding_side(db, indicator), text)


def record_entered(
    db: Session, actor: Actor, clock: Clock, reading: IndicatorReading
) -> JournalEntry:
    """The journal's entry of a reading that was entered."""
    return journal.record(
        db,
        actor,
        clock,
        ReadingVerb.ENTER,
        f"indicator:{reading.indicator_id}",
        reading_id=reading.id,
        year=reading.year,
        value=reading.value,
        source=reading.source,
        estimated_by=reading.estimated_by,
    )


def described(indicator: Indicator, reading: IndicatorReading) -> Text:
    """Which reading it is, in words."""
    return t(
        "%(name)s (%(category)s) %(year)s: %(value)s %(measure)s",
        name=indicator.name,
        category=indicator.category,
        year=str(reading.year),
        value=reading.value,
        measure=indicator.measure,
    )


def take_back(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, reading_id: int
) -> IndicatorReading:
    """Take back what one entered oneself, while it is open."""
    indicator, reading = _begin(db, actor, ReadingVerb.TAKE_BACK, indicator_id, reading_id)
    _close(db, actor, clock, reading, Outcome.TAKEN_BACK)
    text = t("Reading taken back: %(what)s", what=described(indicator, reading))
    entry = _record(db, actor, clock, ReadingVerb.TAKE_BACK, reading)
    tell(db, clock, entry, indicator, deciding_side(db, indicator), text)
    return reading


def confirm(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, reading_id: int
) -> IndicatorReading:
    """Confirm a reading: from now on it is the one of its year that counts."""
    indicator, reading = _begin(db, actor, ReadingVerb.CONFIRM, indicator_id, reading_id)
    _close(db, actor, clock, reading, Outcome.GRANTED)
    text = t("Reading confirmed: %(what)s", what=described(indicator, reading))
    entry = _record(db, actor, clock, ReadingVerb.CONFIRM, reading)
    tell(db, clock, entry, indicator, owning_side(db, indicator), text)
    return reading


def of_one_sheet(db: Session, reading: IndicatorReading) -> Sequence[IndicatorReading]:
    """The open readings that were handed in with the same consumption sheet, this one too."""
    same = (
        IndicatorReading.by_id == reading.by_id,
        IndicatorReading.at == reading.at,
        IndicatorReading.year == reading.year,
        IndicatorReading.inputs.is_not(None),
        IndicatorReading.outcome.is_(None),
    )
    query = select(IndicatorReading).where(*same).order_by(IndicatorReading.id)
    return db.scalars(query).all() if reading.inputs else []


def confirm_sheet(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, reading_id: int
) -> Sequence[IndicatorReading]:
    """Confirm a reading with all others of its sheet that are open; one message for all.

    Raises Stale where the reading itself is decided already.
    """
    indicator, reading = _begin(db, actor, ReadingVerb.CONFIRM, indicator_id, reading_id)
    mates = of_one_sheet(db, reading) or [reading]
    for each in mates:
        _begin(db, actor, ReadingVerb.CONFIRM, each.indicator_id, each.id)
        _close(db, actor, clock, each, Outcome.GRANTED)
        entry = _record(db, actor, clock, ReadingVerb.CONFIRM, each)
    text = t(
        "Readings confirmed: %(count)s of %(year)s, by a consumption sheet",
        count=len(mates),
        year=str(reading.year),
    )
    tell(db, clock, entry, indicator, owning_side(db, indicator), text)
    return mates


def refuse(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, reading_id: int, reason: str
) -> IndicatorReading:
    """Refuse a reading, with the reason; the owner enters another one."""
    indicator, reading = _begin(db, actor, ReadingVerb.REFUSE, indicator_id, reading_id)
    why = required_text(reason, "reason")
    _close(db, actor, clock, reading, Outcome.REFUSED, why)
    text = t(
        "Reading refused: %(what)s. Reason: %(reason)s",
        what=described(indicator, reading),
        reason=why,
    )
    entry = _record(db, actor, clock, ReadingVerb.REFUSE, reading, why)
    tell(db, clock, entry, indicator, owning_side(db, indicator), text)
    return reading


def last_known(db: Session, indicator: Indicator, year: int) -> Known:
    """The last confirmed value up to a year; the base in force where there is none."""
    found = db.execute(
        select(IndicatorReading.year, IndicatorReading.value)
        .where(
            IndicatorReading.indicator_id == indicator.id,
            IndicatorReading.outcome == Outcome.GRANTED,
            IndicatorReading.year <= year,
        )
        .order_by(
            IndicatorReading.year.desc(),
            IndicatorReading.decided_at.desc(),
            IndicatorReading.id.desc(),
        )
        .limit(1)
    ).first()
    if found:
        return Known(found.year, found.value)
    settled = (
        select(ConfirmedBase.value)
        .where(ConfirmedBase.indicator_id == indicator.id)
        .order_by(ConfirmedBase.id.desc())
        .limit(1)
    )
    return Known(indicator.base_year, db.scalar(settled) or indicator.base)


def check_sure(indicator: Indicator, value: Decimal, known: Known, sure: Decimal | None) -> None:
    """Raises BadInput for a value that looks wrong, unless that very value was said to be right."""
    why = doubt(value, known, indicator.measure)
    if why is not None and sure != value:
        raise BadInput(
            t("%(doubt)s If it is right, tick that it is, and send it again.", doubt=why), "sure"
        )


def _begin(
    db: Session, actor: Actor, verb: ReadingVerb, indicator_id: int, reading_id: int
) -> tuple[Indicator, IndicatorReading]:
    """The indicator through the actor's scope, its reading, and whether the actor may."""
    indicator = load_indicator(db, actor, indicator_id)
    reading = load_reading(db, indicator, reading_id)
    permissions.require(actor, verb, parties_of_indicator(db, indicator, reading))
    return indicator, reading


def _close(
    db: Session,
    actor: Actor,
    clock: Clock,
    reading: IndicatorReading,
    outcome: Outcome,
    reason: str | None = None,
) -> None:
    """Decide it, once. Raises Stale where it is decided or taken back already."""
    claimed = db.scalars(
        update(IndicatorReading)
        .where(IndicatorReading.id == reading.id, IndicatorReading.outcome.is_(None))
        .values(
            outcome=outcome,
            decided_by_id=person_id(actor),
            decided_on=clock.today,
            decided_at=clock.now,
            decision_reason=reason,
        )
        .returning(IndicatorReading.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.refresh(reading)
    if not claimed:
        raise Stale(t("Somebody decided on this reading, or took it back, since you opened it."))


def _record(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: ReadingVerb,
    reading: IndicatorReading,
    reason: str | None = None,
) -> JournalEntry:
    return journal.record(
        db,
        actor,
        clock,
        verb,
        f"indicator:{reading.indicator_id}",
        reading_id=reading.id,
        year=reading.year,
        value=reading.value,
        reason=reason,
    )
