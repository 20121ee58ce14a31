"""The pages of indicators: shown to those who may see them, whole, and nothing typed is lost."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import func, select

from planner.models import Evidence, IndicatorReading, StagedFile
from planner.services import indicator_bases
from planner.services.evidence import EvidenceForm
from planner.services.indicator_bases import BaseForm
from tests.support import files
from tests.support.cast import EDU, HEALTH, LEAD, Cast
from tests.support.metering import SPRING, USED, Measured, confirm, enter, measure
from tests.support.pages import LogIn, Reader, links_of, text_of

Counting = Callable[[], AbstractContextManager[list[str]]]
LINKS = EvidenceForm(links=("https://example.org/report",))


@pytest.fixture
def given(cast: Cast) -> Measured:
    """The cast's plan with indicators."""
    return measure(cast)


def page_of(indicator_id: int) -> str:
    return f"/indicators/{indicator_id}"


def how_many(cast: Cast, kind: type = IndicatorReading) -> int:
    with cast.reading() as db:
        return db.scalar(select(func.count()).select_from(kind)) or 0


@pytest.mark.parametrize("who", ["coordinator", "supervisor", "leader"])
def test_who_reads_the_county_sees_every_indicator(
    given: Measured, client_of: LogIn, who: str
) -> None:
    text = text_of(client_of(who).get("/indicators"))
    for owner in (EDU, HEALTH, LEAD):
        assert owner in text


def test_an_owner_sees_its_own_alone(given: Measured, client_of: LogIn) -> None:
    client = client_of("edu")
    text = text_of(client.get("/indicators"))
    assert HEALTH not in text
    assert LEAD not in text
    assert client.get(page_of(given.edu)).status_code == 200
    assert client.get(page_of(given.health)).status_code == 404


def test_the_list_says_where_each_stands_and_where_it_is_heading(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "98"))
    text = text_of(client_of("leader").get("/indicators?unit=" + str(cast.units[EDU])))
    assert "far off the line" in text
    assert "will be missed at the present pace: 96.67 in 2025" in text
    confirm(cast, given.edu, enter(cast, given.edu, "93", day=date(2024, 5, 6)))
    text = text_of(client_of("leader").get("/indicators?q=教育类"))
    assert "on the line or better" in text
    assert "will be met at the present pace: 88.33 in 2025" in text


def test_contradictions_stand_in_the_list_as_notes(given: Measured, client_of: LogIn) -> None:
    text = text_of(client_of("leader").get("/indicators"))
    assert "contradictory numbers" in text
    assert "与全县总量不能同时成立" in text
    assert "no base confirmed" in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("kind=expected", {"total"}),
        ("kind=binding", {"edu", "health", "mean"}),
        ("light=red", {"edu"}),
        ("light=grey", {"health", "total", "mean"}),
        ("forecast=missed", {"edu"}),
        ("forecast=met", set()),
        ("waiting=yes", {"mean"}),
        ("q=卫生类", {"health"}),
        ("group=没有", set()),
        ("sort=-owner", {"edu", "health", "total", "mean"}),
    ],
)
def test_the_list_is_filtered_and_the_file_holds_the_same(
    cast: Cast, given: Measured, client_of: LogIn, query: str, shown: set[str]
) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "98"))
    enter(cast, given.mean, "170", who="coordinator")
    client = client_of("leader")
    pages = {f"/indicators/{getattr(given, name)}" for name in shown}
    assert {link for link in links_of(client.get(f"/indicators?{query}")) if link in pages} == pages
    answer = client.get(f"/indicators.csv?{query}")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) - 1 == len(shown)


def test_the_tiles_are_as_long_as_their_lists(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "98"))
    enter(cast, given.mean, "170", who="coordinator")
    client = client_of("leader")
    for query in ("light=red", "forecast=missed", "waiting=yes"):
        assert f"/indicators?{query}" in links_of(client.get("/indicators"))
        answer = client.get(f"/indicators.csv?{query}")
        assert len(answer.data.decode().strip().splitlines()) == 2


