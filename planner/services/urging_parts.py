"""A batch's parts: each unit is urged in a short transaction of its own, by one slip and once.

What was done stays done when the batch is interrupted, and the rest is gone on with.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from planner.documents.slips import Item
from planner.domain import lifecycle
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import Repeated
from planner.domain.lifecycle import State, Verb
from planner.domain.text import Text, t
from planner.domain.words import SlipKind
from planner.models import Assignment, JournalEntry, Slip, Urge
from planner.services import forms, journal
from planner.services.plans import active_plan, reminder_rules
from planner.services.slips import SlipForm, make_slip, numbers_from
from planner.services.standing import standings
from planner.services.steps import person_id
from planner.services.urging import checked_answer_by
from planner.services.urging_many import Demand, begin_batch, choose
from planner.services.urging_preview import load_chosen, refusals
from planner.services.urging_telling import tell_unit

PART = "urge_unit"
"""The verb of the journal's entry that a part ends with."""


def urge_many(
    db: Session, actor: Actor, clock: Clock, ids: Sequence[int], demand: Demand
) -> JournalEntry:
    """A whole batch in the caller's one transaction, where nobody waits for it; its entry.

    Raises BadInput as `urging_many.choose` does.
    """
    chosen = choose(db, actor, clock, ids, demand)
    batch = begin_batch(db, actor, clock, chosen, secrets.token_urlsafe(16))
    for unit_id in parts_of(batch):
        urge_part(db, actor, clock, batch, unit_id)
    return batch


def parts_done(db: Session, batch: JournalEntry) -> Sequence[JournalEntry]:
    """The entries of the units that are done with, in order."""
    mine = JournalEntry.data["batch_id"].as_integer() == batch.id
    of_batch = select(JournalEntry).where(JournalEntry.verb == PART, mine)
    return db.scalars(of_batch.where(JournalEntry.id > batch.id).order_by(JournalEntry.id)).all()


def units_waiting(db: Session, batch: JournalEntry) -> list[int]:
    """The units that are still to be urged, in the batch's order."""
    done = {each.data["unit_id"] for each in parts_done(db, batch)}
    return [each for each in parts_of(batch) if each not in done]


def parts_of(batch: JournalEntry) -> Mapping[int, Sequence[int]]:
    """Unit id to the ids of its assignments, in the batch's order."""
    parts: dict[int, list[int]] = {}
    pairs = zip(batch.data.get("unit_ids", ()), batch.data.get("assignment_ids", ()), strict=True)
    for unit_id, assignment_id in pairs:
        parts.setdefault(unit_id, []).append(assignment_id)
    return parts


def urge_part(
    db: Session, actor: Actor, clock: Clock, batch: JournalEntry, unit_id: int
) -> JournalEntry | None:
    """Urge one unit of the batch; nothing if that was done. Each person is told once.

    What cannot be urged any more is left out with its reason. Raises BadInput if the slip's
    number was taken meanwhile, or the day for the answer has passed: `leave_part` notes that.
    """
    if not _begins(db, actor, clock, batch, unit_id):
        return None
    slip_form = _slip_form(batch, unit_id)
    answer_by = checked_answer_by(clock, date.fromisoformat(batch.data["answer_by"]))
    kind = None if slip_form is None else slip_form.kind
    chosen, left = _sorted_out(db, actor, clock, parts_of(batch)[unit_id], unit_id, kind)
    text: str = batch.data["text"]
    slip = _slip(db, actor, clock, slip_form, text, answer_by, chosen) if chosen else None
    urges = _add_urges(db, actor, clock, chosen, slip, text, answer_by)
    part = _end(db, actor, clock, batch, unit_id, urges, left)
    if urges:
        tell_unit(db, clock, part, urges)
    return part


def leave_part(
    db: Session, actor: Actor, clock: Clock, batch: JournalEntry, unit_id: int, reason: Text
) -> JournalEntry | None:
    """Note why a unit of the batch is not urged; nothing if it is done with."""
    if not _begins(db, actor, clock, batch, unit_id):
        return None
    left = dict.fromkeys(parts_of(batch)[unit_id], reason)
    return _end(db, actor, clock, batch, unit_id, [], left)


def _begins(db: Session, actor: Actor, clock: Clock, batch: JournalEntry, unit_id: int) -> bool:
    """Whether nobody did it: a second click and a form that is sent again go by the same token."""
    try:
        forms.use(db, actor, clock, f"{batch.data['form']}-{unit_id}")
    except Repeated:
        return False
    return True


def _slip_form(batch: JournalEntry, unit_id: int) -> SlipForm | None:
    """With the number that this unit has in the batch."""
    data: Mapping[str, Any] = batch.data
    if "kind" not in data:
        return None
    place = list(parts_of(batch)).index(unit_id)
    number = numbers_from(data["document"], place + 1)[-1]
    return SlipForm(SlipKind(data["kind"]), number, data["issuer"], data["signatory"])


def _sorted_out(
    db: Session,
    actor: Actor,
    clock: Clock,
    ids: Sequence[int],
    unit_id: int,
    kind: SlipKind | None,
) -> tuple[list[Assignment], Mapping[int, Text]]:
    """Those that are urged, their activity counters moved, and the others with the reason."""
    assignments = [each for each in load_chosen(db, actor, ids) if each.unit_id == unit_id]
    reasons = refusals(db, actor, clock, assignments, kind)
    claimed = _claim(db, [each.id for each in assignments if each.id not in reasons])
    chosen = [each for each in assignments if each.id in claimed]
    changed = t("Somebody acted on it just now.")
    return chosen, {each: reasons.get(each, changed) for each in ids if each not in claimed}


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


def _slip(
    db: Session,
    actor: Actor,
    clock: Clock,
    form: SlipForm | None,
    text: str,
    answer_by: date,
    chosen: Sequence[Assignment],
) -> Slip | None:
    if form is None:
        return None
    standing = standings(db, clock, reminder_rules(db, active_plan(db)).lights, chosen)
    items = [_item(each, standing[each.id].days_late) for each in chosen]
    unit = chosen[0].unit
    if unit is None:
        raise ValueError(f"assignment {chosen[0].id} was issued without unit")
    return make_slip(db, actor, clock, form, text, answer_by, unit, items)


def _item(assignment: Assignment, days_late: int) -> Item:
    if assignment.due_on is None:
        raise ValueError(f"assignment {assignment.id} was issued without due date")
    return Item(assignment.task.number, assignment.text, assignment.due_on, days_late)


def _add_urges(
    db: Session,
    actor: Actor,
    clock: Clock,
    chosen: Sequence[Assignment],
    slip: Slip | None,
    text: str,
    answer_by: date,
) -> list[Urge]:
    urges = [
        Urge(
            assignment=each,
            text=text,
            answer_by=answer_by,
            slip=slip,
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


def _end(
    db: Session,
    actor: Actor,
    clock: Clock,
    batch: JournalEntry,
    unit_id: int,
    urges: Sequence[Urge],
    left: Mapping[int, Text],
) -> JournalEntry:
    """The entry by which the outcome knows what became of the unit."""
    return journal.record(
        db,
        actor,
        clock,
        PART,
        f"unit:{unit_id}",
        batch_id=batch.id,
        unit_id=unit_id,
        urge_ids=[urge.id for urge in urges],
        left_ids=list(left),
        left_reasons=[journal.stored_reason(reason) for reason in left.values()],
    )
