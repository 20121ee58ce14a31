"""Appeals against a publicised result (申诉): once to the lead, then once to the supervisor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.domain import assessment as rules
from planner.domain.actor import Actor, Role
from planner.domain.assessment import Act, AssessmentParties, Stage, Window
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound, Stale
from planner.domain.scores.frozen import FrozenTerms, read_terms, results
from planner.domain.scores.units import Correction, UnitFacts
from planner.domain.text import Text, t
from planner.domain.words import Decider, Outcome
from planner.models import Appeal, Assessment, JournalEntry, Snapshot, User
from planner.services import journal, messages, snapshots
from planner.services.assessment_steps import begin, claim, find_assessment, record, tell
from planner.services.steps import person_id, required_text

MOST_POINTS = Decimal(100)


@dataclass(frozen=True)
class AppealDecision:
    """What is decided: `points` on the total, or off it, where the facts alone do not say it."""

    outcome: Outcome
    reason: str
    points: Decimal | None = None


def refusal(assessment: Assessment, clock: Clock, unit_id: int) -> Text | None:
    """Why this unit cannot appeal now, or nothing if it can."""
    if assessment.stage != Stage.PUBLICISED:
        return t("Only a publicised result can be appealed against.")
    before = _of_unit(assessment, unit_id)
    if before and before[-1].outcome is None:
        return t("Your appeal is being decided.")
    if before and before[-1].outcome == Outcome.GRANTED:
        return t("Your appeal was upheld: there is no further one.")
    if before and before[-1].decider == Decider.ABOVE and before[-1].outcome == Outcome.REFUSED:
        return t("The supervisor has decided: there is no further appeal.")
    window = _window(assessment, clock, before)
    if window is None or not window.is_open(clock.today):
        last = window.last if window else None
        return t("The time for appeals ended on %(day)s.", day=last)
    return None


def last_day(assessment: Assessment, clock: Clock) -> date | None:
    """The last day on which any unit may still appeal; None before it is publicised.

    Who was refused by the lead has as long again to go to the supervisor.
    """
    units = {each.unit_id for each in assessment.appeals}
    made = [_of_unit(assessment, unit_id) for unit_id in units]
    not_at_an_end = [each for each in made if each[-1].decider == Decider.LEAD]
    windows = [_window(assessment, clock, before) for before in ([], *not_at_an_end)]
    return max((each.last for each in windows if each), default=None)


def _of_unit(assessment: Assessment, unit_id: int) -> list[Appeal]:
    return [each for each in assessment.appeals if each.unit_id == unit_id]


def _window(assessment: Assessment, clock: Clock, before: Sequence[Appeal]) -> Window | None:
    """When this unit may appeal: while it is publicised, and as long again after a refusal."""
    if assessment.publicised_on is None or assessment.appeals_until is None:
        return None
    window = Window(assessment.publicised_on, assessment.appeals_until)
    refused = next((each for each in reversed(before) if each.outcome == Outcome.REFUSED), None)
    if refused is None or refused.decided_on is None:
        return window
    workdays = read_terms(assessment.snapshots[0].terms).rules.publicity_workdays
    later = Window.after(refused.decided_on, workdays, clock.calendar)
    return Window(window.first, max(window.last, later.last))


def appeal(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    text: str,
    subject: str | None = None,
) -> Appeal:
    """Appeal against the own unit's publicised result, or against the lead's refusal."""
    unit_id = actor.unit_id
    assessment = begin(db, actor, Act.APPEAL, assessment_id, unit_id=unit_id)
    if unit_id is None:
        raise BadInput(t("You belong to no unit."))
    if because := refusal(assessment, clock, unit_id):
        raise BadInput(because)
    _check_subject(assessment, unit_id, subject)
    refused = [each for each in _of_unit(assessment, unit_id) if each.outcome == Outcome.REFUSED]
    lead = assessment.plan.owner_id
    made = Appeal(
        assessment_id=assessment.id,
        unit_id=unit_id,
        subject=subject or None,
        text=required_text(text, "text"),
        decider=Decider.ABOVE if refused or unit_id == lead else Decider.LEAD,
        appeals_id=refused[-1].id if refused else None,
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    _add(db, made)
    entry = _journal(db, actor, clock, Act.APPEAL, made)
    said = t("%(name)s: %(unit)s appeals", name=assessment.name, unit=made.unit.name)
    tell(db, clock, entry, assessment, _deciding(db, made), said)
    db.expire(assessment, ["appeals"])
    return made


def _add(db: Session, made: Appeal) -> None:
    try:
        with db.begin_nested():
            db.add(made)
            db.flush()
    except IntegrityError as error:
        raise Stale(t("Your appeal is being decided.")) from error


def _check_subject(assessment: Assessment, unit_id: int, subject: str | None) -> None:
    snapshot = snapshots.latest(assessment)
    rows = snapshot.units if snapshot else []
    row = next((each for each in rows if each.unit_id == unit_id), None)
    if row is None:
        raise BadInput(t("Nothing of this unit counts in this period."))
    if subject and subject not in {ref for line in row.lines for ref in line["refs"][:1]}:
        raise BadInput(t("This line is not part of the unit's score."), "subject")


def _deciding(db: Session, made: Appeal) -> Sequence[User]:
    if made.decider == Decider.ABOVE:
        return messages.people(db, None, Role.SUPERVISOR)
    return messages.people(db, made.assessment.plan.owner_id, Role.COORDINATOR)


def parties_of(made: Appeal) -> AssessmentParties:
    """The facts that permissions read of one appeal."""
    lead = made.assessment.plan.owner_id
    return AssessmentParties(lead, made.unit_id, made.by_id, Decider(made.decider))


def require_may_decide(db: Session, actor: Actor, assessment_id: int, appeal_id: int) -> None:
    """Before the form is read. Raises NotFound, Stale or NotAllowed."""
    made = _open_appeal(db, assessment_id, appeal_id)
    rules.require(actor, Act.DECIDE_APPEAL, parties_of(made))


def decide_appeal(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    appeal_id: int,
    decision: AppealDecision,
    seen: int | None = None,
) -> Appeal:
    """Uphold an appeal, which freezes the next revision, or refuse it, with the reason."""
    made = _open_appeal(db, assessment_id, appeal_id)
    assessment = made.assessment
    rules.require(actor, Act.DECIDE_APPEAL, parties_of(made))
    claim(db, assessment, seen)
    rules.lead_to(Act.DECIDE_APPEAL, Stage(assessment.stage))
    reason = required_text(decision.reason, "reason")
    upheld = decision.outcome is Outcome.GRANTED
    if upheld:
        _revise(db, actor, clock, made, decision)
    made.outcome, made.decision_reason = decision.outcome, reason
    made.points = decision.points if upheld else None
    made.decided_by_id = person_id(actor)
    made.decided_on, made.decided_at = clock.today, clock.now
    entry = _journal(db, actor, clock, Act.DECIDE_APPEAL, made)
    _tell_unit(db, clock, entry, made)
    return made


def _open_appeal(db: Session, assessment_id: int, appeal_id: int) -> Appeal:
    assessment = find_assessment(db, assessment_id)
    made = db.get(Appeal, appeal_id)
    if made is None or made.assessment_id != assessment.id:
        raise NotFound
    if made.outcome is not None:
        raise Stale(t("This appeal was decided already."))
    return made


def _revise(
    db: Session, actor: Actor, clock: Clock, made: Appeal, decision: AppealDecision
) -> None:
    """Freeze the next revision: this unit's facts as they are now, with the points decided."""
    before = made.assessment.snapshots[-1]
    frozen = read_terms(before.terms)
    today = replace(frozen, day=clock.today)
    fresh = snapshots.unit_facts(db, made.assessment.plan, today, made.unit_id)
    if not fresh:
        raise BadInput(t("Nothing of this unit counts any more: give points instead."))
    units = snapshots.with_correction(before, fresh[0], _correction(made, decision))
    if _is_same(before, units, frozen, made.unit_id):
        message = t("This would change nothing: correct what it is about first, or give points.")
        raise BadInput(message, "points")
    snapshots.freeze(db, actor, clock, made.assessment, frozen, units, decision.reason.strip())


