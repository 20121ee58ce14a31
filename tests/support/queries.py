"""Sees every statement that goes to a database, whichever engine sends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_watchers: list[list[str]] = []


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that are sent while the block lasts, from any thread."""
    statements: list[str] = []
    _watchers.append(statements)
    try:
        yield statements
    finally:
        _watchers.remove(statements)


@event.listens_for(Engine, "before_cursor_execute")
def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    for statements in _watchers:
        statements.append(statement)
