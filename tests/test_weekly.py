"""The weekly digest: once a week, in place of daily words, with the numbers of the lists."""

from __future__ import annotations

from datetime import date
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from planner import jobs
from planner.db import Sessions
from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.reminder_rules import Weekly
from planner.i18n import Languages
from planner.jobs import Unfinished, Work
from planner.links import Links
from planner.models import Assignment, Message, Reminder, Urge, User
from planner.services.deputies import forward_to
from planner.services.letters import render
from planner.services.task_list import TaskFilter, count_all
from planner.services.weekly import sections_of, send_weekly, weekly_digest
from tests.support.reminding import (
    County,
    add_person,
    at_nine,
    found,
    give_scoring_rules,
    refuse_messages,
)
from tests.test_reminders import DATA

RULES: dict[str, Any] = {**DATA, "weekly": {"on": "monday", "to": ["leader"]}}
MONDAY = date(2024, 11, 18)
CHANNELS = ("inbox", "email")


@pytest.fixture
def unscored(sessions: Sessions) -> County:
    """A county whose plan lacks the rules that the weekly digest's figures are made by."""
    return found(sessions, RULES)


@pytest.fixture
def county(unscored: County) -> County:
    give_scoring_rules(unscored)
    return unscored


def tick(county: County, day: date) -> int:
    """What the worker does on that day; how many weekly digests it made."""
    clock, before = at_nine(day), len(weeklies(county))
    jobs.remind(county.sessions, clock, jobs.find_due(county.sessions, clock), Work(Event()))
    return (len(weeklies(county)) - before) // len(CHANNELS)


def weeklies(county: County) -> list[tuple[str, str, date]]:
    query = select(Message.channel, Message.key, Message.on).where(Message.kind == "weekly")
    with county.sessions.reading() as db:
        return [tuple(row) for row in db.execute(query.order_by(Message.id))]


def text_of(county: County, locale: str) -> str:
    query = select(Message).where(Message.kind == "weekly", Message.channel == "inbox")
    with county.sessions.reading() as db:
        message = db.scalars(query.order_by(Message.id.desc())).first()
        assert message is not None
        language = Languages(strict=True).get(locale)
        return render(message, language, Links("https://p.example.org"))[1]


@pytest.mark.parametrize(
    ("today", "begins"),
    [
        (date(2024, 11, 18), date(2024, 11, 18)),
        (date(2024, 11, 22), date(2024, 11, 18)),
        (date(2024, 11, 24), date(2024, 11, 18)),
        (date(2024, 12, 31), date(2024, 12, 30)),
        (date(2025, 1, 2), date(2024, 12, 30)),
    ],
)
def test_a_week_begins_on_its_day(today: date, begins: date) -> None:
    assert Weekly("monday", ("leader",)).begins(today) == begins


def test_the_leader_hears_once_a_week_and_never_by_the_day(county: County) -> None:
    county.assign()
    days = [date(2024, 11, n) for n in range(1, 30)]
    assert [day for day in days if tick(county, day)] == [
        date(2024, 11, 1),
        date(2024, 11, 4),
        date(2024, 11, 11),
        date(2024, 11, 18),
        date(2024, 11, 25),
    ]
    mine = select(Message.kind).where(Message.recipient_id == county.people["leader"]).distinct()
    with county.sessions.reading() as db:
        assert db.scalars(mine).all() == ["weekly"]
        recorded = select(Reminder.occurrence, Reminder.on, Reminder.superseded)
        leaders = recorded.where(Reminder.recipient_id == county.people["leader"])
        assert [tuple(row) for row in db.execute(leaders.order_by(Reminder.id))] == [
            (10, date(2024, 11, 18), False),
            (15, date(2024, 11, 25), False),
        ]


def test_after_a_holiday_it_comes_on_the_first_working_day(county: County) -> None:
    """1 to 7 October 2024 are off, Monday 7 among them."""
    assert [day for day in (date(2024, 10, n) for n in range(1, 13)) if tick(county, day)] == [
        date(2024, 10, 8)
    ]
    assert weeklies(county) == [
        ("inbox", "weekly:2024-W41", date(2024, 10, 8)),
        ("email", "weekly:2024-W41", date(2024, 10, 8)),
    ]


def test_a_worker_that_was_away_makes_one_and_none_backwards(county: County) -> None:
    county.assign()
    tick(county, date(2024, 11, 4))
    assert tick(county, date(2024, 12, 11)) == 1
    assert tick(county, date(2024, 12, 4)) == 0
    assert tick(county, date(2024, 12, 11)) == 0


