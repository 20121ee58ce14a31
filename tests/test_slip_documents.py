"""The slip as a Word file: the measures of GB/T 9704-2012, read back from its XML."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import docx
import pytest

from planner.documents.measures import FANG_SONG
from planner.documents.pieces import chinese_date
from planner.documents.slips import Item, SlipPaper, write_slip
from planner.domain.words import SlipKind

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MM = 1440 / 25.4

PAPER = SlipPaper(
    kind=SlipKind.DEMAND,
    number="催〔2024〕3号",
    issuer="县机关事务管理中心",
    signatory="陈统筹",
    addressee="县教委",
    text="请抓紧办理。\n逾期将提请督办。",
    items=[Item("1.1", "开展节约型机关创建。", date(2024, 9, 30), 6)],
    answer_by=date(2024, 10, 18),
    on=date(2024, 10, 15),
)


def part(paper: SlipPaper, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(BytesIO(write_slip(paper))) as file:
        return ElementTree.fromstring(file.read(name))


def number(element: ElementTree.Element | None, name: str) -> int:
    assert element is not None
    return int(element.attrib[W + name])


def texts(paper: SlipPaper) -> list[str]:
    return [each.text for each in docx.Document(BytesIO(write_slip(paper))).paragraphs]


def test_the_page_has_the_text_block_of_the_standard() -> None:
    section = part(PAPER, "word/document.xml").find(f".//{W}sectPr")
    assert section is not None
    size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
    assert number(size, "w") == pytest.approx(210 * MM, abs=2)
    assert number(size, "h") == pytest.approx(297 * MM, abs=2)
    assert number(margins, "top") == pytest.approx(37 * MM, abs=2)
    assert number(margins, "left") == pytest.approx(28 * MM, abs=2)
    width = number(size, "w") - number(margins, "left") - number(margins, "right")
    height = number(size, "h") - number(margins, "top") - number(margins, "bottom")
    assert (width, height) == (pytest.approx(156 * MM, abs=2), pytest.approx(225 * MM, abs=2))


def test_the_grid_gives_22_lines_of_28_characters() -> None:
    """And not one more: 23 lines or 29 characters would not fit."""
    grid = part(PAPER, "word/document.xml").find(f".//{W}docGrid")
    assert grid is not None
    assert grid.attrib[W + "type"] == "linesAndChars"
    pitch = number(grid, "linePitch")
    assert 225 * MM // pitch == 22
    place = (16 + number(grid, "charSpace") / 4096) * 20
    assert 156 * MM // place == 28


def test_the_body_is_16_points_of_fang_song_on_exact_lines() -> None:
    styles = part(PAPER, "word/styles.xml")
    normal = next(s for s in styles.iter(f"{W}style") if s.attrib[f"{W}styleId"] == "Normal")
    assert number(normal.find(f".//{W}sz"), "val") == 32
    fonts = normal.find(f".//{W}rFonts")
    assert fonts is not None
    assert {fonts.attrib[W + each] for each in ("ascii", "hAnsi", "eastAsia")} == {FANG_SONG.name}
    spacing = normal.find(f"{W}pPr/{W}spacing")
    assert spacing is not None
    assert (number(spacing, "line"), spacing.attrib[f"{W}lineRule"]) == (579, "exact")


def test_each_typeface_names_what_may_stand_in_for_it() -> None:
    table = part(PAPER, "word/fontTable.xml")
    others = {
        font.attrib[f"{W}name"]: alias.attrib[f"{W}val"]
        for font in table
        if (alias := font.find(f"{W}altName")) is not None
    }
    assert others["仿宋_GB2312"] == "仿宋,FangSong,STFangsong,Noto Serif CJK SC"
    assert set(others) == {"仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"}


def test_the_title_is_22_points_of_xiao_biao_song_and_the_head_is_red() -> None:
    runs = [
        run
        for paragraph in docx.Document(BytesIO(write_slip(PAPER))).paragraphs
        for run in paragraph.runs
    ]
    (title,) = [run for run in runs if run.text == "催 办 单"]
    head = next(run for run in runs if run.text == PAPER.issuer)
    assert title.font.size is not None
    assert (title.font.size.pt, title.font.name) == (22, "方正小标宋简体")
    assert (str(head.font.color.rgb), head.font.name) == ("C00000", "方正小标宋简体")


def test_everything_stands_in_its_place() -> None:
    said = [text for text in texts(PAPER) if text.strip()]
    assert said == [
        "　黄色 · 催办　",
        "县机关事务管理中心",
        "　催〔2024〕3号\t签发人：陈统筹",
        "催 办 单",
        "县教委：",
        "请抓紧办理。",
        "逾期将提请督办。",
        "请于2024年10月18日前书面答复并填写回执。附事项清单，共1项。",
        "附：事项清单",
        "县机关事务管理中心",
        "2024年10月15日",
        "回 执",
    ]
    items, receipt = docx.Document(BytesIO(write_slip(PAPER))).tables
    assert [cell.text for cell in items.rows[1].cells] == [
        "1",
        "1.1",
        "开展节约型机关创建。",
        "2024年9月30日",
        "6个工作日",
    ]
    assert receipt.rows[1].cells[1].text == "县教委（盖章）"


@pytest.mark.parametrize(
    ("kind", "stripe", "ground"),
    [
        (SlipKind.NOTICE, "蓝色 · 提醒", "1F4E9E"),
        (SlipKind.DEMAND, "黄色 · 催办", "FFC000"),
        (SlipKind.SUPERVISION, "红色 · 督办", "C00000"),
    ],
)
def test_the_stripe_names_the_grade(kind: SlipKind, stripe: str, ground: str) -> None:
    document = part(replace(PAPER, kind=kind), "word/document.xml")
    shade = document.find(f".//{W}p/{W}r/{W}rPr/{W}shd")
    assert shade is not None
    assert shade.attrib[f"{W}fill"] == ground
    assert stripe in texts(replace(PAPER, kind=kind))[0]


def test_pages_are_numbered_on_the_outer_side() -> None:
    document = docx.Document(BytesIO(write_slip(PAPER)))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.text, even.text) == ("－1－", "－1－")
    assert [int(each.alignment or 0) for each in (odd, even)] == [2, 0]


def test_what_xml_cannot_hold_is_left_out() -> None:
    bad = "甲\x00\x01\x0b\x1f\ud800\ufffe乙"
    paper = replace(
        PAPER,
        text=f"{bad}\r\n{bad}<&>\"'",
        number=bad,
        issuer=bad,
        signatory=bad,
        addressee=bad,
        items=[Item(bad, bad, date(2024, 9, 30), 0)],
    )
    said = texts(paper)
    assert "甲乙" in said
    assert "甲乙<&>\"'" in said


def test_a_long_name_stays_on_one_line_of_the_head() -> None:
    runs = docx.Document(BytesIO(write_slip(replace(PAPER, issuer="县" * 40)))).paragraphs[2].runs
    assert runs[0].font.size is not None
    assert runs[0].font.size.mm * 40 <= 156


def test_five_hundred_items_are_written_with_the_head_on_every_page() -> None:
    paper = replace(PAPER, items=list(PAPER.items) * 500)
    items = docx.Document(BytesIO(write_slip(paper))).tables[0]
    assert len(items.rows) == 501
    assert part(paper, "word/document.xml").find(f".//{W}trPr/{W}tblHeader") is not None


def test_dates_have_no_leading_zeros() -> None:
    assert chinese_date(date(2024, 1, 5)) == "2024年1月5日"
