"""Triggers that keep history unchangeable, for SQLite and PostgreSQL, made from one list.

They are installed after every migration, because Alembic's batch mode drops those of a table
that it rebuilds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, inspect, text

DECISION = frozenset({"outcome", "decided_by_id", "decided_on", "decided_at", "decision_reason"})

UNCHANGEABLE: Mapping[str, frozenset[str]] = {
    "journal": frozenset(),
    "due_revisions": frozenset(),
    "reviews": frozenset(),
    "evidence": frozenset(),
    "urges": frozenset(),
    "rule_sets": frozenset(),
    "rollups": frozenset(),
    "reminders": frozenset(),
    "submissions": frozenset({"withdrawn_on", "withdrawn_at"}),
    "portions": frozenset({"withdrawn_on", "withdrawn_at", "withdrawn_reason", "withdrawn_by_id"}),
    "requests": DECISION | {"granted"},
    "sign_offs": DECISION,
    "suspensions": frozenset({"ended_on", "ended_at"}),
    "amount_revisions": frozenset(),
    "slips": frozenset(),
    "urge_answers": frozenset(),
    "reports": frozenset({"submission_id", "handed_in_on"}),
    "settlements": frozenset(),
    "calendar_days": frozenset(),
    "untrue_findings": frozenset({"revoked_on", "revoked_at", "revoked_by_id", "revoked_reason"}),
    "indicator_readings": DECISION,
    "confirmed_bases": frozenset(),
    "assessment_steps": frozenset(),
    "self_assessments": frozenset(),
    "remarks": frozenset(),
    "snapshots": frozenset(),
    "unit_results": frozenset(),
    "appeals": DECISION | {"points"},
}
"""Table to the columns that may be filled in once; rows are never deleted."""


def install(connection: Connection) -> None:
    """Drop and create the triggers of every listed table that exists."""
    tables = set(inspect(connection).get_table_names())
    for table in sorted(UNCHANGEABLE):
        if table in tables:
            columns = [column["name"] for column in inspect(connection).get_columns(table)]
            for statement in _statements(connection.dialect.name, table, columns):
                connection.execute(text(statement))


def installed(connection: Connection) -> dict[str, str]:
    """Name to definition of the triggers that the database holds, to compare two databases."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
    else:
        rows = connection.execute(
            text(
                "SELECT t.tgname, pg_get_triggerdef(t.oid) || pg_get_functiondef(t.tgfoid)"
                " FROM pg_trigger t WHERE NOT t.tgisinternal"
            )
        )
    return {str(name): str(definition) for name, definition in rows}


def _statements(dialect: str, table: str, columns: list[str]) -> Iterator[str]:
    changed = _changed(dialect, table, columns)
    message = f"rows of {table} are never changed or deleted"
    if dialect == "sqlite":
        for event, condition in (("UPDATE", changed), ("DELETE", "1")):
            name = f"keep_{table}_{event.lower()}"
            yield f"DROP TRIGGER IF EXISTS {name}"
            yield (
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    yield (
        f"CREATE OR REPLACE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF TG_OP <> 'UPDATE' THEN RAISE EXCEPTION '{message}'; END IF; "
        f"IF {changed} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS keep_{table} ON {table}"
    yield (
        f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
    )
    yield f"DROP TRIGGER IF EXISTS keep_{table}_whole ON {table}"
    yield (
        f"CREATE TRIGGER keep_{table}_whole BEFORE TRUNCATE ON {table} "
        f"EXECUTE FUNCTION keep_{table}()"
    )


def _changed(dialect: str, table: str, columns: list[str]) -> str:
    """Whether a column that must stay was changed, or one that is filled once was refilled."""
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    cast = "" if dialect == "sqlite" else "::text"
    once = UNCHANGEABLE[table]
    return " OR ".join(
        f'(OLD."{name}" IS NOT NULL AND OLD."{name}"{cast} {differs} NEW."{name}"{cast})'
        if name in once
        else f'OLD."{name}"{cast} {differs} NEW."{name}"{cast}'
        for name in columns
    )
