"""What units say needs coordination (需协调事项), and how the lead settled it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotAllowed, NotFound
from planner.domain.lifecycle import OPEN_STATES
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.models import Assignment, Settlement, Submission, Task, Unit
from planner.services import journal, messages
from planner.services.export import Column
from planner.services.paging import Page, paginate
from planner.services.scope import visible_assignments
from planner.services.steps import person_id, required_text
from planner.services.tasks import may_edit

Show: TypeAlias = Literal["open", "settled", "all"]

MOST_WORDS = 8


@dataclass(frozen=True)
class MatterFilter:
    """What the list is narrowed to. Open is what is unsettled while its assignment is open.

    `since` is the first day of report.
    """

    text: str = ""
    unit: int | None = None
    show: Show = "open"
    since: date | None = None


def matters_page(db: Session, actor: Actor, wanted: MatterFilter, number: int) -> Page[Submission]:
    """One page of the matters, newest first, with a fixed number of queries."""
    return paginate(db, _matters(actor, wanted), number)


def whole_list(db: Session, actor: Actor, wanted: MatterFilter) -> Sequence[Submission]:
    """All of them, newest first."""
    return db.scalars(_matters(actor, wanted)).unique().all()


def count_open(db: Session, actor: Actor, unit: int | None = None) -> int:
    """How many matters are open."""
    found = _matters(actor, MatterFilter(unit=unit)).with_only_columns(Submission.id).order_by(None)
    return db.scalar(select(func.count()).select_from(found.subquery())) or 0


def units_concerned(db: Session, actor: Actor) -> Sequence[tuple[int, str]]:
    """The units that the list can be narrowed to: id and name."""
    owing = _matters(actor, MatterFilter(show="all")).with_only_columns(Assignment.unit_id)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(owing.order_by(None)))
    return [(row.id, row.name) for row in db.execute(query.order_by(Unit.name, Unit.id))]


def settle(db: Session, actor: Actor, clock: Clock, submission_id: int, text: str) -> Settlement:
    """Note how a matter was settled, and tell the unit. By the coordinator whose unit leads it.

    Raises NotFound, NotAllowed, and BadInput for one that is settled already.
    """
    submission = load_matter(db, actor, submission_id, hold=True)
    assignment = submission.assignment
    permissions.require(actor, Area.EDIT_TASK)
    if not may_edit(actor, assignment.task):
        raise NotAllowed(t("This belongs to another unit."))
    if submission.settlement is not None:
        raise BadInput(t("This was settled already."))
    settlement = Settlement(
        submission_id=submission.id,
        text=required_text(text, "text"),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(settlement)
    entry = journal.record(
        db,
        actor,
        clock,
        "settle",
        f"assignment:{assignment.id}",
        assignment=assignment,
        submission_id=submission.id,
        reason=settlement.text,
    )
    said = t("Coordinated: %(text)s", text=settlement.text)
    messages.tell(db, clock, entry, messages.unit_side(db, assignment), said, assignment)
    return settlement


def load_matter(db: Session, actor: Actor, submission_id: int, *, hold: bool = False) -> Submission:
    """A matter in the actor's scope; with `hold` nobody else settles it meanwhile.

    Raises NotFound outside the scope, and for a submission that needs no coordination.
    """
    query = (
        select(Submission)
        .join(Submission.assignment)
        .where(Submission.id == submission_id, needs_coordination(), visible_assignments(actor))
    )
    found = db.scalar(query.with_for_update(key_share=True, of=Submission) if hold else query)
    if found is None:
        raise NotFound
    return found


def needs_coordination() -> ColumnElement[bool]:
    """The condition on `Submission` for what says that something needs coordination."""
    return Submission.coordination.is_not(None) & Submission.withdrawn_on.is_(None)


def _matters(actor: Actor, wanted: MatterFilter) -> Select[Submission]:
    assignment = contains_eager(Submission.assignment)
    query = (
        select(Submission)
        .join(Submission.assignment)
        .join(Assignment.task)
        .join(Assignment.unit)
        .outerjoin(Submission.settlement)
        .where(needs_coordination(), visible_assignments(actor))
        .where(*(_matches(word) for word in wanted.text.split()[:MOST_WORDS]))
        .options(
            assignment.contains_eager(Assignment.task),
            assignment.contains_eager(Assignment.unit),
            contains_eager(Submission.settlement).joinedload(Settlement.by),
            joinedload(Submission.by),
        )
        .order_by(Submission.on.desc(), Submission.id.desc())
    )
    if wanted.unit is not None:
        query = query.where(Assignment.unit_id == wanted.unit)
    if wanted.since is not None:
        query = query.where(Submission.on >= wanted.since)
    if wanted.show == "settled":
        return query.where(Settlement.id.is_not(None))
    if wanted.show == "open":
        return query.where(Settlement.id.is_(None), Assignment.state.in_(OPEN_STATES))
    return query


def _matches(word: str) -> ColumnElement[bool]:
    texts = (Task.number, Task.sentence, Assignment.text, Unit.name, Submission.coordination)
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _unit_name(matter: Submission) -> str | None:
    unit = matter.assignment.unit
    return unit.name if unit else None


COLUMNS: Sequence[Column[Submission]] = (
    Column(t("Reported on"), 12, lambda matter: matter.on),
    Column(t("Unit"), 20, _unit_name),
    Column(t("Number"), 8, lambda matter: matter.assignment.task.number),
    Column(t("Assignment"), 48, lambda matter: matter.assignment.text),
    Column(t("Needs coordination"), 60, lambda matter: matter.coordination),
    Column(t("Problems"), 40, lambda matter: matter.problems),
    Column(t("Settled on"), 12, lambda m: m.settlement.on if m.settlement else None),
    Column(t("How it was settled"), 48, lambda m: m.settlement.text if m.settlement else None),
)
"""What the list is exported with."""
