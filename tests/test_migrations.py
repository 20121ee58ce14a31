"""Migrations: up from nothing, down to nothing, up again; and what they make equals the models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from planner import migrate
from planner.db import Base, make_engine
from planner.models import triggers
from tests.support import verbs
from tests.support.cast import Cast
from tests.support.history import play
from tests.support.postgres import Postgres

Empty = Callable[[str], Engine]


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Empty]:
    """`empty("name")` gives a new database without tables; the test runs with either kind."""
    engines: list[Engine] = []
    server: Postgres | None = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")

    def make(name: str) -> Engine:
        url = server.create(name) if server else f"sqlite:///{tmp_path / name}.sqlite3"
        engines.append(make_engine(url))
        return engines[-1]

    yield make
    for engine in engines:
        name = str(engine.url.database)
        engine.dispose()
        if server:
            server.drop(name)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def facts(engine: Engine) -> dict[str, Any]:
    """All that can be seen of a database's tables, by name."""
    found: dict[str, Any] = {}
    look = inspect(engine)
    for table in look.get_table_names():
        if table == "alembic_version":
            continue
        for column in look.get_columns(table):
            found[f"{table}.{column['name']}"] = (
                str(column["type"]),
                column["nullable"],
                str(column["default"]),
            )
        found[f"{table} pk"] = look.get_pk_constraint(table)["constrained_columns"]
        for kind in ("foreign_keys", "unique_constraints", "check_constraints", "indexes"):
            for thing in getattr(look, f"get_{kind}")(table):
                found[f"{table} {kind} {thing['name']}"] = _plain(thing)
    with engine.connect() as connection:
        found |= triggers.installed(connection)
        found |= dict(_postgres_definitions(connection))
    return found


def _plain(thing: Any) -> Any:
    """Comparable: a partial index's condition is an object that equals only itself."""
    if isinstance(thing, dict):
        return {name: _plain(value) for name, value in thing.items()}
    return thing if isinstance(thing, list | bool | int | None) else " ".join(str(thing).split())


INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
CONSTRAINTS = """
    SELECT conname || ' on ' || conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic_version%'
"""


def _postgres_definitions(connection: Connection) -> Iterator[tuple[str, str]]:
    """PostgreSQL's own words for every index and constraint."""
    if connection.dialect.name == "postgresql":
        for query in (INDEXES, CONSTRAINTS):
            for name, definition in connection.execute(text(query)):
                yield f"definition of {name}", definition


def test_up_down_and_up_again(empty: Empty) -> None:
    engine = empty("up_and_down")
    migrate.upgrade(engine)
    first = facts(engine)
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
    migrate.downgrade(engine, "base")
    assert tables(engine) == {"alembic_version"}
    with engine.connect() as connection:
        assert migrate.current(connection) is None
    migrate.upgrade(engine)
    assert facts(engine) == first


def test_the_migrations_make_what_the_models_describe(empty: Empty) -> None:
    migrated, described = empty("migrated"), empty("described")
    migrate.upgrade(migrated)
    with described.begin() as connection:
        Base.metadata.create_all(connection)
        triggers.install(connection)
    by_migrations, by_models = facts(migrated), facts(described)
    assert len(by_models) > 200
    assert by_migrations == by_models


def test_alembic_finds_nothing_left_to_migrate(empty: Empty) -> None:
    engine = empty("nothing_left")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_unchangeable_table_has_its_triggers(empty: Empty) -> None:
    engine = empty("guarded")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        guarded = {name.removeprefix("keep_") for name in triggers.installed(connection)}
    suffixes = ("_update", "_delete") if engine.dialect.name == "sqlite" else ("", "_whole")
    assert guarded == {name + end for name in triggers.UNCHANGEABLE for end in suffixes}
    assert set(triggers.UNCHANGEABLE) <= tables(engine)


def test_nothing_is_deleted_by_cascade(empty: Empty) -> None:
    """A deleted parent must never take what happened with it."""
    engine = empty("no_cascade")
    migrate.upgrade(engine)
    look = inspect(engine)
    for table in look.get_table_names():
        for key in look.get_foreign_keys(table):
            assert not key["options"].get("ondelete"), key["name"]
    for described in Base.metadata.tables.values():
        assert not [key for key in described.foreign_keys if key.ondelete or key.onupdate]


def test_upgrading_again_changes_nothing_that_is_stored(cast: Cast) -> None:
    play(cast)
    before, engine = verbs.dump(cast), cast.runtime.sessions.engine
    schema = facts(engine)
    migrate.upgrade(engine)
    assert verbs.dump(cast) == before
    assert facts(engine) == schema


def test_a_full_database_can_be_taken_down(cast: Cast) -> None:
    play(cast)
    engine = cast.runtime.sessions.engine
    migrate.downgrade(engine, "base")
    assert tables(engine) == {"alembic_version"}


def test_foreign_keys_are_on_again_after_a_migration(empty: Empty) -> None:
    engine = empty("keys_on")
    migrate.upgrade(engine)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_there_is_one_line_of_migrations() -> None:
    names = sorted(path.stem for path in (migrate.MIGRATIONS / "versions").glob("*.py"))
    assert names
    assert all(name[:8].isdecimal() and name[8] == "_" for name in names)
    assert migrate.head() == names[-1][:8]
