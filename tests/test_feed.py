"""Calendar feeds, on both databases, read by vobject, which planner does not write with."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import vobject
from flask import Flask
from sqlalchemy import select, update

from planner.documents.calendar_feed import Event, write_feed
from planner.domain.errors import NotAllowed
from planner.domain.reporting import Reporting
from planner.domain.words import DueBasis, Rhythm
from planner.models import Assignment, FeedLink, JournalEntry, Report, User
from planner.services import accounts, breakdown, feeds, handing_in, reports, urging
from planner.services.due_dates import set_due
from planner.services.handing_in import SubmissionForm
from tests.support.cast import TODAY, Cast
from tests.support.pages import Client, LogIn, new_client, text_of

ISSUED_ON = date(2024, 9, 2)
LONG = "甲，乙；丙, d; e\\f\n第二行：" + "开展节约型机关创建" * 30


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def issued(cast: Cast) -> Cast:
    for row in (cast.edu_row, cast.health_row):
        cast.do_on(ISSUED_ON, breakdown.issue, "coordinator", row)
    return cast


def token_of(cast: Cast, username: str) -> str:
    return cast.do(feeds.new_link, username)[1]


def read(body: bytes) -> Any:
    """The calendar as another program understands it."""
    return vobject.readOne(body.decode())


def shown(cast: Cast, username: str, locale: str = "en") -> dict[str, Any]:
    """What the calendar of one of the cast shows, by the kind and id of each thing."""
    with cast.reading() as db:
        user = db.get_one(User, cast.users[username])
        language = cast.runtime.languages.get(locale)
        found = feeds.events(db, user, language, cast.runtime.links)
    calendar = read(write_feed("x", locale, found))
    return {event.uid.value.partition("@")[0]: event for event in calendar.contents["vevent"]}


def dates(cast: Cast, username: str) -> dict[str, date]:
    with cast.reading() as db:
        user = db.get_one(User, cast.users[username])
        found = feeds.events(db, user, cast.runtime.languages.get("zh"), cast.runtime.links)
    return {event.uid.partition("@")[0]: event.day for event in found}


# the file


def event(**changed: Any) -> Event:
    given = {
        "uid": "assignment-1@example.org",
        "day": date(2024, 12, 31),
        "summary": LONG,
        "description": LONG,
        "category": "完成时限, 年度",
        "url": "https://example.org/assignments/1",
        "stamp": datetime(2024, 9, 2, 1, 2, 3, tzinfo=UTC),
        "sequence": 2,
    }
    return Event(**{**given, **changed})


def test_another_parser_reads_what_was_written() -> None:
    calendar = read(write_feed("李教育, 县教委; 日程", "zh", [event()]))
    assert calendar.version.value == "2.0"
    assert calendar.contents["x-wr-calname"][0].value == "李教育, 县教委; 日程"
    assert calendar.contents["x-published-ttl"][0].value == "PT2H"
    refresh = calendar.contents["refresh-interval"][0]
    assert (refresh.value, refresh.params["VALUE"]) == ("PT2H", ["DURATION"])
    (only,) = calendar.contents["vevent"]
    assert (only.summary.value, only.description.value) == (LONG, LONG)
    assert (only.dtstart.value, only.dtend.value) == (date(2024, 12, 31), date(2025, 1, 1))
    assert only.dtstamp.value == datetime(2024, 9, 2, 1, 2, 3, tzinfo=UTC)
    assert (only.sequence.value, only.uid.value) == ("2", "assignment-1@example.org")
    assert only.url.value == "https://example.org/assignments/1"
    assert only.categories.value == ["完成时限, 年度"]
    assert "valarm" not in only.contents


def test_lines_are_at_most_75_octets_and_end_as_the_standard_says() -> None:
    body = write_feed("规划" * 40, "zh", [event()])
    assert b"\n" not in body.replace(b"\r\n", b"")
    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    assert b"DTSTART;VALUE=DATE:20241231" in lines


def test_what_no_calendar_may_hold_is_left_out() -> None:
    body = write_feed("x", "en", [event(summary="a\x00b\x07c\r\nBEGIN:VALARM\x1b")])
    (only,) = read(body).contents["vevent"]
    assert only.summary.value == "abc\nBEGIN:VALARM"
    assert b"\r\nBEGIN:VALARM" not in body


def test_an_empty_calendar_is_one_too() -> None:
    assert "vevent" not in read(write_feed("x", "en", [])).contents


# the dates


def test_a_unit_sees_what_it_owes_and_nothing_of_others(issued: Cast) -> None:
    found = shown(issued, "edu")
    assert list(found) == [f"assignment-{issued.edu_row}"]
    (only,) = found.values()
    assert only.dtstart.value == date(2024, 12, 10)
    assert only.dtstart.params["VALUE"] == ["DATE"]
    assert "开展节约型机关创建。" in only.summary.value
    assert "Responsible unit: 县教委" in only.description.value
    assert "State: To be signed for" in only.description.value
    assert only.url.value == issued.runtime.links.assignment(issued.edu_row)
    assert list(shown(issued, "edu-head")) == list(found)
    assert list(dates(issued, "health")) == [f"assignment-{issued.health_row}"]


def test_it_speaks_the_language_that_is_asked_for(issued: Cast) -> None:
    (only,) = shown(issued, "edu", "zh").values()
    assert "责任单位：县教委" in only.description.value
    assert only.categories.value == ["完成时限"]


def test_a_moved_date_keeps_its_identity(issued: Cast) -> None:
    key = f"assignment-{issued.edu_row}"
    before = shown(issued, "edu")[key]
    move_to(issued, issued.edu_row, date(2025, 3, 3))
    after = shown(issued, "edu")[key]
    assert after.uid.value == before.uid.value
    assert (before.sequence.value, after.sequence.value) == ("0", "1")
    assert after.dtstart.value == date(2025, 3, 3)


def move_to(cast: Cast, assignment_id: int, day: date) -> None:
    with cast.runtime.sessions.writing() as db:
        assignment = db.get_one(Assignment, assignment_id)
        actor, clock = cast.actor("coordinator"), cast.clock()
        set_due(db, actor, clock, assignment, day, basis=DueBasis.SET, reason="调整")
        db.commit()


def test_what_is_cancelled_is_gone(issued: Cast) -> None:
    with issued.runtime.sessions.writing() as db:
        changed = {"state": "cancelled", "cancelled_on": TODAY}
        db.execute(update(Assignment).where(Assignment.id == issued.edu_row).values(changed))
        db.commit()
    assert dates(issued, "edu") == {}


def test_reports_are_shown_until_they_are_handed_in(issued: Cast) -> None:
    issued.do_on(ISSUED_ON, handing_in.acknowledge, "edu", issued.edu_row)
    rhythm = Reporting(Rhythm.QUARTER)
    args = (issued.standard, rhythm, ISSUED_ON)
    issued.do_on(ISSUED_ON, reports.set_reporting, "coordinator", *args)
    with issued.runtime.sessions.writing() as db:
        reports.open_periods(db, issued.clock())
        db.commit()
    with issued.reading() as db:
        mine = select(Report).where(Report.assignment_id == issued.edu_row)
        report = db.scalars(mine).one()
    event = shown(issued, "edu")[f"report-{report.id}"]
    assert event.dtstart.value == report.due_on
    assert event.summary.value.startswith("Report Q3 2024: ")
    form = SubmissionForm("正在推进。", percent=60)
    issued.do(handing_in.report, "edu", issued.edu_row, form)
    assert f"report-{report.id}" not in dates(issued, "edu")


def test_an_urge_is_shown_to_both_sides_until_it_is_answered(issued: Cast) -> None:
    issued.do_on(ISSUED_ON, handing_in.acknowledge, "edu", issued.edu_row)
    by = date(2024, 10, 18)
    made = issued.do(urging.urge, "coordinator", issued.edu_row, "请说明进度。", by)
    key = f"urge-{made.id}"
    for username in ("edu", "edu-head", "coordinator", "coordinator2"):
        assert dates(issued, username)[key] == by
    assert "Urge: 请说明进度。" in shown(issued, "coordinator")[key].description.value
    for username in ("health", "supervisor", "leader"):
        assert key not in dates(issued, username)
    issued.do(urging.answer, "edu", issued.edu_row, made.id, "已安排。")
    assert key not in dates(issued, "coordinator")


@pytest.mark.parametrize("username", ["leader", "auditor", "admin"])
def test_who_has_no_dates_is_given_no_link(cast: Cast, client_of: LogIn, username: str) -> None:
    with pytest.raises(NotAllowed):
        token_of(cast, username)
    assert "/profile/feed" not in client_of(username).get("/profile").text


def test_queries_do_not_grow_with_what_is_due(
    issued: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with count_queries() as few:
        dates(issued, "edu")
    for _ in range(3):
        urge = ("请说明进度。", date(2024, 10, 18))
        issued.do(urging.urge, "coordinator", issued.edu_row, *urge)
    with count_queries() as many:
        assert len(dates(issued, "edu")) == 4
    assert len(many) == len(few)


# the address


def test_the_address_opens_the_calendar_without_log_in(issued: Cast, app: Flask) -> None:
    answer = new_client(app).get(f"/feed/{token_of(issued, 'edu')}.ics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer.headers["Cache-Control"]
    (only,) = read(answer.data).contents["vevent"]
    assert "责任单位：县教委" in only.description.value


def test_it_is_answered_briefly_while_nothing_changes(issued: Cast, app: Flask) -> None:
    client, path = new_client(app), f"/feed/{token_of(issued, 'edu')}.ics"
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    move_to(issued, issued.edu_row, date(2025, 3, 3))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_every_address_that_is_none_is_answered_alike(issued: Cast, app: Flask) -> None:
    replaced, disabled = token_of(issued, "edu"), token_of(issued, "health")
    fresh = token_of(issued, "edu")
    revoked = token_of(issued, "edu-head")
    issued.do(feeds.revoke, "edu-head")
    issued.do(accounts.disable_user, "admin", issued.users["health"])
    client = new_client(app)
    answers = [
        client.get(f"/feed/{token}.ics")
        for token in (replaced, disabled, revoked, "x", "é中文", fresh[:-1])
    ]
    assert {answer.status_code for answer in answers} == {404}
    unlike = r'name="(?:csrf_token|form_token|next)"[^>]*>'
    assert len({re.sub(unlike, "", each.text) for each in answers}) == 1
    assert client.get(f"/feed/{fresh}.ics").status_code == 200


def test_only_the_hash_of_the_token_is_kept(cast: Cast) -> None:
    token = token_of(cast, "edu")
    assert len(token) >= 43
    with cast.reading() as db:
        link = db.scalars(select(FeedLink)).one()
        journal = db.scalars(select(JournalEntry).where(JournalEntry.verb == "feed_new")).one()
    assert token not in str(vars(link)) + str(vars(journal))
    assert journal.actor_id == cast.users["edu"]


def test_reading_is_noted_at_most_once_an_hour(issued: Cast, app: Flask) -> None:
    client, path = new_client(app), f"/feed/{token_of(issued, 'edu')}.ics"
    client.get(path)
    first = read_at(issued)
    client.get(path)
    assert first is not None
    assert read_at(issued) == first
    long_ago = first - timedelta(minutes=61)
    with issued.runtime.sessions.writing() as db:
        db.execute(update(FeedLink).values(read_at=long_ago))
        db.commit()
    client.get(path)
    noted = read_at(issued)
    assert noted is not None
    assert noted >= first


def read_at(cast: Cast) -> datetime | None:
    with cast.reading() as db:
        return db.scalars(select(FeedLink)).one().read_at


# the profile page


def test_the_link_is_made_shown_once_replaced_and_revoked(issued: Cast, client_of: LogIn) -> None:
    edu = client_of("edu")
    first = made_by(edu)
    assert edu.get(first).status_code == 200
    page = edu.get("/profile")
    assert first not in page.text
    assert "cannot be shown again" in text_of(page)
    second = made_by(edu)
    assert (edu.get(first).status_code, edu.get(second).status_code) == (404, 200)
    assert edu.send("/profile", action="/profile/feed/revoke").status_code == 303
    assert edu.get(second).status_code == 404
    assert "/profile/feed/revoke" not in edu.get("/profile").text
    with issued.reading() as db:
        verbs = db.scalars(select(JournalEntry.verb).where(JournalEntry.verb.startswith("feed")))
        assert sorted(verbs) == ["feed_new", "feed_new", "feed_revoke"]


def made_by(client: Client) -> str:
    """The path of the new address, as the page shows it."""
    answer = client.send("/profile", action="/profile/feed")
    assert (answer.status_code, answer.location) == (303, "/profile#feed")
    page = client.get("/profile").text
    found = re.search(r"http[^\s<]+(/feed/[\w-]{43}\.ics)</textarea>", page)
    assert found
    return found.group(1)
