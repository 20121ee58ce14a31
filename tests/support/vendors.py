"""A local server that stands in for the vendors of group chats: keeps posts, answers as told."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from planner.domain.words import ROBOT_CHANNELS, Channel

TAKEN = {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}


@dataclass(frozen=True)
class Post:
    """One request as it came."""

    path: str
    query: Mapping[str, list[str]]
    kind: str
    content: dict[str, Any]


@dataclass
class Vendors:
    """What came, and what is answered from now on."""

    bases: Mapping[Channel, str]
    posts: list[Post] = field(default_factory=list)
    status: int = 200
    body: bytes = json.dumps(TAKEN).encode()

    def answer(self, status: int, body: bytes | Mapping[str, Any] = TAKEN) -> None:
        """Answer so from now on."""
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def listening(tls: ssl.SSLContext | None = None) -> Iterator[Vendors]:
    """All three vendors at one address of this machine."""
    kept: list[Vendors] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kept))
    server.daemon_threads = False
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    base = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    vendors = Vendors(dict.fromkeys(ROBOT_CHANNELS, base))
    kept.append(vendors)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield vendors
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(kept: list[Vendors]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers every post."""

        def do_POST(self) -> None:
            """Keep it and answer."""
            (vendors,) = kept
            address = urlsplit(self.path)
            content = self.rfile.read(int(self.headers["Content-Length"]))
            vendors.posts.append(
                Post(
                    address.path,
                    parse_qs(address.query),
                    self.headers["Content-Type"],
                    json.loads(content),
                )
            )
            self.send_response(vendors.status)
            self.send_header("Content-Length", str(len(vendors.body)))
            self.end_headers()
            self.wfile.write(vendors.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
