"""Which final assessment counts something: what it counts can never be reopened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.assessment import Stage
from planner.domain.scores.period import Period
from planner.models import Assessment, Assignment, Plan, Snapshot, UnitResult


def final_of_period(db: Session, plan: Plan, period: Period) -> Assessment | None:
    """The final assessment of a period that reaches furthest; None where there is none."""
    return db.scalar(
        select(Assessment)
        .where(
            Assessment.plan_id == plan.id,
            Assessment.period == period.key,
            Assessment.stage == Stage.FINAL,
        )
        .order_by(Assessment.cut_off.desc(), Assessment.id.desc())
        .limit(1)
    )


def final_assessment_of(db: Session, assignment: Assignment) -> Assessment | None:
    """The first final assessment whose revision in force has a line for the assignment."""
    rows = db.execute(
        select(Assessment, UnitResult.lines)
        .join(Snapshot, Snapshot.assessment_id == Assessment.id)
        .join(UnitResult, UnitResult.snapshot_id == Snapshot.id)
        .where(Assessment.stage == Stage.FINAL, UnitResult.unit_id == assignment.unit_id)
        .order_by(Assessment.id, Snapshot.revision)
    )
    in_force: dict[Assessment, list[dict[str, Any]]] = {row[0]: row[1] for row in rows}
    wanted = f"assignment:{assignment.id}"
    counting = (
        assessment
        for assessment, lines in in_force.items()
        if any(wanted in line["refs"][:1] for line in lines)
    )
    return next(counting, None)
