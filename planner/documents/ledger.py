"""The ledger (台账): every assignment of a period, and totals by unit and box as formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from planner.documents.figures import Basis
from planner.documents.pieces import chinese_date
from planner.documents.wording import grouped
from planner.documents.workbook import (
    FIRST,
    Book,
    Cell,
    Column,
    Formula,
    Table,
    new_book,
    write_cell,
    write_table,
)
from planner.domain.exact import rounded

ITEMS, BY_UNIT, BY_BOX = "任务台账", "单位汇总", "专栏汇总"
YES, NO = "是", "否"
ACCEPTED, WAITING = "已办结", "待审核"
SHARE_PLACES, POINTS_PLACES = 3, 2
"""Decimals of shares of 1 and of points in the totals."""


@dataclass(frozen=True)
class LedgerRow:
    """One assignment.

    `days_late` in working days; `amount` and `verified_amount` in `measure`. `place` says how it
    belongs to the period. What is scored for nobody (a shared target that is not allocated) has
    neither weight nor credit. `verified` and `credit` are shares of 1, `possible` and `earned`
    the points of its line, where it is due.
    """

    number: str
    box: str
    task: str
    text: str
    unit: str
    part: str
    place: str
    due_on: date
    state: str
    accepted: bool
    waiting: bool
    due: bool
    days_late: int
    amount: Decimal | None
    measure: str | None
    verified_amount: Decimal | None
    verified: Fraction | None
    weight: Fraction | None
    credit: Fraction | None
    possible: Decimal | None
    earned: Decimal | None
    evidence: int
    urged: int
    section: str


@dataclass(frozen=True)
class Ledger:
    """All assignments of a period, in the order of the plan."""

    basis: Basis
    rows: tuple[LedgerRow, ...]


COLUMNS: Sequence[Column] = (
    Column("序号", 5, align="center"),
    Column("编号", 7, align="center"),
    Column("专栏", 20),
    Column("重点工作", 34),
    Column("任务分解", 34),
    Column("责任单位", 18),
    Column("承担方式", 7, align="center"),
    Column("归属", 9, align="center"),
    Column("办理时限", 11, "yyyy-mm-dd", "center"),
    Column("状态", 8, align="center"),
    Column("是否到期", 6, align="center"),
    Column("逾期工作日", 7, align="center"),
    Column("目标量", 8, align="right"),
    Column("计量单位", 8, align="center"),
    Column("核定量", 8, align="right"),
    Column("核定完成率", 8, "0.0%", "right"),
    Column("权重", 7, "0.######", "right"),
    Column("得分率", 8, "0.0%", "right"),
    Column("加权得分", 9, "0.000000", "right"),
    Column("应得分", 10, "0.000000", "right"),
    Column("实得分", 10, "0.000000", "right"),
    Column("佐证数", 6, align="center"),
    Column("催办次数", 6, align="center"),
    Column("规划出处", 20),
    Column("单位号", 6, hidden=True),
    Column("专栏号", 6, hidden=True),
)

_TOTALS: Sequence[Column] = (
    Column("任务数", 9, align="center"),
    Column("已到期", 9, align="center"),
    Column("已办结", 9, align="center"),
    Column("办结率", 9, "0.0%", "right"),
    Column("待审核", 9, align="center"),
    Column("逾期", 9, align="center"),
    Column("权重合计", 10, "0.######", "right"),
    Column("核定完成率", 11, "0.0%", "right"),
    Column("工作得分", 10, "0.00", "right"),
    Column("佐证数", 9, align="center"),
    Column("催办次数", 9, align="center"),
)


def write_ledger(ledger: Ledger) -> bytes:
    """The file. What its formulas come to is cached in it, and comes out the same again."""
    basis = ledger.basis
    items = Table(ITEMS, COLUMNS, len(ledger.rows))
    with new_book(f"{basis.period}任务台账", basis.lead, basis.as_of) as book:
        by_unit = grouped(ledger.rows, lambda each: each.unit)
        by_box = grouped(ledger.rows, lambda each: each.box)
        units, boxes = _numbers(by_unit), _numbers(by_box)
        cells = [
            (*_row(items, row, each), units[each.unit], boxes[each.box])
            for row, each in enumerate(ledger.rows)
        ]
        write_table(book, items, f"{basis.period}任务台账", _note(basis), cells, 5)
        _write_totals(book, basis, items, BY_UNIT, "单位", by_unit)
        _write_totals(book, basis, items, BY_BOX, "专栏", by_box)
    return book.to_bytes()


def _numbers(groups: Iterable[str]) -> dict[str, int]:
    """The numbers that formulas find a unit or box by: names may hold what they take as a sign."""
    return {name: number for number, name in enumerate(groups, 1)}


def _note(basis: Basis) -> str:
    return (
        f"{basis.plan}；截至{chinese_date(basis.as_of)}，时序进度{basis.time_gone:f}%。"
        "加权得分＝权重×得分率；只计经核定的佐证。"
    )


def _row(items: Table, row: int, each: LedgerRow) -> Iterator[Cell]:
    yield from (row + 1, each.number, each.box, each.task, each.text, each.unit, each.part)
    yield from (each.place, each.due_on, each.state, YES if each.due else NO)
    yield from (each.days_late or None, each.amount, each.measure, each.verified_amount)
    yield from (each.verified, each.weight, each.credit)
    weight, credit = items.cell("权重", row), items.cell("得分率", row)
    yield Formula(f'=IF({weight}="","",{weight}*{credit})', _points(each))
    yield from (each.possible, each.earned, each.evidence, each.urged, each.section)


def _points(each: LedgerRow) -> Fraction | None:
    """Weight times credit; None for what is scored for nobody."""
    return None if each.weight is None or each.credit is None else each.weight * each.credit


def _write_totals(
    book: Book,
    basis: Basis,
    items: Table,
    sheet: str,
    head: str,
    groups: Mapping[str, Sequence[LedgerRow]],
) -> None:
    """One row a unit or box, and one for all of them."""
    columns = (Column("序号", 6, align="center"), Column(head, 30), *_TOTALS)
    table = Table(sheet, columns, len(groups))
    rows: list[Sequence[Cell]] = []
    for row, (name, members) in enumerate(groups.items()):
        which = f"{items.range(f'{head}号')},{table.cell('序号', row)}"
        rows.append((row + 1, name, *_totals(items, table, row, which, _counted(members))))
    made = write_table(book, table, f"{basis.period}{head}汇总", _note(basis), rows, 2)
    everything = _counted(each for members in groups.values() for each in members)
    last = (None, "合计", *_totals(items, table, len(groups), "", everything))
    for place, (column, cell) in enumerate(zip(columns, last, strict=True)):
        row = FIRST + max(len(groups), 1)
        write_cell(book, made, row, place, cell, column, bold=True, bg_color="#EEF2F5")


def _counted(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Without what is scored for nobody."""
    return [each for each in rows if each.weight is not None]


