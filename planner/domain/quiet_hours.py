"""The hours of the night in which a person wants no mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """From a time of day up to, and without, another one; they may cross midnight.

    Raises ValueError for two equal times: that would be the whole day or nothing.
    """

    begins: time
    ends: time

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise ValueError("quiet hours that begin when they end")

    def over_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The instant at which they end, where they are on at `now`; else nothing.

        Both are times on the clocks of that zone, on the days when these are set as well.
        """
        local = now.astimezone(zone)
        if not self._holds(local.time()):
            return None
        day = local.date() if local.time() < self.ends else local.date() + _DAY
        ends = (datetime.combine(day, self.ends.replace(fold=fold), zone) for fold in (0, 1))
        return next(end for end in (e.astimezone(now.tzinfo) for e in ends) if end > now)

    def _holds(self, at: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends
