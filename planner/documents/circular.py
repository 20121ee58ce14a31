"""The circular (通报) on the state of the work, in the wording that counties use.

That of an assessment's result (考核结果通报) differs in its figures alone; `circular_result` words
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.documents import circular_result
from planner.documents.blocks import Attachment, Block, Heading, Paragraph, ordinal
from planner.documents.circular_tables import attachments
from planner.documents.circular_words import CircularWords
from planner.documents.figures import (
    CountyFigures,
    IndicatorProgress,
    OverdueItem,
    Path,
    ResultFigures,
    TargetProgress,
    UnitPace,
    UnitSheet,
    by_group,
)
from planner.documents.pieces import chinese_date
from planner.documents.wording import amount, behind_or_ahead, grouped, listed, percent, share_of
from planner.domain.pace import Pace

PACE_WORDS = {
    Pace.FINISHED: "已完成",
    Pace.AHEAD: "进度超前",
    Pace.ON_PACE: "进度正常",
    Pace.BEHIND: "进度滞后",
}


@dataclass(frozen=True)
class Circular:
    """Words and figures."""

    words: CircularWords
    figures: CountyFigures | ResultFigures


def body(circular: Circular) -> list[Block]:
    """The text between addressees and signature."""
    words = circular.words
    asked = ("下一步工作要求", list(_requirements(words, circular.figures)))
    sections = [*_sections(circular.figures), asked]
    made: list[Block] = [Paragraph(words.introduction)]
    for number, (name, blocks) in enumerate((each for each in sections if each[1]), 1):
        made += [Heading(f"{ordinal(number)}、{name}"), *blocks]
    return made


def _sections(figures: CountyFigures | ResultFigures) -> list[tuple[str, list[Block]]]:
    if isinstance(figures, ResultFigures):
        return circular_result.sections(figures)
    return [
        ("总体情况", list(_overall(figures))),
        ("各单位进展情况", list(_paces(figures))),
        ("逾期任务情况", [_overdue(figures.overdue)]),
        ("量化目标完成情况", list(_targets(figures.targets))),
        ("指标完成情况", list(_indicators(figures.indicators))),
        ("评分排名情况", list(_ranking(figures))),
    ]


def attached(circular: Circular) -> list[Attachment]:
    """What is attached: rankings, overdue items, targets and indicators, where there are any."""
    if isinstance(circular.figures, ResultFigures):
        return circular_result.attachments(circular.figures)
    return attachments(circular.figures)


def _overall(figures: CountyFigures) -> Iterator[Block]:
    basis, progress = figures.basis, figures.progress
    if not progress.counting:
        yield Paragraph(f"截至{chinese_date(basis.as_of)}，{basis.period}尚无下达的任务。")
        return
    carried = f"（含上年结转{progress.carried}项）" if progress.carried else ""
    yield Paragraph(
        f"截至{chinese_date(basis.as_of)}，{basis.period}共有{len(figures.paces)}个单位承担任务"
        f"{progress.counting}项{carried}，其中已到期{progress.due}项。"
        f"全县已办结{progress.accepted}项，占任务总数的"
        f"{share_of(progress.accepted, progress.counting)}；待审核{progress.waiting}项；"
        f"逾期未办结{progress.overdue}项。"
    )
    yield Paragraph(
        f"经核定，任务完成率为{percent(progress.verified)}，时序进度为"
        f"{percent(basis.time_gone)}，{behind_or_ahead(progress.verified - basis.time_gone)}。"
        f"单位申报完成率为{percent(progress.claimed)}，申报未经核定的部分不计入完成率和得分。"
        + (f"全县综合得分{figures.total:f}分。" if figures.total is not None else "")
    )


def _paces(figures: CountyFigures) -> Iterator[Block]:
    if not figures.paces:
        return
    of = {pace: [each for each in figures.paces if each.pace is pace] for pace in Pace}
    counts = "、".join(
        f"{PACE_WORDS[pace]}{len(units)}个（占{share_of(len(units), len(figures.paces))}）"
        for pace, units in of.items()
    )
    yield Paragraph(
        f"按核定的完成率与时序进度比较，承担任务的{len(figures.paces)}个单位中，{counts}。"
    )
    shown = [pace for pace in Pace if of[pace] or pace is Pace.BEHIND]
    for number, pace in enumerate(shown, 1):
        lead = f"（{ordinal(number)}）{PACE_WORDS[pace]}的单位（{len(of[pace])}个）。"
        yield Paragraph(_named(of[pace], pace), lead)


def _named(units: Sequence[UnitPace], pace: Pace) -> str:
    if not units:
        return "暂无单位进度滞后。"
    if pace is Pace.FINISHED:
        return f"{listed(each.unit for each in units)}。"
    each_said = "；".join(
        f"{each.unit}，核定完成率{percent(each.verified)}，{behind_or_ahead(each.points)}"
        for each in units
    )
    far = [each.unit for each in units if each.far]
    grave = f"其中，{listed(far)}进度严重滞后。" if far else ""
    return f"{each_said}。{grave}"


def _overdue(items: Sequence[OverdueItem]) -> Paragraph:
    if not items:
        return Paragraph("暂无逾期未办结的任务。")
    of_units = grouped(items, lambda each: each.unit)
    said = "；".join(
        f"{unit}{len(owed)}项，最长逾期{max(each.days_late for each in owed)}个工作日，"
        f"{_urged(sum(each.urged for each in owed))}"
        for unit, owed in of_units.items()
    )
    return Paragraph(
        f"逾期未办结的任务共{len(items)}项，涉及{len(of_units)}个单位：{said}。具体清单见附件。"
    )


def _urged(times: int) -> str:
    return f"累计催办{times}次" if times else "尚未催办"


def _targets(targets: Sequence[TargetProgress]) -> Iterator[Block]:
    if targets:
        said = "；".join(
            f"{each.what}（目标{amount(each.amount)}{each.measure}）已分解到单位"
            f"{amount(each.allocated)}{each.measure}、核定{amount(each.verified)}{each.measure}，"
            f"完成{percent(each.share)}"
            for each in targets
        )
        yield Paragraph(f"需多个单位共同完成的量化目标{len(targets)}项：{said}。")


def _indicators(indicators: Sequence[IndicatorProgress]) -> Iterator[Block]:
    if not indicators:
        return
    of = {path: [each for each in indicators if each.path is path] for path in Path}
    read = len(of[Path.MET]) + len(of[Path.MISSED])
    if not read:
        yield Paragraph(f"规划指标{len(indicators)}项，本期尚无经确认的指标值。")
        return
    said = [f"规划指标{len(indicators)}项，已有确认值的{read}项，达到年度要求{len(of[Path.MET])}项"]
    if missed := of[Path.MISSED]:
        said.append(f"未达到年度要求{len(missed)}项，为{listed(_reading(each) for each in missed)}")
    if of[Path.UNREAD]:
        said.append(f"尚无确认值{len(of[Path.UNREAD])}项")
    if of[Path.CONTRADICTORY]:
        said.append(f"规划口径不一致、暂不计分{len(of[Path.CONTRADICTORY])}项")
    yield Paragraph("；".join(said) + "。")


def _reading(each: IndicatorProgress) -> str:
    return (
        f"{each.what}（{each.year}年{amount(each.value)}{each.measure}，"
        f"应达{amount(each.wanted)}{each.measure}）"
    )


def _ranking(figures: CountyFigures) -> Iterator[Block]:
    said = [_group_said(name, units) for name, units in by_group(figures.units)]
    if told := "".join(each for each in said if each):
        yield Paragraph(f"{told}各单位得分、等次和名次见附件。")


def _group_said(name: str, units: Sequence[UnitSheet]) -> str:
    ranked = [each for each in units if each.place is not None]
    if not ranked:
        return ""
    first = [each for each in ranked if each.place == 1]
    return (
        f"“{name}”组{len(ranked)}个单位参加排名，{listed(each.unit for each in first)}以"
        f"{first[0].total:f}分居首位。"
    )


def _requirements(words: CircularWords, figures: CountyFigures | ResultFigures) -> Iterator[Block]:
    asked = [each for each in words.requirements.splitlines() if each.strip()]
    numbered = len(asked) > 1
    for number, text in enumerate(asked, 1):
        yield Paragraph(text, f"（{ordinal(number)}）" if numbered else "")
    who = "进度滞后和有逾期任务"
    if isinstance(figures, ResultFigures):
        who = "有失分事项"
    yield Paragraph(
        f"请{who}的单位于{chinese_date(words.answer_by)}前，将整改措施书面报送{words.issuer}。"
    )
