"""The plan in force and its rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.energy import EnergyRules
from planner.domain.errors import NotFound
from planner.domain.reminder_rules import ReminderRules
from planner.domain.scores.rules import ScoringRules
from planner.models import Plan, RuleSet

SCORING, REMINDERS, ENERGY = "scoring", "reminders", "energy"


def find_plan(db: Session) -> Plan | None:
    """The plan that this installation runs, or nothing before it is seeded."""
    return db.scalar(select(Plan).order_by(Plan.id.desc()).limit(1))


def active_plan(db: Session) -> Plan:
    """The plan that this installation runs. Raises NotFound before it is seeded."""
    plan = find_plan(db)
    if plan is None:
        raise NotFound
    return plan


def current_rules(db: Session, plan: Plan, kind: str) -> RuleSet:
    """The newest version of the plan's rules of that kind. Raises NotFound if there are none."""
    found = db.scalar(
        select(RuleSet)
        .where(RuleSet.plan_id == plan.id, RuleSet.kind == kind)
        .order_by(RuleSet.version.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class RulesHistory:
    """Every version of a plan's scoring rules with its day, oldest first; at least one."""

    versions: tuple[tuple[date, ScoringRules], ...]

    def on(self, day: date) -> ScoringRules:
        """The rules in force on that day; before the first version, the first."""
        in_force = [rules for since, rules in self.versions if since <= day]
        return in_force[-1] if in_force else self.versions[0][1]


def rules_history(db: Session, plan: Plan) -> RulesHistory | None:
    """The versions of the plan's scoring rules, or None where there are none yet."""
    rows = db.execute(
        select(RuleSet.on, RuleSet.data)
        .where(RuleSet.plan_id == plan.id, RuleSet.kind == SCORING)
        .order_by(RuleSet.version)
    ).all()
    versions = tuple((row.on, ScoringRules.from_data(row.data)) for row in rows)
    return RulesHistory(versions) if versions else None


def scoring_rules(db: Session, plan: Plan, on: date | None = None) -> ScoringRules:
    """The scoring rules in force on a day, or the newest. Raises NotFound if there are none."""
    if on is None:
        return ScoringRules.from_data(current_rules(db, plan, SCORING).data)
    history = rules_history(db, plan)
    if history is None:
        raise NotFound
    return history.on(on)


def reminder_rules(db: Session, plan: Plan) -> ReminderRules:
    """The reminder rules in force."""
    return ReminderRules.from_data(current_rules(db, plan, REMINDERS).data)


def energy_rules(db: Session, plan: Plan, version: int | None = None) -> EnergyRules | None:
    """How consumption is counted, in that version or the newest; None where the plan is silent."""
    stored = select(RuleSet.data).where(RuleSet.plan_id == plan.id, RuleSet.kind == ENERGY)
    newest_first = db.scalars(stored.order_by(RuleSet.version.desc()))
    versions = (EnergyRules.from_data(data) for data in newest_first)
    return next((each for each in versions if version in (None, each.version)), None)


def store_rules(
    db: Session, clock: Clock, plan: Plan, kind: str, data: Mapping[str, Any]
) -> RuleSet | None:
    """Store rules as the next version, unless they equal the version in force: then nothing."""
    digest = hashlib.sha256(
        json.dumps(data, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    newest = select(func.max(RuleSet.version)).where(
        RuleSet.plan_id == plan.id, RuleSet.kind == kind
    )
    version = db.scalar(newest)
    if version is not None and current_rules(db, plan, kind).digest == digest:
        return None
    stored = RuleSet(
        plan_id=plan.id,
        kind=kind,
        version=(version or 0) + 1,
        data=dict(data),
        digest=digest,
        on=clock.today,
        at=clock.now,
    )
    db.add(stored)
    db.flush()
    return stored
