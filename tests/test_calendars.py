"""The official calendar, against the notices of the State Council's General Office."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from planner.calendars import decreed_years, load_calendar
from planner.domain.workdays import WorkCalendar

CALENDAR = load_calendar(2020, 2035)

# Each notice: the holidays from first to last day, weekends within them included, and the
# weekend days that are worked (month, day). A holiday may begin in the year before.
Notice = tuple[list[tuple[date, date]], list[tuple[int, int]]]
NOTICES: dict[int, Notice] = {
    # 国办发明电〔2019〕16号, with 国办发明电〔2020〕1号 that made the spring holiday longer
    2020: (
        [
            (date(2020, 1, 1), date(2020, 1, 1)),  # 元旦
            (date(2020, 1, 24), date(2020, 2, 2)),  # 春节
            (date(2020, 4, 4), date(2020, 4, 6)),  # 清明节
            (date(2020, 5, 1), date(2020, 5, 5)),  # 劳动节
            (date(2020, 6, 25), date(2020, 6, 27)),  # 端午节
            (date(2020, 10, 1), date(2020, 10, 8)),  # 国庆节、中秋节
        ],
        [(1, 19), (4, 26), (5, 9), (6, 28), (9, 27), (10, 10)],
    ),
    # 国办发明电〔2020〕27号
    2021: (
        [
            (date(2021, 1, 1), date(2021, 1, 3)),  # 元旦
            (date(2021, 2, 11), date(2021, 2, 17)),  # 春节
            (date(2021, 4, 3), date(2021, 4, 5)),  # 清明节
            (date(2021, 5, 1), date(2021, 5, 5)),  # 劳动节
            (date(2021, 6, 12), date(2021, 6, 14)),  # 端午节
            (date(2021, 9, 19), date(2021, 9, 21)),  # 中秋节
            (date(2021, 10, 1), date(2021, 10, 7)),  # 国庆节
        ],
        [(2, 7), (2, 20), (4, 25), (5, 8), (9, 18), (9, 26), (10, 9)],
    ),
    # 国办发明电〔2021〕11号
    2022: (
        [
            (date(2022, 1, 1), date(2022, 1, 3)),  # 元旦
            (date(2022, 1, 31), date(2022, 2, 6)),  # 春节
            (date(2022, 4, 3), date(2022, 4, 5)),  # 清明节
            (date(2022, 4, 30), date(2022, 5, 4)),  # 劳动节
            (date(2022, 6, 3), date(2022, 6, 5)),  # 端午节
            (date(2022, 9, 10), date(2022, 9, 12)),  # 中秋节
            (date(2022, 10, 1), date(2022, 10, 7)),  # 国庆节
        ],
        [(1, 29), (1, 30), (4, 2), (4, 24), (5, 7), (10, 8), (10, 9)],
    ),
    # 国办发明电〔2022〕16号
    2023: (
        [
            (date(2022, 12, 31), date(2023, 1, 2)),  # 元旦
            (date(2023, 1, 21), date(2023, 1, 27)),  # 春节
            (date(2023, 4, 5), date(2023, 4, 5)),  # 清明节
            (date(2023, 4, 29), date(2023, 5, 3)),  # 劳动节
            (date(2023, 6, 22), date(2023, 6, 24)),  # 端午节
            (date(2023, 9, 29), date(2023, 10, 6)),  # 中秋节、国庆节
        ],
        [(1, 28), (1, 29), (4, 23), (5, 6), (6, 25), (10, 7), (10, 8)],
    ),
    # 国办发明电〔2023〕7号; 除夕 (9 February) was only encouraged, so it is worked
    2024: (
        [
            (date(2024, 1, 1), date(2024, 1, 1)),  # 元旦
            (date(2024, 2, 10), date(2024, 2, 17)),  # 春节
            (date(2024, 4, 4), date(2024, 4, 6)),  # 清明节
            (date(2024, 5, 1), date(2024, 5, 5)),  # 劳动节
            (date(2024, 6, 10), date(2024, 6, 10)),  # 端午节
            (date(2024, 9, 15), date(2024, 9, 17)),  # 中秋节
            (date(2024, 10, 1), date(2024, 10, 7)),  # 国庆节
        ],
        [(2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12)],
    ),
    # 国办发明电〔2024〕12号
    2025: (
        [
            (date(2025, 1, 1), date(2025, 1, 1)),  # 元旦
            (date(2025, 1, 28), date(2025, 2, 4)),  # 春节
            (date(2025, 4, 4), date(2025, 4, 6)),  # 清明节
            (date(2025, 5, 1), date(2025, 5, 5)),  # 劳动节
            (date(2025, 5, 31), date(2025, 6, 2)),  # 端午节
            (date(2025, 10, 1), date(2025, 10, 8)),  # 国庆节、中秋节
        ],
        [(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
    ),
    # 国办发明电〔2025〕7号
    2026: (
        [
            (date(2026, 1, 1), date(2026, 1, 3)),  # 元旦
            (date(2026, 2, 15), date(2026, 2, 23)),  # 春节
            (date(2026, 4, 4), date(2026, 4, 6)),  # 清明节
            (date(2026, 5, 1), date(2026, 5, 5)),  # 劳动节
            (date(2026, 6, 19), date(2026, 6, 21)),  # 端午节
            (date(2026, 9, 25), date(2026, 9, 27)),  # 中秋节
            (date(2026, 10, 1), date(2026, 10, 7)),  # 国庆节
        ],
        [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
    ),
}


def all_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def worked_by_notice(year: int) -> list[date]:
    holidays, made_up = NOTICES[year]
    off = {day for first, last in holidays for day in all_days(first, last)}
    worked = {date(year, month, day) for month, day in made_up}
    return [
        day
        for day in all_days(date(year, 1, 1), date(year, 12, 31))
        if day in worked or (day.weekday() < 5 and day not in off)
    ]


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_of_the_year_is_as_the_notice_says(year: int) -> None:
    days = all_days(date(year, 1, 1), date(year, 12, 31))
    assert [day for day in days if CALENDAR.is_workday(day)] == worked_by_notice(year)


@pytest.mark.parametrize("year", NOTICES)
def test_the_make_up_days_are_those_of_the_notice(year: int) -> None:
    made_up = sorted(day for day in CALENDAR.made_up if day.year == year)
    assert made_up == [date(year, month, day) for month, day in NOTICES[year][1]]


@pytest.mark.parametrize("year", NOTICES)
def test_a_year_with_a_notice_is_decreed(year: int) -> None:
    assert not CALENDAR.is_provisional(year)


def test_years_that_the_library_knows_no_notice_for_are_provisional() -> None:
    last = max(decreed_years())
    assert last >= 2026
    assert not CALENDAR.is_provisional(last)
    assert CALENDAR.is_provisional(last + 1)
    assert CALENDAR.is_provisional(2035)


def test_a_year_without_notice_has_weekends_and_statutory_days_only() -> None:
    """1 and 2 October 2033 fall on a weekend, so 4 and 5 October are given in lieu."""
    year = load_calendar(2033, 2033)
    october = [day.day for day in sorted(year.days_off) if day.month == 10]
    assert october == [3, 4, 5]
    assert year.made_up == frozenset()
    assert year.decreed == frozenset()


def test_years_that_were_not_asked_for_are_provisional() -> None:
    calendar = load_calendar(2024, 2024)
    assert calendar.is_provisional(2023)
    assert {day.year for day in calendar.days_off | calendar.made_up} == {2024}


def test_make_up_days_that_lie_before_their_year_are_known() -> None:
    """31 December 2011, a Saturday, was worked by the notice for 2012."""
    assert load_calendar(2011, 2011).is_workday(date(2011, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 10, 1), True),
        (date(2024, 10, 12), False),
        (date(2024, 10, 15), False),
        (date(2024, 10, 19), True),
        (date(2024, 10, 5), False),
        (date(2024, 10, 16), True),
    ],
)
def test_an_override_settles_a_day(day: date, worked: bool) -> None:
    calendar = load_calendar(2024, 2024).overridden([(day, worked)])
    assert calendar.is_workday(day) is worked
    assert differences(calendar, CALENDAR) <= {day}


def differences(one: WorkCalendar, other: WorkCalendar) -> set[date]:
    days = all_days(date(2024, 1, 1), date(2024, 12, 31))
    return {day for day in days if one.is_workday(day) != other.is_workday(day)}


def test_of_two_overrides_for_a_day_the_later_holds() -> None:
    day = date(2024, 10, 19)
    calendar = load_calendar(2024, 2024).overridden([(day, True), (day, False)])
    assert not calendar.is_workday(day)


def test_an_override_does_not_make_a_year_decreed() -> None:
    calendar = load_calendar(2035, 2035).overridden([(date(2035, 1, 2), False)])
    assert calendar.is_provisional(2035)


def test_years_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="2025 to 2024"):
        load_calendar(2025, 2024)
