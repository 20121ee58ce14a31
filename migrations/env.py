"""Runs the migrations on the connection that planner.migrate hands over."""

from alembic import context
from sqlalchemy import Connection, text

from planner import models
from planner.db import Base, Exact, Instant
from planner.models import triggers

assert models  # importing it makes every table known to Base


def render(kind: str, item: object, _context: object) -> str | bool:
    """Our own column types are written as what the database sees."""
    if kind == "type" and isinstance(item, Exact):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Foreign keys rest while tables are rebuilt, and are checked before the commit."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.connection.execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        render_item=render,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
            triggers.install(connection)
            if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise RuntimeError(f"the migration broke foreign keys: {broken}")
        connection.commit()
    finally:
        if sqlite:
            connection.rollback()
            connection.connection.execute("PRAGMA foreign_keys = ON")


run(context.config.attributes["connection"])
