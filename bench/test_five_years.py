"""A thousand more lives of five years against the oracle."""

from __future__ import annotations

import sys
from collections import Counter

from tests.oracle.reminding import Oracle
from tests.test_reminder_oracle import ALL_DAYS, five_years, story, worked

LIVES = range(1000, 2000)


def test_a_thousand_lives_of_five_years_are_the_oracles() -> None:
    """Fixed seeds; prints how many occurrences of each family were compared."""
    said: Counter[str] = Counter()
    for seed in LIVES:
        five_years(seed)
        oracle = Oracle(story(seed), worked)
        said.update(word[0] for day in ALL_DAYS for word in oracle.on(day))
    sys.stdout.write(f"\n{len(LIVES)} lives: {dict(sorted(said.items()))}, no difference\n")
    assert len(said) == 6
