"""Urging a list by pages, the slips as pages and files, and the unit's answer."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from typing import Any

import docx
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError

from planner.domain.words import SlipKind
from planner.models import Slip, Urge
from planner.services import breakdown, urging
from planner.services.slips import SlipForm
from planner.services.urging_many import Demand
from planner.services.urging_parts import urge_many
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.pages import Client, LogIn, links_of, text_of
from tests.support.reminding import refuse_messages
from tests.support.verbs import start


@pytest.fixture
def rows(cast: Cast) -> list[int]:
    """Two of 县教委's and one of 县卫生健康委's, signed for."""
    return [
        start(cast, cast.edu_row),
        start(cast, cast.charger_row),
        start(cast, cast.health_row, "health"),
    ]


@pytest.fixture
def coordinator(client_of: LogIn) -> Client:
    """The lead's coordinator."""
    return client_of("coordinator")


def urges(cast: Cast) -> list[Urge]:
    with cast.reading() as db:
        return list(db.scalars(select(Urge).order_by(Urge.id)))


def slips(cast: Cast) -> list[Slip]:
    with cast.reading() as db:
        return list(db.scalars(select(Slip).order_by(Slip.id)))


def test_the_preview_shows_the_filtered_list_by_unit(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    edu = cast.units[EDU]
    assert f"/tasks/urge?unit={edu}" in links_of(coordinator.get(f"/tasks?unit={edu}"))
    words = text_of(coordinator.get(f"/tasks/urge?unit={edu}"))
    assert "Can be urged: 2 assignments of 1 units." in words
    assert HEALTH not in words
    assert "Cannot be urged: 1" in words
    assert "It is “Draft”." in words


def test_only_the_ticked_ones_are_urged(coordinator: Client, rows: list[int], cast: Cast) -> None:
    answer = coordinator.send("/tasks/urge", ids=[str(rows[0]), str(cast.school_row)])
    assert answer.status_code == 303
    assert [urge.assignment_id for urge in urges(cast)] == [rows[0]]
    words = text_of(coordinator.get(answer.location))
    assert "Urged: 1. Left out: 1." in words
    assert "It is “Draft”." in words


def test_the_defaults_are_sensible(coordinator: Client, rows: list[int], cast: Cast) -> None:
    form = next(f for f in coordinator.forms("/tasks/urge") if "/tasks/urge" in f.action)
    assert form.values["answer_by"] == "2024-10-18"
    assert form.values["number_demand"] == "催〔2024〕1号"
    assert form.values["issuer"] == "县机关事务管理中心"
    assert len(form.values["ids"]) == 3
    assert coordinator.send("/tasks/urge").status_code == 303
    assert {urge.slip_id for urge in urges(cast)} == {None}


def test_what_was_typed_and_unticked_is_kept_when_refused(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    answer = coordinator.send(
        "/tasks/urge", ids=[str(rows[2])], text="赶快。", slip="demand", signatory=""
    )
    assert answer.status_code == 422
    assert "赶快。" in answer.text
    assert answer.text.count('id="urge-') == 3
    assert answer.text.count(" checked") == 3, "the one row, the slip, and all of them"
    assert urges(cast) == []


def test_a_taken_number_is_refused_beside_its_field(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    typed = {"slip": "demand", "signatory": "陈统筹", "number_demand": "催〔2024〕7号"}
    assert coordinator.send("/tasks/urge", ids=[str(rows[0])], **typed).status_code == 303
    answer = coordinator.send("/tasks/urge", ids=[str(rows[0])], **typed)
    assert answer.status_code == 422
    assert "There is a slip with the number 催〔2024〕7号 already." in text_of(answer)
    assert 'id="number_demand-help"' in answer.text
    form = next(f for f in coordinator.forms("/tasks/urge") if "/tasks/urge" in f.action)
    assert form.values["number_demand"] == "催〔2024〕8号"


def filled_in(coordinator: Client, **typed: Any) -> tuple[str, dict[str, Any]]:
    """The form for the whole list: its address and what a browser would send."""
    form = next(f for f in coordinator.forms("/tasks/urge") if "/tasks/urge" in f.action)
    return form.action, {**form.values, **typed}


SLIP = {"slip": "demand", "signatory": "陈统筹", "number_demand": "催〔2024〕7号"}


def test_each_unit_is_urged_in_a_transaction_of_its_own(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    """So that nobody waits long for SQLite's writer: the batch is noted, then unit by unit."""
    address, fields = filled_in(coordinator, **SLIP)
    commits: list[int] = []
    event.listen(cast.runtime.sessions.engine, "commit", lambda _: commits.append(len(urges(cast))))
    assert coordinator.post(address, data=fields).status_code == 303
    assert commits == [0, 0, 2]


def test_the_same_form_sent_twice_urges_once(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    address, fields = filled_in(coordinator, **SLIP)
    first, second = (coordinator.post(address, data=fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert (len(urges(cast)), len(slips(cast))) == (3, 2)
    assert "It was carried out once, not twice." in text_of(coordinator.get(first.location))


def test_two_clicks_at_once_lead_to_the_same_outcome(
    client_of: LogIn, rows: list[int], cast: Cast
) -> None:
    windows = [client_of("coordinator") for _ in range(2)]
    sent = [filled_in(each, **SLIP) for each in windows]
    for _, fields in sent:
        fields["form_token"] = "one-form"
    with ThreadPoolExecutor(2) as pool:
        posted = [
            pool.submit(window.post, address, data=fields)
            for window, (address, fields) in zip(windows, sent, strict=True)
        ]
    answers = [each.result() for each in posted]
    assert [each.status_code for each in answers] == [303, 303]
    assert len({each.location for each in answers}) == 1
    assert (len(urges(cast)), len(slips(cast))) == (3, 2)


def test_switching_the_language_of_the_form_urges_nobody(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    address, fields = filled_in(coordinator, text="赶快。")
    answer = coordinator.post(address, data={**fields, "read_in": "zh"})
    assert answer.status_code == 422
    assert 'lang="zh-CN"' in answer.text
    assert "赶快。" in answer.text
    assert urges(cast) == []


def test_what_a_failure_interrupts_is_gone_on_with_by_the_same_form(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    """The second unit's message cannot be written: the first one's stays said."""
    address, fields = filled_in(coordinator, **SLIP)
    refuse_messages(cast.runtime.sessions, cast.users["health"])
    with pytest.raises(IntegrityError):
        coordinator.post(address, data=fields)
    assert len(urges(cast)) == 2
    with cast.runtime.sessions.writing() as db:
        db.execute(text("DROP TRIGGER refuse"))
        db.commit()
    answer = coordinator.post(address, data=fields)
    assert answer.status_code == 303
    assert [slip.number for slip in slips(cast)] == ["催〔2024〕7号", "催〔2024〕8号"]
    assert len(urges(cast)) == 3
    assert "Urged: 3. Left out: 0." in text_of(coordinator.get(answer.location))


def test_what_a_busy_database_interrupts_waits_and_can_be_gone_on_with(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    address, fields = filled_in(coordinator)
    engine, how_many = cast.runtime.sessions.engine, "SELECT count(*) FROM urges"
    with closing(sqlite3.connect(str(engine.url.database), check_same_thread=False)) as other:

        def hold(*_: object) -> None:
            """Once the first unit is urged, somebody else writes for long."""
            if not other.in_transaction and other.execute(how_many).fetchone() == (2,):
                other.execute("BEGIN IMMEDIATE")

        event.listen(engine, "checkout", lambda dbapi, *_: dbapi.execute("PRAGMA busy_timeout=9"))
        event.listen(engine, "checkin", hold)
        answer = coordinator.post(address, data=fields)
        event.remove(engine, "checkin", hold)
        other.rollback()
    assert answer.status_code == 303
    page = text_of(coordinator.get(answer.location))
    assert "some units still wait" in page
    assert "Still to be urged" in page
    assert f"{HEALTH} 1" in page
    assert coordinator.send(answer.location, action="/tasks/urged/").status_code == 303
    assert len(urges(cast)) == 3
    assert "Still to be urged" not in text_of(coordinator.get(answer.location))


def test_what_was_left_out_can_be_urged_again(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    """Only that: the preview is of the batch's rest, and leads back to the batch."""
    address, fields = filled_in(coordinator, ids=[str(rows[0]), str(cast.school_row)])
    batch = coordinator.post(address, data=fields).location
    (again,) = [link for link in links_of(coordinator.get(batch)) if "left=" in link]
    assert "Nothing on this list can be urged." in text_of(coordinator.get(again))
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    page = coordinator.get(again)
    assert "Can be urged: 1 assignments of 1 units." in text_of(page)
    assert batch in links_of(page)
    assert coordinator.send(again).status_code == 303
    assert [urge.assignment_id for urge in urges(cast)] == [rows[0], cast.school_row]
    assert coordinator.get("/tasks/urge?left=999999").status_code == 404


def test_one_assignment_is_urged_by_slip_from_its_page(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    path = f"/tasks/urge?assignment={rows[0]}"
    assert path in links_of(coordinator.get(f"/assignments/{rows[0]}"))
    assert coordinator.send(path, slip="notice", signatory="陈统筹").status_code == 303
    (slip,) = slips(cast)
    assert (slip.kind, slip.number) == ("notice", "提〔2024〕1号")
    assert slip.number in text_of(coordinator.get(f"/assignments/{rows[0]}"))


def test_the_supervisor_urges_any_unit_by_supervision_slip(
    client_of: LogIn, rows: list[int], cast: Cast
) -> None:
    supervisor = client_of("supervisor")
    assert "by supervision slip only" in text_of(supervisor.get("/tasks/urge"))
    typed = {"issuer": "县政府督查室", "signatory": "督查员"}
    assert supervisor.send("/tasks/urge", **typed).status_code == 303
    assert {slip.kind for slip in slips(cast)} == {"supervision"}
    assert len(urges(cast)) == 3
    assert supervisor.send("/tasks/urge", slip="demand", **typed).status_code == 422


def test_a_list_that_is_too_long_is_said_so(
    coordinator: Client, rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.services.urging_preview.MOST_AT_ONCE", 2)
    answer = coordinator.get("/tasks/urge")
    assert answer.status_code == 422
    assert "at most 2 are urged at once" in text_of(answer)


def test_nothing_to_urge_is_no_form(coordinator: Client, cast: Cast) -> None:
    words = text_of(coordinator.get("/tasks/urge"))
    assert "Nothing on this list can be urged." in words


def demand(cast: Cast, ids: list[int], kind: SlipKind = SlipKind.DEMAND) -> int:
    form = SlipForm(kind, "催〔2024〕3号", "县机关事务管理中心", "陈统筹")
    cast.do(urge_many, "coordinator", ids, Demand("请说明进度。\n逾期将督办。", TODAY, form))
    return slips(cast)[0].id


def test_a_unit_reads_and_downloads_its_slip(client_of: LogIn, rows: list[int], cast: Cast) -> None:
    slip_id = demand(cast, rows[:2])
    liaison = client_of("edu")
    assert "催〔2024〕3号" in text_of(liaison.get("/slips"))
    words = text_of(liaison.get(f"/slips/{slip_id}"))
    for part in ("催〔2024〕3号", "签发人：陈统筹", "县教委：", "2024年12月10日", "回 执"):
        assert part in words
    answer = liaison.get(f"/slips/{slip_id}.docx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Disposition"].isascii(), "Chinese would break the server"
    text = "\n".join(each.text for each in docx.Document(BytesIO(answer.data)).paragraphs)
    assert "请说明进度。\n逾期将督办。" in text
    assert client_of("health").get(f"/slips/{slip_id}.docx").status_code == 404


def test_the_list_of_slips_is_filtered_and_taken_away(
    coordinator: Client, rows: list[int], cast: Cast
) -> None:
    demand(cast, rows)
    assert HEALTH not in text_of(coordinator.get("/slips?q=教委"))
    assert "No slips here." in text_of(coordinator.get("/slips?slip=notice"))
    assert "No slips here." in text_of(coordinator.get("/slips?q=没有"))
    exported = coordinator.get("/slips.csv?unanswered=yes").text
    assert EDU in exported
    assert HEALTH in exported


def test_the_unit_answers_on_the_assignments_page(
    client_of: LogIn, coordinator: Client, rows: list[int], cast: Cast
) -> None:
    page = f"/assignments/{rows[0]}"
    cast.do(urging.urge, "coordinator", rows[0], "请说明进度。", TODAY, "李教育")
    liaison = client_of("edu")
    assert "By telephone: 李教育" in text_of(liaison.get(page))
    assert liaison.send(page, action="/answer", text="").status_code == 422
    assert liaison.send(page, action="/answer", text="下周完成。").status_code == 303
    words = text_of(coordinator.get(page))
    assert words.count("下周完成。") == 2, "beside the urge and on the time line"
    assert not [form for form in liaison.forms(page) if "/answer" in form.action]
    assert "Your urge was answered: 下周完成。" in text_of(coordinator.get("/inbox"))


def test_of_two_urges_one_is_chosen(client_of: LogIn, rows: list[int], cast: Cast) -> None:
    first = cast.do(urging.urge, "coordinator", rows[0], "一", TODAY).id
    second = cast.do(urging.urge, "coordinator", rows[0], "二", TODAY).id
    liaison, page = client_of("edu"), f"/assignments/{rows[0]}"
    form = next(f for f in liaison.forms(page) if "/answer" in f.action)
    assert form.values["urge_id"] == str(first), "the older one is offered first"
    typed = {"urge_id": str(second), "text": "好"}
    assert liaison.send(page, action="/answer", **typed).status_code == 303
    assert liaison.send(page, action="/answer", text="好").status_code == 303
    with cast.reading() as db:
        assert all(urge.answer for urge in db.scalars(select(Urge)))


def test_an_overdue_answer_is_red(client_of: LogIn, rows: list[int], cast: Cast) -> None:
    cast.do_on(
        TODAY.replace(day=8), urging.urge, "coordinator", rows[0], "请答复", TODAY.replace(day=9)
    )
    page = client_of("edu").get(f"/assignments/{rows[0]}")
    assert "light-red" in page.text
    assert "Answer overdue since" in text_of(page)
