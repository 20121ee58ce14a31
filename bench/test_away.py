"""The scheduler away for an hour, a day, a week and forty days over due dates."""

from __future__ import annotations

import os
from pathlib import Path

from bench import away, report
from bench.databases import KINDS, Fresh

ASSIGNMENTS = int(os.environ.get("BENCH_ASSIGNMENTS", "2000"))
PEOPLE = 300
HEAD = (
    "database",
    "away",
    "thresholds by then",
    "sent on return",
    "superseded on return",
    "lost",
    "extra",
    "backwards",
    "most digests a person and channel",
    "said by a second tick",
)


def test_a_scheduler_that_was_away_catches_up(fresh: Fresh, tmp_path: Path) -> None:
    rows: list[list[object]] = []
    good = True
    for kind, name in KINDS.items():
        for gap in away.GAPS:
            made = away.play(fresh(kind), tmp_path, gap, ASSIGNMENTS, PEOPLE)
            good &= made.is_as_promised
            rows.append([name, gap.name, *vars(made).values()])
    _tell(rows)
    assert good, rows


def _tell(rows: list[list[object]]) -> None:
    report.write(
        "away",
        "The scheduler away over due dates",
        f"make bench (BENCH_ASSIGNMENTS={ASSIGNMENTS})",
        [
            f"{ASSIGNMENTS} assignments of {PEOPLE} people, most of them due in the weeks around",
            "12 September 2024; unsigned ones, rounds that wait, urges and periodic reports among",
            "them. The real tick runs until that day and is then away: over 9 o'clock, over a day,",
            "over the Mid-Autumn Festival, over the first week of October. What a diligent one",
            "would have come to is asked of the rules day by day, with nothing recorded; all of it",
            "must stand recorded afterwards, sent or superseded, and nothing else.",
            "",
            *report.table(HEAD, rows),
        ],
    )
