"""The documentation is held against the code."""

from tools import lifecycle


def test_the_architecture_shows_the_transition_table_as_it_is() -> None:
    document = lifecycle.DOCUMENT.read_text("utf-8")
    assert lifecycle.rewritten(document) == document
