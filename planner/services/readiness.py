"""Whether this installation can work: database, migrations, store, worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from planner import migrate
from planner.config import BadSetting
from planner.domain.errors import StoreUnavailable
from planner.domain.workdays import WorkCalendar
from planner.runtime import Runtime
from planner.services.heartbeats import silence

KEPT_FOR = timedelta(seconds=5)
OK, LATE, NEVER = "ok", "late", "never"


@dataclass(frozen=True)
class Readiness:
    """What was found, part by part: "ok", or what is wrong in a few words.

    A late worker delays mail and reminders, but people can work: it makes nothing unready.
    """

    database: str
    migrations: str
    store: str
    worker: str

    @property
    def ready(self) -> bool:
        """Whether people can work."""
        return self.database == self.migrations == self.store == OK


def provisional_years(calendar: WorkCalendar, today: date) -> list[int]:
    """Which of this year and the next have no official notice of their days off yet."""
    return [year for year in (today.year, today.year + 1) if calendar.is_provisional(year)]


class KeptReadiness:
    """Looks, and answers the same for some seconds of real time.

    Anybody may ask, and each look costs an fsync.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._looking = Lock()
        self._kept: tuple[datetime, Readiness] | None = None

    def __call__(self) -> Readiness:
        """What was found a moment ago, or else now; of all who ask at once only one looks."""
        with self._looking:
            now = self._runtime.now()
            if self._kept is None or not timedelta() <= now - self._kept[0] < KEPT_FOR:
                self._kept = (now, readiness(self._runtime))
            return self._kept[1]


def readiness(runtime: Runtime) -> Readiness:
    """Look at every part once. Raises nothing: what fails is the answer."""
    return Readiness(
        _checked(lambda: _database(runtime)),
        _checked(lambda: _migrations(runtime)),
        _checked(lambda: _store(runtime)),
        _checked(lambda: _worker(runtime)),
    )


def _checked(look: Callable[[], str]) -> str:
    try:
        return look()
    except SQLAlchemyError:
        return "the database cannot be reached"
    except (StoreUnavailable, BadSetting, OSError):
        return "the evidence store cannot be written"


def _database(runtime: Runtime) -> str:
    with runtime.sessions.reading() as db:
        db.execute(select(1))
    return OK


def _migrations(runtime: Runtime) -> str:
    with runtime.sessions.engine.connect() as connection:
        at = migrate.current(connection)
    return OK if at == migrate.head() else "not at the newest: run `planner db upgrade`"


def _store(runtime: Runtime) -> str:
    runtime.store.check()
    return OK


def _worker(runtime: Runtime) -> str:
    with runtime.sessions.reading() as db:
        late = silence(db, runtime.now())
    if late is None:
        return OK
    return NEVER if late.since is None else LATE
