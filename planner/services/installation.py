"""Facts about this installation."""

from __future__ import annotations

from sqlalchemy.orm import Session

from planner.models import Setting

DEMO = "demo"


def is_demo(db: Session) -> bool:
    """Whether the database holds the demo's invented history."""
    return db.get(Setting, DEMO) is not None


def mark_demo(db: Session) -> None:
    """Say for good that this database holds the demo."""
    db.add(Setting(key=DEMO, value="1"))
    db.flush()
