"""What a paper says, piece by piece: written once, drawn as Word, as PDF and on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Align(StrEnum):
    """Where the words of a column stand."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True)
class Heading:
    """一、…, in 黑体."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; its `lead` stands before it in 楷体."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Column:
    """A column: head, width in millimetres of 156, alignment."""

    head: str
    width: int
    align: Align = Align.CENTRE


@dataclass(frozen=True)
class Grid:
    """A table under its name; the head is repeated on every page."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    name: str = ""


Block: TypeAlias = "Heading | Paragraph | Grid"


@dataclass(frozen=True)
class Attachment:
    """An attachment (附件) on pages of its own."""

    title: str
    blocks: Sequence[Block]


_DIGITS = "零一二三四五六七八九"


def ordinal(number: int) -> str:
    """一, 二, …, 十, 十一, …, 九十九. Raises ValueError beyond."""
    if not 0 < number < 100:
        raise ValueError(f"no heading is numbered {number}")
    tens, ones = divmod(number, 10)
    ten = ("" if tens < 2 else _DIGITS[tens]) + "十" if tens else ""
    return ten + (_DIGITS[ones] if ones or not tens else "")
