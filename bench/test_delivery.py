"""The promise of delivery under load and under kill -9, at full size; the page says what came."""

from __future__ import annotations

import os
from pathlib import Path

from bench import crash, crowd, mailserver, report
from bench.databases import KINDS, Fresh

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "10000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "100"))


def test_ten_thousand_reminders(fresh: Fresh, tmp_path: Path) -> None:
    rows: list[list[object]] = []
    good = True
    for kind, name in KINDS.items():
        for workers in (1, 2, 4, 8):
            folder = tmp_path / f"{kind}-{workers}"
            folder.mkdir()
            with mailserver.running(folder) as server:
                made = crowd.run(fresh(kind), folder, server, PEOPLE, workers)
            good &= not (made.lost or made.twice or any(made.statuses))
            rows.append(
                [
                    name,
                    workers,
                    made.due,
                    made.recorded,
                    made.inbox,
                    made.taken,
                    made.lost,
                    made.twice,
                    f"{made.seconds:.0f}",
                    f"{made.rate:.0f}",
                ]
            )
            _tell_crowd(rows)
    assert good, rows


def _tell_crowd(rows: list[list[object]]) -> None:
    report.write(
        "crowd",
        "Many reminders, several workers",
        f"make bench (BENCH_PEOPLE={PEOPLE})",
        [
            "Each person has one reminder that is due; real `planner worker` processes record it,",
            "put it into the inbox and mail it to a real SMTP server (aiosmtpd) that writes down",
            "every Message-ID. Seconds run from the start of the processes to the last mark;",
            "the mail server and the workers share the machine, PostgreSQL runs without fsync.",
            "",
            *report.table(
                [
                    "database",
                    "workers",
                    "due",
                    "recorded",
                    "inbox",
                    "mails taken",
                    "lost",
                    "twice",
                    "seconds",
                    "mails/s",
                ],
                rows,
            ),
        ],
    )


def test_kill_at_every_step(fresh: Fresh, tmp_path: Path) -> None:
    rows: list[list[object]] = []
    good = True
    for kind, name in KINDS.items():
        with mailserver.running(tmp_path) as server, crash.scene(fresh(kind), server) as at:
            for step in crash.ALL_STEPS:
                made = crash.play(at, step, ROUNDS)
                good &= made.is_as_promised
                rows.append(
                    [
                        name,
                        step,
                        made.rounds,
                        made.lost,
                        made.inbox_wrong,
                        made.twice,
                        "yes" if step in crash.MAY_BE_TWICE else "no",
                        made.other_ids,
                    ]
                )
                _tell_crash(rows)
    assert good, rows


def _tell_crash(rows: list[list[object]]) -> None:
    report.write(
        "crash",
        'kill -9 at every step between "due" and "sent"',
        f"make bench (BENCH_ROUNDS={ROUNDS})",
        [
            "A worker with two people to tell kills itself with SIGKILL at the first or the second",
            "passing of a step; another goes on after the lease. Between the server's accept and",
            "our commit a second copy is possible (design, section 5), with the same Message-ID.",
            "",
            *report.table(
                [
                    "database",
                    "killed at",
                    "rounds",
                    "lost",
                    "inbox not exactly once",
                    "second copies",
                    "window",
                    "other Message-IDs",
                ],
                rows,
            ),
        ],
    )
