"""Tables as files: Excel with real dates and numbers, and CSV that spreadsheets open rightly.

Words are written as words: what somebody typed never becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeAlias, TypeVar

from xlsxwriter import Workbook

from planner.domain.names import NAMES
from planner.domain.text import Text, t
from planner.i18n import Language
from planner.services.task_list import Line

Row = TypeVar("Row")
Cell: TypeAlias = "str | int | Decimal | date | Text | None"

BOM = "\ufeff"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its head, its width in characters, and the value that a row has there.

    With `places` its numbers always show so many decimals.
    """

    head: Text
    width: int
    value: Callable[[Row], Cell]
    places: int | None = None


def _name(word: str) -> Text:
    return NAMES[word]  # type: ignore[index]


def _action(line: Line) -> str:
    action = line.assignment.task.action
    return f"{action.number} {action.title}"


def _unit(line: Line) -> str | None:
    assignment = line.assignment
    holder = assignment.unit or assignment.group
    return holder.name if holder else None


def _days_late(line: Line) -> int | None:
    return line.standing.days_late if line.standing else None


TASK_COLUMNS: Sequence[Column[Line]] = (
    Column(t("Number"), 8, lambda line: line.assignment.task.number),
    Column(t("Action"), 24, _action),
    Column(t("Task"), 48, lambda line: line.assignment.task.sentence),
    Column(t("Assignment"), 48, lambda line: line.assignment.text),
    Column(t("Unit"), 20, _unit),
    Column(t("Year"), 8, lambda line: line.assignment.year),
    Column(t("Part"), 8, lambda line: _name(line.assignment.part)),
    Column(t("Origin"), 12, lambda line: _name(line.assignment.task.origin)),
    Column(t("Document number"), 20, lambda line: line.assignment.task.document_number),
    Column(t("Due date"), 12, lambda line: line.assignment.due_on),
    Column(t("State"), 12, lambda line: _name(line.assignment.state)),
    Column(t("Standing"), 22, lambda line: line.standing.text if line.standing else None),
    Column(t("Working days late"), 10, _days_late),
    Column(t("Target"), 10, lambda line: line.assignment.amount),
    Column(t("Measure"), 8, lambda line: line.assignment.measure),
    Column(t("Verified"), 10, lambda line: line.verified),
    Column(t("Evidence found untrue"), 12, lambda line: t("yes") if line.untrue else None),
    Column(t("Weight"), 8, lambda line: line.assignment.weight),
    Column(t("Nodes"), 8, lambda line: line.nodes),
    Column(t("Issued on"), 12, lambda line: line.assignment.issued_on),
    Column(t("Accepted on"), 12, lambda line: line.assignment.accepted_on),
)
"""What the task list is exported with."""


@dataclass(frozen=True)
class Sheet(Generic[Row]):
    """One sheet of a workbook; its name is cut to the 31 characters that Excel allows."""

    name: str
    columns: Sequence[Column[Row]]
    rows: Iterable[Row]


def as_workbook(sheets: Sequence[Sheet[Any]], language: Language) -> bytes:
    """A workbook with several sheets, each with frozen head, filter on, widths set."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        for sheet in sheets:
            _fill(book, sheet, language)
    return file.getvalue()


def _fill(book: Workbook, wanted: Sheet[Any], language: Language) -> None:
    sheet = book.add_worksheet(wanted.name[:31])
    head = book.add_format({"bold": True, "bg_color": "#DCE6EE", "text_wrap": True})
    styles = [_style(book, column) for column in wanted.columns]
    dates = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    for place, column in enumerate(wanted.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, language.say(column.head), head)
    last = 0
    for last, row in enumerate(wanted.rows, 1):
        for place, column in enumerate(wanted.columns):
            _write(sheet, last, place, column.value(row), language, styles[place], dates)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(wanted.columns) - 1)


def _style(book: Workbook, column: Column[Any]) -> Any:
    if column.places is None:
        return book.add_format({"text_wrap": True, "valign": "top"})
    return book.add_format({"num_format": f"0.{'0' * column.places}", "valign": "top"})


def _write(
    sheet: Any, row: int, place: int, value: Cell, language: Language, style: Any, dates: Any
) -> None:
    match value:
        case None:
            return
        case date():
            sheet.write_datetime(row, place, value, dates)
        case int() | Decimal():
            sheet.write_number(row, place, value, style)
        case _:
            sheet.write_string(row, place, language.say(value) if _is_text(value) else value, style)


def _is_text(value: object) -> bool:
    return isinstance(value, Text)


def as_csv(columns: Sequence[Column[Row]], rows: Iterable[Row], language: Language) -> bytes:
    """Comma-separated UTF-8 with a byte order mark, which Excel needs for Chinese."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([language.say(column.head) for column in columns])
    for row in rows:
        writer.writerow([_plain(column.value(row), language) for column in columns])
    return (BOM + file.getvalue()).encode()


def _plain(value: Cell, language: Language) -> str:
    """The value as words; what would become a formula gets an apostrophe in front."""
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case Text():
            return language.say(value)
        case _:
            return f"'{value}" if value.startswith(_FORMULA) else value
