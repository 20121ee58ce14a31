"""The scorecard: the same digits as everywhere, only for those who may read them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask

from planner.domain.scores.period import Period
from planner.models import Unit, User
from planner.services import breakdown, rollups
from planner.services.scores import current_scores
from planner.services.tasks import RowForm, add_rows
from tests.support import history
from tests.support.cast import EDU, HEALTH, LEAD, SCHOOL, TODAY, Cast
from tests.support.pages import LogIn, links_of, text_of

COUNTY = ("leader", "supervisor", "coordinator")


@pytest.fixture
def played(cast: Cast) -> Cast:
    """The cast in the middle of its year."""
    history.play(cast, TODAY)
    return cast


@pytest.mark.parametrize("username", COUNTY)
def test_the_county_is_seen_by_those_who_steer_it(
    played: Cast, client_of: LogIn, username: str
) -> None:
    text = text_of(client_of(username).get("/scorecard"))
    assert EDU in text
    assert LEAD in text
    assert "Units × boxes" in text


def test_a_liaison_sees_the_own_unit_alone(played: Cast, client_of: LogIn) -> None:
    client = client_of("health")
    text = text_of(client.get("/scorecard"))
    assert EDU not in text
    assert "Units × boxes" not in text
    assert client.get(f"/scorecard/units/{played.units[EDU]}").status_code == 404
    assert client.get(f"/scorecard/boxes/{played.action}").status_code == 404


def test_a_coordinator_of_a_unit_that_leads_nothing_sees_the_own_unit_alone(
    played: Cast, client_of: LogIn
) -> None:
    client = client_of("coordinator2")
    with played.runtime.sessions.writing() as db:
        db.get_one(User, played.users["coordinator2"]).unit_id = played.units[HEALTH]
        db.commit()
    text = text_of(client.get("/scorecard"))
    assert EDU not in text
    assert "Units × boxes" not in text
    assert client.get(f"/scorecard/units/{played.units[EDU]}").status_code == 404
    assert client.get(f"/scorecard/boxes/{played.action}").status_code == 404


def test_a_superior_unit_may_read_its_subordinates_score(played: Cast, client_of: LogIn) -> None:
    played.do(breakdown.issue, "coordinator", played.school_row)
    client = client_of("edu")
    assert client.get(f"/scorecard/units/{played.units[SCHOOL]}").status_code == 200


@pytest.mark.parametrize("username", ["auditor", "admin"])
def test_who_does_no_business_has_no_scorecard(
    played: Cast, client_of: LogIn, username: str
) -> None:
    assert client_of(username).get("/scorecard").status_code == 403


@pytest.mark.parametrize("period", ["2024", "plan"])
def test_the_page_prints_the_digits_of_the_rules(
    played: Cast, client_of: LogIn, period: str
) -> None:
    with played.reading() as db:
        scores = current_scores(db, played.clock(), Period.parse(period))
    client = client_of("leader")
    index = text_of(client.get(f"/scorecard?period={period}"))
    for each in scores.units:
        total = each.figures.to_date.total
        assert (f"{total:.2f}" if total is not None else "nothing due yet") in index
        page = text_of(client.get(f"/scorecard/units/{each.unit.id}?period={period}"))
        for line in each.lines:
            assert f"{line.earned:.6f}" in page.replace(",", "")


def test_every_number_opens_a_list_of_that_length(played: Cast, client_of: LogIn) -> None:
    client = client_of("leader")
    with played.reading() as db:
        scores = current_scores(db, played.clock(), Period(2024))
    counts = scores.overall.counts
    base = "/tasks?counted=2024"
    assert base in links_of(client.get("/scorecard?period=2024"))
    for query, number in (
        ("", counts.counting),
        ("&state=accepted", counts.accepted),
        ("&state=submitted", counts.waiting),
        ("&overdue=yes", counts.overdue),
        (f"&to={TODAY}", counts.due),
    ):
        text = text_of(client.get(base + query))
        found = re.search(r"–\d+ of (\d+)", text)
        assert (int(found.group(1)) if found else 0) == number, query


def test_nonsense_in_the_address_is_the_present_year(played: Cast, client_of: LogIn) -> None:
    client = client_of("leader")
    for period in ("", "soon", "20244", "-1", "0000", "２０２４"):
        answer = client.get("/scorecard", query_string={"period": period})
        assert answer.status_code == 200
        assert "period: 2024" in text_of(answer)


def test_the_trend_is_drawn_from_the_stored_days(played: Cast, client_of: LogIn) -> None:
    client = client_of("leader")
    assert "chart-line-total" not in client.get("/scorecard").text
    with played.runtime.sessions.writing() as db:
        rollups.store_missing(db, played.clock())
        db.commit()
    assert "chart-line-total" in client.get("/scorecard").text


def test_before_a_plan_is_read_the_page_says_so(app: Flask, cast: Cast, client_of: LogIn) -> None:
    text = text_of(client_of("health").get("/scorecard"))
    assert "Nothing was issued yet" in text


def test_three_times_the_units_ask_no_query_more(
    played: Cast, client_of: LogIn, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    client = client_of("leader")
    client.get("/scorecard")
    with count_queries() as few:
        client.get("/scorecard")
    with played.runtime.sessions.writing() as db:
        more = [Unit(key=f"more-{n}", name=f"又一单位{n}", ranking_group="更多") for n in range(12)]
        db.add_all(more)
        db.commit()
        ids = [unit.id for unit in more]
    form = RowForm("同一件事", ids, date(2024, 11, 1))
    for row in played.do(add_rows, "coordinator", played.standard, form):
        played.do(breakdown.issue, "coordinator", row.id)
    with count_queries() as many:
        text = text_of(client.get("/scorecard"))
    assert "又一单位11" in text
    assert len(many) == len(few)


def test_the_export_prints_the_digits_of_the_page(played: Cast, client_of: LogIn) -> None:
    client = client_of("leader")
    assert "/scorecard.csv?period=2024" in links_of(client.get("/scorecard?period=2024"))
    units = table_of(client.get("/scorecard.csv?period=2024").data)
    page = text_of(client.get("/scorecard?period=2024"))
    assert {row["Unit"] for row in units} >= {EDU, LEAD}
    for row in units:
        assert (row["Score to date"] or "nothing due yet") in page
        verified, claimed = (
            row[f"{name}, %"].removesuffix(".0") for name in ("Verified", "Claimed")
        )
        assert f"verified {verified}% · claimed {claimed}%" in page
    edu = next(row for row in units if row["Unit"] == EDU)
    lines = table_of(client.get("/scorecard/lines.csv?period=2024").data)
    for scope in ("Score to date", "Whole period"):
        own = [row for row in lines if (row["Unit"], row["Score"]) == (EDU, scope)]
        assert sum(Decimal(row["Earned"]) for row in own) == Decimal(edu[scope] or 0)


def test_the_workbook_has_the_units_and_the_lines(played: Cast, client_of: LogIn) -> None:
    book = zipfile.ZipFile(BytesIO(client_of("leader").get("/scorecard.xlsx").data))
    names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names == ["Scorecard", "Line by line"]
    styles = book.read("xl/styles.xml").decode()
    assert 'formatCode="0.000000"' in styles
    assert 'formatCode="0.00"' in styles


def test_the_export_holds_what_its_reader_may_read(played: Cast, client_of: LogIn) -> None:
    for path in ("/scorecard.csv", "/scorecard/lines.csv"):
        rows = table_of(client_of("edu").get(path).data)
        assert {row["Unit"] for row in rows} == {EDU}


def table_of(content: bytes) -> list[dict[str, str]]:
    """A CSV file's rows by their heads."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
