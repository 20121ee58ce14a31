"""From the plan's row to what a unit is handed: nodes, drafts, groups, issuing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from planner.domain.clock import Clock
from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound, Stale
from planner.models import (
    Assignment,
    DueRevision,
    Plan,
    Target,
    Task,
    Unit,
    UnitGroup,
    UnitGroupMember,
)
from planner.services import breakdown, fanning_out
from planner.services.breakdown import DraftForm, NodeForm
from planner.services.due_dates import default_due, set_due
from tests.support import verbs
from tests.support.cast import EDU, HEALTH, LEAD, SCHOOL, TODAY, Cast

NODE = NodeForm(2023, "出台方案。", date(2023, 12, 10))


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def break_down(cast: Cast, row: int, form: NodeForm = NODE, who: str = "coordinator") -> int:
    return cast.do(breakdown.break_down, who, row, form).id


def edit(cast: Cast, assignment_id: int, form: DraftForm, seen: int | None = None) -> Assignment:
    seen = cast.version(assignment_id) if seen is None else seen
    return cast.do(breakdown.edit_draft, "coordinator", assignment_id, form, seen).draft


def draft_of(cast: Cast, assignment_id: int) -> DraftForm:
    found = verbs.found(cast, assignment_id)
    return DraftForm(
        found.text, found.unit_id, found.due_on, found.amount, found.measure, found.weight
    )


def change(cast: Cast, kind: Any, thing_id: int, **values: Any) -> None:
    with cast.runtime.sessions.writing() as db:
        db.execute(update(kind).where(kind.id == thing_id).values(**values))
        db.commit()


def refused(act: Callable[[], object], field: str | None) -> None:
    with pytest.raises(BadInput) as refusal:
        act()
    assert refusal.value.field == field


def test_a_node_is_a_draft_of_the_rows_unit_with_its_own_year(cast: Cast) -> None:
    made = verbs.found(cast, break_down(cast, cast.edu_row, replace(NODE, weight=Decimal("0.5"))))
    assert (made.parent_id, made.unit_id, made.year) == (cast.edu_row, cast.units[EDU], 2023)
    assert (made.state, made.text, made.method, made.part) == (
        "draft",
        "出台方案。",
        "binary",
        "responsible",
    )
    assert (made.weight, made.amount, made.version) == (Decimal("0.5"), None, 1)
    assert made.due_on == made.original_due_on == date(2023, 12, 10)


def test_breaking_down_is_written_at_the_row_and_at_the_node(cast: Cast) -> None:
    node = break_down(cast, cast.edu_row)
    at_row, at_node = verbs.last_entry(cast, cast.edu_row), verbs.last_entry(cast, node)
    assert (at_row.verb, at_row.from_state, at_row.to_state) == ("break_down", "draft", "draft")
    assert at_row.data["node_id"] == node
    assert (at_node.verb, at_node.on, at_node.actor_id) == (
        "create",
        TODAY,
        cast.users["coordinator"],
    )


def test_breaking_down_leaves_the_rows_version_alone(cast: Cast) -> None:
    before = cast.version(cast.edu_row)
    break_down(cast, cast.edu_row)
    row = verbs.found(cast, cast.edu_row)
    assert (row.version, row.activity) == (before, 1)


def test_an_amount_makes_a_node_proportional_and_needs_a_measure(cast: Cast) -> None:
    refused(lambda: break_down(cast, cast.edu_row, replace(NODE, amount=Decimal(2))), "measure")
    form = replace(NODE, amount=Decimal(2), measure="所")
    made = verbs.found(cast, break_down(cast, cast.edu_row, form))
    assert (made.method, made.amount, made.measure) == ("proportional", Decimal(2), "所")


def test_a_rows_measure_holds_for_its_nodes(cast: Cast) -> None:
    form = replace(NODE, amount=Decimal(2), measure="台")
    made = verbs.found(cast, break_down(cast, cast.charger_row, form))
    assert (made.amount, made.measure) == (Decimal(2), "个")


def test_a_shared_target_is_allocated_in_its_measure(cast: Cast) -> None:
    """Five trusteeship projects county-wide: the row has no amount, its nodes have."""
    with cast.reading() as db:
        target = db.scalars(select(Target)).one()
    change(cast, Target, target.id, shared=True)
    change(cast, Assignment, cast.charger_row, amount=None, measure=None)
    form = replace(NODE, amount=Decimal(2))
    made = verbs.found(cast, break_down(cast, cast.charger_row, form))
    assert (made.amount, made.measure) == (Decimal(2), "个")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (replace(NODE, text="  "), "text"),
        (replace(NODE, text="长" * 5001), "text"),
        (replace(NODE, due_on=None), "due_on"),
        (replace(NODE, due_on=date(2020, 12, 31)), "due_on"),
        (replace(NODE, due_on=date(2026, 1, 1)), "due_on"),
        (replace(NODE, year=2021), "year"),
        (replace(NODE, year=2026), "year"),
        (replace(NODE, weight=Decimal(0)), "weight"),
        (replace(NODE, amount=Decimal(0), measure="个"), "amount"),
        (replace(NODE, amount=Decimal(1), measure="个" * 41), "measure"),
    ],
)
def test_a_node_that_breaks_a_rule_is_refused_at_its_field(
    cast: Cast, form: NodeForm, field: str
) -> None:
    before = verbs.dump(cast)
    refused(lambda: break_down(cast, cast.edu_row, form), field)
    assert verbs.dump(cast) == before


def test_a_row_counted_by_amount_needs_the_years_amount(cast: Cast) -> None:
    refused(lambda: break_down(cast, cast.charger_row, NODE), "amount")


def test_there_is_one_node_a_year_until_it_is_cancelled(cast: Cast) -> None:
    first = break_down(cast, cast.edu_row)
    refused(lambda: break_down(cast, cast.edu_row), "year")
    change(cast, Assignment, first, state="cancelled")
    assert break_down(cast, cast.edu_row) != first


def test_a_node_is_not_broken_down_further(cast: Cast) -> None:
    refused(lambda: break_down(cast, cast.charger_node, NODE), None)


def test_a_row_without_unit_is_not_broken_down(cast: Cast) -> None:
    change(cast, Assignment, cast.edu_row, unit_id=None)
    refused(lambda: break_down(cast, cast.edu_row), None)


def test_a_cancelled_row_is_not_broken_down(cast: Cast) -> None:
    change(cast, Assignment, cast.edu_row, state="cancelled")
    with pytest.raises(InvalidTransition):
        break_down(cast, cast.edu_row)


def test_only_the_leads_coordinator_breaks_down(cast: Cast) -> None:
    verbs.start(cast, cast.edu_row)
    for who in ("edu", "edu-head", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            break_down(cast, cast.edu_row, who=who)
    for who in ("health", "auditor", "admin"):
        with pytest.raises(NotFound):
            break_down(cast, cast.edu_row, who=who)


def test_a_recurring_task_may_fall_due_after_the_plans_end(cast: Cast) -> None:
    rule = {"month": 3, "day": 31, "year_offset": 1}
    change(cast, Task, cast.standard, recurrence=rule)
    with cast.reading() as db:
        assert default_due(db.get_one(Task, cast.standard), 2025) == date(2026, 3, 31)
        assert default_due(db.get_one(Task, cast.chargers), 2025) == date(2025, 12, 10)
    break_down(cast, cast.edu_row, replace(NODE, year=2025, due_on=date(2026, 3, 31)))


def test_a_draft_can_be_changed_in_everything_it_will_be_issued_with(cast: Cast) -> None:
    form = DraftForm(
        " 新的任务。 ", cast.units[HEALTH], date(2024, 11, 1), Decimal(4), "处", Decimal(2)
    )
    edit(cast, cast.edu_row, form)
    made = verbs.found(cast, cast.edu_row)
    assert (made.text, made.unit_id, made.weight) == ("新的任务。", cast.units[HEALTH], 2)
    assert (made.method, made.amount, made.measure) == ("proportional", 4, "处")
    assert made.due_on == made.original_due_on == date(2024, 11, 1)
    assert verbs.last_entry(cast, cast.edu_row).verb == "edit"


def test_every_due_date_of_a_draft_stays_on_record(cast: Cast) -> None:
    draft = draft_of(cast, cast.edu_row)
    edit(cast, cast.edu_row, draft)
    edit(cast, cast.edu_row, replace(draft, due_on=date(2024, 11, 1)))
    with cast.reading() as db:
        query = select(DueRevision).where(DueRevision.assignment_id == cast.edu_row)
        revisions = db.scalars(query.order_by(DueRevision.number)).all()
    assert [(r.number, r.due_on, r.basis) for r in revisions] == [
        (0, date(2024, 12, 10), "explicit"),
        (1, date(2024, 11, 1), "set"),
    ]
    assert revisions[1].by_id == cast.users["coordinator"]


def test_a_drafts_form_is_refused_at_its_field(cast: Cast) -> None:
    draft = draft_of(cast, cast.charger_row)
    for wrong, field in (
        (replace(draft, text=""), "text"),
        (replace(draft, unit_id=999), "unit_id"),
        (replace(draft, due_on=None), "due_on"),
        (replace(draft, due_on=date(2026, 1, 1)), "due_on"),
        (replace(draft, amount=None), "amount"),
        (replace(draft, amount=Decimal(-1)), "amount"),
        (replace(draft, measure="个" * 41), "measure"),
        (replace(draft, weight=Decimal(0)), "weight"),
    ):
        refused(lambda wrong=wrong: edit(cast, cast.charger_row, wrong), field)  # type: ignore[misc]


def test_a_draft_is_not_given_to_a_unit_that_is_no_longer_active(cast: Cast) -> None:
    change(cast, Unit, cast.units[HEALTH], active=False)
    draft = replace(draft_of(cast, cast.edu_row), unit_id=cast.units[HEALTH])
    refused(lambda: edit(cast, cast.edu_row, draft), "unit_id")


def test_what_was_issued_is_not_edited(cast: Cast) -> None:
    draft = draft_of(cast, cast.edu_row)
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with pytest.raises(InvalidTransition):
        edit(cast, cast.edu_row, draft)


def test_a_draft_that_somebody_else_changed_is_not_overwritten(cast: Cast) -> None:
    draft, seen = draft_of(cast, cast.edu_row), cast.version(cast.edu_row)
    edit(cast, cast.edu_row, draft, seen)
    before = verbs.dump(cast)
    with pytest.raises(Stale):
        edit(cast, cast.edu_row, replace(draft, text="别的"), seen)
    assert verbs.dump(cast) == before


def test_issuing_hands_the_draft_to_its_unit_and_says_so(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    made, entry = verbs.found(cast, cast.edu_row), verbs.last_entry(cast, cast.edu_row)
    assert (made.state, made.issued_on, made.version) == ("issued", TODAY, 2)
    assert (entry.verb, entry.from_state, entry.to_state) == ("issue", "draft", "issued")
    assert (entry.data["due_on"], entry.data["version"]) == ("2024-12-10", 2)
    assert (entry.actor_name, entry.origin) == ("陈统筹", "127.0.0.1")
    assert entry.actor_unit_id == cast.units[LEAD]
    assert verbs.told(cast, cast.edu_row) == {"edu", "edu-head"}


def test_issuing_to_the_lead_tells_its_other_coordinator(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.lead_row)
    assert verbs.told(cast, cast.lead_row) == {"coordinator2"}


def test_a_row_without_unit_or_due_date_is_not_issued(cast: Cast) -> None:
    change(cast, Assignment, cast.edu_row, unit_id=None)
    change(cast, Assignment, cast.health_row, due_on=None)
    for row in (cast.edu_row, cast.health_row):
        refused(lambda row=row: cast.do(breakdown.issue, "coordinator", row), None)  # type: ignore[misc]
        assert verbs.state(cast, row) == "draft"


def test_work_counted_by_amount_is_not_issued_without_one(cast: Cast) -> None:
    change(cast, Assignment, cast.charger_row, amount=None, measure=None)
    refused(lambda: cast.do(breakdown.issue, "coordinator", cast.charger_row), None)


def test_a_row_is_issued_once(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with pytest.raises(InvalidTransition):
        cast.do(breakdown.issue, "coordinator", cast.edu_row)


@pytest.fixture
def group(cast: Cast) -> int:
    """A unit group without members, which the row of 县教委 is for."""
    with cast.runtime.sessions.writing() as db:
        made = UnitGroup(key="schools", name="各学校")
        db.add(made)
        db.flush()
        row = db.get_one(Assignment, cast.edu_row)
        row.unit_id, row.group_id = None, made.id
        db.commit()
        return made.id


def fan_out(cast: Cast, group_id: int, *units: str) -> list[int]:
    with cast.runtime.sessions.writing() as db:
        for unit in units:
            db.add(UnitGroupMember(group_id=group_id, unit_id=cast.units[unit]))
        db.flush()
        made = fanning_out.fan_out(
            db, cast.actor("admin"), cast.clock(), db.get_one(UnitGroup, group_id)
        )
        db.commit()
        return [each.id for each in made]


def test_a_group_is_never_issued_itself(cast: Cast, group: int) -> None:
    refused(lambda: cast.do(breakdown.issue, "coordinator", cast.edu_row), None)
    fan_out(cast, group, SCHOOL)
    refused(lambda: cast.do(breakdown.issue, "coordinator", cast.edu_row), None)


def test_a_group_row_is_given_to_no_unit_and_not_broken_down(cast: Cast, group: int) -> None:
    draft = replace(draft_of(cast, cast.edu_row), unit_id=cast.units[EDU])
    refused(lambda: edit(cast, cast.edu_row, draft), None)
    refused(lambda: break_down(cast, cast.edu_row), None)


def test_each_member_gets_one_draft_once(cast: Cast, group: int) -> None:
    assert fan_out(cast, group) == []
    (first,) = fan_out(cast, group, SCHOOL)
    made = verbs.found(cast, first)
    assert (made.unit_id, made.template_id) == (cast.units[SCHOOL], cast.edu_row)
    assert (made.state, made.due_on, made.original_due_on) == (
        "draft",
        date(2024, 12, 10),
        date(2024, 12, 10),
    )
    assert verbs.last_entry(cast, first).verb == "fan_out"
    (second,) = fan_out(cast, group, HEALTH)
    assert verbs.found(cast, second).unit_id == cast.units[HEALTH]
    assert fan_out(cast, group) == []


def test_a_members_draft_is_issued_like_any_other(cast: Cast, group: int) -> None:
    (made,) = fan_out(cast, group, HEALTH)
    cast.do(breakdown.issue, "coordinator", made)
    assert verbs.told(cast, made) == {"health"}


def test_a_fanned_out_draft_keeps_why_the_due_date_is_what_it_is(cast: Cast, group: int) -> None:
    (made,) = fan_out(cast, group, HEALTH)
    with cast.reading() as db:
        (revision,) = db.scalars(select(DueRevision).where(DueRevision.assignment_id == made))
    assert (revision.basis, revision.raw) == ("explicit", "测试")


def test_members_drafts_follow_the_groups_row_where_they_say_the_same(
    cast: Cast, group: int
) -> None:
    (same,) = fan_out(cast, group, SCHOOL)
    (differs,) = fan_out(cast, group, HEALTH)
    (issued,) = fan_out(cast, group, EDU)
    edit(cast, differs, replace(draft_of(cast, differs), text="另有说法。"))
    cast.do(breakdown.issue, "coordinator", issued)
    text = verbs.found(cast, issued).text
    new = replace(draft_of(cast, cast.edu_row), text="新的说法。", due_on=date(2024, 12, 20))
    seen, version = cast.version(cast.edu_row), cast.version(same)
    made = cast.do(breakdown.edit_draft, "coordinator", cast.edu_row, new, seen)
    assert made.followed == 2
    found = [verbs.found(cast, each) for each in (same, differs, issued)]
    assert [each.text for each in found] == ["新的说法。", "另有说法。", text]
    assert [each.due_on.day for each in found if each.due_on] == [20, 20, 10]
    assert cast.version(same) == version + 1
    assert verbs.last_entry(cast, same).verb == "edit"


def test_a_row_saved_without_a_change_moves_no_draft(cast: Cast, group: int) -> None:
    (same,) = fan_out(cast, group, SCHOOL)
    version, seen = cast.version(same), cast.version(cast.edu_row)
    form = draft_of(cast, cast.edu_row)
    assert cast.do(breakdown.edit_draft, "coordinator", cast.edu_row, form, seen).followed == 0
    assert cast.version(same) == version


def test_years_begin_with_the_plans_issue(cast: Cast) -> None:
    """What the plan asks for before it was published could not be issued any more."""
    change(cast, Plan, cast.plan, issued_on=date(2024, 1, 2))
    refused(lambda: break_down(cast, cast.edu_row), "year")


def test_each_act_stores_its_business_day_and_its_instant(cast: Cast) -> None:
    clock: Clock = cast.clock(date(2024, 3, 1))
    with cast.runtime.sessions.writing() as db:
        breakdown.issue(db, cast.actor("coordinator"), clock, cast.edu_row)
        db.commit()
    entry = verbs.last_entry(cast, cast.edu_row)
    assert (entry.on, entry.at) == (clock.today, clock.now)


def test_a_due_date_that_moves_after_issue_leaves_the_original(cast: Cast) -> None:
    """A yearly assessment counts by the year of the original due date."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with cast.runtime.sessions.writing() as db:
        row = db.get_one(Assignment, cast.edu_row)
        set_due(db, cast.actor("coordinator"), cast.clock(), row, date(2025, 1, 31))
        db.commit()
    made = verbs.found(cast, cast.edu_row)
    assert (made.original_due_on, made.due_on) == (date(2024, 12, 10), date(2025, 1, 31))


