"""The score table's formulas: totals, grades that something holds down, ranks with ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from planner.documents.figures import (
    Basis,
    GradeStep,
    LineKind,
    Progress,
    ScoreLine,
    ScoreTable,
    UnitSheet,
)
from planner.documents.score_sheet import set_sheets
from planner.documents.score_table import write_score_table
from tests.support import pdfs, spreadsheets

NAMES = ("优秀", "良好", "合格", "不合格")
LEASTS = (Decimal(90), Decimal(80), Decimal(60), Decimal(0))
BASIS = Basis(
    plan="某县规划",
    lead="县机关事务管理中心",
    period="2024年度",
    as_of=date(2024, 10, 15),
    rules_version=1,
    grades=tuple(GradeStep(*each) for each in zip(NAMES, LEASTS, strict=True)),
    places=2,
    line_places=6,
    min_items=3,
    lead_apart=True,
    time_gone=Decimal(79),
)
STARRED = ("合格", "合格", "合格", "不合格")
VETOED = ("不合格",) * 4
WHOLE = Decimal(100)


def unit(
    name: str,
    total: str | None,
    grade: str | None,
    place: int | None = None,
    of: int | None = None,
    **more: object,
) -> UnitSheet:
    """A unit whose one line and its rounding come to the total."""
    made = UnitSheet(
        unit=name,
        group="责任单位",
        lead=False,
        total=Decimal(total) if total else None,
        grade=grade,
        place=place,
        of=of,
        no_rank=None,
        items=3,
        limit=None,
        limited=NAMES,
        whole=None,
        progress=Progress(3, 3, 1, 0, 0, 0, Decimal(50), Decimal(60)),
        lines=tuple(_lines(Decimal(total) if total else None)),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _lines(total: Decimal | None) -> Sequence[ScoreLine]:
    if total is None:
        return [ScoreLine("无得分", "—", Decimal(0), Decimal(0), "尚无到期事项", LineKind.NOTE)]
    exact = total + Decimal("0.003334")
    return [
        ScoreLine("甲", "按量", WHOLE, exact + 1, "已核定", LineKind.WORK, ("第二章",)),
        ScoreLine("报告", "迟报", Decimal(0), Decimal(-1), "迟报", LineKind.POINTS),
        ScoreLine("舍入", "两位", Decimal(0), total - exact, "尾差", LineKind.ROUNDING),
    ]


UNITS = (
    unit("甲局", "95.50", "合格", 1, 5, limit="★项未得分", limited=STARRED),
    unit("乙局", "90.00", "优秀", 2, 5),
    unit("丙局", "90.00", "优秀", 2, 5),
    unit("丁局", "89.99", "不合格", 4, 5, limit="一票否决", limited=VETOED),
    unit("戊局", "0.00", "不合格", 5, 5),
    unit("己局", "99.00", "优秀", items=2),
    unit("庚局", None, None),
    unit("辛局", "60.00", "合格", group=None),
    unit("壬局", "70.00", "合格", 1, 1, group="乡镇"),
    unit("县机关事务管理中心", "100.00", "优秀", lead=True),
)


def recalculated(table: ScoreTable) -> dict[str, dict[str, spreadsheets.Value]]:
    """The rows of the summary, by unit, without any cached value."""
    book = spreadsheets.read(write_score_table(table))
    rows = book.sheets["评分汇总"].table(2)
    made = [
        {name: book.recalculated("评分汇总", place) for name, place in row.items()} for row in rows
    ]
    return {str(row["单位"]): row for row in made}


@pytest.mark.parametrize("each", UNITS, ids=lambda each: str(each.unit))
def test_formulas_come_to_total_grade_and_rank(each: UnitSheet) -> None:
    """Also where a ★ or a veto holds the grade down, totals tie, or a unit is not ranked."""
    row = recalculated(ScoreTable(BASIS, UNITS))[each.unit]
    assert row["总分"] == (float(each.total) if each.total is not None else "")
    assert row["等次"] == (each.grade or "")
    assert row["名次"] == (each.place or "")
    assert row["排名单位数"] == (each.of or "")


def test_the_lead_agency_is_ranked_where_the_rules_say_so() -> None:
    table = ScoreTable(replace(BASIS, lead_apart=False), UNITS)
    rows = recalculated(table)
    assert rows["县机关事务管理中心"]["名次"] == 1
    assert rows["甲局"]["名次"] == 2


def test_a_changed_line_moves_the_total_the_grade_and_the_ranks() -> None:
    """So somebody who tries out other points sees what they would do."""
    first, *others = UNITS
    book = spreadsheets.read(write_score_table(ScoreTable(BASIS, (first, *others))))
    lines = book.sheets["评分明细"]
    earned = lines.table(2)[0]["实得分"]
    lines.values[earned] = 41.503334
    (row,) = [row for row in book.sheets["评分汇总"].table(2) if row["序号"] == (3, 0)]
    assert book.recalculated("评分汇总", row["总分"]) == 40.5
    assert book.recalculated("评分汇总", row["等次"]) == "不合格"
    assert book.recalculated("评分汇总", row["名次"]) == 4


def test_sheets_are_numbered_each_for_itself_however_many_are_set_together() -> None:
    """They are set a few at a time and put together; each can be handed out alone."""
    many = replace(UNITS[0], lines=UNITS[0].lines * 20)
    pages = pdfs.texts(set_sheets(ScoreTable(BASIS, (many, *UNITS * 2))))
    numbered = ["".join(page.split()) for page in pages]
    assert "第1页共3页" in numbered[0]
    assert "第3页共3页" in numbered[2]
    assert all("第1页共1页" in page for page in numbered[3:])
    assert len(pages) == 3 + 2 * len(UNITS)
    assert all("截至2024年10月15日" in page and "计分规则第1版" in page for page in numbered)


def test_words_longer_than_a_page_are_all_printed() -> None:
    """A line is kept on one page, but not one that no page would hold."""
    said, noted = "自" * 1000, "核" * 1000
    line = replace(UNITS[0].lines[0], said=said, remark=noted)
    talkative = replace(UNITS[0], lines=(line, *UNITS[0].lines[1:]))
    text = "".join(pdfs.texts(set_sheets(ScoreTable(BASIS, (talkative,)))))
    assert text.count("自") >= len(said)
    assert text.count("核") >= len(noted)


def test_without_units_there_is_no_sheet() -> None:
    with pytest.raises(ValueError, match="no sheet"):
        set_sheets(ScoreTable(BASIS, ()))
