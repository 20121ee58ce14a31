"""The consumption sheet (用能统计表) of an owner: counted, compared with last year's, handed in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.energy import AREA, HEADCOUNT, Balance, Consumption, EnergyRules, Result, change
from planner.domain.errors import BadInput, NotFound, Stale
from planner.domain.exact import shown
from planner.domain.permissions import Parties
from planner.domain.readings import PLACES, ReadingVerb, check_year, doubt
from planner.domain.text import Text, t
from planner.domain.words import Outcome
from planner.models import Indicator, IndicatorReading, Plan
from planner.services import evidence, readings
from planner.services.evidence import EvidenceForm
from planner.services.plans import active_plan, energy_rules
from planner.services.reading_parties import deciding_side, tell
from planner.services.readings import MAX_SOURCE
from planner.services.steps import optional_text, required_text


@dataclass(frozen=True)
class SheetForm:
    """What was consumed in a year, and from where that is known.

    `previewed` and `sure` repeat the fingerprint of the sheet whose results were looked at, and
    said to be right although they look wrong.
    """

    year: int
    used: Mapping[str, Decimal | None]
    source: str
    estimated_by: str | None = None
    evidence: EvidenceForm = field(default_factory=EvidenceForm)
    previewed: str = ""
    sure: str = ""


@dataclass(frozen=True)
class Scope:
    """Whose sheet it is, by which rules, and the indicators that it gives, in the plan's order."""

    plan: Plan
    rules: EnergyRules
    indicators: Sequence[Indicator]

    @property
    def first_year(self) -> int:
        """The first year that a sheet can be of."""
        return min(each.base_year for each in self.indicators) + 1

    @property
    def target_year(self) -> int:
        """The last."""
        return max(each.target_year for each in self.indicators)


@dataclass(frozen=True)
class Counted:
    """What a sheet gives one indicator; nothing is sent for one that `waits` for a decision."""

    indicator: Indicator
    result: Result
    doubt: Text | None
    waits: bool


@dataclass(frozen=True)
class Preview:
    """A sheet counted: results, and why proof is asked for where it is."""

    balance: Balance
    counted: Sequence[Counted]
    needs_proof: Sequence[Text]
    last_year: Consumption | None
    fingerprint: str

    @property
    def doubted(self) -> bool:
        """Whether a value looks wrong."""
        return any(each.doubt and not each.waits for each in self.counted)


def scope_of(db: Session, actor: Actor) -> Scope:
    """The sheet of the actor's own unit.

    Raises NotAllowed for a role that enters nothing, NotFound where the unit owns no indicator
    that a sheet gives.
    """
    plan = active_plan(db)
    parties = Parties(plan.owner_id, actor.unit_id)
    permissions.require(actor, ReadingVerb.ENTER, parties)
    rules = energy_rules(db, plan)
    given = {each.indicator for each in rules.indicators} if rules else set()
    owned = db.scalars(
        select(Indicator)
        .where(
            Indicator.plan_id == plan.id,
            Indicator.owner_id == actor.unit_id,
            Indicator.key.in_(given),
        )
        .order_by(Indicator.position, Indicator.id)
    ).all()
    if rules is None or not owned:
        raise NotFound
    return Scope(plan, rules, owned)


def has_sheet(db: Session, actor: Actor) -> bool:
    """Whether there is a sheet that the actor may fill in."""
    if actor.unit_id is None or not actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return False
    try:
        scope_of(db, actor)
    except NotFound:
        return False
    return True


def preview(db: Session, actor: Actor, clock: Clock, form: SheetForm) -> Preview:
    """What the sheet comes to, before anything is sent. Raises BadInput for what cannot be."""
    return _count(db, clock, scope_of(db, actor), form)


def enter(db: Session, actor: Actor, clock: Clock, form: SheetForm) -> list[IndicatorReading]:
    """Hand the sheet in: a reading for each indicator that it gives and that none waits for.

    Raises BadInput where its results were not looked at, look wrong and were not said to be
    right, or need proof; Stale where all of them wait for a decision already.
    """
    scope = scope_of(db, actor)
    source = required_text(form.source, "source", MAX_SOURCE)
    counted = _count(db, clock, scope, form)
    _check(counted, form)
    made = []
    for each in counted.counted:
        if not each.waits:
            reading = IndicatorReading(
                indicator_id=each.indicator.id,
                year=form.year,
                value=each.result.value,
                source=source,
                inputs=dict(counted.balance.used.inputs(scope.rules)),
                estimated_by=optional_text(form.estimated_by, "estimated_by"),
            )
            readings.store(db, actor, clock, reading)
            made.append(reading)
    if not made:
        raise Stale(t("All readings of this year wait for their decision already."))
    staged_at = [each.id for each in scope.indicators]
    evidence.attach_to_readings(db, actor, made, staged_at, form.evidence)
    _tell(db, actor, clock, scope, made)
    return made


