"""The circular as a Word file in official document form (GB/T 9704-2012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.document import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.shared import Twips

from planner.documents.blocks import Align, Attachment, Block, Grid, Heading, Paragraph
from planner.documents.circular import Circular, attached, body
from planner.documents.circular_words import CircularWords
from planner.documents.measures import (
    BIAO_SONG,
    CHARACTER_TWIPS,
    CHARACTERS,
    HEI,
    KAI,
    LINE_TWIPS,
    MARK_BELOW_MM,
    SMALL_PT,
    TITLE_PT,
)
from planner.documents.official import (
    CENTRE,
    LEFT,
    RIGHT,
    indent,
    line,
    new_document,
    rule,
    set_height,
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

_SIDES = {Align.LEFT: LEFT, Align.CENTRE: CENTRE, Align.RIGHT: RIGHT}


def write_circular(circular: Circular) -> bytes:
    """The file."""
    words, papers = circular.words, attached(circular)
    document = new_document(flat(words.title), words.issuer)
    _head(document, words)
    add_paragraph(document, f"{words.addressees}：", align=LEFT)
    _add(document, body(circular))
    _list(document, papers)
    add_lines(document, 2)
    add_signature(document, words.issuer, words.on)
    _imprint(document, words)
    for number, paper in enumerate(papers, 1):
        _attach(document, paper, number if len(papers) > 1 else None)
    return to_bytes(document)


def _head(document: Document, words: CircularWords) -> None:
    """Red name of the issuer, number, red line, title."""
    line(document, height=MARK_BELOW_MM / 25.4 * 72 - LINE_TWIPS / 20)
    add_issuer(document, words.issuer)
    add_lines(document, 2)
    add_number(document, words.number, words.signatory)
    add_lines(document, 2)
    _title(document, words.title)
    add_lines(document, 1)


def _title(document: Document, title: str) -> None:
    """Off the grid of characters: LibreOffice would give each of these larger ones two places."""
    for part in writable(title).split("\n"):
        if part.strip():
            made = add_paragraph(document, part, BIAO_SONG, TITLE_PT, CENTRE)
            set_height(made, LINE_TWIPS / 20)


def _add(document: Document, blocks: Sequence[Block]) -> None:
    for block in blocks:
        match block:
            case Heading(text):
                made = add_indented(document, text, HEI)
                made.paragraph_format.keep_with_next = True
            case Paragraph(text, lead):
                made = add_indented(document, "")
                write(made, flat(lead), KAI)
                write(made, flat(text))
            case Grid():
                _grid(document, block)


def _grid(document: Document, grid: Grid) -> None:
    if grid.name:
        name = add_paragraph(document, grid.name, HEI, align=LEFT)
        name.paragraph_format.keep_with_next = True
    table = add_table(document, [column.width for column in grid.columns], len(grid.rows) + 1)
    heads = tuple(column.head for column in grid.columns)
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        fill(cell, head, HEI)
    repeat_head(table)
    sides: list[Any] = [_SIDES[column.align] for column in grid.columns]
    for row, cells in zip(list(table.rows)[1:], grid.rows, strict=True):
        for cell, text, side in zip(row.cells, cells, sides, strict=True):
            fill(cell, flat(text), align=side)
    line(document)


def _list(document: Document, papers: Sequence[Attachment]) -> None:
    """附件：1.…, a line below the text, the further ones under the first."""
    if not papers:
        return
    line(document)
    for number, paper in enumerate(papers, 1):
        made = document.add_paragraph()
        head = "附件：" if number == 1 else "　　　"
        numbered = f"{number}.{paper.title}" if len(papers) > 1 else paper.title
        indent(made, first=2)
        write(made, f"{head}{numbered}")


def _imprint(document: Document, words: CircularWords) -> None:
    """版记: who gets copies, who printed it and when, between lines as wide as the text.

    Lines of the same weight below neighbours would be drawn as one.
    """
    line(document)
    above = line(document, height=8)
    rule(above, "000000", eighths=8)
    above.paragraph_format.keep_with_next = True
    if words.copies.strip():
        copies = document.add_paragraph()
        write(copies, f"　抄送：{flat(words.copies)}。", size=SMALL_PT)
        rule(copies, "000000", eighths=6)
        copies.paragraph_format.keep_with_next = True
    printed = document.add_paragraph()
    end = Twips(round(CHARACTER_TWIPS * (CHARACTERS - 1)))
    printed.paragraph_format.tab_stops.add_tab_stop(end, WD_TAB_ALIGNMENT.RIGHT)
    write(printed, f"　{flat(words.issuer)}\t{chinese_date(words.on)}印发", size=SMALL_PT)
    rule(printed, "000000", eighths=9)


def _attach(document: Document, paper: Attachment, number: int | None) -> None:
    mark = add_paragraph(document, f"附件{number or ''}", HEI, align=LEFT)
    mark.paragraph_format.page_break_before = True
    line(document)
    _title(document, paper.title)
    line(document)
    _add(document, paper.blocks)
