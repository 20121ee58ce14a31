"""What every way out shares: why it failed, named steps, and a deadline that holds."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import TypeAlias

from planner.domain.text import Text

Step: TypeAlias = Callable[[str], None]
"""Told the name of each step as it is reached; what it raises ends the work there."""


class DeliveryFailed(Exception):
    """A message was not delivered; `reason` says why, with the server's words where it spoke.

    `permanent`: trying again cannot help. Otherwise the caller tries later.
    """

    def __init__(self, permanent: bool, reason: Text) -> None:
        super().__init__(str(reason))
        self.permanent = permanent
        self.reason = reason


def no_step(_name: str) -> None:
    """Nobody wants to know."""


class Deadline:
    """A conversation that ends `seconds` after it began, however slowly the other side talks.

    A socket's own timeout begins anew with each byte. This shuts the connection from a thread of
    its own, in the middle of TLS as well. Only the look-up of a name is left to the resolver.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = Lock()
        self._twin: socket.socket | None = None
        self.is_over = False

    def __enter__(self) -> Deadline:
        """Begin."""
        self._timer.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End; the connection itself is the caller's to close."""
        self._timer.cancel()
        with self._lock:
            self._let_go()

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first address of the host that answers in time. Raises OSError."""
        failure: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(self._left())
                connection.connect(address)
                connection.settimeout(self._left())
                self._hold(connection)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure

    def _left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _hold(self, connection: socket.socket) -> None:
        """Keep a second handle: the first one is given away when TLS begins."""
        with self._lock:
            if self.is_over:
                raise TimeoutError("timed out")
            self._let_go()
            self._twin = connection.dup()

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            if self._twin is not None:
                with suppress(OSError):  # the conversation ended just now
                    self._twin.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None
