"""Lists in pages, whatever number the address asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Item = TypeVar("Item")

PAGE_SIZE = 25


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: `number` counts from 1, `total` the items of all pages."""

    items: Sequence[Item]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place of this page's first item in the list; 0 in an empty list."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of this page's last item in the list."""
        return min(self.number * self.size, self.total)


def page_number(text: str | None) -> int:
    """The page that an address asks for; 1 for anything that is no number from 1 to 999999."""
    asked = text or ""
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1


def page_of(whole: Sequence[Item], number: int, size: int = PAGE_SIZE) -> Page[Item]:
    """One page of a list that is at hand. Beyond the end it is the last page."""
    last = max(1, -(-len(whole) // size))
    number = min(max(1, number), last)
    return Page(whole[(number - 1) * size : number * size], number, len(whole), size)


def paginate(db: Session, query: Select[Item], number: int, size: int = PAGE_SIZE) -> Page[Item]:
    """One page of an ordered query for entities, and its total: two statements.

    Beyond the end it is the last page.
    """
    total = db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    last = max(1, -(-total // size))
    number = min(max(1, number), last)
    items = db.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(items, number, total, size)
