"""Databases for tests: each test gets its own copy of a template that has all tables."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from planner.db import Sessions, make_engine
from tests.support.postgres import Postgres, running
from tests.support.schema import build_schema

TEMPLATE = "planner_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables. Copy it with `copy_sqlite`, never write to it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _build(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A running PostgreSQL with a template database that has all tables."""
    with running() as server:
        _build(server.create(TEMPLATE))
        yield server


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a SQLite database of this test's own, with all tables, empty."""
    path = tmp_path / "planner.sqlite3"
    copy_sqlite(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The address of a PostgreSQL database of this test's own, with all tables, empty."""
    name = f"planner_{next(_numbers)}"
    yield postgres_server.create(name, TEMPLATE)
    postgres_server.drop(name)


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice: with the address of either database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """The test runs twice: with sessions of either database."""
    yield from _sessions(database_url)


@pytest.fixture
def sqlite_sessions(sqlite_url: str) -> Iterator[Sessions]:
    """Sessions of SQLite alone, for a rule that no database can bend."""
    yield from _sessions(sqlite_url)


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a SQLite database, about a millisecond long."""
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        origin.backup(copy)


def _build(url: str) -> None:
    engine = make_engine(url)
    try:
        build_schema(engine)
    finally:
        engine.dispose()


def _sessions(url: str) -> Iterator[Sessions]:
    engine = make_engine(url)
    yield Sessions(engine)
    engine.dispose()
