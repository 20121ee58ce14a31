"""Writes the cases that were worked out by hand, tests/data/golden, into docs/golden.md.

`python -m tools.golden` rewrites the document; a test compares it with the tables.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "golden.md"
TABLES = ROOT / "tests" / "data" / "golden"
SHOWN = re.compile(r"(<!-- (\w+\.csv): begin -->\n).*?(<!-- \2: end -->)", re.DOTALL)


def rewritten(document: str) -> str:
    """The document with each table between its two marks made anew."""
    return SHOWN.sub(lambda found: f"{found[1]}{table(found[2])}{found[3]}", document)


def table(name: str) -> str:
    """A file as a table, with its cases numbered."""
    with (TABLES / name).open(encoding="utf-8", newline="") as lines:
        head, *cases = csv.reader(lines)
    numbered = [[str(number), *case] for number, case in enumerate(cases, 1)]
    rows = [["", *head], ["---"] * (len(head) + 1), *numbered]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text("utf-8")), "utf-8")
