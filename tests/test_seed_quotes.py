"""The seed is the whole plan, in its own words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from planner.domain.words import Comparator, Direction, DueBasis, Part, TaskKind
from planner.planfile import Assignment, Indicator, Note, PlanFile, Task, load

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"
NOT_IN_A_BOX = {"b2-3-culture", "b5-1-jgsw"}
"""Assignments of box items that are readings, not printed unit rows."""


def squeezed(text: str) -> str:
    """Without white space: the source's cells are broken by blank lines."""
    return re.sub(r"\s", "", text)


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def seed() -> PlanFile:
    return load(ROOT / "seed" / "plan_tasks.yaml")


@pytest.fixture(scope="module")
def source() -> str:
    return squeezed((ROOT / "seed" / "source.txt").read_text(encoding="utf-8"))


def notes(seed: PlanFile) -> Iterator[tuple[str, Note]]:
    subjects: list[tuple[str, tuple[Note, ...]]] = [("plan", seed.plan.notes)]
    subjects += [(indicator.key, indicator.notes) for indicator in seed.indicators]
    for task in seed.tasks:
        subjects.append((task.key, task.notes))
        subjects += [(assignment.key, assignment.notes) for assignment in task.assignments]
    return ((key, note) for key, its_notes in subjects for note in its_notes)


def quotes(seed: PlanFile) -> Iterator[tuple[str, str]]:
    """Everything in the seed that claims to be the plan's own words, with where it stands."""
    yield "plan.name", seed.plan.name
    yield "plan.document", seed.plan.document
    for unit in seed.units:
        yield from ((unit.key, alias) for alias in unit.aliases)
    for group in seed.groups:
        yield group.key, group.name
    for action in seed.actions:
        yield action.key, action.title
    for task in seed.tasks:
        yield task.key, task.sentence
        yield from ((target.key, target.sentence) for target in task.targets)
        yield from ((assignment.key, assignment.text) for assignment in task.assignments)
        yield from ((row.key, row.deadline.raw) for row in task.assignments if row.deadline.raw)
    for indicator in seed.indicators:
        yield indicator.key, indicator.sentence
        yield indicator.key, indicator.category
    for key, note in notes(seed):
        for quote in re.findall("『(.*?)』", note.text + (note.reading or "")):
            yield key, quote


def test_every_quote_is_found_in_the_source(seed: PlanFile, source: str) -> None:
    missing = [(key, quote) for key, quote in quotes(seed) if squeezed(quote) not in source]
    assert missing == []


def heading(source: str, section: str) -> int:
    """Where a section such as 第二章 第二节 一（五） or 第二章 第一节 专栏2-1 begins."""
    at = 0
    for part in re.findall(r"第.[章节]|专栏[0-9]|备注|（.）|[一二三四五]", section):
        mark = part + ("、" if len(part) == 1 else "：" if part[:2] in ("专栏", "备注") else "")
        at = source.find(mark, at)
        assert at >= 0, section
    return at


def test_every_sentence_stands_in_the_section_that_it_names(seed: PlanFile, source: str) -> None:
    placed = [(task.section, task.sentence) for task in seed.tasks]
    placed += [(target.section, target.sentence) for task in seed.tasks for target in task.targets]
    placed += [(indicator.section, indicator.sentence) for indicator in seed.indicators]
    for section, sentence in placed:
        begins = heading(source, section)
        stands = source.find(squeezed(sentence), begins)
        between = source[begins + 4 : stands]
        assert stands >= 0, (section, sentence)
        assert not re.search(r"第.[章节](?!到)|专栏[2-6]：", between), (section, sentence)


def test_unit_names_are_the_sources_or_an_alias_is(seed: PlanFile, source: str) -> None:
    """文化旅游委 stands there without its 县."""
    unnamed = [unit.name for unit in seed.units if squeezed(unit.name) not in source]
    assert unnamed == ["县文化旅游委"]


def box_tasks(seed: PlanFile) -> list[Task]:
    return [task for task in seed.tasks if task.action.startswith("box-")]


