"""The three slips (提醒单, 催办单, 督办单) as Word files, in Chinese as the form is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from planner.documents.measures import (
    BIAO_SONG,
    BLOCK_MM,
    CHARACTER_TWIPS,
    CHARACTERS,
    FANG_SONG,
    HEAD_PT,
    HEI,
    KAI,
    LINE_TWIPS,
    MARK_BELOW_MM,
    RED,
    TITLE_PT,
    Typeface,
)
from planner.documents.official import (
    CENTRE,
    JUSTIFIED,
    LEFT,
    RIGHT,
    indent,
    line,
    new_document,
    rule,
    set_height,
    shade,
    to_bytes,
    writable,
    write,
)
from planner.domain.words import SlipKind

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

TABLE_PT, TABLE_LINE_PT = 12, 19


@dataclass(frozen=True)
class Item:
    """One assignment on a slip, as it stood on the day of the slip; `days_late` in working days."""

    number: str
    text: str
    due_on: date
    days_late: int


@dataclass(frozen=True)
class SlipPaper:
    """Everything that is printed on a slip; names as they were on its day."""

    kind: SlipKind
    number: str
    issuer: str
    signatory: str
    addressee: str
    text: str
    items: Sequence[Item]
    answer_by: date
    on: date


@dataclass(frozen=True)
class _Grade:
    """What a kind of slip is called, and the colours of the stripe that says how grave it is."""

    title: str
    stripe: str
    ground: str
    ink: str


GRADES: Mapping[SlipKind, _Grade] = {
    SlipKind.NOTICE: _Grade("提 醒 单", "蓝色 · 提醒", "1F4E9E", "FFFFFF"),
    SlipKind.DEMAND: _Grade("催 办 单", "黄色 · 催办", "FFC000", "000000"),
    SlipKind.SUPERVISION: _Grade("督 办 单", "红色 · 督办", RED, "FFFFFF"),
}


def write_slip(paper: SlipPaper) -> bytes:
    """The slip as a Word file in official document form (GB/T 9704-2012)."""
    grade = GRADES[paper.kind]
    title = f"{grade.title.replace(' ', '')} {paper.number}"
    document = new_document(title, paper.issuer)
    _head(document, paper, grade)
    _body(document, paper)
    _items(document, paper.items)
    _close(document, paper)
    _receipt(document, paper)
    return to_bytes(document)


def chinese_date(day: date) -> str:
    """2024年10月15日: Arabic figures, no leading zeros, as the standard wants them."""
    return f"{day.year}年{day.month}月{day.day}日"


def _head(document: Document, paper: SlipPaper, grade: _Grade) -> None:
    """Stripe, red name of the issuer, number and signatory, red line, title."""
    stripe = write(document.add_paragraph(), f"　{grade.stripe}　", HEI, colour=grade.ink)
    shade(stripe._r.get_or_add_rPr(), grade.ground)
    line(document, height=MARK_BELOW_MM / 25.4 * 72 - LINE_TWIPS / 20)
    name = _paragraph(document, paper.issuer, BIAO_SONG, _head_size(paper.issuer), CENTRE, RED)
    set_height(name, HEAD_PT + 12)
    _lines(document, 2)
    _number_line(document, paper)
    _lines(document, 2)
    _paragraph(document, grade.title, BIAO_SONG, TITLE_PT, CENTRE)
    _lines(document, 1)


def _lines(document: Document, count: int) -> None:
    for _ in range(count):
        line(document)


def _head_size(issuer: str) -> float:
    """As large as the form allows, but on one line."""
    width = BLOCK_MM[0] / 25.4 * 72
    return min(HEAD_PT, int(width / max(1, len(writable(issuer)))))


def _number_line(document: Document, paper: SlipPaper) -> None:
    """The number to the left, who signs to the right, each a character from the edge."""
    paragraph = document.add_paragraph()
    end = Twips(round(CHARACTER_TWIPS * (CHARACTERS - 1)))
    paragraph.paragraph_format.tab_stops.add_tab_stop(end, WD_TAB_ALIGNMENT.RIGHT)
    write(paragraph, f"　{_flat(paper.number)}")
    write(paragraph, "\t签发人：")
    write(paragraph, _flat(paper.signatory), KAI)
    rule(paragraph, RED, eighths=16)


def _body(document: Document, paper: SlipPaper) -> None:
    addressee = _paragraph(document, f"{_flat(paper.addressee)}：")
    addressee.alignment = LEFT
    for part in writable(paper.text).split("\n"):
        if part.strip():
            _indented(document, part.strip())
    _indented(
        document,
        f"请于{chinese_date(paper.answer_by)}前书面答复并填写回执。附事项清单，"
        f"共{len(paper.items)}项。",
    )
    line(document)


def _items(document: Document, items: Sequence[Item]) -> None:
    attached = _indented(document, "")
    write(attached, "附：", HEI)
    write(attached, "事项清单")
    widths = (14, 16, 60, 39, 27)
    table = _table(document, widths, len(items) + 1)
    for place, head in enumerate(("序号", "编号", "事项", "办理时限", "逾期天数")):
        _fill(table.cell(0, place), head, HEI)
    _repeat(table)
    for row, item in enumerate(items, 1):
        late = f"{item.days_late}个工作日" if item.days_late else "未逾期"
        cells = (str(row), item.number, item.text, chinese_date(item.due_on), late)
        for cell, (place, text) in zip(table.rows[row].cells, enumerate(cells), strict=True):
            _fill(cell, text, align=LEFT if place == 2 else CENTRE)
    line(document)


def _close(document: Document, paper: SlipPaper) -> None:
    """Who issues it and when, four characters from the right."""
    signed = _paragraph(document, paper.issuer)
    day = _paragraph(document, chinese_date(paper.on))
    for paragraph in (signed, day):
        paragraph.alignment = RIGHT
        indent(paragraph, right=4)
    signed.paragraph_format.keep_with_next = True


def _receipt(document: Document, paper: SlipPaper) -> None:
    """What the unit fills in, cuts off and sends back."""
    cut = line(document)
    rule(cut, "808080", eighths=6, dashed=True)
    head = _paragraph(document, "回 执", BIAO_SONG, TITLE_PT, CENTRE)
    cut.paragraph_format.keep_with_next = head.paragraph_format.keep_with_next = True
    rows = (
        ("来文字号", paper.number, 12.0),
        ("回复单位", f"{paper.addressee}（盖章）", 12.0),
        ("办理情况", "", 36.0),
        ("完成时间", "", 12.0),
        ("负责人签字", "　　　　　　　　　　　年　　月　　日", 14.0),
    )
    table = _table(document, (34, 122), len(rows))
    for row, (name, text, height) in zip(table.rows, rows, strict=True):
        row.height = Mm(height)
        _fill(row.cells[0], name, HEI)
        _fill(row.cells[1], text, align=LEFT)
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = row is not table.rows[-1]


def _paragraph(
    document: Document,
    text: str,
    face: Typeface = FANG_SONG,
    size: float = 16,
    align: Any = None,
    colour: str | None = None,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    write(paragraph, _flat(text), face, size, colour)
    return paragraph


def _indented(document: Document, text: str) -> Paragraph:
    """A paragraph of the body: the first line two characters in."""
    paragraph = document.add_paragraph()
    paragraph.alignment = JUSTIFIED
    indent(paragraph, first=2)
    if text:
        write(paragraph, _flat(text))
    return paragraph


def _flat(text: str) -> str:
    """On one line: a tab or a line end would break the form."""
    return " ".join(writable(text).split())


def _table(document: Document, widths_mm: Sequence[int], rows: int) -> Table:
    table: Table = document.add_table(rows, len(widths_mm), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    return table


def _repeat(table: Table) -> None:
    """The head stands on every page."""
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _fill(cell: _Cell, text: str, face: Typeface = FANG_SONG, align: Any = CENTRE) -> None:
    cell._tc.get_or_add_tcPr().append(_middle())
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    set_height(paragraph, TABLE_LINE_PT)
    write(paragraph, text if text.isspace() else text.strip("\n"), face, TABLE_PT)


def _middle() -> Any:
    made = OxmlElement("w:vAlign")
    made.set(qn("w:val"), "center")
    return made
