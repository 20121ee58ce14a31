"""A plan file as a flat list of things, each with plain values that can be compared and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from planner.domain.located import to_data
from planner.domain.text import Json
from planner.planfile import Assignment, PlanFile, Task, Unit
from planner.services.plans import ENERGY, REMINDERS, SCORING


@dataclass(frozen=True)
class Thing:
    """What the file says of one thing; `values` as JSON, references by key."""

    kind: str
    key: str
    values: Mapping[str, Json]


def digest(file: PlanFile) -> str:
    """SHA-256 of what the file says, whatever its layout, as 64 hex digits."""
    text = json.dumps(to_data(file), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def amount_text(value: Decimal) -> str:
    """A number in the one form that equal numbers share: 18.30 is 18.3."""
    return format(value.normalize(), "f")


def things(file: PlanFile) -> Iterator[Thing]:
    """Everything in the file, each after what it refers to."""
    for unit in _superiors_first(file.units):
        yield _thing("unit", unit)
    for group in file.groups:
        yield _thing("group", group, members=[*sorted(group.members)])
    period = {"starts": to_data(file.plan.starts), "ends": to_data(file.plan.ends)}
    yield _thing("plan", file.plan, leave=("starts", "ends"), period=period)
    for position, action in enumerate(file.actions, 1):
        yield _thing("action", action, position=position)
    for task in file.tasks:
        yield from _of_task(file, task)
    for position, indicator in enumerate(file.indicators, 1):
        weight = indicator.weight or file.scoring.indicators.default_weight
        yield _thing("indicator", indicator, position=position, weight=amount_text(weight))
    yield Thing("rules", SCORING, {"data": file.scoring.to_data()})
    yield Thing("rules", REMINDERS, {"data": file.reminders.to_data()})
    if file.energy is not None:
        yield Thing("rules", ENERGY, {"data": file.energy.to_data()})


def _of_task(file: PlanFile, task: Task) -> Iterator[Thing]:
    siblings = [each for each in file.tasks if each.action == task.action]
    position = siblings.index(task) + 1
    yield _thing("task", task, leave=("targets", "assignments"), position=position)
    for target in task.targets:
        yield _thing("target", target, task=task.key)
    for assignment in task.assignments:
        yield _assignment(file, task, assignment)


def _assignment(file: PlanFile, task: Task, assignment: Assignment) -> Thing:
    """Unit and group are one value, and so are amount, measure and target: they go together."""
    weight = assignment.weight or file.scoring.default_weight
    return _thing(
        "assignment",
        assignment,
        leave=("unit", "group"),
        task=task.key,
        addressee={"unit": assignment.unit, "group": assignment.group},
        weight=amount_text(weight),
    )


def _thing(kind: str, record: Any, leave: Sequence[str] = (), **more: Json) -> Thing:
    said = {name: value for name, value in _plain(record).items() if name not in ("key", *leave)}
    return Thing(kind, record.key, {**said, **more})


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return amount_text(value) if isinstance(value, Decimal) else to_data(value)


def _superiors_first(units: Sequence[Unit]) -> Iterator[Unit]:
    """The file's reader has made sure that superiors form no circle."""
    waiting = list(units)
    done: set[str | None] = {None}
    while waiting:
        for unit in [each for each in waiting if each.superior in done]:
            yield unit
            waiting.remove(unit)
            done.add(unit.key)
