"""The score table (评分汇总表): every line, and totals, grades and ranks as formulas over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest

from planner.documents.figures import Basis, Frozen, LineKind, ScoreTable, UnitSheet
from planner.documents.pieces import chinese_date
from planner.documents.wording import NOTHING, frozen_words
from planner.documents.workbook import Book, Cell, Column, Formula, Table, new_book, write_table

SUMMARY, LINES, GRADES, FROZEN = "评分汇总", "评分明细", "等次标准", "考核信息"
NO_LIMIT, YES = "无", "是"
KINDS = {
    LineKind.WORK: "工作",
    LineKind.INDICATOR: "指标",
    LineKind.POINTS: "加减分",
    LineKind.NOTE: "说明",
    LineKind.ROUNDING: "舍入",
}
NOTHING_DUE, APART, NO_GROUP, TOO_FEW = "尚无到期事项", "牵头单位单列", "未分组", "计分项不足"


def write_score_table(table: ScoreTable) -> bytes:
    """The file. What its formulas come to is cached in it, and comes out the same again."""
    basis = table.basis
    with new_book(f"{_name(basis)}评分汇总表", basis.lead, basis.as_of) as book:
        lines = Table(LINES, _line_columns(basis), sum(len(each.lines) for each in table.units))
        limits = _limits(table)
        grades = Table(GRADES, _grade_columns(limits), len(basis.grades))
        _write_summary(book, table, lines, grades, limits)
        note = f"{_note(basis)}；各单位实得分相加，即为评分汇总表中的总分。"
        write_table(book, lines, f"{_name(basis)}评分明细", note, _lines(table), 5)
        _write_grades(book, basis, grades, limits)
        if basis.frozen:
            _write_frozen(book, basis, basis.frozen)
    return book.to_bytes()


def _name(basis: Basis) -> str:
    return basis.frozen.assessment if basis.frozen else basis.period


def _note(basis: Basis) -> str:
    if basis.frozen:
        return (
            f"{basis.plan}；{basis.period}；{frozen_words(basis.frozen)}；计分规则第"
            f"{basis.rules_version}版；校验码{basis.frozen.digest[:8]}…{basis.frozen.digest[-8:]}"
        )
    return (
        f"{basis.plan}；截至{chinese_date(basis.as_of)}，计分规则第{basis.rules_version}版，"
        "按已到期任务计分"
    )


def _line_columns(basis: Basis) -> Sequence[Column]:
    points = f"0.{'0' * basis.line_places}" if basis.line_places else "0"
    return (
        Column("单位序号", 6, align="center"),
        Column("单位", 18),
        Column("行号", 5, align="center"),
        Column("类别", 8, align="center"),
        Column("事项", 44),
        Column("计分规则", 24),
        Column("应得分", 12, points, "right"),
        Column("实得分", 12, points, "right"),
        Column("原因", 44),
        Column("依据", 30),
        *((Column("自评", 26), Column("核查意见", 26)) if basis.frozen else ()),
    )


def _lines(table: ScoreTable) -> list[Sequence[Cell]]:
    return [
        (
            number,
            unit.unit,
            row,
            KINDS[line.kind],
            line.what,
            line.rule,
            line.possible,
            line.earned,
            line.reason,
            "　".join(line.rests_on),
            *((line.said, line.remark) if table.basis.frozen else ()),
        )
        for number, unit in enumerate(table.units, 1)
        for row, line in enumerate(unit.lines, 1)
    ]


def _limits(table: ScoreTable) -> dict[str, tuple[str, ...]]:
    """What holds grades down, to the grade that each grade becomes by it; first, nothing."""
    limits = {NO_LIMIT: tuple(each.name for each in table.basis.grades)}
    for unit in table.units:
        limits.setdefault(unit.limit or NO_LIMIT, unit.limited)
    return limits


def _grade_columns(limits: dict[str, tuple[str, ...]]) -> Sequence[Column]:
    heads = (Column(name, 16, align="center") for name in limits)
    return (Column("起点分", 10, align="right"), *heads, *_PARAMETERS)


_PARAMETERS = (
    Column("参数", 26),
    Column("取值", 10, align="center"),
)
_MIN_ITEMS, _LEAD_APART, _CONVERTED_TO = 0, 1, 2
"""Rows of the parameters."""


def _write_grades(
    book: Book, basis: Basis, grades: Table, limits: dict[str, tuple[str, ...]]
) -> None:
    parameters: list[tuple[str, Cell]] = [
        ("参加排名最少计分项数", basis.min_items),
        ("牵头单位是否单列", YES if basis.lead_apart else "否"),
    ]
    if basis.frozen:
        parameters.append(("折算满分", basis.frozen.converted_to))
    stairs = [
        (each.at_least, *(outcomes[place] for outcomes in limits.values()))
        for place, each in enumerate(basis.grades)
    ]
    rows = [
        (*(stair or (None,) * (len(limits) + 1)), *(parameter or (None, None)))
        for stair, parameter in zip_longest(stairs, parameters)
    ]
    note = "总分达到起点分的，评该行等次；有等次限制的，按限制所在列评定。"
    write_table(book, grades, GRADES, note, rows, 1)


def _summary_columns(basis: Basis) -> Sequence[Column]:
    total = f"0.{'0' * basis.places}" if basis.places else "0"
    points = f"0.{'0' * basis.line_places}" if basis.line_places else "0"
    return (
        Column("序号", 5, align="center"),
        Column("单位", 19),
        Column("考核组别", 10, align="center"),
        Column("牵头单位", 6, align="center"),
        Column("工作得分", 11, points, "right"),
        Column("指标得分", 11, points, "right"),
        Column("加减分", 11, points, "right"),
        Column("舍入", 10, points, "right"),
        Column("总分", 8, total, "right"),
        Column("计分项数", 6, align="center"),
        Column("等次限制", 9, align="center"),
        Column("等次", 8, align="center"),
        Column("参加排名", 13, align="center"),
        Column("名次", 5, align="center"),
        Column("排名单位数", 7, align="center"),
        *_own_columns(basis, total),
        Column("任务数", 6, align="center"),
        Column("已到期", 6, align="center"),
        Column("已办结", 6, align="center"),
        Column("逾期", 5, align="center"),
        Column("核定完成率%", 8, align="right"),
        Column("申报完成率%", 8, align="right"),
    )


def _own_columns(basis: Basis, total: str) -> Sequence[Column]:
    """What a frozen result is set beside, or what the whole period has come to so far."""
    if basis.frozen is None:
        return (Column("全期得分", 9, total, "right"),)
    return (Column("折算得分", 9, "0.00", "right"), Column("自评得分", 9, "0.00", "right"))


def _write_frozen(book: Book, basis: Basis, frozen: Frozen) -> None:
    """Which result it is, and the digest that it can be told by, on a sheet of its own."""
    rows: list[tuple[str, Cell]] = [
        ("考核名称", frozen.assessment),
        ("规划", basis.plan),
        ("牵头单位", basis.lead),
        ("考核期间", basis.period),
        ("考核截止日", frozen.cut_off),
        ("固化版本", f"第{frozen.revision}版"),
        ("固化日期", frozen.frozen_on),
        ("更正理由", frozen.reason or NOTHING),
        ("审定文号", frozen.document or "未审定"),
        ("计分规则", f"第{basis.rules_version}版"),
        ("校验码（SHA-256）", frozen.digest),
    ]
    table = Table(FROZEN, (Column("项目", 22), Column("内容", 76, "yyyy-mm-dd")), len(rows))
    note = "固化后不再改动，更正只以新的版本作出；校验码由本版全部数据算出。"
    write_table(book, table, f"{frozen.assessment}：{FROZEN}", note, rows, 1)


def _write_summary(
    book: Book,
    table: ScoreTable,
    lines: Table,
    grades: Table,
    limits: dict[str, tuple[str, ...]],
) -> None:
    basis = table.basis
    summary = Table(SUMMARY, _summary_columns(basis), len(table.units))
    formulas = _Formulas(summary, lines, grades, tuple(limits), basis)
    rows = [tuple(_summary_row(formulas, row, each, basis)) for row, each in enumerate(table.units)]
    write_table(book, summary, f"{_name(basis)}评分汇总表", _note(basis), rows, 2)


def _summary_row(formulas: _Formulas, row: int, each: UnitSheet, basis: Basis) -> Iterator[Cell]:
    progress = each.progress
    yield row + 1
    yield each.unit
    yield each.group or ""
    yield YES if each.lead else ""
    for kind in (LineKind.WORK, LineKind.INDICATOR, LineKind.POINTS, LineKind.ROUNDING):
        earned = (line.earned for line in each.lines if line.kind is kind)
        yield Formula(formulas.part(row, kind), sum(earned, Decimal(0)))
    yield Formula(formulas.total(row), each.total)
    yield each.items
    yield each.limit or NO_LIMIT
    yield Formula(formulas.grade(row), each.grade)
    yield Formula(formulas.is_ranked(row), _why_not(each, basis))
    yield Formula(formulas.rank(row), each.place)
    yield Formula(formulas.ranked(row), each.of)
    if basis.frozen is None:
        yield each.whole
    else:
        yield Formula(formulas.converted(row), each.converted)
        yield each.self_scored.total if each.self_scored else None
    yield from (progress.counting, progress.due, progress.accepted, progress.overdue)
    yield from (progress.verified, progress.claimed)


def _why_not(each: UnitSheet, basis: Basis) -> str:
    """As the formula says it."""
    if each.total is None:
        return NOTHING_DUE
    if each.lead and basis.lead_apart:
        return APART
    if not each.group:
        return NO_GROUP
    return YES if each.items >= basis.min_items else TOO_FEW


class _Formulas:
    """The formulas of the summary's rows, over the lines and the grades."""

    def __init__(
        self, summary: Table, lines: Table, grades: Table, limits: Sequence[str], basis: Basis
    ) -> None:
        self._summary, self._lines, self._grades = summary, lines, grades
        self._limits, self._basis = limits, basis

    def part(self, row: int, kind: LineKind) -> str:
        """What the lines of one kind come to; notes carry no points."""
        number = self._summary.cell("序号", row)
        wanted = f"{self._lines.range('单位序号')},{number},{self._lines.range('类别')}"
        return f'=SUMIFS({self._lines.range("实得分")},{wanted},"{KINDS[kind]}")'

    def total(self, row: int) -> str:
        """All lines together; none without anything that counts."""
        of_unit = f"{self._lines.range('单位序号')},{self._summary.cell('序号', row)}"
        possible = f"SUMIFS({self._lines.range('应得分')},{of_unit})"
        earned = f"SUMIFS({self._lines.range('实得分')},{of_unit})"
        return f'=IF(ROUND({possible},6)=0,"",ROUND({earned},{self._basis.places}))'

    def grade(self, row: int) -> str:
        """The first grade that the total reaches, as the unit's limit leaves it."""
        total, limit = self._summary.cell("总分", row), self._summary.cell("等次限制", row)
        reached = f"SUMPRODUCT(--({self._grades.range('起点分')}>{total}))+1"
        ends = self._limits[0], self._limits[-1]
        outcomes, heads = self._grades.block(*ends), self._grades.heads(*ends)
        return f'=IF({total}="","",INDEX({outcomes},{reached},MATCH({limit},{heads},0)))'

    def is_ranked(self, row: int) -> str:
        """是, or why not."""
        cell = self._summary.cell
        apart = f'AND({cell("牵头单位", row)}="{YES}",{self._parameter(_LEAD_APART)}="{YES}")'
        few = f"{cell('计分项数', row)}<{self._parameter(_MIN_ITEMS)}"
        return (
            f'=IF({cell("总分", row)}="","{NOTHING_DUE}",IF({apart},"{APART}",'
            f'IF({cell("考核组别", row)}="","{NO_GROUP}",IF({few},"{TOO_FEW}","{YES}"))))'
        )

    def _parameter(self, place: int) -> str:
        return self._grades.fixed("取值", place)

    def rank(self, row: int) -> str:
        """One more than how many ranked units of the group have more."""
        mine, better = self._rivals(row)
        return f'=IF({mine}="{YES}",SUMPRODUCT({better})+1,"")'

    def ranked(self, row: int) -> str:
        """How many units of the group are ranked."""
        mine, better = self._rivals(row)
        return f'=IF({mine}="{YES}",SUMPRODUCT({better.rpartition("*")[0]}),"")'

    def converted(self, row: int) -> str:
        """The total on the other scale, half up to two places."""
        total = self._summary.cell("总分", row)
        return f'=IF({total}="","",ROUND({total}*{self._parameter(_CONVERTED_TO)}/100,2))'

    def _rivals(self, row: int) -> tuple[str, str]:
        summary = self._summary
        group = f"({summary.range('考核组别')}={summary.cell('考核组别', row)})"
        ranked = f'({summary.range("参加排名")}="{YES}")'
        more = f"({summary.range('总分')}>{summary.cell('总分', row)})"
        return summary.cell("参加排名", row), f"{group}*{ranked}*{more}"
