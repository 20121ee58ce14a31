"""What a score lost points by: one cause for each line, the gravest that holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from planner.domain.scores.points import CAPPED, LATE_REPORTS, UNTRUE, Points
from planner.domain.scores.scoring import Score
from planner.domain.scores.tally import Scored


class Cause(StrEnum):
    """Why points were lost, in the order that papers tell it."""

    UNVERIFIED = "unverified"
    PARTLY = "partly"
    LATE = "late"
    RETURNED = "returned"
    INDICATOR = "indicator"
    REPORTS = "reports"
    UNTRUE = "untrue"
    OTHER = "other"


@dataclass(frozen=True)
class Lost:
    """So many points of 100 that one line of a score lost; below 0 for what a cap gives back."""

    cause: Cause
    points: Fraction


def losses(score: Score) -> Iterator[Lost]:
    """What the score lost, line by line; nothing for one that has no total.

    Raises ValueError for a score whose items were not kept.
    """
    if score.work.items is None:
        raise ValueError("only the sums of this score were kept")
    if score.total is None:
        return
    yield from (each for each in (*_work(score), *_indicators(score)) if each.points)
    yield from (_taken(each) for each in score.points if each.points < 0 or each.reason == CAPPED)


def _work(score: Score) -> Iterator[Lost]:
    for each in score.work.items or ():
        possible = score.work_percent * each.weight / score.work.weight
        yield Lost(_cause(each), possible * (1 - each.credit.value))


def _cause(scored: Scored) -> Cause:
    credit = scored.credit
    if credit.untrue:
        return Cause.UNTRUE
    if not credit.verified:
        return Cause.UNVERIFIED
    if credit.verified < 1:
        return Cause.PARTLY
    return Cause.LATE if any(layer.late for layer in credit.layers) else Cause.RETURNED


def _indicators(score: Score) -> Iterator[Lost]:
    for each in score.indicators:
        possible = score.indicator_percent * each.weight / score.indicator_weight
        yield Lost(Cause.INDICATOR, possible * (1 - (each.credit or 0)))


def _taken(points: Points) -> Lost:
    cause = Cause.UNTRUE if points.rule == UNTRUE else Cause.OTHER
    if points.rule == LATE_REPORTS or points.reason == CAPPED:
        cause = Cause.REPORTS
    return Lost(cause, -points.points)
