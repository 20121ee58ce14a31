"""Databases for tests: each test gets its own copy of a template that has all tables.

A test that asks for the `cast` gets a copy of the template in which the cast already is.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from planner.db import Sessions, make_engine
from tests.support.postgres import Postgres, running
from tests.support.schema import build_schema

TEMPLATE = "planner_template"
CAST_TEMPLATE = "planner_cast_template"
PutCast = Callable[[str], None]
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


@pytest.fixture(scope="session")
def sqlite_cast_template(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, put_cast: PutCast
) -> Path:
    """The same with the cast in it."""
    path = tmp_path_factory.mktemp("sqlite") / "cast.sqlite3"
    copy_sqlite(sqlite_template, path)
    put_cast(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_cast_template(postgres_server: Postgres, put_cast: PutCast) -> str:
    """The name of a PostgreSQL template with all tables and the cast."""
    put_cast(postgres_server.create(CAST_TEMPLATE, TEMPLATE))
    return CAST_TEMPLATE


@pytest.fixture
def begins_with_cast(request: pytest.FixtureRequest) -> bool:
    """Whether this test works with the cast, itself or through what it asks for."""
    return "cast" in request.fixturenames


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, begins_with_cast: bool, tmp_path: Path) -> str:
    """The address of a SQLite database of this test's own: all tables, no row but the cast's."""
    template = "sqlite_cast_template" if begins_with_cast else "sqlite_template"
    path = tmp_path / "planner.sqlite3"
    copy_sqlite(request.getfixturevalue(template), path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(
    request: pytest.FixtureRequest, begins_with_cast: bool, postgres_server: Postgres
) -> Iterator[str]:
    """The address of a PostgreSQL database of this test's own: as `sqlite_url`."""
    template = TEMPLATE
    if begins_with_cast:
        template = request.getfixturevalue("postgres_cast_template")
    name = f"planner_{next(_numbers)}"
    yield postgres_server.create(name, template)
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
