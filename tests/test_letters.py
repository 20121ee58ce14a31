"""What reminders say, in words that a person reads in a mail or in the inbox."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from planner.i18n import Languages
from planner.models import Message, Reminder
from planner.services import urging
from planner.services.letters import MOST_OF_A_SUBJECT, notice, render_event, title, what_is_due
from tests.support.cast import TODAY, Cast
from tests.support.pages import LogIn, text_of
from tests.support.verbs import start

DUE = date(2024, 10, 18)
SAID = [
    ("due", "1", 30, 30, "due on 18 October 2024, in 30 days"),
    ("due", "1", 1, 1, "due tomorrow (18 October 2024)"),
    ("due", "1", 0, 0, "due today (18 October 2024)"),
    ("overdue", "1", 1, -3, "overdue; was due on 18 October 2024"),
    ("overdue", "1", 6, -9, "at least 6 working days overdue; was due on 18 October 2024"),
    ("unsigned", "issued", 4, 9, "not signed for in 4 working days; due on 18 October 2024"),
    ("waiting", "round:1", 5, 9, "waiting for review for 5 working days; due on 18 October 2024"),
    ("answer_by", "urge:7", -1, 1, "answer the urge by 18 October 2024"),
    ("answer_by", "urge:7", 0, 0, "answer the urge today (18 October 2024)"),
    ("answer_by", "urge:7", 1, -3, "urge not answered; the answer was due on 18 October 2024"),
    ("report", "report:2024-Q3", -3, 3, "report for Q3 2024 due on 18 October 2024"),
    ("report", "report:2024-Q3", 0, 0, "report for Q3 2024 due today (18 October 2024)"),
    (
        "report",
        "report:2024-Q3",
        1,
        -3,
        "report for Q3 2024 not handed in; it was due on 18 October 2024",
    ),
]


def reminder(family: str, anchor: str, occurrence: int, days_before: int) -> Reminder:
    on = DUE - timedelta(days=days_before)
    return Reminder(family=family, anchor=anchor, occurrence=occurrence, due_on=DUE, on=on)


@pytest.mark.parametrize(("family", "anchor", "occurrence", "before", "said"), SAID)
def test_a_reminder_says_what_is_due_and_when(
    family: str, anchor: str, occurrence: int, before: int, said: str
) -> None:
    words = what_is_due(reminder(family, anchor, occurrence, before))
    assert Languages("en").get("en").say(words) == said


def test_periods_are_named_as_people_name_them() -> None:
    words = what_is_due(reminder("report", "report:2024-Q3", 0, 0))
    assert "2024年第3季度" in Languages("zh").get("zh").say(words)


LONG = "请逐项书面说明\n" + "项目进展、存在问题和完成时间。" * 80


def urged(cast: Cast) -> Message:
    """What 县教委's liaison finds in the inbox after a long urge."""
    row = start(cast, cast.edu_row)
    cast.do(urging.urge, "coordinator", row, LONG, TODAY)
    with cast.reading() as db:
        mine = (Message.recipient_id == cast.users["edu"]) & (Message.channel == "inbox")
        wanted = select(Message).where(mine, Message.subject["msgid"].as_string().contains("Urged"))
        message = db.scalars(wanted).one()
        assert message.assignment is not None
        assert message.assignment.task.number
        return message


def test_a_subject_begins_what_was_typed_and_the_letter_holds_all_of_it(cast: Cast) -> None:
    said, text = render_event(urged(cast), Languages().get("zh"), cast.runtime.links)
    assert "\n" not in said
    assert "…" in said
    assert len(said) < 2 * MOST_OF_A_SUBJECT + 60
    assert LONG in text


def test_a_robot_says_what_happened_and_no_word_that_was_typed(cast: Cast) -> None:
    message = urged(cast)
    said = Languages().get("zh").say(notice(message))
    assert "请逐项" not in said
    assert title(message.assignment).params["text"] in said  # type: ignore[arg-type]


def test_the_start_page_shows_the_beginning_and_the_inbox_can_unfold_all(
    cast: Cast, client_of: LogIn
) -> None:
    urged(cast)
    edu = client_of("edu")
    last = LONG[-200:]
    assert last not in edu.get("/").text.partition('id="messages"')[2].partition("</section>")[0]
    assert last in text_of(edu.get("/inbox"))
