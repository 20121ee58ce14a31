"""What lies unread for two working days goes to the deputy: once, and never round in a circle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from planner.db import Sessions
from planner.domain.actor import Role
from planner.domain.text import from_json, t
from planner.i18n import Languages
from planner.models import Message, Reminder, ReminderMessage, User
from planner.services.deputies import MOST_LISTED, deputies_to_tell, forward_to
from planner.services.letters import subject
from planner.services.messages import queue
from tests.support.reminding import County, add_person, at_nine, found
from tests.test_reminders import DATA

FRIDAY = date(2024, 11, 1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (FRIDAY + timedelta(days=n) for n in (3, 4, 5, 6))
ENGLISH = Languages("en").get("en")


@pytest.fixture
def county(sessions: Sessions) -> County:
    """edu's deputy is edu-head, whose deputy is third."""
    made = found(sessions, DATA)
    with sessions.writing() as db:
        add_person(db, made, "third", "edu", Role.LIAISON)
        db.commit()
    change(made, "edu", deputy_id=made.people["edu-head"])
    change(made, "edu-head", deputy_id=made.people["third"])
    return made


def change(county: County, username: str, **values: Any) -> None:
    with county.sessions.writing() as db:
        db.execute(update(User).where(User.id == county.people[username]).values(**values))
        db.commit()


def event(county: County, key: str = "event:1", to: str = "edu", day: date = FRIDAY) -> int:
    """An event in somebody's inbox."""
    with county.sessions.writing() as db:
        person = db.get_one(User, county.people[to])
        made = queue(db, at_nine(day), person, key=key, kind="event", subject=t("Issued"))
        db.commit()
        return made[0].id


def forward(county: County, day: date) -> int:
    clock = at_nine(day)
    with county.sessions.writing() as db:
        count = sum(forward_to(db, clock, each) for each in deputies_to_tell(db, clock))
        db.commit()
        return count


def read(county: County, message_id: int) -> None:
    with county.sessions.writing() as db:
        db.get_one(Message, message_id).read_at = at_nine(FRIDAY).now
        db.commit()


def got(county: County, username: str, channel: str = "inbox") -> list[Message]:
    with county.sessions.reading() as db:
        mine = Message.recipient_id == county.people[username], Message.channel == channel
        query = select(Message).where(*mine).options(joinedload(Message.assignment))
        return list(db.scalars(query.order_by(Message.id)))


def said(message: Message) -> str:
    return ENGLISH.say(subject(message))


def test_it_goes_on_after_two_working_days_and_not_before(county: County) -> None:
    first = event(county)
    assert [forward(county, day) for day in (FRIDAY, MONDAY, TUESDAY)] == [0, 0, 1]
    (copy,) = got(county, "edu-head")
    assert (copy.forwards_id, copy.state, copy.on) == (first, "sent", TUESDAY)
    assert said(copy) == "For EDU: Issued"


def test_not_on_a_day_off(county: County) -> None:
    event(county)
    assert forward(county, date(2024, 11, 9)) == 0


def test_it_goes_on_once(county: County) -> None:
    event(county)
    assert [forward(county, day) for day in (TUESDAY, TUESDAY, WEDNESDAY)] == [1, 0, 0]


def test_what_was_read_stays(county: County) -> None:
    read(county, event(county))
    assert forward(county, TUESDAY) == 0


def test_one_mail_a_day_for_all_of_them(county: County) -> None:
    for number in range(MOST_LISTED + 2):
        event(county, f"event:{number}")
    assert forward(county, TUESDAY) == MOST_LISTED + 2
    event(county, "event:late")
    change(county, "third", deputy_id=county.people["edu-head"])
    event(county, "event:another", to="third", day=FRIDAY)
    assert forward(county, TUESDAY) == 2
    (mail,) = got(county, "edu-head", "email")
    body = ENGLISH.say(from_json(mail.body))  # type: ignore[arg-type]
    assert said(mail) == f"Messages for you as deputy: {MOST_LISTED + 2}"
    assert body.splitlines()[0] == "For EDU: Issued"
    assert len(body.splitlines()) == MOST_LISTED + 1
    assert body.endswith("and 2 more in the inbox")
    assert len(got(county, "edu-head")) == MOST_LISTED + 4


