"""Working days, against an oracle that looks at every single day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.workdays import WorkCalendar

DAY = timedelta(days=1)
FIRST = date(2024, 9, 1)
SPAN = 60
days = st.dates(FIRST - 10 * DAY, FIRST + (SPAN + 10) * DAY)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Any calendar, also strange ones: months off, every weekend worked."""
    unusual = draw(st.lists(st.booleans(), min_size=SPAN, max_size=SPAN))
    exceptions = [FIRST + n * DAY for n, it_is in enumerate(unusual) if it_is]
    return WorkCalendar(
        days_off=frozenset(day for day in exceptions if day.weekday() < 5),
        made_up=frozenset(day for day in exceptions if day.weekday() >= 5),
        decreed=draw(st.frozensets(st.integers(2023, 2025))),
    )


def naive_is_workday(calendar: WorkCalendar, day: date) -> bool:
    if day in calendar.made_up:
        return True
    return day.isoweekday() not in (6, 7) and day not in calendar.days_off


def naive_count(calendar: WorkCalendar, after: date, until: date) -> int:
    span = (until - after).days
    return sum(naive_is_workday(calendar, after + n * DAY) for n in range(1, span + 1))


@given(calendars(), days)
def test_a_day_is_worked_as_the_oracle_says(calendar: WorkCalendar, day: date) -> None:
    assert calendar.is_workday(day) == naive_is_workday(calendar, day)


@given(calendars(), days, days)
def test_count_equals_looking_at_every_day(
    calendar: WorkCalendar, after: date, until: date
) -> None:
    assert calendar.count(after, until) == naive_count(calendar, after, until)


@given(calendars(), days, days, days)
def test_counts_add_up(calendar: WorkCalendar, one: date, two: date, three: date) -> None:
    one, two, three = sorted((one, two, three))
    assert calendar.count(one, three) == calendar.count(one, two) + calendar.count(two, three)


@given(calendars(), days, st.integers(1, 300))
def test_add_gives_the_nth_working_day(calendar: WorkCalendar, day: date, n: int) -> None:
    found = calendar.add(day, n)
    assert naive_is_workday(calendar, found)
    assert naive_count(calendar, day, found) == n


@given(calendars(), days)
def test_adding_nothing_stays(calendar: WorkCalendar, day: date) -> None:
    assert calendar.add(day, 0) == day


@given(calendars(), days)
def test_the_nearest_working_days_have_none_between(calendar: WorkCalendar, day: date) -> None:
    later, earlier = calendar.on_or_after(day), calendar.on_or_before(day)
    assert earlier <= day <= later
    assert naive_is_workday(calendar, later)
    assert naive_is_workday(calendar, earlier)
    assert naive_count(calendar, earlier, later) == (1 if later > earlier else 0)


@pytest.mark.parametrize(
    ("method", "day", "expected"),
    [
        ("on_or_after", date(2024, 9, 30), date(2024, 9, 30)),
        ("on_or_after", date(2024, 10, 1), date(2024, 10, 8)),
        ("on_or_after", date(2024, 10, 12), date(2024, 10, 12)),
        ("on_or_after", date(2024, 10, 13), date(2024, 10, 14)),
        ("on_or_before", date(2024, 10, 7), date(2024, 9, 30)),
        ("on_or_before", date(2024, 9, 28), date(2024, 9, 27)),
        ("on_or_before", date(2024, 9, 29), date(2024, 9, 29)),
    ],
)
def test_national_day_of_2024(method: str, day: date, expected: date) -> None:
    """29 September and 12 October 2024 were weekend days that were worked."""
    calendar = WorkCalendar(
        days_off=frozenset(date(2024, 10, day) for day in (1, 2, 3, 4, 7)),
        made_up=frozenset({date(2024, 9, 29), date(2024, 10, 12)}),
    )
    assert getattr(calendar, method)(day) == expected


def test_a_span_that_runs_backwards_has_no_working_days() -> None:
    assert WorkCalendar().count(date(2024, 10, 18), date(2024, 10, 14)) == 0


def test_the_first_day_does_not_count_and_the_last_does() -> None:
    monday = date(2024, 10, 14)
    assert WorkCalendar().count(monday, monday) == 0
    assert WorkCalendar().count(monday, monday + DAY) == 1


def test_counts_across_centuries_are_exact() -> None:
    """400 Gregorian years have 20,871 weeks."""
    assert WorkCalendar().count(date(2000, 1, 1), date(2400, 1, 1)) == 20_871 * 5


def test_a_year_without_notice_is_provisional() -> None:
    calendar = WorkCalendar(decreed=frozenset({2024}))
    assert not calendar.is_provisional(2024)
    assert not calendar.is_provisional(date(2024, 12, 31))
    assert calendar.is_provisional(2025)
    assert calendar.is_provisional(date(2025, 1, 1))


def test_going_back_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 working days"):
        WorkCalendar().add(date(2024, 10, 15), -1)


def test_a_day_off_on_a_weekend_is_refused() -> None:
    with pytest.raises(ValueError, match="2024-10-05 is on a weekend"):
        WorkCalendar(days_off=frozenset({date(2024, 10, 5)}))


def test_a_made_up_day_on_a_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match="2024-10-08 is a weekday"):
        WorkCalendar(made_up=frozenset({date(2024, 10, 8)}))
