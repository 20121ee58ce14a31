"""Values that know where they stand: a plan file or stored JSON before it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, TypeAlias

from planner.domain.errors import DomainError
from planner.domain.text import Json, Text


@dataclass(frozen=True)
class Scalar:
    """A single value as it was written; `text` is None where nothing (or null) stands.

    `plain` is false for a quoted value, which is a text and never a number.
    """

    text: str | None
    line: int | None = None
    plain: bool = True


@dataclass(frozen=True)
class Items:
    """A list."""

    values: tuple[Tree, ...]
    line: int | None = None


@dataclass(frozen=True)
class Table:
    """A mapping; `lines` holds the line of each key."""

    values: Mapping[str, Tree]
    lines: Mapping[str, int | None]
    line: int | None = None


Tree: TypeAlias = Scalar | Items | Table


@dataclass(frozen=True)
class Problem:
    """One mistake: its line (from 1; None in stored data), its path such as
    `tasks[3].assignments[0].deadline.on` (list items count from 0), and what is wrong.
    """

    line: int | None
    path: str
    message: Text

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.path + ': ' if self.path else ''}{self.message}"


class BadRecord(DomainError):
    """Data that cannot be read; `problems` are all its mistakes, in the order of the lines."""

    def __init__(self, reason: Text, problems: list[Problem]) -> None:
        super().__init__(reason)
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))

    def __str__(self) -> str:
        return "\n".join([str(self.text), *map(str, self.problems)])


def line_at(tree: Tree, path: str) -> int | None:
    """The line of what stands at a path such as `grades[1].at_least` below the tree.

    For a key it is the key's line; where the path leads nowhere, the line of what holds it.
    """
    line = tree.line
    for part in re.findall(r"[^.\[\]]+", path):
        if isinstance(tree, Table) and part in tree.values:
            line = tree.lines[part]
            tree = tree.values[part]
        elif isinstance(tree, Items) and part.isdecimal() and int(part) < len(tree.values):
            tree = tree.values[int(part)]
            line = tree.line
        else:
            break
    return line


def tree_of(data: object) -> Tree:
    """The tree of plain data as JSON gives it.

    Raises TypeError for a binary fraction: exact numbers are kept as strings.
    """
    if isinstance(data, Mapping):
        values = {str(key): tree_of(value) for key, value in data.items()}
        return Table(values, dict.fromkeys(values))
    if isinstance(data, (list, tuple)):
        return Items(tuple(tree_of(value) for value in data))
    if isinstance(data, bool):
        return Scalar("true" if data else "false")
    if data is None or isinstance(data, (str, int)):
        return Scalar(None if data is None else str(data))
    raise TypeError(f"{data!r} is no text, whole number, truth value, list or mapping")


def to_data(value: Any) -> Json:
    """A record as plain data for JSON, which `tree_of` and the reader turn back into it.

    Numbers with decimals become strings, dates ISO strings, times `HH:MM`.
    """
    if is_dataclass(value):
        return {key.name: to_data(getattr(value, key.name)) for key in fields(value)}
    if isinstance(value, tuple):
        return [to_data(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int)):
        return value
    raise TypeError(f"{value!r} has no form in JSON")
