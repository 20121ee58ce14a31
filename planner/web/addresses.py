"""The numbers of rows, as addresses and forms name them."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

MAX_ID = 2**31 - 1
"""The largest number that a row can have in every database."""


def row_number(text: object) -> int:
    """The number that a form names. Raises ValueError for what no row could have."""
    number = int(str(text))
    if not 0 <= number <= MAX_ID:
        raise ValueError(f"no row has the number {number}")
    return number


class RowNumber(IntegerConverter):
    """A row's number in an address: what no row could have leads nowhere, before any query."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=MAX_ID)
