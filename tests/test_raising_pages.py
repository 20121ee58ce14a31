"""What would raise a score, on the unit's scorecard and on its people's work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from planner.domain.scores.gains import Way
from planner.domain.scores.period import Period
from planner.services import breakdown, handing_in
from planner.services.raising import gains, own_gains
from planner.services.scores import current_scores
from planner.services.tasks import RowForm, add_rows
from tests.support import verbs
from tests.support.cast import EDU, HEALTH, LEAD, TODAY, Cast
from tests.support.pages import LogIn, links_of, text_of

ISSUED, LATE = date(2024, 9, 2), date(2024, 10, 10)
Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def owe(cast: Cast, unit: str = EDU, liaison: str = "edu", due_on: date = LATE) -> int:
    """One more row, signed for."""
    form = RowForm("完成节约型机关验收。", [cast.units[unit]], due_on)
    (row,) = cast.do_on(ISSUED, add_rows, "coordinator", cast.standard, form)
    cast.do_on(ISSUED, breakdown.issue, "coordinator", row.id)
    cast.do_on(ISSUED, handing_in.acknowledge, liaison, row.id)
    return row.id


@pytest.fixture
def owed(cast: Cast) -> list[int]:
    """县教委's: overdue, overdue and waiting for review, not due yet; 县卫生健康委's, overdue."""
    overdue, waiting, later = owe(cast), owe(cast), owe(cast, due_on=date(2024, 12, 20))
    verbs.submit(cast, waiting, day=LATE)
    owe(cast, HEALTH, "health")
    return [overdue, waiting, later]


def test_a_unit_sees_what_would_raise_its_score_the_most_points_first(
    cast: Cast, client_of: LogIn, owed: list[int]
) -> None:
    overdue, waiting, later = owed
    page = client_of("edu").get(f"/scorecard/units/{cast.units[EDU]}")
    text = text_of(page)
    assert text.index("+50.00") < text.index("+47.50")
    assert "With the lead" in text
    linked = [int(link.rpartition("/")[2]) for link in links_of(page) if "/assignments/" in link]
    assert linked[:2] == [waiting, overdue]
    assert later in linked


def test_the_scorecard_of_a_box_promises_nothing(cast: Cast, client_of: LogIn) -> None:
    owe(cast)
    text = text_of(client_of("leader").get(f"/scorecard/boxes/{cast.action}"))
    assert "What would raise it" not in text


def test_where_nothing_would_raise_it_the_page_says_so(cast: Cast, client_of: LogIn) -> None:
    row = owe(cast)
    verbs.submit(cast, row, day=LATE)
    verbs.accept(cast, row, day=TODAY)
    text = text_of(client_of("edu").get(f"/scorecard/units/{cast.units[EDU]}"))
    assert "Nothing would raise it now." in text


@pytest.mark.parametrize("username", ["edu", "edu-head"])
def test_my_work_names_the_first_three(cast: Cast, client_of: LogIn, username: str) -> None:
    rows = [owe(cast, due_on=date(2024, 10, day)) for day in (8, 9, 10, 11)]
    page = client_of(username).get("/")
    text = text_of(page)
    assert "What would raise our score most" in text
    assert text.count("hand it in for completion") == 3
    assert f"/scorecard/units/{cast.units[EDU]}?period=2024#raise" in links_of(page)
    assert len(rows) == 4


def test_my_work_of_who_owes_nothing_promises_nothing(cast: Cast, client_of: LogIn) -> None:
    owe(cast)
    assert "What would raise our score most" not in text_of(client_of("health").get("/"))
    assert "What would raise our score most" not in text_of(client_of("supervisor").get("/"))


def test_the_own_unit_alone_gives_what_the_whole_plan_gives(cast: Cast, owed: list[int]) -> None:
    """My work reads only what the unit owes; its figures must be those of the scorecard."""
    with cast.reading() as db:
        scores = current_scores(db, cast.clock(), Period(2024))
        unit = scores.unit(cast.units[EDU])
        assert unit is not None
        whole = gains(scores, unit).to_date
        own = own_gains(db, cast.actor("edu"), cast.clock(), 99)
    assert own is not None
    assert list(own.first) == list(whole)
    assert [each.way for each in whole] == [Way.WITH_LEAD, Way.HAND_IN]
    assert len(owed) == 3


def test_before_a_plan_and_without_a_unit_there_is_none(cast: Cast) -> None:
    with cast.reading() as db:
        assert own_gains(db, cast.actor("supervisor"), cast.clock(), 3) is None
        lead = own_gains(db, cast.actor("coordinator"), cast.clock(), 3)
    assert lead is not None
    assert (lead.unit_id, lead.first) == (cast.units[LEAD], ())


def test_more_work_asks_no_more_queries(cast: Cast, count_queries: Counting) -> None:
    def queries() -> int:
        with cast.reading() as db, count_queries() as statements:
            own_gains(db, cast.actor("edu"), cast.clock(), 3)
        return len(statements)

    owe(cast)
    few = queries()
    for _ in range(3):
        verbs.submit(cast, owe(cast), day=LATE)
        owe(cast, HEALTH, "health")
    assert queries() == few
