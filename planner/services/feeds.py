"""A person's calendar feed: its secret address, and the dates that it brings."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session, contains_eager

from planner.documents.calendar_feed import Event
from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.clock import Clock
from planner.domain.errors import NotAllowed
from planner.domain.lifecycle import OPEN_STATES, State
from planner.domain.names import NAMES
from planner.domain.reporting import period_name
from planner.domain.text import Text, t
from planner.i18n import Language
from planner.links import Links
from planner.models import Assignment, DueRevision, FeedLink, Report, Task, Unit, Urge, User
from planner.services.accounts import load_user, record
from planner.services.letters import title
from planner.services.pauses import suspended
from planner.services.reminder_facts import unanswered
from planner.services.steps import person_id

Rows: TypeAlias = "Select[*tuple[Any, ...]]"

NOTED_AGAIN = timedelta(hours=1)
_OWING = (Role.LIAISON, Role.HEAD, Role.COORDINATOR)


def has_dates(actor: Actor) -> bool:
    """Whether any date is this person's: their unit owes something, or they may urge."""
    return actor.has(Role.SUPERVISOR) or (actor.unit_id is not None and actor.has(*_OWING))


def new_link(db: Session, actor: Actor, clock: Clock) -> tuple[FeedLink, str]:
    """A new secret address and its token, of which only the hash is kept; the former one ends.

    Raises NotAllowed for people who have no dates.
    """
    if not has_dates(actor):
        raise NotAllowed(t("There are no dates for your roles."))
    user = load_user(db, person_id(actor))
    _end(db, clock, user)
    token = secrets.token_urlsafe(32)
    link = FeedLink(token_hash=_hash(token), user_id=user.id, at=clock.now)
    db.add(link)
    record(db, actor, clock, "feed_new", user)
    return link, token


def revoke(db: Session, actor: Actor, clock: Clock) -> None:
    """End one's address; the journal is silent where there is none."""
    user = load_user(db, person_id(actor))
    if _end(db, clock, user):
        record(db, actor, clock, "feed_revoke", user)


def _end(db: Session, clock: Clock, user: User) -> bool:
    """End what is in force; the person's row is held, so that two at once leave one."""
    db.execute(select(User.id).where(User.id == user.id).with_for_update())
    ended = db.scalars(
        update(FeedLink)
        .where(FeedLink.user_id == user.id, FeedLink.revoked_at.is_(None))
        .values(revoked_at=clock.now)
        .returning(FeedLink.id)
    )
    return bool(ended.all())


def link_in_force(db: Session, user_id: int) -> FeedLink | None:
    """The person's address, if they have one."""
    mine = select(FeedLink).where(FeedLink.user_id == user_id, FeedLink.revoked_at.is_(None))
    return db.scalars(mine.order_by(FeedLink.id.desc())).first()


def person_of(db: Session, token: str) -> User | None:
    """Whose address this is; nobody's if it was revoked, never made, or the person is disabled.

    The token is looked up by its hash, so that the time taken says nothing about the token.
    """
    in_force = (FeedLink.token_hash == _hash(token), FeedLink.revoked_at.is_(None), User.active)
    return db.scalar(select(User).join(FeedLink, FeedLink.user_id == User.id).where(*in_force))


def is_to_be_noted(db: Session, clock: Clock, token: str) -> bool:
    """Whether a reading is the first within an hour."""
    return db.scalar(select(FeedLink.id).where(*_long_unread(clock, token))) is not None


def note_reading(db: Session, clock: Clock, token: str) -> None:
    """Keep when the address was read, at most once an hour."""
    db.execute(update(FeedLink).where(*_long_unread(clock, token)).values(read_at=clock.now))


