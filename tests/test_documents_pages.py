"""The page of what is handed round: who may have what, and what is noted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import docx
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from planner.domain.names import act_name
from planner.domain.text import Text
from planner.models import JournalEntry, Unit
from planner.services import breakdown
from planner.services.tasks import RowForm, add_rows
from tests.support import history, pdfs, spreadsheets
from tests.support.cast import EDU, HEALTH, SCHOOL, TODAY, Cast
from tests.support.pages import Client, Form, LogIn, Reader, links_of, text_of

COUNTY = ("leader", "supervisor", "coordinator")
PAGE = "/scorecard/documents"
FILES = ("score-table.xlsx", "ledger.xlsx", "sheets.pdf")


@pytest.fixture
def played(cast: Cast) -> Cast:
    """The cast in the middle of its year."""
    history.play(cast, TODAY)
    return cast


def circular_form(page: TestResponse) -> Form:
    return next(form for form in Reader(page.text).forms if "introduction" in form.names)


def ask(client: Client, where: str = "", **typed: Any) -> TestResponse:
    """Send the circular's form with what is proposed, and what is typed over it."""
    form = circular_form(client.get(PAGE))
    return client.post(f"{PAGE}{where}", data={**form.values, **typed})


def entries(cast: Cast) -> list[JournalEntry]:
    with cast.reading() as db:
        query = select(JournalEntry).where(JournalEntry.verb == "circular")
        return list(db.scalars(query.order_by(JournalEntry.id)))


@pytest.mark.parametrize("username", COUNTY)
def test_who_reads_the_county_has_every_paper(
    played: Cast, client_of: LogIn, username: str
) -> None:
    client = client_of(username)
    links = links_of(client.get(PAGE))
    for name in FILES:
        address = next(link for link in links if name in link)
        assert client.get(address).status_code == 200
    assert any(PAGE in link for link in links_of(client.get("/scorecard")))


@pytest.mark.parametrize("username", ["edu", "edu-head"])
def test_a_unit_has_its_own_score_sheet_and_nothing_of_the_county(
    played: Cast, client_of: LogIn, username: str
) -> None:
    form = RowForm("又一项工作。", [played.units[HEALTH]], TODAY)
    for row in played.do(add_rows, "coordinator", played.standard, form):
        played.do(breakdown.issue, "coordinator", row.id)
    other = f"/scorecard/units/{played.units[HEALTH]}/sheet.pdf"
    assert client_of("leader").get(other).status_code == 200
    client = client_of(username)
    mine = f"/scorecard/units/{played.units[EDU]}"
    address = next(link for link in links_of(client.get(mine)) if "sheet.pdf" in link)
    assert EDU in "".join(pdfs.texts(client.get(address).data))
    assert client.get(other).status_code == 404
    for name in ("", *(f"/{each}" for each in FILES)):
        assert client.get(PAGE + name).status_code == 404
    assert not any(PAGE in link for link in links_of(client.get("/scorecard")))


def test_a_superior_unit_has_its_subordinates_sheet(played: Cast, client_of: LogIn) -> None:
    played.do(breakdown.issue, "coordinator", played.school_row)
    client = client_of("edu")
    assert client.get(f"/scorecard/units/{played.units[SCHOOL]}/sheet.pdf").status_code == 200


def test_the_preview_shows_what_was_typed_and_notes_nothing(played: Cast, client_of: LogIn) -> None:
    answer = ask(client_of("coordinator"), addressees="各乡镇", requirements="甲。\n乙。")
    assert answer.status_code == 200
    text = text_of(answer)
    assert "各乡镇：" in text
    assert "（一） 甲。" in text or "（一）甲。" in text
    assert circular_form(answer).values["addressees"] == "各乡镇"
    assert not entries(played)


