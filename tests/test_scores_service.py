"""Scores of a plan that was really played, on both databases."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from planner.domain.scores.period import AsOf, Period
from planner.domain.words import Comparator, Method, Part
from planner.models import Assignment, Plan, Target
from planner.services.plans import scoring_rules
from planner.services.scores import (
    PlanScores,
    current_scores,
    plan_scores,
    score_json,
    visible_unit_ids,
)
from tests.support.cast import EDU, HEALTH, LEAD, SCHOOL, Cast
from tests.support.history import END, acts, play

GOLDEN = Path(__file__).parent / "data" / "golden" / "score.json"
YEAR = Period(2024)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def scores(db: Session, cast: Cast, today: date = END, period: Period = YEAR) -> PlanScores:
    plan = db.get_one(Plan, cast.plan)
    return plan_scores(
        db, plan, AsOf.on(today, period), cast.clock().calendar, scoring_rules(db, plan)
    )


def as_json(cast: Cast, today: date, period: Period = YEAR) -> dict[str, Any]:
    with cast.reading() as db:
        made = scores(db, cast, today, period)
        return {
            **score_json(made),
            "boxes": [(box.box.key, box.figures.whole.total) for box in made.boxes],
            "shares": [(each.figures.verified, each.figures.claimed) for each in made.units],
            "counts": [each.figures.counts for each in made.units],
        }


def test_the_json_of_a_played_year_is_the_same_to_the_digit(cast: Cast) -> None:
    """On both databases; the digits in the file were worked out by hand."""
    play(cast)
    with cast.reading() as db:
        made = score_json(scores(db, cast))
    assert made == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_past_day_looks_later_as_it_looked_then(cast: Cast) -> None:
    then = {}
    for day, act in acts(cast):
        act(day)
        then[day] = as_json(cast, day)
    assert {day: as_json(cast, day) for day in then} == then
    assert len({str(each) for each in then.values()}) > len(then) / 2


def test_drafts_never_count(cast: Cast) -> None:
    with cast.reading() as db:
        made = scores(db, cast, period=Period())
    assert (made.units, made.overall.whole.total, made.overall.counts.counting) == ((), None, 0)


def test_only_proof_that_was_accepted_earns_points(cast: Cast) -> None:
    play(cast, date(2024, 6, 14))
    with cast.reading() as db:
        edu = scores(db, cast, date(2024, 6, 14)).unit(cast.units[EDU])
    assert edu is not None
    assert edu.figures.whole.total == 0
    assert (edu.figures.verified, edu.figures.claimed) == (0, Decimal("0.5"))
    assert (edu.figures.counts.waiting, edu.figures.counts.accepted) == (1, 0)


def test_what_is_cancelled_leaves_the_score_from_that_day(cast: Cast) -> None:
    play(cast)
    with cast.reading() as db:
        before = scores(db, cast, date(2024, 7, 31)).unit(cast.units[HEALTH])
        after = scores(db, cast, date(2024, 8, 1)).unit(cast.units[HEALTH])
    assert before is not None
    assert before.figures.counts.counting == 1
    assert after is None


def test_to_date_and_whole_period_are_told_apart(cast: Cast) -> None:
    play(cast)
    with cast.reading() as db:
        made = scores(db, cast, date(2024, 11, 30)).unit(cast.units[EDU])
    assert made is not None
    assert (made.figures.to_date.total, made.figures.to_date.grade) == (None, None)
    assert made.figures.whole.total == Decimal("49.00")
    assert made.rank.place is None


def test_the_lead_agency_comes_last_and_is_not_ranked(cast: Cast) -> None:
    play(cast)
    with cast.reading() as db:
        made = scores(db, cast)
    assert [each.unit.name for each in made.units] == [EDU, LEAD]
    assert str(made.units[-1].rank.reason) == "Not ranked: the lead agency stands apart."


def test_boxes_and_their_cells_add_up_the_units(cast: Cast) -> None:
    play(cast)
    with cast.reading() as db:
        made = scores(db, cast)
    assert [(each.box.number, each.figures.counts.counting) for each in made.boxes] == [
        ("专栏1", 2),
        ("专栏2", 1),
    ]
    assert made.cells[cast.units[EDU], cast.action].whole.exact == made.boxes[0].figures.whole.exact
    assert (cast.units[EDU], cast.other_action) not in made.cells


def test_the_whole_plan_counts_rows_and_nodes(cast: Cast) -> None:
    play(cast)
    with cast.reading() as db:
        made = scores(db, cast, period=Period()).unit(cast.units[EDU])
    assert made is not None
    assert made.figures.counts.counting == 3
    assert sum(line.earned for line in made.whole_lines) == made.figures.whole.total


def test_one_unit_is_found_by_key_or_name(cast: Cast) -> None:
    play(cast)
    with cast.reading() as db:
        made = scores(db, cast)
    for wanted in ("edu", EDU):
        assert [each["unit"] for each in score_json(made, wanted)["units"]] == ["edu"]
    assert score_json(made, "nobody")["units"] == []


def test_a_shared_target_is_shown_for_the_county_and_scored_by_its_allocation(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        share_target(db, cast)
        db.commit()
    play(cast)
    with cast.reading() as db:
        made = scores(db, cast)
    (shared,) = made.shared
    assert (shared.target.amount, shared.allocated, shared.verified) == (5, 3, 1)
    edu = made.unit(cast.units[EDU])
    assert edu is not None
    assert (edu.figures.counts.counting, edu.figures.counts.shared) == (1, 1)


def test_a_row_and_its_nodes_are_allocated_and_verified_once(cast: Cast) -> None:
    """The row of 3 with a node of 1, of which 1 was verified for the row and 1 in the node."""
    with cast.runtime.sessions.writing() as db:
        db.add(shared_target(cast))
        db.commit()
    play(cast)
    with cast.reading() as db:
        (shared,) = scores(db, cast).shared
    assert (shared.allocated, shared.verified) == (3, 1)


def shared_target(cast: Cast) -> Target:
    return Target(
        task_id=cast.chargers,
        key="shared",
        what="充电桩",
        sentence="全县合计5个。",
        section="专栏1",
        comparator=Comparator.AT_LEAST,
        amount=Decimal(5),
        measure="个",
        shared=True,
    )


def share_target(db: Session, cast: Cast) -> None:
    db.add(shared_target(cast))
    row = db.get_one(Assignment, cast.edu_row)
    row.task_id, row.method = cast.chargers, Method.PROPORTIONAL
    node = db.get_one(Assignment, cast.charger_node)
    node.method, node.amount, node.measure = Method.BINARY, None, None


def test_who_may_read_whose_figures(cast: Cast) -> None:
    names = {unit_id: name for name, unit_id in cast.units.items()}
    with cast.reading() as db:
        seen = {
            user: {names[each] for each in visible_unit_ids(db, cast.actor(user))}
            for user in ("edu", "health", "leader", "auditor", "admin")
        }
    assert seen == {
        "edu": {EDU, SCHOOL},
        "health": {HEALTH},
        "leader": {LEAD, EDU, HEALTH, SCHOOL},
        "auditor": set(),
        "admin": set(),
    }


def test_todays_scores_of_the_active_plan(cast: Cast) -> None:
    play(cast, date(2024, 10, 15))
    with cast.reading() as db:
        made = current_scores(db, cast.clock(), YEAR)
    assert (made.plan.key, made.today, made.time_gone > 0) == ("tiny", cast.clock().today, True)


def test_three_times_the_rows_and_not_one_query_more(cast: Cast, count_queries) -> None:
    play(cast)
    with cast.reading() as db, count_queries() as few:
        before = scores(db, cast, period=Period()).overall.counts.counting
    more = 3 * before
    with cast.runtime.sessions.writing() as db:
        multiply(db, cast, more)
        db.commit()
    with cast.reading() as db, count_queries() as many:
        made = scores(db, cast, period=Period())
        assert made.unit(cast.units[EDU]).lines
    assert made.overall.counts.counting == before + more
    assert len(few) == len(many)


def multiply(db: Session, cast: Cast, times: int) -> None:
    row = db.scalars(select(Assignment).where(Assignment.id == cast.edu_row)).one()
    kept = {
        name: getattr(row, name)
        for name in ("task_id", "unit_id", "text", "weight", "state", "original_due_on", "due_on")
    }
    db.execute(
        insert(Assignment),
        [
            {
                **kept,
                "method": Method.BINARY,
                "part": Part.RESPONSIBLE,
                "issued_on": END - timedelta(9),
            }
            for _ in range(times)
        ],
    )
