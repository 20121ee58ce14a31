"""Reminders on real databases: the same few queries, recorded once, one digest a person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from planner.db import Sessions
from planner.domain.actor import Role
from planner.domain.clock import Clock
from planner.domain.reminder_rules import ReminderRules
from planner.i18n import Languages
from planner.links import Links
from planner.models import Assignment, Message, Reminder, Request, Review, Submission, User
from planner.services.letters import render_digest
from planner.services.reminders import by_recipient, is_time, materialise, remind_json
from tests.support.reminding import CALENDAR, County, add_due_revision, add_person, at_nine, found
from tests.test_reminders import DATA

THURSDAY = date(2024, 10, 31)
FRIDAY = date(2024, 11, 1)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def county(sessions: Sessions) -> County:
    return found(sessions, DATA)


def send(county: County, day: date) -> int:
    sent = 0
    for mine in by_recipient(county.due(day)).values():
        with county.sessions.writing() as db:
            sent += materialise(db, at_nine(day), mine)
            db.commit()
    return sent


def messages(county: County) -> list[tuple[str, str, str, str]]:
    """Recipient, channel, key and state of every message."""
    query = (
        select(User.username, Message.channel, Message.key, Message.state)
        .join(User, User.id == Message.recipient_id)
        .order_by(Message.id)
    )
    with county.sessions.reading() as db:
        return [tuple(row) for row in db.execute(query)]


def occurrences(county: County, username: str) -> list[tuple[str, int, bool]]:
    """Family, occurrence and whether it was superseded, of what stands recorded."""
    query = select(Reminder).where(Reminder.recipient_id == county.people[username])
    with county.sessions.reading() as db:
        rows = db.scalars(query.order_by(Reminder.family, Reminder.occurrence))
        return [(row.family, row.occurrence, row.superseded) for row in rows]


def hand_in(county: County, assignment_id: int, number: int, day: date, **review: Any) -> None:
    """A round of completion, and the review of it where one is given."""
    at = at_nine(day).now
    with county.sessions.writing() as db:
        row = Submission(
            assignment_id=assignment_id,
            number=number,
            round=number,
            kind="completion",
            text="已完成",
            by_id=county.people["edu"],
            on=day,
            at=at,
        )
        db.add(row)
        db.flush()
        if review:
            by = county.people["coordinator"]
            db.add(Review(submission_id=row.id, by_id=by, at=at, decision="return", **review))
        db.commit()


# --- what is due -------------------------------------------------------------------------------


def test_the_json_is_what_the_design_promises(county: County) -> None:
    assignment = county.assign()
    assert remind_json(county.due(THURSDAY)) == [
        {
            "assignment": assignment,
            "task": "retrofit",
            "unit": "edu",
            "recipient": "edu",
            "family": "due",
            "occurrence": 0,
            "anchor": "due:0",
            "due": "2024-10-31",
            "level": "yellow",
            "channels": ["inbox", "email"],
        }
    ]


def test_the_list_is_sorted_and_can_be_one_persons(county: County) -> None:
    first, second = county.assign(), county.assign(state="issued")
    listed = [
        (each["assignment"], each["family"], each["recipient"])
        for each in remind_json(county.due(FRIDAY))
    ]
    assert listed == [
        (first, "overdue", "edu"),
        (first, "overdue", "edu-head"),
        (second, "overdue", "edu"),
        (second, "overdue", "edu-head"),
        (second, "unsigned", "edu"),
    ]
    mine = county.due(FRIDAY, only_user=county.people["edu-head"])
    assert {each.recipient for each in mine} == {"edu-head"}
    assert len(mine) == 2


def test_nothing_is_due_on_a_day_off(county: County) -> None:
    county.assign()
    assert county.due(date(2024, 11, 2)) == []


@pytest.mark.parametrize("state", ["accepted", "cancelled", "draft"])
def test_what_is_closed_or_not_issued_is_left_alone(county: County, state: str) -> None:
    county.assign(state=state)
    assert county.due(FRIDAY) == []


def test_a_moved_due_date_is_reminded_of_anew(county: County) -> None:
    assignment_id = county.assign()
    send(county, THURSDAY)
    with county.sessions.writing() as db:
        assignment = db.get_one(Assignment, assignment_id)
        assignment.due_on = date(2024, 11, 7)
        add_due_revision(db, assignment, 1)
        db.commit()
    (again,) = county.due(THURSDAY)
    assert (again.due.anchor, again.due.occurrence.number) == ("due:1", -7)


def test_a_waiting_round_is_the_leads_and_what_it_waited_is_not_the_units(county: County) -> None:
    assignment = county.assign(state="submitted")
    hand_in(county, assignment, 1, date(2024, 10, 30))
    (waiting,) = county.due(date(2024, 11, 6))
    assert (waiting.recipient, waiting.due.family, waiting.due.anchor) == (
        "coordinator",
        "waiting",
        "round:1",
    )


def test_a_returned_round_takes_off_its_waiting_and_its_rework(county: County) -> None:
    assignment = county.assign()
    rework = date(2024, 11, 13)
    hand_in(county, assignment, 1, THURSDAY, on=date(2024, 11, 6), kind="amend", rework_on=rework)
    assert county.due(rework) == []
    assert {each.due.family for each in county.due(date(2024, 11, 14))} == {"overdue"}


def test_what_the_lead_owes_is_decided_by_the_supervisor(county: County) -> None:
    assignment = county.assign("lead", state="submitted")
    hand_in(county, assignment, 1, date(2024, 10, 30))
    assert [each.recipient for each in county.due(date(2024, 11, 6))] == ["supervisor"]


def test_an_open_request_suspends_overdue(county: County) -> None:
    assignment = county.assign()
    with county.sessions.writing() as db:
        request = Request(
            assignment_id=assignment,
            kind="cancel",
            decider="above",
            reason="政策调整",
            data={},
            by_id=county.people["coordinator"],
            on=THURSDAY,
            at=at_nine(THURSDAY).now,
        )
        db.add(request)
        db.commit()
    assert county.due(FRIDAY) == []
    with county.sessions.writing() as db:
        decided = db.get_one(Request, request.id)
        decided.outcome, decided.decided_on = "refused", FRIDAY
        db.commit()
    assert [each.recipient for each in county.due(FRIDAY)] == ["edu", "edu-head"]


def test_a_unit_without_liaison_is_reached_through_its_head(county: County) -> None:
    county.assign()
    with county.sessions.writing() as db:
        db.get_one(User, county.people["edu"]).active = False
        db.commit()
    assert [each.recipient for each in county.due(THURSDAY)] == ["edu-head"]


def test_three_times_the_work_takes_not_one_query_more(county: County, count_queries: Any) -> None:
    def statements() -> int:
        with count_queries() as sent:
            assert county.due(FRIDAY)
        return len(sent)

    for _ in range(3):
        hand_in(county, county.assign(), 1, THURSDAY)
    few = statements()
    for number in range(9):
        hand_in(county, county.assign(state="issued"), 1, THURSDAY)
        with county.sessions.writing() as db:
            add_person(db, county, f"more-{number}", "edu", Role.LIAISON)
            db.commit()
    assert statements() == few


# --- when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "now", "expected"),
    [
        (THURSDAY, datetime(2024, 10, 31, 0, 59, tzinfo=UTC), False),
        (THURSDAY, datetime(2024, 10, 31, 1, 0, tzinfo=UTC), True),
        (date(2024, 11, 2), datetime(2024, 11, 2, 4, 0, tzinfo=UTC), False),
        (THURSDAY, datetime(2026, 5, 1, 20, 0, tzinfo=UTC), True),
        (date(2024, 11, 2), datetime(2026, 5, 4, 4, 0, tzinfo=UTC), False),
    ],
    ids=["before nine", "at nine", "Saturday", "rehearsed", "rehearsed Saturday"],
)
def test_reminders_go_out_on_working_days_from_nine(
    today: date, now: datetime, expected: bool
) -> None:
    rules = ReminderRules.from_data(DATA)
    assert is_time(Clock(today, now, CALENDAR), ZONE, CALENDAR, rules) is expected


# --- recording ---------------------------------------------------------------------------------


def test_a_person_gets_one_digest_on_every_channel(county: County) -> None:
    county.assign()
    county.assign(state="issued")
    assert send(county, FRIDAY) == 5
    assert messages(county) == [
        ("edu", "inbox", "digest:2024-11-01", "sent"),
        ("edu", "email", "digest:2024-11-01", "pending"),
        ("edu-head", "inbox", "digest:2024-11-01", "sent"),
        ("edu-head", "email", "digest:2024-11-01", "pending"),
    ]
    with county.sessions.reading() as db:
        counts = [len(message.reminders) for message in db.scalars(select(Message))]
    assert counts == [3, 3, 2, 2]


def test_what_is_recorded_is_not_said_again(county: County) -> None:
    county.assign()
    assert send(county, FRIDAY) == 2
    assert county.due(FRIDAY) == []
    assert send(county, FRIDAY) == 0
    assert len(messages(county)) == 4


def test_a_worker_that_was_away_sends_one_digest_and_records_what_it_passed_over(
    county: County,
) -> None:
    county.assign()
    send(county, date(2024, 10, 25))
    send(county, FRIDAY)
    send(county, date(2024, 12, 2))
    assert occurrences(county, "edu") == [
        ("due", -30, True),
        ("due", -7, False),
        ("due", -3, True),
        ("due", -1, True),
        ("due", 0, True),
        ("overdue", 1, False),
        ("overdue", 6, True),
        ("overdue", 11, True),
        ("overdue", 16, True),
        ("overdue", 21, False),
    ]
    keys = [key for who, channel, key, _ in messages(county) if (who, channel) == ("edu", "inbox")]
    assert keys == ["digest:2024-10-25", "digest:2024-11-01", "digest:2024-12-02"]


def test_what_becomes_due_later_on_the_day_goes_as_its_second_digest(county: County) -> None:
    county.assign()
    send(county, THURSDAY)
    county.assign()
    send(county, THURSDAY)
    assert [key for _, channel, key, _ in messages(county) if channel == "inbox"] == [
        "digest:2024-10-31",
        "digest:2024-10-31:2",
    ]


def test_two_workers_that_saw_the_same_say_it_once(county: County) -> None:
    for _ in range(5):
        county.assign()
    start = Barrier(2)

    def work() -> int:
        grouped = by_recipient(county.due(FRIDAY))
        sent = 0
        start.wait()
        for mine in grouped.values():
            with county.sessions.writing() as db:
                sent += materialise(db, at_nine(FRIDAY), mine)
                db.commit()
        return sent

    with ThreadPoolExecutor(2) as pool:
        sent = sum(each.result() for each in [pool.submit(work), pool.submit(work)])
    assert sent == 10
    assert len(messages(county)) == 4
    with county.sessions.reading() as db:
        assert db.scalar(select(func.count(Reminder.id)).where(~Reminder.superseded)) == 10


def test_what_was_not_committed_was_not_said(county: County) -> None:
    county.assign()
    found_due = county.due(FRIDAY)
    with county.sessions.writing() as db:
        assert materialise(db, at_nine(FRIDAY), found_due) == 2
    assert messages(county) == []
    assert len(county.due(FRIDAY)) == 2


# --- what a digest says ------------------------------------------------------------------------


def digest(county: County, username: str, locale: str) -> tuple[str, str]:
    query = select(Message).where(
        Message.recipient_id == county.people[username], Message.channel == "inbox"
    )
    with county.sessions.reading() as db:
        message = db.scalars(query).one()
        return render_digest(
            message, Languages(strict=True).get(locale), Links("https://p.example.org")
        )


def test_a_digest_groups_by_colour_and_names_dates_and_links(county: County) -> None:
    late = county.assign()
    soon = county.assign(due_on=date(2024, 11, 4), text="开展" + "节能宣传" * 30)
    send(county, FRIDAY)
    subject, text = digest(county, "edu", "en")
    assert subject == "2 reminders for 1 November 2024"
    assert text.index("Red: overdue") < text.index("Yellow: soon")
    assert "overdue; was due on 31 October 2024" in text
    assert "due on 4 November 2024, in 3 days" in text
    assert f"https://p.example.org/assignments/{late}\n" in text
    assert f"https://p.example.org/assignments/{soon}\n" in text
    assert "2.1 组织各类学校开展节能改造" in text
    assert "…" in text
    assert max(len(line) for line in text.splitlines()) < 100


def test_a_single_reminder_is_one(county: County) -> None:
    county.assign()
    send(county, THURSDAY)
    subject, text = digest(county, "edu", "en")
    assert subject == "One reminder for 31 October 2024"
    assert "due today (31 October 2024)" in text


def test_a_digest_can_be_read_in_chinese_alone(county: County) -> None:
    """Every family has its words: strict languages raise where a translation is missing."""
    county.assign("lead", state="issued", issued_on=date(2024, 10, 30))
    county.assign("lead", due_on=date(2024, 11, 4))
    county.assign("lead", due_on=date(2024, 10, 21))
    hand_in(county, county.assign(state="submitted"), 1, date(2024, 10, 25))
    send(county, FRIDAY)
    subject, text = digest(county, "coordinator", "zh")
    assert subject == "2024年11月1日的5条提醒"
    for words in ("红色：已逾期", "未签收", "等待审核", "还有3天", "逾期至少6个工作日"):
        assert words in text