def _totals(
    items: Table, table: Table, row: int, which: str, mine: Sequence[LedgerRow]
) -> Iterator[Cell]:
    """Counts and shares over the rows of the ledger that have a weight."""
    counted = ",".join(filter(None, (which, f'{items.range("权重")},"<>"')))
    due = f'{counted},{items.range("是否到期")},"{YES}"'

    def count(more: str = "") -> str:
        return f"COUNTIFS({counted}{more})"

    def total(head: str, of: str = counted) -> str:
        return f"SUMIFS({items.range(head)},{of})"

    def cell(head: str) -> str:
        return table.cell(head, row)

    state = items.range("状态")
    yield Formula(f"={count()}", len(mine))
    yield Formula(f"=COUNTIFS({due})", sum(each.due for each in mine))
    accepted = sum(each.accepted for each in mine)
    yield Formula("=" + count(f',{state},"{ACCEPTED}"'), accepted)
    share = rounded(Fraction(accepted, len(mine)), SHARE_PLACES) if mine else None
    all_cells = cell("任务数")
    yield Formula(
        f'=IF({all_cells}=0,"",ROUND({cell("已办结")}/{all_cells},{SHARE_PLACES}))', share
    )
    yield Formula("=" + count(f',{state},"{WAITING}"'), sum(each.waiting for each in mine))
    late = count(f',{items.range("逾期工作日")},">0"')
    yield Formula(f"={late}", sum(each.days_late > 0 for each in mine))
    weight = sum((each.weight or Fraction(0) for each in mine), Fraction(0))
    yield Formula(f"={total('权重')}", weight)
    yield Formula(_verified_formula(items, which, cell("权重合计")), _verified(mine))
    yield Formula(
        f'=IF({total("权重", due)}=0,"",'
        f"ROUND(100*{total('加权得分', due)}/{total('权重', due)}+1E-9,{POINTS_PLACES}))",
        _work_score(mine),
    )
    yield Formula(f"={total('佐证数')}", sum(each.evidence for each in mine))
    yield Formula(f"={total('催办次数')}", sum(each.urged for each in mine))


def _verified_formula(items: Table, which: str, weight: str) -> str:
    """The share of the weight that is verified."""
    key, _, number = which.partition(",")
    mine = f"({key}={number})*" if which else ""
    parts = f"{mine}{items.range('权重')}*{items.range('核定完成率')}"
    return f'=IF({weight}=0,"",ROUND(SUMPRODUCT({parts})/{weight}+1E-9,{SHARE_PLACES}))'


def _verified(mine: Sequence[LedgerRow]) -> Decimal | None:
    weight = sum((each.weight or Fraction(0) for each in mine), Fraction(0))
    done = sum(((each.weight or 0) * (each.verified or Fraction(0)) for each in mine), Fraction(0))
    return rounded(done / weight, SHARE_PLACES) if weight else None


def _work_score(mine: Sequence[LedgerRow]) -> Decimal | None:
    due = [each for each in mine if each.due]
    weight = sum((each.weight or Fraction(0) for each in due), Fraction(0))
    earned = sum((_points(each) or Fraction(0) for each in due), Fraction(0))
    return rounded(100 * earned / weight, POINTS_PLACES) if weight else None
