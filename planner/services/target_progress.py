"""How far the county is with the plan's quantified targets: what units proved of their amounts.

What a row was asked for and what its nodes were are the same thing and count once. Amounts of
several rows add up, but of a rate, such as a percentage, the county has what every row has
reached: the least of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from planner.domain.lifecycle import State
from planner.domain.scores.prospects import adds_up, at_pace
from planner.domain.words import Comparator, Method
from planner.models import (
    Action,
    Assignment,
    Plan,
    Portion,
    Submission,
    Target,
    Task,
    UntrueFinding,
)

NONE = Fraction(0)


@dataclass(frozen=True)
class TargetProgress:
    """A target of a task with what was allocated, verified and claimed of it, in its measure.

    `rows` counts the issued rows that work towards it; `counted` is False where the target is no
    amount to be reached, such as a temperature that must not be exceeded.
    """

    id: int
    task_id: int
    number: str
    what: str
    amount: Decimal
    measure: str
    counted: bool
    rows: int = 0
    allocated: Fraction = NONE
    verified: Fraction = NONE
    claimed: Fraction = NONE

    @property
    def share(self) -> Fraction:
        """The verified share of 1; above it where more was done."""
        return self.verified / Fraction(self.amount)

    @property
    def claimed_share(self) -> Fraction:
        """The claimed share of 1."""
        return self.claimed / Fraction(self.amount)

    @property
    def shown(self) -> bool:
        """Whether there is something to draw: an amount, for rates once somebody works at it."""
        return self.counted and (adds_up(self.measure) or self.rows > 0)

    def expected(self, time_gone: Fraction) -> Fraction | None:
        """What there will be by the end at the pace of what is verified."""
        return at_pace(self.verified, time_gone)

    def is_missed(self, time_gone: Fraction) -> bool:
        """Whether that falls short of the target; nobody can tell before any time has gone."""
        expected = self.expected(time_gone)
        short = expected is not None and expected < self.amount
        return self.shown and short and self.verified < self.amount


@dataclass(frozen=True)
class _Part:
    """An assignment's own amounts: what it was given, verified and claimed."""

    allocated: Fraction
    verified: Fraction
    claimed: Fraction
    is_node: bool


def target_progress(
    db: Session, plan: Plan, only: ColumnElement[bool] | None = None
) -> tuple[TargetProgress, ...]:
    """The targets of the plan's tasks in its order, with five queries whatever their number.

    `only` is a condition on `Task` that leaves out more.
    """
    targets = db.execute(_targets(plan, only)).all()
    rows = _rows_by_target(db, plan, targets)
    return tuple(_progress(target, rows.get(target.id, {})) for target in targets)


def _targets(plan: Plan, only: ColumnElement[bool] | None) -> Any:
    query = (
        select(
            Target.id,
            Target.task_id,
            Task.number,
            Target.what,
            Target.amount,
            Target.measure,
            Target.comparator,
        )
        .join(Task, Target.task_id == Task.id)
        .join(Task.action)
        .where(Action.plan_id == plan.id)
        .order_by(Action.position, Task.position, Target.id)
    )
    return query if only is None else query.where(only)


def _progress(target: Row[Any], rows: Mapping[int, Sequence[_Part]]) -> TargetProgress:
    of_rows = [_of_row(parts) for parts in rows.values()]
    together = sum if adds_up(target.measure) else min
    allocated, verified, claimed = (
        together(each[place] for each in of_rows) if of_rows else NONE for place in range(3)
    )
    return TargetProgress(
        id=target.id,
        task_id=target.task_id,
        number=target.number,
        what=target.what,
        amount=target.amount,
        measure=target.measure,
        counted=target.comparator == Comparator.AT_LEAST and target.amount > 0,
        rows=len(of_rows),
        allocated=Fraction(allocated),
        verified=Fraction(verified),
        claimed=Fraction(claimed),
    )


def _of_row(parts: Sequence[_Part]) -> tuple[Fraction, Fraction, Fraction]:
    """Allocated, verified and claimed by a row with its nodes, as in `scores.SharedProgress`."""
    own = [each for each in parts if not each.is_node]
    nodes = [each for each in parts if each.is_node]
    allocated = sum((each.allocated for each in own or nodes), NONE)
    verified = max(sum((each.verified for each in of), NONE) for of in (own, nodes))
    claimed = max(sum((each.claimed for each in of), NONE) for of in (own, nodes))
    return allocated, verified, claimed