def test_the_fourteen_items_and_28_unit_rows_match_cell_by_cell(seed: PlanFile) -> None:
    units = {unit.key: unit.name for unit in seed.units}
    groups = {group.key: group.name for group in seed.groups}
    titles = {action.key: (action.number, action.title) for action in seed.actions}

    def cells(task: Task, row: Assignment) -> tuple[str, ...]:
        addressee = units[row.unit] if row.unit else groups[row.group or ""]
        basis = f"explicit:{row.deadline.raw}" if row.deadline.raw else "inferred"
        number, title = titles[task.action]
        text = "" if row.text_inherited else row.text
        return (number, title, task.number, task.sentence, units[task.lead], addressee, text, basis)

    seeded = [
        cells(task, row)
        for task in box_tasks(seed)
        for row in task.assignments
        if row.key not in NOT_IN_A_BOX
    ]
    printed = [
        (
            f"专栏{row['box_no']}",
            row["box_title"],
            f"{row['box_no']}.{row['seq']}",
            row["key_work"],
            row["lead_unit"],
            row["responsible_unit"],
            row["breakdown"],
            re.sub("^inferred:.*", "inferred", row["deadline_basis"]),
        )
        for row in table("work-items.csv")
    ]
    assert seeded == printed
    assert len(printed) == 28
    assert len(box_tasks(seed)) == 14


def test_due_dates_of_the_unit_rows_match(seed: PlanFile) -> None:
    """Only the statistics differ: they recur, and their last round falls after the plan's end."""
    due = [
        (task.number, row.deadline.on)
        for task in box_tasks(seed)
        for row in task.assignments
        if row.key not in NOT_IN_A_BOX
    ]
    printed = [
        (f"{row['box_no']}.{row['seq']}", date.fromisoformat(row["deadline"]))
        for row in table("work-items.csv")
    ]
    differing = {
        (mine, theirs) for mine, theirs in zip(due, printed, strict=True) if mine != theirs
    }
    assert differing == {(("2.4", date(2026, 3, 31)), ("2.4", date(2025, 12, 31)))}


def test_the_fifteen_indicators_equal_the_table(seed: PlanFile) -> None:
    names = {
        "总量（全县公共机构总量）": "总量",
        "强度（全县公共机构平均值）": "强度",
        "教育类机构能源资源消费强度（教育类公共机构平均值）": "教育类",
        "卫生类机构能源资源强度（卫生类公共机构平均值）": "卫生类",
    }

    def cells(indicator: Indicator) -> tuple[object, ...]:
        attribute = "约束性" if indicator.binding else "预期性"
        return (names[indicator.category], indicator.name, indicator.measure,
                indicator.base, indicator.target, attribute)  # fmt: skip

    printed = [
        (
            row["group"],
            row["indicator"],
            row["unit"],
            Decimal(row["base_2020"]),
            Decimal(row["target_2025(<=)"]),
            row["attr"],
        )
        for row in table("indicators.csv")
    ]
    assert [cells(indicator) for indicator in seed.indicators] == printed
    assert len(printed) == 15
    for indicator in seed.indicators:
        assert (indicator.base_year, indicator.target_year) == (2020, 2025)
        assert (indicator.direction, indicator.comparator) == (Direction.DOWN, Comparator.AT_MOST)


def test_each_indicators_numbers_are_those_of_its_sentence(seed: PlanFile) -> None:
    for indicator in seed.indicators:
        assert squeezed(indicator.sentence) == squeezed(
            f"{indicator.name}（{indicator.measure}）{indicator.base}≤{indicator.target}"
            f"{'约束性' if indicator.binding else '预期性'}"
        )


def test_indicators_belong_to_the_lead_or_to_their_sector_and_say_that_it_is_inferred(
    seed: PlanFile,
) -> None:
    owners = [indicator.owner for indicator in seed.indicators]
    assert owners == ["jgsw"] * 7 + ["edu"] * 4 + ["health"] * 4
    assert all(indicator.owner_inferred for indicator in seed.indicators)


def test_the_sector_rows_are_marked_as_contradictory_and_only_they(seed: PlanFile) -> None:
    for indicator in seed.indicators:
        assert indicator.consistent == (indicator.owner == "jgsw")
        said = any("口径不一致" in note.text for note in indicator.notes)
        assert said == (not indicator.consistent)


