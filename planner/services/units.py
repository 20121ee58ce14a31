"""Units and unit groups: kept by administrators, never deleted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain import permissions
from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.lifecycle import State
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.models import Assignment, Plan, Unit, UnitGroup, UnitGroupMember, User
from planner.services import journal, messages
from planner.services.fanning_out import fan_out
from planner.services.scope import family
from planner.services.steps import one_line, optional_text, required_text

MAX_NAME, MAX_WORD = 200, 40
CLOSED = (State.ACCEPTED, State.CANCELLED)


@dataclass(frozen=True)
class UnitForm:
    """What an administrator says of a unit; `aliases` are other names that files use.

    `sign_off`: its completions and requests go through its head (审签).
    """

    name: str
    superior_id: int | None = None
    sector: str | None = None
    ranking_group: str | None = None
    aliases: tuple[str, ...] = ()
    sign_off: bool = False


@dataclass(frozen=True)
class Branch:
    """A unit in the tree, `depth` levels below a unit without superior."""

    unit: Unit
    depth: int


def tree(db: Session) -> list[Branch]:
    """All units, each after its superior, siblings by name; one query."""
    query = select(Unit).options(joinedload(Unit.superior)).order_by(Unit.name, Unit.id)
    below: dict[int | None, list[Unit]] = {}
    for unit in db.scalars(query):
        below.setdefault(unit.superior_id, []).append(unit)
    found: list[Branch] = []
    waiting = [(unit, 0) for unit in reversed(below.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        found.append(Branch(unit, depth))
        waiting += [(each, depth + 1) for each in reversed(below.get(unit.id, []))]
    return found


def without_people(db: Session) -> Sequence[str]:
    """The names of active units that nobody can log in for: nobody there is told of anything."""
    peopled = select(User.unit_id).where(User.active, User.unit_id.is_not(None))
    query = select(Unit.name).where(Unit.active, Unit.id.not_in(peopled)).order_by(Unit.name)
    return db.scalars(query).all()


def active_units(db: Session) -> Sequence[Unit]:
    """The units that work can be given to, by name."""
    return db.scalars(select(Unit).where(Unit.active).order_by(Unit.name, Unit.id)).all()


def words_in_use(db: Session) -> tuple[list[str], list[str]]:
    """The sectors and the ranking groups that units already have, to choose again."""
    rows = db.execute(select(Unit.sector, Unit.ranking_group).distinct()).all()
    sectors = sorted({row.sector for row in rows if row.sector})
    return sectors, sorted({row.ranking_group for row in rows if row.ranking_group})


def load_unit(db: Session, unit_id: int) -> Unit:
    """A unit by id. Raises NotFound."""
    unit = db.get(Unit, unit_id, options=[joinedload(Unit.superior)])
    if unit is None:
        raise NotFound
    return unit


def open_work(db: Session, unit_id: int) -> int:
    """How many assignments of a unit are not closed, drafts included."""
    owed = select(func.count(Assignment.id)).where(
        Assignment.unit_id == unit_id, Assignment.state.not_in(CLOSED)
    )
    return db.scalar(owed) or 0


def form_of(unit: Unit) -> UnitForm:
    """What is known of a unit, to change a part of it."""
    return UnitForm(
        name=unit.name,
        superior_id=unit.superior_id,
        sector=unit.sector,
        ranking_group=unit.ranking_group,
        aliases=tuple(unit.aliases),
        sign_off=unit.sign_off,
    )


def add_unit(db: Session, actor: Actor, clock: Clock, form: UnitForm) -> Unit:
    """Make a unit. Raises BadInput for a name that is taken."""
    permissions.require(actor, Area.MANAGE_UNITS)
    unit = Unit(key=_new_key(), active=True)
    _fill(db, unit, form)
    db.add(unit)
    db.flush()
    _record(db, actor, clock, "unit_add", unit)
    return unit


def edit_unit(db: Session, actor: Actor, clock: Clock, unit_id: int, form: UnitForm) -> Unit:
    """Change a unit. Raises BadInput for a superior that stands below it."""
    permissions.require(actor, Area.MANAGE_UNITS)
    unit = load_unit(db, unit_id)
    _fill(db, unit, form)
    db.flush()
    _record(db, actor, clock, "unit_edit", unit)
    return unit


def deactivate_unit(db: Session, actor: Actor, clock: Clock, unit_id: int) -> Unit:
    """Give a unit no more work. Raises BadInput while it owes or leads some."""
    permissions.require(actor, Area.MANAGE_UNITS)
    unit = load_unit(db, unit_id)
    left = open_work(db, unit.id)
    if left:
        raise BadInput(
            t(
                "“%(unit)s” still has %(count)s assignments that are not closed. They must be "
                "accepted, cancelled or given to another unit first.",
                unit=unit.name,
                count=left,
            )
        )
    if db.scalar(select(exists().where(Plan.owner_id == unit.id))):
        raise BadInput(t("“%(unit)s” is the lead agency of the plan.", unit=unit.name))
    if unit.active:
        unit.active = False
        _record(db, actor, clock, "unit_deactivate", unit)
    return unit


def activate_unit(db: Session, actor: Actor, clock: Clock, unit_id: int) -> Unit:
    """Let a unit be given work again."""
    permissions.require(actor, Area.MANAGE_UNITS)
    unit = load_unit(db, unit_id)
    if not unit.active:
        unit.active = True
        _record(db, actor, clock, "unit_activate", unit)
    return unit


def groups(db: Session) -> Sequence[UnitGroup]:
    """All unit groups with their members, by name."""
    query = select(UnitGroup).options(selectinload(UnitGroup.members)).order_by(UnitGroup.name)
    return db.scalars(query).all()


def load_group(db: Session, group_id: int) -> UnitGroup:
    """A unit group with its members. Raises NotFound."""
    group = db.get(UnitGroup, group_id, options=[selectinload(UnitGroup.members)])
    if group is None:
        raise NotFound
    return group


def add_group(db: Session, actor: Actor, clock: Clock, name: str) -> UnitGroup:
    """Make an empty group. Raises BadInput for a name that is taken."""
    permissions.require(actor, Area.MANAGE_UNITS)
    name = _name(name)
    if db.scalar(select(UnitGroup.id).where(UnitGroup.name == name)):
        raise BadInput(t("There is a group of that name already."), "name")
    group = UnitGroup(key=_new_key(), name=name)
    db.add(group)
    db.flush()
    journal.record(db, actor, clock, "group_add", f"group:{group.id}", name=name)
    return group


def add_members(
    db: Session, actor: Actor, clock: Clock, group_id: int, unit_ids: Sequence[int]
) -> list[Assignment]:
    """Put units into a group; each gets a draft of every row of the group. Returns the drafts."""
    permissions.require(actor, Area.MANAGE_UNITS)
    group = load_group(db, group_id)
    here = {unit.id for unit in group.members}
    known = select(Unit.id).where(Unit.id.in_(unit_ids), Unit.active).order_by(Unit.id)
    new = [unit_id for unit_id in db.scalars(known) if unit_id not in here]
    if not new:
        raise BadInput(t("Choose at least one unit that is not a member yet."), "unit_ids")
    db.add_all(UnitGroupMember(group_id=group.id, unit_id=unit_id) for unit_id in new)
    db.flush()
    journal.record(
        db, actor, clock, "group_join", f"group:{group.id}", name=group.name, unit_ids=new
    )
    return fan_out(db, actor, clock, group)


def remove_member(
    db: Session, actor: Actor, clock: Clock, group_id: int, unit_id: int
) -> UnitGroup:
    """Take a unit out of a group. What it was given stays; the lead agency decides about it."""
    permissions.require(actor, Area.MANAGE_UNITS)
    member = db.get(UnitGroupMember, (group_id, unit_id))
    if member is None:
        raise NotFound
    group = load_group(db, group_id)
    db.delete(member)
    db.flush()
    journal.record(
        db, actor, clock, "group_leave", f"group:{group_id}", name=group.name, unit_ids=[unit_id]
    )
    return group


def _fill(db: Session, unit: Unit, form: UnitForm) -> None:
    name = _name(form.name)
    _check_free(db, unit, name)
    _check_superior(db, unit, form.superior_id)
    unit.name, unit.superior_id = name, form.superior_id
    unit.sector = _word(form.sector, "sector")
    unit.ranking_group = _word(form.ranking_group, "ranking_group")
    unit.aliases = [_name(alias, "aliases") for alias in form.aliases if alias.strip()]
    _check_sign_off(db, unit, form)
    unit.sign_off = form.sign_off


def _check_sign_off(db: Session, unit: Unit, form: UnitForm) -> None:
    """Raises BadInput where nobody could sign."""
    if not form.sign_off or unit.sign_off:
        return
    with db.no_autoflush:
        heads = messages.people(db, unit.id, Role.HEAD) if unit in db else ()
    if not heads:
        raise BadInput(t("This unit has no head with an account who could sign."), "sign_off")


def _check_free(db: Session, unit: Unit, name: str) -> None:
    with db.no_autoflush:
        holder = db.scalar(select(Unit.id).where(Unit.name == name))
    if holder is not None and holder != unit.id:
        raise BadInput(t("There is a unit of that name already."), "name")


def _check_superior(db: Session, unit: Unit, superior_id: int | None) -> None:
    """Raises BadInput for a superior that is unknown, the unit itself or a unit below it."""
    if superior_id is None:
        return
    superior = db.get(Unit, superior_id)
    if superior is None or not (superior.active or superior_id == unit.superior_id):
        raise BadInput(t("There is no such unit."), "superior_id")
    if unit in db and superior_id in set(db.scalars(family(unit.id))):
        raise BadInput(
            t("A unit cannot stand below itself or its own subordinates."), "superior_id"
        )


def _name(typed: str, field: str = "name") -> str:
    return required_text(one_line(typed), field, MAX_NAME)


def _word(typed: str | None, field: str) -> str | None:
    return optional_text(one_line(typed), field, MAX_WORD)


def _new_key() -> str:
    """A key for what no plan file names: units and groups made by hand."""
    return f"hand-{secrets.token_hex(6)}"


def _record(db: Session, actor: Actor, clock: Clock, verb: str, unit: Unit) -> None:
    db.flush()
    journal.record(
        db,
        actor,
        clock,
        verb,
        f"unit:{unit.id}",
        name=unit.name,
        superior_id=unit.superior_id,
        sector=unit.sector,
        ranking_group=unit.ranking_group,
        aliases=unit.aliases,
        sign_off=unit.sign_off,
    )
