"""What nobody got is shown to the administrator, who sends it again without reading it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select, update

from planner.domain.errors import NotAllowed
from planner.domain.text import t
from planner.models import JournalEntry, Message
from planner.services import breakdown, undelivered
from planner.services.failures import as_error
from planner.services.paging import PAGE_SIZE
from planner.services.parcels import NOBODY_THERE
from tests.support.cast import TODAY, Cast
from tests.support.pages import Client, LogIn, text_of

REFUSED = t("The mail server refused it: %(words)s", words="554 5.7.1 <relay> denied")


@pytest.fixture
def mail(cast: Cast) -> int:
    """县教委 was issued work; the mail about it was given up."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with cast.runtime.sessions.writing() as db:
        found = db.scalars(select(Message).where(Message.channel == "email")).one()
        found.state, found.attempts, found.error = "given_up", 3, as_error(REFUSED)
        db.commit()
        return found.id


@pytest.fixture
def admin(client_of: LogIn) -> Client:
    return client_of("admin")


def state(cast: Cast, message_id: int) -> tuple[str, int]:
    with cast.reading() as db:
        found = db.get_one(Message, message_id)
        return found.state, found.attempts


def more(cast: Cast, message_id: int, count: int) -> None:
    with cast.runtime.sessions.writing() as db:
        for number in range(count):
            db.add(
                Message(
                    recipient_id=cast.users["coordinator"],
                    channel="email",
                    key=f"more:{number}",
                    kind="digest",
                    subject=db.get_one(Message, message_id).subject,
                    on=TODAY,
                    at=cast.clock().now,
                    state="given_up",
                )
            )
        db.commit()


def test_who_did_not_get_what_and_why(admin: Client, mail: int) -> None:
    words = text_of(admin.get("/undelivered"))
    assert "李教育 edu@example.org Notice of an act" in words
    assert "3 The mail server refused it: 554 5.7.1 <relay> denied" in words


def test_the_administrator_sees_no_business(admin: Client, mail: int, cast: Cast) -> None:
    with cast.reading() as db:
        sentence = db.get_one(Message, mail).subject["msgid"]
    for path in ("/undelivered", "/undelivered.csv"):
        page = admin.get(path).text
        assert "节约型机关" not in page
        assert sentence not in page


def test_one_is_sent_again(admin: Client, mail: int, cast: Cast) -> None:
    more(cast, mail, 1)
    answer = admin.send("/undelivered", action=f"/{mail}/again")
    assert (answer.status_code, answer.location) == (303, "/undelivered")
    assert state(cast, mail) == ("pending", 0)
    with cast.reading() as db:
        acts = select(JournalEntry).where(JournalEntry.verb == "mail_again")
        (entry,) = db.scalars(acts)
        assert (entry.subject, entry.actor_name) == (f"message:{mail}", "管理员")
        assert undelivered.how_many(db) == 1


def test_what_somebody_sent_again_meanwhile_is_not_sent_twice(
    admin: Client, mail: int, cast: Cast
) -> None:
    form = next(form for form in admin.forms("/undelivered") if f"/{mail}/" in form.action)
    cast.do(undelivered.send_all_again, "admin")
    with cast.runtime.sessions.writing() as db:
        db.execute(update(Message).where(Message.id == mail).values(state="sent"))
        db.commit()
    answer = admin.post(form.action, data=form.values)
    assert answer.status_code == 422
    assert "does not wait here any more" in text_of(answer)
    assert state(cast, mail)[0] == "sent"


def test_all_are_sent_again_with_one_act(admin: Client, mail: int, cast: Cast) -> None:
    more(cast, mail, 2)
    assert admin.send("/undelivered", action="/undelivered/again").status_code == 303
    words = text_of(admin.get("/undelivered"))
    assert "Messages that are sent again now: 3." in words
    assert "Nothing was given up." in words
    with cast.reading() as db:
        acts = select(JournalEntry).where(JournalEntry.verb == "mail_again")
        (entry,) = db.scalars(acts)
        assert (entry.subject, len(entry.data["message_ids"])) == ("message:all", 3)


def test_only_the_administrator_sends_again(cast: Cast, mail: int) -> None:
    for username in ("coordinator", "auditor", "leader"):
        with pytest.raises(NotAllowed):
            cast.do(undelivered.send_again, username, mail)
        with pytest.raises(NotAllowed):
            cast.do(undelivered.send_all_again, username)


def test_only_the_administrator_is_led_there(client_of: LogIn, admin: Client, mail: int) -> None:
    assert 'href="/undelivered"' in admin.get("/profile").text
    for username in ("coordinator", "leader", "auditor"):
        assert 'href="/undelivered"' not in client_of(username).get("/profile").text


def test_a_reason_of_ours_is_told_in_the_readers_language(
    client_of: LogIn, cast: Cast, mail: int
) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(Message, mail).error = as_error(NOBODY_THERE)
        db.commit()
    page = client_of("admin", locale="zh").get("/undelivered").text
    assert as_error(NOBODY_THERE) not in page
    assert "收件人" in page


def test_the_list_is_filtered_paged_and_counted(admin: Client, mail: int, cast: Cast) -> None:
    more(cast, mail, PAGE_SIZE)
    assert "1–25 of 26" in text_of(admin.get("/undelivered"))
    assert "26–26 of 26" in text_of(admin.get("/undelivered?page=2"))
    assert "1–1 of 1" in text_of(admin.get("/undelivered?q=edu"))
    assert "Nobody matches this filter." in text_of(admin.get("/undelivered?q=nobody"))
    assert admin.get("/undelivered.csv").text.count("\n") == PAGE_SIZE + 2


def test_more_mails_need_no_more_queries(
    admin: Client,
    mail: int,
    cast: Cast,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    with count_queries() as few:
        admin.get("/undelivered")
    more(cast, mail, 20)
    with count_queries() as many:
        admin.get("/undelivered")
    assert len(many) == len(few)
    with cast.reading() as db:
        assert db.scalar(select(func.count(Message.id)).where(Message.state == "given_up")) == 21
