"""Periodic reports in the browser without scripts: asked for, handed in, listed, coordinated."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select

from planner.models import Report, Settlement, Submission, Task
from planner.services import handing_in, reports
from tests.support.cast import TODAY, Cast
from tests.support.pages import LogIn, Reader, links_of, text_of
from tests.support.stage import Stage, set_stage
from tests.support.verbs import submit

Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return set_stage(cast)


def open_all(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        reports.open_periods(db, cast.clock())
        db.commit()


def test_the_coordinator_asks_for_reports_and_for_no_more(client_of: LogIn, cast: Cast) -> None:
    lead, path = client_of("coordinator"), f"/tasks/{cast.platform}"
    assert "asks for no periodic report" in text_of(lead.get(path))
    answer = lead.send(path, action="/reporting", every="month", workdays="", day="5")
    assert answer.status_code == 303
    with cast.reading() as db:
        task = db.get_one(Task, cast.platform)
        assert task.reporting == {"every": "month", "workdays": None, "day": 5}
        assert task.reports_from == TODAY
    assert "by day 5 of the following month" in text_of(lead.get(path))
    answer = lead.send(path, action="/reporting/end")
    assert answer.status_code == 303
    assert "asks for no periodic report" in text_of(lead.get(path))


def test_a_mistake_is_said_beside_its_field(client_of: LogIn, cast: Cast) -> None:
    lead, path = client_of("coordinator"), f"/tasks/{cast.platform}"
    for typed, said in (
        ({"workdays": "3", "day": "5"}, "not both"),
        ({"workdays": "41"}, "between 1 and 40"),
        ({"since": "2024-01-01"}, "choose a later day"),
        ({"since": "2031-01-01"}, "outside the plan"),
    ):
        answer = lead.send(path, action="/reporting", **typed)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert 'id="set-reporting" open' in answer.text


def test_who_comes_second_is_told_and_keeps_what_was_typed(client_of: LogIn, cast: Cast) -> None:
    lead, path = client_of("coordinator"), f"/tasks/{cast.platform}"
    (form,) = (each for each in lead.forms(path) if each.action.endswith("/reporting"))
    lead.send(path, action="/reporting", workdays="7")
    answer = lead.post(form.action, data={**form.values, "workdays": "9"})
    assert answer.status_code == 409
    assert 'value="9"' in answer.text


def test_the_liaison_hands_in_from_my_work(client_of: LogIn, cast: Cast, stage: Stage) -> None:
    open_all(cast)
    edu = client_of("edu")
    page = edu.get("/")
    wanted = stage.at("/assignments/{issued}?period=2024-Q3#verb-report")
    assert wanted in links_of(page)
    path = wanted.partition("#")[0]
    (form,) = (each for each in edu.forms(path) if each.action.endswith("/report"))
    assert form.values["period"] == "2024-Q3"
    assert edu.send(path, action="/report", text="已推进。", percent="50").status_code == 303
    with cast.reading() as db:
        query = select(Report).where(Report.assignment_id == stage.ids["issued"])
        assert db.scalars(query).one().handed_in_on == TODAY
    assert wanted not in links_of(edu.get("/"))
    assert "Handed in on time" in text_of(edu.get(stage.at("/assignments/{issued}")))


def test_a_report_handed_in_meanwhile_is_refused_and_the_text_kept(
    client_of: LogIn, cast: Cast, stage: Stage
) -> None:
    open_all(cast)
    edu, path = client_of("edu"), stage.at("/assignments/{issued}?period=2024-Q3")
    (form,) = (each for each in edu.forms(path) if each.action.endswith("/report"))
    edu.send(path, action="/report", text="甲", percent="50")
    answer = edu.post(form.action, data={**form.values, "text": "乙的进展", "percent": "60"})
    assert answer.status_code == 422
    assert "handed in already" in text_of(answer)
    assert "乙的进展" in answer.text


def test_the_list_shows_each_only_what_they_may_open(client_of: LogIn, stage: Stage) -> None:
    lead = text_of(client_of("coordinator").get("/reports"))
    assert "县教委" in lead
    assert "县卫生健康委" in lead
    edu = text_of(client_of("edu").get("/reports"))
    assert "县卫生健康委" not in edu
    assert "2024" in text_of(client_of("leader").get("/reports?view=matrix"))


def test_a_list_is_narrowed_by_its_address_and_taken_away(
    client_of: LogIn, cast: Cast, stage: Stage
) -> None:
    lead = client_of("coordinator")
    answer = lead.get(f"/reports?state=handed_in&period=2024-Q3&unit={stage.ids['edu']}")
    assert stage.at("/assignments/{pending}") in links_of(answer)
    assert stage.at("/assignments/{issued}") not in links_of(answer)
    assert "Nothing matches." in text_of(lead.get("/reports?q=没有"))
    rows = lead.get("/reports.csv?state=handed_in").text.splitlines()
    assert len(rows) == 2
    assert "请协调验收口径" in rows[1]


def test_an_overdue_report_is_found_in_the_task_list(
    client_of: LogIn, cast: Cast, stage: Stage
) -> None:
    lead = client_of("coordinator")
    late, owing = "/tasks?report=overdue", "/tasks?report=open"
    assert stage.at("/assignments/{issued}") in links_of(lead.get(owing))
    assert stage.at("/assignments/{pending}") not in links_of(lead.get(owing))
    assert stage.at("/assignments/{issued}") not in links_of(lead.get(late))


def test_the_coordinator_settles_and_everybody_sees_how(
    client_of: LogIn, cast: Cast, stage: Stage
) -> None:
    lead, leader = client_of("coordinator"), client_of("leader")
    assert "请协调验收口径。" in text_of(leader.get("/coordination"))
    assert not [f for f in leader.forms("/coordination") if f.method == "post" and f.in_main]
    assert "/coordination" in links_of(leader.get("/scorecard"))
    assert "/coordination" in links_of(lead.get("/"))
    refused = lead.send("/coordination", action="/settle", text="")
    assert refused.status_code == 422
    answer = lead.send("/coordination", action="/settle", text="已与县财政局明确。")
    assert answer.status_code == 303
    assert "Nothing waits to be coordinated." in text_of(lead.get("/coordination"))
    settled = text_of(client_of("edu").get("/coordination?show=settled"))
    assert "已与县财政局明确。" in settled
    with cast.reading() as db:
        assert db.scalars(select(Settlement.submission_id)).one() == stage.ids["matter"]
    assert "已与县财政局明确。" in lead.get("/coordination.csv?show=all").text


def test_pages_take_a_fixed_number_of_queries(
    client_of: LogIn, cast: Cast, stage: Stage, count_queries: Counting
) -> None:
    lead = client_of("coordinator")
    paths = ("/reports", "/reports?view=matrix", "/coordination?show=all")

    def taken() -> list[int]:
        numbers = []
        for path in paths:
            with count_queries() as statements:
                assert lead.get(path).status_code == 200
            numbers.append(len(statements))
        return numbers

    few = taken()
    with cast.runtime.sessions.writing() as db:
        reports.open_periods(db, cast.clock(TODAY.replace(year=2025)))
        matter = db.get_one(Submission, stage.ids["matter"])
        for number in range(10, 20):
            db.add(
                Submission(
                    assignment_id=matter.assignment_id,
                    number=number,
                    round=1,
                    kind=matter.kind,
                    text="进展。",
                    coordination="又一件事。",
                    by_id=matter.by_id,
                    on=matter.on,
                    at=matter.at,
                )
            )
        db.commit()
    assert all(now <= before for now, before in zip(taken(), few, strict=True))
    assert Reader(lead.get("/reports").text).words


def test_who_accepts_reads_which_reports_can_then_not_be_handed_in(
    client_of: LogIn, cast: Cast, stage: Stage
) -> None:
    open_all(cast)
    row = stage.ids["issued"]
    cast.do(handing_in.acknowledge, "edu", row)
    submit(cast, row, "1")
    said = text_of(client_of("coordinator").get(f"/review/{row}"))
    assert "cannot be after this: Q3 2024" in said
