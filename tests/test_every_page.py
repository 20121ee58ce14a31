"""Every page, for everybody, in both languages, on both databases: whole, and proof to nonsense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask

from planner.i18n import Languages
from planner.runtime import Runtime
from tests.support import matrix
from tests.support.cast import PEOPLE, Cast
from tests.support.markup import Markup
from tests.support.pages import Client, LogIn, new_client
from tests.support.stage import Stage, set_stage

FORMATS = {"PDF", "Word", "Excel", "PowerPoint", "OFD", "CSV", "SHA", "kB", "MB"}
DATA = {"https", "example", "org", "proof", "pdf", "departments", "lead"}
KNOWN = frozenset({"planner", "English"} | FORMATS | DATA).union(
    *(username.split("-") for username in PEOPLE)
)
"""Latin words that stand on Chinese pages with good reason."""

MORE = {
    "coordinator": (
        "/tasks/urge?assignment={in_progress}",
        "/slips?q=x",
        "/assessments/{publicised}?revision=1",
        "/assessments/{publicised}/units/{edu}?revision=1",
        "/tasks/extend?state=in_progress&unit={edu}",
        "/adjustments?show=mine&sort=unit",
        "/assignments/{asked}/sheet?request={request}",
        "/plan?open=all",
        "/tasks?unit={edu}&state=issued&sort=-due&overdue=no",
        "/tasks?untrue=yes",
        "/indicators?sort=-light&kind=binding&q=能耗",
        "/indicators/{foreign_indicator}",
    ),
    "liaison": (
        "/adjustments?show=open&q=x",
        "/plan?open=all",
        "/inbox?show=unread",
        "/scorecard?period=plan",
    ),
    "supervisor": ("/reports?view=matrix&sort=unit&state=open", "/coordination?show=all&q=x"),
    "head": ("/assignments/{issued}?period=2024-Q3", "/reports?whose=own&waiting=yes"),
    "leader": (
        "/scorecard?period=2023",
        "/scorecard?period=plan&heat=pace",
        "/scorecard/units/{edu}?period=plan",
        "/scorecard/boxes/{action}?period=2025",
        "/scorecard/tasks/{task}?period=plan",
        *(
            f"/scorecard/meeting?period=plan&view={view}"
            for view in ("units", "heat", "targets", "indicators", "overdue", "missed")
        ),
        "/tasks?q=没有",
    ),
    "auditor": ("/journal?verb=accept&q=x", "/journal?from=2024-01-01&to=2024-02-28"),
    "admin": ("/users?role=liaison&sort=-name&active=yes", "/units?q=教&group=departments"),
}
REFUSED = ("/journal", "/users", "/assignments/{nowhere}", "/nowhere")

PARAMETERS = {
    *("page", "q", "sort", "period", "unit", "group", "role", "active", "show", "open", "verb"),
    *("person", "from", "to", "counted", "action", "task", "year", "state", "part", "origin"),
    *("light", "forecast"),
    *("assignment", "slip", "unanswered", "kind", "submission", "request", "ending", "_scheme"),
    *(
        "view",
        "whose",
        "waiting",
        "report",
        "draft",
        "undivided",
        "accepted",
        "overdue",
        "returned",
        "review",
        "untrue",
        "width",
        "next",
        "revision",
        "a",
        "b",
        "due-in",
        "heat",
        "every",
    ),
}
FOR_DATABASES = ("-1", "9" * 40, "²", "a\x00b", "%_\\'\";--", "0001-01-01")
"""What one database may hold that another does not."""

NONSENSE = (
    "-1",
    "999999999999",
    "9" * 40,
    "x",
    "💥",
    "²",
    "a\x00b",
    "%_\\'\";--",
    "长" * 5000,
    "0001-01-01",
    "9999-12-31",
)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


@pytest.fixture
def stage(cast: Cast) -> Stage:
    """Something in every state."""
    return set_stage(cast)


@pytest.fixture
def strict(runtime: Runtime) -> None:
    """A sentence without translation fails."""
    vars(runtime)["languages"] = Languages(strict=True)


def addresses(stage: Stage, role: str) -> Iterator[str]:
    """Every page of this role, files left out."""
    for address in (*matrix.shown_to(role), *MORE.get(role, ())):
        if not address.startswith(("/static", "/bootstrap")):
            yield stage.at(address)


def look(client: Client, path: str, locale: str) -> Iterator[str]:
    """What is wrong with the page behind an address."""
    response = client.get(path, buffered=True)
    if response.mimetype != "text/html":
        return
    page = Markup(response.text)
    if page.language != {"zh": "zh-CN", "en": "en"}[locale]:
        yield f"{path}: in {page.language}"
    yield from (f"{path}: {fault}" for fault in page.faults())
    if locale == "zh" and (english := page.latin(KNOWN)):
        yield f"{path}: still in English: {sorted(english)}"


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_page_is_whole_and_in_one_language(
    stage: Stage, client_of: LogIn, app: Flask, locale: str
) -> None:
    wrong = list(look(new_client(app, locale), "/login", locale))
    for role, username in matrix.PEOPLE.items():
        client = client_of(username, locale=locale)
        refused = [stage.at(path) for path in REFUSED]
        for path in [*addresses(stage, role), *refused]:
            wrong += [f"{role}: {fault}" for fault in look(client, path, locale)]
    assert not wrong, "\n".join(wrong)


def test_nonsense_in_an_address_is_never_a_failure(
    cast: Cast, stage: Stage, client_of: LogIn
) -> None:
    """Nonsense is left out, or the page is none; the server never stumbles over it."""
    on_sqlite = cast.runtime.settings.database_url.startswith("sqlite")
    clients = {role: client_of(username) for role, username in matrix.PEOPLE.items()}
    for role, address in matrix.one_of_each().values():
        path = stage.at(address)
        for value in NONSENSE if on_sqlite else FOR_DATABASES:
            query = urlencode(dict.fromkeys(PARAMETERS, value))
            answer = clients[role].get(f"{path}?{query}", buffered=True)
            assert answer.status_code in (200, 404), f"{path} with {value[:20]!r}"


HUGE = ("999999999", "9223372036854775808", "9" * 60, "٣", "-1")


def test_a_number_that_nothing_has_is_not_found(cast: Cast, client_of: LogIn) -> None:
    people = {role: client_of(role) for role in ("coordinator", "admin")}
    tokens = {role: each.forms("/profile")[0].values for role, each in people.items()}
    for row in matrix.rows():
        role = "admin" if row["admin"] in ("200", "303", "422") else "coordinator"
        data = tokens[role] if row["method"] == "POST" else None
        for number in HUGE if "{" in row["address"] else ():
            path = re.sub(r"{\w+}", number, row["address"])
            answer = people[role].open(path, method=row["method"], data=data)
            assert answer.status_code in (403, 404), path


BIG, NUL = "9" * 30, "a\x00b"
DUE = {"due_on": "2025-01-02"}
SENT = [
    ("visitor", "/login", "/login", {"username": NUL, "password": NUL}),
    ("admin", "/units/add", "/units/add", {"name": NUL}),
    ("admin", "/units/add", "/units/add", {"name": "好", "superior_id": BIG}),
    ("coordinator", "/tasks/new", "/tasks/new", {"action_id": BIG}),
    ("coordinator", "/assignments/{in_progress}", "/break_down", {**DUE, "year": BIG}),
    ("coordinator", "/assignments/{issued}", "/reassign", {**DUE, "unit_id": BIG, "reason": "x"}),
    ("coordinator", "/assignments/{in_progress}", "/confirm", {"submission_id": "x"}),
    ("coordinator", "/assignments/{in_progress}", "/confirm", {"submission_id": BIG}),
    ("coordinator", "/review/{submitted}", "/accept", {"ticked": BIG}),
    ("liaison", "/assignments/{in_progress}", "/report", {"percent": BIG}),
    ("liaison", "/assignments/{in_progress}", "/submit", {"tokens": NUL}),
    ("liaison", "/assignments/{in_progress}", "/submit", {"cited": BIG}),
    ("liaison", "/assignments/{in_progress}", "/report", {"form_token": "长" * 5000}),
    ("liaison", "/assignments/{in_progress}", "/submit", {"seen": BIG}),
]


def test_nonsense_in_a_form_is_never_a_failure(
    stage: Stage, client_of: LogIn, visitor: Client
) -> None:
    """Fields that a browser does not let people fill in like that."""
    clients = {role: client_of(matrix.PEOPLE[role]) for role in ("coordinator", "liaison", "admin")}
    clients["visitor"] = visitor
    for role, page, action, typed in SENT:
        path = stage.at(page)
        form = next(
            each
            for each in clients[role].forms(path)
            if each.in_main and each.method == "post" and action in (each.action or path)
        )
        text = {"text": "字", "amount": "1", "links": "https://example.org/a", "percent": "1"}
        data = {**form.values, **text, **typed}
        answer = clients[role].post(form.action or path, data=data)
        assert answer.status_code in (303, 400, 404, 409, 422), f"{action} with {typed}"
