"""The review queue: everything that waits, however much it is, and only what the reader decides."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import pytest

from planner.domain.words import Cause
from planner.services import breakdown, handing_in, reviewing, steering
from planner.services.handing_in import SubmissionForm
from planner.services.my_work import my_work
from planner.services.review_queue import MOST_WORDS, QueueFilter, reports_to_confirm
from planner.services.steering import CancelForm
from planner.services.tasks import RowForm, add_rows
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.history import PROOF
from tests.support.pages import Client, LogIn, links_of, text_of

LIAISONS = {EDU: "edu", HEALTH: "health"}
HANDED_IN = date(2024, 9, 27)


def hand_in(cast: Cast, unit: str, count: int, day: date = HANDED_IN) -> list[int]:
    """Rows of a unit that wait for review since that day."""
    made = []
    for number in range(count):
        form = RowForm(f"{unit}的第{number}件事", [cast.units[unit]], date(2024, 12, 20))
        (row,) = cast.do_on(day, add_rows, "coordinator", cast.standard, form)
        made.append(row.id)
        cast.do_on(day, breakdown.issue, "coordinator", row.id)
        cast.do_on(day, handing_in.acknowledge, LIAISONS[unit], row.id)
        done = SubmissionForm("已完成", evidence=PROOF)
        cast.do_on(day, handing_in.submit, LIAISONS[unit], row.id, done)
    return made


def queued(client: Client, query: str = "") -> list[int]:
    """The assignments that the page offers for review, in its order."""
    links = links_of(client.get(f"/review{query}"))
    return [int(link.rsplit("/", 1)[1]) for link in links if re.fullmatch(r"/review/\d+", link)]


def test_every_round_is_reached_and_the_tile_says_how_many(cast: Cast, client_of: LogIn) -> None:
    rows = [*hand_in(cast, EDU, 20), *hand_in(cast, HEALTH, 10)]
    client = client_of("coordinator")
    assert "30 Waiting for my review" in text_of(client.get("/"))
    assert [*queued(client), *queued(client, "?page=2")] == rows
    assert "1–25 of 30" in text_of(client.get("/review"))


def test_my_work_shows_those_that_waited_longest(cast: Cast) -> None:
    late = hand_in(cast, HEALTH, 3, TODAY)
    first = hand_in(cast, EDU, 6)
    with cast.reading() as db:
        led = my_work(db, cast.actor("coordinator"), cast.clock()).led
    assert led is not None
    assert [each.submission.assignment_id for each in led.waiting] == [*first, *late[:2]]


def test_the_queue_is_narrowed_and_sorted(cast: Cast, client_of: LogIn) -> None:
    late, early = hand_in(cast, EDU, 2, TODAY), hand_in(cast, HEALTH, 2)
    client = client_of("coordinator")
    assert queued(client, f"?unit={cast.units[EDU]}") == late
    assert queued(client, "?q=第1件事") == [early[1], late[1]]
    assert queued(client, "?sort=waiting") == [*reversed(late), *reversed(early)]
    assert queued(client, "?sort=-number") == [*reversed(early), *reversed(late)]
    by_unit = [late, early] if EDU < HEALTH else [early, late]
    assert queued(client, "?sort=unit") == [*by_unit[0], *by_unit[1]]
    assert "Nothing matches." in text_of(client.get("/review?q=没有这样的"))


@pytest.mark.parametrize(
    "query", ["sort=soon", "sort=--unit", "unit=x&page=-3", "page=999", "q=%00"]
)
def test_nonsense_in_the_address_is_ignored(cast: Cast, client_of: LogIn, query: str) -> None:
    rows = hand_in(cast, EDU, 2)
    assert queued(client_of("coordinator"), f"?{query}") == rows


def test_many_words_are_no_strain(cast: Cast, client_of: LogIn) -> None:
    rows = hand_in(cast, EDU, 1)
    words = " ".join(["第0件事"] * MOST_WORDS * 2)
    assert queued(client_of("coordinator"), f"?q={words}") == rows


def test_nobody_finds_what_they_do_not_decide(cast: Cast, client_of: LogIn) -> None:
    hand_in(cast, EDU, 2)
    assert queued(client_of("supervisor")) == []


def test_the_export_has_what_the_page_lists(cast: Cast, client_of: LogIn) -> None:
    hand_in(cast, EDU, 2)
    hand_in(cast, HEALTH, 28)
    claim(cast, Decimal(2))
    client = client_of("coordinator")
    rows = list(csv.reader(io.StringIO(client.get("/review.csv").data.decode("utf-8-sig"))))
    assert len(rows) == 1 + 30 + 1
    found = dict(zip(rows[0], rows[1], strict=True))
    assert (found["Unit"], found["Handed in"], found["Round"]) == (EDU, "2024-09-27", "1")
    assert found["Working days waiting"] == "9", "with the days off in October"
    last = dict(zip(rows[0], rows[-1], strict=True))
    assert (last["Claimed amount"], last["Verified"], last["Round"]) == ("2", "0", "")
    narrowed = client.get(f"/review.csv?unit={cast.units[EDU]}").data.decode("utf-8-sig")
    assert len(narrowed.splitlines()) == 1 + 2 + 1
    assert client.get("/review.xlsx").data.startswith(b"PK")


def claim(cast: Cast, amount: Decimal) -> int:
    """A progress report of 县教委's chargers."""
    if cast.version(cast.charger_row) == 1:
        cast.do(breakdown.issue, "coordinator", cast.charger_row)
        cast.do(handing_in.acknowledge, "edu", cast.charger_row)
    form = SubmissionForm("建成一部分", percent=50, amount=amount, evidence=PROOF)
    return cast.do(handing_in.report, "edu", cast.charger_row, form).id


