"""Who hears of what was urged of a unit: one message a person, whatever the number."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.text import Text, t
from planner.models import Assignment, JournalEntry, Urge
from planner.services import messages

MOST_LISTED = 30
"""Assignments that a message spells out."""


def tell_unit(db: Session, clock: Clock, part: JournalEntry, urges: Sequence[Urge]) -> None:
    """One message a person: a unit's people hear of all that was urged of their unit.

    Where the lead agency itself owes one of these, its coordinators are told too.
    """
    unit_id = urges[0].assignment.unit_id
    leads = any(unit_id == each.assignment.task.lead_unit_id for each in urges)
    recipients = messages.people(db, unit_id, *messages.answering_roles(leads))
    subject, body, about = _said(urges)
    messages.tell(db, clock, part, recipients, subject, about, body)


def _said(urges: Sequence[Urge]) -> tuple[Text, Text | None, Assignment | None]:
    """Subject, body and the assignment that it is about, where it is one alone."""
    first = urges[0]
    if len(urges) > 1:
        return _of_several(first, len(urges)), _body(urges), None
    day, text = first.answer_by, first.text
    if first.slip is None:
        subject = t("Urged, answer by %(day)s: %(text)s", day=day, text=text)
    else:
        slip = first.slip.number
        subject = t(
            "Urged by slip %(slip)s, answer by %(day)s: %(text)s", slip=slip, day=day, text=text
        )
    return subject, None, first.assignment


def _of_several(first: Urge, count: int) -> Text:
    if first.slip is None:
        return t(
            "Urged on %(count)s assignments, answer by %(day)s", count=count, day=first.answer_by
        )
    return t(
        "Urged on %(count)s assignments by slip %(slip)s, answer by %(day)s",
        count=count,
        slip=first.slip.number,
        day=first.answer_by,
    )


def _body(urges: Sequence[Urge]) -> Text:
    listed = "\n".join(
        f"· {each.assignment.task.number} {each.assignment.text}" for each in urges[:MOST_LISTED]
    )
    rest = len(urges) - MOST_LISTED
    if rest <= 0:
        return t("%(text)s\n%(list)s", text=urges[0].text, list=listed)
    return t(
        "%(text)s\n%(list)s\n… and %(count)s more", text=urges[0].text, list=listed, count=rest
    )
