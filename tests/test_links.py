"""Addresses in mails lead to the pages."""

from __future__ import annotations

import pytest

from planner.links import Links


@pytest.mark.parametrize("base", ["https://plan.example.org", "https://plan.example.org/"])
def test_addresses_are_absolute(base: str) -> None:
    links = Links(base)
    assert links.my_work() == "https://plan.example.org/"
    assert links.inbox() == "https://plan.example.org/inbox"
    assert links.task(7) == "https://plan.example.org/tasks/7"
    assert links.assignment(12) == "https://plan.example.org/assignments/12"


def test_a_path_of_the_site_is_kept() -> None:
    assert Links("https://example.org/planner").inbox() == "https://example.org/planner/inbox"
