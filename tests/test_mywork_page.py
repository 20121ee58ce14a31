"""My work by role. Every number opens the list that it counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from planner.domain.actor import Role
from planner.domain.words import Cause, ReturnKind
from planner.models import Assignment, SentForm, Target, UserRole
from planner.services import breakdown, reviewing, steering, tasks
from planner.services.my_work import my_work
from planner.services.reviewing import ReturnForm
from planner.services.steering import CancelForm
from planner.services.task_list import list_page
from planner.services.tasks import RowForm
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.pages import Client, LogIn, links_of, text_of
from tests.support.verbs import accept, last_entry, start, submit

Counting = Callable[[], AbstractContextManager[list[str]]]
LATER = date(2024, 12, 23)


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Something in every state: returned, waiting, unsigned, overdue, a draft, one asked for."""
    start(cast, cast.edu_row)
    submit(cast, cast.edu_row)
    rework = ReturnForm(ReturnKind.AMEND, "缺少验收签字页。", date(2024, 10, 22))
    cast.do(reviewing.return_, "coordinator", cast.edu_row, rework)
    start(cast, cast.health_row, "health")
    submit(cast, cast.health_row, liaison="health")
    start(cast, cast.charger_node)
    start(cast, cast.lead_row, "coordinator")
    submit(cast, cast.lead_row, liaison="coordinator")
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    cast.do(tasks.add_rows, "coordinator", cast.standard, RowForm("待定。", (), date(2025, 1, 31)))
    cancel = CancelForm("职能调整。", Cause.CHANGE_OF_DUTIES, "〔2024〕9号")
    cast.do_on(LATER, steering.cancel, "coordinator", cast.charger_node, cancel)
    return cast


@pytest.mark.parametrize("username", ["edu", "edu-head", "health", "coordinator", "supervisor"])
@pytest.mark.parametrize("today", [TODAY, LATER, date(2025, 12, 1)])
def test_every_number_is_the_length_of_the_list_behind_it(
    busy: Cast, username: str, today: date
) -> None:
    who, clock = busy.actor(username), busy.clock(today)
    with busy.reading() as db:
        work = my_work(db, who, clock)
        parts = [part for part in (work.owed, work.led, work.supervised) if part]
        counted = [(tile.label.msgid, tile.wanted, tile.number) for p in parts for tile in p.tiles]
        for part in (work.led, work.supervised):
            if part:
                counted += [(c.unit.name, c.wanted, c.number) for c in part.overdue]
        assert counted
        for label, wanted, number in counted:
            assert list_page(db, who, clock, wanted, 1).total == number, label


