"""Everybody decides what comes by mail, when it does not, and who stands in for them."""

from __future__ import annotations

from datetime import time

import pytest

from planner.models import User
from tests.support.cast import Cast
from tests.support.pages import Client, LogIn, text_of


@pytest.fixture
def edu(client_of: LogIn) -> Client:
    return client_of("edu")


def me(cast: Cast) -> User:
    with cast.reading() as db:
        return db.get_one(User, cast.users["edu"])


def test_mail_and_quiet_hours_are_kept(cast: Cast, edu: Client) -> None:
    answer = edu.send(
        "/profile", mail_events=None, mail_digests="y", quiet_from="22:00", quiet_until="07:30"
    )
    assert answer.status_code == 303
    kept = me(cast)
    assert (kept.mail_events, kept.mail_digests) == (False, True)
    assert (kept.quiet_from, kept.quiet_until) == (time(22), time(7, 30))
    form = next(form for form in edu.forms("/profile") if "quiet_from" in form.names)
    assert (form.values["quiet_from"], form.values["quiet_until"]) == ("22:00", "07:30")


def test_everything_comes_by_mail_unless_said_otherwise(cast: Cast) -> None:
    assert (me(cast).mail_events, me(cast).mail_digests) == (True, True)


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [("22:00", "", "a beginning and an end"), ("22:00", "22:00", "cannot end when they begin")],
)
def test_quiet_hours_need_a_length(
    cast: Cast, edu: Client, begins: str, ends: str, said: str
) -> None:
    answer = edu.send("/profile", quiet_from=begins, quiet_until=ends)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert me(cast).quiet_from is None


def test_a_deputy_is_a_colleague(cast: Cast, edu: Client) -> None:
    head = str(cast.users["edu-head"])
    assert edu.send("/profile", deputy_id=head).status_code == 303
    assert me(cast).deputy_id == cast.users["edu-head"]
    assert edu.send("/profile", deputy_id="").status_code == 303
    assert me(cast).deputy_id is None


@pytest.mark.parametrize("who", ["edu", "health"])
def test_nobody_else_can_be_one(cast: Cast, edu: Client, who: str) -> None:
    answer = edu.send("/profile", deputy_id=str(cast.users[who]))
    assert answer.status_code == 422
    assert me(cast).deputy_id is None


def test_a_deputy_who_left_is_no_longer_shown(cast: Cast, edu: Client) -> None:
    edu.send("/profile", deputy_id=str(cast.users["edu-head"]))
    with cast.runtime.sessions.writing() as db:
        db.get_one(User, cast.users["edu-head"]).active = False
        db.commit()
    form = next(form for form in edu.forms("/profile") if "deputy_id" in form.names)
    assert form.values["deputy_id"] == ""
    assert edu.send("/profile").status_code == 303


def test_who_has_no_unit_chooses_none(client_of: LogIn) -> None:
    page = client_of("supervisor").get("/profile")
    assert 'name="deputy_id"' not in page.text
    assert client_of("supervisor").send("/profile").status_code == 303