def test_every_quantified_target_of_the_text_is_in_the_seed(seed: PlanFile) -> None:
    said = "\n".join(squeezed(quote) for _, quote in quotes(seed))
    for row in table("targets.csv"):
        for part in re.split("[。；]", row["exact_sentence"]):
            assert squeezed(part) in said, row["exact_sentence"]


def test_every_number_of_the_targets_table_is_a_target_where_the_table_says(seed: PlanFile) -> None:
    """Section and number of each; the indicators and what has no number are apart."""
    seeded = {
        (target.section, target.comparator.value, target.amount, target.measure, target.shared)
        for task in seed.tasks
        for target in task.targets
    }
    second = "第二章 第二节 "
    assert seeded == {
        (second + "专栏3-1", ">=", Decimal(1), "个", False),
        (second + "专栏3-2", ">=", Decimal(1), "个", False),
        (second + "专栏3-3", ">=", Decimal(5), "个", True),
        (second + "专栏3-5", "<=", Decimal("1.5"), "PUE", False),
        (second + "专栏3-5", ">=", Decimal(1), "个", False),
        (second + "专栏4-1", ">=", Decimal(3), "个", False),
        (second + "一（三）", "<=", Decimal(2), "级", False),
        (second + "一（三）", "<=", Decimal(1), "级", False),
        (second + "一（五）", ">=", Decimal(5), "万平方米", True),
        (second + "二", ">=", Decimal(30), "%", False),
        (second + "三", ">=", Decimal(100), "%", False),
        (second + "三（一）", ">=", Decimal(100), "%", False),
        (second + "四", ">=", Decimal(100), "%", False),
        ("第二章 第三节 二", ">=", Decimal(100), "%", False),
        ("第二章 第三节 二", ">=", Decimal(70), "%", False),
        ("第二章 第四节 一", ">=", Decimal(90), "%", False),
        ("第二章 第四节 一", ">=", Decimal(2), "个", True),
        ("第二章 第五节 二", "<=", Decimal(20), "℃", False),
        ("第二章 第五节 二", ">=", Decimal(26), "℃", False),
        ("第三章 三", ">=", Decimal(1000), "人次", True),
    }


def test_each_targets_number_stands_in_its_sentence_or_is_explained(seed: PlanFile) -> None:
    """“全县党政机关” says 100 % without a number, and a note says so."""
    unsaid = [
        target.key
        for task in seed.tasks
        for target in task.targets
        if not re.search(rf"(?<![\d.]){target.amount}(?![\d.])", target.sentence)
    ]
    assert unsaid == ["t-saving-offices", "t-water-units-offices"]
    explained = {key for key, note in notes(seed) if "100%" in (note.reading or "")}
    assert {"t-saving-offices", "t-water-units"} <= explained


def test_no_deadline_is_made_up(seed: PlanFile) -> None:
    """What the sentence does not say is inferred, and falls on the plan's last day."""
    for task in seed.tasks:
        for row in task.assignments:
            if row.deadline.basis is DueBasis.INFERRED:
                assert row.deadline.raw is None
                if task.kind is not TaskKind.RECURRING:
                    assert row.deadline.on == seed.plan.ends


def test_no_proof_list_no_standard_and_no_allocation_is_invented(seed: PlanFile) -> None:
    for task in seed.tasks:
        assert (task.proof, task.completion_standard, task.document_number) == ((), None, None)
        owing = [row for row in task.assignments if row.unit or row.group]
        if any(target.shared for target in task.targets):
            assert [row.target for row in owing] == [None] * len(owing)


def test_what_the_plan_gives_to_nobody_has_no_unit_and_asks_the_coordinator(seed: PlanFile) -> None:
    text_tasks = [task for task in seed.tasks if not task.action.startswith("box-")]
    assert len(text_tasks) == 17
    for task in text_tasks:
        for row in task.assignments:
            assert row.group is None
            assert row.unit == ("jgsw" if task.key == "t-quota" else None)
            assert bool(row.notes) == (row.unit is None)


