"""What happens to the readings of indicators, through the verbs that a page would call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.demo.programme import Scene
from planner.demo.script import Measure, Measured, Metering, Script
from planner.demo.stage import Stage
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.models import Indicator, IndicatorReading
from planner.services import consumption, indicator_bases, readings
from planner.services.consumption import SheetForm
from planner.services.indicator_bases import BaseForm
from planner.services.readings import ReadingForm

Play: TypeAlias = Callable[[Stage, Session, Actor, Clock, Metering], None]


def scenes(script: Script, stage: Stage) -> Iterator[Scene]:
    """Everything that happens to readings."""
    for turn, act in enumerate(script.metering):
        yield Scene(act.on, turn, f"{act.do}/{act.year}", partial(_play, stage, act))


def _play(stage: Stage, act: Metering, db: Session, clock: Clock) -> None:
    _PLAYS[act.do](stage, db, stage.people[act.who], clock, act)


def _sheet(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    """Typed, looked at, sent."""
    assert act.used is not None
    first = consumption.scope_of(db, actor).indicators[0]
    form = SheetForm(
        year=act.year,
        used=asdict(act.used),
        source=act.source,
        evidence=stage.prove_reading(db, actor, clock, first, act.files, act.source),
    )
    seen = consumption.preview(db, actor, clock, form).fingerprint
    consumption.enter(db, actor, clock, replace(form, previewed=seen, sure=seen))


def _enter(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    """Enter each value; who enters it is sure of it."""
    for each in act.values:
        indicator = db.get_one(Indicator, stage.indicators[each.indicator])
        form = ReadingForm(
            year=act.year,
            value=each.value,
            source=act.source,
            estimated_by=each.estimated_by,
            evidence=stage.prove_reading(db, actor, clock, indicator, act.files, act.source),
            sure=each.value,
        )
        readings.enter(db, actor, clock, indicator.id, form)


def _open_of(stage: Stage, db: Session, act: Metering, each: Measured) -> tuple[int, int]:
    """The indicator and its reading of that year that waits."""
    indicator_id = stage.indicators[each.indicator]
    waiting = select(IndicatorReading.id).where(
        IndicatorReading.indicator_id == indicator_id,
        IndicatorReading.year == act.year,
        IndicatorReading.outcome.is_(None),
    )
    return indicator_id, db.scalars(waiting).one()


def _confirm(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    for each in act.values:
        readings.confirm(db, actor, clock, *_open_of(stage, db, act, each))


def _confirm_sheet(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    for each in act.values:
        readings.confirm_sheet(db, actor, clock, *_open_of(stage, db, act, each))


def _refuse(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    for each in act.values:
        readings.refuse(db, actor, clock, *_open_of(stage, db, act, each), act.reason)


def _take_back(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    for each in act.values:
        readings.take_back(db, actor, clock, *_open_of(stage, db, act, each))


def _settle(stage: Stage, db: Session, actor: Actor, clock: Clock, act: Metering) -> None:
    for each in act.values:
        form = BaseForm(each.value, act.reason, each.value)
        indicator_bases.settle_base(db, actor, clock, stage.indicators[each.indicator], form)


_PLAYS: Mapping[Measure, Play] = {
    Measure.SHEET: _sheet,
    Measure.ENTER: _enter,
    Measure.CONFIRM: _confirm,
    Measure.CONFIRM_SHEET: _confirm_sheet,
    Measure.REFUSE: _refuse,
    Measure.TAKE_BACK: _take_back,
    Measure.SETTLE: _settle,
}
