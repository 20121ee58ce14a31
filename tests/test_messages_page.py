"""Whoever leads the work sees every message about it, what became of it, and sends it again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from planner.domain.errors import NotAllowed, NotFound
from planner.domain.text import t, to_json
from planner.models import JournalEntry, Message, Reminder, ReminderMessage, Robot
from planner.services import breakdown, message_list, undelivered
from planner.services.failures import as_error
from planner.services.message_list import MessageFilter
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.pages import Client, LogIn, text_of

REFUSED = t("The mail server refused it: %(words)s", words="554 5.7.1 <relay> denied")


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


@pytest.fixture
def mail(cast: Cast) -> int:
    """县教委 was issued work; the mail about it was given up."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with cast.reading() as db:
        found = db.scalars(select(Message.id).where(Message.channel == "email")).one()
    change(cast, found, state="given_up", attempts=3, error=as_error(REFUSED))
    return found


@pytest.fixture
def coordinator(client_of: LogIn) -> Client:
    return client_of("coordinator")


def change(cast: Cast, message_id: int, **values: Any) -> None:
    with cast.runtime.sessions.writing() as db:
        db.execute(update(Message).where(Message.id == message_id).values(**values))
        db.commit()


def put(cast: Cast, **values: Any) -> int:
    """One more message, to the education office's liaison unless said otherwise."""
    with cast.runtime.sessions.writing() as db:
        made = Message(
            **{
                "recipient_id": cast.users["edu"],
                "channel": "email",
                "key": f"more:{len(values)}:{values}"[:60],
                "kind": "digest",
                "subject": to_json(t("One reminder for %(date)s", date=TODAY)),
                "on": TODAY,
                "at": cast.clock().now,
                "state": "sent",
                **values,
            }
        )
        db.add(made)
        db.commit()
        return made.id


def seen(cast: Cast, username: str, **wanted: Any) -> set[int]:
    with cast.reading() as db:
        found = message_list.message_list(cast.actor(username), MessageFilter(**wanted))
        return {message.id for message in db.scalars(found).unique()}


# --- what is shown ------------------------------------------------------------------------------


def test_who_was_told_what_and_what_became_of_it(coordinator: Client, mail: int) -> None:
    words = text_of(coordinator.get("/messages"))
    assert "李教育 县教委 · E-mail" in words
    assert "Given up 3 attempts The mail server refused it: 554 5.7.1 <relay> denied" in words
    assert "In the inbox, unread" in words
    assert "Notice of an act" in words


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "pending", "error": None}, "Waits to be sent"),
        ({"state": "pending", "error": as_error(REFUSED)}, "Failed, is tried again"),
        ({"state": "sent", "error": None}, "Sent"),
    ],
)
def test_every_state_has_its_word_and_its_filter(
    cast: Cast, coordinator: Client, mail: int, values: dict[str, Any], said: str
) -> None:
    change(cast, mail, **values)
    page = text_of(coordinator.get("/messages?channel=email"))
    assert said in page
    for standing, name in message_list.STANDINGS.items():
        shown = seen(cast, "coordinator", standing=standing) & {mail}
        assert shown == ({mail} if str(name) == said else set()), standing


def test_the_filters_narrow(cast: Cast, mail: int) -> None:
    inbox = seen(cast, "coordinator", channel="inbox")
    assert mail not in inbox
    assert seen(cast, "coordinator", channel="email") == {mail}
    assert seen(cast, "coordinator", kind="digest") == set()
    assert seen(cast, "coordinator", unit_id=cast.units[EDU]) == inbox | {mail}
    assert seen(cast, "coordinator", unit_id=cast.units[HEALTH]) == set()
    assert seen(cast, "coordinator", words="李教育", channel="email") == {mail}
    assert seen(cast, "coordinator", words="没有") == set()


def test_a_robots_post_is_listed(cast: Cast, coordinator: Client) -> None:
    with cast.runtime.sessions.writing() as db:
        robot = Robot(unit_id=cast.units[EDU], channel="feishu", name="教委工作群", token="t" * 9)
        db.add(robot)
        db.commit()
        robot_id = robot.id
    post = put(cast, recipient_id=None, robot_id=robot_id, channel="feishu", state="given_up")
    assert seen(cast, "coordinator", unit_id=cast.units[EDU]) == {post}
    assert "教委工作群 县教委 · Feishu" in text_of(coordinator.get("/messages?channel=feishu"))


def test_a_file_takes_it_away(coordinator: Client, mail: int) -> None:
    lines = coordinator.get("/messages.csv?channel=email").text.splitlines()
    assert len(lines) == 2
    assert "554 5.7.1 <relay> denied" in lines[1]


