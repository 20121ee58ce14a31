"""How papers say numbers and lists in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from planner.documents.figures import Frozen
from planner.domain.exact import shown
from planner.domain.scores.period import Period

Row = TypeVar("Row")

PERCENT_PLACES = 1
NOTHING = "—"


def period_words(period: Period) -> str:
    """2024年度, or the whole plan."""
    return f"{period.year}年度" if period.year else "规划期"


def frozen_words(frozen: Frozen) -> str:
    """Its document number, unless nobody approved it yet, its cut-off and revision."""
    number = f"文号：{frozen.document}　" if frozen.document else "未审定　"
    return (
        f"{number}考核截止日：{short_date(frozen.cut_off)}　"
        f"第{frozen.revision}版，固化于{short_date(frozen.frozen_on)}"
    )


def short_date(day: date) -> str:
    """2024.8.30, for the narrow columns of tables."""
    return f"{day.year}.{day.month}.{day.day}"


def amount(number: Decimal | None) -> str:
    """A number without trailing zeros, thousands not grouped; a dash for none."""
    if number is None:
        return NOTHING
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def percent(number: Decimal) -> str:
    """A number of hundredths as a percentage."""
    return f"{amount(number)}%"


def share_of(part: int, whole: int) -> str:
    """A part of a whole as a percentage; a dash without a whole."""
    return percent(shown(Fraction(100 * part, whole), PERCENT_PLACES)) if whole else NOTHING


def behind_or_ahead(points: Decimal) -> str:
    """Percentage points ahead of time, or behind."""
    if not points:
        return "与时序进度持平"
    way = "超前" if points > 0 else "滞后"
    return f"较时序进度{way}{amount(abs(points))}个百分点"


def listed(names: Iterable[str]) -> str:
    """甲、乙、丙."""
    return "、".join(names)


def grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    """The rows under their key, keys in the order that they first come."""
    groups: dict[str, list[Row]] = {}
    for each in rows:
        groups.setdefault(key(each), []).append(each)
    return groups