def _long_unread(clock: Clock, token: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    before = or_(FeedLink.read_at.is_(None), FeedLink.read_at < clock.now - NOTED_AGAIN)
    return FeedLink.token_hash == _hash(token), before


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def events(db: Session, user: User, language: Language, links: Links) -> list[Event]:
    """What the person's calendar shows, by day: three queries for whatever amount.

    What the own unit owes: due dates, reports not handed in, answers to urges. A coordinator also
    sees by when what they lead is to be answered, a supervisor the same of their own urges.
    What is closed or suspended has no due date, what is closed nothing.
    """
    actor = Actor(ActorKind.PERSON, user.name, user.id, user.unit_id, user.roles)
    writer = _Writer(language, links)
    found: list[Event] = []
    if actor.unit_id is not None and actor.has(*_OWING):
        found += [writer.due(*row) for row in db.execute(_due_dates(actor.unit_id))]
        found += map(writer.report, db.scalars(_reports(actor.unit_id)))
    if has_dates(actor):
        found += map(writer.urge, db.scalars(_urges(actor)))
    return sorted(found, key=lambda event: (event.day, event.uid))


def _due_dates(unit_id: int) -> Rows:
    last = (
        select(func.max(DueRevision.number))
        .where(DueRevision.assignment_id == Assignment.id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    query = select(Assignment, DueRevision).join(
        DueRevision,
        (DueRevision.assignment_id == Assignment.id) & (DueRevision.number == last),
    )
    return _of_open(query, ()).where(Assignment.unit_id == unit_id, ~suspended())


def _reports(unit_id: int) -> Rows:
    query = select(Report).join(Report.assignment)
    waiting = (Report.submission_id.is_(None), Assignment.unit_id == unit_id)
    return _of_open(query, (Report.assignment,)).where(*waiting)


def _urges(actor: Actor) -> Rows:
    mine: list[ColumnElement[bool]] = []
    if actor.has(*_OWING):
        mine.append(Assignment.unit_id == actor.unit_id)
    if actor.has(Role.COORDINATOR):
        mine.append(Task.lead_unit_id == actor.unit_id)
    if actor.has(Role.SUPERVISOR):
        mine.append(Urge.by_id == actor.user_id)
    query = select(Urge).join(Urge.assignment)
    return _of_open(query, (Urge.assignment,)).where(unanswered(), or_(*mine))


def _of_open(query: Rows, way: tuple[Any, ...]) -> Rows:
    """Only of open assignments, each with its task and unit; `way` leads to the assignment."""
    there = [contains_eager(*way, each) for each in (Assignment.task, Assignment.unit)]
    query = query.join(Task, Task.id == Assignment.task_id)
    query = query.join(Unit, Unit.id == Assignment.unit_id)
    return query.where(
        Assignment.state.in_(OPEN_STATES), Assignment.issued_on.is_not(None)
    ).options(*there)


class _Writer:
    """Says in one language what is due."""

    def __init__(self, language: Language, links: Links) -> None:
        self._say, self._links = language.say, links

    def due(self, assignment: Assignment, revision: DueRevision) -> Event:
        return self._event(
            f"assignment-{assignment.id}",
            assignment,
            revision.due_on,
            (t("Due date"), title(assignment)),
            stamp=revision.at,
            sequence=revision.number,
        )

    def report(self, report: Report) -> Event:
        summary = t(
            "Report %(period)s: %(title)s",
            period=period_name(report.period),
            title=title(report.assignment),
        )
        said = (t("Periodic report"), summary)
        return self._event(
            f"report-{report.id}", report.assignment, report.due_on, said, stamp=report.at
        )

    def urge(self, urge: Urge) -> Event:
        said = t("Answer to the urge: %(title)s", title=title(urge.assignment))
        return self._event(
            f"urge-{urge.id}",
            urge.assignment,
            urge.answer_by,
            (t("Answer by"), said),
            t("Urge: %(text)s", text=urge.text),
            stamp=urge.at,
        )

    def _event(
        self,
        key: str,
        assignment: Assignment,
        day: date,
        said: tuple[Text, Text],
        *more: Text,
        **stamped: Any,
    ) -> Event:
        category, summary = said
        return Event(
            uid=f"{key}@{self._links.host()}",
            day=day,
            summary=self._say(summary),
            description="\n".join(map(self._say, (*_standing(assignment), *more))),
            category=self._say(category),
            url=self._links.assignment(assignment.id),
            **stamped,
        )


def _standing(assignment: Assignment) -> Iterator[Text]:
    unit = assignment.unit.name if assignment.unit else None
    yield t("%(number)s %(text)s", number=assignment.task.number, text=assignment.text)
    yield t("Responsible unit: %(unit)s", unit=unit)
    yield t("State: %(state)s", state=NAMES[State(assignment.state)])
