"""A real SMTP server in a process of its own, which writes down each Message-ID that it took."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^Message-ID: *(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class MailServer:
    """Where it listens and what it took. `victim` holds the process to kill before an answer."""

    port: int
    book: Path
    victim: Any

    def taken(self) -> Counter[str]:
        """Message-ID to how often it was taken."""
        return Counter(self.book.read_text(encoding="ascii").split())


class _Handler:
    """Takes a mail as a server does: it is written down before the answer is sent."""

    def __init__(self, book: Path, victim: Any, seconds: float) -> None:
        self._book, self._victim, self._seconds = book, victim, seconds

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self._seconds:
            await asyncio.sleep(self._seconds)
        found = MESSAGE_ID.search(envelope.content)
        assert found is not None
        with self._book.open("ab") as book:
            book.write(found[1] + b"\n")
        if self._victim.value:
            os.kill(self._victim.value, signal.SIGKILL)
        return "250 OK"


@contextmanager
def running(folder: Path, seconds: float = 0) -> Iterator[MailServer]:
    """The server for as long as the block lasts; each mail takes it so many seconds."""
    context = get_context("fork")
    book, victim = folder / "taken.txt", context.Value("i", 0, lock=False)
    book.write_bytes(b"")
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else 40 ms an EHLO
        process = context.Process(target=_serve, args=(listening, book, victim, seconds))
        process.start()
        try:
            yield MailServer(listening.getsockname()[1], book, victim)
        finally:
            process.kill()
            process.join()
            process.close()


def _serve(listening: socket.socket, book: Path, victim: Any, seconds: float) -> None:
    handler = _Handler(book, victim, seconds)

    async def go_on() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(handler, hostname="127.0.0.1", loop=loop), sock=listening
        )
        await server.serve_forever()

    with suppress(KeyboardInterrupt):
        asyncio.run(go_on())
