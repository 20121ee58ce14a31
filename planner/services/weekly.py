"""The weekly digest for those who read the county in one minute (design, section 5).

Its numbers are counted by the scorecard and by the task list's own filters, each with the address
of the list behind it. They are stored as they were on the day that it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from urllib.parse import urlencode

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.clock import Clock
from planner.domain.reminder_rules import ReminderRules
from planner.domain.scores.period import AsOf, Period
from planner.domain.text import Json, Text, stored, t, to_json
from planner.models import Assignment, Message, Plan, Submission, Urge, User
from planner.services.coordination import MatterFilter, whole_list
from planner.services.long_waiting import late_for
from planner.services.messages import queue_once
from planner.services.plans import active_plan, reminder_rules, scoring_rules
from planner.services.reminders import DueReminder, carry, record
from planner.services.scope import visible_assignments
from planner.services.scores import keep_none, plan_scores
from planner.services.task_list import TaskFilter, count_all, count_by_unit

WAITS_TOO_LONG = 5
"""Working days after which a round or a request is the lead's debt (design, section 3)."""

MOST_LINES = 20
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Section:
    """One matter: a sentence, the path of the page behind it, and more lines with their paths."""

    said: Text
    path: str
    lines: tuple[tuple[Text, str], ...] = ()


@dataclass(frozen=True)
class WeeklyDigest:
    """What one person is to be told this week, and the reminders that it carries."""

    user_id: int
    key: str
    subject: Text
    sections: tuple[Section, ...]
    reminders: tuple[DueReminder, ...]


def weekly_digest(
    db: Session, clock: Clock, user_id: int, found: Iterable[DueReminder]
) -> WeeklyDigest:
    """One person's digest of the present week; `found` is what is due, by the day and by the week.

    Raises ValueError for a plan without weekly readers.
    """
    plan = active_plan(db)
    rules = reminder_rules(db, plan)
    if rules.weekly is None:
        raise ValueError("nobody reads weekly")
    begins = rules.weekly.begins(clock.today)
    actor = _reader(db, user_id)
    week = begins.isocalendar()
    matters = tuple(_matters(db, actor, clock, rules, begins))
    subject = t("Weekly report of %(date)s", date=clock.today)
    if not matters:
        subject = t("Weekly report of %(date)s: nothing is behind", date=clock.today)
    return WeeklyDigest(
        user_id,
        f"weekly:{week.year}-W{week.week:02}",
        subject,
        (_standing(db, plan, clock), *matters, *_accepted(db, actor, clock, begins)),
        tuple(each for each in found if each.due.weekly and each.due.recipient_id == user_id),
    )


def send_weekly(db: Session, clock: Clock, digest: WeeklyDigest) -> int:
    """Queue a digest and record its reminders; how many. None if another worker made it."""
    recipient = db.get_one(User, digest.user_id)
    sent = queue_once(db, clock, recipient, digest.key, "weekly", digest.subject)
    if sent is None:
        return 0
    for message in sent:
        message.sections = [_stored(each) for each in digest.sections]
    new = record(db, clock, digest.reminders)
    carry(db, sent, new)
    return len(new)


def sections_of(message: Message) -> list[Section]:
    """What a weekly digest said when it was made."""
    return [
        Section(stored(each["said"]), each["path"], tuple((stored(a), b) for a, b in each["lines"]))
        for each in message.sections or ()
    ]


def _reader(db: Session, user_id: int) -> Actor:
    user = db.get_one(User, user_id)
    return Actor(ActorKind.PERSON, user.name, user.id, user.unit_id, frozenset(_roles(user)))


def _roles(user: User) -> Iterator[Role]:
    return (Role(each.role) for each in user.user_roles)


def _standing(db: Session, plan: Plan, clock: Clock) -> Section:
    """The scorecard of the present year, of the whole plan outside its years."""
    year = clock.today.year
    period = Period(year if plan.issued_on.year <= year <= plan.ends_on.year else None)
    rules = scoring_rules(db, plan, clock.today)
    scores = plan_scores(db, plan, AsOf.on(clock.today, period), clock.calendar, rules, keep_none)
    said = t(
        "Verified %(verified)s%%, claimed %(claimed)s%%, time gone %(gone)s%%; score to date "
        "%(score)s.",
        verified=_percent(scores.overall.verified),
        claimed=_percent(scores.overall.claimed),
        gone=_percent(scores.time_gone),
        score=scores.overall.to_date.total,
    )
    return Section(said, f"/scorecard?{urlencode({'period': period.key})}")


