"""Scores a whole plan in a process of its own, and says what it cost.

python -m bench.scoring DATABASE_URL RUNS prints seconds to score, seconds for the bare fetch of the
same rows, and the most memory that the process held, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import ORMExecuteState, Session

from planner.domain.scores.period import AsOf, Period
from planner.models import Plan
from planner.services.plans import scoring_rules
from planner.services.score_acts import AT_ONCE
from planner.services.scores import keep_none, plan_scores
from tests.support.reminding import CALENDAR

ASKED = AsOf.on(date(2024, 11, 1), Period(2024))


@contextmanager
def statements(db: Session) -> Iterator[list[Any]]:
    """Every statement that the session is asked for meanwhile."""
    seen: list[Any] = []

    def note(state: ORMExecuteState) -> None:
        seen.append(state.statement)

    event.listen(db, "do_orm_execute", note)
    try:
        yield seen
    finally:
        event.remove(db, "do_orm_execute", note)


def score(engine: Engine) -> tuple[float, int, list[Any]]:
    """Seconds to score the plan, how many assignments counted, and what was asked for."""
    with Session(engine) as db:
        plan = db.get_one(Plan, 1)
        rules = scoring_rules(db, plan)
        with statements(db) as asked:
            began = time.perf_counter()
            made = plan_scores(db, plan, ASKED, CALENDAR, rules, keep_none)
            seconds = time.perf_counter() - began
    return seconds, made.overall.counts.counting, asked


def fetch(engine: Engine, asked: list[Any]) -> float:
    """Seconds to fetch the same rows, as many at once, and do nothing with them."""
    with Session(engine) as db:
        began = time.perf_counter()
        for statement in asked:
            for _ in db.execute(statement.execution_options(yield_per=AT_ONCE)):
                pass
        return time.perf_counter() - began


def main(url: str, times: int) -> dict[str, float]:
    """The best of so many runs. The memory is the scoring's own: nothing is fetched before it."""
    engine = create_engine(url)
    runs = [score(engine) for _ in range(times)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _, counting, asked = runs[-1]
    return {
        "counting": counting,
        "statements": len(asked),
        "scoring": min(seconds for seconds, _, _ in runs),
        "bare": min(fetch(engine, asked) for _ in range(times)),
        "megabytes": memory,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
