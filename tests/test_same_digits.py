"""Every unit of the demo has the same digits wherever its score is printed.

On the page, in `planner score --json`, in the score table (as cached, and worked out anew by its
formulas), in the ledger, in the circular as Word and as PDF, and in its score sheet.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from flask import Flask

from planner import cli, demo
from planner.app import create_app
from planner.config import load
from planner.domain.exact import rounded
from planner.domain.scores.period import Period
from planner.i18n import Languages
from planner.runtime import Runtime
from planner.services.passwords import DEMO_PASSWORD
from planner.services.scores import PlanScores, UnitScore, current_scores
from tests.support import pdfs, spreadsheets
from tests.support.databases import copy_sqlite
from tests.support.pages import Client, Form, new_client, text_of
from tests.support.spreadsheets import Place, Value, Workbook

GRADES = {"excellent": "优秀", "good": "良好", "pass": "合格", "fail": "不合格", None: None}
SIX = re.compile(r"-?\d+\.\d{6}")
NOTHING_DUE = Languages().get("zh").gettext("nothing due yet")
HEAD = 2
"""The row of a sheet that names its columns."""


@pytest.fixture(scope="module")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The demo, played once."""
    folder = tmp_path_factory.mktemp("demo")
    copy_sqlite(sqlite_template, folder / "demo.sqlite3")
    settings = {
        "PLANNER_VAR": str(folder / "var"),
        "PLANNER_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "PLANNER_TODAY": "2024-10-15",
    }
    runtime = Runtime(load(settings))
    assert demo.play(runtime)
    yield runtime
    runtime.sessions.engine.dispose()


@pytest.fixture(scope="module")
def client(played: Runtime) -> Client:
    """The leader at a browser."""
    app: Flask = create_app(played)
    app.testing = True
    app.test_client_class = Client
    made = new_client(app)
    assert made.send("/login", username="leader", password=DEMO_PASSWORD).status_code == 303
    return made


@dataclass
class Surfaces:
    """Everything that is printed of one period, asked for as people do."""

    runtime: Runtime
    client: Client
    period: str

    def get(self, path: str) -> bytes:
        """A file."""
        answer = self.client.get(f"{path}?period={self.period}")
        assert answer.status_code == 200, path
        return answer.data

    @cached_property
    def scores(self) -> PlanScores:
        """What the rules come to."""
        with self.runtime.sessions.reading() as db:
            scores = current_scores(db, self.runtime.clock(), Period.parse(self.period))
            assert scores.plan.owner.name
            return scores

    @cached_property
    def units(self) -> list[dict[str, Any]]:
        """What the command prints."""
        settings = self.runtime.settings
        environment = {
            "PLANNER_VAR": str(settings.var),
            "PLANNER_DATABASE_URL": settings.database_url,
            "PLANNER_TODAY": str(settings.today),
        }
        words = ["score", "--json", "--period", self.period]
        result = CliRunner(env=environment).invoke(cli.main, words)
        assert result.exit_code == 0, result.output
        units: list[dict[str, Any]] = json.loads(result.stdout)["units"]
        assert len(units) == len(self.scores.units)
        return units

    def circular(self, ending: str) -> bytes:
        """The circular with the words that are proposed."""
        page = f"/scorecard/documents?period={self.period}"
        form = _form(self.client, page)
        answer = self.client.post(
            f"/scorecard/documents/circular.{ending}?period={self.period}", data=form.values
        )
        assert answer.status_code == 200, text_of(answer)
        return answer.data


def _form(client: Client, page: str) -> Form:
    return next(form for form in client.forms(page) if "introduction" in form.names)


@pytest.fixture(params=["2023", "2024", "plan"])
def surfaces(played: Runtime, client: Client, request: pytest.FixtureRequest) -> Surfaces:
    return Surfaces(played, client, request.param)