def _correction(made: Appeal, decision: AppealDecision) -> Correction | None:
    points = decision.points
    if not points:
        return None
    if abs(points) > MOST_POINTS:
        raise BadInput(t("At most %(most)s points.", most=MOST_POINTS), "points")
    return Correction(made.id, points, decision.reason.strip())


def _is_same(
    before: Snapshot, units: Sequence[UnitFacts], frozen: FrozenTerms, unit_id: int
) -> bool:
    old = next(row for row in before.units if row.unit_id == unit_id)
    new = next(each for each in results(units, frozen) if each.unit.id == unit_id)
    return (old.total, old.grade) == (new.total, new.grade)


def _tell_unit(db: Session, clock: Clock, entry: JournalEntry, made: Appeal) -> None:
    upheld = made.outcome == Outcome.GRANTED
    name = made.assessment.name
    text = t("%(name)s: your appeal was refused", name=name)
    if upheld:
        text = t("%(name)s: your appeal was upheld", name=name)
    people = messages.people(db, made.unit_id, Role.LIAISON, Role.HEAD, Role.COORDINATOR)
    tell(db, clock, entry, made.assessment, people, text)


def _journal(db: Session, actor: Actor, clock: Clock, act: Act, made: Appeal) -> JournalEntry:
    details: Mapping[str, journal.Detail] = {
        "unit_id": made.unit_id,
        "subject": made.subject,
        "text": made.text,
        "granted": None if made.outcome is None else made.outcome == Outcome.GRANTED,
        "points": made.points,
        "reason": made.decision_reason,
    }
    return record(db, actor, clock, act, made.assessment, details)


def appeals(db: Session, assessment: Assessment) -> list[Appeal]:
    """All appeals of an assessment, in the order that they were made."""
    rows = select(Appeal).where(Appeal.assessment_id == assessment.id).order_by(Appeal.id)
    return list(db.scalars(rows))
