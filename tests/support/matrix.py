"""The written matrix of who is answered what (tests/data/access.csv), and who the roles are."""

from __future__ import annotations

import csv
from pathlib import Path

PEOPLE = {
    "coordinator": "coordinator",
    "liaison": "edu",
    "head": "edu-head",
    "outsider": "health",
    "supervisor": "supervisor",
    "leader": "leader",
    "auditor": "auditor",
    "admin": "admin",
}
"""Role of the matrix to username of the cast."""

ROLES = ("visitor", *PEOPLE)
FILE = Path(__file__).parents[1] / "data/access.csv"


def rows() -> list[dict[str, str]]:
    """One for each endpoint, method and address; the answer stands under each role's name."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown_to(role: str) -> list[str]:
    """The addresses that this role is shown, in the order of the matrix."""
    return [row["address"] for row in rows() if row["method"] == "GET" and row[role] == "200"]


def one_of_each() -> dict[str, tuple[str, str]]:
    """Every endpoint that is looked at: a role that it is shown to, and an address."""
    found: dict[str, tuple[str, str]] = {}
    for row in rows():
        role = next((role for role in PEOPLE if row[role] == "200"), None)
        if role and row["method"] == "GET" and "static" not in row["endpoint"]:
            found.setdefault(row["endpoint"], (role, row["address"]))
    return found
