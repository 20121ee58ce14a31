"""What every test can use; each part stands in tests/support."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

import hypothesis
import pytest

from tests.support.network import forbid_other_hosts
from tests.support.postgres import memory
from tests.support.queries import counting

pytest_plugins = [
    "tests.support.browser",
    "tests.support.databases",
    "tests.support.cast",
    "tests.support.live",
    "tests.support.pages",
    "tests.support.posting",
]

hypothesis.settings.register_profile("planner", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2000, print_blob=True)
hypothesis.settings.load_profile("planner")


def pytest_configure(config: pytest.Config) -> None:
    """A setting of the person who runs the tests must not change what they prove.

    Files of tests are kept in memory where there is room: no test is about waiting for a disk.
    """
    for name in [name for name in os.environ if name.startswith("PLANNER_")]:
        del os.environ[name]
    if folder := memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))
    forbid_other_hosts()


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as statements:` lists what is sent to a database meanwhile."""
    return counting
