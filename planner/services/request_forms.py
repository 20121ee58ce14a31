"""What people write when they ask and when they decide: plain values, easily stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from planner.domain.words import Cause, RequestKind
from planner.services.evidence import EvidenceForm


@dataclass(frozen=True)
class ExtensionForm:
    """Why more time is needed, and until when."""

    reason: str
    cause: Cause | None
    due_on: date | None
    evidence: EvidenceForm = field(default_factory=EvidenceForm)


@dataclass(frozen=True)
class ExtendForm:
    """The new due date that the lead gives of its own accord, and why."""

    reason: str
    cause: Cause | None
    due_on: date | None


@dataclass(frozen=True)
class ObjectionForm:
    """Why the assignment is not this unit's, and whose it may be. An appeal says it again."""

    reason: str
    unit_id: int | None = None
    evidence: EvidenceForm = field(default_factory=EvidenceForm)


@dataclass(frozen=True)
class AdjustmentForm:
    """What to adjust, why, and for a reduction the smaller amount in the assignment's measure."""

    kind: RequestKind
    reason: str
    cause: Cause | None
    amount: Decimal | None = None
    evidence: EvidenceForm = field(default_factory=EvidenceForm)


@dataclass(frozen=True)
class Decision:
    """What was decided on a request; what is left open is taken as it was asked for.

    `due_on`: the exact date of an extension or a reassignment. `amount`: of a reduction. `end`
    says how an objection is upheld: RequestKind.REASSIGN (with `unit_id` and `due_on`) or
    RequestKind.CANCEL. `cause` and `document` belong to a cancellation. `request_id` is the
    request that the form showed.
    """

    grant: bool
    reason: str | None = None
    due_on: date | None = None
    amount: Decimal | None = None
    end: RequestKind | None = None
    unit_id: int | None = None
    cause: Cause | None = None
    document: str = ""
    request_id: int | None = None
