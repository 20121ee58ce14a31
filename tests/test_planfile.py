"""A plan file is read exactly, and refused with every mistake, its line and its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.records import keys_of
from planner.domain.words import DueBasis, TaskKind
from planner.planfile import MAX_BYTES, PlanFile, PlanFileError, load, parse

ROOT = Path(__file__).parent.parent
DOC = (ROOT / "docs" / "seed-format.md").read_text(encoding="utf-8")
EXAMPLE = DOC.split("```yaml\n")[1].split("```")[0]


def mistakes(text: str) -> list[tuple[int | None, str, str]]:
    """Line, path and sentence of each mistake in a text that must be refused."""
    with pytest.raises(PlanFileError) as caught:
        parse(text)
    return [(each.line, each.path, str(each.message)) for each in caught.value.problems]


def changed(old: str, new: str) -> tuple[str, int]:
    """The example with its first `old` made `new`, and the line where that stands."""
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new, 1), EXAMPLE[: EXAMPLE.index(old)].count("\n") + 1


def records(kind: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each record of the format under its path, as the documentation's headings write it."""
    yield path, kind
    for name, key in keys_of(kind).items():
        for below, mark in inside(key.kind):
            family = "*" if path == "reminders.families" else name
            joined = f"{path}.{family}" if path else name
            yield from records(below, "notes[]" if name == "notes" else joined + mark)


def inside(kind: Any, mark: str = "") -> Iterator[tuple[Any, str]]:
    if isinstance(kind, type) and is_dataclass(kind):
        yield kind, mark
    for argument in get_args(kind):
        yield from inside(argument, "[]" if getattr(kind, "__origin__", None) is tuple else mark)


def documented() -> dict[str, dict[str, bool]]:
    """Heading to key to whether it is needed, as the page says."""
    pages = {}
    for section in re.split("^### ", DOC.split("## Every key")[1], flags=re.MULTILINE)[1:]:
        title = section.splitlines()[0].strip("`")
        rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| .+ \|$", section, flags=re.MULTILINE)
        pages["" if title == "The file" else title] = {key: need == "yes" for key, need in rows}
    return pages


def test_every_key_is_documented_and_no_other() -> None:
    code = {
        path: {name: key.required for name, key in keys_of(kind).items()}
        for path, kind in records(PlanFile, "")
    }
    assert documented() == code


def test_the_documented_example_is_complete() -> None:
    plan = parse(EXAMPLE)
    assert [unit.superior for unit in plan.units] == [None, None, "education"]
    assert plan.groups[0].members == ("first-school",)
    school, statistics = plan.tasks
    assert school.assignments[0].deadline.on == date(2025, 12, 31)
    assert school.assignments[0].deadline.basis is DueBasis.EXPLICIT
    assert school.targets[0].amount == Decimal(4)
    assert statistics.kind is TaskKind.RECURRING
    assert plan.indicators[0].weight is None
    assert plan.reminders.send_from == time(9)


def test_numbers_stay_exact_and_texts_are_not_guessed_at() -> None:
    text, _ = changed("base: 211", "base: 211.100001")
    text = text.replace("name: 县教育局", "name: no").replace('number: "1.2"', "number: 1.20")
    plan = parse(text)
    assert plan.indicators[0].base == Decimal("211.100001")
    assert plan.units[1].name == "no"
    assert plan.tasks[1].number == "1.20"


