"""The circular: what it says of what figures, as Word and as PDF in official form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import docx
import pytest

from planner.documents.blocks import Grid, Heading, Paragraph, ordinal
from planner.documents.circular import Circular, attached, body
from planner.documents.circular_pdf import set_circular
from planner.documents.circular_word import write_circular
from planner.documents.circular_words import proposed_words
from planner.documents.figures import (
    Basis,
    CountyFigures,
    GradeStep,
    IndicatorProgress,
    OverdueItem,
    Path,
    Progress,
    TargetProgress,
    UnitPace,
    UnitSheet,
)
from planner.domain.pace import Pace
from tests.support import pdfs

TODAY = date(2024, 10, 15)
GRADES = tuple(
    GradeStep(name, Decimal(least))
    for name, least in (("优秀", 90), ("良好", 80), ("合格", 60), ("不合格", 0))
)
BASIS = Basis(
    plan="某县规划",
    lead="县机关事务管理中心",
    period="2024年度",
    as_of=TODAY,
    rules_version=2,
    grades=GRADES,
    places=2,
    line_places=6,
    min_items=3,
    lead_apart=True,
    time_gone=Decimal(79),
)
PROGRESS = Progress(25, 11, 6, 2, 5, 2, Decimal("26.3"), Decimal("56.9"))
NOTHING = Progress(0, 0, 0, 0, 0, 0, Decimal(0), Decimal(0))


def sheet(unit: str, total: str | None, place: int | None, **more: object) -> UnitSheet:
    made = UnitSheet(
        unit=unit,
        group="责任单位",
        lead=False,
        total=Decimal(total) if total else None,
        grade="合格" if total else None,
        place=place,
        of=2 if place else None,
        no_rank=None if place else "不排名：尚无到期事项。",
        items=4,
        limit=None,
        limited=tuple(each.name for each in GRADES),
        whole=Decimal("23.40"),
        progress=PROGRESS,
        lines=(),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def pace(unit: str, which: Pace, verified: str, points: str, *, far: bool = False) -> UnitPace:
    return UnitPace(unit, which, Decimal(verified), Decimal(points), far)


FIGURES = CountyFigures(
    basis=BASIS,
    total=Decimal("47.63"),
    progress=PROGRESS,
    paces=(
        pace("县文化旅游委", Pace.FINISHED, "100", "21"),
        pace("县水利局", Pace.AHEAD, "92.5", "13.5"),
        pace("县教委", Pace.BEHIND, "23.5", "-55.5", far=True),
        pace("县卫生健康委", Pace.BEHIND, "60", "-19"),
    ),
    overdue=(
        OverdueItem("县教委", "2.3", "配合开展年度碳核查。", date(2024, 9, 30), 7, 0),
        OverdueItem("县教委", "6.1", "安装餐厨垃圾就地处理设备。", date(2024, 8, 30), 28, 3),
    ),
    targets=(
        TargetProgress(
            "能源费用托管项目", "个", Decimal(5), Decimal(5), Decimal(4), Decimal(3), Decimal(60)
        ),
    ),
    indicators=(
        IndicatorProgress(
            "人均用水量（平均值）",
            "县教委",
            "吨/人·年",
            True,
            2023,
            Decimal("23.5"),
            Decimal("23.1"),
            2025,
            Decimal("22.96"),
            Path.MISSED,
        ),
        IndicatorProgress(
            "碳排放总量", "县教委", "吨", False, None, None, None, 2025, Decimal(42459), Path.UNREAD
        ),
    ),
    units=(
        sheet("县教委", "79.90", 1),
        sheet("县卫生健康委", "41.28", 2, limit="一票否决", grade="不合格"),
        sheet("县机关事务管理中心", "0.00", None, lead=True, no_rank="不排名：牵头单位单列。"),
    ),
)
WORDS = replace(
    proposed_words(BASIS, date(2024, 10, 22), TODAY),
    number="彭事管发〔2024〕12号",
    copies="县政府办公室",
)
CIRCULAR = Circular(WORDS, FIGURES)


def said(circular: Circular) -> str:
    """The text of the body, one line a block."""
    lines = []
    for block in body(circular):
        match block:
            case Heading(text):
                lines.append(text)
            case Paragraph(text, lead):
                lines.append(lead + text)
    return "\n".join(lines)


def with_figures(**changes: object) -> Circular:
    return replace(CIRCULAR, figures=replace(FIGURES, **changes))  # type: ignore[arg-type]


def word(circular: Circular) -> docx.document.Document:
    return docx.Document(BytesIO(write_circular(circular)))


def test_the_sections_follow_each_other_under_chinese_numbers() -> None:
    heads = [block.text for block in body(CIRCULAR) if isinstance(block, Heading)]
    assert heads == [
        "一、总体情况",
        "二、各单位进展情况",
        "三、逾期任务情况",
        "四、量化目标完成情况",
        "五、指标完成情况",
        "六、评分排名情况",
        "七、下一步工作要求",
    ]


def test_the_overall_figures_stand_in_one_sentence_each() -> None:
    text = said(CIRCULAR)
    assert "共有4个单位承担任务25项（含上年结转2项），其中已到期11项" in text
    assert "已办结6项，占任务总数的24%；待审核2项；逾期未办结5项" in text
    assert "完成率为26.3%，时序进度为79%，较时序进度滞后52.7个百分点" in text
    assert "申报完成率为56.9%" in text
    assert "全县综合得分47.63分" in text


def test_units_are_grouped_with_counts_and_percentages_and_laggards_are_named() -> None:
    text = said(CIRCULAR)
    counts = "已完成1个（占25%）、进度超前1个（占25%）、进度正常0个（占0%）、进度滞后2个（占50%）"
    assert counts in text
    assert "（一）已完成的单位（1个）。县文化旅游委。" in text
    assert "（二）进度超前的单位（1个）。县水利局，核定完成率92.5%，" in text
    assert (
        "（三）进度滞后的单位（2个）。县教委，核定完成率23.5%，较时序进度滞后55.5个百分点；" in text
    )
    assert "其中，县教委进度严重滞后。" in text
    assert "进度正常的单位" not in text


def test_nobody_behind_is_said_too() -> None:
    circular = with_figures(paces=FIGURES.paces[:2], overdue=())
    assert "（三）进度滞后的单位（0个）。暂无单位进度滞后。" in said(circular)
    assert "暂无逾期未办结的任务。" in said(circular)
    assert "逾期未办结任务清单" not in [each.title for each in attached(circular)]


def test_overdue_items_are_told_by_unit_and_listed_one_by_one() -> None:
    assert "县教委2项，最长逾期28个工作日，累计催办3次" in said(CIRCULAR)
    grid = attached(CIRCULAR)[1].blocks[0]
    assert isinstance(grid, Grid)
    assert grid.rows[0] == ("1", "县教委", "2.3", "配合开展年度碳核查。", "2024.9.30", "7", "0")


def test_targets_and_indicators_are_told_where_there_are_any() -> None:
    text = said(CIRCULAR)
    assert "能源费用托管项目（目标5个）已分解到单位5个、核定3个，完成60%" in text
    assert (
        "未达到年度要求1项，为人均用水量（平均值）（2023年23.5吨/人·年，应达23.1吨/人·年）" in text
    )
    assert "尚无确认值1项" in text
    without = said(with_figures(targets=(), indicators=()))
    assert "指标" not in without.partition("下一步工作要求")[0].replace("各项任务", "")
    assert "五、下一步工作要求" in without


def test_the_ranking_puts_the_lead_agency_apart_and_says_why_a_grade_is_low() -> None:
    grids = [each for each in attached(CIRCULAR)[0].blocks if isinstance(each, Grid)]
    assert [each.name for each in grids] == ["责任单位", "牵头单位（单列）"]
    assert grids[0].rows[1] == ("2", "县卫生健康委", "41.28", "不合格", "一票否决")
    assert grids[1].rows == (("—", "县机关事务管理中心", "0.00", "合格", "不排名：牵头单位单列"),)


def test_before_anything_was_issued_it_says_so_and_attaches_nothing() -> None:
    circular = with_figures(
        total=None, progress=NOTHING, paces=(), overdue=(), targets=(), indicators=(), units=()
    )
    assert "2024年度尚无下达的任务" in said(circular)
    assert attached(circular) == []
    assert write_circular(circular)
    assert "附件" not in "".join(pdfs.texts(set_circular(circular)))


def test_each_line_of_what_is_asked_is_a_numbered_paragraph() -> None:
    words = replace(WORDS, requirements="抓紧办理。\n\n及时报送。")
    text = said(Circular(words, FIGURES))
    assert "（一）抓紧办理。\n（二）及时报送。" in text
    assert "于2024年10月22日前，将整改措施书面报送县机关事务管理中心。" in text
    single = said(Circular(replace(WORDS, requirements="抓紧办理。"), FIGURES))
    assert "\n抓紧办理。\n" in single


def test_the_word_file_holds_everything_in_its_place() -> None:
    document = word(CIRCULAR)
    texts = [each.text for each in document.paragraphs if each.text.strip()]
    assert texts[:4] == [
        "县机关事务管理中心",
        "彭事管发〔2024〕12号",
        "关于2024年度任务进展情况的通报",
        "各责任单位：",
    ]
    assert "附件：1.各单位评分排名表" in texts
    assert "　抄送：县政府办公室。" in texts
    assert "　县机关事务管理中心\t2024年10月15日印发" in texts
    assert [text for text in texts if text.startswith("附件") and len(text) == 3] == [
        "附件1",
        "附件2",
        "附件3",
    ]
    title = next(each for each in document.paragraphs if each.text == WORDS.title)
    assert title.runs[0].font.size is not None
    assert (title.runs[0].font.name, title.runs[0].font.size.pt) == ("方正小标宋简体", 22)


def test_a_signatory_stands_beside_the_number() -> None:
    document = word(Circular(replace(WORDS, signatory="陈统筹"), FIGURES))
    assert document.paragraphs[4].text == "　彭事管发〔2024〕12号\t签发人：陈统筹"


def test_the_pdf_says_what_the_word_file_says() -> None:
    content = set_circular(CIRCULAR)
    text = "".join("".join(pdfs.texts(content)).split())
    for paragraph in word(CIRCULAR).paragraphs:
        flat = "".join(paragraph.text.split())
        assert flat in text, flat
    for table in word(CIRCULAR).tables:
        for row in table.rows:
            assert "".join("".join(cell.text.split()) for cell in row.cells) in text


def test_the_pdf_carries_its_typefaces_and_numbers_its_pages() -> None:
    content = set_circular(CIRCULAR)
    found = pdfs.fonts(content)
    assert {name.partition("+")[2] for name in found} == {
        "NotoSansSC-Regular",
        "NotoSerifSC-Regular",
    }
    assert all(found.values())
    for number, page in enumerate(pdfs.texts(content), 1):
        assert f"－{number}－" in page


@pytest.mark.parametrize(
    "evil", ["#panic()", "$x$ *a* _b_ `c` @d <e> // f", '"\\"#{"', "甲\x00\x01\ud800乙"]
)
def test_what_was_typed_is_never_markup(evil: str) -> None:
    words = replace(
        WORDS,
        **dict.fromkeys(("title", "number", "issuer", "addressees", "introduction"), evil),
        requirements=evil,
    )
    made = "".join("".join(pdfs.texts(set_circular(Circular(words, FIGURES)))).split())
    wanted = "甲乙" if "甲" in evil else "".join(evil.split())
    assert wanted in made
    assert word(Circular(words, FIGURES))


def test_five_hundred_overdue_items_repeat_the_head_on_every_page() -> None:
    content = set_circular(with_figures(overdue=FIGURES.overdue * 250))
    pages = [page for page in pdfs.texts(content) if "配合开展年度碳核查" in page]
    assert len(pages) > 10
    assert all("办理时限" in page for page in pages)


@pytest.mark.parametrize(
    ("number", "written"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")]
)
def test_headings_are_numbered_in_chinese(number: int, written: str) -> None:
    assert ordinal(number) == written


@pytest.mark.parametrize("number", [0, 100])
def test_no_heading_has_a_number_beyond(number: int) -> None:
    with pytest.raises(ValueError, match="no heading"):
        ordinal(number)
