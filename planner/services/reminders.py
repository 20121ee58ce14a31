"""Which reminders are due by the data, and recording them with one digest for each person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any, NamedTuple, TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, lazyload

from planner.domain import reminders
from planner.domain.actor import Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.reminder_rules import ReminderRules
from planner.domain.reminders import Due
from planner.domain.text import t
from planner.domain.workdays import WorkCalendar
from planner.models import Message, Plan, Reminder, ReminderMessage, User, UserRole
from planner.services.messages import channels_of, queue_once
from planner.services.reminder_facts import Subject, subjects

_ROWS_AT_ONCE = 500


class DueReminder(NamedTuple):
    """A reminder that is due and not yet recorded, with what a person wants to read of it.

    `task` and `unit` are the stable keys, `recipient` the user name, `due_on` the due date as it
    stands, `channels` what the recipient is reached by.
    """

    due: Due
    task: str
    unit: str
    recipient: str
    due_on: date
    channels: tuple[str, ...]


class ReminderJson(TypedDict):
    """One line of `planner remind --json`."""

    assignment: int
    task: str
    unit: str
    recipient: str
    family: str
    occurrence: int
    anchor: str
    due: str
    level: str
    channels: list[str]


def is_time(clock: Clock, zone: ZoneInfo, calendar: WorkCalendar, rules: ReminderRules) -> bool:
    """Whether reminders may go out now: on a working day, from the rules' hour in that zone.

    A business date that is not the date of this moment is a rehearsal: it has no hours.
    """
    local = clock.now.astimezone(zone)
    rehearsed = local.date() != clock.today
    return calendar.is_workday(clock.today) and (rehearsed or local.time() >= rules.send_from)


def due_reminders(
    db: Session,
    plan: Plan,
    today: date,
    calendar: WorkCalendar,
    rules: ReminderRules,
    only_user: int | None = None,
) -> list[DueReminder]:
    """What the rules say is due and nobody recorded, sorted; for one person where named.

    Nothing on a day off. Takes the same few queries however much work there is.
    """
    if not calendar.is_workday(today):
        return []
    weekly = weekly_awaited(db, today, calendar, rules)
    active = select(User).where(User.active).options(lazyload(User.user_roles))
    people = {each.id: (each.username, channels_of(each)) for each in db.scalars(active)}
    found = [
        _described(due, subject, *people[due.recipient_id])
        for subject in subjects(db, plan, today, rules)
        for due in reminders.due(subject.facts, today, calendar, rules, weekly)
        if only_user in (None, due.recipient_id)
    ]
    return sorted(found, key=_order)


def check_day(db: Session, today: date, present: date) -> None:
    """Raises BadInput for a day that the present state of the work cannot speak for.

    What is due follows from the state as it is. It says nothing of a day that is over, nor, in a
    rehearsal of days to come, of one before the last that reminders were recorded for.
    """
    if today == present:
        return
    last = db.scalar(select(func.max(Reminder.on)))
    earliest = present if last is None else max(present, last)
    if today < earliest:
        raise BadInput(
            t(
                "Reminders follow from the state of the work as it is now, which cannot tell what "
                "was due on %(day)s. "
                "The earliest day to remind for is %(earliest)s.",
                day=today,
                earliest=earliest,
            )
        )


def remind_json(found: Iterable[DueReminder]) -> list[ReminderJson]:
    """The reminders as `planner remind --json` prints them (design, section 10)."""
    return [
        {
            "assignment": each.due.assignment_id,
            "task": each.task,
            "unit": each.unit,
            "recipient": each.recipient,
            "family": each.due.family,
            "occurrence": each.due.occurrence.number,
            "anchor": each.due.anchor,
            "due": each.due_on.isoformat(),
            "level": each.due.occurrence.level,
            "channels": list(each.channels),
        }
        for each in found
    ]


def by_recipient(found: Iterable[DueReminder]) -> Mapping[int, list[DueReminder]]:
    """User id to that person's reminders by the day, to record each in a short transaction.

    What waits for a weekly digest is recorded with it (`services.weekly`).
    """
    grouped: dict[int, list[DueReminder]] = defaultdict(list)
    for each in found:
        if not each.due.weekly:
            grouped[each.due.recipient_id].append(each)
    return grouped


def materialise(db: Session, clock: Clock, found: Iterable[DueReminder]) -> int:
    """Record what is due and queue one digest for each person and channel; how many were sent.

    What another worker recorded meanwhile is left to it: whoever inserts the row tells the
    person, in the same transaction.
    """
    return sum(_tell(db, clock, who, mine) for who, mine in sorted(by_recipient(found).items()))


def _tell(db: Session, clock: Clock, user_id: int, mine: Sequence[DueReminder]) -> int:
    new = record(db, clock, mine)
    if new:
        recipient = db.get_one(User, user_id)
        carry(db, _digest(db, clock, recipient, len(new)), new)
    return len(new)


def record(db: Session, clock: Clock, mine: Iterable[DueReminder]) -> list[int]:
    """Record reminders that nobody recorded yet; the ids of those that are to be sent."""
    return _insert_new(db, [row for each in sorted(mine, key=_order) for row in _rows(each, clock)])


def carry(db: Session, messages: Iterable[Message], reminder_ids: Sequence[int]) -> None:
    """Let each message carry the reminders."""
    for message in messages:
        links = [{"reminder_id": each, "message_id": message.id} for each in reminder_ids]
        if links:
            db.execute(insert(ReminderMessage), links)


def weekly_awaited(
    db: Session, today: date, calendar: WorkCalendar, rules: ReminderRules
) -> frozenset[int]:
    """The people whose weekly digest is to be made today: once for each week, on no day off.

    None once one for a later week was made, should the clock have jumped back. What a deputy was
    given of somebody else's is not the deputy's own.
    """
    if rules.weekly is None or not calendar.is_workday(today):
        return frozenset()
    begins = rules.weekly.begins(today)
    audience = {Role(each) for each in rules.weekly.to}
    own = Message.kind == "weekly", Message.forwards_id.is_(None)
    made = select(Message.recipient_id).where(*own, Message.on >= begins)
    holds = select(UserRole.user_id).where(UserRole.role.in_(audience))
    query = select(User.id).where(User.active, User.id.in_(holds), User.id.not_in(made))
    return frozenset(db.scalars(query))


def _digest(db: Session, clock: Clock, recipient: User, size: int) -> list[Message]:
    """One digest a day; what becomes due after it left goes as the day's second, and so on."""
    subject = t("One reminder for %(date)s", date=clock.today)
    if size > 1:
        subject = t("%(count)s reminders for %(date)s", count=size, date=clock.today)
    for number in count(_digests_of_day(db, clock, recipient) + 1):
        suffix = f":{number}" if number > 1 else ""
        key = f"digest:{clock.today.isoformat()}{suffix}"
        queued = queue_once(db, clock, recipient, key, "digest", subject)
        if queued is not None:
            return queued
    raise AssertionError("there is always a next number")