def _percent(share: Fraction) -> Decimal:
    percent = share * 100
    exact = Decimal(percent.numerator) / Decimal(percent.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _matters(
    db: Session, actor: Actor, clock: Clock, rules: ReminderRules, begins: date
) -> Iterator[Section]:
    days = _escalates_at(rules)
    filters: Mapping[str, TaskFilter] = {
        f"late={days}": TaskFilter(late=days),
        "silent=yes": TaskFilter(silent=True),
        f"asked={WAITS_TOO_LONG}": TaskFilter(asked=WAITS_TOO_LONG),
        f"waited={WAITS_TOO_LONG}": TaskFilter(waited=WAITS_TOO_LONG),
    }
    late, silent, asked, waited = count_all(db, actor, clock, list(filters.values()))
    paths = [f"/tasks?{query}" for query in filters]
    if late:
        said = t("Overdue by %(n)s working days or more: %(count)s.", n=days, count=late)
        yield Section(said, paths[0], tuple(_by_unit(db, actor, clock, days)))
    if silent:
        yield Section(t("Urged without answer: %(count)s.", count=silent), paths[1])
    if asked:
        said = t("Requests open for %(n)s working days: %(count)s.", n=WAITS_TOO_LONG, count=asked)
        yield Section(said, paths[2])
    if waited:
        said = t(
            "Waiting for review for %(n)s working days: %(count)s.", n=WAITS_TOO_LONG, count=waited
        )
        yield Section(said, paths[3])
    yield from _coordination(db, actor, begins - WEEK)


def _escalates_at(rules: ReminderRules) -> int:
    """The lateness from which the weekly readers hear of it."""
    steps = [
        each.at for each in rules.families.overdue.after if rules.weekly_audiences & {*each.to}
    ]
    return min(steps, default=1)


def _by_unit(db: Session, actor: Actor, clock: Clock, days: int) -> Iterator[tuple[Text, str]]:
    """Units with what is late, most first, and how often they were urged about it."""
    late = TaskFilter(late=days)
    urged = _urged(db, actor, clock, days)
    for unit, count in count_by_unit(db, actor, clock, late)[:MOST_LINES]:
        said = t(
            "%(unit)s: %(count)s, urged %(times)s times",
            unit=unit.name,
            count=count,
            times=urged.get(unit.id, 0),
        )
        yield said, f"/tasks?{urlencode({'late': days, 'unit': unit.id})}"


def _urged(db: Session, actor: Actor, clock: Clock, days: int) -> Mapping[int | None, int]:
    query = (
        select(Assignment.unit_id, func.count(Urge.id))
        .join(Urge, Urge.assignment_id == Assignment.id)
        .where(visible_assignments(actor), late_for(db, clock, days))
        .group_by(Assignment.unit_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def _coordination(db: Session, actor: Actor, since: date) -> Iterator[Section]:
    """What units said needs coordination since the digest before, settled meanwhile or not."""
    found = whole_list(db, actor, MatterFilter(show="all", since=since))
    if found:
        lines = tuple(
            (
                t("%(unit)s: %(text)s", unit=_unit(each), text=_short(each.coordination or "")),
                f"/assignments/{each.assignment_id}",
            )
            for each in found[:MOST_LINES]
        )
        said = t("Needs coordination since %(day)s: %(count)s.", day=since, count=len(found))
        query = urlencode({"show": "all", "since": since.isoformat()})
        yield Section(said, f"/coordination?{query}", lines)


def _unit(submission: Submission) -> str:
    unit = submission.assignment.unit
    return unit.name if unit else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:99] + "…"


def _accepted(db: Session, actor: Actor, clock: Clock, begins: date) -> Iterator[Section]:
    since = begins - WEEK
    (count,) = count_all(db, actor, clock, [TaskFilter(accepted_since=since)])
    if count:
        said = t("Accepted since %(day)s: %(count)s.", day=since, count=count)
        yield Section(said, f"/tasks?{urlencode({'accepted-since': since.isoformat()})}")


def _stored(section: Section) -> Json:
    lines: list[Json] = [[to_json(said), path] for said, path in section.lines]
    return {"said": to_json(section.said), "path": section.path, "lines": lines}
