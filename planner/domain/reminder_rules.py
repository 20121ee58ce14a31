"""When reminders are due, who gets them, and in which colour. Data of the plan, versioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from typing import Annotated, Literal, TypeAlias, get_args

from planner.domain.located import to_data
from planner.domain.records import Complaints, read_data
from planner.domain.scalars import above_zero, between, not_negative
from planner.domain.text import Json, t

DayUnit: TypeAlias = Literal["days", "workdays"]
Colour: TypeAlias = Literal["blue", "yellow", "red"]
Audience: TypeAlias = Literal["liaison", "head", "coordinator", "supervisor", "leader"]
Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
CountyAudience: TypeAlias = Literal["supervisor", "leader"]
Days: TypeAlias = Annotated[int, above_zero, between(1, 9999)]
Ahead: TypeAlias = Annotated[int, not_negative, between(0, 3660)]
Points: TypeAlias = Annotated[int, between(0, 100)]

STRENGTH: Mapping[Colour, int] = {"blue": 0, "yellow": 1, "red": 2}


@dataclass(frozen=True)
class Before:
    """A threshold `at` days before the anchor, 0 being the day itself.

    `longer_than_days` keeps it to items that run longer than so many calendar days.
    """

    at: Ahead
    colour: Colour
    to: tuple[Audience, ...]
    longer_than_days: Days | None = None

    def check(self) -> Complaints:
        """Every item that it is kept to is long enough for it."""
        if self.longer_than_days is not None and self.at > self.longer_than_days:
            yield "at", t("This lies further ahead than the items run that it is meant for.")


@dataclass(frozen=True)
class After:
    """A threshold `at` days after the anchor, repeated each `every` days if that is given."""

    at: Days
    colour: Colour
    to: tuple[Audience, ...]
    every: Days | None = None


@dataclass(frozen=True)
class Family:
    """The thresholds of one kind of reminder, in the order of time; `unit` counts all of them."""

    unit: DayUnit
    before: tuple[Before, ...] = ()
    after: tuple[After, ...] = ()

    def check(self) -> Complaints:
        """No two thresholds speak to one audience at once."""
        if not self.before and not self.after:
            yield "unit", t("A family needs at least one threshold.")
        yield from _audiences("before", self.before)
        yield from _audiences("after", self.after)
        yield from self._before_falls()
        yield from self._after_rises()
        yield from _never_weaker("before", self.before)
        yield from _never_weaker("after", self.after)

    def _before_falls(self) -> Complaints:
        for number, step in enumerate(self.before):
            for earlier in self.before[:number]:
                if set(earlier.to) & set(step.to) and step.at >= earlier.at:
                    yield f"before[{number}]", OVERLAP
                    break

    def _after_rises(self) -> Complaints:
        for number, step in enumerate(self.after):
            for earlier in self.after[:number]:
                if set(earlier.to) & set(step.to) and (earlier.every or step.at <= earlier.at):
                    yield f"after[{number}]", OVERLAP
                    break


OVERLAP = t(
    "This threshold overlaps with one before it for the same audience: "
    "thresholds follow in time, and only the last may repeat."
)


def _audiences(key: str, steps: Iterable[Before | After]) -> Complaints:
    for number, step in enumerate(steps):
        if not step.to:
            yield f"{key}[{number}]", t("A threshold needs an audience.")
        if len(set(step.to)) < len(step.to):
            yield f"{key}[{number}].to", t("An audience is named twice.")


def _never_weaker(key: str, steps: Sequence[Before | After]) -> Complaints:
    """The ladder of colours leads upwards."""
    for number, step in enumerate(steps):
        for earlier in steps[:number]:
            if set(earlier.to) & set(step.to) and STRENGTH[step.colour] < STRENGTH[earlier.colour]:
                yield (
                    f"{key}[{number}].colour",
                    t("A later threshold has a weaker colour for the same audience."),
                )
                break


@dataclass(frozen=True)
class Families:
    """Each with its anchor.

    due: the due date. overdue: the due date. unsigned: the day of issue. waiting: the day that a
    round was handed in. answer_by: the answer-by date of an urge. report: the end of a period.
    """

    due: Family
    overdue: Family
    unsigned: Family
    waiting: Family
    answer_by: Family
    report: Family

    def check(self) -> Complaints:
        """What follows an event cannot be said before it, and a due date is not yet overdue."""
        for name in ("overdue", "unsigned", "waiting"):
            if getattr(self, name).before:
                yield name, t("This family has thresholds after its anchor only.")
        if self.due.after:
            yield "due", t("This family has thresholds before its anchor only.")


@dataclass(frozen=True)
class Lights:
    """Blue and yellow from so many calendar days before the due date; pace in points behind."""

    blue_days: Days
    yellow_days: Days
    pace_yellow_points: Points
    pace_red_points: Points

    def check(self) -> Complaints:
        """The stronger light begins later."""
        if self.yellow_days >= self.blue_days:
            yield "yellow_days", t("Yellow must begin later than blue.")
        if self.pace_red_points <= self.pace_yellow_points:
            yield "pace_red_points", t("Red must begin later than yellow.")


@dataclass(frozen=True)
class Weekly:
    """Who hears in one weekly digest what others hear by the day, from which day of the week."""

    on: Weekday
    to: tuple[CountyAudience, ...]

    def check(self) -> Complaints:
        """Somebody reads it."""
        if not self.to:
            yield "to", t("The weekly digest needs an audience.")
        if len(set(self.to)) < len(self.to):
            yield "to", t("An audience is named twice.")

    def begins(self, today: date) -> date:
        """The day of the week that the present digest belongs to, today or before."""
        weekday = get_args(Weekday).index(self.on)
        return today - timedelta(days=(today.weekday() - weekday) % 7)


@dataclass(frozen=True)
class ReminderRules:
    """When, to whom and how strongly the plan's reminders speak."""

    version: Days
    send_from: time
    families: Families
    lights: Lights
    weekly: Weekly | None = None

    @cached_property
    def weekly_audiences(self) -> frozenset[Audience]:
        """Who hears weekly and not by the day."""
        return frozenset(self.weekly.to) if self.weekly else frozenset()

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> ReminderRules:
        """The rules that stored JSON holds. Raises BadRecord with every mistake in it."""
        return read_data(cls, data)

    def to_data(self) -> Json:
        """The rules as JSON keeps them; `from_data` turns them back."""
        return to_data(self)
