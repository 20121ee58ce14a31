"""Every unit of the demo's final assessment has the same digits wherever its result is printed.

On its page, in the performance office's file, in the score table (as cached, and worked out anew by
its formulas), in the circular as Word and as PDF, in its score sheet; and verify agrees.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import docx
import pytest
from flask import Flask
from sqlalchemy import select

from planner.app import create_app
from planner.domain.exact import rounded
from planner.models import Assessment, Snapshot, UnitResult
from planner.runtime import Runtime
from planner.services import snapshots
from planner.services.passwords import DEMO_PASSWORD
from tests.support import pdfs, spreadsheets
from tests.support.pages import Client, Reader, new_client, text_of
from tests.support.spreadsheets import Place, Value
from tests.test_same_digits import (
    GRADES,
    HEAD,
    assert_fonts_are_embedded,
    differing,
    holds,
    number,
    played,
    word,
)

__all__ = ["played"]


def converted(total: Decimal, scale: Decimal) -> str:
    """The total on the performance office's scale, half up to 2 places."""
    return f"{rounded(Fraction(total) * Fraction(scale) / 100, 2):.2f}"


@dataclass
class Unit:
    """A kept result as it is to be printed."""

    id: int
    name: str
    total: str | None
    grade: str | None
    rank: str | None
    converted: str | None
    pairs: list[tuple[str, str]]


@dataclass
class Result:
    """One revision of the demo's final assessment, and the leader who asks for its papers."""

    runtime: Runtime
    client: Client
    revision: int
    page: str = "/assessments/1"

    def get(self, path: str = "") -> bytes:
        answer = self.client.get(f"{self.page}{path}?revision={self.revision}")
        assert answer.status_code == 200, path
        return answer.data

    def text(self, path: str = "") -> str:
        return text_of(self.client.get(f"{self.page}{path}?revision={self.revision}"))

    def circular(self, ending: str) -> bytes:
        page = f"{self.page}/circular?revision={self.revision}"
        forms = Reader(self.client.get(page).text).forms
        form = next(each for each in forms if "introduction" in each.names)
        address = f"{self.page}/circular.{ending}?revision={self.revision}"
        answer = self.client.post(address, data=form.values)
        assert answer.status_code == 200
        return answer.data

    @cached_property
    def units(self) -> list[Unit]:
        """What is kept in the database."""
        with self.runtime.sessions.reading() as db:
            rows = db.scalars(
                select(UnitResult)
                .join(Snapshot)
                .where(Snapshot.assessment_id == 1, Snapshot.revision == self.revision)
            )
            scale = db.get_one(Assessment, 1).converted_to
            return [
                Unit(
                    row.unit_id,
                    row.unit_name,
                    None if row.total is None else f"{row.total:.2f}",
                    GRADES[row.grade],
                    str(row.place) if row.place else None,
                    None if row.total is None else converted(row.total, scale),
                    [(str(line["possible"]), str(line["earned"])) for line in row.lines],
                )
                for row in rows
            ]


@pytest.fixture(params=[1, 2])
def result(played: Runtime, request: pytest.FixtureRequest) -> Result:
    app: Flask = create_app(played)
    app.testing = True
    app.test_client_class = Client
    client = new_client(app)
    assert client.send("/login", username="leader", password=DEMO_PASSWORD).status_code == 303
    made = Result(played, client, request.param)
    assert len(made.units) == 4
    return made


def test_the_pages_print_what_is_kept(result: Result) -> None:
    index = result.text()
    for unit in result.units:
        text = result.text(f"/units/{unit.id}")
        assert holds(text, unit.pairs), unit.name
        assert f"{unit.total} {unit.grade}" in text
        assert re.search(rf"{unit.name}.*?{unit.total} {unit.grade}", index)
        assert unit.rank is None or f"{unit.rank} / 2" in index


def test_the_performance_office_gets_the_same(result: Result) -> None:
    rows = list(csv.reader(io.StringIO(result.get("/result.csv").decode("utf-8-sig"))))
    heads = [rows[0].index(name) for name in ("单位", "总分", "排名", "等次", "折算分")]
    found = {tuple(row[each] for each in heads) for row in rows[1:]}
    assert found == {
        (unit.name, unit.total, unit.rank or "", unit.grade, unit.converted)
        for unit in result.units
    }


@pytest.mark.parametrize("anew", [False, True])
def test_the_score_table_says_it_cached_and_worked_out_anew(result: Result, anew: bool) -> None:
    book = spreadsheets.read(result.get("/score-table.xlsx"))

    def value(sheet: str, place: Place) -> Value:
        known = book.sheets[sheet].values.get(place)
        return book.recalculated(sheet, place) if anew else known

    rows = {str(value("评分汇总", row["单位"])): row for row in book.sheets["评分汇总"].table(HEAD)}
    lines = book.sheets["评分明细"].table(HEAD)
    for unit in result.units:
        row = rows[unit.name]
        assert number(value("评分汇总", row["总分"]), 2) == unit.total
        assert word(value("评分汇总", row["等次"])) == unit.grade
        assert number(value("评分汇总", row["名次"]), 0) == unit.rank
        assert number(value("评分汇总", row["折算得分"]), 2) == unit.converted
        assert [
            (
                number(value("评分明细", line["应得分"]), 6),
                number(value("评分明细", line["实得分"]), 6),
            )
            for line in lines
            if value("评分明细", line["单位序号"]) == value("评分汇总", row["序号"])
        ] == unit.pairs


def test_every_formula_of_it_comes_to_what_is_cached(result: Result) -> None:
    found = list(differing(spreadsheets.read(result.get("/score-table.xlsx"))))
    assert not [each for each in found if each[1] != each[2]]
    assert len(found) >= 9 * len(result.units)


def test_the_circular_prints_the_same_as_word_and_as_pdf(result: Result) -> None:
    document = docx.Document(io.BytesIO(result.circular("docx")))
    rows = [
        [cell.text for cell in row.cells][:4]
        for table in document.tables
        for row in list(table.rows)[1:]
    ]
    wanted = [
        [unit.rank or "—", unit.name, unit.total or "—", unit.grade or "—"] for unit in result.units
    ]
    assert sorted(rows) == sorted(wanted)
    content = result.circular("pdf")
    text = re.sub(r"\s+", "", "".join(pdfs.texts(content)))
    for row in wanted:
        assert "".join(row) in text
    assert_fonts_are_embedded(content)


def test_each_score_sheet_prints_every_line_total_grade_and_rank(result: Result) -> None:
    together = "".join(pdfs.texts(result.get("/sheets.pdf")))
    for unit in result.units:
        content = result.get(f"/units/{unit.id}/sheet.pdf")
        text = "".join(pdfs.texts(content))
        assert holds(text, unit.pairs), unit.name
        assert holds(together, unit.pairs), unit.name
        for said in (unit.name, unit.total, unit.grade, unit.converted):
            assert said is not None
            assert said in text
        assert unit.rank is None or f"第{unit.rank}名" in re.sub(r"\s", "", text)
        assert_fonts_are_embedded(content)


def test_the_head_of_every_page_names_the_unit_whose_sheet_it_is(result: Result) -> None:
    whose = ""
    for page in pdfs.texts(result.get("/sheets.pdf")):
        title = next((unit.name for unit in result.units if f"{unit.name}2023年度" in page), None)
        whose = title or whose
        assert f"评分表　{whose}" in page


def test_verify_says_so_too(played: Runtime) -> None:
    with played.sessions.reading() as db:
        assert not list(snapshots.verify(db))
