"""China's official working calendar, from the `holidays` library."""

from __future__ import annotations

from holidays import country_holidays
from holidays.countries.china import ChinaStaticHolidays

from planner.domain.workdays import WorkCalendar, is_weekend


def load_calendar(first_year: int, last_year: int) -> WorkCalendar:
    """The working calendar of the years from first to last, both included.

    Years with a notice of the State Council's General Office have its days off and make-up days
    (调休). Years without one have the statutory days, a weekday in lieu where such a day falls on
    a weekend, and no make-up days; the calendar calls them provisional. Outside the years asked
    for, it knows weekends only, and calls them provisional too.

    Raises ValueError if the years are in the wrong order.
    """
    if first_year > last_year:
        raise ValueError(f"the years run backwards: {first_year} to {last_year}")
    years = range(first_year, last_year + 1)
    official = country_holidays("CN", years=years, expand=False)
    off = {day for day in official if day.year in years and not is_weekend(day)}
    made_up = {day for day in official.weekend_workdays if day.year in years}
    return WorkCalendar(frozenset(off), frozenset(made_up), decreed_years() & frozenset(years))


def decreed_years() -> frozenset[int]:
    """The years whose official notice the installed library knows.

    Every notice since 2001 has moved days, and the library lists moved days by notice.
    """
    return frozenset(ChinaStaticHolidays.special_public_holidays)