def test_the_workbook_has_numbers(cast: Cast, given: Measured, client_of: LogIn) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "98.5"))
    answer = client_of("leader").get("/indicators.xlsx")
    with zipfile.ZipFile(BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    for number in ("100", "90", "98.5"):
        assert f"<v>{number}</v>" in sheet


def test_a_reading_is_entered_with_a_file_and_confirmed(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    edu = client_of("edu")
    typed = {"year": "2023", "value": "94", "source": "统计年报", "estimated_by": "按月推算。"}
    upload = (BytesIO(files.pdf()), "统计年报.pdf")
    answer = edu.send(page_of(given.edu), action="/enter", **typed, files=[upload])
    assert answer.status_code == 303
    text = text_of(edu.get(page_of(given.edu)))
    for seen in ("2023: 94", "统计年报.pdf", "按月推算。", "Waiting to be confirmed"):
        assert seen in text
    coordinator = client_of("coordinator")
    assert "教育类人均综合能耗 · 2023" in text_of(coordinator.get("/"))
    answer = coordinator.send(page_of(given.edu), action="/confirm")
    assert answer.status_code == 303
    assert "Confirmed: counts" in text_of(coordinator.get(page_of(given.edu)))
    with cast.reading() as db:
        piece = db.scalars(select(Evidence)).one()
    address = f"{page_of(given.edu)}/evidence/{piece.id}"
    assert "统计年报.pdf" in text_of(edu.get(address))
    assert edu.get(f"{address}/download", buffered=True).data == files.pdf()
    assert edu.get(f"{address}/preview?page=1").mimetype == "image/png"


def test_a_value_that_looks_wrong_shows_a_box_and_keeps_what_was_typed(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    edu = client_of("edu")
    typed = {"year": "2023", "value": "94000", "source": "统计年报", "links": "https://e.org/a"}
    answer = edu.send(page_of(given.edu), action="/enter", **typed)
    assert answer.status_code == 422
    text = text_of(answer)
    assert "about a thousand times the last known value, 100 (2020)" in text
    assert "The value is right as it stands" in text
    assert 'value="统计年报"' in answer.text
    assert "https://e.org/a" in answer.text
    assert how_many(cast) == 0
    (form,) = [each for each in Reader(answer.text).forms if "sure" in each.names]
    assert "sure" not in form.values
    assert edu.post(form.action, data=form.values).status_code == 422
    assert how_many(cast) == 0


def test_a_box_that_was_ticked_for_another_value_does_not_hold(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    edu = client_of("edu")
    token = edu.forms(page_of(given.edu))[-1].values["csrf_token"]
    data = {"csrf_token": token, "year": "2023", "source": "年报", "value": "9400", "sure": "94000"}
    assert edu.post(f"{page_of(given.edu)}/enter", data=data).status_code == 422
    assert edu.post(f"{page_of(given.edu)}/enter", data=data | {"sure": "9400"}).status_code == 303
    assert how_many(cast) == 1


@pytest.mark.parametrize(
    "typed",
    [
        {"value": "很多"},
        {"value": ""},
        {"value": "-1"},
        {"value": "0"},
        {"value": "94.1234567"},
        {"year": "2020"},
        {"year": "2024"},
        {"year": "x"},
        {"source": ""},
        {"links": "ftp://e.org/a"},
    ],
)
def test_bad_input_is_refused_beside_its_field(
    cast: Cast, given: Measured, client_of: LogIn, typed: dict[str, str]
) -> None:
    data = {"year": "2023", "value": "94", "source": "年报", **typed}
    answer = client_of("edu").send(page_of(given.edu), action="/enter", **data)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert how_many(cast) == 0


def test_a_second_decision_is_answered_as_a_conflict_with_what_was_typed(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    reading = enter(cast, given.edu, "94")
    client = client_of("coordinator2")
    form = next(each for each in client.forms(page_of(given.edu)) if "/refuse" in each.action)
    confirm(cast, given.edu, reading)
    answer = client.post(form.action, data={**form.values, "reason": "数字不对，请重报。"})
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Somebody decided on this reading" in text
    assert "数字不对，请重报。" in text


def test_a_second_reading_of_the_year_is_a_conflict_and_keeps_what_was_typed(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    edu = client_of("edu")
    enter(cast, given.edu, "94")
    typed = {"year": "2023", "value": "95", "source": "另一份年报"}
    answer = edu.send(page_of(given.edu), action="/enter", **typed)
    assert answer.status_code == 409
    assert "另一份年报" in answer.text
    assert how_many(cast) == 1


def test_a_double_click_enters_once(cast: Cast, given: Measured, client_of: LogIn) -> None:
    edu = client_of("edu")
    form = next(each for each in edu.forms(page_of(given.edu)) if "/enter" in each.action)
    data = {**form.values, "year": "2023", "value": "94", "source": "年报"}
    assert edu.post(form.action, data=data).status_code == 303
    assert edu.post(form.action, data=data).status_code == 409
    assert how_many(cast) == 1


def test_a_file_that_came_with_a_refused_form_waits_in_staging(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    edu = client_of("edu")
    upload = (BytesIO(files.pdf()), "年报.pdf")
    typed = {"year": "2023", "value": "", "source": "年报", "files": [upload]}
    answer = edu.send(page_of(given.edu), action="/enter", **typed)
    assert answer.status_code == 422
    assert "年报.pdf" in text_of(answer)
    assert how_many(cast, StagedFile) == 1


def test_the_base_is_recorded_on_the_page_and_stands_there(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    answer = client.send(page_of(given.health), action="/base", value="49", reason="按台账核对。")
    assert answer.status_code == 303
    text = text_of(client.get(page_of(given.health)))
    assert "按台账核对。" in text
    assert "no base confirmed" not in text
    assert "/base" not in "".join(each.action for each in client.forms(page_of(given.edu)))


def test_each_year_says_how_it_is_counted(cast: Cast, given: Measured, client_of: LogIn) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "97"))
    text = text_of(client_of("edu").get(page_of(given.edu)))
    assert "the year 2021 is not scored" in text
    assert "no reading of 2022 by" in text
    assert "it counts 0" in text
    assert "2023: 97 千克标煤/人·年, wanted 94; 50 % of the way" in text


def test_the_score_links_to_its_indicator(cast: Cast, given: Measured, client_of: LogIn) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "94", evidence=LINKS))
    answer = client_of("edu").get(f"/scorecard/units/{cast.units[EDU]}?period=2023")
    assert page_of(given.edu) in links_of(answer)


def test_my_work_names_the_readings_that_are_due(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    edu = client_of("edu")
    assert f"{page_of(given.edu)}?year=2023#enter" in links_of(edu.get("/"))
    assert "overdue" in text_of(edu.get("/"))
    enter(cast, given.edu, "94")
    assert "Readings of indicators to enter" not in text_of(edu.get("/"))


@pytest.mark.parametrize(
    ("who", "named"), [("coordinator", {"edu"}), ("supervisor", {"total"}), ("edu", set())]
)
def test_my_work_names_the_readings_that_wait_for_ones_own_decision(
    cast: Cast, given: Measured, client_of: LogIn, who: str, named: set[str]
) -> None:
    made = {
        "edu": enter(cast, given.edu, "94"),
        "total": enter(cast, given.total, "15000", who="coordinator2"),
    }
    links = "".join(links_of(client_of(who).get("/")))
    assert {name for name, reading in made.items() if f"#reading-{reading}" in links} == named


def test_a_sheet_is_looked_at_with_its_working_and_then_sent(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    used = {f"used_{key}": str(value) for key, value in USED.items()}
    typed = {**used, "year": "2023", "source": "年报"}
    answer = client.send("/indicators/sheet", **typed, preview="1")
    assert answer.status_code == 200
    text = text_of(answer)
    assert "174.03" in text
    assert "÷ headcount 88,500 × 1,000 = 174.03" in text
    assert how_many(cast) == 0
    (form,) = [each for each in Reader(answer.text).forms if "send" in each.names]
    assert form.values["used_electricity"] == "9142.2"
    sent = {name: value for name, value in form.values.items() if name != "preview"}
    answer = client.post("/indicators/sheet", data={**sent, "send": "1"})
    assert answer.status_code == 303
    assert how_many(cast) == 2


def test_a_sheet_with_a_wrong_number_keeps_what_was_typed(
    cast: Cast, given: Measured, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    used = {f"used_{key}": str(value) for key, value in USED.items()} | {"used_headcount": "0"}
    answer = client.send("/indicators/sheet", **used, year="2023", source="年报", preview="1")
    assert answer.status_code == 422
    assert "9142.2" in answer.text
    assert "This must be more than 0." in text_of(answer)


def fill(cast: Cast, given: Measured, years: tuple[int, ...]) -> None:
    for year in years:
        for name, value in (("edu", "94"), ("total", "15000"), ("mean", "170")):
            indicator = getattr(given, name)
            who = "edu" if name == "edu" else "coordinator"
            decider = "coordinator" if name == "edu" else "supervisor"
            reading = enter(cast, indicator, value, year, who=who, evidence=LINKS)
            confirm(cast, indicator, reading, who=decider)


def test_with_three_times_the_readings_not_one_query_more(
    cast: Cast, given: Measured, client_of: LogIn, count_queries: Counting
) -> None:
    base = BaseForm(Decimal(49), "按台账核对。")
    cast.do_on(SPRING, indicator_bases.settle_base, "coordinator", given.health, base)
    fill(cast, given, (2021,))
    enter(cast, given.edu, "93", who="edu")
    client = client_of("coordinator")
    paths = ("/indicators", page_of(given.edu), "/", "/scorecard?period=2023")
    for path in paths:
        client.get(path)
    few = {}
    for path in paths:
        with count_queries() as statements:
            client.get(path)
        few[path] = len(statements)
    fill(cast, given, (2022, 2021, 2022))
    for path in paths:
        with count_queries() as statements:
            client.get(path)
        assert len(statements) == few[path], path


def test_before_the_plan_is_there_the_page_says_so(client_of: LogIn, cast: Cast) -> None:
    """The cast's plan has no indicators."""
    assert "answers for no indicator" in text_of(client_of("edu").get("/indicators"))
