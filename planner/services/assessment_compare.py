"""Two frozen results of a unit side by side, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.errors import NotFound
from planner.domain.scores.lines import Line
from planner.models import Snapshot, UnitResult
from planner.services.assessment_view import lines_of
from planner.services.scope import sees_county


@dataclass(frozen=True)
class Pair:
    """The same line in two results; either may lack it. `by` is the difference of points."""

    before: Line | None
    after: Line | None

    @property
    def by(self) -> Decimal:
        """What the second has more than the first."""
        earned = [each.earned if each else Decimal(0) for each in (self.before, self.after)]
        return earned[1] - earned[0]


def compared(before: UnitResult, after: UnitResult) -> list[Pair]:
    """Two results of one unit line by line: by what a line is about, else by its words."""
    old, new = _by_key(lines_of(before)), _by_key(lines_of(after))
    keys = list(dict.fromkeys([*old, *new]))
    return [Pair(old.get(key), new.get(key)) for key in keys]


def _by_key(lines: Sequence[Line]) -> dict[tuple[str, int], Line]:
    """By the first reference, or by words; the n-th of the same key stays the n-th."""
    seen: dict[str, int] = {}
    keyed = {}
    for line in lines:
        name = line.refs[0] if line.refs else str(line.what)
        seen[name] = seen.get(name, 0) + 1
        keyed[name, seen[name]] = line
    return keyed


def comparable(db: Session, actor: Actor, unit_id: int) -> list[UnitResult]:
    """Every frozen result of a unit, the oldest first. Raises NotFound for another unit's."""
    if not (unit_id == actor.unit_id or sees_county(db, actor)):
        raise NotFound
    rows = (
        select(UnitResult)
        .join(UnitResult.snapshot)
        .where(UnitResult.unit_id == unit_id)
        .order_by(Snapshot.assessment_id, Snapshot.revision)
    )
    return list(db.scalars(rows))
