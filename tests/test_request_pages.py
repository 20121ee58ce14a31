"""Asking, deciding, extending in bulk and signing off on the pages, and the list of adjustments."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from planner.domain.words import RequestKind
from planner.models import Assignment, Evidence, Request, SignOff, StagedFile, Submission
from planner.services import breakdown, units
from planner.services.deemed import sign
from planner.services.units import UnitForm
from tests.support import asking, files, verbs
from tests.support.asking import DUE, LATER
from tests.support.cast import EDU, HEALTH, Cast
from tests.support.pages import Client, Form, LogIn, text_of

VERB = re.compile(r'action="/assignments/\d+/([a-z_]+)"')


@pytest.fixture
def row(cast: Cast) -> int:
    """县教委's row, in progress."""
    return verbs.start(cast, cast.edu_row)


def offered(client: Client, assignment_id: int) -> set[str]:
    return set(VERB.findall(client.get(f"/assignments/{assignment_id}").text))


def send(client: Client, row: int, verb: str, **typed: object) -> tuple[int, str]:
    answer = client.send(f"/assignments/{row}", action=f"/{verb}", **typed)
    return answer.status_code, text_of(answer)


def the_request(cast: Cast) -> Request:
    with cast.reading() as db:
        return db.scalars(select(Request).order_by(Request.id.desc())).first()  # type: ignore[return-value]


def ask_more_time(client: Client, row: int, **more: object) -> tuple[int, str]:
    typed = {"due_on": LATER.isoformat(), "cause": "policy", "reason": "标准调整。"}
    return send(client, row, "ask_extension", **{**typed, **more})


def test_more_time_is_asked_for_with_proof_and_decided_to_the_day(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    edu, coordinator = client_of("edu"), client_of("coordinator")
    paper = (BytesIO(files.pdf()), "通知.pdf")
    assert ask_more_time(edu, row, files=[paper])[0] == 303
    assert "ask_extension" not in offered(edu, row)
    assert "take_back" in offered(edu, row)
    assert offered(coordinator, row) >= {"decide_request"}
    page = coordinator.get(f"/assignments/{row}")
    assert "通知.pdf" in page.text
    exact = date(2024, 12, 20)
    status, _ = send(coordinator, row, "decide_request", decision="grant", due_on=exact.isoformat())
    assert status == 303
    assert verbs.found(cast, row).due_on == exact
    assert "originally" in text_of(edu.get(f"/assignments/{row}"))
    with cast.reading() as db:
        piece = db.scalars(select(Evidence)).one()
    assert edu.get(f"/assignments/{row}/evidence/{piece.id}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due_on": DUE.isoformat()}, "Give a date later than the present due date"),
        ({"due_on": "2026-02-01"}, "plan"),
        ({"cause": ""}, "Please fill in this field."),
        ({"reason": "  "}, "Please fill in this field."),
    ],
)
def test_a_refused_request_keeps_what_was_typed_and_uploaded(
    cast: Cast, client_of: LogIn, row: int, typed: dict[str, str], said: str
) -> None:
    edu = client_of("edu")
    paper = (BytesIO(files.pdf()), "通知.pdf")
    status, words = ask_more_time(edu, row, files=[paper], links="https://example.org/a", **typed)
    assert status == 422
    assert said in words
    assert "https://example.org/a" in words
    assert "通知.pdf" in words
    with cast.reading() as db:
        assert db.scalars(select(Request)).all() == []
        assert len(db.scalars(select(StagedFile)).all()) == 1


def test_an_objection_is_refused_appealed_and_upheld_by_the_supervisor(
    cast: Cast, client_of: LogIn
) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    row = cast.edu_row
    edu, coordinator, supervisor = map(client_of, ("edu", "coordinator", "supervisor"))
    assert "object" in offered(edu, row)
    assert "appeal" not in offered(edu, row)
    health = str(cast.units["县卫生健康委"])
    assert send(edu, row, "object", reason="不属于我委职责。", unit_id=health)[0] == 303
    assert send(coordinator, row, "decide_request", decision="refuse")[0] == 422
    assert send(coordinator, row, "decide_request", decision="refuse", reason="属于。")[0] == 303
    assert {"object", "appeal"} & offered(edu, row) == {"appeal"}
    assert send(edu, row, "appeal", reason="仍不属于。", unit_id=health)[0] == 303
    assert "decide_request" not in offered(coordinator, row)
    listed = text_of(coordinator.get("/adjustments"))
    assert "Appeal to the supervisor" in listed, "it is no second objection"
    status, _ = send(supervisor, row, "decide_request", decision="grant", end="reassign")
    assert status == 303
    with cast.reading() as db:
        heir = db.scalars(select(Assignment).where(Assignment.replaces_id == row)).one()
    assert heir.unit_id == cast.units["县卫生健康委"]


