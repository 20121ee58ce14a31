"""Who hears of a batch of urges: one message a person, whatever the number of assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.text import Text, t
from planner.models import Assignment, JournalEntry, Urge, User, UserRole
from planner.services import messages

MOST_LISTED = 30
"""Assignments that a message spells out."""


def tell_units(db: Session, clock: Clock, whole: JournalEntry, urges: Sequence[Urge]) -> None:
    """One message a person: each unit's people hear of all that was urged of their unit."""
    by_unit: dict[int, list[Urge]] = {}
    for urge in urges:
        by_unit.setdefault(urge.assignment.unit_id or 0, []).append(urge)
    people = _people(db, list(by_unit))
    for unit_id, its_urges in by_unit.items():
        subject, body, about = _said(its_urges)
        recipients = people.get((unit_id, _owed_by_lead(its_urges)), [])
        messages.tell(db, clock, whole, recipients, subject, about, body)


def _owed_by_lead(urges: Sequence[Urge]) -> bool:
    """Whether the lead agency itself owes one of these: then its coordinators are told too."""
    return any(each.assignment.unit_id == each.assignment.task.lead_unit_id for each in urges)


def _people(db: Session, unit_ids: Sequence[int]) -> Mapping[tuple[int, bool], Sequence[User]]:
    """Unit and whether it leads, to the people who answer for it; one query."""
    query = (
        select(User, UserRole.role)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.active, User.unit_id.in_(unit_ids))
        .order_by(User.id)
    )
    found: dict[tuple[int, bool], dict[int, User]] = {}
    for user, role in db.execute(query):
        for leads in (False, True):
            if role in messages.answering_roles(leads):
                found.setdefault((user.unit_id or 0, leads), {})[user.id] = user
    return {key: list(users.values()) for key, users in found.items()}


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
