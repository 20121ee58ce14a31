"""The leader's page with a small plan and a large one: the same queries, whatever the rows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.big_plan import FIRST, STARTED, fill
from bench.databases import KINDS, Fresh
from bench.report import table, write
from planner.app import create_app
from planner.domain.actor import Role, command
from planner.models import RuleSet
from planner.runtime import Runtime
from planner.services.accounts import AccountForm, add_user
from planner.services.passwords import new_password
from tests.support.cast import PASSWORD, opened
from tests.support.pages import Client, new_client
from tests.support.queries import counting
from tests.test_reminders import DATA

SIZES = (1_000, 100_000)


def county(runtime: Runtime, size: int) -> Client:
    """A plan of that size, and a leader who logged in."""
    engine = runtime.sessions.engine
    with engine.begin() as connection:
        fill(connection, size)
        rules = {"plan_id": 1, "kind": "reminders", "version": 1, "data": DATA, "digest": "x"}
        connection.execute(insert(RuleSet), [{**rules, "on": FIRST, "at": STARTED}])
    with Session(engine) as db:
        form = AccountForm("县长", frozenset({Role.LEADER}), None)
        password = new_password(PASSWORD, "", demo=True)
        add_user(db, command("bench"), runtime.clock(), "leader", form, password)
        db.commit()
    app = create_app(runtime)
    app.testing = True
    app.test_client_class = Client
    client = new_client(app, "zh")
    assert client.send("/login", username="leader", password=PASSWORD).status_code == 303
    return client


def look(client: Client) -> tuple[int, float, int]:
    """Queries, seconds and kilobytes of the page, once it is warm."""
    assert client.get("/scorecard").status_code == 200
    began = time.perf_counter()
    with counting() as asked:
        page = client.get("/scorecard")
    return len(asked), time.perf_counter() - began, len(page.data) // 1024


@pytest.mark.parametrize("kind", KINDS)
def test_the_leaders_page_asks_the_same_queries_of_100_000_assignments(
    kind: str, fresh: Fresh, tmp_path: Path
) -> None:
    looks = {}
    for size in SIZES:
        with opened(fresh(kind), tmp_path / f"{kind}-{size}") as runtime:
            looks[size] = look(county(runtime, size))
    write(
        f"leader-{kind}",
        f"The leader's page, 300 units, {KINDS[kind]}",
        "make bench",
        table(
            ("assignments", "queries", "seconds", "kB"),
            [
                (f"{size:,}", queries, f"{seconds:.2f}", kilobytes)
                for size, (queries, seconds, kilobytes) in looks.items()
            ],
        ),
    )
    assert len({queries for queries, _, _ in looks.values()}) == 1
