"""The worker's ticks as rows, and which of them are late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.models import Heartbeat

TICKS: Mapping[str, int] = {
    "periods": 300,
    "signing": 300,
    "reminders": 60,
    "forwarding": 300,
    "delivery": 5,
    "clock": 60,
    "rollup": 3600,
    "housekeeping": 3600,
}
"""The worker's jobs and the seconds between two ticks, in the order of `planner worker --once`."""

LATE_AFTER = timedelta(minutes=5)
"""Silence of a job after which somebody is told; of a rarer one, three times its ticks."""

AHEAD = timedelta(minutes=1)
"""A tick that far in the future was noted by a clock that was wrong, and tells nothing."""

BEAT_SECONDS = 30.0
"""How often a long job shows that it lives."""


@dataclass(frozen=True)
class Silence:
    """Jobs that should have ticked by now; `since` the last tick of them, None if never."""

    jobs: tuple[str, ...]
    since: datetime | None


def beat(db: Session, clock: Clock, name: str) -> None:
    """Note that a job did its work, or still does."""
    db.merge(Heartbeat(name=name, on=clock.today, at=clock.now))


def silence(db: Session, now: datetime) -> Silence | None:
    """What is late; None where all goes well."""
    rows = db.execute(select(Heartbeat.name, Heartbeat.at))
    ticked = {row.name: row.at for row in rows if row.at <= now + AHEAD}
    late = tuple(name for name in TICKS if _is_late(ticked.get(name), name, now))
    if not late:
        return None
    known = [ticked[name] for name in late if name in ticked]
    return Silence(late, max(known, default=None))


def late_after(name: str) -> timedelta:
    """The silence of a job that is too long."""
    return max(LATE_AFTER, 3 * timedelta(seconds=TICKS[name]))


def _is_late(ticked: datetime | None, name: str, now: datetime) -> bool:
    return ticked is None or now - ticked > late_after(name)
