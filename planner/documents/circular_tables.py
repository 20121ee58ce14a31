"""The tables that a circular attaches (附件)."""

from __future__ import annotations

from collections.abc import Sequence

from planner.documents.blocks import Align, Attachment, Block, Column, Grid, Paragraph
from planner.documents.figures import (
    CountyFigures,
    IndicatorProgress,
    OverdueItem,
    Path,
    TargetProgress,
    UnitSheet,
    by_group,
)
from planner.documents.pieces import chinese_date
from planner.documents.wording import NOTHING, amount, percent, short_date

RANKING = (
    Column("名次", 16),
    Column("单位", 50, Align.LEFT),
    Column("得分", 22, Align.RIGHT),
    Column("等次", 20),
    Column("备注", 48, Align.LEFT),
)
OVERDUE = (
    Column("序号", 13),
    Column("单位", 28, Align.LEFT),
    Column("编号", 13),
    Column("任务", 47, Align.LEFT),
    Column("办理时限", 23),
    Column("逾期工作日", 18),
    Column("催办次数", 14),
)
TARGETS = (
    Column("量化目标", 46, Align.LEFT),
    Column("计量单位", 20),
    Column("目标", 18, Align.RIGHT),
    Column("已分解", 18, Align.RIGHT),
    Column("申报", 18, Align.RIGHT),
    Column("核定", 18, Align.RIGHT),
    Column("完成", 18, Align.RIGHT),
)
INDICATORS = (
    Column("指标", 44, Align.LEFT),
    Column("计量单位", 26),
    Column("年度", 15),
    Column("年度值", 18, Align.RIGHT),
    Column("年度应达", 18, Align.RIGHT),
    Column("规划目标", 18, Align.RIGHT),
    Column("情况", 17),
)
PATH_WORDS = {
    Path.MET: "达到",
    Path.MISSED: "未达到",
    Path.UNREAD: "尚无数值",
    Path.CONTRADICTORY: "口径待定",
}


def attachments(figures: CountyFigures) -> list[Attachment]:
    """Rankings, overdue items, targets and indicators; what is empty is not attached."""
    made = []
    if figures.units:
        grids = [ranking(name, units) for name, units in by_group(figures.units)]
        made.append(Attachment("各单位评分排名表", [_basis_note(figures), *grids]))
    if figures.overdue:
        made.append(Attachment("逾期未办结任务清单", [_overdue(figures.overdue)]))
    if blocks := _progress(figures):
        made.append(Attachment("量化目标和指标完成情况表", blocks))
    return made


def _basis_note(figures: CountyFigures) -> Paragraph:
    basis = figures.basis
    apart = "牵头单位单列，不参加排名；" if basis.lead_apart else ""
    return Paragraph(
        f"截至{chinese_date(basis.as_of)}，{basis.period}，按计分规则第{basis.rules_version}版对已到期"
        f"任务计分。{apart}计分项少于{basis.min_items}项的只评等次、不排名。"
    )


def ranking(name: str, units: Sequence[UnitSheet]) -> Grid:
    """The units of one group with place, total and grade."""
    return Grid(RANKING, tuple(_ranked(each) for each in units), name)


def _ranked(each: UnitSheet) -> tuple[str, ...]:
    notes = [note.rstrip("。") for note in (each.no_rank, each.limit) if note]
    return (
        NOTHING if each.place is None else str(each.place),
        each.unit,
        NOTHING if each.total is None else f"{each.total:f}",
        each.grade or NOTHING,
        "；".join(notes),
    )


def _overdue(items: Sequence[OverdueItem]) -> Grid:
    rows = (
        (
            str(row),
            each.unit,
            each.number,
            each.text,
            short_date(each.due_on),
            str(each.days_late),
            str(each.urged),
        )
        for row, each in enumerate(items, 1)
    )
    return Grid(OVERDUE, tuple(rows))


def _progress(figures: CountyFigures) -> list[Block]:
    blocks: list[Block] = []
    if figures.targets:
        blocks.append(Grid(TARGETS, tuple(map(_target, figures.targets)), "量化目标"))
    read = [each for each in figures.indicators if each.year is not None]
    if read:
        blocks.append(Grid(INDICATORS, tuple(map(_indicator, read)), "规划指标"))
    return blocks


def _target(each: TargetProgress) -> tuple[str, ...]:
    amounts = (each.amount, each.allocated, each.claimed, each.verified)
    return (each.what, each.measure, *map(amount, amounts), percent(each.share))


def _indicator(each: IndicatorProgress) -> tuple[str, ...]:
    return (
        each.what,
        each.measure,
        NOTHING if each.year is None else str(each.year),
        amount(each.value),
        amount(each.wanted),
        amount(each.target),
        PATH_WORDS[each.path],
    )