def _rows_by_target(
    db: Session, plan: Plan, targets: Iterable[Row[Any]]
) -> Mapping[int, Mapping[int, list[_Part]]]:
    """Target id to row id to the row's own part and its nodes'."""
    known = {target.id: target.measure for target in targets}
    by_measure = _by_measure(targets)
    found: dict[int, dict[int, list[_Part]]] = defaultdict(lambda: defaultdict(list))
    counts = _proportional(plan)
    verified, claimed = _verified(db, counts), _claimed(db, counts)
    untrue = frozenset(db.scalars(_untrue(counts)))
    for row in db.execute(_assignments(counts)):
        target = row.target_id or row.parents_target or by_measure.get((row.task_id, row.measure))
        if target is None or known.get(target) != row.measure:
            continue
        amount = Fraction(row.amount)
        done = NONE if row.id in untrue else min(amount, verified.get(row.id, NONE))
        says = NONE if row.id in untrue else min(amount, claimed.get(row.id, NONE))
        part = _Part(amount, done, max(done, says), row.parent_id is not None)
        found[target][row.parent_id or row.id].append(part)
    return found


def _by_measure(targets: Iterable[Row[Any]]) -> Mapping[tuple[int, str], int]:
    """The target that an amount of a task belongs to where its measure alone tells."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for target in targets:
        found[target.task_id, target.measure].append(target.id)
    return {where: ids[0] for where, ids in found.items() if len(ids) == 1}


def _proportional(plan: Plan) -> ColumnElement[bool]:
    """The condition on `Assignment` for amounts that units owe now in tasks with a target."""
    tasks = (
        select(Target.task_id)
        .join(Task, Target.task_id == Task.id)
        .join(Task.action)
        .where(Action.plan_id == plan.id)
    )
    return and_(
        Assignment.task_id.in_(tasks),
        Assignment.method == Method.PROPORTIONAL,
        Assignment.amount.is_not(None),
        Assignment.issued_on.is_not(None),
        Assignment.state != State.CANCELLED,
    )


def _assignments(counts: ColumnElement[bool]) -> Any:
    row = aliased(Assignment)
    return (
        select(
            Assignment.id,
            Assignment.parent_id,
            Assignment.task_id,
            Assignment.target_id,
            row.target_id.label("parents_target"),
            Assignment.measure,
            Assignment.amount,
        )
        .outerjoin(row, Assignment.parent_id == row.id)
        .where(counts)
    )


def _verified(db: Session, counts: ColumnElement[bool]) -> Mapping[int, Fraction]:
    rows = db.execute(
        select(Portion.assignment_id, func.sum(Portion.amount))
        .join(Assignment, Portion.assignment_id == Assignment.id)
        .where(counts, Portion.withdrawn_on.is_(None))
        .group_by(Portion.assignment_id)
    )
    return {assignment_id: Fraction(amount) for assignment_id, amount in rows}


def _claimed(db: Session, counts: ColumnElement[bool]) -> Mapping[int, Fraction]:
    """What the latest submission with an amount says."""
    given = Submission.amount.is_not(None), Submission.withdrawn_on.is_(None)
    latest = (
        select(Submission.assignment_id, func.max(Submission.number).label("number"))
        .join(Assignment, Submission.assignment_id == Assignment.id)
        .where(counts, *given)
        .group_by(Submission.assignment_id)
        .subquery()
    )
    rows = db.execute(
        select(Submission.assignment_id, Submission.amount).join(
            latest,
            and_(
                Submission.assignment_id == latest.c.assignment_id,
                Submission.number == latest.c.number,
            ),
        )
    )
    return {assignment_id: Fraction(amount) for assignment_id, amount in rows if amount is not None}


def _untrue(counts: ColumnElement[bool]) -> Any:
    return (
        select(UntrueFinding.assignment_id)
        .join(Assignment, UntrueFinding.assignment_id == Assignment.id)
        .where(counts, UntrueFinding.revoked_on.is_(None))
    )
