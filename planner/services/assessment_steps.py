"""How every act of an assessment begins and ends: permission, claim, stage; step and journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from planner.domain import assessment as rules
from planner.domain.actor import Actor, Role
from planner.domain.assessment import ACTS, Act, AssessmentParties, Stage
from planner.domain.clock import Clock
from planner.domain.errors import NotFound, Stale
from planner.domain.scores.period import AsOf, Period
from planner.domain.text import Text, t
from planner.models import (
    Action,
    Assessment,
    AssessmentStep,
    Assignment,
    JournalEntry,
    SelfAssessment,
    Task,
    Unit,
    User,
)
from planner.services import journal, messages
from planner.services.counted import counted_in, due_by
from planner.services.plans import active_plan
from planner.services.steps import person_id


def find_assessment(db: Session, assessment_id: int) -> Assessment:
    """An assessment of the active plan. Raises NotFound."""
    plan = active_plan(db)
    found = db.get(Assessment, assessment_id)
    if found is None or found.plan_id != plan.id:
        raise NotFound
    return found


def parties_of(assessment: Assessment, unit_id: int | None = None) -> AssessmentParties:
    """The facts that permissions read."""
    return AssessmentParties(assessment.plan.owner_id, unit_id)


def require_may(
    db: Session, actor: Actor, act: Act, assessment_id: int, unit_id: int | None = None
) -> None:
    """Before a form is read. Raises NotFound or NotAllowed; `unit_id` is the own without it."""
    assessment = find_assessment(db, assessment_id)
    rules.require(actor, act, parties_of(assessment, unit_id or actor.unit_id))


def begin(
    db: Session,
    actor: Actor,
    act: Act,
    assessment_id: int,
    *,
    unit_id: int | None = None,
    seen: int | None = None,
) -> Assessment:
    """Check permission, claim what changes the stage, check the stage.

    Raises NotFound, NotAllowed, Stale or InvalidTransition.
    """
    assessment = find_assessment(db, assessment_id)
    rules.require(actor, act, parties_of(assessment, unit_id))
    if ACTS[act].target is not None:
        claim(db, assessment, seen)
    rules.lead_to(act, Stage(assessment.stage))
    return assessment


def claim(db: Session, assessment: Assessment, seen: int | None) -> None:
    """Move the version, so that nobody acts on an old sight of it. Raises Stale."""
    wanted = assessment.version if seen is None else seen
    claimed = db.scalars(
        update(Assessment)
        .where(Assessment.id == assessment.id, Assessment.version == wanted)
        .values(version=Assessment.version + 1)
        .returning(Assessment.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.refresh(assessment)
    if not claimed:
        raise Stale(t("Somebody acted on this since you opened it. Nothing of yours is lost."))


def step(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment: Assessment,
    act: Act,
    words: str | None = None,
    details: Mapping[str, journal.Detail] | None = None,
) -> JournalEntry:
    """Set the stage, keep the step, write the journal."""
    before = Stage(assessment.stage)
    after = ACTS[act].target or before
    assessment.stage = after
    db.add(
        AssessmentStep(
            assessment_id=assessment.id,
            stage=after,
            words=words,
            by_id=person_id(actor),
            by_name=actor.name,
            on=clock.today,
            at=clock.now,
        )
    )
    return record(db, actor, clock, act, assessment, details, (before, after))


def record(
    db: Session,
    actor: Actor,
    clock: Clock,
    act: Act,
    assessment: Assessment,
    details: Mapping[str, journal.Detail] | None = None,
    stages: tuple[Stage, Stage] | None = None,
) -> JournalEntry:
    """Write an act on an assessment into the journal."""
    entry = journal.entry_of(
        actor,
        clock,
        act,
        f"assessment:{assessment.id}",
        states=stages,
        details={"name": assessment.name, **(details or {})},
    )
    db.add(entry)
    db.flush()
    return entry


def units_without_self_assessment(db: Session, clock: Clock, assessment: Assessment) -> list[Unit]:
    """The assessed units that have not said what they think of their result."""
    sent = set(
        db.scalars(
            select(SelfAssessment.unit_id).where(SelfAssessment.assessment_id == assessment.id)
        )
    )
    return [unit for unit in assessed_units(db, clock, assessment) if unit.id not in sent]


def assessed_units(db: Session, clock: Clock, assessment: Assessment) -> list[Unit]:
    """The units for which something counts by the cut-off as of today, by name."""
    period = Period.parse(assessment.period)
    asked = AsOf(period, clock.today, assessment.cut_off)
    counting = (
        select(Assignment.unit_id)
        .join(Assignment.task)
        .join(Task.action)
        .where(
            Action.plan_id == assessment.plan_id,
            counted_in(period, clock),
            due_by(asked, clock),
        )
    )
    return list(db.scalars(select(Unit).where(Unit.id.in_(counting)).order_by(Unit.name)))


def unit_people(db: Session, clock: Clock, assessment: Assessment) -> list[User]:
    """The liaisons and heads of the assessed units, and the lead's coordinators."""
    units = {unit.id for unit in assessed_units(db, clock, assessment)}
    answering = messages.people(db, None, Role.LIAISON, Role.HEAD)
    leading = messages.people(db, assessment.plan.owner_id, Role.COORDINATOR)
    told = {each.id: each for each in answering if each.unit_id in units}
    return list({**told, **{each.id: each for each in leading}}.values())


def path_of(assessment: Assessment) -> str:
    """The path of its page."""
    return f"/assessments/{assessment.id}"


def tell(
    db: Session,
    clock: Clock,
    entry: JournalEntry,
    assessment: Assessment,
    people: Iterable[User],
    text: Text,
) -> None:
    """Tell people at once what happened, with the assessment's page."""
    messages.tell(db, clock, entry, people, text, None, path=path_of(assessment))
