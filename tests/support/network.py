"""The tests speak to this machine only: whoever asks for another host is refused loudly."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any


class OutsideHost(BaseException):
    """Not an Exception, so that no handler takes it for a network that is down."""


def forbid_other_hosts() -> None:
    """For the rest of this process."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        _refuse_outside(arguments[0])
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        _refuse_outside(arguments[1][0])


def _refuse_outside(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name and name != "localhost" and not _is_loopback(name):
        raise OutsideHost(f"a test wanted to reach {name}; only this machine is allowed")


def _is_loopback(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