def names(surfaces: Surfaces) -> dict[str, str]:
    return {each.unit.key: each.unit.name for each in surfaces.scores.units}


def pairs(unit: dict[str, Any]) -> list[tuple[str, str]]:
    """Possible and earned of every line."""
    return [(line["possible"], line["earned"]) for line in unit["lines"]]


def holds(text: str, wanted: list[tuple[str, str]]) -> bool:
    """Whether the pairs stand in the text one after the other."""
    found, flat = SIX.findall(text.replace(",", "")), [each for pair in wanted for each in pair]
    return any(
        found[start : start + len(flat)] == flat for start in range(len(found) - len(flat) + 1)
    )


def test_the_page_prints_what_the_command_prints(surfaces: Surfaces) -> None:
    ids = {each.unit.key: each.unit.id for each in surfaces.scores.units}
    index = surfaces.get("/scorecard").decode()
    for unit in surfaces.units:
        page = surfaces.client.get(f"/scorecard/units/{ids[unit['unit']]}?period={surfaces.period}")
        text = text_of(page)
        assert holds(text, pairs(unit)), unit["unit"]
        assert (unit["total"] or NOTHING_DUE) in text
        assert (unit["total"] or NOTHING_DUE) in index
        if unit["rank"]:
            assert re.search(rf"{unit['rank']} / \d", text)
        assert (GRADES[unit["grade"]] or NOTHING_DUE) in text


def number(value: Value, places: int) -> str | None:
    """A number of a cell with so many decimals, as its format shows it."""
    return f"{value:.{places}f}" if isinstance(value, float) else None


def word(value: Value) -> str | None:
    return str(value) if value else None


@pytest.mark.parametrize("anew", [False, True])
def test_the_score_table_says_it_cached_and_worked_out_anew(surfaces: Surfaces, anew: bool) -> None:
    book = spreadsheets.read(surfaces.get("/scorecard/documents/score-table.xlsx"))

    def value(sheet: str, place: Place) -> Value:
        known = book.sheets[sheet].values.get(place)
        return book.recalculated(sheet, place) if anew else known

    rows = {str(value("评分汇总", row["单位"])): row for row in book.sheets["评分汇总"].table(HEAD)}
    lines = book.sheets["评分明细"].table(HEAD)
    assert len(rows) == len(surfaces.units)
    for unit in surfaces.units:
        row = rows[names(surfaces)[unit["unit"]]]
        assert number(value("评分汇总", row["总分"]), 2) == unit["total"]
        assert word(value("评分汇总", row["等次"])) == GRADES[unit["grade"]]
        assert number(value("评分汇总", row["名次"]), 0) == unit["rank"]
        mine = [
            (
                number(value("评分明细", line["应得分"]), 6),
                number(value("评分明细", line["实得分"]), 6),
            )
            for line in lines
            if value("评分明细", line["单位序号"]) == value("评分汇总", row["序号"])
        ]
        assert mine == pairs(unit)


def test_every_formula_comes_to_what_is_cached(surfaces: Surfaces) -> None:
    """And there are formulas: a total that is only typed in would agree as well."""
    for path, least in (("score-table", 8 * len(surfaces.units)), ("ledger", 40)):
        book = spreadsheets.read(surfaces.get(f"/scorecard/documents/{path}.xlsx"))
        found = list(differing(book))
        assert not [each for each in found if each[1] != each[2]]
        assert len(found) >= least


def differing(book: Workbook) -> Iterator[tuple[str, Value, Value]]:
    """Every formula with its cached value and the one that it comes to, to ten decimals."""
    for sheet in book.sheets.values():
        for place, formula in sheet.formulas.items():
            known, anew = sheet.values.get(place), book.recalculated(sheet.name, place)
            yield formula, plain(known), plain(anew)


def plain(value: Value) -> Value:
    return value or None if isinstance(value, str | None) else round(float(value), 10)