def test_who_wants_no_mail_gets_the_inbox_alone(county: County) -> None:
    change(county, "edu-head", mail_events=False)
    event(county)
    assert forward(county, TUESDAY) == 1
    assert got(county, "edu-head", "email") == []


def test_a_digest_takes_its_reminders_along(county: County) -> None:
    assignment_id = county.assign()
    with county.sessions.writing() as db:
        row = Reminder(
            assignment_id=assignment_id,
            family="due",
            anchor="due:0",
            occurrence=1,
            recipient_id=county.people["edu"],
            level="yellow",
            due_on=FRIDAY,
            on=FRIDAY,
            at=at_nine(FRIDAY).now,
        )
        db.add(row)
        person = db.get_one(User, county.people["edu"])
        digest = queue(
            db, at_nine(FRIDAY), person, key="digest:1", kind="digest", subject=t("One reminder")
        )
        db.flush()
        db.add(ReminderMessage(reminder_id=row.id, message_id=digest[0].id))
        db.commit()
    assert forward(county, TUESDAY) == 1
    with county.sessions.reading() as db:
        (copy,) = db.scalars(select(Message).where(Message.forwards_id.is_not(None)))
        assert [each.assignment_id for each in copy.reminders] == [assignment_id]
        assert copy.kind == "digest"


def test_a_weekly_report_takes_its_sections_along(county: County) -> None:
    sections = [{"said": {"msgid": "Count", "params": {}}, "path": "/tasks", "lines": []}]
    weekly = event(county, "weekly:1")
    with county.sessions.writing() as db:
        found = db.get_one(Message, weekly)
        found.kind, found.sections = "weekly", sections
        db.commit()
    assert forward(county, TUESDAY) == 1
    (copy,) = got(county, "edu-head")
    assert (copy.kind, copy.sections) == ("weekly", sections)


# --- who is left out ----------------------------------------------------------------------------


def test_not_to_who_was_told_of_the_same_event(county: County) -> None:
    event(county)
    event(county, to="edu-head")
    assert forward(county, TUESDAY) == 1, "what the head left unread, to the third"
    assert [each.key for each in got(county, "edu-head")] == ["event:1"]


@pytest.mark.parametrize(
    "values", [{"active": False}, {"unit_id": None}], ids=["inactive", "elsewhere"]
)
def test_not_to_a_deputy_who_is_not_there(county: County, values: dict[str, Any]) -> None:
    change(county, "edu-head", **values)
    event(county)
    assert forward(county, TUESDAY) == 0


def test_what_somebody_left_behind_goes_on(county: County) -> None:
    event(county)
    change(county, "edu", active=False)
    assert forward(county, TUESDAY) == 1


def test_not_what_is_very_old(county: County) -> None:
    event(county, day=date(2024, 7, 1))
    assert forward(county, TUESDAY) == 0


# --- chains -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["event", "digest"])
def test_a_chain_goes_on_and_never_round(county: County, kind: str) -> None:
    change(county, "third", deputy_id=county.people["edu"])
    with county.sessions.writing() as db:
        person = db.get_one(User, county.people["edu"])
        queue(db, at_nine(FRIDAY), person, key=f"{kind}:1", kind=kind, subject=t("Issued"))
        db.commit()
    days = [FRIDAY + timedelta(days=n) for n in range(4, 40)]
    assert sum(forward(county, day) for day in days) == 2
    assert [len(got(county, who)) for who in ("edu", "edu-head", "third")] == [1, 1, 1]
    assert said(got(county, "third")[0]) == "For EDU: Issued"


def test_two_who_stand_in_for_each_other(county: County) -> None:
    change(county, "edu-head", deputy_id=county.people["edu"])
    event(county)
    days = [FRIDAY + timedelta(days=n) for n in range(4, 40)]
    assert sum(forward(county, day) for day in days) == 1


def test_a_chain_ends_when_the_first_reads_it(county: County) -> None:
    first = event(county)
    assert forward(county, TUESDAY) == 1
    read(county, first)
    assert forward(county, THURSDAY) == 0
