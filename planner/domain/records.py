"""Reads a tree of located values into frozen dataclasses, by their annotations.

The dataclass is the schema: a field without default is a key that must be there, a type says how
the value is written, `Annotated` adds limits, and `check` on the class says what must hold between
its keys. The tree comes from a plan file (with lines) or from stored JSON (without), so a rule has
one shape wherever it is kept. All mistakes are collected; none stops the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from planner.domain.located import BadRecord, Items, Problem, Scalar, Table, Tree, line_at, tree_of
from planner.domain.scalars import Refused, read_choice, reader_of
from planner.domain.text import Text, t

Record = TypeVar("Record")

Complaints: TypeAlias = Iterator[tuple[str, Text]]
"""What `check` yields: the key within the record that the mistake is at, and what is wrong."""


@dataclass(frozen=True)
class Names:
    """Limit: the value is the stable key of a thing of this kind, and no other may have it."""

    kind: str


@dataclass(frozen=True)
class Refers:
    """Limit: the value is the stable key of a thing of this kind that stands elsewhere."""

    kind: str


KINDS: Mapping[str, Text] = {
    "unit": t("unit"),
    "group": t("group"),
    "action": t("action"),
    "target": t("target"),
    "grade": t("grade"),
}
"""What a sentence calls the kinds of things that can be referred to."""


@dataclass(frozen=True)
class Key:
    """A key of a record: its annotation, and whether it must be given."""

    kind: Any
    required: bool


@cache
def keys_of(kind: Any) -> Mapping[str, Key]:
    """The keys of a record, in the order of its definition."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        field.name: Key(
            hints[field.name], field.default is MISSING and field.default_factory is MISSING
        )
        for field in fields(kind)
    }


def read_data(kind: type[Record], data: object) -> Record:
    """The record that plain data as JSON keeps it holds. Raises BadRecord with all mistakes."""
    reader = Reader()
    record = reader.read(kind, tree_of(data))
    if record is None:
        raise BadRecord(t("The stored rules cannot be read."), reader.problems)
    return record


class _Unreadable(Exception):
    """The value cannot be used, and the problem that says so is already noted."""


