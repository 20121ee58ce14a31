"""Lights: by date how near the due date is, by pace how far proof lags behind time (section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from planner.domain.reminder_rules import Lights
from planner.domain.text import Text, t
from planner.domain.workdays import WorkCalendar


class Light(StrEnum):
    """The colours, from nothing to do to too late."""

    GREY = "grey"
    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


PACE_NAMES: Mapping[Light, Text] = {
    Light.GREY: t("Closed"),
    Light.GREEN: t("On pace"),
    Light.YELLOW: t("Behind the pace"),
    Light.RED: t("Far behind the pace"),
}


def by_date(
    due_on: date, today: date, calendar: WorkCalendar, rules: Lights, *, closed: bool = False
) -> Light:
    """The light of something due on that day, which a day off moves to the next working day.

    `closed` is for what is accepted or cancelled.
    """
    last = calendar.on_or_after(due_on)
    if closed:
        return Light.GREY
    if today > last:
        return Light.RED
    if today >= last - timedelta(days=rules.yellow_days):
        return Light.YELLOW
    return Light.BLUE if today >= last - timedelta(days=rules.blue_days) else Light.GREEN


def by_pace(
    verified: Fraction, time_gone: Fraction, rules: Lights, *, closed: bool = False
) -> Light:
    """The light of a verified share against the share of time gone, both 0 to 1."""
    if closed:
        return Light.GREY
    behind = points_behind(verified, time_gone)
    if behind >= rules.pace_red_points:
        return Light.RED
    return Light.YELLOW if behind >= rules.pace_yellow_points else Light.GREEN


def points_behind(verified: Fraction, time_gone: Fraction) -> Fraction:
    """How many of 100 points proof lags behind time; below 0 where it is ahead."""
    return 100 * (time_gone - verified)


def share_of_time(start: date, end: date, today: date) -> Fraction:
    """The share of the days from start to end, both included, that are over when `today` ends.

    From 0 to 1. Raises ValueError if the end lies before the start.
    """
    if end < start:
        raise ValueError(f"the time runs backwards: {start} to {end}")
    days = (min(today, end) - start).days + 1
    return max(Fraction(0), Fraction(days, (end - start).days + 1))
