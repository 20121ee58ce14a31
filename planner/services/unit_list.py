"""The list of units, filtered, and as a table to export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.domain.text import t
from planner.services.export import Column
from planner.services.units import Branch


def matching(branches: Iterable[Branch], words: str, ranking_group: str) -> list[Branch]:
    """The branches whose name or other names hold the words, of that ranking group if any."""
    return [
        branch
        for branch in branches
        if words.casefold() in " ".join((branch.unit.name, *branch.unit.aliases)).casefold()
        and ranking_group in ("", branch.unit.ranking_group)
    ]


def _superior(branch: Branch) -> str | None:
    return branch.unit.superior.name if branch.unit.superior else None


COLUMNS: Sequence[Column[Branch]] = (
    Column(t("Unit"), 28, lambda branch: branch.unit.name),
    Column(t("Superior unit"), 28, _superior),
    Column(t("Sector"), 14, lambda branch: branch.unit.sector),
    Column(t("Ranking group"), 16, lambda branch: branch.unit.ranking_group),
    Column(t("Other names"), 40, lambda branch: "; ".join(branch.unit.aliases)),
    Column(t("In use"), 12, lambda b: t("Active") if b.unit.active else t("Not active")),
)
"""What the units are exported with."""
