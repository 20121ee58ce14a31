"""Periodic reports by the rule alone: periods, due days, how one stands as of a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.calendars import load_calendar
from planner.domain.located import BadRecord
from planner.domain.records import read_data
from planner.domain.reporting import (
    MOST_WORKDAYS,
    ReportFacts,
    Reporting,
    ReportState,
    first_late_day,
    period_name,
    period_of,
    periods_ending,
    rhythm_of,
    standing_of,
)
from planner.domain.words import Rhythm

CALENDAR = load_calendar(2020, 2035)
MONTH, QUARTER, YEAR = Rhythm.MONTH, Rhythm.QUARTER, Rhythm.YEAR
DAYS = st.dates(date(2020, 1, 1), date(2034, 6, 30))
WORKDAYS = st.integers(1, MOST_WORKDAYS)
REPORTINGS = st.one_of(
    st.builds(Reporting, st.sampled_from(Rhythm), workdays=st.one_of(st.none(), WORKDAYS)),
    st.builds(Reporting, st.sampled_from(Rhythm), day=st.integers(1, 31)),
)


@pytest.mark.parametrize(
    ("every", "day", "key", "starts", "ends"),
    [
        (MONTH, date(2024, 2, 29), "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        (MONTH, date(2023, 2, 1), "2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        (MONTH, date(2024, 12, 31), "2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        (QUARTER, date(2024, 1, 1), "2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        (QUARTER, date(2024, 6, 30), "2024-Q2", date(2024, 4, 1), date(2024, 6, 30)),
        (QUARTER, date(2024, 9, 30), "2024-Q3", date(2024, 7, 1), date(2024, 9, 30)),
        (QUARTER, date(2024, 10, 1), "2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        (YEAR, date(2024, 2, 29), "2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_day_lies_in_one_period(
    every: Rhythm, day: date, key: str, starts: date, ends: date
) -> None:
    period = period_of(every, day)
    assert (period.key, period.starts_on, period.ends_on) == (key, starts, ends)
    assert rhythm_of(key) is every


@given(st.sampled_from(Rhythm), DAYS)
def test_periods_follow_each_other_without_gap(every: Rhythm, day: date) -> None:
    period = period_of(every, day)
    assert period.starts_on <= day <= period.ends_on
    assert period.next().starts_on == period.ends_on + timedelta(days=1)
    assert period_of(every, period.ends_on) == period


def test_the_periods_of_a_time_are_those_that_end_in_it() -> None:
    keys = [each.key for each in periods_ending(QUARTER, date(2023, 12, 31), date(2024, 9, 29))]
    assert keys == ["2023-Q4", "2024-Q1", "2024-Q2"]
    months = list(periods_ending(MONTH, date(2023, 12, 31), date(2024, 2, 29)))
    assert [each.key for each in months] == ["2023-12", "2024-01", "2024-02"]
    assert list(periods_ending(YEAR, date(2024, 1, 1), date(2024, 12, 30))) == []


@pytest.mark.parametrize(
    ("reporting", "ends", "due"),
    [
        # 国庆 from 1 to 7 October, 12 October is worked (调休)
        (Reporting(QUARTER), date(2024, 9, 30), date(2024, 10, 18)),
        (Reporting(QUARTER, workdays=5), date(2024, 9, 30), date(2024, 10, 12)),
        # 元旦 and the change of the year
        (Reporting(QUARTER), date(2023, 12, 31), date(2024, 1, 15)),
        (Reporting(YEAR, workdays=1), date(2023, 12, 31), date(2024, 1, 2)),
        # 29 September 2024, a Sunday, is worked
        (Reporting(MONTH, day=29), date(2024, 8, 31), date(2024, 9, 29)),
        # a month without that day: its last one, in a leap year and in another
        (Reporting(MONTH, day=31), date(2024, 1, 31), date(2024, 2, 29)),
        (Reporting(MONTH, day=30), date(2023, 1, 31), date(2023, 2, 28)),
        # a day off runs on: a Sunday, and the spring holiday to a worked Sunday
        (Reporting(MONTH, day=31), date(2024, 2, 29), date(2024, 4, 1)),
        (Reporting(MONTH, day=10), date(2024, 1, 31), date(2024, 2, 18)),
        # the fixed day lies in the month after, also of a quarter and of a year
        (Reporting(QUARTER, day=5), date(2024, 9, 30), date(2024, 10, 8)),
        (Reporting(YEAR, day=15), date(2024, 12, 31), date(2025, 1, 15)),
    ],
)
def test_due_days(reporting: Reporting, ends: date, due: date) -> None:
    assert reporting.due_on(ends, CALENDAR) == due


@given(REPORTINGS, DAYS)
def test_every_report_is_due_on_a_working_day_after_its_period_and_before_it_is_missing(
    reporting: Reporting, day: date
) -> None:
    period = period_of(reporting.every, day)
    due = reporting.due_on(period.ends_on, CALENDAR)
    assert CALENDAR.is_workday(due)
    assert period.ends_on < due < reporting.missing_after(period, CALENDAR)


def test_a_report_is_missing_when_the_next_one_has_fallen_due() -> None:
    monthly = Reporting(MONTH, day=5)
    september = period_of(MONTH, date(2024, 9, 1))
    assert monthly.missing_after(september, CALENDAR) == date(2024, 11, 5)
    yearly = Reporting(YEAR)
    assert yearly.missing_after(period_of(YEAR, date(2023, 1, 1)), CALENDAR) == (
        Reporting(QUARTER).due_on(date(2024, 3, 31), CALENDAR)
    )


DUE, LAST = date(2024, 10, 18), date(2025, 1, 15)
FRIDAY, SATURDAY, MONDAY = DUE, date(2024, 10, 19), date(2024, 10, 21)


@pytest.mark.parametrize(
    ("handed_in", "closed", "today", "state", "days"),
    [
        (None, None, date(2024, 10, 1), ReportState.OPEN, 0),
        (None, None, FRIDAY, ReportState.OPEN, 0),
        (None, None, SATURDAY, ReportState.OPEN, 0),
        (None, None, MONDAY, ReportState.OVERDUE, 1),
        (None, None, LAST, ReportState.OVERDUE, 62),
        (None, None, date(2025, 1, 16), ReportState.MISSING, 63),
        (FRIDAY, None, MONDAY, ReportState.HANDED_IN, 0),
        (SATURDAY, None, MONDAY, ReportState.HANDED_IN, 0),
        (MONDAY, None, MONDAY, ReportState.LATE, 1),
        (MONDAY, None, FRIDAY, ReportState.OPEN, 0),
        (date(2025, 1, 16), None, date(2025, 3, 1), ReportState.MISSING, 63),
        (None, FRIDAY, date(2025, 3, 1), ReportState.LAPSED, 0),
        (None, MONDAY, date(2025, 3, 1), ReportState.LATE, 1),
        (None, LAST, date(2025, 3, 1), ReportState.LATE, 62),
        (None, date(2025, 1, 16), date(2025, 3, 1), ReportState.MISSING, 63),
        (FRIDAY, MONDAY, date(2025, 3, 1), ReportState.HANDED_IN, 0),
    ],
)
def test_how_a_report_stands_as_of_a_day(
    handed_in: date | None, closed: date | None, today: date, state: ReportState, days: int
) -> None:
    standing = standing_of(ReportFacts(DUE, LAST, handed_in, closed), today, CALENDAR)
    assert (standing.state, standing.days_late) == (state, days)


@given(REPORTINGS, DAYS, st.integers(0, 300))
def test_a_report_that_is_not_handed_in_only_ever_gets_worse(
    reporting: Reporting, day: date, later: int
) -> None:
    period = period_of(reporting.every, day)
    due = reporting.due_on(period.ends_on, CALENDAR)
    facts = ReportFacts(due, reporting.missing_after(period, CALENDAR))
    order = [ReportState.OPEN, ReportState.OVERDUE, ReportState.MISSING]
    then = due + timedelta(days=later)
    now, soon = (standing_of(facts, each, CALENDAR) for each in (then, then + timedelta(days=1)))
    assert order.index(now.state) <= order.index(soon.state)
    assert (now.state is ReportState.OPEN) == (then < first_late_day(due, CALENDAR))


@given(REPORTINGS, DAYS, st.integers(0, 300))
def test_closing_its_assignment_never_makes_a_report_worse(
    reporting: Reporting, day: date, later: int
) -> None:
    """The lead's own act takes no more points than the unit's delay took before it."""
    period = period_of(reporting.every, day)
    due = reporting.due_on(period.ends_on, CALENDAR)
    then, missing_after = due + timedelta(days=later), reporting.missing_after(period, CALENDAR)
    before = standing_of(ReportFacts(due, missing_after), then, CALENDAR)
    closed = ReportFacts(due, missing_after, closed_on=then)
    after = standing_of(closed, then + timedelta(days=500), CALENDAR)
    same = {
        ReportState.OPEN: ReportState.LAPSED,
        ReportState.OVERDUE: ReportState.LATE,
        ReportState.MISSING: ReportState.MISSING,
    }
    assert (after.state, after.days_late) == (same[before.state], before.days_late)


def test_a_report_that_was_overdue_when_closed_is_not_called_handed_in() -> None:
    closed = standing_of(ReportFacts(DUE, LAST, None, MONDAY), LAST, CALENDAR)
    assert str(closed.text) == "Overdue when closed, 1 working days"


def test_reporting_is_read_from_data_and_says_its_mistakes() -> None:
    assert read_data(Reporting, {"every": "month", "day": 5}) == Reporting(MONTH, day=5)
    for wrong in (
        {"every": "week"},
        {"every": "month", "day": 5, "workdays": 3},
        {"every": "month", "workdays": 0},
        {"every": "month", "workdays": 41},
        {"every": "month", "day": 32},
        {"workdays": 3},
    ):
        with pytest.raises(BadRecord):
            read_data(Reporting, wrong)


def test_periods_have_names() -> None:
    names = [str(period_name(key)) for key in ("2024", "2024-Q3", "2024-09")]
    assert len(set(names)) == 3
