"""What scoring a whole plan costs: little more than fetching its rows, however many they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bench.big_plan import fill
from bench.databases import KINDS, Fresh
from bench.report import table, write

ROOT = Path(__file__).resolve().parent.parent
RUNS = {10_000: 5, 100_000: 3, 1_000_000: 1}
"""How often each size is scored; the best run counts."""

MOST_TIMES, MOST_MEGABYTES, FLAT = 3, 300, 1.2


def cost(url: str, size: int) -> dict[str, float]:
    """In a process of its own, so that its memory is the scoring's."""
    engine = create_engine(url)
    with engine.begin() as connection:
        fill(connection, size)
    engine.dispose()
    command = [sys.executable, "-m", "bench.scoring", url, str(RUNS[size])]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_scoring_takes_at_most_three_times_the_bare_fetch_up_to_a_million(
    kind: str, fresh: Fresh
) -> None:
    costs = {size: cost(fresh(kind), size) for size in RUNS}
    write(
        f"scoring-{kind}",
        f"Scoring a whole plan, {KINDS[kind]}",
        "make bench",
        [
            "Facts, rules, figures and ranks of all units, figures of all boxes; the same queries",
            "whatever the size. Seconds of the best run, beside the bare fetch of the same rows.",
            "",
            *table(
                ("assignments", "queries", "scoring, s", "bare, s", "times", "µs each", "MB"),
                [_row(size, each) for size, each in costs.items()],
            ),
        ],
    )
    for size, each in costs.items():
        assert each["counting"] == size
        assert each["scoring"] <= MOST_TIMES * each["bare"]
        assert each["megabytes"] < MOST_MEGABYTES
    assert len({each["statements"] for each in costs.values()}) == 1
    singly = [each["scoring"] / size for size, each in costs.items()]
    assert max(singly) <= FLAT * min(singly)


def _row(size: int, each: dict[str, float]) -> tuple[object, ...]:
    return (
        f"{size:,}",
        f"{each['statements']:.0f}",
        f"{each['scoring']:.2f}",
        f"{each['bare']:.2f}",
        f"{each['scoring'] / each['bare']:.2f}",
        f"{each['scoring'] / size * 1e6:.1f}",
        f"{each['megabytes']:.0f}",
    )
