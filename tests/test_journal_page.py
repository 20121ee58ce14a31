"""The auditor reads every act, finds one again, and takes them away as a file."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from planner.domain.actor import Actor, ActorKind
from planner.domain.text import t, to_json
from planner.domain.words import Cause
from planner.services import breakdown, journal, requests_asking
from planner.services.journal import Detail
from planner.services.request_forms import ExtensionForm
from tests.support.asking import LATER
from tests.support.cast import TODAY, Cast
from tests.support.pages import LogIn, text_of
from tests.support.verbs import start


def write(cast: Cast, on: date, verb: str, subject: str, **details: Detail) -> None:
    with cast.runtime.sessions.writing() as db:
        stranger = Actor(ActorKind.SYSTEM, "planner")
        journal.record(db, stranger, cast.clock(on), verb, subject, **details)
        db.commit()


@pytest.fixture
def filled(cast: Cast) -> Cast:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    write(cast, date(2024, 9, 1), "seed", "plan:1", file="规划.yaml")
    write(cast, date(2024, 9, 2), "odd_verb", "unit:7", name='=HYPERLINK("http://x")')
    return cast


def test_an_act_is_told_with_person_unit_state_and_origin(client_of: LogIn, filled: Cast) -> None:
    words = text_of(client_of("auditor").get("/journal"))
    assert (
        "陈统筹 县机关事务管理中心 127.0.0.1 Issue Draft → To be signed for Assignment 1" in words
    )


def test_a_verb_without_name_is_shown_as_it_is(client_of: LogIn, filled: Cast) -> None:
    assert "odd_verb Unit 7" in text_of(client_of("auditor").get("/journal"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("from=2024-09-02&to=2024-09-30", {"odd_verb"}),
        ("verb=seed", {"seed"}),
        ("q=规划", {"seed"}),
        ("q=unit:7", {"odd_verb"}),
        ("person=陈", {"issue"}),
        ("verb=issue&person=planner", set()),
        ("from=nonsense&page=zzz", {"issue", "seed", "odd_verb", "login"}),
        ("q=%25", set()),
    ],
)
def test_acts_are_found_by_date_person_verb_and_text(
    client_of: LogIn, filled: Cast, query: str, shown: set[str]
) -> None:
    names = {"issue": "Issue", "seed": "Plan file read", "odd_verb": "odd_verb", "login": "Logged"}
    page = client_of("auditor").get(f"/journal?{query}")
    table = page.text.partition("<tbody>")[2]
    assert {verb for verb, name in names.items() if f'Act">{name}' in table} == shown


def test_more_acts_need_no_more_queries(
    client_of: LogIn, filled: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    auditor = client_of("auditor")
    with count_queries() as few:
        auditor.get("/journal")
    for number in range(12):
        write(filled, date(2024, 9, 3), "seed", f"plan:{number}")
    with count_queries() as many:
        auditor.get("/journal")
    assert len(many) == len(few)


def test_the_csv_file_holds_what_the_filter_leaves_and_no_formula(
    client_of: LogIn, filled: Cast
) -> None:
    answer = client_of("auditor").get("/journal.csv?verb=odd_verb")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[6:8] == ["Act", "Subject"]
    assert row[6:8] == ["odd_verb", "unit:7"]
    assert not any(cell.startswith("=") for cell in row)


def test_the_excel_file_holds_words_and_no_formula(client_of: LogIn, filled: Cast) -> None:
    answer = client_of("auditor").get("/journal.xlsx?verb=odd_verb")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        words = book.read("xl/sharedStrings.xml").decode()
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    assert "unit:7" in words
    assert "=HYPERLINK" in words
    assert "<f>" not in cells


def test_a_file_of_another_kind_is_not_offered(client_of: LogIn, filled: Cast) -> None:
    assert client_of("auditor").get("/journal.exe").status_code == 404


@pytest.mark.parametrize("username", ["coordinator", "edu", "leader", "admin", "supervisor"])
def test_only_auditors_read_the_journal(client_of: LogIn, username: str) -> None:
    client = client_of(username)
    assert client.get("/journal").status_code == 403
    assert client.get("/journal.csv").status_code == 403


def test_a_user_name_is_not_taken_for_a_role(cast: Cast, client_of: LogIn) -> None:
    """The account “leader” is no county leader."""
    write(cast, TODAY, "user_add", "user:3", username="leader", kind="amend")
    words = text_of(client_of("auditor", locale="zh").get("/journal"))
    assert "用户名：leader" in words
    assert "补正" in words


def test_why_something_was_left_out_is_told_in_words(cast: Cast, client_of: LogIn) -> None:
    """The journal keeps reasons as message id and parameters."""
    reasons = [
        json.dumps(to_json(t("It is “%(state)s”.", state=t("Draft")))),
        json.dumps(to_json(t("It has no unit yet."))),
    ]
    write(cast, TODAY, "urge_many", "plan:1", left_reasons=reasons)
    write(cast, TODAY, "put_forward", "assignment:1", act="ask_extension")
    words = text_of(client_of("auditor").get("/journal"))
    assert "Why left out: It is “Draft”.; It has no unit yet." in words
    assert "Act: Ask for more time" in words


def test_the_journal_says_what_was_asked_for_and_with_whom_it_lies(
    cast: Cast, client_of: LogIn
) -> None:
    """A request is no consent: the lead decides on it, and nothing was agreed to."""
    row = start(cast, cast.edu_row)
    asked = ExtensionForm("设备到货推迟。", Cause.OWN, LATER)
    cast.do(requests_asking.ask_extension, "edu", row, asked)
    english = text_of(client_of("auditor").get("/journal?verb=ask_extension"))
    assert "Lies with: Lead agency" in english
    assert "Consent" not in english
    chinese = text_of(client_of("auditor", locale="zh").get("/journal?verb=ask_extension"))
    assert "仅为申请：是" in chinese
    assert "督查员" not in chinese.partition("操作日志")[2]


def test_words_codes_and_what_is_empty_are_told_as_people_say_them(
    cast: Cast, client_of: LogIn
) -> None:
    gone = journal.stored_reason(t("It has no unit yet."))
    given: dict[str, Detail] = {"every": "quarter", "channel": "feishu", "failure": gone}
    write(cast, TODAY, "robot_test", "robot:1", **given, roles=["liaison", "head"])
    write(cast, TODAY, "urge_many", "plan:1", form="-SSnGa", left_ids=[], left_reasons=[])
    words = text_of(client_of("auditor", locale="zh").get("/journal"))
    assert "报送周期：每季度" in words
    assert "渠道：飞书" in words
    assert "失败原因：尚未明确责任单位。" in words
    assert "角色：责任单位联络员、分管领导" in words
    for raw in ("SSnGa", "未催办：", "feishu", "quarter"):
        assert raw not in words
