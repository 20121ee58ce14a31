"""Empty databases for benches, as many as they ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.databases import TEMPLATE, copy_sqlite
from tests.support.postgres import Postgres

KINDS: Mapping[str, str] = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
"""The databases and their names."""

Fresh = Callable[[str], str]


@pytest.fixture
def fresh(tmp_path: Path, sqlite_template: Path, postgres_server: Postgres) -> Fresh:
    """`fresh("sqlite")`: the address of one more empty database with all tables."""
    made: list[str] = []

    def make(kind: str) -> str:
        made.append(kind)
        if kind == "postgres":
            return postgres_server.create(f"bench_{id(made)}_{len(made)}", TEMPLATE)
        path = tmp_path / f"bench-{len(made)}.sqlite3"
        copy_sqlite(sqlite_template, path)
        return f"sqlite:///{path}"

    return make
