"""The three slips (提醒单, 催办单, 督办单) as Word files, in Chinese as the form is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from docx.document import Document
from docx.shared import Mm

from planner.documents.measures import BIAO_SONG, HEI, LINE_TWIPS, MARK_BELOW_MM, RED, TITLE_PT
from planner.documents.official import (
    CENTRE,
    LEFT,
    line,
    new_document,
    rule,
    shade,
    to_bytes,
    writable,
    write,
)
from planner.documents.pieces import (
    add_indented,
    add_issuer,
    add_lines,
    add_number,
    add_paragraph,
    add_signature,
    add_table,
    chinese_date,
    fill,
    flat,
    repeat_head,
)
from planner.domain.words import SlipKind


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
    add_signature(document, paper.issuer, paper.on)
    _receipt(document, paper)
    return to_bytes(document)


def _head(document: Document, paper: SlipPaper, grade: _Grade) -> None:
    """Stripe, red name of the issuer, number and signatory, red line, title."""
    stripe = write(document.add_paragraph(), f"　{grade.stripe}　", HEI, colour=grade.ink)
    shade(stripe._r.get_or_add_rPr(), grade.ground)
    line(document, height=MARK_BELOW_MM / 25.4 * 72 - LINE_TWIPS / 20)
    add_issuer(document, paper.issuer)
    add_lines(document, 2)
    add_number(document, paper.number, paper.signatory)
    add_lines(document, 2)
    add_paragraph(document, grade.title, BIAO_SONG, TITLE_PT, CENTRE)
    add_lines(document, 1)


def _body(document: Document, paper: SlipPaper) -> None:
    addressee = add_paragraph(document, f"{flat(paper.addressee)}：")
    addressee.alignment = LEFT
    for part in writable(paper.text).split("\n"):
        if part.strip():
            add_indented(document, part.strip())
    add_indented(
        document,
        f"请于{chinese_date(paper.answer_by)}前书面答复并填写回执。附事项清单，"
        f"共{len(paper.items)}项。",
    )
    line(document)


def _items(document: Document, items: Sequence[Item]) -> None:
    attached = add_indented(document, "")
    write(attached, "附：", HEI)
    write(attached, "事项清单")
    widths = (14, 16, 60, 39, 27)
    table = add_table(document, widths, len(items) + 1)
    for place, head in enumerate(("序号", "编号", "事项", "办理时限", "逾期天数")):
        fill(table.cell(0, place), head, HEI)
    repeat_head(table)
    for row, item in enumerate(items, 1):
        late = f"{item.days_late}个工作日" if item.days_late else "未逾期"
        cells = (str(row), item.number, item.text, chinese_date(item.due_on), late)
        for cell, (place, text) in zip(table.rows[row].cells, enumerate(cells), strict=True):
            fill(cell, text, align=LEFT if place == 2 else CENTRE)
    line(document)


def _receipt(document: Document, paper: SlipPaper) -> None:
    """What the unit fills in, cuts off and sends back."""
    cut = line(document)
    rule(cut, "808080", eighths=6, dashed=True)
    head = add_paragraph(document, "回 执", BIAO_SONG, TITLE_PT, CENTRE)
    cut.paragraph_format.keep_with_next = head.paragraph_format.keep_with_next = True
    rows = (
        ("来文字号", paper.number, 12.0),
        ("回复单位", f"{paper.addressee}（盖章）", 12.0),
        ("办理情况", "", 36.0),
        ("完成时间", "", 12.0),
        ("负责人签字", "　　　　　　　　　　　年　　月　　日", 14.0),
    )
    table = add_table(document, (34, 122), len(rows))
    for row, (name, text, height) in zip(table.rows, rows, strict=True):
        row.height = Mm(height)
        fill(row.cells[0], name, HEI)
        fill(row.cells[1], text, align=LEFT)
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = row is not table.rows[-1]
