"""Slips (提醒单, 催办单, 督办单): their numbers, who sees them, what is printed on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.documents.slips import Item, SlipPaper
from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.lifecycle import OPEN_STATES
from planner.domain.names import NAMES
from planner.domain.text import t
from planner.domain.words import SlipKind
from planner.models import Assignment, Slip, Task, Unit, Urge, UrgeAnswer
from planner.services.export import Column
from planner.services.scope import family
from planner.services.steps import MAX_DOCUMENT, one_line, person_id, required_text
from planner.services.urging import MAX_NAME

PREFIXES: Mapping[SlipKind, str] = {
    SlipKind.NOTICE: "提",
    SlipKind.DEMAND: "催",
    SlipKind.SUPERVISION: "督",
}

MAX_ISSUER = 200

_LAST_FIGURES = re.compile(r"[0-9]+(?=[^0-9]*$)")


@dataclass(frozen=True)
class SlipForm:
    """What a slip is made with; of a batch the first one's number, the others count on from it."""

    kind: SlipKind
    number: str
    issuer: str
    signatory: str


def next_number(db: Session, kind: SlipKind, year: int) -> str:
    """The number after the latest slip of this kind and year, free; in the words of that slip."""
    marked = f"〔{year}〕"
    latest = db.scalar(
        select(Slip.number)
        .where(Slip.kind == kind, Slip.number.contains(marked, autoescape=True))
        .order_by(Slip.id.desc())
        .limit(1)
    )
    following = _counting_on(latest, 1) if latest else None
    number = following or f"{PREFIXES[kind]}{marked}1号"
    taken = set(
        db.scalars(select(Slip.number).where(Slip.number.contains(marked, autoescape=True)))
    )
    while number in taken:
        number = _counting_on(number, 1) or number
    return number


def numbers_from(first: str, count: int) -> list[str]:
    """So many numbers from the first on. Raises BadInput where the first cannot be counted on."""
    found = [first, *(_counting_on(first, ahead) for ahead in range(1, count))]
    if any(number is None for number in found):
        raise BadInput(
            t("The number needs figures that can be counted on, such as 催〔2024〕3号."), "number"
        )
    return [number for number in found if number is not None]


def _counting_on(number: str, ahead: int) -> str | None:
    """The last figures of a number, counted on; the year in brackets is none of them."""
    found = _LAST_FIGURES.search(number)
    if found is None or number[found.end() : found.end() + 1] == "〕":
        return None
    figures = str(int(found.group()) + ahead).zfill(len(found.group()))
    return number[: found.start()] + figures + number[found.end() :]


def checked(form: SlipForm) -> SlipForm:
    """The same as it is kept. Raises BadInput for what is empty or too long."""
    return SlipForm(
        form.kind,
        required_text(one_line(form.number), "number", MAX_DOCUMENT - 4),
        required_text(one_line(form.issuer), "issuer", MAX_ISSUER),
        required_text(one_line(form.signatory), "signatory", MAX_NAME),
    )


