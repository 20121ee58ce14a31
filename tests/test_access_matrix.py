"""Every route, method and role against the matrix that was written by hand from the design.

tests/data/access.csv says for each endpoint and method, at an address on the stage, what each role
is answered: a status, or `login` for being sent there, or shown the way with what was typed. POSTs
carry a valid CSRF token and nothing else: 422 (or 303, where a button is all) means that the person
may, 403 or 404 that they may not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.cast import Cast
from tests.support.databases import copy_sqlite
from tests.support.matrix import PEOPLE, ROLES, rows
from tests.support.pages import Client, LogIn, new_client
from tests.support.stage import Stage, set_stage

ROWS = rows()
AUTOMATIC = {"HEAD", "OPTIONS"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
SESSION = "session"
MAY_NOT = {"403", "404", "login"}


@dataclass
class Visit:
    """The whole application with somebody of every role at the door."""

    stage: Stage
    clients: dict[str, Client]
    tokens: dict[str, str]
    database: Path
    kept: Path
    watcher: sqlite3.Connection

    def ask(self, role: str, method: str, address: str, **fields: str) -> TestResponse:
        """One request; what it changed can be taken back with `restore`."""
        client, path = self.clients[role], self.stage.at(address)
        more: dict[str, Any] = {"data": fields} if method == "POST" else {}
        return client.open(path, method=method, buffered=True, **more)

    def post(self, role: str, address: str) -> TestResponse:
        """A POST with nothing but its CSRF token."""
        return self.ask(role, "POST", address, csrf_token=self.tokens[role])

    def commits(self) -> int:
        """A number that moves with everything that anybody writes into the database."""
        number: int = self.watcher.execute("PRAGMA data_version").fetchone()[0]
        return number

    def restore(self, role: str) -> None:
        """Everything as it was before, the person logged in again."""
        copy_sqlite(self.kept, self.database)
        self.clients[role].set_cookie(SESSION, self.cookies[role])

    def __post_init__(self) -> None:
        self.cookies = {role: _session_of(client) for role, client in self.clients.items()}


def _session_of(client: Client) -> str:
    cookie = client.get_cookie(SESSION)
    assert cookie is not None
    return cookie.value


@pytest.fixture
def visit(app: Flask, cast: Cast, client_of: LogIn, tmp_path: Path) -> Iterator[Visit]:
    """Eight people who logged in and a visitor, before the stage."""
    clients = {role: client_of(username) for role, username in PEOPLE.items()}
    clients["visitor"] = new_client(app)
    stage = set_stage(cast)
    tokens = {
        role: client.forms("/login" if role == "visitor" else "/profile")[0].values["csrf_token"]
        for role, client in clients.items()
    }
    database, kept = tmp_path / "planner.sqlite3", tmp_path / "kept.sqlite3"
    copy_sqlite(database, kept)
    with closing(sqlite3.connect(database)) as watcher:
        yield Visit(stage, clients, tokens, database, kept, watcher)


def answered(response: TestResponse) -> str:
    """The answer in the matrix's words."""
    if response.status_code == 302 and response.location.startswith("/login"):
        return "login"
    if response.status_code == 401 and 'href="/login?next=' in response.text:
        return "login"
    return str(response.status_code)


def differing(row: dict[str, str], role: str, found: str) -> Iterator[str]:
    """What does not stand in the matrix."""
    if row[role] != found:
        yield f"{row['method']} {row['address']} as {role}: {found}, not {row[role]}"


def rules(app: Flask) -> set[tuple[str, str]]:
    """Every endpoint and method that the application answers."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - AUTOMATIC
    }


def test_the_matrix_lists_every_endpoint_and_method_and_no_other(app: Flask) -> None:
    assert rules(app) == {(row["endpoint"], row["method"]) for row in ROWS}


def test_each_address_of_the_matrix_leads_to_its_endpoint(app: Flask, visit: Visit) -> None:
    urls = app.url_map.bind("localhost")
    for row in ROWS:
        found = urls.match(visit.stage.at(row["address"]), method=row["method"])
        assert found[0] == row["endpoint"]


def test_each_role_is_shown_what_the_matrix_says(visit: Visit) -> None:
    """Looking changes nothing, whoever looks; HEAD is answered like GET."""
    wrong: list[str] = []
    before = visit.commits()
    for row in ROWS:
        for role in ROLES if row["method"] == "GET" else ():
            wrong += differing(row, role, answered(visit.ask(role, "GET", row["address"])))
            if role in ("visitor", "liaison", "admin"):
                wrong += differing(row, role, answered(visit.ask(role, "HEAD", row["address"])))
    assert not wrong, "\n".join(wrong)
    assert visit.commits() == before


def test_each_role_may_do_what_the_matrix_says(visit: Visit) -> None:
    """Only a 303 may have changed anything."""
    wrong: list[str] = []
    before = visit.commits()
    for row in ROWS:
        for role in ROLES if row["method"] == "POST" else ():
            found = answered(visit.post(role, row["address"]))
            wrong += differing(row, role, found)
            if found == "303":
                visit.restore(role)
                before = visit.commits()
            elif visit.commits() != before:
                wrong.append(f"POST {row['address']} as {role}: {found}, but it wrote something")
                before = visit.commits()
    assert not wrong, "\n".join(wrong)


def test_nothing_is_done_without_a_csrf_token(visit: Visit) -> None:
    before = visit.commits()
    for row in ROWS:
        for role in ROLES if row["method"] == "POST" else ():
            if row[role] not in MAY_NOT:
                response = visit.ask(role, "POST", row["address"])
                assert response.status_code == 400, f"{row['address']} as {role}"
    assert visit.commits() == before


def test_a_forged_token_and_somebody_elses_are_none(visit: Visit) -> None:
    for token in ("forged", visit.tokens["outsider"]):
        address = "/assignments/{issued}/acknowledge"
        assert visit.ask("liaison", "POST", address, csrf_token=token).status_code == 400


def test_other_methods_are_refused(app: Flask, visit: Visit) -> None:
    """405 before it matters who asks; who only looks is led to a page."""
    wrong, urls = [], app.url_map.bind("localhost")
    for row in {row["endpoint"]: row for row in ROWS}.values():
        path = visit.stage.at(row["address"])
        for method in METHODS - {"GET"} - set(urls.allowed_methods(path)):
            found = visit.ask("visitor", method, row["address"]).status_code
            if found != 405:
                wrong.append(f"{method} {path}: {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_address_of_a_form_leads_to_a_page_when_it_is_opened(
    app: Flask, visit: Visit, method: str
) -> None:
    """After a refusal it stands in the browser's address bar, and somebody presses reload."""
    before, urls = visit.commits(), app.url_map.bind("localhost")
    for row in ROWS:
        path = visit.stage.at(row["address"])
        if row["method"] == "POST" and "GET" not in urls.allowed_methods(path):
            answer = visit.ask("visitor", method, row["address"])
            assert answer.status_code == 303, path
            assert path.startswith(answer.location), path
            assert urls.match(answer.location, method="GET"), path
    assert visit.commits() == before


@pytest.mark.parametrize(
    "path", ["/nowhere", "/tasks.exe", "/tasks/-1", "/tasks/1.0", "/static/../wsgi.py", "/tasks/"]
)
def test_what_is_no_address_is_not_found_by_anybody(visit: Visit, path: str) -> None:
    for role in ROLES:
        assert visit.ask(role, "GET", path).status_code == 404, role