def test_the_preview_and_the_files_say_the_same(played: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    shown = re.sub(r"\s+", "", text_of(ask(client)))
    document = docx.Document(BytesIO(ask(client, "/circular.docx").data))
    for paragraph in document.paragraphs:
        assert re.sub(r"\s+", "", paragraph.text) in shown, paragraph.text
    for table in document.tables:
        for row in table.rows:
            assert re.sub(r"\s+", "", "".join(cell.text for cell in row.cells)) in shown


@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_each_circular_that_is_made_is_noted_with_its_hash(
    played: Cast, client_of: LogIn, ending: str
) -> None:
    client = client_of("coordinator")
    answer = ask(client, f"/circular.{ending}", number="测〔2024〕1号")
    assert answer.status_code == 200
    (entry,) = entries(played)
    assert entry.data["sha256"] == hashlib.sha256(answer.data).hexdigest()
    assert (entry.data["document"], entry.data["format"]) == ("测〔2024〕1号", ending)
    assert (entry.data["period"], entry.subject) == ("2024", f"plan:{played.plan}")
    assert isinstance(act_name("circular"), Text)
    again = ask(client, f"/circular.{ending}", number="测〔2024〕1号")
    assert again.status_code == 200
    assert len(entries(played)) == 2


@pytest.mark.parametrize("where", ["", "/circular.docx", "/circular.pdf"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": " "}, "This field is required."),
        ({"introduction": "\n \n"}, "Please fill in this field."),
        ({"answer_by": "2024-10-14"}, "The answer cannot be due before the circular is dated."),
        ({"on": "soon"}, "Not a valid date value."),
        ({"issuer": "县" * 201}, "Field cannot be longer than 200 characters."),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(
    played: Cast, client_of: LogIn, where: str, typed: dict[str, str], said: str
) -> None:
    answer = ask(client_of("coordinator"), where, requirements="不可丢失。", **typed)
    assert answer.status_code == 422
    assert re.search(rf"{re.escape(said)}|Please fill in this field", text_of(answer))
    assert circular_form(answer).values["requirements"].strip() == "不可丢失。"
    assert not entries(played)


def test_the_language_is_switched_on_the_preview_without_losing_what_was_typed(
    played: Cast, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    page = ask(client, "/circular.pdf", title="")
    switch = next(form for form in Reader(page.text).forms if "read_in" in form.names)
    values = {**switch.values, "title": "关于进展的通报", "read_in": "zh"}
    switched = client.post(switch.action, data=values)
    assert (switched.status_code, switched.mimetype) == (422, "text/html")
    assert circular_form(switched).values["title"].strip() == "关于进展的通报"
    assert not entries(played)


def test_names_of_files_are_chinese_and_headers_are_not(played: Cast, client_of: LogIn) -> None:
    """A server refuses a header that is not plain."""
    client = client_of("leader")
    for name in FILES:
        header = client.get(f"{PAGE}/{name}").headers["Content-Disposition"]
        assert header.isascii()
        assert "filename*=UTF-8''" in header


@pytest.mark.parametrize("name", ["score-table.xlsx", "ledger.xlsx"])
def test_what_somebody_typed_never_becomes_a_formula(
    played: Cast, client_of: LogIn, name: str
) -> None:
    evil = '=HYPERLINK("x")'
    with played.runtime.sessions.writing() as db:
        db.get_one(Unit, played.units[EDU]).name = evil
        db.commit()
    book = spreadsheets.read(client_of("leader").get(f"{PAGE}/{name}").data)
    values = [value for sheet in book.sheets.values() for value in sheet.values.values()]
    formulas = [text for sheet in book.sheets.values() for text in sheet.formulas.values()]
    assert evil in values
    assert not [text for text in formulas if "HYPERLINK" in text]


def test_units_whose_names_are_patterns_keep_their_own_sums(played: Cast, client_of: LogIn) -> None:
    """县* would match every unit of the county, were it the key."""
    with played.runtime.sessions.writing() as db:
        db.get_one(Unit, played.units[EDU]).name = "县*"
        db.commit()
    client = client_of("leader")
    for name in ("score-table.xlsx", "ledger.xlsx"):
        book = spreadsheets.read(client.get(f"{PAGE}/{name}").data)
        for sheet in book.sheets.values():
            for place in sheet.formulas:
                known, anew = sheet.values.get(place), book.recalculated(sheet.name, place)
                assert (known or 0) == pytest.approx(anew or 0)


def test_a_plan_of_which_nothing_was_issued_has_papers_too(cast: Cast, client_of: LogIn) -> None:
    client = client_of("leader")
    assert "Nothing was issued yet" in text_of(client.get(PAGE))
    assert client.get(f"{PAGE}/sheets.pdf").status_code == 404
    for name in ("score-table.xlsx", "ledger.xlsx"):
        assert client.get(f"{PAGE}/{name}").status_code == 200
    assert ask(client, "/circular.pdf").status_code == 200


@pytest.fixture
def asked(client_of: LogIn) -> Callable[[], None]:
    """Asks for every paper."""
    client = client_of("leader")

    def all_of_them() -> None:
        for path in (PAGE, *(f"{PAGE}/{name}" for name in FILES)):
            assert client.get(path).status_code == 200

    return all_of_them


def test_three_times_the_rows_ask_no_query_more(
    played: Cast,
    asked: Callable[[], None],
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    asked()
    with count_queries() as few:
        asked()
    with played.runtime.sessions.writing() as db:
        more = [Unit(key=f"more-{n}", name=f"又一单位{n}", ranking_group="更多") for n in range(12)]
        db.add_all(more)
        db.commit()
        unit_ids = [each.id for each in more]
    form = RowForm("又一项工作。", unit_ids, TODAY)
    for row in played.do(add_rows, "coordinator", played.standard, form):
        played.do(breakdown.issue, "coordinator", row.id)
    with played.reading() as db:
        assert db.scalar(select(func.count(Unit.id))) == len(unit_ids) + len(played.units)
    with count_queries() as many:
        asked()
    assert len(many) == len(few)
