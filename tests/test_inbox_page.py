"""Everybody's own messages: bold until opened, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy import select

from planner.domain.text import t
from planner.models import Assignment, Message, Reminder, ReminderMessage, User
from planner.services import breakdown, messages
from tests.support.cast import Cast
from tests.support.pages import LogIn, links_of, text_of


@pytest.fixture
def issued(cast: Cast) -> Cast:
    """县教委's liaison and head were told of an assignment."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    return cast


def own(cast: Cast, username: str) -> list[Message]:
    with cast.reading() as db:
        mine = Message.recipient_id == cast.users[username]
        return list(db.scalars(select(Message).where(mine, Message.channel == "inbox")))


def digest(cast: Cast, day: int, assignment_id: int | None = None) -> None:
    """A digest with one reminder for the liaison of 县教委, of its row if no other is named."""
    with cast.runtime.sessions.writing() as db:
        clock, edu = cast.clock(date(2024, 10, day)), db.get_one(User, cast.users["edu"])
        reminder = Reminder(
            assignment_id=assignment_id or cast.edu_row,
            family="due",
            anchor=str(day),
            occurrence=30,
            recipient_id=edu.id,
            level="blue",
            due_on=date(2024, 12, 10),
            on=clock.today,
            at=clock.now,
        )
        db.add(reminder)
        subject = t("One reminder for %(date)s", date=clock.today)
        made = messages.queue(db, clock, edu, key=f"digest:{day}", kind="digest", subject=subject)
        db.flush()
        db.add(ReminderMessage(reminder_id=reminder.id, message_id=made[0].id))
        db.commit()


def test_an_empty_inbox_says_what_will_be_told_there(client_of: LogIn) -> None:
    assert "No messages yet." in text_of(client_of("health").get("/inbox"))


def test_an_event_is_unread_until_it_is_opened(client_of: LogIn, issued: Cast) -> None:
    edu = client_of("edu")
    assert "Unread: Issued to you" in text_of(edu.get("/inbox"))
    assert own(issued, "edu")[0].read_at is None
    answer = edu.send("/inbox", action="/open")
    assert answer.location == f"/assignments/{issued.edu_row}"
    assert own(issued, "edu")[0].read_at is not None
    assert "Unread: " not in text_of(edu.get("/inbox"))
    assert own(issued, "edu-head")[0].read_at is None


def test_all_are_marked_as_read_at_once(client_of: LogIn, issued: Cast) -> None:
    edu = client_of("edu")
    assert edu.send("/inbox", action="/inbox/read").status_code == 303
    assert "You have read everything." in text_of(edu.get("/inbox?show=unread"))


def test_a_digest_names_its_reminders_with_links(client_of: LogIn, issued: Cast) -> None:
    digest(issued, 14)
    page = client_of("edu").get("/inbox")
    assert "due on 10 December 2024" in text_of(page)
    assert f"/assignments/{issued.edu_row}" in links_of(page)


@pytest.mark.parametrize("address", ["/inbox", "/"])
def test_every_event_names_its_assignment_by_number_and_text(
    client_of: LogIn, issued: Cast, address: str
) -> None:
    about = f"{issued.action}.1 开展节约型机关创建。"
    with issued.runtime.sessions.writing() as db:
        messages.queue(
            db,
            issued.clock(),
            db.get_one(User, issued.users["edu"]),
            key="event:granted",
            kind="event",
            subject=t("Your request was granted."),
            assignment=db.get_one(Assignment, issued.edu_row),
        )
        db.commit()
    shown = text_of(client_of("edu").get(address))
    assert f"[{about}] Your request was granted." in shown
    assert f"Issued to you: {about} (due 10 December 2024)" in shown


def test_nobody_opens_another_persons_message(client_of: LogIn, issued: Cast) -> None:
    (message,) = own(issued, "edu")
    health = client_of("health")
    token = health.forms("/inbox")[0].values["csrf_token"]
    answer = health.post(f"/inbox/{message.id}/open", data={"csrf_token": token})
    assert answer.status_code == 404
    assert own(issued, "edu")[0].read_at is None


def test_looking_changes_nothing(client_of: LogIn, issued: Cast) -> None:
    edu, (message,) = client_of("edu"), own(issued, "edu")
    edu.get("/inbox")
    assert edu.get(f"/inbox/{message.id}/open").location == "/inbox"
    assert own(issued, "edu")[0].read_at is None


def test_more_messages_need_no_more_queries(
    client_of: LogIn, issued: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    edu = client_of("edu")
    digest(issued, 14)
    with count_queries() as few:
        edu.get("/inbox")
    others = (issued.health_row, issued.school_row, issued.charger_row, issued.lead_row)
    for day in range(1, 9):
        digest(issued, day, others[day % 4])
    with count_queries() as many:
        edu.get("/inbox")
    assert len(many) == len(few)
