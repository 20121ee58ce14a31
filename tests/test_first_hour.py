"""What a new installation says to the people who begin with it."""

from __future__ import annotations

from datetime import date

from planner.services import breakdown
from planner.services.task_list import TaskFilter, whole_list
from tests.support.cast import SCHOOL, Cast
from tests.support.history import play
from tests.support.pages import LogIn, text_of


def test_the_coordinator_is_told_the_first_steps_until_something_is_issued(
    cast: Cast, client_of: LogIn
) -> None:
    coordinator = client_of("coordinator")
    assert "First steps" in text_of(coordinator.get("/"))
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    assert "First steps" not in text_of(coordinator.get("/"))


def test_the_administrator_sees_units_that_nobody_can_log_in_for(
    cast: Cast, client_of: LogIn
) -> None:
    words = text_of(client_of("admin").get("/users"))
    said = f"Units without an account, 1: nobody there is told of what is issued. {SCHOOL}"
    assert said in words


def test_issuing_to_a_unit_without_people_does_not_claim_that_they_were_told(
    cast: Cast, client_of: LogIn
) -> None:
    coordinator, path = client_of("coordinator"), f"/assignments/{cast.school_row}"
    coordinator.send(path, action="/issue")
    assert "nobody could be told" in text_of(coordinator.get(path))


def test_what_is_due_next_stands_before_what_is_closed(cast: Cast, client_of: LogIn) -> None:
    play(cast)
    with cast.reading() as db:
        lines = whole_list(db, cast.actor("coordinator"), cast.clock(), TaskFilter())
    closed = [line.assignment.state in ("accepted", "cancelled") for line in lines]
    assert any(closed)
    assert closed == sorted(closed)


def test_a_decision_from_the_queue_leads_back_to_it(cast: Cast, client_of: LogIn) -> None:
    play(cast, until=date(2024, 3, 1))
    coordinator, path = client_of("coordinator"), f"/review/{cast.edu_row}"
    answer = coordinator.send(path, action="/return", reason="缺少盖章页")
    assert answer.headers["Location"] == "/review"
