"""Workbooks read back, and their formulas worked out anew as a spreadsheet program does.

It knows what our workbooks use: arithmetic, comparisons, and a dozen functions over ranges.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from xml.etree import ElementTree

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Value: TypeAlias = "float | str | bool | None"
Table: TypeAlias = "list[list[Value]]"
Place: TypeAlias = tuple[int, int]

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d+)?(?:E-?\d+)?)
    |(?P<ref>(?:'[^']+'!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)
    |(?P<name>[A-Z]+)\(|(?P<sign><>|<=|>=|[-+*/&=<>(),]))""",
    re.VERBOSE,
)
ORDER = ("=<>", "&", "+-", "*/")


@dataclass
class Sheet:
    """One sheet: what its cells hold as cached, and their formulas; places count from 0."""

    name: str
    values: dict[Place, Value] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)

    def row(self, number: int) -> list[Value]:
        """The cached values of a row."""
        last = max(column for row, column in self.values if row == number)
        return [self.values.get((number, column)) for column in range(last + 1)]

    def table(self, head: int) -> list[dict[str, Place]]:
        """The rows below a head, each as the places of its columns' cells."""
        names = {str(name): column for column, name in enumerate(self.row(head)) if name}
        last = max(row for row, _ in self.values)
        return [
            {name: (row, column) for name, column in names.items()}
            for row in range(head + 1, last + 1)
        ]


@dataclass
class Workbook:
    """A whole file."""

    sheets: dict[str, Sheet]
    worked_out: dict[tuple[str, Place], Value] = field(default_factory=dict)

    def recalculated(self, sheet: str, place: Place) -> Value:
        """What the cell comes to without any cached value."""
        key = sheet, place
        if key not in self.worked_out:
            formula = self.sheets[sheet].formulas.get(place)
            known = self.sheets[sheet].values.get(place)
            self.worked_out[key] = (
                known if formula is None else _Formula(self, sheet, formula).value()
            )
        return self.worked_out[key]


def read(content: bytes) -> Workbook:
    """The workbook that an .xlsx file holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        words = [
            "".join(part.text or "" for part in each.iter(f"{M}t"))
            for each in ElementTree.fromstring(file.read("xl/sharedStrings.xml"))
        ]
        book = ElementTree.fromstring(file.read("xl/workbook.xml"))
        names = [each.attrib["name"] for each in book.iter(f"{M}sheet")]
        sheets = {
            name: _read(name, file.read(f"xl/worksheets/sheet{number}.xml"), words)
            for number, name in enumerate(names, 1)
        }
    return Workbook(sheets)


def _read(name: str, xml: bytes, words: list[str]) -> Sheet:
    sheet = Sheet(name)
    for cell in ElementTree.fromstring(xml).iter(f"{M}c"):
        place = _place(cell.attrib["r"])
        formula, value = cell.find(f"{M}f"), cell.find(f"{M}v")
        if formula is not None and formula.text:
            sheet.formulas[place] = formula.text
        text = value.text if value is not None else None
        kind = cell.attrib.get("t")
        if kind == "s" and text:
            sheet.values[place] = words[int(text)]
        elif kind == "str":
            sheet.values[place] = text or ""
        elif text is not None:
            sheet.values[place] = float(text)
    return sheet


def _place(address: str) -> Place:
    letters, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", address).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


class _Formula:
    """One formula, parsed and worked out at once."""

    def __init__(self, book: Workbook, sheet: str, text: str) -> None:
        self._book, self._sheet = book, sheet
        self._tokens = list(_tokens(text))
        self._at = 0

    def value(self) -> Value:
        made = self._binary(0)
        assert self._at == len(self._tokens), self._tokens[self._at :]
        return _single(made)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _binary(self, level: int) -> Any:
        if level == len(ORDER):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek()[0] == "sign" and self._peek()[1][0] in ORDER[level]:
            sign = self._take()[1]
            left = _each(OPERATORS[sign], left, self._binary(level + 1))
        return left

    def _unary(self) -> Any:
        if self._peek() == ("sign", "-"):
            self._take()
            return _each(lambda one, _: -_number(one), self._unary(), None)
        kind, text = self._take()
        match kind:
            case "text":
                return text[1:-1].replace('""', '"')
            case "number":
                return float(text)
            case "ref":
                return self._reference(text)
            case "name":
                return self._call(text)
        assert text == "(", text
        inside = self._binary(0)
        assert self._take()[1] == ")"
        return inside

    def _call(self, name: str) -> Any:
        given = []
        while self._peek()[1] != ")":
            given.append(self._binary(0))
            if self._peek()[1] == ",":
                self._take()
        self._take()
        return FUNCTIONS[name](*given)

    def _reference(self, text: str) -> Any:
        sheet, _, cells = text.rpartition("!")
        sheet = sheet.strip("'") or self._sheet
        first, _, last = cells.partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        table = [
            [self._book.recalculated(sheet, (row, column)) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]
        return table if last else table[0][0]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        assert found, text[at:]
        at = found.end()
        yield next((kind, value) for kind, value in found.groupdict().items() if value is not None)


def _single(value: Any) -> Value:
    assert not isinstance(value, list)
    return value  # type: ignore[no-any-return]


def _each(operate: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """An operator on single values, or on every pair of a table's."""
    if not isinstance(left, list) and not isinstance(right, list):
        return operate(left, right)
    shape = left if isinstance(left, list) else right
    return [
        [
            operate(
                left[row][column] if isinstance(left, list) else left,
                right[row][column] if isinstance(right, list) else right,
            )
            for column in range(len(shape[0]))
        ]
        for row in range(len(shape))
    ]