def _digests_of_day(db: Session, clock: Clock, recipient: User) -> int:
    keys = select(func.count(Message.key.distinct())).where(
        Message.recipient_id == recipient.id,
        Message.key.startswith(f"digest:{clock.today.isoformat()}"),
    )
    return db.scalar(keys) or 0


def _rows(each: DueReminder, clock: Clock) -> Iterator[dict[str, Any]]:
    due = each.due
    for occurrence in (*due.superseded, due.occurrence):
        yield {
            "assignment_id": due.assignment_id,
            "family": occurrence.family,
            "anchor": due.anchor,
            "occurrence": occurrence.number,
            "recipient_id": due.recipient_id,
            "level": occurrence.level,
            "due_on": each.due_on,
            "superseded": occurrence is not due.occurrence,
            "on": clock.today,
            "at": clock.now,
        }


def _insert_new(db: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert what nobody recorded yet; the ids of the rows that are to be sent."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(Reminder)
        .on_conflict_do_nothing()
        .returning(Reminder.id, Reminder.superseded)
    )
    new: list[int] = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        inserted = db.execute(statement, rows[start : start + _ROWS_AT_ONCE]).all()
        new += [row.id for row in inserted if not row.superseded]
    return new


def _order(each: DueReminder) -> tuple[int, str, str, str]:
    return each.due.assignment_id, each.due.family, each.recipient, each.due.anchor


def _described(due: Due, subject: Subject, username: str, channels: tuple[str, ...]) -> DueReminder:
    return DueReminder(due, subject.task, subject.unit, username, due.due_on, channels)
