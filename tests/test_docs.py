"""The documentation is held against the code."""

from tools import golden, lifecycle


def test_the_architecture_shows_the_transition_table_as_it_is() -> None:
    document = lifecycle.DOCUMENT.read_text("utf-8")
    assert lifecycle.rewritten(document) == document


def test_the_cases_worked_out_by_hand_are_shown_as_they_are_counted() -> None:
    document = golden.DOCUMENT.read_text("utf-8")
    assert golden.rewritten(document) == document
