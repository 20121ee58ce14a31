"""Logging in and out: limits, silence about what was wrong, sessions that end, languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from planner.models import JournalEntry, LoginAttempt, LoginSession, User
from planner.services import installation
from planner.services.logins import PER_ADDRESS, PER_USERNAME
from tests.support.cast import PASSWORD, Cast
from tests.support.pages import Client, LogIn, new_client, text_of

NOW = datetime(2024, 10, 15, 2, 0, tzinfo=UTC)


def try_password(client: Client, username: str, password: str = "wrong password") -> int:
    return client.send("/login", username=username, password=password).status_code


def acts(cast: Cast, verb: str) -> list[JournalEntry]:
    with cast.reading() as db:
        return list(db.scalars(select(JournalEntry).where(JournalEntry.verb == verb)))


def test_the_right_password_opens_the_first_page(visitor: Client, cast: Cast) -> None:
    answer = visitor.send("/login", username="edu", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    (entry,) = acts(cast, "login")
    assert (entry.actor_name, entry.subject) == ("李教育", f"user:{cast.users['edu']}")
    assert entry.origin == "127.0.0.1"


def test_capitals_and_spaces_in_the_user_name_do_not_matter(visitor: Client, cast: Cast) -> None:
    assert try_password(visitor, " EDU ", PASSWORD) == 303


def test_wrong_name_and_wrong_password_get_the_same_answer(visitor: Client, cast: Cast) -> None:
    wrong = visitor.send("/login", username="edu", password="wrong password")
    nobody = visitor.send("/login", username="nobody", password="wrong password")
    assert wrong.status_code == nobody.status_code == 422
    sentence = "The user name or the password is wrong."
    assert sentence in text_of(wrong)
    assert sentence in text_of(nobody)


def test_a_disabled_person_cannot_log_in(visitor: Client, cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(User, cast.users["edu"]).active = False
        db.commit()
    assert try_password(visitor, "edu", PASSWORD) == 422


def test_a_typed_password_is_kept_nowhere(visitor: Client, cast: Cast) -> None:
    """People type their password into the field of the user name."""
    try_password(visitor, "my-secret-password")
    (entry,) = acts(cast, "login_failed")
    assert (entry.subject, entry.data) == ("user:unknown", {})
    with cast.reading() as db:
        (attempt,) = db.scalars(select(LoginAttempt))
        assert "secret" not in attempt.username


def test_after_five_failures_the_name_waits_a_quarter_of_an_hour(
    visitor: Client, cast: Cast
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert [try_password(visitor, "edu") for _ in range(PER_USERNAME)] == [422] * 5
        refused = visitor.send("/login", username="edu", password=PASSWORD)
        assert refused.status_code == 429
        assert "wait 15 minutes" in text_of(refused)
        assert try_password(visitor, "health", PASSWORD) == 303
        clock.shift(timedelta(minutes=15, seconds=1))
    assert len(acts(cast, "login_failed")) == PER_USERNAME


def test_after_a_quarter_of_an_hour_the_name_may_try_again(visitor: Client, cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(PER_USERNAME):
            try_password(visitor, "edu")
        clock.shift(timedelta(minutes=15, seconds=1))
        assert try_password(visitor, "edu", PASSWORD) == 303


def test_a_success_forgets_the_failures(visitor: Client, app: Flask, cast: Cast) -> None:
    for _ in range(PER_USERNAME - 1):
        try_password(visitor, "edu")
    assert try_password(visitor, "edu", PASSWORD) == 303
    again = new_client(app)
    assert [try_password(again, "edu") for _ in range(PER_USERNAME)] == [422] * 5


def test_an_address_has_thirty_attempts(visitor: Client, cast: Cast) -> None:
    tried = [try_password(visitor, f"nobody{each}") for each in range(PER_ADDRESS + 1)]
    assert tried == [422] * PER_ADDRESS + [429]


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/tasks?page=2", "/tasks?page=2"),
        ("//evil.example.org/", "/"),
        ("https://evil.example.org/", "/"),
        ("/\\evil.example.org", "/"),
        ("///tasks", "/"),
        ("/tasks?\r\nX: y", "/"),
        ("/nowhere", "/"),
        ("/logout", "/"),
        ("", "/"),
    ],
)
def test_after_the_log_in_only_own_pages_are_opened(
    visitor: Client, cast: Cast, asked: str, reached: str
) -> None:
    answer = visitor.send("/login", username="edu", password=PASSWORD, next=asked)
    assert answer.location == reached


def test_a_page_that_needs_a_log_in_comes_back_after_it(visitor: Client, cast: Cast) -> None:
    asked = visitor.get("/tasks")
    assert asked.status_code == 302
    answer = visitor.send(asked.location, username="edu", password=PASSWORD)
    assert answer.location == "/tasks"


def test_the_session_before_the_log_in_is_thrown_away(visitor: Client, cast: Cast) -> None:
    visitor.get("/login")
    with visitor.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    try_password(visitor, "edu", PASSWORD)
    with visitor.session_transaction() as session:
        assert "planted" not in session


def test_a_log_in_without_the_forms_token_is_refused(visitor: Client, cast: Cast) -> None:
    answer = visitor.post("/login", data={"username": "edu", "password": PASSWORD})
    assert answer.status_code == 400


def test_leaving_ends_the_session(client_of: LogIn, cast: Cast) -> None:
    edu = client_of("edu")
    assert edu.send("/profile", action="/logout").status_code == 303
    assert edu.get("/profile").status_code == 302
    assert len(acts(cast, "logout")) == 1


def test_a_copied_session_ends_with_the_log_out(
    client_of: LogIn, visitor: Client, cast: Cast
) -> None:
    edu = client_of("edu")
    copied = edu.get_cookie("session")
    assert copied is not None
    visitor.set_cookie("session", copied.value)
    assert visitor.get("/profile").status_code == 200
    edu.send("/profile", action="/logout")
    visitor.set_cookie("session", copied.value)
    assert visitor.get("/profile").status_code == 302


def test_leaving_here_leaves_the_other_browser_alone(client_of: LogIn) -> None:
    here, there = client_of("edu"), client_of("edu")
    here.send("/profile", action="/logout")
    assert there.get("/profile").status_code == 200


def test_a_session_ends_after_twelve_hours_however_often_it_is_used(
    visitor: Client, cast: Cast
) -> None:
    with time_machine.travel(NOW, tick=False) as time:
        try_password(visitor, "edu", PASSWORD)
        for _ in range(3):
            time.shift(timedelta(hours=3, minutes=59))
            assert visitor.get("/profile").status_code == 200
        time.shift(timedelta(minutes=3))
        assert visitor.get("/profile").status_code == 302


def test_a_second_log_in_ends_the_first(visitor: Client, cast: Cast) -> None:
    try_password(visitor, "edu", PASSWORD)
    before = visitor.get_cookie("session")
    assert before is not None
    form = visitor.forms("/profile")[0]
    answer = visitor.post(
        "/login",
        data={"username": "edu", "password": PASSWORD, "csrf_token": form.values["csrf_token"]},
    )
    assert answer.status_code == 303
    visitor.set_cookie("session", before.value)
    assert visitor.get("/profile").status_code == 302


def test_the_token_itself_is_not_kept(client_of: LogIn, cast: Cast) -> None:
    """Who reads the database, or a backup of it, must not be able to go in as somebody."""
    edu = client_of("edu")
    with edu.session_transaction() as session:
        token = session["_user_id"].partition(".")[2]
    with cast.reading() as db:
        (row,) = db.scalars(select(LoginSession))
    assert (row.user_id, row.ended_at) == (cast.users["edu"], None)
    assert token
    assert token not in row.token_hash


def test_leaving_by_a_link_is_impossible(client_of: LogIn) -> None:
    edu = client_of("edu")
    assert edu.get("/logout").location == "/"
    assert edu.get("/profile").status_code == 200


def test_a_session_ends_when_the_account_changes(client_of: LogIn, cast: Cast) -> None:
    edu = client_of("edu")
    with cast.runtime.sessions.writing() as db:
        db.get_one(User, cast.users["edu"]).session_epoch += 1
        db.commit()
    assert edu.get("/profile").status_code == 302


def test_a_visitor_chooses_a_language(visitor: Client, cast: Cast) -> None:
    assert "Log in" in visitor.get("/login").text
    answer = visitor.send("/login", action="/language", locale="zh", next="/login")
    assert answer.status_code == 303
    assert answer.location == "/login"
    assert 'lang="zh-CN"' in visitor.get("/login").text


def test_who_is_inside_does_not_see_the_door(client_of: LogIn) -> None:
    answer = client_of("edu").get("/login?next=/login")
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_persons_language_is_kept_with_the_account(
    client_of: LogIn, app: Flask, cast: Cast
) -> None:
    client_of("edu").send("/profile", action="/language", locale="zh")
    with cast.reading() as db:
        assert db.get_one(User, cast.users["edu"]).locale == "zh"
    assert 'lang="zh-CN"' in client_of("edu", locale="en").get("/profile").text


def test_an_unknown_language_changes_nothing(visitor: Client, cast: Cast) -> None:
    answer = visitor.send("/login", action="/language", locale="tlh")
    assert answer.status_code == 303
    assert "Log in" in visitor.get("/login").text


def test_only_the_demonstration_shows_its_accounts(visitor: Client, cast: Cast) -> None:
    assert PASSWORD not in visitor.get("/login").text
    with cast.runtime.sessions.writing() as db:
        installation.mark_demo(db)
        db.commit()
    page = visitor.get("/login")
    assert PASSWORD in page.text
    words = text_of(page)
    assert "Log in as edu-head" in words
    assert "science" not in words