def test_every_tile_leads_to_its_list(busy: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    tiles = re.findall(
        r'<a class="tile[^"]*" href="([^"]+)"><span class="tile-number">(\d+)<',
        client.get("/").text,
    )
    assert len(tiles) == 14
    assert sum(int(number) for _, number in tiles) > 5
    for address, number in tiles:
        words = text_of(client.get(address.replace("&amp;", "&")))
        assert re.search(rf" of {number}\b" if number != "0" else "Nothing matches", words)


def _tiles(cast: Cast, username: str, part: str, today: date = TODAY) -> dict[str, int]:
    with cast.reading() as db:
        work = my_work(db, cast.actor(username), cast.clock(today))
    return {tile.label.msgid: tile.number for tile in getattr(work, part).tiles}


def test_a_liaison_sees_what_the_unit_owes(busy: Cast, client_of: LogIn) -> None:
    words = text_of(client_of("edu").get("/"))
    assert "缺少验收签字页。" in words
    assert "Hand in again by 22 October 2024" in words
    assert "建成充电桩3个以上。" in words
    assert "Waiting for my review" not in words
    numbers = _tiles(busy, "edu", "owed")
    assert (numbers["Returned"], numbers["Waiting for review"], numbers["Overdue"]) == (1, 0, 0)
    assert _tiles(busy, "health", "owed")["Waiting for review"] == 1


def test_a_coordinator_sees_queue_gaps_and_drafts(busy: Cast, client_of: LogIn) -> None:
    words = text_of(client_of("coordinator").get("/"))
    assert "waits for 0 working days" in words
    assert "Owed by my unit" in words
    numbers = _tiles(busy, "coordinator", "led", LATER)
    assert numbers == {
        "Waiting for my review": 1,
        "Overdue": 3,
        "Not yet signed for": 1,
        "Not yet broken down for %(year)s": 0,
        "Drafts to issue": 1,
        "Drafts without unit": 1,
        "Unit groups without members": 0,
        "Waiting for consent": 1,
    }


def test_the_oldest_round_waits_first(busy: Cast) -> None:
    start(busy, busy.charger_row)
    submit(busy, busy.charger_row, "3", day=TODAY - timedelta(days=0))
    with busy.reading() as db:
        work = my_work(db, busy.actor("coordinator"), busy.clock(date(2024, 10, 22)))
    assert work.led is not None
    assert [each.submission.assignment_id for each in work.led.waiting] == [
        busy.health_row,
        busy.charger_row,
    ]
    assert [each.days for each in work.led.waiting] == [5, 5]


def test_a_supervisor_sees_what_the_lead_owes_and_what_was_asked(
    busy: Cast, client_of: LogIn
) -> None:
    words = text_of(client_of("supervisor").get("/"))
    assert "建成能耗监管平台。" in words
    assert "职能调整。" in words
    assert _tiles(busy, "supervisor", "supervised")["Waiting for my review"] == 1
    assert "Owed by my unit" not in words


@pytest.mark.parametrize(
    ("username", "target"),
    [("leader", "/scorecard"), ("auditor", "/journal"), ("admin", "/users")],
)
def test_others_land_on_their_own_page(
    cast: Cast, client_of: LogIn, username: str, target: str
) -> None:
    answer = client_of(username).get("/")
    assert (answer.status_code, answer.location) == (302, target)


def test_who_has_two_roles_sees_both_parts(busy: Cast, client_of: LogIn) -> None:
    with busy.runtime.sessions.writing() as db:
        db.add(UserRole(user_id=busy.users["edu"], role=Role.SUPERVISOR))
        db.add(UserRole(user_id=busy.users["edu"], role=Role.AUDITOR))
        db.commit()
    words = text_of(client_of("edu").get("/"))
    assert "Owed by my unit" in words
    assert "Waiting for my consent" in words


@pytest.mark.parametrize(
    ("today", "soon", "overdue"),
    [
        (date(2024, 11, 8), 0, 0),
        (date(2024, 11, 10), 2, 0),
        (date(2024, 12, 10), 2, 0),
        (date(2024, 12, 11), 0, 2),
    ],
)
def test_due_soon_and_overdue_never_count_the_same(
    cast: Cast, today: date, soon: int, overdue: int
) -> None:
    """Both are due on Tuesday, 10 December 2024."""
    start(cast, cast.edu_row)
    start(cast, cast.charger_node)
    numbers = _tiles(cast, "edu", "owed", today)
    assert (numbers["Due within %(days)s days"], numbers["Overdue"]) == (soon, overdue)


def test_an_accepted_assignment_is_counted_in_its_year(busy: Cast) -> None:
    accept(busy, busy.health_row)
    assert _tiles(busy, "health", "owed")["Accepted within %(year)s"] == 1
    assert _tiles(busy, "health", "owed", date(2025, 1, 2))["Accepted within %(year)s"] == 0


def _issue(client: Client, *drafts: str) -> tuple[int, str]:
    answer = client.send("/", action="/tasks/issue", draft=list(drafts))
    return answer.status_code, text_of(answer)


def test_chosen_drafts_are_issued_together(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    status, _ = _issue(client, f"{cast.edu_row}.1", f"{cast.health_row}.1")
    assert status == 303
    assert "Issued: 2." in text_of(client.get("/"))
    with cast.reading() as db:
        issued = db.scalars(select(Assignment.id).where(Assignment.state == "issued")).all()
    assert set(issued) == {cast.edu_row, cast.health_row}


def test_one_that_cannot_be_issued_is_named_and_stops_no_other(
    cast: Cast, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    cast.do(breakdown.issue, "coordinator", cast.health_row)
    drafts = [f"{cast.health_row}.1", f"{cast.edu_row}.1", f"{cast.lead_row}.1"]
    status, words = _issue(client, *drafts)
    assert status == 422
    assert "Issued: 2." in words
    assert "“1.1 开展节约型机关创建。” was not issued: Somebody acted on this" in words
    with cast.reading() as db:
        states = [db.get_one(Assignment, each).state for each in (cast.edu_row, cast.lead_row)]
    assert states == ["issued", "issued"]


def test_the_same_form_sent_again_goes_on_with_the_rest(cast: Cast, client_of: LogIn) -> None:
    """A double click, or a click after the first stopped half-way."""
    client = client_of("coordinator")
    form = next(form for form in client.forms("/") if "/tasks/issue" in form.action)
    for drafts in ([cast.edu_row], [cast.edu_row, cast.health_row]):
        sent = {**form.values, "draft": [f"{each}.1" for each in drafts]}
        assert client.post(form.action, data=sent).status_code == 303
    assert "Issued: 1." in text_of(client.get("/"))
    assert [last_entry(cast, each).verb for each in (cast.edu_row, cast.health_row)] == [
        "issue",
        "issue",
    ]


def test_the_writer_is_held_for_one_draft_at_a_time(
    cast: Cast, client_of: LogIn, count_queries: Counting
) -> None:
    client = client_of("coordinator")
    with count_queries() as statements:
        _issue(client, f"{cast.edu_row}.1", f"{cast.health_row}.1", f"{cast.lead_row}.1")
    moved = [each for each in statements if each.startswith("UPDATE assignments SET version")]
    assert len(moved) == 3
    with cast.reading() as db:
        tokens = [each for each in db.scalars(select(SentForm.token)) if each[-2] == "-"]
    assert len(tokens) == 3


def test_targets_that_were_not_all_allocated_lead_to_their_tasks(
    cast: Cast, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    assert "Shared targets not fully allocated" not in text_of(client.get("/"))
    with cast.runtime.sessions.writing() as db:
        db.scalars(select(Target)).one().shared = True
        row = db.get_one(Assignment, cast.charger_row)
        row.amount = row.measure = None
        db.commit()
    page = client.get("/")
    assert "Shared targets not fully allocated (1)" in text_of(page)
    assert "1 of 3 个 allocated" in text_of(page)
    assert f"/tasks/{cast.chargers}" in links_of(page)


@pytest.mark.parametrize("draft", ["", "x", "1", "1.x", "².1", "99999999999.1"])
def test_nonsense_is_no_choice(cast: Cast, client_of: LogIn, draft: str) -> None:
    status, words = _issue(client_of("coordinator"), draft)
    assert (status, "Choose at least one draft." in words) == (422, True)


def test_a_draft_that_is_not_there_stops_no_other(cast: Cast, client_of: LogIn) -> None:
    status, words = _issue(client_of("coordinator"), "424242.1", f"{cast.edu_row}.1")
    assert (status, "Issued: 1." in words) == (422, True)
    assert "There is no such page, or it is not for you." in words


def test_the_page_takes_as_many_queries_for_three_times_the_work(
    busy: Cast, client_of: LogIn, count_queries: Counting
) -> None:
    client = client_of("coordinator")
    with count_queries() as few:
        client.get("/")
    both = RowForm("再做一次。", (busy.units[EDU], busy.units[HEALTH]), date(2025, 6, 30))
    for _ in range(4):
        for row in busy.do(tasks.add_rows, "coordinator", busy.standard, both):
            liaison = "edu" if row.unit_id == busy.units[EDU] else "health"
            start(busy, row.id, liaison)
            submit(busy, row.id, liaison=liaison)
    busy.do(tasks.add_rows, "coordinator", busy.standard, both)
    with count_queries() as many:
        client.get("/")
    assert len(many) == len(few)
