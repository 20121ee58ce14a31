"""A unit's robots hear of its events at once, and of its reminders once a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from planner.domain.actor import ActorKind
from planner.domain.text import t
from planner.domain.words import Channel
from planner.models import Assignment, JournalEntry, Message, Reminder, Robot, User
from planner.services.delivery import MAX_ATTEMPTS, deliver_all, wait_after
from planner.services.failures import error_of
from planner.services.messages import tell
from planner.services.robot_digests import tell_robots
from tests.support.posting import FRIDAY, Post
from tests.support.reminding import at_nine
from tests.support.vendors import TAKEN

MONDAY = FRIDAY + timedelta(days=3)


def robot(post: Post, unit: str = "edu", channel: Channel = Channel.WECOM, **values: Any) -> int:
    with post.sessions.writing() as db:
        made = Robot(
            unit_id=post.county.units[unit],
            channel=channel,
            name="工作群",
            **{"token": "0a1b2c3d", **values},
        )
        db.add(made)
        db.commit()
        return made.id


def happen(post: Post, *told: str, by: str = "coordinator", twice: bool = False) -> int:
    """An event about an assignment of the education office."""
    assignment_id = post.county.assign()
    with post.sessions.writing() as db:
        entry = JournalEntry(
            on=FRIDAY,
            at=at_nine(FRIDAY).now,
            actor_kind=ActorKind.PERSON,
            actor_id=post.county.people[by],
            actor_name=by,
            verb="return",
            subject=f"assignment:{assignment_id}",
            assignment_id=assignment_id,
            data={},
        )
        db.add(entry)
        db.flush()
        people = [db.get_one(User, post.county.people[each]) for each in told]
        assignment = db.get_one(Assignment, assignment_id)
        subject = t("“%(text)s” was returned", text="x")
        tell(db, at_nine(FRIDAY), entry, people, subject, assignment, t("A word"))
        if twice:
            head = [db.get_one(User, post.county.people["edu-head"])]
            tell(db, at_nine(FRIDAY), entry, head, t("Returned"), assignment)
        db.commit()
    return assignment_id


def remind(post: Post, day: date, to: str = "edu", **values: Any) -> None:
    assignment_id = post.county.assign()
    with post.sessions.writing() as db:
        row = Reminder(
            assignment_id=assignment_id,
            family="due",
            anchor="due:0",
            occurrence=1,
            recipient_id=post.county.people[to],
            level="yellow",
            due_on=day,
            on=day,
            at=at_nine(day).now,
            **values,
        )
        db.add(row)
        db.commit()


def tell_on(post: Post, day: date) -> int:
    with post.sessions.writing() as db:
        told = tell_robots(db, at_nine(day))
        db.commit()
        return told


def notes(post: Post, robot_id: int) -> list[Message]:
    with post.sessions.reading() as db:
        mine = Message.robot_id == robot_id
        return list(db.scalars(select(Message).where(mine).order_by(Message.id)))


def posted(post: Post) -> list[str]:
    return [each.content["text"]["content"] for each in post.vendors.posts]


# --- events -------------------------------------------------------------------------------------


def test_an_event_goes_to_the_robots_of_the_units_it_is_told_to(post: Post) -> None:
    mine, lead = robot(post), robot(post, "lead")
    assignment_id = happen(post, "edu", "edu-head")
    deliver_all(post.courier)
    assert [each.state for each in notes(post, mine)] == ["sent"]
    assert notes(post, lead) == []
    (said,) = posted(post)
    title, link = said.split("\n")
    assert link == f"https://p.example.org/assignments/{assignment_id}"
    assert "returned" in title or "退回" in title
    assert "A word" not in said, "title and link only"


def test_not_to_the_robot_of_who_did_it_alone(post: Post) -> None:
    mine = robot(post)
    happen(post, "edu", by="edu")
    assert notes(post, mine) == []


def test_an_event_that_is_told_twice_is_posted_once(post: Post) -> None:
    mine = robot(post)
    happen(post, "edu", twice=True)
    assert len(notes(post, mine)) == 1


def test_a_disabled_robot_is_told_nothing(post: Post) -> None:
    mine = robot(post, active=False)
    happen(post, "edu")
    assert notes(post, mine) == []


def test_a_robot_disabled_meanwhile_says_nothing(post: Post) -> None:
    mine = robot(post)
    happen(post, "edu")
    with post.sessions.writing() as db:
        db.get_one(Robot, mine).active = False
        db.commit()
    deliver_all(post.courier)
    (note,) = notes(post, mine)
    assert note.state == "given_up"
    assert post.vendors.posts == []


# --- digests ------------------------------------------------------------------------------------


def test_reminders_are_one_note_a_robot_and_day(post: Post) -> None:
    mine, lead = robot(post), robot(post, "lead")
    remind(post, FRIDAY)
    remind(post, FRIDAY, "edu-head")
    remind(post, FRIDAY, superseded=True)
    assert [tell_on(post, FRIDAY), tell_on(post, FRIDAY)] == [1, 0]
    (note,) = notes(post, mine)
    assert notes(post, lead) == []
    assert note.subject["params"] == {"count": 2}
    deliver_all(post.courier)
    (said,) = posted(post)
    assert said.endswith("\nhttps://p.example.org/")


def test_what_came_after_the_note_counts_the_next_day(post: Post) -> None:
    mine = robot(post)
    remind(post, FRIDAY)
    assert tell_on(post, FRIDAY) == 1
    remind(post, FRIDAY)
    assert tell_on(post, FRIDAY) == 0
    remind(post, MONDAY)
    assert tell_on(post, MONDAY) == 1
    assert tell_on(post, MONDAY) == 0
    assert notes(post, mine)[-1].subject["params"] == {"count": 2}


def test_a_new_robot_does_not_tell_of_days_before_it(post: Post) -> None:
    remind(post, FRIDAY)
    robot(post)
    assert tell_on(post, MONDAY) == 0


# --- refusals -----------------------------------------------------------------------------------

PASSING: dict[str, tuple[int, Any]] = {
    "500": (500, b"Internal Server Error"),
    "HTML": (200, b"<html></html>"),
    "too fast": (200, {"errcode": 45009, "errmsg": "api freq out of limit"}),
}


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_tried_again_later(post: Post, kind: str) -> None:
    mine = robot(post)
    happen(post, "edu")
    post.vendors.answer(*PASSING[kind])
    deliver_all(post.courier)
    (note,) = notes(post, mine)
    assert (note.state, note.attempts) == ("pending", 1)
    assert "WeCom" in str(error_of(note))
    post.vendors.answer(200, TAKEN)
    post.time.pass_by(wait_after(1))
    deliver_all(post.courier)
    (note,) = notes(post, mine)
    assert (note.state, note.error) == ("sent", None)


def test_a_refusal_that_stays_is_given_up_at_once(post: Post) -> None:
    mine = robot(post)
    happen(post, "edu")
    post.vendors.answer(200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    deliver_all(post.courier)
    (note,) = notes(post, mine)
    assert (note.state, note.attempts) == ("given_up", 1)
    assert "93000 invalid webhook url" in str(error_of(note))


def test_one_that_fails_stops_neither_mail_nor_the_other_robots(post: Post) -> None:
    bad, good = robot(post), robot(post, channel=Channel.FEISHU, secret="SEC")
    happen(post, "edu", "edu-head")
    post.vendors.answer(200, {"errcode": 93000, "errmsg": "no", "code": 0, "msg": "success"})
    deliver_all(post.courier)
    assert [notes(post, each)[0].state for each in (bad, good)] == ["given_up", "sent"]
    assert len(post.server.taken) == 2


def test_a_day_of_refusals_loses_nothing(post: Post) -> None:
    mine = robot(post)
    happen(post, "edu")
    post.vendors.answer(503, b"")
    began = post.time.now
    while post.time.now - began < timedelta(days=1):
        deliver_all(post.courier)
        post.time.pass_by(timedelta(minutes=30))
    (note,) = notes(post, mine)
    assert note.state == "pending"
    assert note.attempts < MAX_ATTEMPTS
    post.vendors.answer(200, TAKEN)
    post.time.pass_by(timedelta(hours=6))
    deliver_all(post.courier)
    assert notes(post, mine)[0].state == "sent"
