"""YAML text to located values, from the parser's events alone.

No value is guessed at (`on`, `no` and 2.10 stay what was written), no object is made, and what a
plan file does not need is refused: anchors and aliases (they can blow up), tags, more documents.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from yaml.reader import ReaderError

from planner.domain.located import Items, Problem, Scalar, Table, Tree
from planner.domain.text import Text, t

MAX_DEPTH = 20
NOTHING = ("", "~", "null", "Null", "NULL")
"""What YAML's core schema calls null, when unquoted."""


class Malformed(Exception):
    """The text is no YAML that a plan file may hold."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def compose(text: str, problems: list[Problem]) -> Tree:
    """The tree of the only document. A repeated key is noted in `problems`, the first one stays.

    Raises Malformed for the first mistake that leaves no tree.
    """
    try:
        return _Composer(text, problems).document()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _malformed(line, "", t("This character is not allowed in YAML.")) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = t("This is not valid YAML: %(reason)s.", reason=error.problem or error.context)
        raise _malformed(mark.line + 1 if mark else None, "", reason) from error


def _malformed(line: int | None, path: str, message: Text) -> Malformed:
    return Malformed(Problem(line, path, message))


class _Composer:
    def __init__(self, text: str, problems: list[Problem]) -> None:
        self.events: Iterator[Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self.problems = problems

    def document(self) -> Tree:
        next(self.events)
        if not isinstance(next(self.events), DocumentStartEvent):
            raise _malformed(1, "", t("The file is empty."))
        tree = self.node(next(self.events), "", 0)
        next(self.events)
        if isinstance(more := next(self.events), DocumentStartEvent):
            raise _malformed(_line(more), "", t("The file must hold one YAML document only."))
        return tree

    def node(self, event: Event, path: str, depth: int) -> Tree:
        _refuse_cleverness(event, path)
        if depth > MAX_DEPTH:
            raise _malformed(_line(event), path[:80], t("The values are nested too deeply."))
        if isinstance(event, ScalarEvent):
            plain = event.style is None
            nothing = plain and event.value in NOTHING
            return Scalar(None if nothing else event.value, _line(event), plain)
        if isinstance(event, MappingStartEvent):
            return self.table(event, path, depth)
        return self.items(event, path, depth)

    def items(self, start: Event, path: str, depth: int) -> Items:
        values: list[Tree] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            values.append(self.node(event, f"{path}[{len(values)}]", depth + 1))
        return Items(tuple(values), _line(start))

    def table(self, start: Event, path: str, depth: int) -> Table:
        values: dict[str, Tree] = {}
        lines: dict[str, int | None] = {}
        while isinstance(key := next(self.events), NodeEvent):
            name = _key(key, path)
            below = f"{path}.{name}" if path else name
            value = self.node(next(self.events), below, depth + 1)
            if name in values:
                message = t("The key “%(key)s” stands here twice.", key=name)
                self.problems.append(Problem(_line(key), below, message))
            else:
                values[name], lines[name] = value, _line(key)
        return Table(values, lines, _line(start))


def _refuse_cleverness(event: Event, path: str) -> None:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise _malformed(
            _line(event), path, t("Anchors and aliases are not allowed: write the value out.")
        )
    if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag not in (None, "!"):
        raise _malformed(_line(event), path, t("Tags are not allowed: write the plain value."))


def _key(event: Event, path: str) -> str:
    _refuse_cleverness(event, path)
    if not isinstance(event, ScalarEvent):
        raise _malformed(_line(event), path, t("A key must be a single word."))
    return str(event.value)


def _line(event: Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None
