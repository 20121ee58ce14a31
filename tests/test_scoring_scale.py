"""A big plan, small: sums alone come to what the kept items come to."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.big_plan import fill
from bench.scoring import ASKED
from planner.models import Plan
from planner.services.plans import scoring_rules
from planner.services.scores import Keep, PlanScores, keep_all, keep_none, plan_scores
from tests.support.reminding import CALENDAR


def scored(db: Session, keep: Keep) -> PlanScores:
    plan = db.get_one(Plan, 1)
    return plan_scores(db, plan, ASKED, CALENDAR, scoring_rules(db, plan), keep)


def test_sums_alone_come_to_what_the_kept_items_come_to(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        fill(connection, 3000)
    with Session(engine) as db:
        kept, sums = scored(db, keep_all), scored(db, keep_none)
    engine.dispose()
    assert sums.overall.counts == kept.overall.counts
    assert sums.overall.whole.exact == kept.overall.whole.exact
    assert {each.unit.id: each.figures.to_date.exact for each in sums.units} == {
        each.unit.id: each.figures.to_date.exact for each in kept.units
    }
    assert len(kept.units[0].lines) > 1
    with pytest.raises(ValueError, match="sums"):
        _ = sums.units[0].lines