def confirmables(client: Client) -> list[str]:
    """Where the page leads for confirming."""
    return [link for link in links_of(client.get("/review")) if "#confirm-" in link]


def test_reports_with_amounts_to_confirm_are_found_until_they_are_verified(
    cast: Cast, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    assert confirmables(client) == []
    claim(cast, Decimal(1))
    newest = claim(cast, Decimal(2))
    there = f"/assignments/{cast.charger_row}#confirm-{newest}"
    assert confirmables(client) == [there]
    assert f'id="confirm-{newest}"' in client.get(there).text
    cast.do(reviewing.confirm, "coordinator", cast.charger_row, newest, Decimal(1))
    assert confirmables(client) == [there]
    assert "1 / 3" in text_of(client.get("/review"))
    cast.do(reviewing.confirm, "coordinator", cast.charger_row, newest, Decimal(1))
    assert confirmables(client) == []


def test_a_report_without_evidence_is_not_offered(cast: Cast, client_of: LogIn) -> None:
    cast.do(breakdown.issue, "coordinator", cast.charger_row)
    cast.do(handing_in.acknowledge, "edu", cast.charger_row)
    form = SubmissionForm("口头", percent=50, amount=Decimal(1))
    cast.do(handing_in.report, "edu", cast.charger_row, form)
    assert confirmables(client_of("coordinator")) == []


def test_reports_are_offered_to_those_who_may_confirm_them(cast: Cast, client_of: LogIn) -> None:
    claim(cast, Decimal(1))
    assert confirmables(client_of("supervisor")) == []
    with cast.reading() as db:
        for username in ("edu", "leader", "health"):
            found = reports_to_confirm(db, cast.actor(username), cast.clock(), QueueFilter())
            assert not found, username


def test_three_times_the_rounds_ask_no_query_more(
    cast: Cast, client_of: LogIn, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    client = client_of("coordinator")
    hand_in(cast, EDU, 2)
    claim(cast, Decimal(1))
    client.get("/review")
    with count_queries() as few:
        client.get("/review")
    hand_in(cast, EDU, 4)
    hand_in(cast, HEALTH, 4)
    with count_queries() as many:
        client.get("/review")
    assert len(many) == len(few)


def test_what_was_cancelled_while_it_waited_asks_for_no_decision(
    cast: Cast, client_of: LogIn
) -> None:
    (row,) = hand_in(cast, EDU, 1)
    form = CancelForm("职能划出。", Cause.CHANGE_OF_DUTIES, "测试〔2024〕8号")
    cast.do(steering.cancel, "coordinator", row, form)
    client = client_of("coordinator")
    assert queued(client) == []
    text = text_of(client.get(f"/review/{row}"))
    assert "Nothing waits for review here any more." in text
    assert PROOF.links[0] not in text
