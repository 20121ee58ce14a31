"""No mail leaves in a person's quiet hours; they end by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from planner.domain.quiet_hours import QuietHours

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7, 30))


def at(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ((2024, 11, 1, 21, 59), None),
        ((2024, 11, 1, 22, 0), (2024, 11, 2, 7, 30)),
        ((2024, 11, 1, 23, 59, 59), (2024, 11, 2, 7, 30)),
        ((2024, 11, 2, 0, 0), (2024, 11, 2, 7, 30)),
        ((2024, 11, 2, 7, 29, 59), (2024, 11, 2, 7, 30)),
        ((2024, 11, 2, 7, 30), None),
        ((2024, 12, 31, 22, 0), (2025, 1, 1, 7, 30)),
    ],
)
def test_they_may_cross_midnight(now: tuple[int, ...], ends: tuple[int, ...] | None) -> None:
    expected = at(SHANGHAI, *ends) if ends else None
    assert NIGHT.over_at(at(SHANGHAI, *now), SHANGHAI) == expected


@pytest.mark.parametrize(("hour", "is_on"), [(11, False), (12, True), (13, True), (14, False)])
def test_or_lie_within_a_day(hour: int, is_on: bool) -> None:
    noon = QuietHours(time(12), time(14))
    ends = noon.over_at(at(SHANGHAI, 2024, 11, 1, hour), SHANGHAI)
    assert ends == (at(SHANGHAI, 2024, 11, 1, 14) if is_on else None)


def test_they_follow_summer_time() -> None:
    """Set back in the night, they last an hour longer; set on, an hour less."""
    autumn = NIGHT.over_at(at(BERLIN, 2024, 10, 26, 22), BERLIN)
    spring = NIGHT.over_at(at(BERLIN, 2024, 3, 30, 22), BERLIN)
    assert autumn == datetime(2024, 10, 27, 6, 30, tzinfo=UTC)
    assert spring == datetime(2024, 3, 31, 5, 30, tzinfo=UTC)


def test_an_end_that_comes_twice_is_never_past() -> None:
    """02:30 comes twice on that night; in the second hour it is the second one that counts."""
    early = QuietHours(time(22), time(2, 30))
    second = at(BERLIN, 2024, 10, 27, 2, 10, fold=1)
    assert early.over_at(second, BERLIN) == at(BERLIN, 2024, 10, 27, 2, 30, fold=1)


def test_an_end_that_never_comes_lets_mail_go_in_the_hour_after() -> None:
    early = QuietHours(time(22), time(2, 30))
    ends = early.over_at(at(BERLIN, 2024, 3, 31, 1, 50), BERLIN)
    assert ends == at(BERLIN, 2024, 3, 31, 3, 30)


def test_equal_times_say_nothing() -> None:
    with pytest.raises(ValueError, match="begin when they end"):
        QuietHours(time(8), time(8))
