"""Exports: real dates and numbers, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from planner.domain.text import t
from planner.i18n import Languages
from planner.models import Assignment
from planner.services.export import BOM, TASK_COLUMNS, Column, Sheet, as_csv, as_workbook
from tests.support.cast import Cast
from tests.support.pages import LogIn

EVIL = ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", "\t=1", "https://example.org/=x"]


@dataclass
class Thing:
    """A row of a table."""

    name: str
    on: date | None
    amount: Decimal | None


COLUMNS = (
    Column[Thing](t("Unit"), 20, lambda thing: thing.name),
    Column[Thing](t("Due date"), 12, lambda thing: thing.on),
    Column[Thing](t("Target"), 12, lambda thing: thing.amount),
    Column[Thing](t("State"), 12, lambda _: t("Draft")),
)


def _sheet(content: bytes) -> tuple[str, str]:
    """The sheet and the shared strings, as XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return (
            book.read("xl/worksheets/sheet1.xml").decode(),
            book.read("xl/sharedStrings.xml").decode(),
        )


def test_a_workbook_has_real_dates_and_numbers_and_a_usable_head() -> None:
    rows = [Thing("县教委", date(2024, 12, 10), Decimal("2.5")), Thing("无", None, None)]
    sheet, words = _sheet(as_workbook([Sheet("任务", COLUMNS, rows)], Languages("zh").default))
    assert "<v>45636</v>" in sheet
    assert "<v>2.5</v>" in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:D3"' in sheet
    assert 'width="2' in sheet
    assert "<t>县教委</t>" in words
    assert "<t>草稿</t>" in words


def test_an_empty_list_is_a_workbook_with_its_head() -> None:
    sheet, _ = _sheet(as_workbook([Sheet("Tasks", COLUMNS, [])], Languages("en").default))
    assert '<autoFilter ref="A1:D1"' in sheet


@pytest.mark.parametrize("text", EVIL)
def test_words_never_become_formulas_or_links(text: str) -> None:
    content = as_workbook([Sheet("T", COLUMNS, [Thing(text, None, None)])], Languages("en").default)
    sheet, _ = _sheet(content)
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    (_, row) = csv.reader(
        io.StringIO(
            as_csv(COLUMNS, [Thing(text, None, None)], Languages("en").default).decode("utf-8-sig"),
            newline="",
        )
    )
    assert not row[0].startswith(("=", "+", "-", "@", "\t"))
    assert row[0].endswith(text)


def test_csv_has_a_byte_order_mark_plain_dates_and_plain_numbers() -> None:
    rows = [Thing("县教委，县“一”中", date(2024, 12, 10), Decimal(1000000))]
    text = as_csv(COLUMNS, rows, Languages("zh").default).decode()
    assert text.startswith(BOM)
    assert text.splitlines()[1] == "县教委，县“一”中,2024-12-10,1000000,草稿"


def test_the_whole_filtered_list_is_exported_in_its_order(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator", locale="zh")
    answer = client.get("/tasks.csv?q=充电桩&sort=-due")
    assert answer.headers["Content-Disposition"] == "attachment; filename=tasks-2024-10-15.csv"
    head, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    chinese = Languages("zh").default
    assert head == [chinese.say(column.head) for column in TASK_COLUMNS]
    due = head.index(chinese.say(t("Due date")))
    assert [line[due] for line in lines] == ["2025-12-31", "2024-12-10"]


def test_an_export_holds_only_what_may_be_opened(cast: Cast, client_of: LogIn) -> None:
    lines = client_of("edu").get("/tasks.csv").data.decode("utf-8-sig").splitlines()
    assert len(lines) == 1
    assert client_of("health").get("/tasks.pdf").status_code == 404


def test_a_text_that_looks_like_a_formula_is_exported_as_text(cast: Cast, client_of: LogIn) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(Assignment, cast.edu_row).text = '=HYPERLINK("http://evil")'
        db.commit()
    client = client_of("coordinator")
    sheet, words = _sheet(client.get("/tasks.xlsx").data)
    assert "<f>" not in sheet
    assert re.search(r"<t[^>]*>=HYPERLINK", words)
    assert "'=HYPERLINK" in client.get("/tasks.csv").data.decode()
