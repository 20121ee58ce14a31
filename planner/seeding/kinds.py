"""How each field of the file is read from its row and written to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from planner.domain.lifecycle import State
from planner.domain.reporting import Reporting
from planner.domain.text import Json, Text, t
from planner.domain.words import DueBasis, Rhythm
from planner.models import (
    Action,
    Assignment,
    Indicator,
    Note,
    Plan,
    ProofItem,
    RuleSet,
    Target,
    Task,
    Unit,
    UnitGroup,
    UnitGroupMember,
)
from planner.seeding.stock import Stock
from planner.seeding.things import Thing, amount_text
from planner.services import reports
from planner.services.due_dates import set_due
from planner.services.plans import store_rules


@dataclass(frozen=True)
class Field:
    """One value of a row as the file writes it; `late` ones need the row's id first."""

    read: Callable[[Stock, Any], Any]
    write: Callable[[Stock, Any, Any], None]
    late: bool = False


def _column(name: str) -> Field:
    return Field(
        lambda stock, row: getattr(row, name), lambda stock, row, value: setattr(row, name, value)
    )


def _day(name: str) -> Field:
    return Field(
        lambda stock, row: getattr(row, name).isoformat(),
        lambda stock, row, value: setattr(row, name, date.fromisoformat(value)),
    )


def _amount(name: str) -> Field:
    return Field(
        lambda stock, row: amount_text(getattr(row, name)),
        lambda stock, row, value: setattr(row, name, Decimal(value)),
    )


def _reference(kind: str, name: str) -> Field:
    return Field(
        lambda stock, row: stock.key_of(kind, getattr(row, name)),
        lambda stock, row, key: setattr(row, name, stock.id_of(kind, key)),
    )


def _notes(owner: str) -> Field:
    column = getattr(Note, owner)

    def read(stock: Stock, row: Any) -> Json:
        of_plan = select(Note).where(column == row.id).order_by(Note.id)
        found = stock.db.scalars(of_plan) if isinstance(row, Plan) else row.notes
        return [{"text": each.text, "reading": each.reading} for each in found]

    def write(stock: Stock, row: Any, values: list[dict[str, str]]) -> None:
        stock.db.execute(delete(Note).where(column == row.id))
        stock.db.add_all(Note(**{owner: row.id}, **each) for each in values)

    return Field(read, write, late=True)


def _read_period(_stock: Stock, plan: Plan) -> Json:
    return {"starts": plan.starts_on.isoformat(), "ends": plan.ends_on.isoformat()}


def _write_period(_stock: Stock, plan: Plan, value: dict[str, str]) -> None:
    plan.starts_on = date.fromisoformat(value["starts"])
    plan.ends_on = date.fromisoformat(value["ends"])


def _read_members(_stock: Stock, group: UnitGroup) -> Json:
    return [*sorted(unit.key for unit in group.members)]


def _write_members(stock: Stock, group: UnitGroup, keys: list[str]) -> None:
    """Only adds and takes out: what a member was given stays."""
    wanted = {stock.id_of("unit", key) for key in keys}
    here = {unit.id for unit in group.members}
    left = UnitGroupMember.unit_id.in_(here - wanted)
    stock.db.execute(delete(UnitGroupMember).where(UnitGroupMember.group_id == group.id, left))
    stock.db.add_all(
        UnitGroupMember(group_id=group.id, unit_id=unit_id) for unit_id in wanted - here
    )
    stock.db.flush()
    stock.db.expire(group, ["members"])


def _read_reporting(_stock: Stock, task: Task) -> Json:
    asked = reports.reporting_of(task)
    return {"every": asked.every, "workdays": asked.workdays, "day": asked.day} if asked else None


def _write_reporting(stock: Stock, task: Task, value: dict[str, Any] | None) -> None:
    """From the day of the seeding on."""
    asked = Reporting(Rhythm(value["every"]), value["workdays"], value["day"]) if value else None
    reports.ask(stock.db, stock.clock, task, asked, stock.clock.today)


def _read_proof(_stock: Stock, task: Task) -> Json:
    return [{"item": each.item, "required": each.required} for each in task.proof_items]


def _write_proof(stock: Stock, task: Task, values: list[dict[str, Any]]) -> None:
    task.proof_items.clear()
    stock.db.flush()
    for position, value in enumerate(values, 1):
        task.proof_items.append(ProofItem(position=position, **value))


def _read_addressee(stock: Stock, row: Assignment) -> Json:
    return {
        "unit": stock.key_of("unit", row.unit_id),
        "group": stock.key_of("group", row.group_id),
    }


def _write_addressee(stock: Stock, row: Assignment, value: dict[str, str | None]) -> None:
    row.unit_id = stock.id_of("unit", value["unit"])
    row.group_id = stock.id_of("group", value["group"])


def _read_target(stock: Stock, row: Assignment) -> Json:
    if row.amount is None:
        return None
    of = stock.key_of("target", row.target_id)
    return {"amount": amount_text(row.amount), "measure": row.measure, "of": of}


def _write_target(stock: Stock, row: Assignment, value: dict[str, str] | None) -> None:
    said = value or {}
    row.amount = Decimal(said["amount"]) if value else None
    row.measure = said.get("measure")
    row.target_id = stock.id_of("target", said.get("of"))


