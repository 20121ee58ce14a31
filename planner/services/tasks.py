"""Tasks by hand: adding one, adding rows to it, its completion standard and proof list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotAllowed, Stale
from planner.domain.lifecycle import State
from planner.domain.measures import check_whole
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.domain.words import Method, Origin, Part, TaskKind
from planner.models import Action, Assignment, ProofItem, Task, Unit
from planner.services import breakdown, journal
from planner.services.due_dates import check_due, set_due
from planner.services.plans import active_plan
from planner.services.scope import leads, load_task
from planner.services.steps import MAX_DOCUMENT, optional_text, positive, required_text

MAX_NUMBER, MAX_NAME, MAX_ITEM, MAX_ITEMS = 40, 200, 300, 50


@dataclass(frozen=True)
class ProofLine:
    """One line of a proof list as it is typed."""

    item: str
    required: bool = True


@dataclass(frozen=True)
class StandardForm:
    """What counts as done, and what must be handed in to prove it."""

    completion_standard: str | None = None
    proof: Sequence[ProofLine] = ()
    evidence_required: bool = True


@dataclass(frozen=True)
class RowForm:
    """What one or several units are to owe. `amount` in `measure` is for each of them."""

    text: str
    unit_ids: Sequence[int]
    due_on: date | None
    part: Part = Part.RESPONSIBLE
    method: Method = Method.BINARY
    amount: Decimal | None = None
    measure: str | None = None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class TaskForm:
    """A task as the coordinator enters it, with the first assignments."""

    action_id: int
    number: str
    sentence: str
    origin: Origin
    kind: TaskKind
    standard: StandardForm
    row: RowForm
    section: str | None = None
    document_number: str | None = None


def add_task(db: Session, actor: Actor, clock: Clock, form: TaskForm) -> Task:
    """Add a task that the actor's unit leads, with one draft assignment for each chosen unit.

    Raises BadInput for an action outside the plan, a number that is taken, or a bad row.
    """
    permissions.require(actor, Area.ADD_TASK)
    lead_id = check_lead(db, actor)
    action = _action(db, form.action_id)
    task = Task(
        action_id=action.id,
        key=f"added-{uuid4().hex[:16]}",
        number=_free_number(db, action.plan_id, form.number),
        position=_next_position(db, action.id),
        section=optional_text(form.section, "section", MAX_NAME) or "",
        sentence=required_text(form.sentence, "sentence"),
        origin=form.origin,
        document_number=_document(form),
        kind=form.kind,
        lead_unit_id=lead_id,
    )
    db.add(task)
    _set_standard(task, form.standard)
    db.flush()
    journal.record(db, actor, clock, "create", f"task:{task.id}", number=task.number)
    _add_rows(db, actor, clock, task, form.row)
    return task


def check_lead(db: Session, actor: Actor) -> int:
    """The actor's unit, if it owns the plan or leads a task already. Raises NotAllowed."""
    if actor.unit_id is None:
        raise NotAllowed(t("Only a unit can lead a task, and you belong to none."))
    if not leads(db, actor):
        raise NotAllowed(t("Only a unit that leads the plan or a task of it adds tasks."))
    return actor.unit_id


def add_rows(
    db: Session, actor: Actor, clock: Clock, task_id: int, form: RowForm
) -> Sequence[Assignment]:
    """Add a draft assignment to a task for each chosen unit, or one without unit yet."""
    task = own_task(db, actor, task_id)
    if not form.unit_ids:
        return [_add_row(db, actor, clock, task, None, form)]
    return _add_rows(db, actor, clock, task, form)


def edit_standard(
    db: Session,
    actor: Actor,
    clock: Clock,
    task_id: int,
    form: StandardForm,
    seen: int | None = None,
) -> Task:
    """Change what counts as done and the proof list; reviews keep the words of their day.

    `seen` is the version that the form was made from. Raises Stale if it has moved since.
    """
    task = own_task(db, actor, task_id)
    claim(db, task, seen)
    _set_standard(task, form)
    db.flush()
    journal.record(
        db,
        actor,
        clock,
        "edit",
        f"task:{task.id}",
        completion_standard=task.completion_standard,
        proof=[item.item for item in task.proof_items],
        required=[item.item for item in task.proof_items if item.required],
        evidence_required=task.evidence_required,
    )
    return task


