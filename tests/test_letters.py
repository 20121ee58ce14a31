"""What reminders say, in words that a person reads in a mail or in the inbox."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from planner.i18n import Languages
from planner.models import Reminder
from planner.services.letters import what_is_due

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
