"""The benches use the tests' own databases."""

from tests import conftest
from tests.conftest import *  # noqa: F403

pytest_plugins = [*conftest.pytest_plugins, "bench.databases"]