def _read_deadline(_stock: Stock, row: Assignment) -> Json:
    last = row.due_revisions[-1]
    return {
        "on": last.due_on.isoformat(),
        "basis": last.basis,
        "raw": last.raw,
        "reason": last.reason,
    }


def _write_deadline(stock: Stock, row: Assignment, value: dict[str, Any]) -> None:
    set_due(
        stock.db,
        stock.actor,
        stock.clock,
        row,
        date.fromisoformat(value["on"]),
        basis=DueBasis(value["basis"]),
        raw=value["raw"],
        reason=value["reason"],
    )
    stock.db.expire(row, ["due_revisions"])


def _read_rules(_stock: Stock, row: RuleSet) -> Json:
    return row.data


def _write_rules(stock: Stock, row: RuleSet, data: Any) -> None:
    _store_rules(stock, row.kind, data)


def _store_rules(stock: Stock, kind: str, data: Any) -> None:
    store_rules(stock.db, stock.clock, stock.plan, kind, data)


def _columns(*names: str) -> dict[str, Field]:
    return {name: _column(name) for name in names}


FIELDS: Mapping[str, Mapping[str, Field]] = {
    "unit": {
        **_columns("name", "aliases", "sector", "ranking_group"),
        "superior": _reference("unit", "superior_id"),
    },
    "group": {"name": _column("name"), "members": Field(_read_members, _write_members, late=True)},
    "plan": {
        **_columns("name", "document"),
        "owner": _reference("unit", "owner_id"),
        "issued": _day("issued_on"),
        "period": Field(_read_period, _write_period),
        "notes": _notes("plan_id"),
    },
    "action": _columns("number", "title", "section", "position"),
    "task": {
        **_columns("number", "section", "sentence", "kind", "origin", "document_number"),
        **_columns("recurrence", "completion_standard", "evidence_required", "veto", "starred"),
        "position": _column("position"),
        "action": _reference("action", "action_id"),
        "lead": _reference("unit", "lead_unit_id"),
        "reporting": Field(_read_reporting, _write_reporting, late=True),
        "proof": Field(_read_proof, _write_proof, late=True),
        "notes": _notes("task_id"),
    },
    "target": {
        **_columns("what", "sentence", "section", "comparator", "measure", "shared"),
        "task": _reference("task", "task_id"),
        "amount": _amount("amount"),
    },
    "assignment": {
        **_columns("text", "text_inherited", "part", "method"),
        "task": _reference("task", "task_id"),
        "addressee": Field(_read_addressee, _write_addressee),
        "target": Field(_read_target, _write_target),
        "weight": _amount("weight"),
        "deadline": Field(_read_deadline, _write_deadline, late=True),
        "notes": _notes("assignment_id"),
    },
    "indicator": {
        **_columns("category", "name", "measure", "sentence", "section", "base_year"),
        **_columns("target_year", "comparator", "direction", "binding", "owner_inferred"),
        **_columns("consistent", "position"),
        "base": _amount("base"),
        "target": _amount("target"),
        "owner": _reference("unit", "owner_id"),
        "weight": _amount("weight"),
        "notes": _notes("indicator_id"),
    },
    "rules": {"data": Field(_read_rules, _write_rules)},
}

_MODELS: Mapping[str, type[Any]] = {
    "unit": Unit,
    "group": UnitGroup,
    "plan": Plan,
    "action": Action,
    "task": Task,
    "target": Target,
    "assignment": Assignment,
    "indicator": Indicator,
}


def create(stock: Stock, thing: Thing) -> None:
    """Make the row of a thing that the database does not hold yet."""
    if thing.kind == "rules":
        _store_rules(stock, thing.key, thing.values["data"])
        return
    row = _MODELS[thing.kind](key=thing.key)
    if thing.kind in ("action", "indicator"):
        row.plan_id = stock.plan.id
    fields = FIELDS[thing.kind]
    for late in (False, True):
        for name, value in thing.values.items():
            if fields[name].late is late:
                fields[name].write(stock, row, value)
        stock.db.add(row)
        stock.db.flush()
    stock.keep(thing.kind, [row])


def change(stock: Stock, thing: Thing, row: Any, name: str) -> None:
    """Give a row the file's value; a draft that is open in a form is stale from now on."""
    FIELDS[thing.kind][name].write(stock, row, thing.values[name])
    if isinstance(row, Assignment):
        row.version += 1
    stock.db.flush()


def obstacle(stock: Stock, thing: Thing, row: Any, name: str) -> Text | None:
    """Why a field cannot be changed, even if nobody else changed it."""
    if isinstance(row, Assignment) and row.state != State.DRAFT:
        return t("It was issued, so it is not changed behind the unit's back.")
    if name == "name" and stock.named(thing.kind, thing.values[name]) not in (None, row):
        return t("Another one has this name.")
    if isinstance(row, RuleSet) and _version(thing.values[name]) <= _version(row.data):
        return t("Changed rules need a higher version.")
    return None


def _version(rules: Any) -> int:
    return int(rules["version"])