class Reader:
    """Reads one tree; `problems` grows, `made` holds each record that could be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.made: list[Any] = []
        self._places: dict[int, tuple[str, Table]] = {}
        self._named: dict[tuple[str, str], str] = {}
        self._referred: list[tuple[str, str, str, int | None]] = []

    def read(self, kind: type[Record], tree: Tree) -> Record | None:
        """The record, or None if something in the tree is wrong: see `problems`."""
        try:
            record: Record = self._value(tree, kind, "")
        except _Unreadable:
            return None
        finally:
            self._resolve()
        return None if self.problems else record

    def refuse(self, record: object, key: str, message: Text) -> None:
        """Note a mistake at a key of a record that was read."""
        path, table = self._places[id(record)]
        self._note(line_at(table, key), _join(path, key), message)

    def _note(self, line: int | None, path: str, message: Text) -> None:
        self.problems.append(Problem(line, path, message))

    def _stop(self, tree: Tree, path: str, message: Text) -> _Unreadable:
        self._note(tree.line, path, message)
        return _Unreadable()

    def _value(self, tree: Tree, kind: Any, path: str) -> Any:
        origin = get_origin(kind)
        if origin is Annotated:
            base, *limits = get_args(kind)
            return self._limited(self._value(tree, base, path), limits, tree, path)
        if origin in (Union, UnionType):
            (only,) = (arg for arg in get_args(kind) if arg is not NoneType)
            return self._value(tree, only, path)
        if origin is tuple:
            return self._items(tree, get_args(kind)[0], path)
        if is_dataclass(kind):
            return self._record(tree, kind, path)
        return self._scalar(tree, kind, path)

    def _limited(self, value: Any, limits: list[Any], tree: Tree, path: str) -> Any:
        for limit in limits:
            if isinstance(limit, Names):
                self._name(limit.kind, value, tree, path)
            elif isinstance(limit, Refers):
                self._referred.append((limit.kind, value, path, tree.line))
            elif complaint := limit(value):
                raise self._stop(tree, path, complaint)
        return value

    def _name(self, kind: str, value: str, tree: Tree, path: str) -> None:
        first = self._named.setdefault((kind, value), path)
        if first != path:
            message = t("“%(value)s” is already used at %(path)s.", value=value, path=first)
            self._note(tree.line, path, message)

    def _resolve(self) -> None:
        """Each key that is referred to must stand somewhere, even if the rest there is wrong."""
        for kind, key, path, line in self._referred:
            if (kind, key) not in self._named:
                sentence = t("There is no %(kind)s “%(key)s”.", kind=KINDS[kind], key=key)
                known = [name for named, name in self._named if named == kind]
                self._note(line, path, _suggest(sentence, key, known))

    def _items(self, tree: Tree, kind: Any, path: str) -> tuple[Any, ...]:
        """The items that can be used: a bad one spoils neither its neighbours nor the list."""
        if not isinstance(tree, Items):
            raise self._stop(tree, path, t("This must be a list."))
        good = []
        for number, item in enumerate(tree.values):
            try:
                good.append(self._value(item, kind, f"{path}[{number}]"))
            except _Unreadable:
                continue
        return tuple(good)

    def _scalar(self, tree: Tree, kind: Any, path: str) -> Any:
        if not isinstance(tree, Scalar):
            raise self._stop(tree, path, t("This must be a single value."))
        if tree.text is None:
            raise self._stop(tree, path, t("A value is missing here."))
        try:
            if get_origin(kind) is Literal:
                return read_choice(tree.text, get_args(kind))
            if issubclass(kind, StrEnum):
                return kind(read_choice(tree.text, kind))
            return reader_of(kind)(tree.text, tree.plain)
        except Refused as refused:
            raise self._stop(tree, path, refused.text) from None

    def _record(self, tree: Tree, kind: Any, path: str) -> Any:
        if not isinstance(tree, Table):
            raise self._stop(tree, path, t("This must be a mapping of keys to values."))
        before = len(self.problems)
        self._refuse_unknown(tree, keys_of(kind), path)
        record = kind(**self._fields(tree, keys_of(kind), path))
        self.made.append(record)
        self._places[id(record)] = (path, tree)
        if len(self.problems) == before and hasattr(record, "check"):
            for key, message in record.check():
                self.refuse(record, key, message)
        return record

    def _refuse_unknown(self, tree: Table, known: Mapping[str, Key], path: str) -> None:
        for name in tree.values:
            if name not in known:
                sentence = t("The key “%(key)s” is not known here.", key=name)
                self._note(tree.lines[name], _join(path, name), _suggest(sentence, name, known))

    def _fields(self, tree: Table, known: Mapping[str, Key], path: str) -> dict[str, Any]:
        """The values that are given, under their keys. Raises _Unreadable after the last."""
        values = {}
        spoiled = False
        for name, key in known.items():
            try:
                given = tree.values.get(name)
                if given is not None and not (isinstance(given, Scalar) and given.text is None):
                    values[name] = self._value(given, key.kind, _join(path, name))
                elif key.required and given is not None and _may_be_none(key.kind):
                    values[name] = None
                elif key.required:
                    message = t("The key “%(key)s” is missing.", key=name)
                    raise self._stop(given or tree, _join(path, name), message)
            except _Unreadable:
                spoiled = True
        if spoiled:
            raise _Unreadable
        return values


def _may_be_none(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind)


def _suggest(sentence: Text, name: str, known: Iterable[str]) -> Text:
    close = get_close_matches(name, list(known), 1)
    if not close:
        return sentence
    return t("%(sentence)s Did you mean “%(close)s”?", sentence=sentence, close=close[0])


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
