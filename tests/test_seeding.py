"""Seeding: everything once, only what still stands as last seeded, and all else is said."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from planner import planfile
from planner.db import Base, Sessions
from planner.domain.actor import command
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.lifecycle import State
from planner.domain.reporting import Reporting
from planner.domain.words import DueBasis, Rhythm
from planner.models import (
    Action,
    Assignment,
    Indicator,
    JournalEntry,
    Note,
    Plan,
    ProofItem,
    RuleSet,
    Target,
    Task,
    Unit,
    UnitGroup,
    UnitGroupMember,
)
from planner.planfile import PlanFile
from planner.seeding import SeedReport, seed_file
from planner.seeding.things import things
from planner.services import reports
from planner.services.breakdown import issue
from tests.support.cast import SEED

TODAY = date(2022, 4, 1)
CLOCK = Clock(TODAY, datetime(2022, 4, 1, 1, tzinfo=UTC))
LATER = Clock(date(2023, 4, 3), datetime(2023, 4, 3, 1, tzinfo=UTC))
WHO = command("seed")


@pytest.fixture(scope="module")
def whole_file() -> PlanFile:
    return planfile.load(SEED)


@pytest.fixture(scope="module")
def plan_file(whole_file: PlanFile) -> PlanFile:
    """The plan with a few of its tasks and indicators: seeding all of it takes half a second."""
    keys = ("b2-1", "b2-3", "b3-3", "b3-4", "b4-1", "b5-1", "t-training")
    return replace(
        whole_file,
        tasks=tuple(each for each in whole_file.tasks if each.key in keys),
        indicators=whole_file.indicators[:2],
    )


@pytest.fixture
def seeded(sessions: Sessions, plan_file: PlanFile) -> Sessions:
    seed(sessions, plan_file)
    return sessions


def seed(sessions: Sessions, file: PlanFile, clock: Clock = CLOCK) -> SeedReport:
    with sessions.writing() as db:
        report = seed_file(db, WHO, clock, file)
        db.commit()
    return report


def contents(sessions: Sessions) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with sessions.reading() as db:
        return {
            table.name: sorted(map(tuple, db.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def row(sessions: Sessions, key: str) -> Assignment:
    with sessions.reading() as db:
        found = db.scalars(select(Assignment).where(Assignment.key == key)).one()
        assert found.due_revisions
        assert found.notes is not None
        return found


def by_hand(sessions: Sessions, key: str, **values: object) -> None:
    """Somebody changes an assignment in the product."""
    with sessions.writing() as db:
        found = db.scalars(select(Assignment).where(Assignment.key == key)).one()
        for name, value in values.items():
            setattr(found, name, value)
        db.commit()


def with_assignment(
    file: PlanFile, key: str, change: Callable[[planfile.Assignment], planfile.Assignment]
) -> PlanFile:
    """The file with one assignment changed."""

    def changed(task: planfile.Task) -> planfile.Task:
        made = (change(each) if each.key == key else each for each in task.assignments)
        return replace(task, assignments=tuple(made))

    return replace(file, tasks=tuple(map(changed, file.tasks)))


def with_text(file: PlanFile, key: str, text: str) -> PlanFile:
    return with_assignment(file, key, lambda each: replace(each, text=text))


def test_the_whole_plan_is_created_once(sessions: Sessions, whole_file: PlanFile) -> None:
    seed(sessions, whole_file)
    tasks = whole_file.tasks
    noted = [whole_file.plan, *tasks, *whole_file.indicators]
    noted += [each for task in tasks for each in task.assignments]
    wanted = {
        Plan: 1,
        Unit: len(whole_file.units),
        UnitGroup: len(whole_file.groups),
        Action: len(whole_file.actions),
        Task: len(tasks),
        Target: sum(len(task.targets) for task in tasks),
        Assignment: sum(len(task.assignments) for task in tasks),
        Indicator: len(whole_file.indicators),
        Note: sum(len(each.notes) for each in noted),
        RuleSet: 3,
        JournalEntry: 1,
    }
    found = contents(sessions)
    assert {each: len(found[each.__tablename__]) for each in wanted} == wanted


def test_assignments_are_drafts_with_the_plans_own_words(seeded: Sessions) -> None:
    science = row(seeded, "b5-1-science")
    first = science.due_revisions[0]
    assert (science.state, science.part, science.weight) == (State.DRAFT, "supporting", 1)
    assert (first.number, first.basis, first.raw) == (0, DueBasis.EXPLICIT, "到2025年末")
    assert science.original_due_on == science.due_on == date(2025, 12, 31)
    inherited = row(seeded, "b2-3-health")
    assert inherited.text_inherited
    assert inherited.notes[0].text == "工作分解为空格。"


def test_a_target_of_ones_own_is_linked_and_a_shared_one_waits(seeded: Sessions) -> None:
    solar, shared = row(seeded, "b4-1-edu"), row(seeded, "b3-3-edu")
    with seeded.reading() as db:
        assert db.get_one(Target, solar.target_id).key == "b4-1-solar"
    assert (solar.amount, solar.measure) == (3, "个")
    assert (shared.method, shared.amount, shared.target_id) == ("proportional", None, None)


def test_the_journal_says_what_a_seeding_did(seeded: Sessions, plan_file: PlanFile) -> None:
    with seeded.reading() as db:
        entry = db.scalars(select(JournalEntry)).one()
    assert (entry.verb, entry.actor_kind, entry.actor_name) == ("seed", "command", "planner seed")
    assert entry.data["created"] == len(list(things(plan_file)))
    assert len(entry.data["digest"]) == 64


def test_the_same_file_again_changes_nothing(seeded: Sessions, plan_file: PlanFile) -> None:
    before = contents(seeded)
    report = seed(seeded, plan_file, LATER)
    assert contents(seeded) == before
    assert (report.created, report.changed, report.conflicts, report.gone) == ([], [], [], [])
    assert len(report.unchanged) == len(list(things(plan_file)))


def test_what_stands_as_last_seeded_follows_the_file(seeded: Sessions, plan_file: PlanFile) -> None:
    report = seed(seeded, with_text(plan_file, "b2-1-edu", "新的文字。"), LATER)
    assert report.changed == [("assignment", "b2-1-edu")]
    assert row(seeded, "b2-1-edu").text == "新的文字。"


def test_what_people_changed_stays_while_the_file_says_nothing_new(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    by_hand(seeded, "b2-1-edu", text="协调员的文字。")
    report = seed(seeded, with_text(plan_file, "b2-1-health", "新的文字。"), LATER)
    assert (report.changed, report.conflicts) == ([("assignment", "b2-1-health")], [])
    assert row(seeded, "b2-1-edu").text == "协调员的文字。"


def test_what_both_changed_is_a_conflict_until_it_is_settled(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    by_hand(seeded, "b2-1-edu", text="协调员的文字。")
    changed = with_text(plan_file, "b2-1-edu", "规划的新文字。")
    for _ in range(2):
        (conflict,) = seed(seeded, changed, LATER).conflicts
        assert (conflict.kind, conflict.key, conflict.field) == ("assignment", "b2-1-edu", "text")
        assert (conflict.stands, conflict.wanted) == ("协调员的文字。", "规划的新文字。")
        assert "协调员的文字" in str(conflict.sentence)
    assert row(seeded, "b2-1-edu").text == "协调员的文字。"
    by_hand(seeded, "b2-1-edu", text="规划的新文字。")
    assert not seed(seeded, changed, LATER).conflicts


def test_a_conflict_does_not_hold_back_other_fields(seeded: Sessions, plan_file: PlanFile) -> None:
    by_hand(seeded, "b2-1-edu", text="协调员的文字。")
    changed = with_assignment(
        plan_file, "b2-1-edu", lambda each: replace(each, text="新的。", weight=Decimal(2))
    )
    report = seed(seeded, changed, LATER)
    assert [each.field for each in report.conflicts] == ["text"]
    assert row(seeded, "b2-1-edu").weight == 2


def test_an_issued_assignment_is_never_changed(seeded: Sessions, plan_file: PlanFile) -> None:
    with seeded.writing() as db:
        issue(db, WHO, CLOCK, row(seeded, "b2-1-edu").id)
        db.commit()
    (conflict,) = seed(seeded, with_text(plan_file, "b2-1-edu", "新的文字。"), LATER).conflicts
    assert conflict.field == "text"
    assert "issued" in str(conflict.reason)
    assert row(seeded, "b2-1-edu").text == "负责制定教育系统低碳引领行动方案。"


def test_a_moved_deadline_keeps_the_one_before_on_record(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    moved = with_assignment(
        plan_file,
        "b2-1-edu",
        lambda each: replace(each, deadline=replace(each.deadline, on=date(2022, 7, 31))),
    )
    assert seed(seeded, moved, LATER).changed == [("assignment", "b2-1-edu")]
    found = row(seeded, "b2-1-edu")
    assert [each.due_on for each in found.due_revisions] == [date(2022, 6, 30), date(2022, 7, 31)]
    assert found.due_on == found.original_due_on == date(2022, 7, 31)


def test_a_form_that_was_open_on_a_changed_draft_is_stale(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    before = row(seeded, "b2-1-edu").version
    seed(seeded, with_text(plan_file, "b2-1-edu", "新的文字。"), LATER)
    assert row(seeded, "b2-1-edu").version > before


def test_notes_and_proof_follow_the_file(seeded: Sessions, plan_file: PlanFile) -> None:
    note = planfile.Note("新的疑问。", "新的读法。")
    proof = (planfile.ProofItem("印发的方案"), planfile.ProofItem("照片", required=False))
    first = replace(plan_file.tasks[0], notes=(note,), proof=proof)
    changed = replace(plan_file, tasks=(first, *plan_file.tasks[1:]))
    for wanted in ([("task", "b2-1")], []):
        assert seed(seeded, changed, LATER).changed == wanted
    with seeded.reading() as db:
        task = db.scalars(select(Task).where(Task.key == "b2-1")).one()
        assert [(each.text, each.reading) for each in task.notes] == [("新的疑问。", "新的读法。")]
        items = db.scalars(select(ProofItem).order_by(ProofItem.position)).all()
        assert [(each.item, each.required) for each in items] == [
            ("印发的方案", True),
            ("照片", False),
        ]


def test_what_is_gone_from_the_file_stays_and_is_named(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    report = seed(seeded, replace(plan_file, tasks=plan_file.tasks[:-1]), LATER)
    assert report.gone == [
        ("task", "t-training"),
        ("target", "t-training"),
        ("assignment", "t-training-a"),
    ]
    assert not report.changed
    assert row(seeded, "t-training-a").text


def test_members_of_a_group_get_a_draft_each(seeded: Sessions, plan_file: PlanFile) -> None:
    group = replace(plan_file.groups[1], members=("health", "edu"))
    changed = replace(plan_file, groups=(plan_file.groups[0], group))
    report = seed(seeded, changed, LATER)
    assert len(report.created) == 2
    template = row(seeded, "b3-4-town-institutions")
    with seeded.reading() as db:
        drafts = db.scalars(select(Assignment).where(Assignment.template_id == template.id)).all()
        assert len(db.scalars(select(UnitGroupMember)).all()) == 2
    assert {(each.text, each.due_on, each.state) for each in drafts} == {
        (template.text, template.due_on, State.DRAFT)
    }
    before = contents(seeded)
    seed(seeded, changed, LATER)
    assert contents(seeded) == before


def test_a_unit_made_by_hand_is_taken_over_by_its_name(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    with seeded.writing() as db:
        db.add(Unit(key="hand-1", name="县水利局", sector="水利", aliases=[]))
        db.commit()
    water = planfile.Unit("water", "县水利局", sector="机关")
    changed = replace(plan_file, units=(*plan_file.units, water))
    report = seed(seeded, changed, LATER)
    assert [(each.key, each.field) for each in report.conflicts] == [("water", "sector")]
    with seeded.reading() as db:
        unit = db.scalars(select(Unit).where(Unit.name == "县水利局")).one()
    assert (unit.key, unit.sector) == ("water", "水利")


def test_a_name_that_another_unit_took_is_a_conflict(seeded: Sessions, plan_file: PlanFile) -> None:
    with seeded.writing() as db:
        db.add(Unit(key="hand-1", name="县教育委员会", aliases=[]))
        db.commit()
    renamed = [
        replace(each, name="县教育委员会") if each.key == "edu" else each
        for each in plan_file.units
    ]
    (conflict,) = seed(seeded, replace(plan_file, units=tuple(renamed)), LATER).conflicts
    assert (conflict.key, conflict.field) == ("edu", "name")


def test_changed_rules_are_a_new_version_and_need_a_higher_number(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    reminders = plan_file.reminders
    lights = replace(reminders.lights, blue_days=45)
    same = replace(plan_file, reminders=replace(reminders, lights=lights))
    (conflict,) = seed(seeded, same, LATER).conflicts
    assert (conflict.kind, conflict.key) == ("rules", "reminders")
    higher = replace(plan_file, reminders=replace(reminders, lights=lights, version=2))
    assert seed(seeded, higher, LATER).changed == [("rules", "reminders")]
    with seeded.reading() as db:
        stored = db.scalars(select(RuleSet).where(RuleSet.kind == "reminders")).all()
    assert sorted(each.version for each in stored) == [1, 2]


def test_keys_of_another_plan_are_refused(seeded: Sessions, plan_file: PlanFile) -> None:
    before = contents(seeded)
    other = replace(plan_file, plan=replace(plan_file.plan, key="another"))
    with pytest.raises(BadInput, match="b2-1-edu"):
        seed(seeded, other, LATER)
    assert contents(seeded) == before


def test_seeding_twice_at_once_creates_everything_once(
    sessions: Sessions, plan_file: PlanFile
) -> None:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(seed, sessions, plan_file) for _ in range(2)]
        created = sorted(len(job.result().created) for job in jobs)
    assert created == [0, len(list(things(plan_file)))]
    assert len(contents(sessions)["assignments"]) == sum(
        len(task.assignments) for task in plan_file.tasks
    )


def test_reports_are_asked_for_from_the_seeding_on_and_only_changed_as_last_seeded(
    seeded: Sessions, plan_file: PlanFile
) -> None:
    def asking(reporting: Reporting | None) -> PlanFile:
        first, *others = plan_file.tasks
        return replace(plan_file, tasks=(replace(first, reporting=reporting), *others))

    key = plan_file.tasks[0].key
    report = seed(seeded, asking(Reporting(Rhythm.QUARTER)), LATER)
    assert report.changed == [("task", key)]
    before = contents(seeded)
    assert seed(seeded, asking(Reporting(Rhythm.QUARTER)), LATER).changed == []
    assert contents(seeded) == before
    with seeded.writing() as db:
        task = db.scalars(select(Task).where(Task.key == key)).one()
        assert (task.reports_from, task.reports_through) == (LATER.today, date(2023, 4, 2))
        reports.ask(db, LATER, task, Reporting(Rhythm.MONTH, day=5), LATER.today)
        db.commit()
    report = seed(seeded, asking(Reporting(Rhythm.YEAR)), LATER)
    assert [(each.key, each.field) for each in report.conflicts] == [(key, "reporting")]
