"""What the circular of an assessment's result (考核结果通报) says of its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.documents.blocks import Attachment, Block, Paragraph, ordinal
from planner.documents.circular_tables import ranking
from planner.documents.figures import (
    LEAD_APART,
    Frozen,
    Loss,
    ResultFigures,
    UnitSheet,
    by_group,
)
from planner.documents.pieces import chinese_date
from planner.documents.wording import listed, share_of
from planner.domain.scores.losses import Cause

CAUSES = {
    Cause.UNVERIFIED: "未完成或佐证未经核定",
    Cause.PARTLY: "未完成全部目标量或评定得分率不足",
    Cause.LATE: "逾期完成",
    Cause.RETURNED: "佐证多次退回",
    Cause.INDICATOR: "指标未达到年度要求",
    Cause.REPORTS: "定期报告迟报、漏报",
    Cause.UNTRUE: "佐证不实",
    Cause.OTHER: "其他扣分",
}


def sections(figures: ResultFigures) -> list[tuple[str, list[Block]]]:
    """The numbered sections before what is asked next, each with its heading's words."""
    return [
        ("考核总体情况", list(_overall(figures))),
        ("考核得分和排名", list(_groups(figures))),
        ("表扬和批评", list(_named(figures))),
        ("主要失分原因", list(_lost(figures.losses))),
    ]


def attachments(figures: ResultFigures) -> list[Attachment]:
    """The ranked tables, group by group, the lead agency apart."""
    if not figures.units:
        return []
    grids: list[Block] = [ranking(name, units) for name, units in by_group(figures.units)]
    return [Attachment("各单位考核结果表", [_basis_note(figures), *grids])]


def _frozen(figures: ResultFigures) -> Frozen:
    if figures.basis.frozen is None:
        raise ValueError("these figures are not frozen")
    return figures.basis.frozen


def _basis_note(figures: ResultFigures) -> Paragraph:
    basis, frozen = figures.basis, _frozen(figures)
    number = f"审定文号{frozen.document}；" if frozen.document else ""
    apart = "牵头单位单列，不参加排名；" if basis.lead_apart else ""
    return Paragraph(
        f"考核截止日{chinese_date(frozen.cut_off)}；{number}结果第{frozen.revision}版，"
        f"{chinese_date(frozen.frozen_on)}固化，校验码{frozen.digest[:8]}…{frozen.digest[-8:]}。"
        f"按计分规则第{basis.rules_version}版计分。{apart}计分项少于{basis.min_items}项的只评等次、"
        "不排名。"
    )


def _overall(figures: ResultFigures) -> Iterator[Block]:
    yield Paragraph("".join(_course(figures)))
    graded = [each for each in figures.units if each.grade]
    counts = "、".join(
        f"{grade.name}{count}个（占{share_of(count, len(graded))}）"
        for grade in figures.basis.grades
        for count in [sum(each.grade == grade.name for each in graded)]
    )
    unscored = len(figures.units) - len(graded)
    rest = f"另有{unscored}个单位尚无到期事项，未评分。" if unscored else ""
    if graded:
        yield Paragraph(f"参加考核的单位共{len(figures.units)}个，评定等次{counts}。{rest}")
    else:
        yield Paragraph(f"参加考核的单位共{len(figures.units)}个，均未评分。")


def _course(figures: ResultFigures) -> Iterator[str]:
    """How the result came about, as far as it has come."""
    sent = sum(each.self_scored is not None for each in figures.units)
    yield f"考核按照单位自评、牵头单位核查、公示、审定的程序进行。{sent}个单位报送了自评"
    if figures.publicised_on:
        yield f"，考核结果于{chinese_date(figures.publicised_on)}起公示"
        yield (
            f"，公示期间收到申诉{figures.appeals}件" if figures.appeals else "，公示期间未收到申诉"
        )
        yield f"，经复核采纳{figures.upheld}件" if figures.appeals else ""
    if figures.approved_on:
        number = _frozen(figures).document
        yield f"，于{chinese_date(figures.approved_on)}审定"
        yield f"（{number}）" if number else ""
    yield "。"


def _groups(figures: ResultFigures) -> Iterator[Block]:
    for number, (name, units) in enumerate(by_group(figures.units), 1):
        words = _apart(units) if name == LEAD_APART else _group(units)
        yield Paragraph(words, f"（{ordinal(number)}）{name}。")
    if figures.units:
        yield Paragraph("各单位得分、等次和名次见附件。")


def _apart(units: Sequence[UnitSheet]) -> str:
    return "；".join(f"{each.unit}{_score(each)}" for each in units) + "，单列，不参加排名。"


def _group(units: Sequence[UnitSheet]) -> str:
    ranked = [each for each in units if each.place is not None]
    others = [each for each in units if each.place is None]
    said = [f"第{each.place}名{each.unit}，{_score(each)}" for each in ranked]
    if others:
        names = listed(f"{each.unit}{_score(each)}" for each in others)
        said.append(f"{names}，只评等次、不排名")
    many = f"{len(ranked)}个单位参加排名：" if ranked else ""
    return f"{many}{'；'.join(said)}。"


def _score(each: UnitSheet) -> str:
    return "未评分" if each.total is None else f"得{each.total:f}分（{each.grade}）"


def _named(figures: ResultFigures) -> Iterator[Block]:
    """The best grade is commended, the lowest criticised, by name."""
    best, worst = figures.basis.grades[0].name, figures.basis.grades[-1].name
    praised = [each.unit for each in figures.units if each.grade == best]
    blamed = [each for each in figures.units if each.grade == worst]
    words = f"对考核等次为{best}的{listed(praised)}予以通报表扬。"
    yield Paragraph(words if praised else f"本次考核没有{best}等次的单位。", "（一）通报表扬。")
    words = f"对考核等次为{worst}的{listed(_why(each) for each in blamed)}予以通报批评。"
    yield Paragraph(words if blamed else f"本次考核没有{worst}等次的单位。", "（二）通报批评。")
    if barred := [each for each in figures.units if each.limit and each not in blamed]:
        said = listed(f"{each.unit}（{each.limit}）" for each in barred)
        yield Paragraph(f"{said}的等次按计分规则受限。", "（三）等次受限。")


def _why(each: UnitSheet) -> str:
    return f"{each.unit}（{each.limit}）" if each.limit else each.unit


def _lost(losses: Sequence[Loss]) -> Iterator[Block]:
    if not losses:
        yield Paragraph("各单位均未失分。")
        return
    ordered = sorted(losses, key=lambda each: -each.points)
    said = "；".join(
        f"{CAUSES[each.cause]}{each.lines}项，涉及{each.units}个单位，共失{each.points:f}分"
        for each in ordered
    )
    yield Paragraph(f"按失分多少，主要原因依次为：{said}。各单位逐项失分原因见本单位评分表。")
