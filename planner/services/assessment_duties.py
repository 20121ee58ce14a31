"""What an assessment wants of a person now, for the page that they begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.domain import assessment as rules
from planner.domain.actor import Actor
from planner.domain.assessment import Act, Stage
from planner.domain.clock import Clock
from planner.domain.text import Text, t
from planner.domain.words import Outcome
from planner.models import Assessment, SelfAssessment
from planner.services import appeals
from planner.services.assessment_steps import assessed_units, parties_of

UNDER_WAY = (Stage.OPEN, Stage.SELF_ASSESSED, Stage.CHECKED, Stage.PUBLICISED, Stage.APPROVED)


@dataclass(frozen=True)
class Duty:
    """Something to do for an assessment, and by when where there is a day."""

    assessment: Assessment
    said: Text
    by: date | None = None


def duties(db: Session, actor: Actor, clock: Clock) -> list[Duty]:
    """What waits for the actor in the assessments that are under way, the oldest first."""
    found = db.scalars(
        select(Assessment)
        .where(Assessment.stage.in_(UNDER_WAY))
        .options(selectinload(Assessment.appeals), selectinload(Assessment.plan))
        .order_by(Assessment.id)
    )
    return [duty for each in found for duty in _of(db, actor, clock, each)]


def _of(db: Session, actor: Actor, clock: Clock, each: Assessment) -> Iterator[Duty]:
    match Stage(each.stage):
        case Stage.OPEN if _may(actor, Act.SELF_ASSESS, each) and _owes(db, actor, clock, each):
            yield Duty(each, t("Assess your unit"), each.self_due_on)
        case Stage.OPEN if _may(actor, Act.CLOSE_SELF_ASSESSMENT, each):
            if clock.today > each.self_due_on:
                yield Duty(each, t("Close the self-assessment"))
        case Stage.SELF_ASSESSED if _may(actor, Act.CHECK, each):
            yield Duty(each, t("Check what the units say of themselves"))
        case Stage.CHECKED if _may(actor, Act.PUBLICISE, each):
            yield Duty(each, t("Publicise the result"))
        case Stage.PUBLICISED:
            yield from _publicised(actor, clock, each)
        case Stage.APPROVED if _may(actor, Act.FINALISE, each):
            yield Duty(each, t("Make the result final"))


def _publicised(actor: Actor, clock: Clock, each: Assessment) -> Iterator[Duty]:
    undecided = [made for made in each.appeals if made.outcome is None]
    waiting = [
        made
        for made in undecided
        if rules.refusal(actor, Act.DECIDE_APPEAL, appeals.parties_of(made)) is None
    ]
    if waiting:
        yield Duty(each, t("Appeals that wait for your decision: %(count)s", count=len(waiting)))
    last = appeals.last_day(each, clock)
    over = last is not None and clock.today > last
    if _may(actor, Act.APPROVE, each) and over and not undecided:
        yield Duty(each, t("Approve the result"))
    refused = [made for made in each.appeals if made.outcome == Outcome.REFUSED]
    own = any(made.unit_id == actor.unit_id for made in refused)
    if own and actor.unit_id and appeals.refusal(each, clock, actor.unit_id) is None:
        yield Duty(each, t("Your appeal was refused: you may go to the supervisor"))


def _may(actor: Actor, act: Act, each: Assessment) -> bool:
    return rules.refusal(actor, act, parties_of(each, actor.unit_id)) is None


def _owes(db: Session, actor: Actor, clock: Clock, each: Assessment) -> bool:
    """Whether something counts for the own unit, and it has not said anything yet."""
    sent = select(SelfAssessment.id).where(
        SelfAssessment.assessment_id == each.id, SelfAssessment.unit_id == actor.unit_id
    )
    if db.scalar(sent.limit(1)) is not None:
        return False
    return any(unit.id == actor.unit_id for unit in assessed_units(db, clock, each))
