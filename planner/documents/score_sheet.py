"""Score sheets (评分表) as PDF: one unit's, or those of many after each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from planner.documents.figures import Basis, ScoreLine, ScoreTable, UnitSheet
from planner.documents.official import writable
from planner.documents.pieces import chinese_date, flat
from planner.documents.typesetting import typeset
from planner.documents.wording import NOTHING, amount, frozen_words, percent
from planner.previews import joined

AT_ONCE = 10
"""Sheets that are set at once: typst keeps all that it has set in memory for a while."""


def set_sheets(table: ScoreTable) -> bytes:
    """Every sheet of the table, each on pages of its own. Raises ValueError for none at all."""
    if not table.units:
        raise ValueError("there is no sheet to set")
    starts = range(0, len(table.units), AT_ONCE)
    parts = [replace(table, units=table.units[start : start + AT_ONCE]) for start in starts]
    made = [typeset("sheet.typ", _data(part), table.basis.as_of) for part in parts]
    return made[0] if len(made) == 1 else joined(made)


def _data(table: ScoreTable) -> Mapping[str, Any]:
    basis = table.basis
    whose = table.units[0].unit if len(table.units) == 1 else ""
    return {
        "title": f"{whose}{_name(basis)}",
        "name": writable(_name(basis)),
        "about": writable(_about(basis)),
        "proof": _proof(basis),
        "total_name": "考核得分" if basis.frozen else "当前得分",
        "plan": writable(basis.plan),
        "lead": writable(basis.lead),
        "note": _note(basis),
        "sheets": [_sheet(each, basis) for each in table.units],
    }


def _name(basis: Basis) -> str:
    return f"{basis.frozen.assessment if basis.frozen else basis.period}评分表"


def _about(basis: Basis) -> str:
    """What the figures are of, at the head of every page."""
    rules = f"计分规则第{basis.rules_version}版"
    if basis.frozen is None:
        return f"截至{chinese_date(basis.as_of)}　{basis.period}　{rules}"
    return f"{basis.period}　{frozen_words(basis.frozen)}　{rules}"


def _proof(basis: Basis) -> str:
    """What proves a frozen result, at the foot of every page."""
    return f"SHA-256 {basis.frozen.digest}" if basis.frozen else ""


def _note(basis: Basis) -> str:
    if basis.frozen:
        return (
            f"说明：结果于{chinese_date(basis.frozen.frozen_on)}固化，固化后不再改动，更正只以新的"
            f"固化版本作出；页脚为本版全部数据的校验码。{_rules(basis)}"
        )
    return f"说明：总分按已到期任务计，只计经核定的佐证；{_rules(basis)}"


def _rules(basis: Basis) -> str:
    grades = "、".join(f"{each.name}{each.at_least:f}分及以上" for each in basis.grades[:-1])
    return (
        f"各行实得分相加等于总分。等次：{grades}，其余为"
        f"{basis.grades[-1].name}。计分项少于{basis.min_items}项的只评等次、不排名。"
    )


def _sheet(each: UnitSheet, basis: Basis) -> Mapping[str, Any]:
    possible = sum((line.possible for line in each.lines), Decimal(0))
    return {
        "unit": writable(each.unit),
        "group": f"考核组别：{writable(each.group or NOTHING)}",
        "total": points(each.total),
        "possible": f"{possible:f}",
        "facts": [[name, value] for name, value in _facts(each, basis)],
        "words": writable(each.self_scored.words) if each.self_scored else "",
        "lines": [_line(line) for line in each.lines],
    }


def _facts(each: UnitSheet, basis: Basis) -> Iterator[tuple[str, str]]:
    progress = each.progress
    yield "等次", each.grade or NOTHING
    rank = f"第{each.place}名（共{each.of}个单位）" if each.place is not None else None
    yield "名次", rank or (each.no_rank or NOTHING).rstrip("。")
    if basis.frozen is None:
        yield "全期得分", points(each.whole)
    else:
        yield "自评得分", points(each.self_scored.total if each.self_scored else None)
    yield "等次限制", each.limit or "无"
    yield "本期任务／已到期", f"{progress.counting}项／{progress.due}项"
    yield "已办结／逾期", f"{progress.accepted}项／{progress.overdue}项"
    yield "核定完成率／申报完成率", f"{percent(progress.verified)}／{percent(progress.claimed)}"
    if basis.frozen is None:
        yield "时序进度", percent(basis.time_gone)
    else:
        most = amount(basis.frozen.converted_to)
        yield f"折算得分（满分{most}分）", points(each.converted)


def points(total: Decimal | None) -> str:
    """A total as printed, or a dash."""
    return NOTHING if total is None else f"{total:f}"


def _line(line: ScoreLine) -> Mapping[str, str]:
    return {
        "what": writable(line.what),
        "rule": writable(line.rule),
        "possible": f"{line.possible:f}",
        "earned": f"{line.earned:f}",
        "reason": writable(line.reason),
        "said": flat(line.said),
        "remark": flat(line.remark),
        "rests_on": writable("　".join(line.rests_on)),
    }
