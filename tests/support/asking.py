"""Asking and deciding with few words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from planner.domain.words import Cause, RequestKind
from planner.models import DueRevision, Request
from planner.services import requests, requests_asking
from planner.services.request_forms import (
    AdjustmentForm,
    Decision,
    ExtensionForm,
    ObjectionForm,
)
from tests.support.cast import TODAY, Cast

LATER = date(2024, 12, 27)
NEXT_YEAR = date(2025, 3, 31)
DUE = date(2024, 12, 10)


def more_time(
    cast: Cast,
    row: int,
    due_on: date | None = LATER,
    *,
    who: str = "edu",
    day: date = TODAY,
    reason: str = "施工受阻。",
    cause: Cause | None = Cause.OWN,
    **more: Any,
) -> Request:
    """Ask for a later due date."""
    form = ExtensionForm(reason, cause, due_on, **more)
    return cast.do_on(day, requests_asking.ask_extension, who, row, form)


def objection(
    cast: Cast, row: int, *, who: str = "edu", day: date = TODAY, unit_id: int | None = None
) -> Request:
    """Object to a wrong assignment."""
    form = ObjectionForm("不属于我委职责。", unit_id)
    return cast.do_on(day, requests_asking.object_, who, row, form)


def appeal(cast: Cast, row: int, *, day: date = TODAY) -> Request:
    """Take a refused objection to the supervisor."""
    form = ObjectionForm("仍不属于我委职责。")
    return cast.do_on(day, requests_asking.appeal, "edu", row, form)


def adjustment(
    cast: Cast,
    row: int,
    kind: RequestKind,
    *,
    day: date = TODAY,
    cause: Cause | None = Cause.POLICY,
    amount: str | None = None,
    who: str = "edu",
) -> Request:
    """Ask for less, a pause, its end, or to be freed."""
    number = Decimal(amount) if amount else None
    form = AdjustmentForm(kind, "政策调整。", cause, number)
    return cast.do_on(day, requests_asking.ask_adjustment, who, row, form)


def grant(
    cast: Cast, row: int, *, who: str = "coordinator", day: date = TODAY, **exact: Any
) -> Request:
    """Agree, with exact values."""
    return cast.do_on(day, requests.decide, who, row, Decision(True, **exact))


def refuse(cast: Cast, row: int, *, who: str = "coordinator", day: date = TODAY) -> Request:
    """Refuse, with a reason."""
    return cast.do_on(day, requests.decide, who, row, Decision(False, "理由不足。"))


def revisions(cast: Cast, row: int) -> list[tuple[date, str]]:
    """Its due dates in order, each with its basis."""
    query = select(DueRevision.due_on, DueRevision.basis).where(DueRevision.assignment_id == row)
    with cast.reading() as db:
        return [(due_on, basis) for due_on, basis in db.execute(query.order_by(DueRevision.number))]
