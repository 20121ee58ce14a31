"""Scoring and reminder rules are kept as JSON and come back as they were, to the digit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.domain.located import BadRecord
from planner.domain.reminder_rules import ReminderRules
from planner.domain.scores.rules import ScoringRules
from planner.planfile import load

SEED = load(Path(__file__).parent.parent / "seed" / "plan_tasks.yaml")


def stored(rules: ScoringRules | ReminderRules) -> Any:
    """What a database column gives back."""
    return json.loads(json.dumps(rules.to_data()))


def test_rules_come_back_from_json_as_they_were() -> None:
    assert ScoringRules.from_data(stored(SEED.scoring)) == SEED.scoring
    assert ReminderRules.from_data(stored(SEED.reminders)) == SEED.reminders


def test_numbers_are_stored_as_written_never_as_binary_fractions() -> None:
    data = stored(SEED.scoring)
    assert data["reports"]["late_points"] == "0.1"
    assert ScoringRules.from_data(data).reports.late_points == Decimal("0.1")
    data["reports"]["late_points"] = 0.1
    with pytest.raises(TypeError, match=r"0\.1"):
        ScoringRules.from_data(data)


def test_stored_rules_that_are_wrong_are_refused_with_every_path() -> None:
    data = stored(SEED.scoring)
    data["weights"]["work"] = "70"
    data["grades"][3]["at_least"] = "-1"
    data["lateness"]["percents"] = "5"
    data["veto"]["forces"] = "nothing"
    del data["ranking"]
    with pytest.raises(BadRecord) as caught:
        ScoringRules.from_data(data)
    assert {problem.path for problem in caught.value.problems} == {
        "weights.work",
        "grades[3].at_least",
        "lateness.percents",
        "veto.forces",
        "ranking",
    }
    assert all(problem.line is None for problem in caught.value.problems)


def test_families_keep_to_their_side_of_the_anchor() -> None:
    data = stored(SEED.reminders)
    families = data["families"]
    families["due"], families["overdue"] = families["overdue"], families["due"]
    with pytest.raises(BadRecord) as caught:
        ReminderRules.from_data(data)
    assert {problem.path for problem in caught.value.problems} == {
        "families.due",
        "families.overdue",
    }


def test_a_family_without_thresholds_is_refused() -> None:
    data = stored(SEED.reminders)
    data["families"]["waiting"]["after"] = []
    with pytest.raises(BadRecord) as caught:
        ReminderRules.from_data(data)
    assert [problem.path for problem in caught.value.problems] == ["families.waiting.unit"]


@pytest.mark.parametrize("family", ["due", "overdue", "unsigned", "waiting", "answer_by", "report"])
def test_every_family_must_stand_in_the_rules(family: str) -> None:
    data = stored(SEED.reminders)
    del data["families"][family]
    with pytest.raises(BadRecord) as caught:
        ReminderRules.from_data(data)
    assert [problem.path for problem in caught.value.problems] == [f"families.{family}"]
