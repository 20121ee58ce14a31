"""What a person words in a circular, and what is proposed to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from planner.documents.figures import Basis
from planner.documents.pieces import chinese_date

REQUIREMENTS = """\
压实工作责任。进度滞后的单位要由主要负责同志牵头，逐项查明原因，明确整改措施、责任人和完成时限，尽快赶上时序进度。
紧盯时间节点。逾期未办结的任务要倒排工期、限期办结；未到期的任务要按时序进度推进，确有客观原因需要延期的，应在到期前提出申请。
规范佐证报送。任务完成后要及时报送佐证材料、申请办结，材料必须真实、完整；未经核定的，不计入完成率和得分。
强化跟踪督办。牵头单位将持续跟踪各单位进展，定期通报；多次催办仍无实质进展的，提请督办。"""

RESULT_REQUIREMENTS = """\
运用考核结果。考核结果报县绩效考核部门，作为各单位年度绩效考核和评先评优的依据；被通报表扬的单位要总结经验、再接再厉。
抓好问题整改。各单位要对照评分表逐项分析失分原因，明确整改措施、责任人和完成时限；被通报批评的单位由主要负责同志牵头整改。
完成结转任务。截至考核截止日未完成的任务按规定结转，继续办理，直至办结。
规范佐证报送。任务完成后要及时报送佐证材料、申请办结，材料必须真实、完整；未经核定的，不计分。"""


TITLE_CHARACTERS = 20
"""That a line of the title holds."""


@dataclass(frozen=True)
class CircularWords:
    """Everything but the figures.

    `title` may hold line ends; `number`, `signatory` and `copies` (抄送) may be empty. Each line of
    `requirements` is a paragraph of what is asked next; whoever is behind answers by `answer_by`.
    """

    title: str
    number: str
    issuer: str
    signatory: str
    addressees: str
    introduction: str
    requirements: str
    answer_by: date
    copies: str
    on: date


def proposed_words(basis: Basis, answer_by: date, on: date) -> CircularWords:
    """What a circular usually says, for a person to change."""
    until = chinese_date(basis.as_of)
    return CircularWords(
        title=f"关于{basis.period}任务进展情况的通报",
        number="",
        issuer=basis.lead,
        signatory="",
        addressees="各责任单位",
        introduction=(
            f"为推动《{basis.plan}》各项任务落地见效，现将{basis.period}任务截至{until}的进展情况"
            "通报如下。"
        ),
        requirements=REQUIREMENTS,
        answer_by=answer_by,
        copies="",
        on=on,
    )


def _result_title(assessment: str) -> str:
    """On two lines where one does not hold it, broken where a person would."""
    what = assessment.removesuffix("考核")
    end = "结果的通报" if what == assessment else "考核结果的通报"
    break_at = "\n" if len(what + end) + 2 > TITLE_CHARACTERS else ""
    return f"关于{what}{break_at}{end}"


def proposed_result_words(basis: Basis, answer_by: date, on: date) -> CircularWords:
    """What the circular of a result usually says, for a person to change.

    Raises ValueError for figures that are not frozen.
    """
    frozen = basis.frozen
    if frozen is None:
        raise ValueError("only frozen figures are a result")
    rules = f"计分规则（第{basis.rules_version}版）"
    return CircularWords(
        title=_result_title(frozen.assessment),
        number="",
        issuer=basis.lead,
        signatory="",
        addressees="各责任单位",
        introduction=(
            f"根据《{basis.plan}》和{rules}，对各责任单位{basis.period}任务截至"
            f"{chinese_date(frozen.cut_off)}的完成情况组织了考核。现将{frozen.assessment}结果通报如下。"
        ),
        requirements=RESULT_REQUIREMENTS,
        answer_by=answer_by,
        copies="",
        on=on,
    )
