"""Everything about one indicator: its line, its readings, how it is counted, what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.energy import VERSION, Balance, Consumption
from planner.domain.readings import Known, ReadingVerb, doubt, last_year
from planner.domain.scores.indicators import Indicator as Facts
from planner.domain.scores.indicators import Judged, judge
from planner.domain.scores.outlook import Outlook, outlook_of
from planner.domain.scores.period import AsOf, Period
from planner.domain.text import Text
from planner.models import ConfirmedBase, Indicator, IndicatorReading, Plan
from planner.services import readings
from planner.services.plans import energy_rules, reminder_rules, scoring_rules
from planner.services.reading_parties import parties_of_indicator
from planner.services.scope import load_indicator
from planner.services.score_facts import indicator_of


@dataclass(frozen=True)
class Entry:
    """A reading with what may be done to it; `balance` is the sheet that it comes from.

    `counts`: it is the one of its year that counts. `doubt` says why an open one looks wrong.
    `of_sheet` counts the open readings of its sheet where the actor can confirm them with it.
    """

    reading: IndicatorReading
    balance: Balance | None
    working: Text | None
    counts: bool
    doubt: Text | None
    verbs: frozenset[ReadingVerb]
    of_sheet: int = 0


@dataclass(frozen=True)
class IndicatorView:
    """The page's facts. `entries` newest first; `judged` for each year that can be scored."""

    row: Indicator
    plan: Plan
    facts: Facts
    outlook: Outlook
    entries: Sequence[Entry]
    bases: Sequence[ConfirmedBase]
    judged: Sequence[tuple[int, Judged]]
    verbs: frozenset[ReadingVerb]
    years: Sequence[int]

    @property
    def open(self) -> Sequence[Entry]:
        """What waits for a decision."""
        return [each for each in self.entries if each.reading.outcome is None]


def view(db: Session, actor: Actor, clock: Clock, indicator_id: int) -> IndicatorView:
    """All of it. Raises NotFound outside the actor's scope."""
    row = load_indicator(db, actor, indicator_id)
    plan = db.get_one(Plan, row.plan_id)
    facts = indicator_of(db, row).as_of(clock.today)
    bases = db.scalars(
        select(ConfirmedBase)
        .where(ConfirmedBase.indicator_id == row.id)
        .options(joinedload(ConfirmedBase.by))
        .order_by(ConfirmedBase.id.desc())
    ).all()
    last = last_year(row.target_year, clock.today)
    return IndicatorView(
        row=row,
        plan=plan,
        facts=facts,
        outlook=outlook_of(facts, reminder_rules(db, plan).lights),
        entries=_entries(db, actor, plan, row, facts),
        bases=bases,
        judged=_judged(db, clock, plan, facts),
        verbs=_verbs_of_indicator(db, actor, row),
        years=range(row.base_year + 1, last + 1),
    )


def _verbs_of_indicator(db: Session, actor: Actor, row: Indicator) -> frozenset[ReadingVerb]:
    parties = parties_of_indicator(db, row)
    possible = [ReadingVerb.ENTER, *([] if row.consistent else [ReadingVerb.SETTLE_BASE])]
    return frozenset(each for each in possible if permissions.may(actor, each, parties))


_ON_READINGS = (ReadingVerb.TAKE_BACK, ReadingVerb.CONFIRM, ReadingVerb.REFUSE)


def _entries(
    db: Session, actor: Actor, plan: Plan, row: Indicator, facts: Facts
) -> Sequence[Entry]:
    found = db.scalars(
        select(IndicatorReading)
        .where(IndicatorReading.indicator_id == row.id)
        .options(
            joinedload(IndicatorReading.by),
            joinedload(IndicatorReading.decided_by),
            selectinload(IndicatorReading.evidence),
        )
        .order_by(IndicatorReading.at.desc(), IndicatorReading.id.desc())
    ).all()
    counting = {each.id for year in {r.year for r in found} if (each := facts.reading_of(year))}
    balances = _balances(db, plan, found)
    verbs = {each.id: _verbs_of(db, actor, row, each) for each in found}
    return [
        Entry(
            reading=each,
            balance=balances.get(each.id),
            working=_working(row, balances.get(each.id)),
            counts=each.id in counting,
            doubt=_doubt(row, facts, each),
            verbs=verbs[each.id],
            of_sheet=_of_sheet(db, each) if ReadingVerb.CONFIRM in verbs[each.id] else 0,
        )
        for each in found
    ]


def _of_sheet(db: Session, reading: IndicatorReading) -> int:
    return len(readings.of_one_sheet(db, reading))


def _verbs_of(
    db: Session, actor: Actor, row: Indicator, reading: IndicatorReading
) -> frozenset[ReadingVerb]:
    if reading.outcome is not None:
        return frozenset()
    parties = parties_of_indicator(db, row, reading)
    return frozenset(each for each in _ON_READINGS if permissions.may(actor, each, parties))


def _doubt(row: Indicator, facts: Facts, reading: IndicatorReading) -> Text | None:
    """Why an open reading looks wrong beside the last value that is known."""
    if reading.outcome is not None:
        return None
    years = [each.year for each in facts.readings if each.year <= reading.year]
    known = facts.reading_of(max(years)) if years else None
    last = facts.bases[-1].value if facts.bases else facts.printed_base
    before = Known(known.year, known.value) if known else Known(row.base_year, last)
    return doubt(reading.value, before, row.measure)


def _balances(db: Session, plan: Plan, found: Sequence[IndicatorReading]) -> Mapping[int, Balance]:
    """The sheets behind readings, each by the rules that it was worked out with."""
    made = {}
    versions = {int(each.inputs[VERSION]) for each in found if each.inputs}
    rules = {version: energy_rules(db, plan, version) for version in versions}
    for each in found:
        if each.inputs and (known := rules[int(each.inputs[VERSION])]):
            made[each.id] = Balance(known, Consumption.from_inputs(each.inputs))
    return made


def _working(row: Indicator, balance: Balance | None) -> Text | None:
    if balance is None:
        return None
    return next((each.working for each in balance.results() if each.indicator == row.key), None)


def _judged(db: Session, clock: Clock, plan: Plan, facts: Facts) -> list[tuple[int, Judged]]:
    """How each year of the plan is counted as of today, up to the present one."""
    rules = scoring_rules(db, plan, clock.today).indicators
    last = min(facts.target_year, max(clock.today.year, plan.issued_on.year))
    return [
        (
            year,
            judge(
                facts,
                AsOf.on(clock.today, Period(year)),
                rules,
                clock.calendar,
                plan.issued_on.year,
            ),
        )
        for year in range(facts.base_year + 1, last + 1)
    ]
