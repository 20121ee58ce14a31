"""The pieces that papers in official document form share: heads, paragraphs, tables, signatures."""

from __future__ import annotations

from collections.abc import Sequence
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
    BODY_PT,
    CHARACTER_TWIPS,
    CHARACTERS,
    FANG_SONG,
    HEAD_PT,
    KAI,
    RED,
    Typeface,
)
from planner.documents.official import (
    CENTRE,
    JUSTIFIED,
    RIGHT,
    indent,
    line,
    rule,
    set_height,
    writable,
    write,
)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

TABLE_PT, TABLE_LINE_PT = 12, 19


def chinese_date(day: date) -> str:
    """2024年10月15日: Arabic figures, no leading zeros, as the standard wants them."""
    return f"{day.year}年{day.month}月{day.day}日"


def flat(text: str) -> str:
    """On one line: a tab or a line end would break the form."""
    return " ".join(writable(text).split())


def add_lines(document: Document, count: int) -> None:
    """Empty lines of the grid."""
    for _ in range(count):
        line(document)


def add_paragraph(
    document: Document,
    text: str,
    face: Typeface = FANG_SONG,
    size: float = BODY_PT,
    align: Any = None,
    colour: str | None = None,
) -> Paragraph:
    """One paragraph without indent."""
    made = document.add_paragraph()
    made.alignment = align
    write(made, flat(text), face, size, colour)
    return made


def add_indented(document: Document, text: str, face: Typeface = FANG_SONG) -> Paragraph:
    """A paragraph of the body: the first line two characters in."""
    made = document.add_paragraph()
    made.alignment = JUSTIFIED
    indent(made, first=2)
    if text:
        write(made, flat(text), face)
    return made


def add_issuer(document: Document, issuer: str) -> None:
    """The issuer's name in red, as large as the form allows, but on one line."""
    name = add_paragraph(document, issuer, BIAO_SONG, head_size(issuer), CENTRE, RED)
    set_height(name, HEAD_PT + 12)


def head_size(issuer: str) -> float:
    """Points of the issuer's name."""
    width = BLOCK_MM[0] / 25.4 * 72
    return min(HEAD_PT, int(width / max(1, len(writable(issuer)))))


def add_number(document: Document, number: str, signatory: str) -> None:
    """The number, and who signs, above the red line.

    With a signatory the number stands to the left and they to the right, each a character from the
    edge; without one the number is centred.
    """
    made = document.add_paragraph()
    if signatory:
        end = Twips(round(CHARACTER_TWIPS * (CHARACTERS - 1)))
        made.paragraph_format.tab_stops.add_tab_stop(end, WD_TAB_ALIGNMENT.RIGHT)
        write(made, f"　{flat(number)}")
        write(made, "\t签发人：")
        write(made, flat(signatory), KAI)
    else:
        made.alignment = CENTRE
        write(made, flat(number))
    rule(made, RED, eighths=16)


def add_signature(document: Document, issuer: str, on: date) -> None:
    """Who issues it and when, four characters from the right."""
    signed = add_paragraph(document, issuer)
    day = add_paragraph(document, chinese_date(on))
    for each in (signed, day):
        each.alignment = RIGHT
        indent(each, right=4)
    signed.paragraph_format.keep_with_next = True


def add_table(document: Document, widths_mm: Sequence[int], rows: int) -> Table:
    """A table with lines, whose rows are never split between pages."""
    made: Table = document.add_table(rows, len(widths_mm), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    for row in made.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)
    for column, width in zip(made.columns, widths_mm, strict=True):
        column.width = Mm(width)
    return made


def repeat_head(table: Table) -> None:
    """The head stands on every page."""
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def fill(cell: _Cell, text: str, face: Typeface = FANG_SONG, align: Any = CENTRE) -> None:
    """Words in a cell, in the middle of its height."""
    cell._tc.get_or_add_tcPr().append(_middle())
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    set_height(paragraph, TABLE_LINE_PT)
    write(paragraph, text if text.isspace() else text.strip("\n"), face, TABLE_PT)


def _middle() -> Any:
    made = OxmlElement("w:vAlign")
    made.set(qn("w:val"), "center")
    return made