def claim(db: Session, task: Task, seen: int | None) -> None:
    """Move the task's version. Raises Stale if it is not the one that the form was made from."""
    claimed = db.scalars(
        update(Task)
        .where(Task.id == task.id, Task.version == (task.version if seen is None else seen))
        .values(version=Task.version + 1)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.refresh(task)
    if not claimed:
        raise Stale(t("Somebody acted on this since you opened it. Nothing of yours is lost."))


def own_task(db: Session, actor: Actor, task_id: int) -> Task:
    """A task that the actor may edit: a coordinator's, whose unit leads it."""
    task = load_task(db, actor, task_id)
    permissions.require(actor, Area.EDIT_TASK)
    if not may_edit(actor, task):
        raise NotAllowed(t("This belongs to another unit."))
    return task


def may_edit(actor: Actor, task: Task) -> bool:
    """Whether the actor may add rows to a task and edit its standard."""
    return permissions.may(actor, Area.EDIT_TASK) and actor.unit_id == task.lead_unit_id


def _action(db: Session, action_id: int) -> Action:
    plan = active_plan(db)
    found = db.scalar(select(Action).where(Action.id == action_id, Action.plan_id == plan.id))
    if found is None:
        raise BadInput(t("Please choose an action of the plan."), "action_id")
    return found


def _free_number(db: Session, plan_id: int, number: str) -> str:
    wanted = required_text(number, "number", MAX_NUMBER)
    taken = select(Task.id).join(Task.action).where(Action.plan_id == plan_id)
    if db.scalar(taken.where(Task.number == wanted).limit(1)):
        raise BadInput(t("There is a task %(number)s already.", number=wanted), "number")
    return wanted


def _next_position(db: Session, action_id: int) -> int:
    last = db.scalar(select(func.max(Task.position)).where(Task.action_id == action_id))
    return (last or 0) + 1


def _document(form: TaskForm) -> str | None:
    """What comes from a superior or a directive stands on a paper with a number."""
    document = optional_text(form.document_number, "document_number", MAX_DOCUMENT)
    if document is None and form.origin in (Origin.SUPERIOR, Origin.DIRECTIVE):
        raise BadInput(t("Give the number of the document it comes from."), "document_number")
    return document


def _set_standard(task: Task, form: StandardForm) -> None:
    task.completion_standard = optional_text(form.completion_standard, "completion_standard")
    task.evidence_required = form.evidence_required
    lines = [(line.item.strip(), line.required) for line in form.proof if line.item.strip()]
    if len(lines) > MAX_ITEMS:
        raise BadInput(t("At most %(limit)s items.", limit=MAX_ITEMS), "proof")
    for item, _ in lines:
        required_text(item, "proof", MAX_ITEM)
    _replace_proof(task, lines)


def _replace_proof(task: Task, lines: Sequence[tuple[str, bool]]) -> None:
    """Items keep their rows by position, so that two never stand at one place."""
    kept = task.proof_items[: len(lines)]
    for proof, (item, required) in zip(kept, lines, strict=False):
        proof.item, proof.required = item, required
    del task.proof_items[len(lines) :]
    for position, (item, required) in enumerate(lines[len(kept) :], len(kept) + 1):
        task.proof_items.append(ProofItem(position=position, item=item, required=required))


def _add_rows(
    db: Session, actor: Actor, clock: Clock, task: Task, form: RowForm
) -> Sequence[Assignment]:
    if not form.unit_ids:
        raise BadInput(t("Choose at least one unit."), "unit_ids")
    units = db.scalars(select(Unit).where(Unit.id.in_(form.unit_ids), Unit.active)).all()
    if len(units) != len(set(form.unit_ids)):
        raise BadInput(t("There is no such unit."), "unit_ids")
    by_id = {unit.id: unit for unit in units}
    chosen = [by_id[unit_id] for unit_id in dict.fromkeys(form.unit_ids)]
    return [_add_row(db, actor, clock, task, unit, form) for unit in chosen]


def _add_row(
    db: Session, actor: Actor, clock: Clock, task: Task, unit: Unit | None, form: RowForm
) -> Assignment:
    amount, measure = _amount(form)
    due_on = check_due(task, form.due_on)
    row = Assignment(
        task_id=task.id,
        unit_id=unit.id if unit else None,
        text=required_text(form.text, "text"),
        part=form.part,
        method=form.method,
        amount=amount,
        measure=measure,
        weight=positive(form.weight, "weight"),
        state=State.DRAFT,
    )
    db.add(row)
    db.flush()
    set_due(db, actor, clock, row, due_on)
    journal.record(
        db,
        actor,
        clock,
        "create",
        f"assignment:{row.id}",
        assignment=row,
        unit_id=row.unit_id,
        due_on=due_on,
    )
    return row


def _amount(form: RowForm) -> tuple[Decimal | None, str | None]:
    """Amount and measure belong to work that is counted by amount, and only there."""
    if form.method is not Method.PROPORTIONAL:
        return None, None
    if form.amount is None:
        raise BadInput(t("What is counted by amount needs its amount."), "amount")
    amount, measure = positive(form.amount, "amount"), breakdown.measured_in(form.measure)
    check_whole(amount, measure)
    return amount, measure
