"""The benches use the tests' own databases."""

from tests.conftest import *  # noqa: F403
