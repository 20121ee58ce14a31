"""Each day's roll-up, stored once the day is over, and the trends drawn from it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.exact import rounded
from planner.domain.reporting import first_late_day
from planner.domain.scores.days import act_days, change_days
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf, Period, cut_off
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Figures
from planner.domain.scores.tally import Scored, score_item
from planner.domain.workdays import WorkCalendar
from planner.models import Plan, Rollup
from planner.services.plans import RulesHistory, rules_history
from planner.services.score_facts import Facts, gather
from planner.services.score_items import read_items
from planner.services.scores import Evaluation, PlanScores, keep_none

SHARE_PLACES = 6
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayRows:
    """The rows of one day of one plan, made and not yet stored."""

    plan_id: int
    day: date
    rows: tuple[Mapping[str, Any], ...]


def missing_days(db: Session, clock: Clock) -> Iterator[DayRows]:
    """The roll-ups of the days that are over and have none, the oldest first; each plan's in turn.

    Days begin with the first issued assignment of a plan and end yesterday: today is still
    running, and what is stored never changes. All that is read is read at once, with queries that
    do not grow with the days; a day is made when it is asked for, without the session.
    """
    plans = db.scalars(select(Plan).order_by(Plan.id)).all()
    return chain.from_iterable([_days_of(db, clock, plan) for plan in plans])


def _days_of(db: Session, clock: Clock, plan: Plan) -> Iterator[DayRows]:
    items, history = tuple(read_items(db, plan)), rules_history(db, plan)
    if not items or history is None:
        return iter(())
    first = min(item.issued_on for item in items)
    days = _missing(first, clock.today - _DAY, _stored_days(db, plan.id))
    daily = Daily(gather(db, plan), items, history, clock.calendar)
    return (DayRows(plan.id, day, tuple(daily.rows(day))) for day in days)


def store(db: Session, clock: Clock, made: DayRows) -> bool:
    """Store a day; False if somebody stored it meanwhile."""
    if db.scalar(_of_plan(made.plan_id).where(Rollup.on == made.day)) is not None:
        return False
    stamp = {"plan_id": made.plan_id, "on": made.day, "at": clock.now}
    db.execute(insert(Rollup), [{**row, **stamp} for row in made.rows])
    return True


def store_missing(db: Session, clock: Clock) -> list[date]:
    """Make and store in one transaction; the days stored.

    A worker beside other writers stores each day in a transaction of its own: that is shorter.
    """
    return [made.day for made in missing_days(db, clock) if store(db, clock, made)]


def _stored_days(db: Session, plan_id: int) -> set[date]:
    return set(db.scalars(_of_plan(plan_id)))


def _of_plan(plan_id: int) -> Select[date]:
    """The days of a plan that are stored: one is stored whole or not at all, so one row tells."""
    whole = Rollup.subject == "plan", Rollup.period == Period().key
    return select(Rollup.on).where(Rollup.plan_id == plan_id, *whole)


def _missing(first: date, last: date, stored: set[date]) -> list[date]:
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day not in stored]


class Daily:
    """One plan's figures, day after day: what did not change since the day before is kept."""

    def __init__(
        self,
        facts: Facts,
        items: tuple[Item, ...],
        history: RulesHistory,
        calendar: WorkCalendar,
    ) -> None:
        self._facts, self._items, self._history, self._calendar = facts, items, history, calendar
        self._act_days = {item.id: act_days(item) for item in items}
        self._kept: dict[tuple[int, str], tuple[int, ScoringRules, Scored | None]] = {}
        changes = [change_days(item, calendar) for item in items]
        rules = (on for on, _ in history.versions)
        self._changes = sorted(frozenset().union(*changes, rules, self._beside()))
        self._last: tuple[object, list[Mapping[str, Any]]] = (None, [])

    def rows(self, day: date) -> list[Mapping[str, Any]]:
        """The day's rows: the plan, and each unit and action with something that counts."""
        state = (day.year, _how_many(self._changes, day))
        if state != self._last[0]:
            self._last = (state, list(self._rows(day)))
        return self._last[1]

    def _beside(self) -> Iterator[date]:
        """The days on which something beside work may change."""
        for owed in chain.from_iterable(self._facts.reports.values()):
            for on in (owed.facts.due_on, owed.facts.missing_after):
                yield first_late_day(on, self._calendar)
            yield from _given(owed.facts.handed_in_on, owed.facts.closed_on)
        for found in chain.from_iterable(self._facts.findings.values()):
            yield from _given(found.finding.on, found.finding.revoked_on)
        for indicator in self._facts.indicators:
            yield from (each.on for each in indicator.readings)
            yield from (each.on for each in indicator.bases)
        for year in range(self._facts.plan.issued_on.year, self._facts.plan.ends_on.year + 1):
            yield cut_off(year)
            for _, rules in self._history.versions:
                yield rules.indicators.deadline(year, self._calendar) + _DAY

    def _rows(self, day: date) -> Iterator[Mapping[str, Any]]:
        rules = self._history.on(day)
        for period in (Period(day.year), Period()):
            asked = AsOf.on(day, period)
            evaluation = Evaluation(self._facts, asked, self._calendar, rules, keep_none)
            for item in self._items:
                if each := self._scored(item, asked, rules):
                    evaluation.add(each)
            for subject, subject_id, made in _subjects(evaluation.scores()):
                if made.counts.counting or subject == "plan":
                    where = {"period": period.key, "subject": subject, "subject_id": subject_id}
                    yield {**where, **asdict(point(day, made))}

    def _scored(self, item: Item, asked: AsOf, rules: ScoringRules) -> Scored | None:
        """The item's credit, counted anew only when something has happened to it."""
        if not asked.sees(item):
            return None
        acts = _how_many(self._act_days[item.id], asked.day)
        where = item.id, asked.period.key
        kept = self._kept.get(where)
        if kept is None or kept[0] != acts or kept[1] is not rules:
            known = item.as_of(asked.day)
            kept = self._kept[where] = acts, rules, score_item(known, asked, rules, self._calendar)
        return kept[2]


