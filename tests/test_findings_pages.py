"""Evidence found untrue on the pages: the forms, the marks, the list."""

from __future__ import annotations

import pytest

from planner.services import findings
from planner.services.findings import FindingForm
from tests.support import verbs
from tests.support.cast import Cast
from tests.support.pages import LogIn, text_of

WHY = "现场与验收文件不符。"
MARK = "Evidence found untrue"


@pytest.fixture
def row(cast: Cast) -> int:
    """The row of 县教委, handed in."""
    verbs.submit(cast, verbs.start(cast, cast.edu_row))
    return cast.edu_row


def newest(cast: Cast, assignment_id: int) -> str:
    return str(verbs.last_entry(cast, assignment_id, "submit").data["submission_id"])


def test_the_coordinator_finds_and_the_supervisor_revokes(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    coordinator, supervisor = client_of("coordinator"), client_of("supervisor")
    page = f"/assignments/{row}"
    made = coordinator.send(page, action="find_untrue", submission_id=newest(cast, row), reason=WHY)
    assert made.status_code == 303
    for client in (coordinator, client_of("edu"), client_of("leader")):
        text = text_of(client.get(page))
        assert MARK in text
        assert WHY in text
    assert "find_untrue" not in coordinator.get(page).text.split("timeline")[0]
    supervisor.send(page, action="revoke_finding", reason="经复核属实。")
    text = text_of(coordinator.get(page))
    assert "Revoked" in text
    assert "经复核属实。" in text
    assert verbs.last_entry(cast, row).verb == "revoke_finding"


def test_what_was_typed_stays_where_something_is_missing(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    client = client_of("coordinator")
    page = f"/assignments/{row}"
    refused = client.send(page, action="find_untrue", submission_id="0", reason=WHY)
    assert refused.status_code == 422
    assert WHY in refused.text
    assert "Choose a submission with evidence." in text_of(refused)
    empty = client.send(page, action="find_untrue", submission_id=newest(cast, row), reason="")
    assert empty.status_code == 422
    assert verbs.last_entry(cast, row).verb == "submit"


def test_somebody_who_was_quicker_is_shown_and_nothing_typed_is_lost(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    client = client_of("coordinator")
    page = f"/assignments/{row}"
    form = next(each for each in client.forms(page) if "find_untrue" in each.action)
    made = FindingForm(int(newest(cast, row)), "另有说明。")
    cast.do(findings.find_untrue, "coordinator2", row, made)
    late = client.post(form.action, data={**form.values, "reason": WHY})
    assert late.status_code == 409
    assert WHY in late.text


def test_the_reviewer_finds_it_with_the_proof_in_sight(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    client = client_of("coordinator")
    done = client.send(
        f"/review/{row}", action="find_untrue", submission_id=newest(cast, row), reason=WHY
    )
    assert done.status_code == 303
    text = text_of(client.get(f"/review/{row}"))
    assert WHY in text
    assert "Accept" in text


def test_the_list_is_narrowed_to_it_and_shows_it(cast: Cast, client_of: LogIn, row: int) -> None:
    verbs.start(cast, cast.charger_row)
    client = client_of("coordinator")
    assert "Nothing matches." in text_of(client.get("/tasks?untrue=yes"))
    cast.do(findings.find_untrue, "coordinator", row, FindingForm(int(newest(cast, row)), WHY))
    text = text_of(client.get("/tasks?untrue=yes"))
    assert "1–1 of 1" in text
    assert client.get("/tasks.csv?untrue=yes").text.count("yes") == 1
    assert client.get("/tasks").text.count("bi-exclamation-octagon") == 1
