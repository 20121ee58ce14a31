"""Grades' names, and the ranks of units within their ranking group."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from planner.domain.scores.rules import Grade, Ranking
from planner.domain.scores.scoring import Score
from planner.domain.text import Text, t

GRADE_NAMES: Mapping[str, Text] = {
    "excellent": t("Excellent"),
    "good": t("Good"),
    "pass": t("Pass"),
    "fail": t("Fail"),
}


def grade_name(grade: Grade) -> Text | str:
    """The usual grades in the reader's language; any other as the plan file calls it."""
    return GRADE_NAMES.get(grade.key, grade.name)


@dataclass(frozen=True)
class Standing:
    """A unit's score, with what decides whether it is ranked. `lead` is the lead agency."""

    unit_id: int
    group: str | None
    lead: bool
    score: Score


@dataclass(frozen=True)
class Rank:
    """A place among `of` ranked units of the group, or the reason why there is none."""

    place: int | None = None
    of: int | None = None
    reason: Text | None = None


def ranks(standings: Iterable[Standing], rules: Ranking) -> dict[int, Rank]:
    """The rank of each unit. Equal totals share a place, and the next one is left out: 1, 1, 3."""
    judged = [(each, _not_ranked(each, rules)) for each in standings]
    rivals: dict[str | None, list[Decimal]] = {}
    for each, reason in judged:
        if reason is None:
            insort(rivals.setdefault(each.group, []), _total(each))
    return {
        each.unit_id: Rank(reason=reason) if reason else _place(each, rivals[each.group])
        for each, reason in judged
    }


def _place(standing: Standing, rivals: list[Decimal]) -> Rank:
    """The place among the totals of the group, which are sorted from the lowest."""
    better = len(rivals) - bisect_right(rivals, _total(standing))
    return Rank(better + 1, len(rivals))


def _total(standing: Standing) -> Decimal:
    return standing.score.total or Decimal(0)


def _not_ranked(standing: Standing, rules: Ranking) -> Text | None:
    counted = standing.score.scored_items
    if standing.score.total is None:
        return t("Not ranked: nothing is due yet.")
    if standing.lead and rules.lead_apart:
        return t("Not ranked: the lead agency stands apart.")
    if standing.group is None:
        return t("Not ranked: the unit belongs to no ranking group.")
    if counted < rules.min_items:
        return t(
            "Not ranked: %(count)s scored items, and a rank needs %(least)s.",
            count=counted,
            least=rules.min_items,
        )
    return None
