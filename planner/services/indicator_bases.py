"""Bases that the lead settles where the plan's own numbers contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.readings import Known, ReadingVerb, check_value
from planner.domain.text import t
from planner.domain.words import Direction
from planner.models import ConfirmedBase
from planner.services import journal
from planner.services.reading_parties import owning_side, parties_of_indicator, tell
from planner.services.readings import check_sure
from planner.services.scope import load_indicator
from planner.services.steps import person_id, required_text


@dataclass(frozen=True)
class BaseForm:
    """A base that the lead settles, and why; `sure` as in a reading."""

    value: Decimal | None
    reason: str
    sure: Decimal | None = None


def settle_base(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, form: BaseForm
) -> ConfirmedBase:
    """Record the base that counts where the plan's own numbers contradict each other.

    Raises BadInput for an indicator whose numbers agree, and for a base beyond the target.
    """
    indicator = load_indicator(db, actor, indicator_id)
    permissions.require(actor, ReadingVerb.SETTLE_BASE, parties_of_indicator(db, indicator))
    if indicator.consistent:
        raise BadInput(t("The plan's numbers agree here: the printed base counts."))
    value = check_value(form.value, Direction(indicator.direction))
    down = indicator.direction == Direction.DOWN
    if value < indicator.target if down else value > indicator.target:
        raise BadInput(t("The target lies on the wrong side of the base."), "value")
    check_sure(indicator, value, Known(indicator.base_year, indicator.base), form.sure)
    base = ConfirmedBase(
        indicator_id=indicator.id,
        value=value,
        reason=required_text(form.reason, "reason"),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(base)
    db.flush()
    verb, subject = ReadingVerb.SETTLE_BASE, f"indicator:{indicator.id}"
    entry = journal.record(db, actor, clock, verb, subject, value=value, reason=base.reason)
    text = t(
        "Base confirmed: %(name)s (%(category)s) %(value)s %(measure)s",
        name=indicator.name,
        category=indicator.category,
        value=value,
        measure=indicator.measure,
    )
    tell(db, clock, entry, indicator, owning_side(db, indicator), text)
    return base
