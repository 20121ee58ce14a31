"""The task list, a task and the form of a new one, as a browser without scripts sees them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from planner.domain.lifecycle import State
from planner.domain.words import Origin, Part
from planner.models import Assignment, Note, Task, User
from planner.services import breakdown, tasks
from planner.services.task_list import TaskFilter
from planner.services.tasks import RowForm
from planner.web.task_filter import read_filter, write_filter
from tests.support.cast import EDU, HEALTH, Cast
from tests.support.pages import LogIn, Reader, links_of, text_of
from tests.support.verbs import start

Counting = Callable[[], AbstractContextManager[list[str]]]

FULL = TaskFilter(
    text="节能 2024",
    task=3,
    unit=1,
    action=2,
    states=frozenset({State.ISSUED, State.DRAFT}),
    overdue=False,
    due_from=date(2024, 1, 1),
    due_to=date(2024, 12, 31),
    year=2024,
    part=Part.SUPPORTING,
    origin=Origin.MEETING,
    whose="family",
    draft="no-unit",
    undivided=0,
    accepted=2023,
    returned=True,
    review=True,
    consent=True,
    report="overdue",
    sort="unit",
    descending=True,
)


@pytest.mark.parametrize("wanted", [TaskFilter(), FULL, TaskFilter(undivided=2024, overdue=True)])
def test_a_filter_survives_its_address(wanted: TaskFilter) -> None:
    pairs = [
        (name, str(value))
        for name, values in write_filter(wanted).items()
        for value in (values if isinstance(values, list) else [values])
    ]
    assert read_filter(MultiDict(pairs)) == wanted


def test_nonsense_in_the_address_is_left_out(cast: Cast, client_of: LogIn) -> None:
    address = (
        "/tasks?unit=abc&action=-1&state=asleep&overdue=maybe&from=2024-13-40&to=%00&year=99999"
        "&part=all&origin=&whose=them&draft=1&undivided=x&sort=-price&page=0x7&returned=1&q=%25"
        "&unit=99999999999999999999"
    )
    answer = client_of("coordinator").get(address)
    assert answer.status_code == 200
    assert "Nothing matches" in text_of(answer)
    assert "1–6 of 6" in text_of(client_of("coordinator").get(address.replace("&q=%25", "")))


def test_the_list_shows_what_is_owed_and_what_narrows_it(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    words = text_of(client.get("/tasks?state=draft&q=充电桩"))
    assert "建成充电桩3个以上。" in words
    assert "0 / 3 个" in words
    assert "Text: 充电桩" in words
    assert "1–2 of 2" in words
    answer = client.get("/tasks?state=draft&q=充电桩")
    assert any(
        link.startswith("/tasks?state=draft") and "q=" not in link for link in links_of(answer)
    )


def test_a_liaison_finds_only_what_was_issued_to_the_own_family(
    cast: Cast, client_of: LogIn
) -> None:
    start(cast, cast.edu_row)
    cast.do(breakdown.issue, "coordinator", cast.health_row)
    assert f"/assignments/{cast.edu_row}" in links_of(client_of("edu").get("/tasks"))
    assert f"/assignments/{cast.health_row}" not in links_of(client_of("edu").get("/tasks"))
    assert text_of(client_of("edu").get("/tasks?state=draft")).count("Nothing matches") == 1


@pytest.mark.parametrize("username", ["auditor", "admin"])
def test_who_does_no_business_sees_no_list(cast: Cast, client_of: LogIn, username: str) -> None:
    client = client_of(username)
    for path in ("/tasks", "/tasks.csv", f"/tasks/{cast.standard}", "/tasks/new"):
        assert client.get(path).status_code == 403


def test_the_list_takes_as_many_queries_for_three_times_the_rows(
    cast: Cast, client_of: LogIn, count_queries: Counting
) -> None:
    client = client_of("coordinator")
    pages = ["/tasks", "/tasks.xlsx", f"/tasks/{cast.standard}", "/tasks?overdue=yes"]
    few = []
    for page in pages:
        with count_queries() as statements:
            assert client.get(page).status_code == 200
        few.append(len(statements))
    for _ in range(6):
        both = RowForm("再做一次。", (cast.units[EDU], cast.units[HEALTH]), date(2025, 6, 30))
        cast.do(tasks.add_rows, "coordinator", cast.standard, both)
    for page, before in zip(pages, few, strict=True):
        with count_queries() as statements:
            client.get(page)
        assert len(statements) == before, page


def test_a_task_shows_its_words_and_its_rows(cast: Cast, client_of: LogIn) -> None:
    with cast.runtime.sessions.writing() as db:
        db.add(Note(task_id=cast.chargers, text="数量未分解。", reading="全部由县教委承担。"))
        db.commit()
    words = text_of(client_of("coordinator").get(f"/tasks/{cast.chargers}"))
    for expected in (
        "建成充电桩3个以上。",
        "≥ 3 个",
        "Node 2024",
        "0 / 1 个",
        "全部由县教委承担。",
    ):
        assert expected in words
    start(cast, cast.charger_row)
    words = text_of(client_of("edu").get(f"/tasks/{cast.chargers}"))
    assert "Node 2024" not in words
    assert "全部由县教委承担。" not in words
    assert "Add a row" not in words


@pytest.mark.parametrize("task_id", ["standard", "platform"])
def test_a_foreign_task_is_not_there(cast: Cast, client_of: LogIn, task_id: str) -> None:
    path = f"/tasks/{getattr(cast, task_id)}"
    assert client_of("health").get(path).status_code == 404
    assert client_of("health").get("/tasks/999999").status_code == 404


def test_a_coordinator_edits_standard_and_proof_list(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    path = f"/tasks/{cast.standard}"
    form = next(form for form in client.forms(path) if "standard" in form.action)
    assert (form.values["proof"].strip(), form.values["optional_proof"].strip()) == (
        "验收文件",
        "现场照片",
    )
    answer = client.send(
        path,
        action="standard",
        completion_standard="通过验收",
        proof="验收单\r\n\r\n 台账 ",
        optional_proof="视频",
        evidence_required=None,
    )
    assert answer.status_code == 303
    words = text_of(client.get(path))
    for expected in ("通过验收", "验收单", "台账", "视频", "can be handed in without evidence"):
        assert expected in words


def test_a_coordinator_adds_rows(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    answer = client.send(
        f"/tasks/{cast.standard}",
        action="rows",
        unit_ids=[str(cast.units[EDU]), str(cast.units[HEALTH])],
        text="新增的一项。",
        due_on="2025-06-30",
        weight="1.5",
    )
    assert answer.status_code == 303
    assert "Drafts added: 2" in text_of(client.get(answer.location))
    with cast.reading() as db:
        made = db.scalars(select(Assignment).where(Assignment.text == "新增的一项。")).all()
        assert {(row.state, row.weight) for row in made} == {("draft", Decimal("1.5"))}


def test_a_refused_row_keeps_what_was_typed(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    answer = client.send(
        f"/tasks/{cast.standard}",
        action="rows",
        unit_ids=[str(cast.units[EDU])],
        text="还没写完的一项。",
        due_on="2031-01-01",
    )
    assert answer.status_code == 422
    assert "还没写完的一项。" in answer.text
    assert "The plan ends on" in text_of(answer)
    assert 'value="2031-01-01"' in answer.text


NEW = {
    "number": "2024-1",
    "sentence": "开展年度节能改造。",
    "origin": "meeting",
    "document_number": "会议纪要〔2024〕5号",
    "text": "完成年度节能改造。",
    "due_on": "2024-12-10",
    "proof": "验收单",
}


def test_a_task_is_added_by_hand(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    answer = client.send("/tasks/new", **NEW, unit_ids=[str(cast.units[EDU])])
    assert answer.status_code == 303
    words = text_of(client.get(answer.location))
    for expected in ("开展年度节能改造。", "Meeting", "会议纪要〔2024〕5号", "验收单", EDU):
        assert expected in words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": "1.1"}, "There is a task 1.1 already."),
        ({"origin": "superior", "document_number": ""}, "number of the document"),
        ({"due_on": "2020-01-01"}, "The plan begins on"),
        ({"due_on": "soon"}, "Not a valid date"),
        ({"method": "proportional"}, "needs its amount"),
        ({"amount": "1e30"}, "too large"),
        ({"unit_ids": None}, "Choose at least one unit."),
        ({"unit_ids": ["999"]}, "There is no such unit."),
        ({"origin": "gossip"}, "Not a valid choice"),
        ({"sentence": "字" * 5001}, "5000"),
    ],
)
def test_bad_input_is_answered_with_a_sentence_and_loses_nothing(
    cast: Cast, client_of: LogIn, typed: dict[str, object], sentence: str
) -> None:
    values = {**NEW, "unit_ids": [str(cast.units[EDU])], **typed}
    answer = client_of("coordinator").send("/tasks/new", **values)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "完成年度节能改造。" in answer.text
    with cast.reading() as db:
        assert db.scalar(select(func.count(Task.id))) == 3


def test_a_double_click_adds_one_task(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    form = next(form for form in client.forms("/tasks/new") if form.in_main)
    sent = {**form.values, **NEW, "unit_ids": str(cast.units[EDU])}
    first, second = (client.post("/tasks/new", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    with cast.reading() as db:
        assert db.scalar(select(func.count(Task.id)).where(Task.number == "2024-1")) == 1


@pytest.mark.parametrize("username", ["edu", "supervisor", "leader"])
def test_only_a_coordinator_reaches_the_forms(cast: Cast, client_of: LogIn, username: str) -> None:
    client = client_of(username)
    assert client.get("/tasks/new").status_code == 403
    token = next(form.values["csrf_token"] for form in client.forms("/profile"))
    for path in ("/tasks/new", f"/tasks/{cast.standard}/rows", f"/tasks/{cast.standard}/standard"):
        assert client.post(path, data={"csrf_token": token}).status_code == 403


def test_who_comes_second_to_a_standard_is_told_and_keeps_the_text(
    cast: Cast, client_of: LogIn
) -> None:
    path = f"/tasks/{cast.standard}"
    first, second = client_of("coordinator"), client_of("coordinator2")
    form = next(form for form in second.forms(path) if "standard" in form.action)
    answer = first.send(path, action="standard", completion_standard="甲的标准")
    assert answer.status_code == 303
    answer = second.post(form.action, data={**form.values, "completion_standard": "乙的标准"})
    assert answer.status_code == 409
    assert "Somebody acted on this since you opened it." in text_of(answer)
    assert "乙的标准" in answer.text
    forms = (each for each in Reader(answer.text).forms if each.in_main)
    (again,) = (each for each in forms if "standard" in each.action)
    assert second.post(again.action, data=again.values).status_code == 303
    with cast.reading() as db:
        assert db.get_one(Task, cast.standard).completion_standard == "乙的标准"


def test_a_coordinator_of_a_unit_that_leads_nothing_is_offered_no_new_task(
    cast: Cast, client_of: LogIn
) -> None:
    client = client_of("coordinator")
    for page in ("/tasks", "/plan"):
        assert "/tasks/new" in client.get(page).text
    with cast.runtime.sessions.writing() as db:
        db.get_one(User, cast.users["coordinator"]).unit_id = cast.units[EDU]
        db.commit()
    for page in ("/tasks", "/plan"):
        assert "/tasks/new" not in client.get(page).text
    assert client.get("/tasks/new").status_code == 403
