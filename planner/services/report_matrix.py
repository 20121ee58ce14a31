"""Periodic reports by unit and period, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.reporting import ReportState
from planner.domain.text import Text
from planner.models import Assignment, Report, Unit
from planner.services.paging import Page, paginate
from planner.services.report_list import (
    ReportFilter,
    condition_of,
    joined,
    periods_of,
    state_in_sql,
)

MOST_PERIODS = 8
"""Columns of the table: the latest periods."""


@dataclass(frozen=True)
class MatrixRow:
    """One unit's reports: how many stand how, by period."""

    unit: Unit
    cells: Mapping[str, Mapping[ReportState, int]]


@dataclass(frozen=True)
class Matrix:
    """Units by periods, a page of units at a time; the periods in the order of time."""

    periods: Sequence[tuple[str, Text]]
    rows: Page[MatrixRow]


def matrix(db: Session, actor: Actor, clock: Clock, wanted: ReportFilter, number: int) -> Matrix:
    """The filtered reports by unit and period, with a fixed number of queries."""
    state = state_in_sql(db, clock).label("state")
    condition = condition_of(actor, wanted, state)
    periods = periods_of(db, condition)[:MOST_PERIODS]
    owing = joined(select(Assignment.unit_id)).where(condition)
    page = paginate(db, select(Unit).where(Unit.id.in_(owing)).order_by(Unit.name, Unit.id), number)
    narrowed = and_(
        condition,
        Report.period.in_([key for key, _ in periods]),
        Assignment.unit_id.in_([unit.id for unit in page.items]),
    )
    cells = _cells(db, narrowed, state)
    rows = [MatrixRow(unit, cells.get(unit.id, {})) for unit in page.items]
    return Matrix(list(reversed(periods)), Page(rows, page.number, page.total))


def _cells(
    db: Session, condition: ColumnElement[bool], state: ColumnElement[str]
) -> dict[int, dict[str, dict[ReportState, int]]]:
    columns = (Assignment.unit_id, Report.period, state)
    query = joined(select(*columns, func.count(Report.id))).where(condition).group_by(*columns)
    cells: dict[int, dict[str, dict[ReportState, int]]] = {}
    for unit_id, period, key, number in db.execute(query):
        cells.setdefault(unit_id, {}).setdefault(period, {})[ReportState(key)] = number
    return cells
