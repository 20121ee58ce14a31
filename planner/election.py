"""Who ticks: of any number of workers one, and another when that one is gone.

Two that tick for a moment do no harm: what a tick writes is unique in the database. The election
only spares them the work.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from planner.db import Sessions
from planner.domain.errors import Busy
from planner.models import Lease

TICKER = "ticker"

STANDS_EVERY = 5.0
"""Seconds between two calls of `stand`, in every worker."""

LEASE_SECONDS = 30.0
"""SQLite: how long an elected worker stays elected without renewing: six times as long."""

FOLLOWED_WITHIN = 45.0
"""Seconds after which another worker ticks at the latest when the elected one died hard."""

_KEEP_ALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_SERVER_KEEP_ALIVE = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)

Monotonic: TypeAlias = Callable[[], float]

log = logging.getLogger(__name__)


class Election(Protocol):
    """One worker's part in it."""

    def stand(self) -> bool:
        """Become or stay the elected one where nobody else is; whether this worker is it."""

    def resign(self) -> None:
        """Let another follow at once. Raises nothing: who cannot say so is followed in time."""


def open_election(sessions: Sessions, now: Callable[[], datetime]) -> Election:
    """The election that the database allows. Make it in the process that stands."""
    if sessions.engine.dialect.name == "postgresql":
        return AdvisoryLock(sessions.engine)
    return LeaseRow(sessions, now)


class AdvisoryLock:
    """PostgreSQL: a session's advisory lock, held while a connection of its own lives.

    The server lets go as soon as the process is gone; keep-alive probes find a lost machine
    within 25 seconds. Needs a connection to the server itself, not a pooler of transactions.
    """

    def __init__(self, engine: Engine, name: str = TICKER) -> None:
        self._engine = create_engine(
            engine.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=_KEEP_ALIVE,
        )
        self._key = _number(name)
        self._connection: Connection | None = None
        self._mine = False

    def stand(self) -> bool:
        """Raises nothing: without a database nobody is elected."""
        try:
            connection = self._connected()
            self._mine = self._still(connection) if self._mine else self._taken(connection)
        except SQLAlchemyError as error:
            log.warning("the election cannot reach the database: %s", str(error).splitlines()[0])
            self.resign()
        return self._mine

    def resign(self) -> None:
        """Ending the connection would give up the lock too, but some moments later."""
        connection, self._connection, self._mine = self._connection, None, False
        if connection is not None:
            with suppress(SQLAlchemyError), connection:
                connection.execute(text("SELECT pg_advisory_unlock_all()"))

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
            for statement in _SERVER_KEEP_ALIVE:
                self._connection.execute(text(statement))
        return self._connection

    def _taken(self, connection: Connection) -> bool:
        query = text("SELECT pg_try_advisory_lock(:key)")
        return bool(connection.scalar(query, {"key": self._key}))

    def _still(self, connection: Connection) -> bool:
        """Whether this very session holds it: a pooler may have put another in its place."""
        query = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND pid = pg_backend_pid()"
            " AND classid::bigint << 32 | objid::bigint = :key AND objsubid = 1"
        )
        return bool(connection.scalar(query, {"key": self._key}))


class LeaseRow:
    """SQLite: a row that the elected one renews, and that another takes when it stands still.

    No clock of the wall decides: a rival takes the row only after it watched it unchanged for
    the whole lease by its own monotonic clock, and the holder counts as elected only so long
    after its last renewal. A clock that jumps changes nothing. `until` is for people to read.
    """

    def __init__(
        self,
        sessions: Sessions,
        now: Callable[[], datetime],
        *,
        name: str = TICKER,
        seconds: float = LEASE_SECONDS,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._sessions, self._now, self._monotonic = sessions, now, monotonic
        self._name, self._seconds = name, seconds
        self._token = secrets.token_hex(8)
        self._turn = 0
        self._held: str | None = None
        self._seen: tuple[str | None, float] = (None, monotonic())
        self._lock = Lock()

    def stand(self) -> bool:
        """Raises nothing: who cannot write stays elected for what is left of the lease."""
        with self._lock:
            began = self._monotonic()
            try:
                holder = self._renewed() if self._held else self._watched(began)
            except (SQLAlchemyError, Busy) as error:
                log.warning("the lease cannot be written: %s", str(error).splitlines()[0])
                return self._held is not None and began - self._seen[1] < self._seconds
            self._held = holder
            if holder:
                self._seen = (holder, began)
            return holder is not None

    def resign(self) -> None:
        """The row goes, so that a rival need not watch it."""
        with self._lock:
            held, self._held = self._held, None
            if held is None:
                return
            mine = delete(Lease).where(Lease.name == self._name, Lease.holder == held)
            with suppress(SQLAlchemyError, Busy), self._sessions.writing() as db:
                db.execute(mine)
                db.commit()

    def _renewed(self) -> str | None:
        return self._replace(self._held)

    def _watched(self, began: float) -> str | None:
        with self._sessions.reading() as db:
            holder = db.scalar(select(Lease.holder).where(Lease.name == self._name))
        if holder is None:
            return self._insert()
        if holder != self._seen[0]:
            self._seen = (holder, began)
            return None
        return self._replace(holder) if began - self._seen[1] >= self._seconds else None

    def _insert(self) -> str | None:
        with suppress(IntegrityError), self._sessions.writing() as db:
            db.execute(insert(Lease).values(name=self._name, **self._values()))
            db.commit()
            return self._mine()
        return None

    def _replace(self, holder: str | None) -> str | None:
        """Write the next turn in place of `holder`, unless somebody wrote meanwhile."""
        values = self._values()
        mine = (
            update(Lease)
            .where(Lease.name == self._name, Lease.holder == holder)
            .values(**values)
            .returning(Lease.holder)
        )
        with self._sessions.writing() as db:
            written = db.scalar(mine)
            db.commit()
        return written

    def _values(self) -> dict[str, object]:
        """Each turn has another holder's word, so that a renewal is seen whatever the clock."""
        self._turn += 1
        return {
            "holder": self._mine(),
            "until": self._now() + timedelta(seconds=self._seconds),
        }

    def _mine(self) -> str:
        return f"{self._token}:{self._turn}"


def _number(name: str) -> int:
    """A name as the key of an advisory lock: 63 bits that no other program will meet by chance."""
    digest = hashlib.sha256(f"planner:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
