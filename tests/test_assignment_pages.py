"""The page of an assignment: what is offered to whom, bad input, conflicts, double clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import func, select

from planner.models import Assignment, Evidence, StagedFile, Submission
from planner.services import breakdown, handing_in
from planner.services.handing_in import SubmissionForm
from tests.support import files
from tests.support.cast import Cast
from tests.support.history import PROOF
from tests.support.pages import Client, LogIn, text_of

VERB = re.compile(r'action="/assignments/\d+/([a-z_]+)"')


def offered(client: Client, assignment_id: int) -> set[str]:
    """The verbs that the page has a form for."""
    page = client.get(f"/assignments/{assignment_id}").text
    return set(VERB.findall(page))


@pytest.fixture
def in_progress(cast: Cast) -> int:
    """县教委's row, issued and signed for."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    cast.do(handing_in.acknowledge, "edu", cast.edu_row)
    return cast.edu_row


@pytest.fixture
def submitted(cast: Cast, in_progress: int) -> int:
    """The same, handed in with a link."""
    cast.do(handing_in.submit, "edu", in_progress, SubmissionForm("完成", evidence=PROOF))
    return in_progress


def test_each_person_is_offered_what_they_may_do(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    owes = {"report", "submit", "ask_extension", "ask_adjustment"}
    assert offered(client_of("edu"), in_progress) == owes
    assert offered(client_of("edu-head"), in_progress) == owes
    assert offered(client_of("coordinator"), in_progress) == {
        "break_down",
        "urge",
        "extend",
        "cancel",
        "reassign",
    }
    assert offered(client_of("leader"), in_progress) == set()
    assert offered(client_of("supervisor"), in_progress) == set()


def test_a_waiting_submission_is_decided_by_the_lead_alone(
    cast: Cast, client_of: LogIn, submitted: int
) -> None:
    assert offered(client_of("edu"), submitted) == {"report", "withdraw"}
    assert {"accept", "return"} <= offered(client_of("coordinator2"), submitted)
    assert "accept" not in offered(client_of("supervisor"), submitted)


@pytest.mark.parametrize("username", ["health", "auditor", "admin"])
def test_a_foreign_assignment_cannot_be_told_from_none(
    cast: Cast, client_of: LogIn, in_progress: int, username: str
) -> None:
    client = client_of(username)
    here, nowhere = client.get(f"/assignments/{in_progress}"), client.get("/assignments/999999")
    assert here.status_code == nowhere.status_code
    assert here.status_code in (403, 404)
    assert text_of(here) == text_of(nowhere)


def test_a_foreign_number_in_the_address_changes_nothing(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    client = client_of("health")
    token = client.forms("/")[0].values["csrf_token"]
    answer = client.post(
        f"/assignments/{in_progress}/report",
        data={"csrf_token": token, "form_token": "x", "text": "别人的", "percent": "10"},
    )
    assert answer.status_code == 404
    with cast.reading() as db:
        assert db.scalar(select(func.count(Submission.id))) == 0


def test_a_completion_without_proof_is_refused_and_keeps_what_was_typed(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    client = client_of("edu")
    path = f"/assignments/{in_progress}"
    answer = client.send(path, action="/submit", text="写了很多字的说明")
    assert answer.status_code == 422
    assert "Add at least one file or link as proof." in text_of(answer)
    assert "写了很多字的说明" in answer.text


LIARS = {
    "program.pdf": b"MZ" + bytes(400),
    "page.png": b"<html><script>alert(1)</script></html>",
    "empty.pdf": b"",
    "archive.docx": files.zipped({"a.txt": "x"}),
}


@pytest.mark.parametrize("name", LIARS)
def test_a_lying_or_empty_file_is_refused_and_its_neighbour_kept(
    cast: Cast, client_of: LogIn, in_progress: int, name: str
) -> None:
    client = client_of("edu")
    both = [(BytesIO(LIARS[name]), name), (BytesIO(files.pdf()), "好的.pdf")]
    answer = client.send(
        f"/assignments/{in_progress}", action="/submit", text="请看附件", files=both
    )
    assert answer.status_code == 422
    assert "请看附件" in answer.text
    assert "好的.pdf" in text_of(answer)
    with cast.reading() as db:
        assert [each.name for each in db.scalars(select(StagedFile))] == ["好的.pdf"]
        assert db.scalar(select(func.count(Submission.id))) == 0


def test_a_file_over_the_limit_is_refused(cast: Cast, client_of: LogIn, in_progress: int) -> None:
    client, path = client_of("edu"), f"/assignments/{in_progress}"
    form = next(each for each in client.forms(path) if each.action.endswith("/submit"))
    big = files.pdf() + bytes(cast.runtime.settings.max_upload_bytes)
    body = multipart({**form.values, "text": "大文件"}, "大.pdf", big)
    answer = client.post(form.action, data=body, content_type="multipart/form-data; boundary=--x")
    assert answer.status_code == 422
    assert "大文件" in answer.text
    assert "MB" in text_of(answer)
    with cast.reading() as db:
        assert db.scalar(select(func.count(StagedFile.id))) == 0


def multipart(fields: Mapping[str, str], name: str, content: bytes) -> bytes:
    """A form with one file as a browser sends it."""
    parts = [
        f'----x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    head = f'----x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return "".join([*parts, head]).encode() + content + b"\r\n----x--\r\n"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "长" * 1000 + ".pdf", "a:b*?<>|\u202efdp.pdf"]
)
def test_a_dangerous_name_ends_up_harmless(
    cast: Cast, client_of: LogIn, in_progress: int, name: str
) -> None:
    answer = client_of("edu").send(
        f"/assignments/{in_progress}",
        action="/submit",
        text="附件",
        files=(BytesIO(files.pdf()), name),
    )
    assert answer.status_code == 303
    with cast.reading() as db:
        kept = db.scalars(select(Evidence.name)).one()
    assert len(kept.encode()) <= 255
    assert not set("/\\\r\n\x00") & set(kept)
    assert kept.endswith(".pdf")


def test_a_staged_file_waits_for_the_mended_form(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    client, path = client_of("edu"), f"/assignments/{in_progress}"
    refused = client.send(path, action="/submit", text="", files=(BytesIO(files.pdf()), "甲.pdf"))
    assert refused.status_code == 422
    with cast.reading() as db:
        token = db.scalars(select(StagedFile.token)).one()
    sent = client.send(path, action="/submit", text="补上说明", tokens=token)
    assert sent.status_code == 303
    with cast.reading() as db:
        assert db.scalars(select(Evidence.name)).all() == ["甲.pdf"]
        assert db.scalar(select(func.count(StagedFile.id))) == 0


def test_a_double_click_reports_once(cast: Cast, client_of: LogIn, in_progress: int) -> None:
    client, path = client_of("edu"), f"/assignments/{in_progress}"
    form = next(each for each in client.forms(path) if each.action.endswith("/report"))
    data = {**form.values, "text": "一次", "percent": "30"}
    assert client.post(form.action, data=data).status_code == 303
    again = client.post(form.action, data=data)
    assert again.status_code == 409
    with cast.reading() as db:
        assert db.scalar(select(func.count(Submission.id))) == 1


def test_a_submission_after_cancellation_says_what_happened_and_keeps_the_text(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    liaison, path = client_of("edu"), f"/assignments/{in_progress}"
    form = next(each for each in liaison.forms(path) if each.action.endswith("/submit"))
    client_of("coordinator").send(
        path,
        action="/cancel",
        reason="政策调整",
        cancel_class="policy",
        document="彭机管〔2024〕9号",
    )
    data = {**form.values, "text": "我写了一下午", "links": "https://example.org/a"}
    answer = liaison.post(form.action, data=data)
    assert answer.status_code == 409
    assert "我写了一下午" in answer.text
    assert "Cancel" in text_of(answer)
    with cast.reading() as db:
        assert db.get_one(Assignment, in_progress).state == "cancelled"
        assert db.scalar(select(func.count(Submission.id))) == 0


def test_two_reviewers_at_once_one_decides_the_other_sees_it(
    cast: Cast, client_of: LogIn, submitted: int
) -> None:
    first, second = client_of("coordinator"), client_of("coordinator2")
    path = f"/review/{submitted}"
    form = next(each for each in second.forms(path) if each.action.endswith("/return"))
    ticked = [str(item) for item in _proof_items(cast, submitted)]
    assert first.send(path, action="/accept", ticked=ticked).status_code == 303
    late = second.post(form.action, data={**form.values, "reason": "缺少盖章页"})
    assert late.status_code == 409
    assert "缺少盖章页" in late.text
    assert "陈统筹" in text_of(late)
    with cast.reading() as db:
        assert db.get_one(Assignment, submitted).state == "accepted"


def _proof_items(cast: Cast, assignment_id: int) -> list[int]:
    with cast.reading() as db:
        task = db.get_one(Assignment, assignment_id).task
        return [item.id for item in task.proof_items]


def test_an_expired_form_gives_the_text_back(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    answer = client_of("edu").post(
        f"/assignments/{in_progress}/report", data={"text": "离线写的", "percent": "10"}
    )
    assert answer.status_code == 400
    assert "离线写的" in answer.text


@pytest.mark.parametrize("amount", ["abc", "-1", "1e99", "0.0000001", "NaN", "Infinity"])
def test_a_number_that_is_none_is_refused_beside_its_field(
    cast: Cast, client_of: LogIn, amount: str
) -> None:
    cast.do(breakdown.issue, "coordinator", cast.charger_row)
    answer = client_of("edu").send(
        f"/assignments/{cast.charger_row}",
        action="/report",
        text="进展",
        percent="10",
        amount=amount,
    )
    assert answer.status_code == 422
    assert "进展" in answer.text


def test_evidence_is_served_to_those_who_see_its_assignment_alone(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    liaison = client_of("edu")
    liaison.send(
        f"/assignments/{in_progress}",
        action="/submit",
        text="附件",
        files=(BytesIO(files.pdf()), "方案.pdf"),
    )
    with cast.reading() as db:
        piece = db.scalars(select(Evidence.id)).one()
    base = f"/assignments/{in_progress}/evidence/{piece}"
    original = client_of("coordinator").get(f"{base}/download", buffered=True)
    assert original.data == files.pdf()
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert client_of("leader").get(f"{base}/preview").mimetype == "image/png"
    for path in (base, f"{base}/preview", f"{base}/download"):
        assert client_of("health").get(path).status_code == 404
        assert client_of("admin").get(path).status_code == 403
    cast.do(breakdown.issue, "coordinator", cast.health_row)
    through_another = f"/assignments/{cast.health_row}/evidence/{piece}/download"
    assert client_of("health").get(through_another).status_code == 404


def test_three_times_the_history_asks_no_query_more(
    cast: Cast,
    client_of: LogIn,
    in_progress: int,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    def report(times: int) -> None:
        for number in range(times):
            form = SubmissionForm(f"第{number}次", percent=10, evidence=PROOF)
            cast.do(handing_in.report, "edu", in_progress, form)

    client = client_of("coordinator")
    report(2)
    client.get(f"/assignments/{in_progress}")
    with count_queries() as few:
        client.get(f"/assignments/{in_progress}")
    report(6)
    with count_queries() as many:
        client.get(f"/assignments/{in_progress}")
    assert len(many) == len(few)


def test_a_confirmed_amount_stands_beside_the_claim(cast: Cast, client_of: LogIn) -> None:
    cast.do(breakdown.issue, "coordinator", cast.charger_row)
    cast.do(handing_in.acknowledge, "edu", cast.charger_row)
    form = SubmissionForm("两个已建成", percent=66, amount=Decimal(2), evidence=PROOF)
    cast.do(handing_in.report, "edu", cast.charger_row, form)
    client, path = client_of("coordinator"), f"/assignments/{cast.charger_row}"
    too_much = client.send(path, action="/confirm", amount="3")
    assert too_much.status_code == 422
    assert client.send(path, action="/confirm", amount="1").status_code == 303
    assert "1 / 3 个" in text_of(client.get(path))


@pytest.mark.parametrize("seen", [None, "", "x", "-1", "1.0", "²", "9" * 30, "0"])
def test_a_form_that_does_not_say_what_it_was_made_from_is_refused(
    cast: Cast, client_of: LogIn, in_progress: int, seen: str | None
) -> None:
    """Otherwise an empty field would switch the protection against overtaking off."""
    path = f"/assignments/{in_progress}"
    liaison, coordinator = client_of("edu"), client_of("coordinator")
    typed = {"text": "我写了一下午", "links": "https://example.org/a"}
    answer = liaison.send(path, action="/submit", seen=seen, **typed)
    assert answer.status_code == 409
    assert "我写了一下午" in answer.text
    cancelled = {"reason": "好", "cancel_class": "policy", "document": "1号"}
    assert coordinator.send(path, action="/cancel", seen=seen, **cancelled).status_code == 409
    with cast.reading() as db:
        assert db.get_one(Assignment, in_progress).state == "in_progress"
        assert db.scalar(select(func.count(Submission.id))) == 0
    assert liaison.send(path, action="/submit", **typed).status_code == 303


@pytest.mark.parametrize("report", ["x", "", "9" * 30, "-1", "²"])
def test_a_report_that_is_none_cannot_be_confirmed(
    cast: Cast, client_of: LogIn, report: str
) -> None:
    cast.do(breakdown.issue, "coordinator", cast.charger_row)
    cast.do(handing_in.acknowledge, "edu", cast.charger_row)
    form = SubmissionForm("两个已建成", percent=66, amount=Decimal(2), evidence=PROOF)
    cast.do(handing_in.report, "edu", cast.charger_row, form)
    client, path = client_of("coordinator"), f"/assignments/{cast.charger_row}"
    answer = client.send(path, action="/confirm", amount="1", submission_id=report)
    assert answer.status_code == 404


def test_a_returned_assignment_says_so_where_it_is_answered(
    cast: Cast, client_of: LogIn, submitted: int
) -> None:
    client_of("coordinator").send(f"/review/{submitted}", action="/return", reason="缺少盖章页")
    page = client_of("edu").get(f"/assignments/{submitted}").text
    box = page[page.index('class="note"') : page.index('id="verbs"')]
    assert "缺少盖章页" in box
    assert "To be handed in again by 22 October 2024" in box
    assert re.search(r'id="verb-submit" open', page)


def test_what_looks_mistyped_is_taken_with_a_hint(cast: Cast, client_of: LogIn) -> None:
    """It may be right: nobody is held up."""
    coordinator, path = client_of("coordinator"), f"/assignments/{cast.charger_row}"
    cast.do(breakdown.issue, "coordinator", cast.charger_row)
    node = {"year": "2025", "text": "建成", "due_on": "2025-12-10", "amount": "5", "weight": "1"}
    answer = coordinator.send(path, action="/break_down", **node)
    assert "is more than that of the whole row, 3" in text_of(coordinator.get(answer.location))
    edu = client_of("edu")
    answer = edu.send(path, action="/report", text="已建成", percent="100", amount="7")
    assert "7 is more than the target of 3" in text_of(edu.get(answer.location))


def test_what_is_left_empty_is_told_in_one_way(client_of: LogIn, in_progress: int) -> None:
    """By the form library as by the services."""
    path = f"/assignments/{in_progress}"
    for text in ("", " "):
        said = client_of("edu", locale="zh").send(path, action="/report", text=text, percent="5")
        assert "请填写此项。" in text_of(said)


def test_a_file_that_cannot_be_drawn_says_so_in_the_place_of_its_picture(
    cast: Cast, client_of: LogIn, in_progress: int
) -> None:
    edu, path = client_of("edu"), f"/assignments/{in_progress}"
    edu.send(
        path, action="/report", text="进展", percent="5", files=(BytesIO(files.pdf()), "a.pdf")
    )
    with cast.reading() as db:
        piece = db.scalars(select(Evidence.id)).one()
    address = f"{path}/evidence/{piece}/preview?page=99"
    as_browsers_do = {"Accept": "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"}
    drawn = edu.get(address, headers=as_browsers_do)
    assert (drawn.status_code, drawn.mimetype) == (404, "image/svg+xml")
    assert "There is no preview of this page." in drawn.text
    opened = edu.get(address, headers={"Accept": "text/html"})
    assert (opened.status_code, opened.mimetype) == (404, "text/html")
