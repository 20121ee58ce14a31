"""What would raise a score: each thing that can still be done, with the points that it is worth.

A gain is exact: were it true on the day, with everything else as it is, the total before rounding
would differ by just so much. Each stands alone; together they can give less: a total ends at 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from planner.domain.text import Text, t


class Way(StrEnum):
    """How points can be gained; `AT_STAKE` are points that are lost unless something is done."""

    HAND_IN = "hand_in"
    REST = "rest"
    CARRIED = "carried"
    WITH_LEAD = "with_lead"
    LATER = "later"
    INDICATOR = "indicator"
    AT_STAKE = "at_stake"


WAY_NAMES: Mapping[Way, Text] = {
    Way.HAND_IN: t("Hand in"),
    Way.REST: t("Hand in the rest"),
    Way.CARRIED: t("Carried over"),
    Way.WITH_LEAD: t("With the lead"),
    Way.LATER: t("Not due yet"),
    Way.INDICATOR: t("Indicator"),
    Way.AT_STAKE: t("At stake"),
}


@dataclass(frozen=True)
class Gain:
    """One thing that would raise a total by `points`, before rounding, or keep it from falling.

    `what` is a Text of the house or the plan's own sentence, `todo` says what is to be done.
    After `until` less can be reached; None where no day is set. `refs` as in a line.
    """

    way: Way
    what: Text | str
    todo: Text
    points: Fraction
    until: date | None = None
    refs: tuple[str, ...] = ()

    @property
    def assignment_id(self) -> int | None:
        """The assignment that it is about; None for an indicator."""
        kind, _, number = self.refs[0].partition(":") if self.refs else ("", "", "")
        return int(number) if kind == "assignment" else None