def test_supporting_units_and_the_readings_of_the_merged_cells(seed: PlanFile) -> None:
    parts = {
        row.key: (row.unit, row.part, row.text_inherited)
        for task in seed.tasks
        if task.number in ("2.3", "5.1")
        for row in task.assignments
    }
    assert parts == {
        "b2-3-edu": ("edu", Part.SUPPORTING, False),
        "b2-3-health": ("health", Part.SUPPORTING, True),
        "b2-3-culture": ("culture", Part.SUPPORTING, True),
        "b5-1-science": ("science", Part.SUPPORTING, False),
        "b5-1-jgsw": ("jgsw", Part.RESPONSIBLE, False),
    }


def test_carbon_statistics_recur_until_the_year_after_the_plan(seed: PlanFile) -> None:
    (recurring,) = [task for task in seed.tasks if task.kind is TaskKind.RECURRING]
    assert recurring.number == "2.4"
    assert recurring.recurrence is not None
    assert recurring.recurrence.due_on(2025) == date(2026, 3, 31)


def test_standing_rules_are_standing(seed: PlanFile) -> None:
    standing = {task.key for task in seed.tasks if task.kind is TaskKind.STANDING}
    assert standing == {"t-set-points", "t-plastics", "t-banquets", "t-ev-special"}


def test_each_contradiction_of_the_plan_is_flagged_where_it_stands(seed: PlanFile) -> None:
    flagged = {(key, word) for key, note in notes(seed) for word in WORDS if word in note.text}
    assert flagged >= {
        ("total-water", "211.69"),
        ("mean-energy-head", "8.943"),
        ("plan", "8.943"),
        ("edu-energy-area", "305"),
        ("health-energy-head", "7.88"),
        ("plan", "1：1.74：1.13：1.44：1.50"),
        ("plan", "0.404"),
        ("b3-5", "力争"),
        ("edu-energy-area", "3.94%"),
        ("edu-energy-head", "4.98%"),
        ("health-water-head", "3.99%"),
    }


WORDS = ("211.69", "8.943", "305", "7.88", "1：1.74：1.13：1.44：1.50", "0.404", "力争",
         "3.94%", "4.98%", "3.99%")  # fmt: skip


def test_scoring_holds_every_number_of_the_county_practice(seed: PlanFile) -> None:
    rules = seed.scoring
    assert (rules.weights.work, rules.weights.indicators) == (60, 40)
    assert [tier.credit for tier in rules.tiers] == [1, Decimal("0.8"), Decimal("0.5"), 0]
    assert (rules.lateness.percent, rules.lateness.workdays, rules.lateness.max_percent) == (
        5, 5, 50)  # fmt: skip
    assert (rules.returns.free_amends, rules.returns.percent, rules.returns.max_percent) == (
        1, 2, 10)  # fmt: skip
    assert (rules.default_weight, rules.supporting_factor) == (1, Decimal("0.5"))
    assert [(grade.name, grade.at_least) for grade in rules.grades] == [
        ("优秀", 90), ("良好", 80), ("合格", 60), ("不合格", 0)]  # fmt: skip
    assert rules.carry_over.factor == Decimal("0.5")
    assert rules.reports.late_points == Decimal("0.1")
    assert (rules.ranking.min_items, rules.places, rules.bonus.enabled) == (3, 2, False)
    assert [step.credit for step in rules.indicators.final_steps] == [
        Decimal(tenths) / 10 for tenths in (9, 8, 7, 6, 5)
    ]


def test_reminders_hold_every_threshold(seed: PlanFile) -> None:
    families = seed.reminders.families
    assert [(step.at, bool(step.longer_than_days)) for step in families.due.before] == [
        (180, True), (90, True), (30, False), (7, False), (3, False), (1, False), (0, False)
    ]  # fmt: skip
    assert [(step.at, step.every) for step in families.overdue.after] == [(1, 5), (10, 5)]
    assert [(step.at, step.every) for step in families.unsigned.after] == [(2, 2)]
    assert [(step.at, step.every) for step in families.waiting.after] == [(5, 5), (10, 5)]
