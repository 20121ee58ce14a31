"""Workbooks whose formulas stay alive: values are cached as we know them, and print well.

Words are written as words: what somebody typed never becomes a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias
from unicodedata import east_asian_width

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from planner.documents.official import writable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Value: TypeAlias = "str | int | Decimal | Fraction | date | None"

TITLE, NOTE, HEAD, FIRST = 0, 1, 2, 3
"""Rows of a sheet: title, note, head of the table, first row of the table."""

A4 = 9
LINE_PT = 13.5
PAGE_CHARACTERS = 125
"""Characters that an A4 page across holds unscaled."""

_FONT = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}


@dataclass(frozen=True)
class Formula:
    """A live formula, and the value that we know it to have."""

    text: str
    value: Value


Cell: TypeAlias = "Value | Formula"


@dataclass(frozen=True)
class Column:
    """A column: head, width in characters, number format, alignment; `hidden` helps formulas."""

    head: str
    width: float
    format: str = ""
    align: str = "left"
    hidden: bool = False


@dataclass
class Book:
    """A workbook under way."""

    file: io.BytesIO
    book: Any
    styles: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def style(self, **options: object) -> Any:
        """A format, made once."""
        key = tuple(sorted(options.items()))
        if key not in self.styles:
            self.styles[key] = self.book.add_format({**_FONT, **options})
        return self.styles[key]

    def to_bytes(self) -> bytes:
        """The finished file."""
        return self.file.getvalue()


@contextmanager
def new_book(title: str, author: str, on: date) -> Iterator[Book]:
    """A workbook that carries `on` as its date; it is finished at the end of the block."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        made = datetime.combine(on, time(), UTC).replace(tzinfo=None)
        book.set_properties({"title": writable(title), "author": writable(author), "created": made})
        yield Book(file, book)


@dataclass(frozen=True)
class Table:
    """A table on a sheet of its own; formulas name its columns through `range` and `cell`."""

    sheet: str
    columns: Sequence[Column]
    count: int

    def place(self, head: str) -> int:
        """The column of that head."""
        return next(place for place, each in enumerate(self.columns) if each.head == head)

    def cell(self, head: str, row: int) -> str:
        """The address of a cell on the same sheet; rows are counted from 0."""
        return str(xl_rowcol_to_cell(FIRST + row, self.place(head), col_abs=True))

    def range(self, head: str) -> str:
        """The absolute address of a whole column of the table, from any sheet."""
        return self.block(head, head)

    def block(self, first: str, last: str) -> str:
        """The absolute address of the columns from one head to another, from any sheet."""
        return self._absolute(first, last, FIRST, FIRST + max(self.count, 1) - 1)

    def heads(self, first: str, last: str) -> str:
        """The absolute address of the heads from one to another, from any sheet."""
        return self._absolute(first, last, HEAD, HEAD)

    def fixed(self, head: str, row: int) -> str:
        """The absolute address of one cell, from any sheet."""
        return self._absolute(head, head, FIRST + row, FIRST + row).partition(":")[0]

    def _absolute(self, first: str, last: str, top: int, bottom: int) -> str:
        corners = (
            xl_rowcol_to_cell(row, self.place(head), row_abs=True, col_abs=True)
            for head, row in ((first, top), (last, bottom))
        )
        return f"'{self.sheet}'!{':'.join(corners)}"


def write_table(
    book: Book, table: Table, title: str, note: str, rows: Sequence[Sequence[Cell]], freeze: int
) -> Any:
    """Fill a sheet: title, note, head, rows; frozen, filtered, ready to print. The sheet."""
    sheet = book.book.add_worksheet(table.sheet)
    last = len(table.columns) - 1
    sheet.write_string(
        TITLE, 0, writable(title), book.style(bold=True, font_size=15, font_name="黑体")
    )
    sheet.write_string(NOTE, 0, writable(note), book.style(font_color="#5B6873"))
    sheet.set_row(TITLE, 26)
    sheet.set_row(HEAD, 30)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width, None, {"hidden": column.hidden})
        sheet.write_string(HEAD, place, column.head, _head_style(book))
    for row, cells in enumerate(rows, FIRST):
        sheet.set_row(row, _height(cells, table.columns))
        for place, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
            write_cell(book, sheet, row, place, cell, column)
    sheet.freeze_panes(FIRST, freeze)
    sheet.autofilter(HEAD, 0, FIRST + max(len(rows), 1) - 1, last)
    _set_print(sheet, table)
    return sheet


def _height(cells: Sequence[Cell], columns: Sequence[Column]) -> float:
    """Points that the cell with the most lines takes; not every program works it out by itself."""
    lines = (
        -(-_breadth(cell) // max(1, int(column.width) - 2))
        for cell, column in zip(cells, columns, strict=True)
        if isinstance(cell, str) and not column.hidden
    )
    return LINE_PT * max(1, *lines, 1) + 5


def _breadth(text: str) -> int:
    """Characters of the width of a digit; a Chinese one takes two."""
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def _head_style(book: Book) -> Any:
    return book.style(
        bold=True, bg_color="#DCE6EE", text_wrap=True, border=1, align="center", font_name="黑体"
    )


def _set_print(sheet: Any, table: Table) -> None:
    """A4 across, as wide as one page, the head on every page, page x of y below."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    if sum(column.width for column in table.columns if not column.hidden) > PAGE_CHARACTERS:
        sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
    sheet.set_footer(f"&L{table.sheet}&R第 &P 页，共 &N 页")


def write_cell(
    book: Book, sheet: Any, row: int, place: int, cell: Cell, column: Column, **more: object
) -> None:
    """Write what a cell holds, in the form of its column."""
    options = {"border": 1, "border_color": "#9AA5AE", "align": column.align, **more}
    if column.format:
        options["num_format"] = column.format
    if column.align == "left":
        options |= {"text_wrap": True, "indent": 1}
    style = book.style(**options)
    match cell:
        case Formula(text, known):
            sheet.write_formula(row, place, text, style, _plain(known))
        case None:
            sheet.write_blank(row, place, None, style)
        case str():
            sheet.write_string(row, place, writable(cell), style)
        case date():
            sheet.write_datetime(row, place, datetime.combine(cell, time()), style)
        case _:
            sheet.write_number(row, place, _plain(cell), style)


def _plain(value: Value) -> Any:
    """A number as the file keeps it; nothing is an empty word, as formulas have it."""
    if value is None:
        return ""
    return float(value) if isinstance(value, Decimal | Fraction) else value
