"""What a unit's robots say of its reminders: one note a day that they are there, not what."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from planner.domain.clock import Clock
from planner.domain.text import Text, t
from planner.models import Message, Reminder, ReminderMessage, Robot, User
from planner.services.messages import queue_on


def tell_robots(db: Session, clock: Clock) -> int:
    """Queue each robot's note of the day where its unit's people were reminded; how many.

    A robot has one such note a day. What its unit was reminded of after that counts the next day.
    """
    queued = 0
    for robot in db.scalars(select(Robot).where(Robot.active).order_by(Robot.id)):
        last = _last_note(db, robot)
        if last != clock.today:
            queued += _tell(db, clock, robot, last or clock.today)
    return queued


def _last_note(db: Session, robot: Robot) -> date | None:
    notes = select(func.max(Message.on))
    return db.scalar(notes.where(Message.robot_id == robot.id, Message.kind == "digest"))


def _tell(db: Session, clock: Clock, robot: Robot, since: date) -> bool:
    found = db.execute(_untold(robot, since)).all()
    if not found:
        return False
    note = queue_on(
        db,
        clock,
        robot,
        robot.channel,
        key=f"digest:{clock.today.isoformat()}",
        kind="digest",
        subject=_said(len({row.assignment_id for row in found})),
    )
    db.add_all(ReminderMessage(reminder_id=row.id, message_id=note.id) for row in found)
    db.flush()
    return True


def _untold(robot: Robot, since: date) -> Select[int, int]:
    """Reminders of the unit's people that no note of this robot stands for."""
    link, note = aliased(ReminderMessage), aliased(Message)
    told = exists().where(
        link.reminder_id == Reminder.id, link.message_id == note.id, note.robot_id == robot.id
    )
    return (
        select(Reminder.id, Reminder.assignment_id)
        .join(User, Reminder.recipient_id == User.id)
        .where(User.unit_id == robot.unit_id, Reminder.on >= since, ~Reminder.superseded, ~told)
        .order_by(Reminder.id)
    )


def _said(items: int) -> Text:
    if items == 1:
        return t("One item of your unit needs attention")
    return t("%(count)s items of your unit need attention", count=items)
