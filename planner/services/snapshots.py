"""Freezing the results of an assessment, and proving that they still are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.scores.frozen import (
    FrozenTerms,
    Result,
    digest,
    digits,
    line_data,
    read_terms,
    read_unit,
    results,
    terms_data,
    unit_data,
)
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.units import Correction, Terms, UnitFacts
from planner.domain.text import Json, Text, t, to_json
from planner.models import Assessment, Assignment, Plan, Snapshot, UnitResult
from planner.services.plans import scoring_rules
from planner.services.score_facts import Facts, gather
from planner.services.score_items import read_items
from planner.services.steps import person_id


def terms_of(db: Session, clock: Clock, assessment: Assessment) -> FrozenTerms:
    """What the assessment is counted by as of today: today's rules, the calendar, its cut-off."""
    plan = assessment.plan
    asked = AsOf(Period.parse(assessment.period), clock.today, min(assessment.cut_off, clock.today))
    rules = scoring_rules(db, plan, clock.today)
    terms = Terms(rules, clock.calendar, plan.issued_on.year)
    return FrozenTerms.of(asked, terms, plan.name, plan.owner.name)


def unit_facts(
    db: Session, plan: Plan, frozen: FrozenTerms, unit_id: int | None = None
) -> list[UnitFacts]:
    """The facts of every unit that anything counts for, or of one, as known on the day."""
    facts = gather(db, plan)
    items = _items_by_unit(db, plan, facts, frozen.asked, unit_id)
    owners = {each.owner_id for each in facts.indicators}
    return [
        UnitFacts(
            id=unit.id,
            day=frozen.day,
            key=unit.key,
            name=unit.name,
            group=unit.group,
            lead=unit.lead,
            items=items.get(unit.id, ()),
            reports=tuple(facts.reports.get(unit.id, ())),
            findings=tuple(facts.findings.get(unit.id, ())),
            indicators=tuple(each for each in facts.indicators if each.owner_id == unit.id),
        )
        for unit in facts.units
        if unit_id in (None, unit.id) and (unit.id in items or unit.id in owners)
    ]


def _items_by_unit(
    db: Session, plan: Plan, facts: Facts, asked: AsOf, unit_id: int | None
) -> dict[int, tuple[Item, ...]]:
    """What belongs to the period, in the order of the plan."""
    only = None if unit_id is None else Assignment.unit_id == unit_id
    known = (item.as_of(asked.day) for item in read_items(db, plan, only) if asked.sees(item))
    inside = [item for item in known if asked.place_of(item) is not None]
    inside.sort(key=lambda item: (item.unit_id, facts.order_of(item)))
    by_unit = groupby(inside, lambda item: item.unit_id)
    return {unit_id: tuple(items) for unit_id, items in by_unit}


def freeze(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment: Assessment,
    frozen: FrozenTerms,
    units: Sequence[UnitFacts],
    reason: str | None = None,
) -> Snapshot:
    """Store the results of these facts as the next revision."""
    made = results(units, frozen)
    rows = [_row(position, result) for position, result in enumerate(made)]
    terms = terms_data(frozen)
    snapshot = Snapshot(
        assessment_id=assessment.id,
        revision=len(assessment.snapshots) + 1,
        reason=reason,
        rules_version=frozen.rules.version,
        terms=terms,
        digest=digest(terms, [row.digest for row in rows]),
        by_id=person_id(actor),
        by_name=actor.name,
        on=clock.today,
        at=clock.now,
        units=rows,
    )
    db.add(snapshot)
    db.flush()
    db.expire(assessment, ["snapshots"])
    return snapshot


def _row(position: int, result: Result) -> UnitResult:
    row = UnitResult(
        position=position,
        unit_id=result.unit.id,
        unit_name=result.unit.name,
        ranking_group=result.unit.group,
        lead=result.unit.lead,
        total=result.total,
        grade=result.grade,
        place=result.rank.place,
        ranked=result.rank.of,
        unranked_because=to_json(result.rank.reason),
        lines=[line_data(line) for line in result.lines],
        inputs=unit_data(result.unit),
    )
    row.digest = _digest_of(row)
    return row


def _digest_of(row: UnitResult) -> str:
    """Of everything that the row says."""
    return digest(
        row.position,
        row.unit_id,
        row.unit_name,
        row.ranking_group,
        row.lead,
        None if row.total is None else format(row.total.normalize(), "f"),
        row.grade,
        row.place,
        row.ranked,
        row.unranked_because,
        row.lines,
        row.inputs,
    )


def latest(assessment: Assessment) -> Snapshot | None:
    """The revision in force."""
    return assessment.snapshots[-1] if assessment.snapshots else None


def with_correction(
    before: Snapshot, fresh: UnitFacts, correction: Correction | None
) -> list[UnitFacts]:
    """The facts of a revision with one unit's as they are now, and a correction of its points.

    All other units stay as they were frozen; corrections that were made before stay too.
    """
    units = [read_unit(row.inputs) for row in before.units]
    more = () if correction is None else (correction,)
    return [
        replace(fresh, corrections=(*unit.corrections, *more)) if unit.id == fresh.id else unit
        for unit in units
    ]


@dataclass(frozen=True)
class Difference:
    """Something frozen that is no longer what it was, or does not come out again."""

    assessment: str
    revision: int
    unit: str | None
    text: Text


def verify(db: Session) -> Iterator[Difference]:
    """Recompute every revision of every assessment from what it keeps; what differs."""
    for snapshot in db.scalars(
        select(Snapshot).order_by(Snapshot.assessment_id, Snapshot.revision)
    ):
        name = snapshot.assessment.name
        for unit, text in _differences(snapshot):
            yield Difference(name, snapshot.revision, unit, text)


def _differences(snapshot: Snapshot) -> Iterator[tuple[str | None, Text]]:
    digests = [row.digest for row in snapshot.units]
    if digest(snapshot.terms, digests) != snapshot.digest:
        yield None, t("The digest does not fit what is stored.")
    frozen = read_terms(snapshot.terms)
    units = [read_unit(row.inputs) for row in snapshot.units]
    for row, result in zip(snapshot.units, results(units, frozen), strict=True):
        if _digest_of(row) != row.digest:
            yield row.unit_name, t("The digest does not fit what is stored.")
        yield from ((row.unit_name, text) for text in _unlike(row, result))


def _unlike(row: UnitResult, result: Result) -> Iterator[Text]:
    printed = (
        (t("total"), row.total, result.total),
        (t("grade"), row.grade, result.grade),
        (t("rank"), row.place, result.rank.place),
    )
    for what, kept, again in printed:
        if kept != again:
            yield t(
                "%(what)s: %(kept)s is stored, %(again)s comes out.",
                what=what,
                kept=_text(kept),
                again=_text(again),
            )
    again_lines: list[dict[str, Json]] = [line_data(line) for line in result.lines]
    if [digits(line) for line in row.lines] != [digits(line) for line in again_lines]:
        yield t("The lines do not come out again.")


def _text(value: object) -> str:
    return "—" if value is None else str(value)