ONE_MISTAKE: dict[str, tuple[str, str, str, str]] = {
    "unknown key": ("binding: false", "bindin: false\n    binding: false", "indicators[0].bindin",
                    "Did you mean “binding”?"),
    "missing key": ("    kind: once\n", "", "tasks[0].kind", "“kind” is missing"),
    "nothing where a value must be": ("issued: 2021-06-30", "issued:", "plan.issued", "missing"),
    "null in a list": ("members: [first-school]", "members: [first-school, ~]",
                       "groups[0].members[1]", "missing"),
    "empty text": ("what: 节水改造的学校", 'what: " "', "tasks[0].targets[0].what", "empty"),
    "text for a number": ("amount: 4", "amount: four", "tasks[0].targets[0].amount",
                          "not a number"),
    "half a school in a target": ("amount: 4", "amount: 4.5", "tasks[0].targets[0].amount",
                                  "whole things"),
    "half a school for a unit": ("target: {amount: 4,", "target: {amount: 4.5,",
                                 "tasks[0].assignments[0].target.amount", "whole things"),
    "quoted number": ("amount: 4", 'amount: "4"', "tasks[0].targets[0].amount", "not a number"),
    "binary fraction beyond the database": ("base: 211", "base: 211.0000001", "indicators[0].base",
                                            "6 decimal places"),
    "text for yes or no": ("binding: false", "binding: no", "indicators[0].binding",
                           "neither true nor false"),
    "text for a whole number": ("base_year: 2020", "base_year: 2020.5", "indicators[0].base_year",
                                "not a whole number"),
    "a date that does not exist": ("issued: 2021-06-30", "issued: 2021-06-31", "plan.issued",
                                   "not a date"),
    "a date in words": ("issued: 2021-06-30", "issued: 30 June 2021", "plan.issued", "not a date"),
    "a time that does not exist": ('send_from: "09:00"', 'send_from: "24:00"',
                                   "reminders.send_from", "not a time"),
    "list for a value": ("name: 用水总量", "name: [用水总量]", "indicators[0].name",
                         "single value"),
    "value for a list": ("aliases: [教育局]", "aliases: 教育局", "units[1].aliases", "a list"),
    "value for a mapping": ("recurrence: {month: 3, day: 31, year_offset: 1}", "recurrence: yearly",
                            "tasks[1].recurrence", "mapping"),
    "a word that is not among the choices": ("part: responsible", "part: helping",
                                             "tasks[0].assignments[0].part", "one of"),
    "bad comparator": ('comparator: ">="', 'comparator: ">"', "tasks[0].targets[0].comparator",
                       "one of"),
    "bad key": ("key: water-145", "key: Water 145", "plan.key", "lower-case"),
    "key too long": ("key: water-145", f"key: {'w' * 81}", "plan.key", "longer than 80"),
    "stable key twice": ("key: box-1-2-schools", "key: box-1-1-education",
                         "tasks[1].assignments[0].key", "used at tasks[0].assignments[0].key"),
    "name twice": ("aliases: [教育局]", "aliases: [县节水办]", "units[1].aliases[0]",
                   "already used at units[0].name"),
    "task number twice": ('number: "1.2"', 'number: "1.1"', "tasks[1].number", "already used"),
    "mapping key twice": ("binding: false", "binding: true\n    binding: false",
                          "indicators[0].binding", "twice"),
    "unknown unit": ("unit: education", "unit: educaton", "tasks[0].assignments[0].unit",
                     "Did you mean “education”?"),
    "unknown group": ("group: schools", "group: farms", "tasks[1].assignments[0].group",
                      "no group “farms”"),
    "unknown action": ("action: box-1", "action: nowhere", "tasks[0].action", "no action"),
    "unknown superior": ("superior: education", "superior: nobody", "units[2].superior",
                         "no unit"),
    "unknown member": ("members: [first-school]", "members: [nobody]", "groups[0].members[0]",
                       "no unit"),
    "unknown target": ("of: box-1-1-schools", "of: nothing",
                       "tasks[0].assignments[0].target.of", "no target"),
    "unknown grade": ("forces: fail", "forces: shame", "scoring.veto.forces", "no grade"),
    "member twice": ("members: [first-school]", "members: [first-school, first-school]",
                     "groups[0].members[1]", "already"),
    "other measure than the target's": ("measure: 所, of", "measure: 个, of",
                                        "tasks[0].assignments[0].target.measure", "measure"),
    "proportion of what must not be exceeded": (
        'comparator: ">="', 'comparator: "<="', "tasks[0].assignments[0].target.of", "proportion"),
    "unit and group": ("group: schools", "group: schools\n        unit: education",
                       "tasks[1].assignments[0].group", "not both"),
    "plan that ends before it starts": ("ends: 2025-12-31", "ends: 2020-12-31", "plan.ends",
                                        "end after it starts"),
    "plan issued when over": ("issued: 2021-06-30", "issued: 2026-01-01", "plan.issued", "before"),
    "deadline before the plan": ("on: 2025-12-31", "on: 2020-12-31",
                                 "tasks[0].assignments[0].deadline.on", "before the plan's start"),
    "deadline after the plan": ("on: 2025-12-31", "on: 2026-01-01",
                                "tasks[0].assignments[0].deadline.on", "after"),
    "recurring deadline after the last round": (
        "on: 2026-03-31", "on: 2026-04-01", "tasks[1].assignments[0].deadline.on", "after"),
    "target year outside the plan": ("target_year: 2025", "target_year: 2026",
                                     "indicators[0].target_year", "outside the plan"),
    "target year before the base": ("base_year: 2020", "base_year: 2025",
                                    "indicators[0].target_year", "after the base year"),
    "explicit without words": ("basis: explicit, raw: 到2025年末", "basis: explicit",
                               "tasks[0].assignments[0].deadline.raw", "own words"),
    "inferred without reason": ("reason: 规划没有写时限，次年一季度末。", "raw: 无",
                                "tasks[1].assignments[0].deadline.reason", "reason"),
    "basis of another world": ("basis: explicit", "basis: extension",
                               "tasks[0].assignments[0].deadline.basis", "explicit or inferred"),
    "zero target": ("amount: 4\n", "amount: 0\n", "tasks[0].targets[0].amount", "greater than"),
    "negative target": ("target: 201", "target: -201", "indicators[0].target", "greater than"),
    "negative weight": ("binding: false", "weight: -1\n    binding: false", "indicators[0].weight",
                        "greater than"),
    "comparator against direction": ('comparator: "<="', 'comparator: ">="',
                                     "indicators[0].comparator", "Down goes with <="),
    "target on the wrong side": ("target: 201", "target: 221", "indicators[0].target",
                                 "wrong side"),
    "contradiction without note": ("binding: false", "consistent: false\n    binding: false",
                                   "indicators[0].consistent", "note"),
    "inherited from nothing": ("text: 负责推进县属学校节水改造。",
                               "text: 负责推进。\n        text_inherited: true",
                               "tasks[0].assignments[0].text_inherited", "above"),
    "recurring without recurrence": ("kind: once", "kind: recurring", "tasks[0].recurrence",
                                     "needs a recurrence"),
    "recurrence without recurring": ("kind: recurring", "kind: once", "tasks[1].recurrence",
                                     "Only a recurring"),
    "an unknown rhythm": ("every: quarter", "every: week", "tasks[1].reporting.every", "one of"),
    "two days for a report": ("day: 5}", "day: 5, workdays: 3}", "tasks[1].reporting.day",
                              "not both"),
    "a report after no working day": ("quarter, day: 5", "quarter, workdays: 0",
                                      "tasks[1].reporting.workdays", "from 1 to 40"),
    "month 13": ("month: 3", "month: 13", "tasks[1].recurrence.month", "from 1 to 12"),
    "weights beyond 100 %": ("work: 60", "work: 61", "scoring.weights.work", "add up to 100"),
    "grades that do not fall": ("at_least: 80", "at_least: 95", "scoring.grades[1]", "lower"),
    "no grade for the lowest": ("at_least: 0", "at_least: 10", "scoring.grades[3].at_least",
                                "begin at 0"),
    "tiers that do not fall": ("name: 基本完成, credit: 0.8", "name: 基本完成, credit: 1",
                               "scoring.tiers[1]", "lower"),
    "credit above 1": ("supporting_factor: 0.5", "supporting_factor: 1.5",
                       "scoring.supporting_factor", "from 0 to 1"),
    "negative days": ("workdays: 5, max", "workdays: -5, max", "scoring.lateness.workdays",
                      "greater than"),
    "bonus that gives nothing": ("enabled: false", "enabled: true", "scoring.bonus.points",
                                 "needs points"),
    "negative threshold": ("at: 30", "at: -30", "reminders.families.due.before[2].at",
                           "not be negative"),
    "threshold after its anchor at 0": ("{at: 1, every: 5", "{at: 0, every: 5",
                                        "reminders.families.overdue.after[0].at", "greater than"),
    "overlapping thresholds before": ("{at: 3, colour: yellow", "{at: 7, colour: yellow",
                                      "reminders.families.due.before[4]", "overlaps"),
    "overlapping thresholds after": ("{at: 10, every: 5, colour: red, to: [leader]}",
                                     "{at: 10, every: 5, colour: red, to: [head]}",
                                     "reminders.families.overdue.after[1]", "overlaps"),
    "threshold for nobody": ("{at: 5, every: 5, colour: yellow, to: [coordinator]}",
                             "{at: 5, every: 5, colour: yellow, to: []}",
                             "reminders.families.waiting.after[0]", "audience"),
    "unknown colour": ("colour: red", "colour: pink", "reminders.families.overdue.after[0].colour",
                       "one of"),
    "unknown audience": ("to: [coordinator]", "to: [coordinater]",
                         "reminders.families.waiting.after[0].to[0]", "one of"),
    "audience twice": ("to: [coordinator]", "to: [coordinator, coordinator]",
                       "reminders.families.waiting.after[0].to", "named twice"),
    "colour that gets weaker": ("{at: 0, colour: yellow, to: [liaison]}\n    overdue",
                                "{at: 0, colour: blue, to: [liaison]}\n    overdue",
                                "reminders.families.due.before[6].colour", "weaker"),
    "threshold out of reach": ("at: 180", "at: 3661", "reminders.families.due.before[0].at",
                               "from 0 to 3660"),
    "threshold beyond its items": ("{at: 180, colour: blue, to: [liaison], longer_than_days: 366}",
                                   "{at: 380, colour: blue, to: [liaison], longer_than_days: 366}",
                                   "reminders.families.due.before[0].at", "further ahead"),
    "weekly on a day off": ("on: monday", "on: sunday", "reminders.weekly.on", "one of"),
    "weekly for nobody": ("to: [leader]}\n  lights", "to: []}\n  lights", "reminders.weekly.to",
                          "audience"),
    "weekly for units": ("to: [leader]}\n  lights", "to: [liaison]}\n  lights",
                         "reminders.weekly.to[0]", "one of"),
    "lights out of order": ("yellow_days: 7", "yellow_days: 30", "reminders.lights.yellow_days",
                            "later than blue"),
    "format of the future": ("format: 1", "format: 2", "format", "format 1 only"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", ONE_MISTAKE)
def test_each_kind_of_mistake_gives_its_line_and_path(mistake: str) -> None:
    old, new, path, words = ONE_MISTAKE[mistake]
    text, line = changed(old, new)
    (found, *others) = mistakes(text)
    assert others == []
    assert found[1] == path
    assert words in found[2]
    assert found[0] is not None
    assert line - 25 <= found[0] <= line + 12


LINES: dict[str, tuple[str, str, str]] = {
    "a wrong value": ("amount: 4\n", "amount: 0\n", "amount: 0"),
    "a wrong key": ("direction: down", "directoin: down\n    direction: down", "directoin"),
    "a wrong reference": ("unit: education", "unit: nobody", "unit: nobody"),
    "a repeated stable key": ("key: box-1-2-schools", "key: box-1-1-education",
                              "box-1-1-education\n        group"),
    "a repeated mapping key": ("direction: down", "direction: down\n    direction: up",
                               "direction: up"),
    "a date outside": ("on: 2025-12-31", "on: 2020-12-31", "on: 2020-12-31"),
    "a wrong item of a list": ("{at: 3, colour: yellow", "{at: 7, colour: yellow",
                               "{at: 7, colour: yellow, to: [liaison]}\n        - {at: 1"),
}  # fmt: skip


def _line_of(text: str, where: str) -> int:
    """The line of the first of some words, or of what stands before their line break."""
    return text[: text.index(where)].count("\n") + 1


@pytest.mark.parametrize("mistake", LINES)
def test_the_line_is_the_very_line(mistake: str) -> None:
    old, new, where = LINES[mistake]
    text, _ = changed(old, new)
    expected = _line_of(text, where)
    assert [line for line, _, _ in mistakes(text)] == [expected]


def test_a_circle_of_superiors_is_refused_at_each_unit_of_it() -> None:
    text = EXAMPLE.replace(
        "key: water-office, name", "key: water-office, superior: education, name"
    )
    text = text.replace("key: education, name", "key: education, superior: water-office, name")
    found = mistakes(text)
    assert [path for _, path, _ in found] == ["units[0].superior", "units[1].superior"]
    assert "water-office → education → water-office" in found[0][2]


def test_a_unit_that_is_its_own_superior_is_refused() -> None:
    text, _ = changed("superior: education", "superior: first-school")
    assert [path for _, path, _ in mistakes(text)] == ["units[2].superior"]


def test_all_mistakes_come_at_once_in_the_order_of_the_lines() -> None:
    text = EXAMPLE
    edits = (("issued: 2021-06-30", "issued: soon"), ("superior: education", "superior: nobody"),
             ("part: responsible", "part: x"), ("on: 2026-03-31", "on: 2036-03-31"),
             ("direction: down", "direction: down\n    colour: red"), ("work: 60", "work: 70"),
             ("at: 30", "at: -1"))  # fmt: skip
    for old, new in edits:
        text = text.replace(old, new, 1)
    found = mistakes(text)
    assert [path for _, path, _ in found] == [
        "plan.issued",
        "units[2].superior",
        "tasks[0].assignments[0].part",
        "indicators[0].colour",
        "scoring.weights.work",
        "reminders.families.due.before[2].at",
    ]
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found if line)
    assert "tasks[1].assignments[0].deadline.on" in str(
        mistakes(text.replace("soon", "2021-06-30"))
    )


MALFORMED: dict[str, tuple[str, int, str]] = {
    "nothing": ("", 1, "empty"),
    "only a comment": ("# later\n", 1, "empty"),
    "a list": ("- 1\n", 1, "mapping"),
    "a word": ("plan\n", 1, "mapping"),
    "broken YAML": ("format: 1\nplan: {key: x\nunits: []\n", 3, "not valid YAML"),
    "a tab": ("format: 1\nplan:\n\tkey: x\n", 3, "not valid YAML"),
    "a control character": ("format: 1\nplan: \x07\n", 2, "not allowed in YAML"),
    "half of a character pair": ("format: \ud800\n", 1, "not allowed in YAML"),
    "two documents": ("format: 1\n---\nformat: 1\n", 2, "one YAML document"),
    "an anchor": ("format: &one 1\n", 1, "Anchors"),
    "a bomb of aliases": ("a: &a [1]\nb: &b [*a,*a]\nc: [*b,*b]\n", 1, "Anchors"),
    "an alias": ("format: *one\n", 1, "Anchors"),
    "a merge key": ("plan:\n  <<: *one\n", 2, "Anchors"),
    "a tag of Python": ("format: !!python/object/apply:os.system [true]\n", 1, "Tags"),
    "a key that is a list": ("? [a, b]\n: 1\n", 1, "single word"),
    "a tower of lists": ("[" * 100_000, 1, "nested too deeply"),
    "a tower of mappings": ("\n".join(" " * n + "a:" for n in range(40)), 22, "nested too deeply"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_text_that_is_no_plan_file_is_refused_with_its_line(case: str) -> None:
    text, line, words = MALFORMED[case]
    ((found_line, _, message),) = mistakes(text)
    assert (found_line, words in message) == (line, True), message


def test_a_huge_text_is_refused_before_it_is_parsed() -> None:
    ((_, _, message),) = mistakes("# " + "x" * MAX_BYTES)
    assert "larger than 2 MB" in message


def refused(path: Path) -> tuple[int | None, str]:
    with pytest.raises(PlanFileError) as caught:
        load(path)
    assert str(path) in str(caught.value.text)
    (problem,) = caught.value.problems
    return problem.line, str(problem.message)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * MAX_BYTES)


FILES: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "absent": (lambda path: None, 1, "no such file"),
    "a folder": (lambda path: path.mkdir(), 1, "no such file"),
    "empty": (lambda path: path.touch(), 1, "empty"),
    "huge": (huge, 1, "larger than 2 MB"),
    "in another encoding": (
        lambda path: path.write_bytes(b"format: 1\n" + "plan: 规划".encode("gb18030")), 2,
        "not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_taken_is_refused(case: str, tmp_path: Path) -> None:
    make, line, words = FILES[case]
    make(tmp_path / "plan.yaml")
    found_line, message = refused(tmp_path / "plan.yaml")
    assert (found_line, words in message) == (line, True), message


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_from_any_editor_is_read(tmp_path: Path, ending: str, encoding: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(EXAMPLE.replace("\n", ending).encode(encoding))
    assert load(path) == parse(EXAMPLE)


LINES_OF_EXAMPLE = EXAMPLE.splitlines()


@settings(deadline=None)
@given(
    drop=st.sets(st.integers(0, len(LINES_OF_EXAMPLE) - 1), min_size=1, max_size=4),
    put=st.sampled_from(["", "  - x", "key: 1", "[", "on: {}", "- - -", "a: ~", "0"]),
)
def test_whatever_is_broken_is_refused_or_read_and_never_crashes(drop: set[int], put: str) -> None:
    """A refusal names only lines that the text has."""
    lines = [put if number in drop else line for number, line in enumerate(LINES_OF_EXAMPLE)]
    try:
        parse("\n".join(lines))
    except PlanFileError as error:
        named = [problem.line or 0 for problem in error.problems]
    else:
        named = [1]
    assert named
    assert all(1 <= line <= len(lines) + 1 for line in named)


def test_a_day_that_the_month_does_not_have_is_its_last() -> None:
    text, _ = changed("month: 3, day: 31, year_offset: 1", "month: 2, day: 31")
    recurrence = parse(text.replace("on: 2026-03-31", "on: 2025-02-28")).tasks[1].recurrence
    assert recurrence is not None
    assert [recurrence.due_on(year) for year in (2023, 2024)] == [
        date(2023, 2, 28),
        date(2024, 2, 29),
    ]


def test_a_target_of_another_task_is_refused() -> None:
    text, _ = changed(
        "        deadline: {on: 2026-03-31",
        "        target: {amount: 1, measure: 所, of: box-1-1-schools}\n"
        "        deadline: {on: 2026-03-31",
    )
    ((_, path, message),) = mistakes(text)
    assert (path, "same task" in message) == ("tasks[1].assignments[0].target.of", True)
