"""What happened to an assignment, as scoring reads it: each with its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from planner.domain.lateness import Span
from planner.domain.words import Decision, ReturnKind, SubmissionKind


@dataclass(frozen=True)
class Verdict:
    """A review of a submission; `kind` and `rework_on` belong to a return."""

    on: date
    decision: Decision
    kind: ReturnKind | None = None
    rework_on: date | None = None


@dataclass(frozen=True)
class HandedIn:
    """A submission: a progress report, or a round of completion.

    `percent` is 0 to 100, `amount` in the assignment's measure; both are claims.
    `evidence` are references such as "evidence:<sha256>".
    """

    id: int
    number: int
    kind: SubmissionKind
    on: date
    percent: int | None = None
    amount: Decimal | None = None
    withdrawn_on: date | None = None
    verdicts: tuple[Verdict, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def decided(self) -> Verdict | None:
        """The verdict that ended a round of completion."""
        for each in self.verdicts:
            if each.decision is not Decision.CONFIRM:
                return each
        return None


@dataclass(frozen=True)
class Verified:
    """A portion that the lead accepted, with the day that its proof was handed in.

    `amount` is in the assignment's measure where credit goes by amount, else a share of 1. It is
    what this portion added to those before it.
    """

    id: int
    submission_id: int
    amount: Decimal
    handed_in_on: date
    on: date
    withdrawn_on: date | None = None


@dataclass(frozen=True)
class DueDate:
    """A due date and the day that it was set.

    `moves`: it was extended for a cause that is not the unit's own, so that what falls due in a
    later year counts in that year.
    """

    on: date
    due_on: date
    moves: bool = False


@dataclass(frozen=True)
class AmountSet:
    """A target amount and the day that it was set; the first holds for all days before, too."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands still: the days after `after`, up to and with `until`.

    It has been known since `known_on`, and lasts as long as `until` is None. A `suspension` that
    has ended moved the due date instead; `own` says that it was granted for the unit's own reasons.
    """

    after: date
    known_on: date
    until: date | None = None
    suspension: bool = False
    own: bool = False

    @property
    def span(self) -> Span:
        """As the rule of lateness reads it."""
        return self.after, self.until or date.max

    @property
    def moved(self) -> bool:
        """Whether it is a suspension that has ended."""
        return self.suspension and self.until is not None

    @property
    def suspends(self) -> bool:
        """Whether it is a suspension that still lasts."""
        return self.suspension and self.until is None


@dataclass(frozen=True)
class Finding:
    """The lead or the supervisor found evidence of it untrue, until that was taken back.

    `year` is the one that loses the points: the item's own, or the one under way where that was
    final already.
    """

    id: int
    on: date
    year: int
    revoked_on: date | None = None
