"""The language is switched on a refused form without losing what was typed, or doing anything."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from planner.i18n import Languages
from planner.models import StagedFile, Submission, User
from tests.support.cast import PASSWORD, Cast
from tests.support.files import png
from tests.support.pages import Client, Form, LogIn, Reader, text_of
from tests.support.verbs import start

WORDS = "第三季度进展“正常” <节能>"


def switcher(page: TestResponse) -> Form:
    """The form behind the language in the page's head."""
    forms = Reader(page.text).forms
    return next(form for form in forms if form.names & {"locale", "read_in"} and not form.in_main)


def in_chinese(client: Client, page: TestResponse) -> TestResponse:
    """Press the other language."""
    form = switcher(page)
    (button,) = form.names & {"locale", "read_in"}
    return client.post(form.action, data={**form.values, button: "zh"})


@pytest.fixture
def row(cast: Cast) -> int:
    """县教委's row, signed for."""
    return start(cast, cast.edu_row)


def submissions(cast: Cast) -> int:
    with cast.reading() as db:
        return db.scalar(select(func.count(Submission.id))) or 0


def test_what_was_typed_stays_and_the_refusal_is_said_again(
    client_of: LogIn, cast: Cast, row: int
) -> None:
    edu = client_of("edu")
    refused = edu.send(f"/assignments/{row}", action="/submit", text=WORDS, links="")
    assert "Add at least one file or link as proof." in text_of(refused)
    page = in_chinese(edu, refused)
    assert page.status_code == 422
    assert 'lang="zh-CN"' in page.text
    assert Languages().get("zh").gettext("Add at least one file or link as proof.") in text_of(page)
    typed = [form.values for form in Reader(page.text).forms if "/submit" in form.action]
    assert {values["text"].strip() for values in typed} == {WORDS}
    with cast.reading() as db:
        assert db.get_one(User, cast.users["edu"]).locale == "zh"


def test_nothing_is_carried_out_by_switching(client_of: LogIn, cast: Cast, row: int) -> None:
    """Also when what stood in the way has gone meanwhile."""
    edu = client_of("edu")
    refused = edu.send(f"/assignments/{row}", action="/report", text=WORDS, percent="")
    values = {**switcher(refused).values, "percent": "50"}
    answer = edu.post(f"/assignments/{row}/report", data={**values, "read_in": "zh"})
    assert (answer.status_code, submissions(cast)) == (422, 0)
    assert edu.post(f"/assignments/{row}/report", data=values).status_code == 303
    assert submissions(cast) == 1


def test_a_conflict_is_shown_in_the_other_language_too(
    client_of: LogIn, cast: Cast, row: int
) -> None:
    edu = client_of("edu")
    conflict = edu.send(f"/assignments/{row}", action="/submit", text=WORDS, links="", seen="1")
    page = in_chinese(edu, conflict)
    assert (conflict.status_code, page.status_code) == (409, 409)
    assert 'lang="zh-CN"' in page.text
    assert WORDS in {form.values.get("text", "").strip() for form in Reader(page.text).forms}


def test_files_that_came_with_it_wait_ticked(client_of: LogIn, cast: Cast, row: int) -> None:
    edu = client_of("edu")
    files = (BytesIO(png()), "现场.png")
    refused = edu.send(f"/assignments/{row}", action="/report", text="", percent="", files=files)
    with cast.reading() as db:
        token = db.scalars(select(StagedFile.token)).one()
    page = in_chinese(edu, refused)
    report = next(form for form in Reader(page.text).forms if "/report" in form.action)
    assert report.values["tokens"] == token


def test_secrets_are_not_sent_again(client_of: LogIn) -> None:
    refused = client_of("admin").send(
        "/users/add", username="edu", name="重名", password=PASSWORD * 2
    )
    assert refused.status_code == 422
    assert PASSWORD not in refused.text
    assert "重名" in refused.text


@pytest.mark.parametrize(
    ("username", "page", "fields", "back"),
    [
        ("coordinator", "/", {"action": "/tasks/issue"}, "/"),
        ("edu", "/profile", {"action": "/password", "password": "x"}, "/profile"),
    ],
)
def test_what_cannot_be_sent_again_leads_back_to_its_page(
    client_of: LogIn, username: str, page: str, fields: dict[str, str], back: str
) -> None:
    person = client_of(username)
    refused = person.send(page, **fields)
    assert refused.status_code == 422
    answer = in_chinese(person, refused)
    assert (answer.status_code, answer.location) == (303, back)


def test_the_door_keeps_where_one_wanted_to_go(visitor: Client, cast: Cast) -> None:
    refused = visitor.send("/login?next=/inbox", username="edu", password="wrong")
    answer = in_chinese(visitor, refused)
    assert answer.location == "/login?next=/inbox"