def _how_many(days: Sequence[date], until: date) -> int:
    """How many of the sorted days are not after `until`."""
    return bisect_right(days, until)


def _given(*days: date | None) -> Iterator[date]:
    return (day for day in days if day is not None)


def _subjects(scores: PlanScores) -> Iterator[tuple[str, int, Figures]]:
    yield "plan", scores.plan.id, scores.overall
    for unit in scores.units:
        yield "unit", unit.unit.id, unit.figures
    for box in scores.boxes:
        yield "action", box.box.id, box.figures


@dataclass(frozen=True)
class TrendPoint:
    """One day of a trend: `total` 0 to 100 or none, `verified` and `claimed` shares 0 to 1."""

    on: date
    total: Decimal | None
    verified: Decimal
    claimed: Decimal
    counting: int
    accepted: int
    overdue: int


def trend(
    db: Session,
    plan: Plan,
    subject: str,
    subject_id: int,
    period: Period,
    until: date,
) -> list[TrendPoint]:
    """The stored days of the plan, a unit or an action ("plan", "unit", "action"), in order.

    The plan itself has the subject id of the plan. Days up to and with `until`; today is not
    among them until it is over: `point` makes it from live figures.
    """
    rows = db.execute(
        select(
            Rollup.on,
            Rollup.total,
            Rollup.verified,
            Rollup.claimed,
            Rollup.counting,
            Rollup.accepted,
            Rollup.overdue,
        )
        .where(
            Rollup.plan_id == plan.id,
            Rollup.subject == subject,
            Rollup.subject_id == subject_id,
            Rollup.period == period.key,
            Rollup.on <= until,
        )
        .order_by(Rollup.on)
    )
    return [TrendPoint(*row) for row in rows]


def point(day: date, made: Figures) -> TrendPoint:
    """Live figures as the last point of a trend, with the digits that a roll-up would have."""
    return TrendPoint(
        on=day,
        total=made.to_date.total,
        verified=rounded(made.verified, SHARE_PLACES),
        claimed=rounded(made.claimed, SHARE_PLACES),
        counting=made.counts.counting,
        accepted=made.counts.accepted,
        overdue=made.counts.overdue,
    )


def totals_on(
    db: Session, plan: Plan, subject: str, period: Period, days: Sequence[date]
) -> Mapping[int, Mapping[date, Decimal | None]]:
    """The stored totals of all units or actions on these days, by subject id; one query."""
    rows = db.execute(
        select(Rollup.subject_id, Rollup.on, Rollup.total).where(
            Rollup.plan_id == plan.id,
            Rollup.subject == subject,
            Rollup.period == period.key,
            Rollup.on.in_(days),
        )
    )
    found: dict[int, dict[date, Decimal | None]] = {}
    for row in rows:
        found.setdefault(row.subject_id, {})[row.on] = row.total
    return found
