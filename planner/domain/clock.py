"""Business date and instant, handed to every verb."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from planner.domain.workdays import WorkCalendar


def instant() -> datetime:
    """The real instant, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """`today` is the business date in the plan's time zone; `now` the instant in UTC.

    Rules read only `today`; leases, sessions and rate limits read `now`. `calendar` tells the
    working days; without one only weekends are off, which is for tests and the command line of
    a machine without plan. `zone` is the plan's time zone, for hours of the day.
    """

    today: date
    now: datetime
    calendar: WorkCalendar = field(default_factory=WorkCalendar, compare=False)
    zone: ZoneInfo = field(default=ZoneInfo("Asia/Shanghai"), compare=False)

    @classmethod
    def real(cls, zone: ZoneInfo, calendar: WorkCalendar, fixed_today: date | None = None) -> Clock:
        """The clock of this moment; `fixed_today` holds the business date for rehearsals."""
        now = instant()
        return cls(fixed_today or now.astimezone(zone).date(), now, calendar, zone)
