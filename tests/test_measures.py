"""Half a charging point cannot be owed, reported or verified."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from planner.domain.errors import BadInput
from planner.domain.measures import splits
from planner.domain.words import Method
from planner.models import Assignment
from planner.services import breakdown, changes, reviewing, tasks
from planner.services.breakdown import DraftForm, NodeForm
from planner.services.tasks import RowForm
from tests.support import verbs
from tests.support.cast import EDU, Cast

HALF, DUE = Decimal("0.5"), date(2024, 12, 10)


@pytest.mark.parametrize(
    ("amount", "measure", "wrong"),
    [
        ("0.5", "个", True),
        ("1000.1", "人次", True),
        ("0.5", " 家 ", True),
        ("2", "个", False),
        ("2.000", "处", False),
        ("1.5", "万人次", False),
        ("62.5", "%", False),
        ("0.5", "万平方米", False),
        ("0.5", None, False),
        (None, "个", False),
    ],
)
def test_only_a_counting_word_is_counted_whole(
    amount: str | None, measure: str | None, wrong: bool
) -> None:
    assert splits(None if amount is None else Decimal(amount), measure) is wrong


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match="whole things") as refusal:
        act()
    assert refusal.value.field == "amount"


def test_half_of_a_whole_thing_is_not_handed_in(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_row)
    refused(lambda: verbs.report(cast, row, "0.5"))
    refused(lambda: verbs.submit(cast, row, "2.5"))


def test_half_of_a_whole_thing_is_not_verified(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_row)
    report = verbs.report(cast, row, "1")
    refused(lambda: cast.do(reviewing.confirm, "coordinator", row, report, HALF))
    verbs.submit(cast, row, "3")
    refused(lambda: verbs.accept(cast, row, "2.5", final=True, reason="到期"))


def test_half_of_a_whole_thing_is_not_owed(cast: Cast) -> None:
    node = NodeForm(2023, "出台方案。", date(2023, 12, 10), HALF)
    draft = DraftForm("建成充电桩。", cast.units[EDU], DUE, HALF, "个")
    row = RowForm("建成充电桩。", [cast.units[EDU]], DUE, method=Method.PROPORTIONAL,
                  amount=HALF, measure="个")  # fmt: skip
    lead = "coordinator"
    refused(lambda: cast.do(breakdown.break_down, lead, cast.charger_row, node))
    refused(lambda: cast.do(breakdown.edit_draft, lead, cast.charger_node, draft, 1))
    refused(lambda: cast.do(tasks.add_rows, lead, cast.chargers, row))


def test_what_is_owed_is_not_reduced_to_half_of_a_whole_thing(cast: Cast) -> None:
    with cast.reading() as db:
        row = db.get_one(Assignment, cast.charger_row)
        refused(lambda: changes.check_reduced(row, Decimal("1.5")))
