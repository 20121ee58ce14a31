"""Adding tasks by hand, their standard and proof list, issuing many, and what the list holds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from planner.domain.errors import BadInput, NotAllowed, NotFound, Stale
from planner.domain.lateness import lateness
from planner.domain.lifecycle import State
from planner.domain.words import Method, Origin, Part, ReturnKind, TaskKind
from planner.models import (
    Assignment,
    JournalEntry,
    Submission,
    Target,
    Task,
    UnitGroup,
    UnitGroupMember,
)
from planner.services import breakdown, reviewing, steering, tasks
from planner.services.allocation import unallocated
from planner.services.breakdown import NodeForm
from planner.services.issuing import issue_one_of_many
from planner.services.overdue import last_past_due, overdue_condition
from planner.services.reviewing import ReturnForm
from planner.services.rounds import rounds_of
from planner.services.steering import CancelForm
from planner.services.task_list import TaskFilter, count_all, count_by_unit, list_page, whole_list
from planner.services.tasks import ProofLine, RowForm, StandardForm, TaskForm
from tests.support.cast import EDU, HEALTH, LEAD, TODAY, Cast
from tests.support.verbs import accept, dump, found, start, submit

Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """All of it on SQLite and on PostgreSQL."""
    return database_url


def _row(cast: Cast, **changes: Any) -> RowForm:
    given = RowForm(
        text="完成年度节能改造。", unit_ids=(cast.units[EDU],), due_on=date(2025, 6, 30)
    )
    return replace(given, **changes)


def _form(cast: Cast, **changes: Any) -> TaskForm:
    given = TaskForm(
        action_id=cast.action,
        number="2024-1",
        sentence="开展年度节能改造。",
        origin=Origin.SUPERIOR,
        document_number="渝事管〔2024〕3号",
        kind=TaskKind.ONCE,
        standard=StandardForm("验收合格", [ProofLine("验收单"), ProofLine("照片", False)]),
        row=_row(cast, unit_ids=(cast.units[EDU], cast.units[HEALTH])),
    )
    return replace(given, **changes)


def test_a_task_by_hand_makes_one_draft_for_each_chosen_unit(cast: Cast) -> None:
    task_id = cast.do(tasks.add_task, "coordinator", _form(cast)).id
    with cast.reading() as db:
        task = db.get_one(Task, task_id)
        rows = db.scalars(select(Assignment).where(Assignment.task_id == task_id)).all()
        entry = db.scalars(
            select(JournalEntry).where(JournalEntry.subject == f"task:{task_id}")
        ).one()
        assert (task.lead_unit_id, task.section) == (cast.units[LEAD], "")
        assert [(item.item, item.required) for item in task.proof_items] == [
            ("验收单", True),
            ("照片", False),
        ]
        assert {row.unit_id for row in rows} == {cast.units[EDU], cast.units[HEALTH]}
        assert {(row.state, row.due_on, row.original_due_on) for row in rows} == {
            ("draft", date(2025, 6, 30), date(2025, 6, 30))
        }
        assert entry.verb == "create"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"action_id": 999}, "action_id"),
        ({"number": " "}, "number"),
        ({"number": "1.1"}, "number"),
        ({"number": "x" * 41}, "number"),
        ({"sentence": ""}, "sentence"),
        ({"sentence": "字" * 5001}, "sentence"),
        ({"document_number": " "}, "document_number"),
        ({"standard": StandardForm(proof=[ProofLine("字" * 301)])}, "proof"),
        ({"standard": StandardForm(proof=[ProofLine("项")] * 51)}, "proof"),
    ],
)
def test_a_bad_task_is_refused_by_its_field(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    before = dump(cast)
    with pytest.raises(BadInput) as refused:
        cast.do(tasks.add_task, "coordinator", _form(cast, **changes))
    assert refused.value.field == field
    assert dump(cast) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unit_ids": (999,)}, "unit_ids"),
        ({"due_on": None}, "due_on"),
        ({"due_on": date(2020, 12, 31)}, "due_on"),
        ({"due_on": date(2026, 1, 1)}, "due_on"),
        ({"text": "  "}, "text"),
        ({"weight": Decimal(0)}, "weight"),
        ({"method": Method.PROPORTIONAL}, "amount"),
        ({"method": Method.PROPORTIONAL, "amount": Decimal(3)}, "measure"),
        ({"method": Method.PROPORTIONAL, "amount": Decimal(0), "measure": "个"}, "amount"),
    ],
)
def test_a_bad_row_is_refused_by_its_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    before = dump(cast)
    with pytest.raises(BadInput) as refused:
        cast.do(tasks.add_rows, "coordinator", cast.standard, _row(cast, **changes))
    assert refused.value.field == field
    assert dump(cast) == before


def test_a_first_assignment_needs_a_unit_and_a_further_row_can_wait_for_one(cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        cast.do(tasks.add_task, "coordinator", _form(cast, row=_row(cast, unit_ids=())))
    assert refused.value.field == "unit_ids"
    (made,) = cast.do(tasks.add_rows, "coordinator", cast.standard, _row(cast, unit_ids=()))
    assert (found(cast, made.id).unit_id, found(cast, made.id).state) == (None, "draft")


def test_an_amount_stands_only_where_credit_goes_by_amount(cast: Cast) -> None:
    amount = {"amount": Decimal(3), "measure": "个"}
    (plain,) = cast.do(tasks.add_rows, "coordinator", cast.standard, _row(cast, **amount))
    counted = _row(cast, method=Method.PROPORTIONAL, part=Part.SUPPORTING, **amount)
    (by_amount,) = cast.do(tasks.add_rows, "coordinator", cast.standard, counted)
    assert (plain.amount, plain.measure) == (None, None)
    assert (by_amount.amount, by_amount.measure, by_amount.part) == (3, "个", "supporting")


@pytest.mark.parametrize("username", ["edu", "edu-head", "supervisor", "leader", "auditor"])
def test_only_a_coordinator_adds_tasks(cast: Cast, username: str) -> None:
    with pytest.raises(NotAllowed):
        cast.do(tasks.add_task, username, _form(cast))


def test_a_task_that_another_unit_leads_is_not_edited(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(Task, cast.standard).lead_unit_id = cast.units[EDU]
        db.get_one(Task, cast.platform).lead_unit_id = cast.units[EDU]
        db.commit()
    cast.do_on(TODAY, _issue_as_system, "coordinator", cast.lead_row)
    with pytest.raises(NotFound):
        cast.do(tasks.edit_standard, "coordinator", cast.standard, StandardForm())
    with pytest.raises(NotAllowed):
        cast.do(tasks.edit_standard, "coordinator", cast.platform, StandardForm())


def _issue_as_system(db: Any, actor: Any, clock: Any, assignment_id: int) -> None:
    """The lead owes this, so that its coordinator sees the task that another unit leads."""
    assignment = db.get_one(Assignment, assignment_id)
    assignment.state, assignment.issued_on = State.ISSUED, clock.today


def test_the_proof_list_can_grow_shrink_and_change(cast: Cast) -> None:
    for items in (["甲", "乙", "丙"], ["丁"], ["戊", "己"]):
        form = StandardForm("达标", [ProofLine(item) for item in items], False)
        cast.do(tasks.edit_standard, "coordinator", cast.standard, form)
        with cast.reading() as db:
            task = db.get_one(Task, cast.standard)
            assert [item.item for item in task.proof_items] == items
            assert [item.position for item in task.proof_items] == list(range(1, len(items) + 1))
            assert not task.evidence_required


def _issue(cast: Cast, draft: int, seen: int, token: str = "form") -> Assignment | None:
    return cast.do(issue_one_of_many, "coordinator", draft, seen, token)


def test_each_of_many_drafts_is_issued_by_itself_and_by_its_form_once(cast: Cast) -> None:
    made = _issue(cast, cast.edu_row, 1)
    assert made is not None
    assert made.state == "issued"
    before = dump(cast)
    assert _issue(cast, cast.edu_row, 1) is None
    with pytest.raises(
        BadInput, match=r"“1\.1 开展节约型机关创建。” was not issued: Somebody acted"
    ):
        _issue(cast, cast.edu_row, 1, "other")
    assert dump(cast) == before
    assert _issue(cast, cast.lead_row, 1) is not None


def test_a_draft_out_of_scope_is_not_named(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(Task, cast.standard).lead_unit_id = cast.units[EDU]
        db.commit()
    for draft in (cast.edu_row, 999):
        with pytest.raises(NotFound):
            _issue(cast, draft, 1)


def test_two_who_edit_one_standard_do_not_overwrite_each_other(cast: Cast) -> None:
    first = cast.do(tasks.edit_standard, "coordinator", cast.standard, StandardForm("甲"), 1)
    assert first.version == 2
    before = dump(cast)
    with pytest.raises(Stale):
        cast.do(tasks.edit_standard, "coordinator2", cast.standard, StandardForm("乙"), 1)
    assert dump(cast) == before
    cast.do(tasks.edit_standard, "coordinator2", cast.standard, StandardForm("乙"), 2)


def test_a_coordinator_of_a_unit_that_leads_nothing_adds_no_task(cast: Cast) -> None:
    outside = replace(cast.actor("coordinator"), unit_id=cast.units[EDU])
    with cast.runtime.sessions.writing() as db:
        with pytest.raises(NotAllowed):
            tasks.add_task(db, outside, cast.clock(), _form(cast))
        db.get_one(Task, cast.platform).lead_unit_id = cast.units[EDU]
        made = tasks.add_task(db, outside, cast.clock(), _form(cast))
        assert made.lead_unit_id == cast.units[EDU]


@pytest.mark.parametrize("field", ["number", "measure", "section", "document_number"])
def test_what_cannot_be_stored_is_refused_at_its_field(cast: Cast, field: str) -> None:
    bad = {"method": Method.PROPORTIONAL, "amount": Decimal(1), "measure": "个\0"}
    changes = {"row": _row(cast, **bad)} if field == "measure" else {field: "a\0b"}
    with pytest.raises(BadInput) as refused:
        cast.do(tasks.add_task, "coordinator", _form(cast, **changes))
    assert refused.value.field == field


def _unallocated(cast: Cast, username: str = "coordinator") -> list[tuple[int, Decimal, Decimal]]:
    with cast.reading() as db:
        found = unallocated(db, cast.actor(username))
    return [(each.target.task_id, each.allocated, each.target.amount) for each in found]


def test_a_shared_target_is_to_be_allocated_until_rows_and_nodes_reach_it(cast: Cast) -> None:
    assert _unallocated(cast) == []
    with cast.runtime.sessions.writing() as db:
        db.scalars(select(Target)).one().shared = True
        db.commit()
    assert _unallocated(cast) == [], "the row's own amount is the target"
    with cast.runtime.sessions.writing() as db:
        row = db.get_one(Assignment, cast.charger_row)
        row.amount = row.measure = None
        db.commit()
    assert _unallocated(cast) == [(cast.chargers, 1, 3)]
    node = NodeForm(2025, "建成2个。", date(2025, 12, 10), Decimal(2))
    made = cast.do(breakdown.break_down, "coordinator", cast.charger_row, node)
    assert _unallocated(cast) == []
    cast.do(steering.cancel, "coordinator", made.id, CancelForm("有误。"))
    assert _unallocated(cast) == [(cast.chargers, 1, 3)]
    cast.do(steering.cancel, "coordinator", cast.charger_node, CancelForm("有误。"))
    assert _unallocated(cast) == [(cast.chargers, 0, 3)]
    assert _unallocated(cast, "edu") == []


def _ids(cast: Cast, username: str, wanted: TaskFilter, today: date = TODAY) -> set[int]:
    with cast.reading() as db:
        lines = whole_list(db, cast.actor(username), cast.clock(today), wanted)
        ids = {line.assignment.id for line in lines}
        assert count_all(db, cast.actor(username), cast.clock(today), [wanted]) == [len(ids)]
        return ids


def test_the_list_holds_what_may_be_opened(cast: Cast) -> None:
    everything = {
        cast.edu_row,
        cast.health_row,
        cast.school_row,
        cast.charger_row,
        cast.charger_node,
        cast.lead_row,
    }
    start(cast, cast.edu_row)
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    cast.do(breakdown.issue, "coordinator", cast.health_row)
    assert _ids(cast, "coordinator", TaskFilter()) == everything
    assert _ids(cast, "leader", TaskFilter()) == everything
    assert _ids(cast, "edu", TaskFilter()) == {cast.edu_row, cast.school_row}
    assert _ids(cast, "edu", TaskFilter(whose="own")) == {cast.edu_row}
    assert _ids(cast, "edu", TaskFilter(whose="family")) == {cast.edu_row, cast.school_row}
    assert _ids(cast, "health", TaskFilter()) == {cast.health_row}
    assert _ids(cast, "admin", TaskFilter()) == set()
    assert _ids(cast, "leader", TaskFilter(whose="own")) == set()


def test_each_filter_keeps_what_it_says(cast: Cast) -> None:
    start(cast, cast.edu_row)
    chargers = {cast.charger_row, cast.charger_node}
    standard = {cast.edu_row, cast.health_row, cast.school_row}
    expected = {
        TaskFilter(text="充电桩"): chargers,
        TaskFilter(text="1.2 教委"): chargers,
        TaskFilter(text="充电桩 卫生"): set(),
        TaskFilter(text="100%_"): set(),
        TaskFilter(unit=cast.units[HEALTH]): {cast.health_row},
        TaskFilter(action=cast.other_action): {cast.lead_row},
        TaskFilter(task=cast.chargers): chargers,
        TaskFilter(states=frozenset({State.IN_PROGRESS})): {cast.edu_row},
        TaskFilter(due_from=date(2024, 12, 31)): {cast.charger_row, cast.lead_row},
        TaskFilter(due_to=date(2024, 11, 29)): {cast.health_row},
        TaskFilter(year=2024): {*standard, cast.charger_node, cast.lead_row},
        TaskFilter(year=2025): {cast.charger_row},
        TaskFilter(part=Part.SUPPORTING): {cast.school_row},
        TaskFilter(origin=Origin.MEETING): set(),
        TaskFilter(draft="ready"): {*chargers, cast.health_row, cast.school_row, cast.lead_row},
        TaskFilter(undivided=0): {*standard, cast.lead_row},
        TaskFilter(undivided=2023): {*standard, cast.lead_row, cast.charger_row},
        TaskFilter(undivided=2024): set(),
    }
    for wanted, ids in expected.items():
        assert _ids(cast, "coordinator", wanted) == ids, wanted


def test_drafts_are_told_apart_by_what_they_lack(cast: Cast) -> None:
    cast.do(tasks.add_rows, "coordinator", cast.standard, _row(cast, unit_ids=()))
    with cast.runtime.sessions.writing() as db:
        group = UnitGroup(key="towns", name="街镇")
        db.add(group)
        db.flush()
        template = db.get_one(Assignment, cast.school_row)
        template.unit_id, template.group_id = None, group.id
        db.commit()
        group_id = group.id
    nobody = _ids(cast, "coordinator", TaskFilter(draft="no-unit"))
    assert len(nobody) == 1
    assert _ids(cast, "coordinator", TaskFilter(draft="no-members")) == {cast.school_row}
    assert cast.school_row not in _ids(cast, "coordinator", TaskFilter(draft="ready"))
    with cast.runtime.sessions.writing() as db:
        db.add(UnitGroupMember(group_id=group_id, unit_id=cast.units[HEALTH]))
        db.commit()
    assert _ids(cast, "coordinator", TaskFilter(draft="no-members")) == set()


def test_what_waits_is_listed_for_who_decides_on_it(cast: Cast) -> None:
    start(cast, cast.edu_row)
    submit(cast, cast.edu_row)
    start(cast, cast.lead_row, "coordinator")
    submit(cast, cast.lead_row, liaison="coordinator")
    waiting = TaskFilter(review=True)
    assert _ids(cast, "coordinator", waiting) == {cast.edu_row}
    assert _ids(cast, "supervisor", waiting) == {cast.lead_row}
    assert _ids(cast, "edu", waiting) == set()


def test_returned_ends_when_it_is_handed_in_again(cast: Cast) -> None:
    start(cast, cast.edu_row)
    submit(cast, cast.edu_row)
    returned = TaskFilter(whose="own", returned=True)
    assert _ids(cast, "edu", returned) == set()
    _send_back(cast, cast.edu_row, TODAY, date(2024, 10, 22))
    assert _ids(cast, "edu", returned) == {cast.edu_row}
    submit(cast, cast.edu_row)
    assert _ids(cast, "edu", returned) == set()
    accept(cast, cast.edu_row)
    assert _ids(cast, "edu", TaskFilter(accepted=2024)) == {cast.edu_row}
    assert _ids(cast, "edu", TaskFilter(accepted=2025)) == set()


def _send_back(cast: Cast, assignment_id: int, day: date, rework_on: date) -> None:
    form = ReturnForm(ReturnKind.AMEND, "缺少签字页。", rework_on)
    cast.do_on(day, reviewing.return_, "coordinator", assignment_id, form)


def test_overdue_is_the_rule_of_lateness_on_every_day(cast: Cast) -> None:
    """Days off, waiting, granted rework and hand-ins: the list agrees with the rule each day."""
    for assignment_id in (cast.edu_row, cast.charger_node):
        start(cast, assignment_id)
    start(cast, cast.health_row, "health")
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    submit(cast, cast.edu_row, day=date(2024, 12, 9))
    _send_back(cast, cast.edu_row, date(2024, 12, 12), date(2024, 12, 19))
    submit(cast, cast.health_row, liaison="health", day=date(2024, 12, 3))
    _send_back(cast, cast.health_row, date(2024, 12, 5), date(2024, 12, 12))
    excused = False
    for number in range(100):
        today = date(2024, 11, 20) + timedelta(days=number)
        expected, spared = _late_by_the_rule(cast, today)
        excused = excused or spared
        assert _ids(cast, "leader", TaskFilter(overdue=True), today) == expected, today
        not_late = _ids(cast, "leader", TaskFilter(overdue=False), today)
        assert not_late.isdisjoint(expected)
        assert len(not_late) + len(expected) == 6
    assert excused


def _late_by_the_rule(cast: Cast, today: date) -> tuple[set[int], bool]:
    clock = cast.clock(today)
    with cast.reading() as db:
        owed = db.scalars(
            select(Assignment).where(Assignment.state.in_(["issued", "in_progress"]))
        ).all()
        rounds = rounds_of(db, Assignment.id.in_([each.id for each in owed]))
    late = {
        each.id
        for each in owed
        if lateness(each.due_on or today, today, rounds.get(each.id, ()), clock.calendar)
    }
    past = {each.id for each in owed if each.due_on and each.due_on <= last_past_due(clock)}
    return late, bool(past - late)


def test_a_withdrawn_round_excuses_nothing(cast: Cast) -> None:
    start(cast, cast.edu_row)
    submission_id = submit(cast, cast.edu_row, day=date(2024, 12, 10))
    _send_back(cast, cast.edu_row, date(2024, 12, 20), date(2024, 12, 27))
    today = date(2024, 12, 23)
    assert _ids(cast, "edu", TaskFilter(overdue=True), today) == set()
    with cast.runtime.sessions.writing() as db:
        db.get_one(Submission, submission_id).withdrawn_on = date(2024, 12, 11)
        db.commit()
    assert _ids(cast, "edu", TaskFilter(overdue=True), today) == {cast.edu_row}


def test_overdue_is_counted_by_unit(cast: Cast) -> None:
    start(cast, cast.edu_row)
    start(cast, cast.charger_node)
    start(cast, cast.health_row, "health")
    with cast.reading() as db:
        counts = count_by_unit(
            db,
            cast.actor("coordinator"),
            cast.clock(date(2024, 12, 23)),
            TaskFilter(whose="led", overdue=True),
        )
        assert [(unit.name, count) for unit, count in counts] == [(EDU, 2), (HEALTH, 1)]


def _order(cast: Cast, sort: str, descending: bool = False) -> list[int]:
    wanted = TaskFilter(sort=sort, descending=descending)  # type: ignore[arg-type]
    with cast.reading() as db:
        lines = whole_list(db, cast.actor("leader"), cast.clock(), wanted)
        return [line.assignment.id for line in lines]


def test_lines_sort_both_ways_and_what_has_no_value_stands_last(cast: Cast) -> None:
    (nobody,) = cast.do(tasks.add_rows, "coordinator", cast.standard, _row(cast, unit_ids=()))
    start(cast, cast.health_row, "health")
    assert _order(cast, "due")[0] == _order(cast, "due", True)[-1] == cast.health_row
    assert _order(cast, "unit")[-1] == _order(cast, "unit", True)[-1] == nobody.id
    assert _order(cast, "number")[-3:] == [cast.charger_row, cast.charger_node, cast.lead_row]
    assert _order(cast, "state")[-1] == _order(cast, "state", True)[0] == cast.health_row
    assert cast.edu_row in _order(cast, "activity")


def test_pages_hold_25_lines_and_the_last_page_stands_for_all_beyond(
    cast: Cast, count_queries: Counting
) -> None:
    clock, who = cast.clock(), cast.actor("coordinator")
    with cast.reading() as db, count_queries() as few:
        assert list_page(db, who, clock, TaskFilter(), 1).total == 6
    for _ in range(12):
        both = _row(cast, unit_ids=(cast.units[EDU], cast.units[HEALTH]))
        cast.do(tasks.add_rows, "coordinator", cast.standard, both)
    with cast.reading() as db, count_queries() as many:
        first = list_page(db, who, clock, TaskFilter(), 1)
    with cast.reading() as db:
        last = list_page(db, who, clock, TaskFilter(), 99)
    assert (first.total, first.pages, len(first.items)) == (30, 2, 25)
    assert (last.number, last.first, last.last, len(last.items)) == (2, 26, 30, 5)
    assert len(many) == len(few)


def test_a_line_knows_its_nodes_and_what_is_verified(cast: Cast) -> None:
    start(cast, cast.charger_node)
    submit(cast, cast.charger_node, "1")
    accept(cast, cast.charger_node, "1")
    form = NodeForm(2025, "建成2个。", date(2025, 12, 10), Decimal(2))
    cast.do(breakdown.break_down, "coordinator", cast.charger_row, form)
    with cast.reading() as db:
        wanted = TaskFilter(task=cast.chargers)
        lines = whole_list(db, cast.actor("coordinator"), cast.clock(), wanted)
    by_id = {line.assignment.id: line for line in lines}
    assert by_id[cast.charger_row].nodes == 2
    assert by_id[cast.charger_node].verified == 1
    assert by_id[cast.charger_node].active_on == TODAY


def test_overdue_takes_as_many_queries_however_much_was_returned(
    cast: Cast, count_queries: Counting
) -> None:
    clock = cast.clock(date(2024, 12, 23))
    with cast.reading() as db, count_queries() as none_returned:
        overdue_condition(db, clock)
    for assignment_id in (cast.edu_row, cast.charger_node):
        start(cast, assignment_id)
        submit(cast, assignment_id, "1" if assignment_id == cast.charger_node else None)
        _send_back(cast, assignment_id, TODAY, date(2024, 10, 22))
    with cast.reading() as db, count_queries() as two_returned:
        overdue_condition(db, clock)
    assert len(none_returned) == len(two_returned)
