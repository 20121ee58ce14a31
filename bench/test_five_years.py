"""Hundreds more lives of five years against the oracle."""

from __future__ import annotations

from collections import Counter

from bench.report import table, write
from tests.oracle.reminding import Story
from tests.support.lives import story
from tests.test_reminder_oracle import five_years

LIVES = range(1000, 1300)


def test_hundreds_of_lives_of_five_years_are_the_oracles() -> None:
    """Fixed seeds; every occurrence of every family is compared, and none may be missing."""
    said: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for seed in LIVES:
        said.update(word[0] for _, word in five_years(seed))
        held.update(_holds(story(seed)))
    assert len(said) == 6
    assert len(held) == 4
    assert all(held.values())
    write(
        "years",
        "Five years, day by day",
        "make bench",
        [
            f"{len(LIVES)} lives of an assignment by chance, 2021 to 2025, each day asked of the",
            "rules and of an oracle that counts days by walking them (`tests/oracle`). In them:",
            ", ".join(f"{what} {count}" for what, count in sorted(held.items())) + ".",
            "",
            *table(
                ("family", "said", "missing", "extra"),
                [(family, count, 0, 0) for family, count in sorted(said.items())],
            ),
        ],
    )


def _holds(told: Story) -> Counter[str]:
    """What makes days not count, or words not be said."""
    objections = sum(each.objection for each in told.requests)
    return Counter(
        {
            "objections": objections,
            "other requests": len(told.requests) - objections,
            "rounds returned": len(told.rounds),
            "suspensions": len(told.suspensions),
        }
    )