@pytest.mark.parametrize("count", [1, 20])
def test_it_takes_as_many_queries_however_long(
    cast: Cast,
    coordinator: Client,
    mail: int,
    count: int,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    for number in range(count):
        put(cast, key=f"more:{number}", state="given_up")
    coordinator.get("/messages")
    with count_queries() as statements:
        coordinator.get("/messages")
    assert len(statements) <= 16


# --- whose --------------------------------------------------------------------------------------


def test_a_coordinator_sees_what_the_own_unit_leads(cast: Cast, mail: int) -> None:
    """The supervisor sees all; the liaison of another unit nothing."""
    assert mail in seen(cast, "supervisor")
    assert mail in seen(cast, "coordinator")
    assert mail not in seen(cast, "health")


def test_a_digest_is_seen_by_what_it_carries(cast: Cast, mail: int) -> None:
    digest = put(cast)
    with cast.runtime.sessions.writing() as db:
        row = Reminder(
            assignment_id=cast.edu_row,
            family="due",
            anchor="due:0",
            occurrence=1,
            recipient_id=cast.users["edu"],
            level="yellow",
            due_on=TODAY,
            on=TODAY,
            at=cast.clock().now,
        )
        db.add(row)
        db.flush()
        db.add(ReminderMessage(reminder_id=row.id, message_id=digest))
        db.commit()
    assert digest in seen(cast, "coordinator")
    assert digest not in seen(cast, "health")


def test_what_is_about_no_assignment_follows_the_unit(cast: Cast) -> None:
    weekly = put(cast, kind="weekly", recipient_id=cast.users["leader"])
    mine = put(cast, key="deputy:1", kind="event")
    assert seen(cast, "coordinator") == {weekly, mine}
    assert seen(cast, "edu") == {mine}


# --- sending again ------------------------------------------------------------------------------


def test_one_is_sent_again(cast: Cast, coordinator: Client, mail: int) -> None:
    answer = coordinator.send("/messages", action=f"/{mail}/again")
    assert (answer.status_code, answer.location) == (303, "/messages")
    with cast.reading() as db:
        found = db.get_one(Message, mail)
        assert (found.state, found.attempts, found.error) == ("pending", 0, None)
        (entry,) = db.scalars(select(JournalEntry).where(JournalEntry.verb == "mail_again"))
        assert entry.subject == f"message:{mail}"


def test_what_fails_may_be_tried_at_once(cast: Cast, mail: int) -> None:
    change(cast, mail, state="pending", next_try_at=None)
    cast.do(message_list.send_again, "coordinator", mail)
    with cast.reading() as db:
        assert db.get_one(Message, mail).next_try_at is not None


def test_what_was_sent_is_not_sent_again(cast: Cast, coordinator: Client, mail: int) -> None:
    form = next(form for form in coordinator.forms("/messages") if f"/{mail}/" in form.action)
    change(cast, mail, state="sent", error=None)
    answer = coordinator.post(form.action, data=form.values)
    assert answer.status_code == 422
    assert "nothing to repeat" in text_of(answer)


def test_all_that_was_given_up_is_sent_again(cast: Cast, coordinator: Client, mail: int) -> None:
    put(cast, key="more:1", state="given_up")
    assert "Messages that nobody got: 2." in text_of(coordinator.get("/"))
    assert coordinator.send("/messages", action="/messages/again").status_code == 303
    assert seen(cast, "coordinator", standing="given_up") == set()
    assert "nobody got" not in text_of(coordinator.get("/"))


def test_nobody_sends_again_what_they_do_not_see(cast: Cast, mail: int) -> None:
    """A coordinator of a unit that leads nothing is answered as if it were not there."""
    elsewhere = replace(cast.actor("coordinator"), unit_id=cast.units[HEALTH])
    with cast.runtime.sessions.writing() as db:
        with pytest.raises(NotFound):
            message_list.send_again(db, elsewhere, cast.clock(), mail)
        assert message_list.send_all_again(db, elsewhere, cast.clock()) == 0
    with pytest.raises(NotAllowed):
        cast.do(message_list.send_again, "edu", mail)


def test_the_administrator_sees_a_robot_that_fails(cast: Cast, client_of: LogIn) -> None:
    with cast.runtime.sessions.writing() as db:
        robot = Robot(unit_id=cast.units[EDU], channel="wecom", name="教委工作群", token="t" * 9)
        db.add(robot)
        db.commit()
        robot_id = robot.id
    put(cast, recipient_id=None, robot_id=robot_id, channel="wecom", state="given_up")
    words = text_of(client_of("admin").get("/undelivered"))
    assert "教委工作群 县教委 · WeCom" in words
    assert cast.do(undelivered.send_all_again, "admin") == 1
