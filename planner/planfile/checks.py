"""What must hold between the records of a plan file. Each check sees only what could be read."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date
from typing import TypeVar

from planner.domain import measures
from planner.domain.energy import EnergyRules
from planner.domain.records import Complaints, Reader
from planner.domain.text import Text, t
from planner.domain.words import Comparator, Method, TaskKind
from planner.planfile.model import Assignment, AssignmentTarget, Indicator, Plan, Target, Task, Unit

Record = TypeVar("Record")


def cross_check(read: Reader) -> None:
    """Note every mistake that only shows between records."""
    units = list(_of(read, Unit))
    for unit in units:
        _report(read, unit, _superior_cycle(unit, units))
    tasks = list(_of(read, Task))
    targets = {target.key: (task, target) for task in tasks for target in task.targets}
    for task in tasks:
        _report(read, task, _recurrence(task))
        for target in task.targets:
            _report(read, target, _fraction(target, "amount"))
        for assignment, above in zip(task.assignments, (None, *task.assignments), strict=False):
            _report(read, assignment, _inherited(assignment, above))
            _report(read, assignment, _own_target(task, assignment, targets))
            _report(read, assignment, _fraction(assignment.target, "target.amount"))
    known = {each.key for each in _of(read, Indicator)}
    for energy in _of(read, EnergyRules):
        _report(read, energy, _computed(energy, known))
    for plan in _of(read, Plan):
        if plan.starts < plan.ends:
            _check_dates(read, plan)


def _of(read: Reader, kind: type[Record]) -> Iterator[Record]:
    return (record for record in read.made if isinstance(record, kind))


def _report(read: Reader, record: object, complaints: Complaints) -> None:
    for key, message in complaints:
        read.refuse(record, key, message)


def _superior_cycle(unit: Unit, units: list[Unit]) -> Complaints:
    superiors = {other.key: other.superior for other in units}
    chain = [unit.key]
    while (above := superiors.get(chain[-1])) and above not in chain[1:]:
        chain.append(above)
        if above == unit.key:
            yield "superior", t("The superiors form a circle: %(chain)s.", chain=" → ".join(chain))
            return


def _recurrence(task: Task) -> Complaints:
    if task.kind is TaskKind.RECURRING and not task.recurrence:
        yield "recurrence", t("A recurring task needs a recurrence.")
    if task.kind is not TaskKind.RECURRING and task.recurrence:
        yield "recurrence", t("Only a recurring task has a recurrence.")


def _inherited(assignment: Assignment, above: Assignment | None) -> Complaints:
    if assignment.text_inherited and (above is None or above.text != assignment.text):
        yield "text_inherited", t("An inherited text must equal the text of the assignment above.")


def _own_target(
    task: Task, assignment: Assignment, targets: Mapping[str, tuple[Task, Target]]
) -> Complaints:
    own = assignment.target
    if own is None or own.of is None or own.of not in targets:
        return
    owner, target = targets[own.of]
    if owner is not task:
        yield "target.of", t("This target does not belong to the same task.")
    elif target.measure != own.measure:
        yield "target.measure", t("The target that this belongs to has another measure.")
    elif target.comparator is Comparator.AT_MOST and assignment.method is Method.PROPORTIONAL:
        yield "target.of", t("A target not to be exceeded cannot be counted in proportion.")


def _fraction(given: Target | AssignmentTarget | None, key: str) -> Complaints:
    if given is not None and measures.splits(given.amount, given.measure):
        yield key, measures.refusal(given.measure)


def _computed(energy: EnergyRules, known: Container[str]) -> Complaints:
    """A sheet gives values of indicators that there are."""
    for number, each in enumerate(energy.indicators):
        if each.indicator not in known:
            key = f"indicators[{number}].indicator"
            yield key, t("There is no indicator “%(key)s”.", key=each.indicator)


def _check_dates(read: Reader, plan: Plan) -> None:
    for task in _of(read, Task):
        last = task.recurrence.due_on(plan.ends.year) if task.recurrence else plan.ends
        for assignment in task.assignments:
            message = _outside(assignment.deadline.on, plan.starts, max(last, plan.ends))
            if message:
                read.refuse(assignment, "deadline.on", message)
    for indicator in _of(read, Indicator):
        if not plan.starts.year <= indicator.target_year <= plan.ends.year:
            read.refuse(indicator, "target_year", t("This year lies outside the plan."))


def _outside(on: date, starts: date, ends: date) -> Text | None:
    if on < starts:
        return t("This date lies before the plan's start on %(start)s.", start=starts)
    if on > ends:
        return t("This date lies after the plan's last due date, %(end)s.", end=ends)
    return None