def test_what_is_past_due_is_not_issued_before_it_has_a_fresh_date(cast: Cast) -> None:
    """30 November 2024 is a Saturday: the Monday after it is still in time."""
    draft = replace(draft_of(cast, cast.edu_row), due_on=date(2024, 11, 30))
    edit(cast, cast.edu_row, draft)
    with pytest.raises(BadInput, match="The due date has passed: set a fresh one"):
        cast.do_on(date(2024, 12, 3), breakdown.issue, "coordinator", cast.edu_row)
    cast.do_on(date(2024, 12, 2), breakdown.issue, "coordinator", cast.edu_row)
    late = date(2025, 2, 3)
    refused(lambda: cast.do_on(late, breakdown.issue, "coordinator", cast.health_row), None)
    edit(cast, cast.health_row, replace(draft_of(cast, cast.health_row), due_on=late))
    cast.do_on(late, breakdown.issue, "coordinator", cast.health_row)
    with cast.reading() as db:
        revisions = select(DueRevision.due_on).where(DueRevision.assignment_id == cast.health_row)
        assert list(db.scalars(revisions.order_by(DueRevision.number))) == [
            date(2024, 11, 29),
            late,
        ]


def test_a_node_keeps_its_unit_and_its_row_too(cast: Cast) -> None:
    other = cast.units[HEALTH]
    for draft in (cast.charger_node, cast.charger_row):
        form = replace(draft_of(cast, draft), unit_id=other)
        refused(lambda draft=draft, form=form: edit(cast, draft, form), "unit_id")  # type: ignore[misc]
    edit(cast, cast.charger_node, replace(draft_of(cast, cast.charger_node), unit_id=None))
    assert verbs.found(cast, cast.charger_node).unit_id == cast.units[EDU]
    change(cast, Assignment, cast.charger_node, state="cancelled")
    edit(cast, cast.charger_row, replace(draft_of(cast, cast.charger_row), unit_id=other))
    assert verbs.found(cast, cast.charger_row).unit_id == other


@pytest.mark.parametrize("due_on", [date(2023, 12, 31), date(2025, 1, 1)])
def test_a_node_is_due_in_its_year(cast: Cast, due_on: date) -> None:
    form = replace(NODE, year=2024, due_on=due_on)
    refused(lambda: break_down(cast, cast.edu_row, form), "due_on")
    draft = replace(draft_of(cast, cast.charger_node), due_on=due_on)
    refused(lambda: edit(cast, cast.charger_node, draft), "due_on")


def test_a_recurring_tasks_node_is_due_as_late_as_its_rule_says(cast: Cast) -> None:
    rule = {"month": 3, "day": 31, "year_offset": 1}
    change(cast, Task, cast.standard, recurrence=rule)
    form = replace(NODE, year=2023, due_on=date(2025, 1, 1))
    refused(lambda: break_down(cast, cast.edu_row, form), "due_on")
    break_down(cast, cast.edu_row, replace(form, due_on=date(2024, 12, 31)))
