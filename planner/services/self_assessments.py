"""What units say of their own result (自评), and what the check notes on it (核查)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor, Role
from planner.domain.assessment import Act
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.exact import exact_sum, rounded, shown
from planner.domain.scores.frozen import results
from planner.domain.scores.lines import Line
from planner.domain.text import t
from planner.models import Assessment, Remark, SelfAssessment, Unit
from planner.services import journal, messages, snapshots
from planner.services.assessment_steps import begin, record, tell
from planner.services.steps import optional_text, person_id, required_text

MAX_WORD = 1000


@dataclass(frozen=True)
class SelfScore:
    """How much of one line a unit claims for itself, 0 to 100 percent, with a word."""

    percent: Decimal
    word: str


def subject_of(line: Line) -> str | None:
    """What a line with points is about, such as "assignment:12"; None for notes and rounding."""
    return line.refs[0] if line.possible and line.refs else None


def assessed_lines(
    db: Session, clock: Clock, assessment: Assessment, unit_id: int
) -> tuple[Line, ...]:
    """The lines of a unit's score as the assessment would count it today."""
    frozen = snapshots.terms_of(db, clock, assessment)
    units = snapshots.unit_facts(db, assessment.plan, frozen, unit_id)
    return results(units, frozen)[0].lines if units else ()


def begun_from(lines: Sequence[Line], sent: SelfAssessment | None) -> dict[str, object]:
    """What the form begins with: what was sent last, else what is verified."""
    begun: dict[str, object] = {"words": sent.words if sent else ""}
    for line in lines:
        subject = subject_of(line)
        if subject:
            said = sent.items.get(subject) if sent else None
            verified = shown(100 * Fraction(line.earned) / Fraction(line.possible))
            begun[f"percent-{subject}"] = Decimal(said["percent"]) if said else verified
            begun[f"word-{subject}"] = said["word"] if said else ""
    return begun


def self_assess(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    scores: Mapping[str, SelfScore],
    words: str,
) -> SelfAssessment:
    """Send the own unit's self-assessment, item by item; until it is closed the last one counts.

    `scores` are by the lines' subjects; every line with points needs one, with a word wherever
    it is not what was verified.
    """
    unit_id = actor.unit_id
    assessment = begin(db, actor, Act.SELF_ASSESS, assessment_id, unit_id=unit_id)
    if unit_id is None:
        raise BadInput(t("You belong to no unit."))
    lines = {
        subject: line
        for line in assessed_lines(db, clock, assessment, unit_id)
        if (subject := subject_of(line))
    }
    if not lines:
        raise BadInput(t("Nothing of this unit counts in this period."))
    sent = SelfAssessment(
        assessment_id=assessment.id,
        unit_id=unit_id,
        number=_how_many(db, assessment, unit_id) + 1,
        words=required_text(words, "words"),
        total=_total(lines, scores),
        items={subject: _item(subject, line, scores) for subject, line in lines.items()},
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(sent)
    db.flush()
    _told(db, actor, clock, assessment, db.get_one(Unit, unit_id))
    return sent


def _how_many(db: Session, assessment: Assessment, unit_id: int) -> int:
    query = select(func.count(SelfAssessment.id)).where(
        SelfAssessment.assessment_id == assessment.id, SelfAssessment.unit_id == unit_id
    )
    return db.scalar(query) or 0


def _item(subject: str, line: Line, scores: Mapping[str, SelfScore]) -> dict[str, str]:
    field = f"percent-{subject}"
    score = scores.get(subject)
    if score is None:
        raise BadInput(t("Please fill in this field."), field)
    if not 0 <= score.percent <= 100:
        raise BadInput(t("A percentage lies between 0 and 100."), field)
    word = optional_text(score.word, f"word-{subject}", MAX_WORD)
    claimed = rounded(Fraction(line.possible) * Fraction(score.percent) / 100, 2)
    if word is None and claimed != rounded(Fraction(line.earned), 2):
        message = t("This differs from what was verified: please say why.")
        raise BadInput(message, f"word-{subject}")
    return {"percent": format(score.percent, "f"), "word": word or ""}


def _total(lines: Mapping[str, Line], scores: Mapping[str, SelfScore]) -> Decimal:
    """The self-score of 100, from what is possible of each line."""
    claimed = exact_sum(
        Fraction(line.possible) * Fraction(scores[subject].percent) / 100
        for subject, line in lines.items()
        if subject in scores
    )
    return rounded(claimed, 2)


def _told(db: Session, actor: Actor, clock: Clock, assessment: Assessment, unit: Unit) -> None:
    entry = record(db, actor, clock, Act.SELF_ASSESS, assessment, {"unit_id": unit.id})
    lead = messages.people(db, assessment.plan.owner_id, Role.COORDINATOR)
    text = t("%(name)s: %(unit)s assessed itself", name=assessment.name, unit=unit.name)
    tell(db, clock, entry, assessment, lead, text)


def self_assessments(db: Session, assessment: Assessment) -> dict[int, SelfAssessment]:
    """The one that counts, by unit."""
    rows = db.scalars(
        select(SelfAssessment)
        .where(SelfAssessment.assessment_id == assessment.id)
        .order_by(SelfAssessment.number)
    )
    return {row.unit_id: row for row in rows}


def note_remark(
    db: Session,
    actor: Actor,
    clock: Clock,
    assessment_id: int,
    unit_id: int,
    subject: str,
    text: str,
) -> Remark:
    """Note on a line of a unit what its check found (核查意见); the last one counts."""
    assessment = begin(db, actor, Act.REMARK, assessment_id, unit_id=unit_id)
    lines = assessed_lines(db, clock, assessment, unit_id)
    if subject not in {subject_of(line) for line in lines}:
        raise BadInput(t("This line is not part of the unit's score."), "subject")
    remark = Remark(
        assessment_id=assessment.id,
        unit_id=unit_id,
        subject=subject,
        text=required_text(text, "text", MAX_WORD),
        by_id=person_id(actor),
        on=clock.today,
        at=clock.now,
    )
    db.add(remark)
    db.flush()
    details: Mapping[str, journal.Detail] = {
        "unit_id": unit_id,
        "subject": subject,
        "text": remark.text,
    }
    record(db, actor, clock, Act.REMARK, assessment, details)
    return remark


def remarks(db: Session, assessment: Assessment, unit_id: int) -> dict[str, Remark]:
    """The remark that counts, by the line's subject."""
    rows = db.scalars(
        select(Remark)
        .where(Remark.assessment_id == assessment.id, Remark.unit_id == unit_id)
        .order_by(Remark.id)
    )
    return {row.subject: row for row in rows}
