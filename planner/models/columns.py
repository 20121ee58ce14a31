"""Column kinds that several tables share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import mapped_column

from planner.db import BigId, Exact, Instant

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
Quantity = Annotated[Decimal, mapped_column(Exact)]
At = Annotated[datetime, mapped_column(Instant)]
"""The instant of an act, UTC."""
On = Annotated[date, mapped_column()]
"""The business date of an act, in the plan's time zone."""
Name = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(40))]
Key = Annotated[str, mapped_column(String(80))]
Sha256 = Annotated[str, mapped_column(String(64))]

UserId = Annotated[int, mapped_column(ForeignKey("users.id"), index=True)]
UnitId = Annotated[int, mapped_column(ForeignKey("units.id"), index=True)]
AssignmentId = Annotated[int, mapped_column(ForeignKey("assignments.id"), index=True)]


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """The column holds one of these words, or nothing where it may be empty."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def one_filled(*columns: str, name: str) -> CheckConstraint:
    """Exactly one of the columns is filled in."""
    empty = (f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END" for column in columns)
    return CheckConstraint(f"{' + '.join(empty)} = 1", name=name)
