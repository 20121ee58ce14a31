"""The versions of the scoring rules, in words, with what each of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.words import Change, Chapter, changes, chapters
from planner.models import Plan
from planner.services.plans import rules_history


@dataclass(frozen=True)
class Version:
    """A version in words, with the day it came or comes into force.

    `changes` is what it says otherwise than the one before it; the first has none.
    """

    number: int
    since: date
    in_force: bool
    chapters: Sequence[Chapter]
    changes: Sequence[Change]


def versions(db: Session, clock: Clock, plan: Plan) -> list[Version]:
    """Every version of a plan's scoring rules: the one in force first, then the newest first."""
    history = rules_history(db, plan)
    if history is None:
        return []
    in_force = history.on(clock.today)
    pairs = pairwise([(None, None), *history.versions])
    made = [
        _version(since, rules, before, rules is in_force)
        for (_, before), (since, rules) in pairs
        if since is not None and rules is not None
    ]
    return sorted(made, key=lambda each: (each.in_force, each.number), reverse=True)


def _version(
    since: date, rules: ScoringRules, before: ScoringRules | None, in_force: bool
) -> Version:
    return Version(
        number=rules.version,
        since=since,
        in_force=in_force,
        chapters=chapters(rules),
        changes=changes(before, rules) if before else (),
    )
