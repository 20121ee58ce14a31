"""What a balancer and a person on duty ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text

from planner.app import create_app
from planner.config import load
from planner.domain.workdays import WorkCalendar
from planner.runtime import Runtime
from planner.services.readiness import KEPT_FOR, provisional_years
from tests.support.cast import TODAY, worker_ticks
from tests.support.pages import Client

NOW = datetime(2024, 10, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def test_the_process_answers(visitor: Client) -> None:
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_all_parts_are_ready(visitor: Client, runtime: Runtime) -> None:
    worker_ticks(runtime, 1)
    answer = visitor.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "store": "ok",
        "worker": "ok",
    }


def test_a_late_worker_is_reported_but_people_can_work(visitor: Client, runtime: Runtime) -> None:
    worker_ticks(runtime, 6)
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json["worker"]) == (200, "late")  # type: ignore[index]


def test_a_worker_that_never_ticked_is_reported(visitor: Client) -> None:
    assert visitor.get("/readyz").json["worker"] == "never"  # type: ignore[index]


def test_who_asks_all_the_time_gets_the_answer_of_some_seconds_ago(
    visitor: Client, runtime: Runtime
) -> None:
    """Anybody may ask, and each look writes a file and waits for the disk."""
    with time_machine.travel(NOW, tick=False) as time:
        assert visitor.get("/readyz").json["worker"] == "never"  # type: ignore[index]
        worker_ticks(runtime, 1)
        time.shift(KEPT_FOR - timedelta(seconds=1))
        assert visitor.get("/readyz").json["worker"] == "never"  # type: ignore[index]
        time.shift(timedelta(seconds=1))
        assert visitor.get("/readyz").json["worker"] == "ok"  # type: ignore[index]
        time.shift(-timedelta(hours=1))
        (runtime.settings.var / "evidence" / "tmp").rmdir()
        (runtime.settings.var / "evidence" / "tmp").write_bytes(b"in the way")
        assert visitor.get("/readyz").status_code == 503


def test_provisional_years_are_those_without_a_notice() -> None:
    calendar = WorkCalendar(decreed=frozenset({2024, 2025}))
    assert provisional_years(calendar, TODAY) == []
    assert provisional_years(calendar, date(2025, 1, 1)) == [2026]
    assert provisional_years(calendar, date(2026, 12, 31)) == [2026, 2027]


def test_old_tables_are_not_ready(visitor: Client, runtime: Runtime) -> None:
    with runtime.sessions.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert "planner db upgrade" in answer.json["migrations"]  # type: ignore[index]


def test_a_store_that_cannot_be_written_is_not_ready(visitor: Client, runtime: Runtime) -> None:
    runtime.store.check()
    folder = Path(runtime.settings.var / "evidence")
    (folder / "tmp").rmdir()
    (folder / "tmp").write_bytes(b"in the way")
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["store"] == "the evidence store cannot be written"  # type: ignore[index]


def test_an_unreachable_database_is_not_ready(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    settings = load({"PLANNER_VAR": str(tmp_path), "PLANNER_DATABASE_URL": url})
    app = create_app(Runtime(settings))
    app.testing = True
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["database"] == "the database cannot be reached"  # type: ignore[index]
    assert app.test_client().get("/healthz").status_code == 200
