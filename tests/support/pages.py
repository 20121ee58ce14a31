"""Clients that use the pages as a browser without scripts does: read, fill in, send."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from planner.runtime import Runtime
from tests.support.cast import PASSWORD, Cast, worker_ticks

COMPILED: dict[str, bytes] = {}
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"})


@dataclass
class Form:
    """A form of a page, with the values that a browser would send if nothing was typed."""

    method: str
    action: str
    in_main: bool
    values: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class Reader(HTMLParser):
    """Reads a page's forms and the words of its main part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self._select: str | None = None
        self._area: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, fields and links."""
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "form":
            method = given.get("method", "get").lower()
            self.forms.append(Form(method, given.get("action", ""), "main" in self._open))
        elif tag == "a" and "main" in self._open:
            self.links.append(given.get("href", ""))
        elif "form" in self._open and tag in ("input", "select", "textarea", "option", "button"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name = self.forms[-1], given.get("name", "")
        if tag == "option":
            self._option(form, given)
        elif name:
            form.names.add(name)
            if tag == "select":
                self._select = name
            elif tag == "textarea":
                self._area = name
                form.values[name] = ""
            elif tag == "input" and _is_sent(given):
                self._put(form, name, given.get("value", "y"))

    def _option(self, form: Form, given: dict[str, str]) -> None:
        first = self._select is not None and self._select not in form.values
        if self._select and (first or "selected" in given):
            form.values[self._select] = given.get("value", "")

    def _put(self, form: Form, name: str, value: str) -> None:
        held = form.values.get(name)
        if held is None:
            form.values[name] = value
        else:
            form.values[name] = [*(held if isinstance(held, list) else [held]), value]

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag in ("select", "textarea"):
            self._select = self._area = None
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note the words of the main part."""
        if self._area:
            self.forms[-1].values[self._area] += data
        if "main" in self._open:
            self.words.append(data)


def _is_sent(given: dict[str, str]) -> bool:
    kind = given.get("type", "text")
    if kind in ("checkbox", "radio"):
        return "checked" in given
    return kind not in ("file", "submit", "button")


def text_of(response: TestResponse) -> str:
    """The words of the page's main part, white space made single."""
    return re.sub(r"\s+", " ", " ".join(Reader(response.text).words)).strip()


def links_of(response: TestResponse) -> list[str]:
    """The addresses that the page's main part links to."""
    return Reader(response.text).links


class Client(FlaskClient):
    """A person's browser."""

    def forms(self, path: str) -> list[Form]:
        """The forms of a page."""
        return Reader(self.get(path).text).forms

    def send(self, path: str, *, action: str | None = None, **typed: Any) -> TestResponse:
        """Open a page, fill in a form of its main part and send it; the answer, not followed.

        It is the first POST form whose address contains `action`, and that has all typed fields
        (buttons count as fields). A value of None leaves the field out.
        """
        for form in self.forms(path):
            wanted = form.in_main if action is None else action in form.action
            if form.method == "post" and wanted and form.names.issuperset(typed):
                values = {**form.values, **typed}
                sent = {name: value for name, value in values.items() if value is not None}
                return self.post(form.action or path, data=sent)
        raise LookupError(f"{path} has no form {action or ''} with the fields {sorted(typed)}")


LogIn = Callable[..., Client]


class Compiled(BytecodeCache):
    """Templates compiled once in a process; Jinja checks that the source is still the same."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take it from what is compiled."""
        if bucket.key in COMPILED:
            bucket.bytecode_from_string(COMPILED[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        COMPILED[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    """The whole application, with CSRF protection, on the runtime's database."""
    from planner.app import create_app  # noqa: PLC0415  (tests of rules do not need it)

    made = create_app(runtime)
    made.jinja_env.bytecode_cache = Compiled()
    made.testing = True
    made.test_client_class = Client
    return made


@pytest.fixture
def visitor(app: Flask) -> Client:
    """Somebody who has not logged in and reads English."""
    return new_client(app)


@pytest.fixture
def client_of(app: Flask, cast: Cast) -> LogIn:
    """`client_of("edu")`: a client that logged in as one of the cast through the form.

    It reads English; `locale="zh"` makes it read Chinese. The worker ticks.
    """
    worker_ticks(cast.runtime)

    def log_in(username: str, *, locale: str = "en") -> Client:
        assert username in cast.users
        client = new_client(app, locale)
        answer = client.send("/login", username=username, password=PASSWORD)
        assert answer.status_code == 303, text_of(answer)
        return client

    return log_in


def new_client(app: Flask, locale: str = "en") -> Client:
    """A browser without history."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.set_cookie("locale", locale)
    return client
