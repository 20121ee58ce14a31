"""Urging a whole list: who is urged is settled first, then each unit by itself (`urging_parts`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.models import JournalEntry
from planner.services import forms, journal
from planner.services.plans import active_plan
from planner.services.slips import SlipForm, check_free, checked, numbers_from
from planner.services.steps import required_text
from planner.services.urging import checked_answer_by
from planner.services.urging_preview import MOST_AT_ONCE, load_chosen, refusals

BATCH = "urge_many"
"""The verb of the journal's entry that a batch begins with."""


@dataclass(frozen=True)
class Demand:
    """What is demanded of all of them; `slip` where it goes out on paper too."""

    text: str
    answer_by: date | None
    slip: SlipForm | None = None


@dataclass(frozen=True)
class Chosen:
    """Whom a batch urges: ids of assignments by the id of their unit, in the plan's order.

    `left` are those that cannot be urged, with the reason.
    """

    demand: Demand
    parts: Mapping[int, Sequence[int]]
    left: Sequence[tuple[int, Text]]


def choose(db: Session, actor: Actor, clock: Clock, ids: Sequence[int], demand: Demand) -> Chosen:
    """Settle who is urged with which words. Only reads.

    Raises BadInput if nothing is chosen or can be urged, for words that will not do, and for a
    slip's number that is taken.
    """
    permissions.require(actor, Area.URGE_MANY)
    demand = _checked(clock, demand)
    if not ids:
        raise BadInput(t("Choose at least one assignment."), "ids")
    if len(ids) > MOST_AT_ONCE:
        raise BadInput(t("At most %(most)s are urged at once.", most=MOST_AT_ONCE), "ids")
    assignments = load_chosen(db, actor, ids)
    reasons = refusals(db, actor, clock, assignments, demand.slip.kind if demand.slip else None)
    parts: dict[int, list[int]] = {}
    for each in assignments:
        if each.id not in reasons and each.unit_id is not None:
            parts.setdefault(each.unit_id, []).append(each.id)
    if not parts:
        raise BadInput(next(iter(reasons.values()), t("None of these can be urged.")), "ids")
    if demand.slip is not None:
        check_free(db, numbers_from(demand.slip.number, len(parts)))
    return Chosen(demand, parts, list(reasons.items()))


def _checked(clock: Clock, demand: Demand) -> Demand:
    text, answer_by = required_text(demand.text, "text"), demand.answer_by
    slip = None if demand.slip is None else checked(demand.slip)
    return Demand(text, checked_answer_by(clock, answer_by), slip)


def begin_batch(
    db: Session, actor: Actor, clock: Clock, chosen: Chosen, form_token: str
) -> JournalEntry:
    """Note what is to be done; `urging_parts` does it, and `urging_outcome` tells how far it is.

    Raises Repeated if this form has begun one: `batch_of` finds it.
    """
    forms.use(db, actor, clock, form_token)
    demand, slip = chosen.demand, chosen.demand.slip
    return journal.record(
        db,
        actor,
        clock,
        BATCH,
        f"plan:{active_plan(db).id}",
        form=form_token,
        assignment_ids=[each for ids in chosen.parts.values() for each in ids],
        unit_ids=[unit_id for unit_id, ids in chosen.parts.items() for _ in ids],
        left_ids=[each for each, _ in chosen.left],
        left_reasons=[journal.stored_reason(reason) for _, reason in chosen.left],
        text=demand.text,
        answer_by=demand.answer_by,
        kind=slip.kind if slip else None,
        document=slip.number if slip else None,
        issuer=slip.issuer if slip else None,
        signatory=slip.signatory if slip else None,
    )


def batch_of(db: Session, actor: Actor, form_token: str) -> JournalEntry | None:
    """The batch that this form has begun, if it did."""
    return db.scalar(
        select(JournalEntry).where(
            JournalEntry.verb == BATCH,
            JournalEntry.actor_id == actor.user_id,
            JournalEntry.data["form"].as_string() == form_token,
        )
    )