def test_the_ledger_adds_up_to_the_scorecard(surfaces: Surfaces) -> None:
    book = spreadsheets.read(surfaces.get("/scorecard/documents/ledger.xlsx"))
    *boxes, everything = book.sheets["专栏汇总"].table(HEAD)
    by_name = {f"{each.box.number} {each.box.title}": each for each in surfaces.scores.boxes}
    values = book.sheets["专栏汇总"].values
    for row in boxes:
        figures = by_name[str(values[row["专栏"]])].figures
        assert values[row["任务数"]] == figures.counts.counting
        assert values[row["已到期"]] == figures.counts.due
        assert values[row["已办结"]] == figures.counts.accepted
        assert values[row["待审核"]] == figures.counts.waiting
        assert values[row["逾期"]] == figures.counts.overdue
        assert number(values.get(row["工作得分"]), 2) == digits(figures.to_date.total)
        assert values[row["核定完成率"]] == float(rounded(figures.verified, 3))
    assert values[everything["任务数"]] == surfaces.scores.overall.counts.counting
    assert len(book.sheets["任务台账"].table(HEAD)) == values[everything["任务数"]] + shared(
        surfaces.scores
    )


def digits(total: Decimal | None) -> str | None:
    return None if total is None else f"{total:f}"


def shared(scores: PlanScores) -> int:
    return sum(each.figures.counts.shared for each in scores.units)


def ranking(surfaces: Surfaces) -> list[list[str]]:
    """Place, unit, total and grade as a circular prints them, groups one after the other."""
    by_key: dict[str, UnitScore] = {each.unit.key: each for each in surfaces.scores.units}
    return [
        [
            unit["rank"] or "—",
            by_key[unit["unit"]].unit.name,
            unit["total"] or "—",
            GRADES[unit["grade"]] or "—",
        ]
        for unit in surfaces.units
    ]


def test_the_circular_prints_totals_grades_and_ranks_as_word(surfaces: Surfaces) -> None:
    document = docx.Document(io.BytesIO(surfaces.circular("docx")))
    printed = [
        [cell.text for cell in row.cells][:4]
        for table in document.tables
        if table.rows[0].cells[0].text == "名次"
        for row in list(table.rows)[1:]
    ]
    assert sorted(printed) == sorted(ranking(surfaces))
    total = surfaces.scores.overall.to_date.total
    said = "\n".join(each.text for each in document.paragraphs)
    assert total is None or f"全县综合得分{total:f}分" in said


def test_the_circular_prints_the_same_as_pdf(surfaces: Surfaces) -> None:
    content = surfaces.circular("pdf")
    text = re.sub(r"\s+", "", "".join(pdfs.texts(content)))
    for row in ranking(surfaces):
        assert "".join(row) in text
    assert_fonts_are_embedded(content)


def assert_fonts_are_embedded(content: bytes) -> None:
    found = pdfs.fonts(content)
    assert {name.partition("+")[2] for name in found} >= {"NotoSansSC-Regular"}
    assert all(found.values())


def test_each_score_sheet_prints_every_line_total_grade_and_rank(surfaces: Surfaces) -> None:
    ids = {each.unit.key: each.unit.id for each in surfaces.scores.units}
    together = "".join(pdfs.texts(surfaces.get("/scorecard/documents/sheets.pdf")))
    for unit in surfaces.units:
        content = surfaces.get(f"/scorecard/units/{ids[unit['unit']]}/sheet.pdf")
        text = "".join(pdfs.texts(content))
        assert holds(text, pairs(unit)), unit["unit"]
        assert holds(together, pairs(unit)), unit["unit"]
        assert names(surfaces)[unit["unit"]] in text
        assert (unit["total"] or "—") in text
        assert GRADES[unit["grade"]] is None or GRADES[unit["grade"]] in text
        assert unit["rank"] is None or f"第{unit['rank']}名" in re.sub(r"\s", "", text)
        assert_fonts_are_embedded(content)