def _tell(
    db: Session, actor: Actor, clock: Clock, scope: Scope, made: Sequence[IndicatorReading]
) -> None:
    """Each reading into the journal, and one message for all to those who decide."""
    entries = [readings.record_entered(db, actor, clock, each) for each in made]
    first = scope.indicators[0]
    text = t(
        "Readings to be decided: %(count)s of %(year)s, by a consumption sheet of %(unit)s",
        count=len(made),
        year=str(made[0].year),
        unit=first.owner.name,
    )
    tell(db, clock, entries[-1], first, deciding_side(db, first), text)


def _check(counted: Preview, form: SheetForm) -> None:
    if counted.needs_proof and not form.evidence.count:
        raise BadInput(
            t("%(why)s Add proof, a file or a link.", why=counted.needs_proof[0]), "evidence"
        )
    if form.previewed != counted.fingerprint:
        raise BadInput(t("Look at the results below, then send them."), "previewed")
    if counted.doubted and form.sure != counted.fingerprint:
        raise BadInput(t("Some results look wrong: tick that they are right, or correct them."))


def _count(db: Session, clock: Clock, scope: Scope, form: SheetForm) -> Preview:
    used = _checked(scope.rules, form.used)
    check_year(form.year, scope.first_year - 1, scope.target_year, clock.today)
    balance = Balance(scope.rules, used)
    results = {each.indicator: each for each in balance.results()}
    before = last_sheet(db, scope, form.year - 1)
    waiting = _waiting(db, scope, form.year)
    counted = [
        Counted(each, results[each.key], _doubt(db, each, results[each.key], form.year), waits)
        for each in scope.indicators
        for waits in (each.id in waiting,)
    ]
    fingerprint = _fingerprint(form.year, used.inputs(scope.rules))
    proof = list(_needs_proof(scope.rules, used, before))
    return Preview(balance, counted, proof, before, fingerprint)


def _doubt(db: Session, indicator: Indicator, result: Result, year: int) -> Text | None:
    return doubt(result.value, readings.last_known(db, indicator, year), indicator.measure)


def _fingerprint(year: int, inputs: Mapping[str, str]) -> str:
    """The same for the same numbers of the same year."""
    text = json.dumps([year, inputs], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _checked(rules: EnergyRules, given: Mapping[str, Decimal | None]) -> Consumption:
    """What was typed as numbers. Raises BadInput for one that is missing or cannot be."""
    carriers = {each.key: _number(given.get(each.key), each.key) for each in rules.carriers}
    if not any(carriers.values()):
        raise BadInput(t("A year without any energy cannot be."), rules.carriers[0].key)
    water, headcount, area = (_number(given.get(key), key) for key in ("water", HEADCOUNT, AREA))
    for key, value in (("water", water), (HEADCOUNT, headcount), (AREA, area)):
        if not value:
            raise BadInput(t("This must be more than 0."), key)
    if headcount != headcount.to_integral_value():
        raise BadInput(t("People are counted whole."), HEADCOUNT)
    return Consumption(carriers, water, headcount, area)


def _number(value: Decimal | None, field: str) -> Decimal:
    if value is None or not value.is_finite():
        raise BadInput(t("Please give a number; 0 where none was used."), field)
    if value < 0:
        raise BadInput(t("This cannot be negative."), field)
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES:
        raise BadInput(t("At most six decimal places."), field)
    return value


def last_sheet(db: Session, scope: Scope, year: int) -> Consumption | None:
    """The sheet handed in last for a year and neither refused nor taken back, or nothing."""
    found = db.scalar(
        select(IndicatorReading.inputs)
        .where(
            IndicatorReading.indicator_id.in_([each.id for each in scope.indicators]),
            IndicatorReading.year == year,
            IndicatorReading.inputs.is_not(None),
            IndicatorReading.outcome.is_(None) | (IndicatorReading.outcome == Outcome.GRANTED),
        )
        .order_by(IndicatorReading.at.desc(), IndicatorReading.id.desc())
        .limit(1)
    )
    return Consumption.from_inputs(found) if found else None


def _waiting(db: Session, scope: Scope, year: int) -> frozenset[int]:
    """The indicators whose reading of that year waits for a decision."""
    query = select(IndicatorReading.indicator_id).where(
        IndicatorReading.indicator_id.in_([each.id for each in scope.indicators]),
        IndicatorReading.year == year,
        IndicatorReading.outcome.is_(None),
    )
    return frozenset(db.scalars(query))


def _needs_proof(rules: EnergyRules, used: Consumption, before: Consumption | None) -> list[Text]:
    """Why proof is asked for: what things are divided by moved further than it does by itself."""
    if before is None:
        return []
    pairs = (
        (t("The headcount"), used.headcount, before.headcount),
        (t("The building area"), used.area, before.area),
    )
    return [
        t(
            "%(what)s is %(percent)s %% off last year's: %(now)s, last year %(before)s.",
            what=what,
            percent=shown(100 * change(now, was), 1),
            now=now,
            before=was,
        )
        for what, now, was in pairs
        if 100 * change(now, was) > rules.proof_percent
    ]
