"""What was typed is never lost and never unexplained, also where its form is not shown again."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from wtforms import TextAreaField

from planner.domain.words import Cause
from planner.models import Settlement, StagedFile, Submission, UrgeAnswer, User
from planner.services import (
    handing_in,
    requests,
    requests_asking,
    units,
    urging,
)
from planner.services.handing_in import SubmissionForm
from planner.services.request_forms import Decision, ExtensionForm
from planner.web.forms import PlannerForm
from planner.web.typed import form_taken
from tests.support.asking import LATER
from tests.support.cast import EDU, PASSWORD, TODAY, Cast
from tests.support.files import png
from tests.support.pages import Client, Form, LogIn, Reader, links_of, text_of
from tests.support.verbs import PROOF, start

WORDS = "写了一下午的进展"


@pytest.fixture
def row(cast: Cast) -> int:
    """县教委's row, signed for."""
    return start(cast, cast.edu_row)


def form_of(client: Client, page: str, action: str) -> Form:
    return next(form for form in client.forms(page) if form.action.endswith(action))


def end_sessions(cast: Cast, username: str) -> None:
    """As a new password, another role or another unit does."""
    with cast.runtime.sessions.writing() as db:
        db.get_one(User, cast.users[username]).session_epoch += 1
        db.commit()


def count(cast: Cast, kind: type[Submission | StagedFile | UrgeAnswer]) -> int:
    with cast.reading() as db:
        return db.scalar(select(func.count(kind.id))) or 0


@pytest.mark.parametrize("ended", ["on the server", "in another tab"])
def test_a_form_sent_after_the_log_in_ended_gives_back_what_was_typed(
    client_of: LogIn, cast: Cast, row: int, ended: str
) -> None:
    """It says so, leads to the door, and from there back to the page of the form."""
    edu, page = client_of("edu"), f"/assignments/{row}"
    form = form_of(edu, page, "/report")
    if ended == "on the server":
        end_sessions(cast, "edu")
    else:
        edu.send("/", action="/logout")
    file = (BytesIO(png()), "现场.png")
    typed = {"text": WORDS, "percent": "40", "problems": "缺资金", "files": file}
    answer = edu.post(form.action, data={**form.values, **typed})
    said = text_of(answer)
    assert answer.status_code == 401
    assert "Your log-in has ended. Nothing was carried out." in said
    assert f"Progress {WORDS}" in said
    assert "Problems 缺资金" in said
    assert "现场.png" in said
    assert form.values["form_token"] not in said
    door = next(link for link in links_of(answer) if link.startswith("/login"))
    again = edu.send(door, username="edu", password=PASSWORD)
    assert (again.status_code, again.location) == (303, page)
    assert (count(cast, Submission), count(cast, StagedFile)) == (0, 0)


def test_what_was_typed_survives_the_other_language_after_the_log_in_ended(
    client_of: LogIn, cast: Cast, row: int
) -> None:
    edu = client_of("edu")
    form = form_of(edu, f"/assignments/{row}", "/report")
    end_sessions(cast, "edu")
    answer = edu.post(form.action, data={**form.values, "text": WORDS, "percent": "40"})
    switch = next(each for each in Reader(answer.text).forms if "read_in" in each.names)
    chinese = edu.post(switch.action, data={**switch.values, "read_in": "zh"})
    assert (chinese.status_code, 'lang="zh-CN"' in chinese.text) == (401, True)
    assert WORDS in text_of(chinese)


def test_the_filter_of_a_list_is_come_back_to(client_of: LogIn, cast: Cast, row: int) -> None:
    coordinator, page = client_of("coordinator"), "/tasks/extend?state=in_progress"
    form = form_of(coordinator, page, "/tasks/extend?state=in_progress")
    end_sessions(cast, "coordinator")
    answer = coordinator.post(form.action, data={**form.values, "reason": WORDS})
    assert f"Reason {WORDS}" in text_of(answer)
    door = next(link for link in links_of(answer) if link.startswith("/login"))
    again = coordinator.send(door, username="coordinator", password=PASSWORD)
    assert again.location == page


