"""What changed of many assignments, as scoring reads it: reduced amounts, and pauses."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from planner.domain.scores_facts import AmountSet, Pause
from planner.models import AmountRevision, Assignment, Request, Suspension
from planner.services.pauses import in_time


def amounts_of(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[AmountSet]]:
    """The amounts of those that were reduced, in the order of their numbers."""
    rows = db.execute(
        select(AmountRevision.assignment_id, AmountRevision.on, AmountRevision.amount)
        .join(Assignment, AmountRevision.assignment_id == Assignment.id)
        .where(of_plan)
        .order_by(AmountRevision.number)
    )
    amounts: defaultdict[int, list[AmountSet]] = defaultdict(list)
    for assignment_id, on, amount in rows:
        amounts[assignment_id].append(AmountSet(on, amount))
    return amounts


def pauses_of(db: Session, of_plan: ColumnElement[bool]) -> defaultdict[int, list[Pause]]:
    """Every time in which their clocks stood still. A suspension is known once it is granted."""
    pauses: defaultdict[int, list[Pause]] = defaultdict(list)
    for each in in_time(db, of_plan):
        pauses[each.assignment_id].append(Pause(each.on, each.on, each.until))
    rows = db.execute(
        select(Suspension.assignment_id, Suspension.on, Request.decided_on, Suspension.ended_on)
        .join(Assignment, Suspension.assignment_id == Assignment.id)
        .join(Suspension.request)
        .where(of_plan)
        .order_by(Suspension.id)
    )
    for assignment_id, on, granted_on, ended_on in rows:
        pauses[assignment_id].append(Pause(on, granted_on or on, ended_on, suspension=True))
    return pauses