def test_a_pause_is_asked_for_granted_shown_and_ended_by_the_lead(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    edu, coordinator = client_of("edu"), client_of("coordinator")
    typed = {"kind": "suspension", "cause": "policy", "reason": "政策调整。"}
    assert send(edu, row, "ask_adjustment", **typed)[0] == 303
    assert "resume" not in offered(coordinator, row)
    assert send(coordinator, row, "decide_request", decision="grant")[0] == 303
    assert "Suspended since" in text_of(edu.get(f"/assignments/{row}"))
    assert send(coordinator, row, "resume", reason="恢复。")[0] == 303
    assert "Suspended since 2024" not in text_of(edu.get(f"/assignments/{row}"))[:600]


def test_a_reduction_is_offered_where_there_is_an_amount(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    charger = verbs.start(cast, cast.charger_row)
    edu = client_of("edu")
    assert 'value="reduction"' not in edu.get(f"/assignments/{row}").text
    typed = {"kind": "reduction", "cause": "policy", "reason": "减少。", "amount": "2"}
    assert send(edu, charger, "ask_adjustment", **typed)[0] == 303
    coordinator = client_of("coordinator")
    assert send(coordinator, charger, "decide_request", decision="grant")[0] == 303
    assert verbs.found(cast, charger).amount == 2


def test_who_decides_on_what_was_taken_back_hears_so(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    """And what was asked for afterwards is not decided by a form that showed something else."""
    edu, coordinator = client_of("edu"), client_of("coordinator")
    ask_more_time(edu, row)
    form = next(
        form for form in coordinator.forms(f"/assignments/{row}") if "decide" in form.action
    )
    assert send(edu, row, "take_back")[0] == 303
    typed = {**form.values, "decision": "grant"}
    answer = coordinator.post(form.action, data=typed)
    assert (answer.status_code, the_request(cast).outcome) == (422, "taken_back")
    ask_more_time(edu, row, reason="另一个理由。")
    again = coordinator.post(form.action, data={**typed, "form_token": "another-form"})
    assert (again.status_code, the_request(cast).outcome) == (409, None)


def test_the_lead_extends_of_its_own_accord_and_asks_the_supervisor_the_second_time(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    coordinator = client_of("coordinator")
    typed = {"due_on": LATER.isoformat(), "cause": "policy", "reason": "统一顺延。"}
    assert send(coordinator, row, "extend", **typed)[0] == 303
    assert verbs.found(cast, row).due_on == LATER
    assert send(coordinator, row, "extend", **{**typed, "due_on": "2024-12-31"})[0] == 303
    assert verbs.found(cast, row).due_on == LATER
    assert (the_request(cast).kind, the_request(cast).decider) == ("extension", "above")
    assert "decide_request" in offered(client_of("supervisor"), row)


# --- a whole list ------------------------------------------------------------------------------


def test_a_list_is_extended_after_a_preview_and_the_refused_are_named(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    other, busy = verbs.start(cast, cast.charger_node), verbs.start(cast, cast.charger_row)
    asking.adjustment(cast, busy, RequestKind.SUSPENSION)
    coordinator = client_of("coordinator")
    path = "/tasks/extend?state=in_progress"
    words = text_of(coordinator.get(path))
    assert "Can be extended: 2" in words
    assert "Cannot be extended: 1" in words
    assert "A request on it is open." in words
    typed = {"due_on": LATER.isoformat(), "cause": "policy", "reason": "统一顺延。"}
    answer = coordinator.send(path, action="/tasks/extend", **typed)
    assert answer.status_code == 303
    assert [verbs.found(cast, each).due_on for each in (row, other)] == [LATER, LATER]
    assert verbs.found(cast, busy).due_on == date(2025, 12, 31)


def test_a_second_extension_of_a_list_is_put_before_the_supervisor(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    coordinator = client_of("coordinator")
    typed = {"cause": "policy", "reason": "统一顺延。"}
    path = "/tasks/extend?state=in_progress"
    coordinator.send(path, action="/tasks/extend", due_on="2024-12-20", **typed)
    answer = coordinator.send(path, action="/tasks/extend", due_on="2024-12-27", **typed)
    assert answer.status_code == 303
    assert verbs.found(cast, row).due_on == date(2024, 12, 20)
    assert (the_request(cast).kind, the_request(cast).decider) == ("extension", "above")


def test_what_of_a_list_cannot_be_extended_is_named_and_the_rest_stays_done(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    late = verbs.start(cast, cast.charger_row)
    coordinator = client_of("coordinator")
    typed = {"due_on": LATER.isoformat(), "cause": "policy", "reason": "统一顺延。"}
    answer = coordinator.send("/tasks/extend?state=in_progress", action="/tasks/extend", **typed)
    assert answer.status_code == 422
    words = text_of(answer)
    assert "was not extended: Give a date later than the present due date" in words
    assert "Extended: 1." in words
    assert verbs.found(cast, row).due_on == LATER
    assert verbs.found(cast, late).due_on == date(2025, 12, 31)
    nothing = coordinator.send(
        "/tasks/extend?state=in_progress", action="/tasks/extend", chosen=None, **typed
    )
    assert nothing.status_code == 422
    assert "Choose at least one assignment." in text_of(nothing)


# --- the list of adjustments -------------------------------------------------------------------


def test_the_numbers_of_my_work_lead_to_lists_of_that_length(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    asking.more_time(cast, row)
    asking.more_time(cast, verbs.start(cast, cast.health_row, "health"), who="health")
    coordinator = client_of("coordinator")
    assert "Requests waiting for my decision (2)" in text_of(coordinator.get("/"))
    assert "1–2 of 2" in text_of(coordinator.get("/adjustments?show=mine"))
    assert "No request waits for you." in text_of(client_of("supervisor").get("/"))


def test_the_list_is_filtered_sorted_and_taken_away(cast: Cast, client_of: LogIn, row: int) -> None:
    asking.more_time(cast, row, reason="施工受阻。")
    asking.grant(cast, row)
    asking.more_time(cast, verbs.start(cast, cast.health_row, "health"), who="health")
    coordinator = client_of("coordinator")
    for query, found in (
        ("", 2),
        ("?show=open", 1),
        ("?show=granted", 1),
        ("?kind=objection", 0),
        (f"?unit={cast.units[EDU]}", 1),
        ("?q=施工", 2),
        ("?q=没有", 0),
        ("?from=2030-01-01", 0),
        ("?sort=unit&show=mine", 1),
    ):
        words = text_of(coordinator.get(f"/adjustments{query}"))
        assert (f"of {found}" in words) if found else ("Nothing matches." in words), query
        rows = coordinator.get(f"/adjustments.csv{query}").text.strip().splitlines()
        assert len(rows) == found + 1, query
    assert "of 1" in text_of(client_of("edu").get("/adjustments"))


def test_three_times_the_lines_and_not_one_query_more(
    cast: Cast,
    client_of: LogIn,
    row: int,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    coordinator = client_of("coordinator")

    def asked(path: str) -> int:
        with count_queries() as statements:
            assert coordinator.get(path).status_code == 200
        return len(statements)

    pages = ("/adjustments", "/tasks/extend", "/")
    asking.more_time(cast, row)
    few = [asked(path) for path in pages]
    for owed, who in ((cast.charger_node, "edu"), (cast.health_row, "health")):
        asking.more_time(cast, verbs.start(cast, owed, who), who=who)
    assert [asked(path) for path in pages] == few


# --- sign-off ----------------------------------------------------------------------------------


@pytest.fixture
def head_signs(cast: Cast, row: int) -> None:
    cast.do(units.edit_unit, "admin", cast.units[EDU], UnitForm(EDU, sign_off=True))


@pytest.mark.usefixtures("head_signs")
def test_the_head_reads_what_is_put_forward_and_signs_it(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    edu, head, coordinator = map(client_of, ("edu", "edu-head", "coordinator"))
    paper = (BytesIO(files.pdf()), "验收单.pdf")
    assert send(edu, row, "submit", text="已完成。", files=[paper])[0] == 303
    assert "Waiting for my signature (1)" in text_of(head.get("/"))
    page = head.get(f"/assignments/{row}")
    assert "已完成。" in page.text
    staged = re.search(rf"/assignments/{row}/staged/\d+", page.text)
    assert staged is not None
    assert head.get(staged[0]).status_code == 200
    assert head.get(f"{staged[0]}/download", buffered=True).data == files.pdf()
    for other in ("coordinator", "health", "supervisor"):
        assert client_of(other).get(staged[0]).status_code == 404
    assert "已完成。" not in coordinator.get(f"/assignments/{row}").text
    assert {"submit", "call_back"} & offered(edu, row) == {"call_back"}
    assert send(head, row, "sign_off", decision="sign")[0] == 303
    assert verbs.state(cast, row) == "submitted"
    assert "Signed off by 王分管" in text_of(coordinator.get(f"/assignments/{row}"))


@pytest.mark.usefixtures("head_signs")
def test_what_the_head_sends_back_stands_in_the_form_again(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    edu, head = client_of("edu"), client_of("edu-head")
    paper = (BytesIO(files.pdf()), "通知.pdf")
    ask_more_time(edu, row, files=[paper], links="https://example.org/a")
    assert send(head, row, "sign_off", decision="send_back")[0] == 422
    assert send(head, row, "sign_off", decision="send_back", reason="请写明工期。")[0] == 303
    words = text_of(edu.get(f"/assignments/{row}"))
    assert "请写明工期。" in words
    form = next(f for f in edu.forms(f"/assignments/{row}") if "ask_extension" in f.action)
    assert form.values["reason"].strip() == "标准调整。"
    assert (form.values["due_on"], form.values["cause"]) == (LATER.isoformat(), "policy")
    assert form.values["links"].strip() == "https://example.org/a"
    assert form.values["tokens"]
    assert edu.post(form.action, data=form.values).status_code == 303
    with cast.reading() as db:
        assert len(db.scalars(select(SignOff)).all()) == 2


@pytest.mark.usefixtures("head_signs")
def test_the_head_does_not_sign_a_thing_that_moved_on(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    """The unit put a new paper forward after the head opened the page."""
    edu, head = client_of("edu"), client_of("edu-head")
    ask_more_time(edu, row)
    form = next(f for f in head.forms(f"/assignments/{row}") if "sign_off" in f.action)
    assert send(edu, row, "call_back")[0] == 303
    ask_more_time(edu, row, reason="另一个理由。")
    answer = head.post(form.action, data={**form.values, "decision": "sign"})
    assert answer.status_code == 409
    assert "另一个理由。" in answer.text
    with cast.reading() as db:
        assert db.scalars(select(Request)).all() == []


def test_the_administrator_requires_the_signature_only_where_somebody_can_sign(
    cast: Cast, client_of: LogIn
) -> None:
    admin = client_of("admin")
    refused = admin.send(f"/units/{cast.units['县卫生健康委']}", action="/units", sign_off="y")
    assert refused.status_code == 422
    assert "no head with an account" in text_of(refused)
    assert admin.send(f"/units/{cast.units[EDU]}", action="/units", sign_off="y").status_code == 303


@pytest.mark.parametrize("what", ["", "?submission=1", "?request=1", "?request=x"])
def test_the_printed_form_is_there_for_whoever_sees_the_assignment(
    cast: Cast, client_of: LogIn, row: int, what: str
) -> None:
    verbs.submit(cast, row)
    expected = 404 if what == "?request=1" else 200
    assert client_of("edu").get(f"/assignments/{row}/sheet{what}").status_code == expected
    assert client_of("health").get(f"/assignments/{row}/sheet{what}").status_code == 404


def test_what_nobody_signed_for_is_marked_so(cast: Cast, client_of: LogIn) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with cast.runtime.sessions.writing() as db:
        assert sign(db, cast.clock(date(2024, 10, 23)), cast.edu_row)
        db.commit()
    page = text_of(client_of("coordinator").get(f"/assignments/{cast.edu_row}"))
    assert page.count("counts as signed: nobody answered in time") == 2


# --- what a form begins with -------------------------------------------------------------------


def fresh(client: Client, row: int, verb: str) -> Form:
    forms = client.forms(f"/assignments/{row}")
    return next(form for form in forms if form.action.endswith(f"/{verb}"))


def test_no_reason_for_a_cancellation_is_chosen_for_anybody(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    coordinator = client_of("coordinator")
    assert fresh(coordinator, row, "cancel").values["cancel_class"] == ""
    status, _ = send(coordinator, row, "cancel", reason="职能划出。", document="测试〔2024〕8号")
    assert (status, verbs.state(cast, row)) == (422, "in_progress")


def test_upholding_an_objection_asks_for_the_unit_and_never_offers_the_objecting_one(
    cast: Cast, client_of: LogIn
) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    asking.objection(cast, cast.edu_row)
    coordinator, row = client_of("coordinator"), cast.edu_row
    typed = {"decision": "grant", "end": "reassign"}
    status, said = send(coordinator, row, "decide_request", **typed)
    assert status == 422
    assert "Choose the unit that is responsible from now on." in said
    for verb in ("decide_request", "object"):
        page = (client_of("edu") if verb == "object" else coordinator).get(f"/assignments/{row}")
        select_box = page.text.partition(f'id="{verb}-unit_id"')[2].partition("</select>")[0]
        assert f'value="{cast.units[EDU]}"' not in select_box
        assert verb == "object" or f'value="{cast.units[HEALTH]}"' in select_box


def test_a_withdrawn_completion_stands_in_the_form_again_with_its_files(
    cast: Cast, client_of: LogIn
) -> None:
    row, edu = verbs.start(cast, cast.charger_row), client_of("edu")
    paper = (BytesIO(files.pdf()), "验收.pdf")
    typed = {"text": "已全部建成。", "amount": "3", "links": "https://example.org/a"}
    assert send(edu, row, "submit", files=[paper], **typed)[0] == 303
    assert send(edu, row, "withdraw")[0] == 303
    form = fresh(edu, row, "submit")
    assert form.values["amount"] == "3", "without zeros that nobody typed"
    assert {name: form.values[name].strip() for name in typed} == typed
    assert send(edu, row, "submit")[0] == 303
    with cast.reading() as db:
        again = select(Submission).order_by(Submission.number.desc()).limit(1)
        pieces = db.scalars(again).one().evidence
        assert [(each.name, each.cites_id is None) for each in pieces] == [
            ("https://example.org/a", True),
            ("验收.pdf", False),
        ]


# --- what waits for the head -------------------------------------------------------------------


@pytest.mark.parametrize("closed", [False, True])
def test_what_came_back_unsigned_still_shows_its_files_and_says_why(
    cast: Cast, client_of: LogIn, row: int, closed: bool
) -> None:
    cast.do(units.edit_unit, "admin", cast.units[EDU], UnitForm(EDU, sign_off=True))
    edu, head = client_of("edu"), client_of("edu-head")
    ask_more_time(edu, row, files=[(BytesIO(files.pdf()), "通知.pdf")])
    if closed:
        cancelled = {"reason": "职能划出。", "cancel_class": "policy", "document": "8号"}
        assert send(client_of("coordinator"), row, "cancel", **cancelled)[0] == 303
    else:
        typed = {"decision": "send_back", "reason": "请补充。"}
        assert send(head, row, "sign_off", **typed)[0] == 303
    for client in (edu, head):
        said = text_of(client.get(f"/assignments/{row}"))
        assert "No file and no link." not in said
        assert "通知.pdf" in said
        assert "Taken back from the head" not in said
        assert ("Closed before the head signed" in said) is closed


def test_a_file_of_what_came_back_is_proof_of_that_alone(
    cast: Cast, client_of: LogIn, row: int
) -> None:
    cast.do(units.edit_unit, "admin", cast.units[EDU], UnitForm(EDU, sign_off=True))
    edu = client_of("edu")
    ask_more_time(edu, row, files=[(BytesIO(files.pdf()), "通知.pdf")])
    send(client_of("edu-head"), row, "sign_off", decision="send_back", reason="请补充。")
    assert fresh(edu, row, "ask_extension").values["tokens"]
    for verb in ("report", "submit"):
        assert "tokens" not in fresh(edu, row, verb).values
        assert "tokens" in fresh(edu, row, verb).names, "it can be ticked"
