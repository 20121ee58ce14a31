"""What may be asked for until when, and which office decides it (design, section 3)."""

from __future__ import annotations

from datetime import date

from planner.domain.permissions import Parties
from planner.domain.words import Cause, Decider, RequestKind
from planner.domain.workdays import WorkCalendar

OBJECT_WITHIN = 3
"""Working days after the issue in which a unit may object; the last one counts."""

APPEAL_WITHIN = 3
"""Working days after the refusal of an objection in which it may be taken to the supervisor."""

SIGNED_AFTER = 5
"""Whole working days without signature or objection after which it counts as signed."""

DISPUTES = frozenset(
    {RequestKind.OBJECTION, RequestKind.EXEMPTION, RequestKind.CANCEL, RequestKind.REASSIGN}
)
"""While one of these is open, it is undecided whether the unit owes it at all."""

TAKES_LATENESS = frozenset({RequestKind.OBJECTION, RequestKind.EXEMPTION})
"""Granted after the due date, these take lateness out of the score: the supervisor decides."""

CAUSES = (Cause.FORCE_MAJEURE, Cause.POLICY, Cause.CHANGE_OF_DUTIES, Cause.OWN)
"""Why a unit may ask for more time."""

ADJUSTMENTS = (
    RequestKind.REDUCTION,
    RequestKind.SUSPENSION,
    RequestKind.RESUMPTION,
    RequestKind.EXEMPTION,
)
"""What a unit may ask to adjust."""


def is_within(days: int, since: date, today: date, calendar: WorkCalendar) -> bool:
    """Whether at most so many working days have begun after `since`."""
    return calendar.count(since, today) <= days


def counts_as_signed(since: date, today: date, calendar: WorkCalendar) -> bool:
    """Whether the unit had all of its working days to sign or object."""
    return calendar.count(since, today) > SIGNED_AFTER


def cut_off(original_due_on: date) -> date:
    """The last day of the year that something counts in."""
    return date(original_due_on.year, 12, 31)


def goes_above(parties: Parties, extended_before: int, past_cut_off: bool) -> bool:
    """Whether an extension needs the supervisor: the second one, one past the year, the lead's."""
    return parties.lead_owes or extended_before > 0 or past_cut_off


def decider_of(kind: RequestKind, parties: Parties) -> Decider:
    """The office that decides an objection or an adjustment."""
    above = parties.lead_owes or (kind in TAKES_LATENESS and parties.late)
    return Decider.ABOVE if above else Decider.LEAD
