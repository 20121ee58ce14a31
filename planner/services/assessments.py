"""The assessment of a period, from stage to stage (design, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain import assessment as rules
from planner.domain.actor import Actor, Role
from planner.domain.assessment import Act, AssessmentParties, Stage, Window
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.scores.period import Period
from planner.domain.text import Text, t
from planner.domain.words import SubmissionKind
from planner.models import (
    Action,
    Appeal,
    Assessment,
    Assignment,
    Plan,
    Review,
    Snapshot,
    Submission,
    Task,
)
from planner.services import appeals, messages, snapshots
from planner.services.assessment_steps import (
    begin,
    step,
    tell,
    unit_people,
    units_without_self_assessment,
)
from planner.services.finals import final_of_period
from planner.services.plans import active_plan
from planner.services.steps import MAX_DOCUMENT, one_line, required_text

MAX_NAME = 100
MOST_NAMED = 3


@dataclass(frozen=True)
class Opening:
    """What an assessment is opened with; `converted_to` is what 100 points come to elsewhere."""

    name: str
    period: str
    cut_off: date | None
    self_due_on: date | None
    converted_to: Decimal = Decimal(100)


def open_assessment(db: Session, actor: Actor, clock: Clock, form: Opening) -> Assessment:
    """Open the assessment of a period (启动考核) and tell every unit to assess itself."""
    plan = active_plan(db)
    rules.require(actor, Act.OPEN, AssessmentParties(plan.owner_id))
    period = _period(plan, form.period)
    name = required_text(one_line(form.name), "name", MAX_NAME)
    taken = select(Assessment.id).where(Assessment.plan_id == plan.id, Assessment.name == name)
    if db.scalar(taken) is not None:
        raise BadInput(t("There is an assessment of this name already."), "name")
    cut_off = _cut_off(plan, period, form.cut_off)
    _require_not_final(db, plan, period, cut_off)
    assessment = Assessment(
        plan_id=plan.id,
        name=name,
        period=period.key,
        cut_off=cut_off,
        converted_to=_converted_to(form.converted_to),
        opened_on=clock.today,
        self_due_on=_self_due(form.self_due_on, clock.today),
        stage=Stage.OPEN,
    )
    db.add(assessment)
    db.flush()
    entry = step(db, actor, clock, assessment, Act.OPEN, details={"cut_off": assessment.cut_off})
    text = t("%(name)s: please assess yourselves by %(day)s", name=name, day=assessment.self_due_on)
    tell(db, clock, entry, assessment, unit_people(db, clock, assessment), text)
    return assessment


def _require_not_final(db: Session, plan: Plan, period: Period, cut_off: date) -> None:
    """What a final result has settled is not assessed again: corrections take effect now."""
    final = final_of_period(db, plan, period)
    if final is not None and final.cut_off >= cut_off:
        message = t("“%(name)s” is final for this period already.", name=final.name)
        raise BadInput(message, "period")


def _period(plan: Plan, text: str) -> Period:
    period = Period.parse(text)
    if period.year and not plan.issued_on.year <= period.year <= plan.ends_on.year:
        raise BadInput(t("The plan has no such year."), "period")
    return period


def _cut_off(plan: Plan, period: Period, day: date | None) -> date:
    first, last = period.bounds(plan.issued_on, plan.ends_on)
    day = day or last
    if not first <= day <= last:
        message = t("The cut-off lies between %(first)s and %(last)s.", first=first, last=last)
        raise BadInput(message, "cut_off")
    return day


def _self_due(day: date | None, today: date) -> date:
    if day is None:
        raise BadInput(t("Please say by when units assess themselves."), "self_due_on")
    if day < today:
        raise BadInput(t("This day has passed."), "self_due_on")
    return day


def _converted_to(points: Decimal) -> Decimal:
    if not 0 < points <= 1000:
        raise BadInput(t("Give a number above 0, at most 1000."), "converted_to")
    return points


def close_self_assessment(
    db: Session, actor: Actor, clock: Clock, assessment_id: int, seen: int | None = None
) -> Assessment:
    """End the self-assessment (自评结束): all units have sent it, or its day has passed."""
    assessment = begin(db, actor, Act.CLOSE_SELF_ASSESSMENT, assessment_id, seen=seen)
    missing = units_without_self_assessment(db, clock, assessment)
    if missing and clock.today <= assessment.self_due_on:
        raise BadInput(
            t(
                "Units have until %(day)s; still missing: %(names)s.",
                day=assessment.self_due_on,
                names=_named([unit.name for unit in missing]),
            )
        )
    step(db, actor, clock, assessment, Act.CLOSE_SELF_ASSESSMENT, details={"missing": len(missing)})
    return assessment


def finish_check(
    db: Session, actor: Actor, clock: Clock, assessment_id: int, seen: int | None = None
) -> Assessment:
    """End the check (核查完成); what was handed in by the cut-off must have been reviewed."""
    assessment = begin(db, actor, Act.CHECK, assessment_id, seen=seen)
    _require_over(assessment, clock)
    waiting = unreviewed(db, assessment)
    if waiting:
        raise BadInput(
            t(
                "Handed in by the cut-off and not reviewed yet: %(count)s. Review these first.",
                count=len(waiting),
            )
        )
    step(db, actor, clock, assessment, Act.CHECK)
    return assessment


def publicise(
    db: Session, actor: Actor, clock: Clock, assessment_id: int, seen: int | None = None
) -> Snapshot:
    """Freeze the first result and show it to every unit (公示), which may appeal for some days."""
    assessment = begin(db, actor, Act.PUBLICISE, assessment_id, seen=seen)
    _require_over(assessment, clock)
    frozen = snapshots.terms_of(db, clock, assessment)
    units = snapshots.unit_facts(db, assessment.plan, frozen)
    if not units:
        raise BadInput(t("Nothing counts in this period: there is no result to publicise."))
    snapshot = snapshots.freeze(db, actor, clock, assessment, frozen, units)
    window = Window.after(clock.today, frozen.rules.publicity_workdays, clock.calendar)
    assessment.publicised_on, assessment.appeals_until = window.first, window.last
    entry = step(
        db,
        actor,
        clock,
        assessment,
        Act.PUBLICISE,
        details={"revision": 1, "digest": snapshot.digest},
    )
    text = t(
        "%(name)s: the result is publicised; appeals until %(day)s",
        name=assessment.name,
        day=window.last,
    )
    tell(db, clock, entry, assessment, unit_people(db, clock, assessment), text)
    return snapshot


def approve(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    document_number: str,
    seen: int | None = None,
) -> Assessment:
    """Approve the result (审定) with its document number, after the time for appeals."""
    assessment = begin(db, actor, Act.APPROVE, assessment_id, seen=seen)
    number = required_text(one_line(document_number), "document_number", MAX_DOCUMENT)
    last = appeals.last_day(assessment, clock)
    if last is not None and clock.today <= last:
        raise BadInput(t("Units may appeal until %(day)s.", day=last))
    if undecided := _open_appeals(db, assessment):
        raise BadInput(t("Appeals that are not decided yet: %(count)s.", count=undecided))
    assessment.document_number, assessment.approved_on = number, clock.today
    entry = step(db, actor, clock, assessment, Act.APPROVE, number, {"document": number})
    lead = messages.people(db, assessment.plan.owner_id, Role.COORDINATOR)
    tell(db, clock, entry, assessment, lead, t("%(name)s: approved", name=assessment.name))
    return assessment


def finalise(
    db: Session, actor: Actor, clock: Clock, assessment_id: int, seen: int | None = None
) -> Assessment:
    """Make the result final (定档): what it counts is never reopened."""
    assessment = begin(db, actor, Act.FINALISE, assessment_id, seen=seen)
    period = Period.parse(assessment.period)
    _require_not_final(db, assessment.plan, period, assessment.cut_off)
    assessment.final_on = clock.today
    entry = step(db, actor, clock, assessment, Act.FINALISE)
    text = t("%(name)s: the result is final", name=assessment.name)
    tell(db, clock, entry, assessment, unit_people(db, clock, assessment), text)
    return assessment


def abandon(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    reason: str,
    seen: int | None = None,
) -> Assessment:
    """Give up an assessment that was opened wrongly, before anything was publicised."""
    assessment = begin(db, actor, Act.ABANDON, assessment_id, seen=seen)
    words = required_text(reason, "reason")
    entry = step(db, actor, clock, assessment, Act.ABANDON, words, {"reason": words})
    text = t("%(name)s: abandoned", name=assessment.name)
    tell(db, clock, entry, assessment, unit_people(db, clock, assessment), text)
    return assessment


def _require_over(assessment: Assessment, clock: Clock) -> None:
    if clock.today <= assessment.cut_off:
        raise BadInput(t("The cut-off is %(day)s: it must be over.", day=assessment.cut_off))


def _open_appeals(db: Session, assessment: Assessment) -> int:
    query = select(func.count(Appeal.id)).where(
        Appeal.assessment_id == assessment.id, Appeal.outcome.is_(None)
    )
    return db.scalar(query) or 0


def unreviewed(db: Session, assessment: Assessment) -> list[Assignment]:
    """What has a round that was handed in by the cut-off and is not decided yet.

    What is handed in later neither counts nor blocks.
    """
    decided = select(Review.submission_id).where(Review.decision.in_(("accept", "return")))
    rounds = select(Submission.assignment_id).where(
        Submission.kind == SubmissionKind.COMPLETION,
        Submission.withdrawn_on.is_(None),
        Submission.on <= assessment.cut_off,
        Submission.id.not_in(decided),
    )
    query = (
        select(Assignment)
        .join(Assignment.task)
        .join(Task.action)
        .where(
            Action.plan_id == assessment.plan_id,
            Assignment.cancelled_on.is_(None),
            Assignment.id.in_(rounds),
        )
    )
    return list(db.scalars(query.order_by(Assignment.id)))


def _named(names: list[str]) -> Text:
    """The first few, and how many more."""
    shown = "、".join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return t("%(names)s", names=shown)
    return t("%(names)s and %(count)s more", names=shown, count=len(names) - MOST_NAMED)