def test_its_numbers_are_the_lists_and_stay_as_they_were(county: County) -> None:
    first, _ = county.assign(), county.assign(text="另一项")
    county.assign(due_on=date(2024, 11, 15))
    with county.sessions.writing() as db:
        urge = Urge(
            assignment_id=first,
            text="请尽快",
            answer_by=date(2024, 11, 12),
            by_id=county.people["coordinator"],
            on=date(2024, 11, 8),
            at=at_nine(date(2024, 11, 8)).now,
        )
        db.add(urge)
        db.commit()
    tick(county, MONDAY)
    said = text_of(county, "en")
    assert "Overdue by 10 working days or more: 2." in said
    assert "- 县教委: 2, urged 1 times" in said
    assert "https://p.example.org/tasks?late=10&unit=" in said
    assert "Urged without answer: 1." in said
    leader = Actor(ActorKind.PERSON, "l", county.people["leader"], None, frozenset({Role.LEADER}))
    with county.sessions.reading() as db:
        filters = [TaskFilter(late=10), TaskFilter(silent=True)]
        assert count_all(db, leader, at_nine(MONDAY), filters) == [2, 1]
    with county.sessions.writing() as db:
        db.get_one(Assignment, first).state = "cancelled"
        db.commit()
    assert text_of(county, "en") == said
    assert "逾期10个工作日及以上" in text_of(county, "zh")


def test_with_nothing_behind_it_says_so(county: County) -> None:
    county.assign(due_on=date(2024, 12, 10))
    tick(county, MONDAY)
    assert "nothing is behind" in text_of(county, "en")
    with county.sessions.reading() as db:
        message = db.scalars(select(Message).where(Message.kind == "weekly")).first()
        assert message is not None
        assert len(sections_of(message)) == 1


def test_two_workers_make_one(county: County) -> None:
    county.assign()
    clock = at_nine(MONDAY)
    due = jobs.find_due(county.sessions, clock)
    with county.sessions.reading() as db:
        digest = weekly_digest(db, clock, county.people["leader"], due.reminders)
    sent = []
    for _ in range(2):
        with county.sessions.writing() as db:
            sent.append(send_weekly(db, clock, digest))
            db.commit()
    assert sent == [1, 0]
    with county.sessions.reading() as db:
        assert db.scalar(select(func.count(Message.id)).where(Message.kind == "weekly")) == 2


def test_what_a_deputy_was_given_is_not_the_deputys_own(county: County) -> None:
    """One leader's report of last week goes to the other, who still gets this week's."""
    with county.sessions.writing() as db:
        leader = db.get_one(User, county.people["leader"])
        leader.unit_id = county.units["lead"]
        leader.deputy_id = add_person(db, county, "second", "lead", Role.LEADER).id
        db.commit()
    tick(county, date(2024, 11, 15))
    with county.sessions.writing() as db:
        second = county.people["second"]
        assert forward_to(db, at_nine(date(2024, 11, 19)), second) == 1
        db.commit()
    assert tick(county, date(2024, 11, 19)) == 2


# --- one bad one never stops the rest ----------------------------------------------------------


def told(county: County) -> set[tuple[str, str]]:
    """Who was told in which kind of message."""
    query = select(User.username, Message.kind).join(User, User.id == Message.recipient_id)
    with county.sessions.reading() as db:
        return {(username, kind) for username, kind in db.execute(query)}


def test_a_weekly_digest_that_cannot_be_made_keeps_no_daily_word_back(
    unscored: County, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged and fails the job, and is made once it can be."""
    unscored.assign()
    with pytest.raises(Unfinished):
        tick(unscored, MONDAY)
    assert told(unscored) == {("edu", "digest"), ("edu-head", "digest")}
    assert f"the weekly digest of user {unscored.people['leader']} failed" in caplog.text
    give_scoring_rules(unscored)
    assert tick(unscored, MONDAY) == 1


@pytest.mark.parametrize(
    ("refused", "kind"), [("leader", "weekly"), ("edu", "digest"), ("edu-head", "digest")]
)
def test_whoever_cannot_be_told_keeps_nobody_else_waiting(
    county: County, refused: str, kind: str
) -> None:
    """Whether they come first or last; they themselves stay to be told."""
    with county.sessions.writing() as db:
        add_person(db, county, "second", None, Role.LEADER)
        db.commit()
    county.assign()
    everybody = {
        ("edu", "digest"),
        ("edu-head", "digest"),
        ("leader", "weekly"),
        ("second", "weekly"),
    }
    refuse_messages(county.sessions, county.people[refused])
    with pytest.raises(Unfinished):
        tick(county, MONDAY)
    assert told(county) == everybody - {(refused, kind)}
    left = jobs.find_due(county.sessions, at_nine(MONDAY))
    assert {each.recipient for each in left.reminders} == {refused}
