"""The rows that a plan file may speak of, found by their keys with a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.text import t
from planner.models import (
    Action,
    Assignment,
    Indicator,
    Plan,
    Target,
    Task,
    Unit,
    UnitGroup,
)
from planner.services.plans import ENERGY, REMINDERS, SCORING, current_rules


class Stock:
    """One plan's rows by kind and key, and who changes them when."""

    def __init__(self, db: Session, actor: Actor, clock: Clock, plan_key: str) -> None:
        self.db = db
        self.actor = actor
        self.clock = clock
        self.rows: dict[str, dict[str, Any]] = defaultdict(dict)
        self._keys: dict[tuple[str, int], str] = {}
        self.keep("unit", db.scalars(select(Unit).order_by(Unit.id)))
        groups = select(UnitGroup).options(selectinload(UnitGroup.members))
        self.keep("group", db.scalars(groups.order_by(UnitGroup.id)))
        self.keep("plan", db.scalars(select(Plan).where(Plan.key == plan_key)))
        if self.rows["plan"]:
            self._load(self.plan)

    @property
    def plan(self) -> Plan:
        """The plan's row, once there is one."""
        (plan,) = self.rows["plan"].values()
        assert isinstance(plan, Plan)
        return plan

    def _load(self, plan: Plan) -> None:
        db, notes = self.db, selectinload
        self.keep("action", db.scalars(select(Action).where(Action.plan_id == plan.id)))
        tasks = select(Task).join(Action).where(Action.plan_id == plan.id)
        options = (notes(Task.notes), selectinload(Task.proof_items))
        self.keep("task", db.scalars(tasks.options(*options)))
        inside = tasks.with_only_columns(Task.id)
        self.keep("target", db.scalars(select(Target).where(Target.task_id.in_(inside))))
        rows = select(Assignment).where(Assignment.task_id.in_(inside), Assignment.key.is_not(None))
        rows = rows.options(notes(Assignment.notes), selectinload(Assignment.due_revisions))
        self.keep("assignment", db.scalars(rows.with_for_update(of=Assignment)))
        indicators = select(Indicator).where(Indicator.plan_id == plan.id)
        self.keep("indicator", db.scalars(indicators.options(notes(Indicator.notes))))
        for kind in (SCORING, REMINDERS, ENERGY):
            try:
                self.rows["rules"][kind] = current_rules(db, plan, kind)
            except NotFound:
                continue

    def keep(self, kind: str, rows: Iterable[Any]) -> None:
        """Know these rows from now on."""
        for row in rows:
            self.rows[kind][row.key] = row
            self._keys[kind, row.id] = row.key

    def find(self, kind: str, key: str, name: object = None) -> Any | None:
        """The row of that key; a unit or group made by hand under that name is taken over."""
        if key in self.rows[kind]:
            return self.rows[kind][key]
        row = self.named(kind, name)
        if row is not None:
            del self.rows[kind][row.key]
            row.key = key
            self.keep(kind, [row])
        return row

    def named(self, kind: str, name: object) -> Any | None:
        """The unit or group of that name; names of other kinds may repeat."""
        if kind not in ("unit", "group"):
            return None
        return next((row for row in self.rows[kind].values() if row.name == name), None)

    def id_of(self, kind: str, key: object) -> int | None:
        """The id of what a key refers to. Raises KeyError for a key that was not kept."""
        if key is None:
            return None
        row_id: int = self.rows[kind][str(key)].id
        return row_id

    def key_of(self, kind: str, row_id: int | None) -> str | None:
        """The key of a row, by its id; what no file names is called by its number."""
        return None if row_id is None else self._keys.get((kind, row_id), f"#{row_id}")

    def check_keys(self, keys: Iterable[str]) -> None:
        """Raises BadInput if another plan has an assignment under one of these keys."""
        ours = {row.id for row in self.rows["assignment"].values()}
        named = self.db.execute(
            select(Assignment.id, Assignment.key).where(Assignment.key.in_(list(keys)))
        )
        for row_id, key in named:
            if row_id not in ours:
                raise BadInput(t("Another plan has an assignment “%(key)s” already.", key=key))
