"""What a balancer and a person on duty ask."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from planner.app import create_app
from planner.config import load
from planner.models import Heartbeat
from planner.runtime import Runtime
from tests.support.cast import TODAY
from tests.support.pages import Client


def beat(runtime: Runtime, minutes_ago: int) -> None:
    with runtime.sessions.writing() as db:
        at = runtime.clock().now - timedelta(minutes=minutes_ago)
        db.merge(Heartbeat(name="delivery", on=TODAY, at=at))
        db.commit()


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def test_the_process_answers(visitor: Client) -> None:
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_all_parts_are_ready(visitor: Client, runtime: Runtime) -> None:
    beat(runtime, 1)
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
    assert visitor.get("/readyz").json["worker"] == "never"  # type: ignore[index]
    beat(runtime, 6)
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json["worker"]) == (200, "late")  # type: ignore[index]


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