def test_a_lost_log_in_tells_a_script_so(client_of: LogIn, cast: Cast, row: int) -> None:
    edu = client_of("edu")
    token = form_of(edu, f"/assignments/{row}", "/report").values["csrf_token"]
    end_sessions(cast, "edu")
    answer = edu.post(
        f"/assignments/{row}/files",
        data={"csrf_token": token, "file": (BytesIO(png()), "a.png")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 401
    assert "Your log-in has ended" in answer.get_json()["error"]


def all_forms(kind: type[PlannerForm]) -> set[type[PlannerForm]]:
    return {kind}.union(*(all_forms(each) for each in kind.__subclasses__()))


def is_long(form: type[PlannerForm]) -> bool:
    """Whether somebody can write for an afternoon in it."""
    fields = (getattr(form, name) for name in dir(form) if not name.startswith("_"))
    return any(getattr(field, "field_class", None) is TextAreaField for field in fields)


def test_the_fields_of_every_long_form_are_named_when_it_is_given_back(app: Flask) -> None:
    with app.app_context():
        known = {form_taken(rule.endpoint) for rule in app.url_map.iter_rules()}
    long = {form for form in all_forms(PlannerForm) if is_long(form)}
    unnamed = {form.__name__ for form in long - known if "assessment" not in form.__module__}
    assert unnamed == {"ProofFields"}, "the base of others"


def test_who_decides_second_reads_why_and_what_they_wrote_in_words(
    client_of: LogIn, cast: Cast, row: int
) -> None:
    asked = ExtensionForm("设备到货推迟。", Cause.OWN, LATER)
    cast.do(requests_asking.ask_extension, "edu", row, asked)
    second = client_of("coordinator2")
    form = form_of(second, f"/assignments/{row}", "/decide_request")
    cast.do(requests.decide, "coordinator", row, Decision(grant=False, reason="不同意。"))
    typed = {"decision": "refuse", "reason": "理由不充分"}
    answer = second.post(form.action, data={**form.values, **typed})
    said = text_of(answer)
    assert "no longer offered here" in said
    assert "Decision Refuse, with a reason" in said
    assert "Reason 理由不充分" in said
    assert f"refuse {form.values['request_id']}" not in said
    kept = answer.text[answer.text.index('class="typed-list"') :]
    kept = kept[: kept.index("</dl>")]
    assert form.values["request_id"] not in [each.strip() for each in Reader(kept).words]
    assert ">refuse<" not in kept


def set_sign_off(cast: Cast) -> None:
    """From now on 县教委's head signs."""
    with cast.runtime.sessions.writing() as db:
        unit = units.load_unit(db, cast.units[EDU])
        unit.sign_off = True
        db.commit()


def test_a_second_tab_reads_that_something_waits_for_the_head(
    client_of: LogIn, cast: Cast, row: int
) -> None:
    set_sign_off(cast)
    edu, page = client_of("edu"), f"/assignments/{row}"
    form = form_of(edu, page, "/submit")
    link = "https://example.org/a"
    assert edu.send(page, action="/submit", text="第一个", links=link).status_code == 303
    answer = edu.post(form.action, data={**form.values, "text": WORDS, "links": link})
    said = text_of(answer)
    assert f"What was done {WORDS}" in said
    assert "waits for the head" in said.partition("What was done")[0]


def test_who_settles_second_reads_why_and_keeps_their_words(
    client_of: LogIn, cast: Cast, row: int
) -> None:
    form = SubmissionForm("推进中", percent=10, coordination="请协调资金", evidence=PROOF)
    matter = cast.do(handing_in.report, "edu", row, form).id
    first, second = client_of("coordinator"), client_of("coordinator2")
    late = form_of(second, "/coordination", f"/coordination/{matter}/settle")
    first.send("/coordination", action=f"/coordination/{matter}/settle", text="已协调")
    answer = second.post(late.action, data={**late.values, "text": WORDS})
    said = text_of(answer)
    assert answer.status_code == 422
    assert "This was settled already." in said
    assert f"How it was settled {WORDS}" in said
    assert "已协调" in said
    with cast.reading() as db:
        assert db.scalars(select(Settlement.text)).all() == ["已协调"]


def test_an_answer_never_moves_to_another_urge(client_of: LogIn, cast: Cast, row: int) -> None:
    day = cast.clock().calendar.add(TODAY, 3)
    first = cast.do(urging.urge, "coordinator", row, "甲事", day).id
    cast.do(urging.urge, "coordinator", row, "乙事", day)
    edu, page = client_of("edu"), f"/assignments/{row}"
    tab = form_of(edu, page, "/answer")
    edu.send(page, action="/answer", urge_id=str(first), text="甲已办")
    typed = {"urge_id": str(first), "text": WORDS}
    answer = edu.post(tab.action, data={**tab.values, **typed})
    assert answer.status_code == 422
    assert "This urge was answered before." in text_of(answer)
    assert f"Answer {WORDS}" in text_of(answer)
    offered = next(
        form
        for form in Reader(answer.text).forms
        if form.in_main and form.action.endswith("/answer")
    )
    assert offered.values["text"].strip() == ""
    assert count(cast, UrgeAnswer) == 1