def _number(value: Value) -> float:
    assert not isinstance(value, str) or not value, f"{value!r} is no number"
    return float(value or 0)


def _key(value: Value) -> tuple[int, Any]:
    """Numbers before words, as spreadsheets compare; an empty cell is 0."""
    if isinstance(value, str):
        return 1, value.casefold()
    return 0, float(value or 0)


def _same(one: Value, other: Value) -> bool:
    blank = {None, ""}
    if one in blank and other in blank:
        return True
    return _key(one) == _key(other)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": _same,
    "<>": lambda one, other: not _same(one, other),
    "<": lambda one, other: _key(one) < _key(other),
    ">": lambda one, other: _key(one) > _key(other),
    "<=": lambda one, other: _key(one) <= _key(other),
    ">=": lambda one, other: _key(one) >= _key(other),
    "&": lambda one, other: f"{one}{other}",
    "+": lambda one, other: _number(one) + _number(other),
    "-": lambda one, other: _number(one) - _number(other),
    "*": lambda one, other: _number(one) * _number(other),
    "/": lambda one, other: _number(one) / _number(other) if _number(other) else math.nan,
}


def _meets(value: Value, wanted: Value) -> bool:
    """A criterion of COUNTIFS and SUMIFS: a value, "<>" for anything at all, or ">0"."""
    if wanted == "<>":
        return value not in (None, "")
    if isinstance(wanted, str) and wanted.startswith(">"):
        return isinstance(value, float) and value > float(wanted[1:])
    return type(value) is type(wanted) and _same(value, wanted)


def _matching(criteria: tuple[Any, ...]) -> list[bool]:
    pairs = list(zip(criteria[::2], criteria[1::2], strict=True))
    return [
        all(_meets(table[row][0], wanted) for table, wanted in pairs)
        for row in range(len(pairs[0][0]))
    ]


def _sumifs(numbers: Table, *criteria: Any) -> float:
    chosen = zip(numbers, _matching(criteria), strict=True)
    return sum(row[0] for row, wanted in chosen if wanted and isinstance(row[0], float))


def _rounded(value: float, places: float) -> float:
    """Half away from zero, on the decimal digits that a spreadsheet keeps: fifteen."""
    if math.isnan(value):
        return value
    scaled = float(f"{abs(_number(value)) * 10**places:.15g}")
    size = math.floor(scaled + 0.5) / 10**places
    return math.copysign(size, value) if size else 0.0


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda test, then, otherwise: then if test else otherwise,
    "AND": lambda *tests: all(tests),
    "ROUND": _rounded,
    "SUMIFS": _sumifs,
    "COUNTIFS": lambda *criteria: float(sum(_matching(criteria))),
    "SUMPRODUCT": lambda table: sum(_number(each) for row in table for each in row),
    "INDEX": lambda table, row, column: table[int(row) - 1][int(column) - 1],
    "MATCH": lambda wanted, table, _: float(
        1 + next(place for place, each in enumerate(table[0]) if _same(each, wanted))
    ),
}
