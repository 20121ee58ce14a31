"""Business date and instant, handed to every verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """`today` is the business date in the plan's time zone; `now` the instant in UTC.

    Rules read only `today`; leases, sessions and rate limits read `now`.
    """

    today: date
    now: datetime

    @classmethod
    def real(cls, zone: ZoneInfo, fixed_today: date | None = None) -> Clock:
        """The clock of this moment; `fixed_today` holds the business date for rehearsals."""
        now = datetime.now(UTC)
        return cls(fixed_today or now.astimezone(zone).date(), now)
