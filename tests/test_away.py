"""A scheduler that was away over due dates; `make bench` plays the same with more of everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import away


@pytest.mark.parametrize("gap", away.GAPS, ids=lambda gap: gap.name)
def test_a_scheduler_that_was_away_catches_up_once_and_forwards(
    database_url: str, tmp_path: Path, gap: away.Gap
) -> None:
    made = away.play(database_url, tmp_path, gap, assignments=120, people=20)
    assert made.is_as_promised, made
