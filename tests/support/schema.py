"""The one place where the tests make the tables: by the migrations, as a deployment does."""

from __future__ import annotations

from sqlalchemy import Engine

from planner import migrate


def build_schema(engine: Engine) -> None:
    """Make all tables in an empty database."""
    migrate.upgrade(engine)
