"""What lies unread goes to the deputy (B角), so that no one's absence stops the work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.text import Text, stored, t
from planner.models import Assignment, Message, ReminderMessage, User
from planner.services.letters import subject
from planner.services.messages import EMAIL, INBOX, channels_of, queue_on

PATIENCE = 2
"""Working days that a message may lie unread."""

LONGEST_BACK = timedelta(days=90)
"""What is older was told long ago; a deputy who is chosen today is not buried in it."""

MOST_LISTED = 20


def candidates(db: Session, user: User) -> Sequence[User]:
    """Whom a person may choose as deputy: the other active people of the same unit, by name."""
    if user.unit_id is None:
        return []
    others = User.active & (User.unit_id == user.unit_id) & (User.id != user.id)
    return db.scalars(select(User).where(others).order_by(User.name, User.id)).all()


def check_deputy(db: Session, user: User, deputy_id: int | None) -> int | None:
    """The deputy as it is kept. Raises BadInput for somebody who cannot be one."""
    if deputy_id is not None and deputy_id not in {each.id for each in candidates(db, user)}:
        raise BadInput(t("A deputy is an active colleague of the same unit."), "deputy_id")
    return deputy_id


def deputies_to_tell(db: Session, clock: Clock) -> list[int]:
    """The deputies of those who left a message unread for two working days. None on a day off."""
    if not clock.calendar.is_workday(clock.today):
        return []
    return sorted({deputy_id for _, deputy_id in db.execute(_unread(clock))})


def forward_to(db: Session, clock: Clock, deputy_id: int) -> int:
    """Give one of them what lay unread; how many messages went on.

    Each message goes on once: a copy in the deputy's inbox, and for all copies of a day one mail.
    What the deputy leaves unread goes to the deputy's own, but never to anybody who had it, nor
    after one of them read it.
    """
    mine = db.execute(_unread(clock, deputy_id))
    messages = [message for message, _ in mine if _goes_on(db, message, deputy_id)]
    if messages:
        _forward(db, clock, db.get_one(User, deputy_id), messages)
    return len(messages)


def _unread(clock: Clock, only_deputy: int | None = None) -> Select[Message, int]:
    """What lies unread in inboxes and was not forwarded, with the deputy who is to have it.

    Not what the deputy was told of as well. Of one deputy where named.
    """
    recipient, deputy, copy, told = aliased(User), aliased(User), aliased(Message), aliased(Message)
    same_event = (told.recipient_id == deputy.id) & (told.key == Message.key)
    query = (
        select(Message, deputy.id)
        .join(recipient, Message.recipient_id == recipient.id)
        .join(deputy, recipient.deputy_id == deputy.id)
        .where(
            Message.channel == INBOX,
            Message.read_at.is_(None),
            Message.on.between(clock.today - LONGEST_BACK, _latest(clock)),
            deputy.active,
            deputy.unit_id == recipient.unit_id,
            ~exists().where(copy.forwards_id == Message.id),
            ~exists().where(Message.kind == "event", told.channel == INBOX, same_event),
        )
        .options(
            joinedload(Message.recipient),
            joinedload(Message.assignment).joinedload(Assignment.task),
            selectinload(Message.reminders),
        )
        .order_by(Message.id)
    )
    return query if only_deputy is None else query.where(deputy.id == only_deputy)


def _latest(clock: Clock) -> date:
    """The last day whose messages have lain long enough."""
    day = clock.today
    while clock.calendar.count(day, clock.today) < PATIENCE:
        day -= timedelta(days=1)
    return day


def _goes_on(db: Session, message: Message, deputy_id: int) -> bool:
    """Whether nobody before read it, and the deputy is none of those who had it."""
    while message.forwards_id is not None:
        message = db.get_one(Message, message.forwards_id)
        if message.read_at is not None or message.recipient_id == deputy_id:
            return False
    return True


def _forward(db: Session, clock: Clock, deputy: User, messages: Sequence[Message]) -> None:
    said = [_copy(db, clock, deputy, message) for message in messages]
    if EMAIL in channels_of(deputy, "event") and not _has_mail_of(db, deputy, clock.today):
        queue_on(
            db,
            clock,
            deputy,
            EMAIL,
            key=_mail_key(clock.today),
            kind="event",
            subject=t("Messages for you as deputy: %(count)s", count=len(said)),
            body=_listed(said),
        )


def _copy(db: Session, clock: Clock, deputy: User, message: Message) -> Text:
    """Into the deputy's inbox, with its reminders; what it says."""
    said = subject(message)
    if message.forwards_id is None and message.recipient is not None:
        said = t("For %(name)s: %(said)s", name=message.recipient.name, said=said)
    copy = queue_on(
        db,
        clock,
        deputy,
        INBOX,
        key=message.key if message.kind == "event" else f"forward:{message.id}",
        kind=message.kind,
        subject=said,
        body=stored(message.body) if message.body else None,
        assignment=message.assignment,
        path=message.path,
        forwards=message,
    )
    copy.sections = message.sections
    for reminder in message.reminders:
        db.add(ReminderMessage(reminder_id=reminder.id, message_id=copy.id))
    return said


def _listed(said: Sequence[Text]) -> Text:
    """One below the other, so many that a mail can be read."""
    listed = said[0]
    for each in said[1:MOST_LISTED]:
        listed = t("%(above)s\n%(below)s", above=listed, below=each)
    if len(said) > MOST_LISTED:
        rest = t("and %(count)s more in the inbox", count=len(said) - MOST_LISTED)
        listed = t("%(above)s\n%(below)s", above=listed, below=rest)
    return listed


def _mail_key(day: date) -> str:
    return f"deputy:{day.isoformat()}"


def _has_mail_of(db: Session, deputy: User, day: date) -> bool:
    mine = Message.recipient_id == deputy.id, Message.channel == EMAIL
    return bool(db.scalar(select(exists().where(*mine, Message.key == _mail_key(day)))))