def make_slip(
    db: Session,
    actor: Actor,
    clock: Clock,
    form: SlipForm,
    text: str,
    answer_by: date,
    unit: Unit,
    items: Iterable[Item],
) -> Slip:
    """One unit's slip, by a form that was `checked`. Raises BadInput if its number is taken."""
    check_free(db, [form.number])
    slip = Slip(
        kind=form.kind,
        number=form.number,
        unit_id=unit.id,
        issuer=form.issuer,
        addressee=unit.name,
        signatory=form.signatory,
        text=text,
        answer_by=answer_by,
        items=[_stored(item) for item in items],
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    try:
        with db.begin_nested():
            db.add(slip)
            db.flush()
    except IntegrityError as error:
        raise _is_taken(form.number) from error
    return slip


def check_free(db: Session, numbers: Sequence[str]) -> None:
    """Raises BadInput for a number that a slip has."""
    taken = db.scalars(
        select(Slip.number).where(Slip.number.in_(numbers)).order_by(Slip.id)
    ).first()
    if taken is not None:
        raise _is_taken(taken)


def _is_taken(number: str) -> BadInput:
    return BadInput(
        t("There is a slip with the number %(number)s already. Give another one.", number=number),
        "number",
    )


def _stored(item: Item) -> dict[str, object]:
    return {
        "number": item.number,
        "text": item.text,
        "due_on": item.due_on.isoformat(),
        "days_late": item.days_late,
    }


def paper_of(slip: Slip) -> SlipPaper:
    """What is printed: everything as it stood on the day of the slip."""
    return SlipPaper(
        kind=SlipKind(slip.kind),
        number=slip.number,
        issuer=slip.issuer,
        signatory=slip.signatory,
        addressee=slip.addressee,
        text=slip.text,
        items=list(_items(slip)),
        answer_by=slip.answer_by,
        on=slip.on,
    )


def _items(slip: Slip) -> Iterator[Item]:
    for each in slip.items:
        due_on = date.fromisoformat(each["due_on"])
        yield Item(each["number"], each["text"], due_on, each["days_late"])


def visible_slips(actor: Actor) -> ColumnElement[bool]:
    """The condition on `Slip` for what this actor may open.

    A unit sees what is addressed to it and to its subordinates; a coordinator also what is about
    work that their unit leads; supervisor and leader all.
    """
    if actor.kind is not ActorKind.PERSON or actor.has(Role.SUPERVISOR, Role.LEADER):
        return true()
    if actor.unit_id is None or not actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return ~true()
    addressed = Slip.unit_id.in_(family(actor.unit_id))
    if not actor.has(Role.COORDINATOR):
        return addressed
    led = (
        select(Urge.slip_id)
        .join(Urge.assignment)
        .join(Assignment.task)
        .where(Task.lead_unit_id == actor.unit_id, Urge.slip_id.is_not(None))
    )
    return or_(addressed, Slip.id.in_(led))


@dataclass(frozen=True)
class SlipFilter:
    """What the list of slips is narrowed to. `unanswered`: an urge of it waits for its answer."""

    words: str = ""
    kind: SlipKind | None = None
    unanswered: bool = False


def slip_list(actor: Actor, wanted: SlipFilter) -> Select[Slip]:
    """The slips that the actor may open, newest first, with all that a line shows."""
    query = (
        select(Slip)
        .where(visible_slips(actor))
        .options(
            joinedload(Slip.by),
            selectinload(Slip.urges).options(joinedload(Urge.answer), joinedload(Urge.assignment)),
        )
        .order_by(Slip.on.desc(), Slip.id.desc())
    )
    for word in wanted.words.split()[:8]:
        places = (Slip.number, Slip.addressee, Slip.issuer, Slip.signatory, Slip.text)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if wanted.kind is not None:
        query = query.where(Slip.kind == wanted.kind)
    return query.where(_unanswered()) if wanted.unanswered else query


def _unanswered() -> ColumnElement[bool]:
    return exists().where(
        Urge.slip_id == Slip.id,
        Assignment.id == Urge.assignment_id,
        Assignment.state.in_(OPEN_STATES),
        ~exists().where(UrgeAnswer.urge_id == Urge.id).correlate(Urge),
    )


def load_slip(db: Session, actor: Actor, slip_id: int) -> Slip:
    """A slip through the actor's scope. Raises NotFound outside it."""
    query = slip_list(actor, SlipFilter()).where(Slip.id == slip_id)
    found = db.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def answered(slip: Slip) -> int:
    """How many of its urges were answered."""
    return sum(urge.answer is not None for urge in slip.urges)


COLUMNS: Sequence[Column[Slip]] = (
    Column(t("Document number"), 18, lambda slip: slip.number),
    Column(t("Kind"), 12, lambda slip: NAMES[SlipKind(slip.kind)]),
    Column(t("Unit"), 22, lambda slip: slip.addressee),
    Column(t("Issued by"), 24, lambda slip: slip.issuer),
    Column(t("Signatory"), 12, lambda slip: slip.signatory),
    Column(t("Issued on"), 12, lambda slip: slip.on),
    Column(t("Answer by"), 12, lambda slip: slip.answer_by),
    Column(t("Assignments"), 10, lambda slip: len(slip.items)),
    Column(t("Answered"), 10, answered),
    Column(t("Text"), 60, lambda slip: slip.text),
)
"""What the list is exported with."""
