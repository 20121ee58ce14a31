"""Scoring by hand: the house's rules, a calendar, and items made with few words."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from planner.domain.scores.acts import HandedIn, Verdict, Verified
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import NOTHING, Beside, Score
from planner.domain.scores.tally import Scored, Tally, score_item
from planner.domain.words import Decision, Method, Part, ReturnKind, SubmissionKind
from planner.domain.workdays import WorkCalendar

RULES_DATA: dict[str, Any] = {
    "version": 1,
    "places": 2,
    "line_places": 6,
    "weights": {"work": "60", "indicators": "40"},
    "default_weight": "1",
    "supporting_factor": "0.5",
    "tiers": [
        {"key": "full", "name": "全部完成", "credit": "1"},
        {"key": "mostly", "name": "基本完成", "credit": "0.8"},
        {"key": "partly", "name": "部分完成", "credit": "0.5"},
        {"key": "none", "name": "未完成", "credit": "0"},
    ],
    "lateness": {"percent": "5", "workdays": 5, "max_percent": "50"},
    "returns": {"free_amends": 1, "percent": "2", "max_percent": "10", "rework_workdays": 5},
    "carry_over": {"factor": "0.5"},
    "reports": {"late_points": "0.1", "missing_points": "0.5", "max_points": "5"},
    "untrue_evidence": {"points": "3", "bars": ["excellent"]},
    "bonus": {"enabled": False, "points": "0", "max_points": "0"},
    "veto": {"forces": "fail"},
    "starred": {"bars": ["excellent", "good"]},
    "grades": [
        {"key": "excellent", "name": "优秀", "at_least": "90"},
        {"key": "good", "name": "良好", "at_least": "80"},
        {"key": "pass", "name": "合格", "at_least": "60"},
        {"key": "fail", "name": "不合格", "at_least": "0"},
    ],
    "ranking": {"min_items": 3, "lead_apart": True},
    "indicators": {
        "default_weight": "1",
        "score_expected": False,
        "final_steps": [{"percent": "90", "credit": "0.9"}, {"percent": "50", "credit": "0.5"}],
    },
    "publicity_workdays": 5,
}

GOLDEN = Path(__file__).parent.parent / "data" / "golden"

RULES = ScoringRules.from_data(RULES_DATA)

CALENDAR = WorkCalendar(
    days_off=frozenset(date(2024, 10, day) for day in (1, 2, 3, 4, 7)),
    made_up=frozenset({date(2024, 9, 29), date(2024, 10, 12)}),
    decreed=frozenset({2024}),
)

YEAR = AsOf.on(date(2024, 12, 31), Period(2024))
"""The whole of 2024, as known on its last day."""

DUE = date(2024, 6, 28)
ISSUED = date(2024, 1, 2)
END = date(2024, 12, 31)
_numbers = itertools.count(1)


def item(**facts: Any) -> Item:
    """An issued binary item of weight 1, due on 28 June 2024, as far as nothing else is said."""
    plain: dict[str, Any] = {
        "id": next(_numbers),
        "unit_id": 1,
        "task_id": 1,
        "action_id": 1,
        "what": "负责制定教育系统低碳引领行动方案。",
        "section": "专栏2",
        "method": Method.BINARY,
        "part": Part.RESPONSIBLE,
        "weight": Decimal(1),
        "original_due_on": DUE,
        "issued_on": ISSUED,
    }
    return Item(**{**plain, **facts})


def portion(
    amount: object = 1,
    handed_in_on: date = DUE,
    on: date | None = None,
    withdrawn_on: date | None = None,
    submission_id: int | None = None,
) -> Verified:
    """A verified portion; verified on the day that it was handed in if no other is given."""
    number = next(_numbers)
    return Verified(
        number,
        submission_id or number,
        Decimal(str(amount)),
        handed_in_on,
        on or handed_in_on,
        withdrawn_on,
    )


def completion(number: int, on: date, *verdicts: Verdict, **facts: Any) -> HandedIn:
    """A round of completion."""
    return HandedIn(
        next(_numbers), number, SubmissionKind.COMPLETION, on, verdicts=verdicts, **facts
    )


def progress(number: int, on: date, **facts: Any) -> HandedIn:
    """A progress report."""
    return HandedIn(next(_numbers), number, SubmissionKind.PROGRESS, on, **facts)


def returned(on: date, kind: ReturnKind, rework_on: date | None = None) -> Verdict:
    """The review that returned a round."""
    return Verdict(on, Decision.RETURN, kind, rework_on)


def accepted(on: date) -> Verdict:
    """The review that accepted a round."""
    return Verdict(on, Decision.ACCEPT)


def score_one(owed: Item, asked: AsOf = YEAR) -> Scored:
    """An item that belongs to the period."""
    made = score_item(owed, asked, RULES, CALENDAR)
    assert made is not None
    return made


def score_of(made: Iterable[Scored], beside: Beside | None = NOTHING) -> Score:
    """The score of all these, whether they are due or not."""
    tally = Tally(YEAR, CALENDAR, keep=True)
    for each in made:
        tally.add(each)
    return Score(tally.whole, RULES, tuple(tally.shared), beside)


def golden(name: str) -> list[dict[str, str]]:
    """The rows of a golden table."""
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verified_portion(cell: str) -> Verified:
    """A portion as a golden table writes it."""
    found = re.fullmatch(
        r"(?P<amount>\S+) handed in (?P<on>\S+)( verified (?P<by>\S+))?( withdrawn (?P<off>\S+))?",
        cell,
    )
    assert found, cell
    return portion(
        found["amount"],
        date.fromisoformat(found["on"]),
        date.fromisoformat(found["by"]) if found["by"] else None,
        date.fromisoformat(found["off"]) if found["off"] else None,
    )


def weighed(cell: str) -> Scored:
    """An item of a weight and a credit, as a golden table writes it: "2 supporting x 1/3"."""
    weight, credit = cell.split(" x ")
    part = Part.SUPPORTING if weight.endswith(" supporting") else Part.RESPONSIBLE
    value = Fraction(credit)
    owed = item(
        method=Method.PROPORTIONAL,
        amount=Decimal(value.denominator),
        weight=Decimal(weight.removesuffix(" supporting")),
        part=part,
        portions=(portion(value.numerator),),
    )
    return score_one(owed)


def whole_list(values: str) -> Iterable[str]:
    """The parts of a cell of a golden table."""
    return [part.strip() for part in values.split(";") if part.strip()]
