"""The plan as a tree: verbatim, marked, and only as far as one may see."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal

import pytest

from planner.domain.actor import SYSTEM
from planner.domain.words import DueBasis
from planner.models import Assignment, Indicator, Note, Target, UnitGroup
from planner.services import breakdown, tasks
from planner.services.due_dates import set_due
from planner.services.plan_tree import branches_of, plan_tree
from planner.services.tasks import RowForm
from tests.support.cast import EDU, HEALTH, LEAD, Cast
from tests.support.pages import LogIn, links_of, text_of
from tests.support.verbs import accept, start, submit

Counting = Callable[[], AbstractContextManager[list[str]]]


def _indicator(cast: Cast, position: int, name: str, consistent: bool) -> Indicator:
    return Indicator(
        plan_id=cast.plan,
        key=f"i-{position}",
        position=position,
        category="总量",
        name=name,
        measure="吨标准煤",
        base_year=2020,
        base=Decimal(15402),
        target_year=2025,
        target=Decimal("14786.5"),
        comparator="<=",
        direction="down",
        binding=consistent,
        owner_id=cast.units[LEAD],
        owner_inferred=not consistent,
        weight=Decimal(1),
        consistent=consistent,
        section="第一章 专栏1",
        sentence=f"{name}不超过14786.5吨标准煤。",
        notes=[] if consistent else [Note(text="两处数字不同。", reading="原样保存。")],
    )


@pytest.fixture
def full(cast: Cast) -> Cast:
    """The cast with indicators, notes, an inferred date, an empty group and nobody's row."""
    with cast.runtime.sessions.writing() as db:
        db.add_all([_indicator(cast, 1, "能源总量", True), _indicator(cast, 2, "水总量", False)])
        db.add(Note(plan_id=cast.plan, text="规划没有年度节点。"))
        db.add(Note(assignment_id=cast.edu_row, text="空格。"))
        group = UnitGroup(key="towns", name="街镇级公共机构")
        db.add(group)
        db.flush()
        row = db.get_one(Assignment, cast.school_row)
        row.unit_id, row.group_id = None, group.id
        inferred = DueBasis.INFERRED
        set_due(db, SYSTEM, cast.clock(), row, date(2025, 12, 31), basis=inferred, reason="期末")
        db.commit()
    form = RowForm("等待指定单位。", (), date(2025, 6, 30))
    cast.do(tasks.add_rows, "coordinator", cast.platform, form)
    return cast


def test_the_coordinator_sees_the_whole_plan_with_what_is_missing(
    full: Cast, client_of: LogIn
) -> None:
    words = text_of(client_of("coordinator").get("/plan"))
    for expected in (
        "节能小规划",
        "测试〔2022〕1号",
        "规划没有年度节点。",
        "15,402 吨标准煤",
        "≤ 14,786.5 吨标准煤",
        "能源总量不超过14786.5吨标准煤。",
        "binding",
        "expected",
        "Printed numbers contradict each other",
        "两处数字不同。",
        "专栏1 绿色行动",
        "Tasks: 2 · Rows: 4 · Nodes: 1 · Accepted: 0",
        "建成充电桩3个以上。",
        "Node 2024",
        "inferred",
        "stated by the plan：“测试”",
        "No unit named",
        "Group without members",
        "Not broken down",
        "空格。",
    ):
        assert expected in words, expected


def test_a_liaison_sees_no_drafts_no_marks_and_no_notes(full: Cast, client_of: LogIn) -> None:
    client = client_of("edu")
    assert "No task of the plan concerns your unit yet." in text_of(client.get("/plan"))
    start(full, full.edu_row)
    words = text_of(client.get("/plan"))
    assert "开展节约型机关创建。" in words
    assert "Tasks: 1 · Rows: 1 · Nodes: 0 · Accepted: 0" in words
    for hidden in ("建成能耗监管平台。", "Not broken down", "No unit named", "空格。", "街镇"):
        assert hidden not in words, hidden


def test_a_node_is_shown_where_its_row_is_still_a_draft(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.charger_node)
    with cast.reading() as db:
        condition = Assignment.task_id == cast.chargers
        mine = branches_of(db, cast.actor("edu"), cast.clock(), condition)
        leads = branches_of(db, cast.actor("coordinator"), cast.clock(), condition)
    assert [branch.assignment.id for branch in mine] == [cast.charger_node]
    assert [branch.assignment.id for branch in leads] == [cast.charger_row]
    assert [node.assignment.id for node in leads[0].nodes] == [cast.charger_node]


def test_counts_of_an_action_agree_with_the_list_behind_them(cast: Cast, client_of: LogIn) -> None:
    start(cast, cast.edu_row)
    submit(cast, cast.edu_row)
    accept(cast, cast.edu_row)
    start(cast, cast.health_row, "health")
    with cast.reading() as db:
        tree = plan_tree(db, cast.actor("coordinator"), cast.clock(date(2024, 12, 23)))
    counts = {branch.action.id: branch.counts for branch in tree.actions}
    assert (counts[cast.action].accepted, counts[cast.action].overdue) == (1, 1)
    assert counts[cast.other_action].overdue == 0
    page = client_of("coordinator").get("/plan")
    assert f"/tasks?action={cast.action}" in links_of(page)


@pytest.mark.parametrize(
    ("username", "status"), [("leader", 200), ("supervisor", 200), ("auditor", 403), ("admin", 403)]
)
def test_who_may_read_the_plan(cast: Cast, client_of: LogIn, username: str, status: int) -> None:
    assert client_of(username).get("/plan").status_code == status


def test_everything_can_be_unfolded_without_scripts(cast: Cast, client_of: LogIn) -> None:
    client = client_of("coordinator")
    folded, unfolded = client.get("/plan").text, client.get("/plan?open=all").text
    assert folded.count("<details") == unfolded.count("<details") == unfolded.count(" open>")
    assert folded.count(" open>") == 1


def test_the_tree_takes_as_many_queries_for_three_times_the_rows(
    full: Cast, client_of: LogIn, count_queries: Counting
) -> None:
    client = client_of("coordinator")
    with count_queries() as few:
        client.get("/plan")
    both = RowForm("再做一次。", (full.units[EDU], full.units[HEALTH]), date(2025, 6, 30))
    for _ in range(8):
        cast_rows = full.do(tasks.add_rows, "coordinator", full.platform, both)
    with full.runtime.sessions.writing() as db:
        for number, row in enumerate(cast_rows):
            db.add(Note(assignment_id=row.id, text="又一条"))
            db.add(
                Target(
                    task_id=full.platform,
                    key=f"t{number}",
                    what="数",
                    sentence="一",
                    section="二",
                    comparator=">=",
                    amount=Decimal(1),
                    measure="个",
                )
            )
        db.commit()
    with count_queries() as many:
        client.get("/plan")
    assert len(many) == len(few)
