"""Urging a whole list at once, each unit by one slip and each person by one message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from planner.documents.slips import Item
from planner.domain import lifecycle, permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State, Verb
from planner.domain.permissions import Area
from planner.domain.text import Text, t, to_json
from planner.domain.words import SlipKind
from planner.models import Assignment, JournalEntry, Slip, Unit, Urge
from planner.services import journal
from planner.services.plans import active_plan, reminder_rules
from planner.services.slips import SlipForm, make_slips
from planner.services.standing import standings
from planner.services.steps import parties_of_many, person_id, required_text
from planner.services.urging import checked_answer_by
from planner.services.urging_preview import MOST_AT_ONCE, load_chosen, refusal_of
from planner.services.urging_telling import tell_units


@dataclass(frozen=True)
class Demand:
    """What is demanded of all of them; `slip` where it goes out on paper too."""

    text: str
    answer_by: date | None
    slip: SlipForm | None = None


def urge_many(
    db: Session, actor: Actor, clock: Clock, ids: Sequence[int], demand: Demand
) -> JournalEntry:
    """Urge all of these; each gets its own urge and journal entry, each person one message.

    What cannot be urged is left out with its reason. The act's journal entry is returned, which
    `urging_outcome` makes the outcome of. Raises BadInput if nothing is chosen or can be urged.
    """
    permissions.require(actor, Area.URGE_MANY)
    text = required_text(demand.text, "text")
    answer_by = checked_answer_by(clock, demand.answer_by)
    if not ids:
        raise BadInput(t("Choose at least one assignment."), "ids")
    if len(ids) > MOST_AT_ONCE:
        raise BadInput(t("At most %(most)s are urged at once.", most=MOST_AT_ONCE), "ids")
    chosen, left = _sorted_out(db, actor, clock, ids, demand.slip.kind if demand.slip else None)
    slips = _slips(db, actor, clock, demand, text, answer_by, chosen)
    urges = _add_urges(db, actor, clock, chosen, slips, text, answer_by)
    whole = journal.record(
        db,
        actor,
        clock,
        "urge_many",
        f"plan:{active_plan(db).id}",
        urge_ids=[urge.id for urge in urges],
        left_ids=[assignment.id for assignment, _ in left],
        left_reasons=[json.dumps(to_json(reason)) for _, reason in left],
        text=text,
        answer_by=answer_by,
    )
    tell_units(db, clock, whole, urges)
    return whole


def _sorted_out(
    db: Session, actor: Actor, clock: Clock, ids: Sequence[int], kind: SlipKind | None
) -> tuple[list[Assignment], list[tuple[Assignment, Text]]]:
    """Those that are urged, their activity counters moved, and the others with the reason."""
    assignments = load_chosen(db, actor, ids)
    parties = parties_of_many(db, assignments, clock)
    reasons = {each.id: refusal_of(actor, each, kind, parties[each.id]) for each in assignments}
    claimed = _claim(db, [each for each, reason in reasons.items() if reason is None])
    changed = t("Somebody acted on it just now.")
    chosen = [each for each in assignments if each.id in claimed]
    left = [(each, reasons[each.id] or changed) for each in assignments if each.id not in claimed]
    if not chosen:
        raise BadInput(left[0][1] if left else t("None of these can be urged."), "ids")
    return chosen, left


def _claim(db: Session, ids: Sequence[int]) -> set[int]:
    """Move the activity counters of those that can still be urged; which they are."""
    moved = (
        update(Assignment)
        .where(
            Assignment.id.in_(ids),
            Assignment.state.in_(lifecycle.TRANSITIONS[Verb.URGE].sources),
        )
        .values(activity=Assignment.activity + 1)
        .returning(Assignment.id)
        .execution_options(synchronize_session=False)
    )
    return set(db.scalars(moved))


def _slips(
    db: Session,
    actor: Actor,
    clock: Clock,
    demand: Demand,
    text: str,
    answer_by: date,
    chosen: Sequence[Assignment],
) -> Mapping[int, Slip]:
    """One slip a unit, by unit id; none where none was asked for."""
    if demand.slip is None:
        return {}
    lights = reminder_rules(db, active_plan(db)).lights
    standing = standings(db, clock, lights, chosen)
    items: dict[Unit, list[Item]] = {}
    for each in chosen:
        if each.unit is None or each.due_on is None:
            raise ValueError(f"assignment {each.id} was issued without unit or due date")
        late = standing[each.id].days_late
        item = Item(each.task.number, each.text, each.due_on, late)
        items.setdefault(each.unit, []).append(item)
    return make_slips(db, actor, clock, demand.slip, text, answer_by, items)


def _add_urges(
    db: Session,
    actor: Actor,
    clock: Clock,
    chosen: Sequence[Assignment],
    slips: Mapping[int, Slip],
    text: str,
    answer_by: date,
) -> list[Urge]:
    urges = [
        Urge(
            assignment=each,
            text=text,
            answer_by=answer_by,
            slip=slips.get(each.unit_id or 0),
            by_id=person_id(actor),
            on=clock.today,
            at=clock.now,
        )
        for each in chosen
    ]
    db.add_all(urges)
    db.flush()
    db.add_all(_entry(actor, clock, urge) for urge in urges)
    db.flush()
    return urges


def _entry(actor: Actor, clock: Clock, urge: Urge) -> JournalEntry:
    """The act as it stands on the assignment's time line."""
    assignment = urge.assignment
    state = State(assignment.state)
    return journal.entry_of(
        actor,
        clock,
        Verb.URGE,
        f"assignment:{assignment.id}",
        assignment=assignment,
        states=(state, state),
        details={
            "version": assignment.version,
            "urge_id": urge.id,
            "answer_by": urge.answer_by,
            "slip_id": urge.slip_id,
        },
    )
