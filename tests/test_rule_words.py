"""The rules in words: made from their data, so that no number can change without a word."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from planner.domain.located import BadRecord
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.words import changes, chapters, essence
from planner.i18n import Languages
from planner.models import Plan
from planner.services import plans
from planner.services.rule_versions import Version, versions
from tests.support.cast import TODAY, Cast
from tests.support.pages import LogIn, text_of
from tests.support.scoring import RULES, RULES_DATA

FULL: dict[str, Any] = {
    **RULES_DATA,
    "bonus": {"enabled": True, "points": "1", "max_points": "3"},
    "indicators": {**RULES_DATA["indicators"], "readings_due": {"month": 3, "day": 31}},
}
"""With a bonus and everything that may be left out."""

Where = tuple[str | int, ...]

UNSAID = {
    ("version",),
    *((table, n, "key") for table in ("tiers", "grades") for n in range(4)),
    *(("grades", n, "name") for n in range(4)),
}
"""The version is the heading; keys are not shown, usual grades have the house's names."""

FIXED = {("grades", 3, "at_least")}
"""What no valid rules have otherwise."""


def leaves(data: Any, where: Where = ()) -> Iterator[Where]:
    match data:
        case dict():
            for key, value in data.items():
                yield from leaves(value, (*where, key))
        case list():
            for number, value in enumerate(data):
                yield from leaves(value, (*where, number))
        case _:
            yield where


def otherwise(where: Where) -> Iterator[dict[str, Any]]:
    """The rules' data with that leaf changed, one way after the other."""
    *path, last = where
    value: Any = FULL
    for step in where:
        value = value[step]
    for changed in other_values(value):
        data = copy.deepcopy(FULL)
        inner: Any = data
        for step in path:
            inner = inner[step]
        inner[last] = changed
        if where[0] == "weights":
            other = "indicators" if last == "work" else "work"
            inner[other] = str(100 - int(changed))
        yield data


def other_values(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1, value + 2)
        case "excellent" | "good" | "fail":
            yield from (key for key in ("pass", "good") if key != value)
        case str() if value.replace(".", "").isdigit():
            number = float(value)
            yield from (f"{number + 1:g}", f"{number - 1:g}", f"{number - 0.05:g}", "0.6", "0.1")
        case str():
            yield value + "等"


def said(rules: ScoringRules) -> set[object]:
    return {(each.key, str(each.text)) for chapter in chapters(rules) for each in chapter.sentences}


@pytest.mark.parametrize("where", list(leaves(FULL)), ids=lambda where: ".".join(map(str, where)))
def test_changing_anything_in_the_rules_changes_a_sentence(where: Where) -> None:
    before = ScoringRules.from_data(FULL)
    if where in FIXED or where in UNSAID:
        return
    for data in otherwise(where):
        try:
            after = ScoringRules.from_data(data)
        except BadRecord:
            continue
        assert after != before
        assert said(after) != said(before)
        assert changes(before, after)
        return
    pytest.fail("no other value is valid there")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_sentence_is_said_in_both_languages(locale: str) -> None:
    say = Languages(strict=True).get(locale).say
    for rules in (RULES, ScoringRules.from_data(FULL)):
        texts = [each.text for chapter in chapters(rules) for each in chapter.sentences]
        assert all(say(text) for text in [*texts, *essence(rules)])


def test_the_numbers_stand_in_the_words() -> None:
    say = Languages(strict=True).get("zh").say
    words = [say(each.text) for chapter in chapters(RULES) for each in chapter.sentences]
    assert "总分实行百分制，重点工作占60%，指标占40%。" in words
    assert "按档次：全部完成计1、基本完成计0.8、部分完成计0.5、未完成计0。" in words
    assert "佐证材料被认定不实的，该项按0分计，另扣3分，且不得评为“优秀”。" in words
    assert "当年指标值应于次年3月31日前报送，逾期未报的按0分计。" in words


def test_what_a_version_changed_is_said_rule_by_rule() -> None:
    after = ScoringRules.from_data({**RULES_DATA, "carry_over": {"factor": "0.6"}})
    (change,) = changes(RULES, after)
    assert (change.before.params["percent"], change.after.params["percent"]) == (50, 60)
    assert changes(RULES, RULES) == ()


def test_every_version_has_the_same_rules() -> None:
    keys = [
        [each.key for chapter in chapters(rules) for each in chapter.sentences]
        for rules in (RULES, ScoringRules.from_data(FULL))
    ]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0])


# The versions of a plan


@pytest.fixture
def changed(cast: Cast) -> Cast:
    """A second version tomorrow, a third in a year."""
    carry = {"carry_over": {"factor": "0.6"}}
    for day, number, more in (
        (date(2024, 10, 16), 2, carry),
        (date(2025, 10, 15), 3, {**carry, "places": 1}),
    ):
        with cast.runtime.sessions.writing() as db:
            plan = db.get_one(Plan, cast.plan)
            data = plans.current_rules(db, plan, plans.SCORING).data
            new = {**data, "version": number, **more}
            plans.store_rules(db, cast.clock(day), plan, plans.SCORING, new)
            db.commit()
    return cast


def listed(cast: Cast, today: date) -> list[Version]:
    with cast.reading() as db:
        return versions(db, cast.clock(today), db.get_one(Plan, cast.plan))


def test_the_version_in_force_comes_first_then_the_newest(changed: Cast) -> None:
    for today, numbers in (
        (TODAY, [1, 3, 2]),
        (date(2024, 10, 16), [2, 3, 1]),
        (date(2026, 1, 1), [3, 2, 1]),
    ):
        found = listed(changed, today)
        assert [each.number for each in found] == numbers
        assert [each.in_force for each in found] == [True, False, False]
        assert {each.number: len(each.changes) for each in found} == {1: 0, 2: 1, 3: 1}


def test_the_page_shows_every_version_and_what_it_changed(changed: Cast, client_of: LogIn) -> None:
    text = text_of(client_of("edu").get("/scorecard/rules"))
    assert "Version 1" in text
    assert "in force" in text
    assert "it counts by 50 % of its weight" in text
    assert "it counts by 60 % of its weight" in text


@pytest.mark.parametrize("username", ["leader", "edu"])
def test_the_scorecard_says_the_essence_and_leads_to_all_rules(
    cast: Cast, client_of: LogIn, username: str
) -> None:
    page = client_of(username).get("/scorecard").text
    assert "each started 5 working days" in page
    assert "/scorecard/rules" in page
