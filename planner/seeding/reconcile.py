"""Three-way comparison: what the file says, what it said last, and what stands in the database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.text import Json, Text, t
from planner.models import SeedRecord
from planner.planfile import PlanFile
from planner.seeding.kinds import FIELDS, change, create, obstacle
from planner.seeding.report import Conflict, SeedReport
from planner.seeding.stock import Stock
from planner.seeding.things import Thing, digest, things
from planner.services import journal
from planner.services.fanning_out import fan_out

_ONE_AT_A_TIME = 7_146_504
"""PostgreSQL's advisory lock of seeding; on SQLite a writing session is alone anyway."""


def seed_file(db: Session, actor: Actor, clock: Clock, plan_file: PlanFile) -> SeedReport:
    """Bring a plan file into the database; the caller commits.

    What is new is created, assignments as drafts. A field is changed only while it still stands as
    it was last seeded, and an assignment only while it is a draft; all else is reported. Nothing
    is deleted. The same file again changes nothing. Raises BadInput for keys of another plan.
    """
    one_at_a_time(db)
    seeding = _Seeding(db, Stock(db, actor, clock, plan_file.plan.key), plan_file)
    seeding.run()
    _fan_out(db, actor, clock, plan_file, seeding)
    report = seeding.report
    if report.created or report.changed:
        journal.record(
            db,
            actor,
            clock,
            "seed",
            f"plan:{seeding.stock.plan.id}",
            digest=digest(plan_file),
            created=len(report.created),
            changed=len(report.changed),
            conflicts=len(report.conflicts),
            gone=len(report.gone),
        )
    return report


def one_at_a_time(db: Session) -> None:
    """Wait until no other seeding is under way; it lasts until this transaction ends."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def _fan_out(
    db: Session, actor: Actor, clock: Clock, plan_file: PlanFile, seeding: _Seeding
) -> None:
    """Each member of a group gets its draft of every row of the group that is new to it."""
    for group in plan_file.groups:
        made = fan_out(db, actor, clock, seeding.stock.rows["group"][group.key])
        seeding.report.created += [("assignment", f"{group.key}#{each.id}") for each in made]


class _Seeding:
    """One run over one file."""

    def __init__(self, db: Session, stock: Stock, plan_file: PlanFile) -> None:
        self.db = db
        self.stock = stock
        self.report = SeedReport()
        self._things = list(things(plan_file))
        self._prefix = f"{plan_file.plan.key}/"
        found = db.scalars(
            select(SeedRecord)
            .where(SeedRecord.key.startswith(self._prefix, autoescape=True))
            .order_by(SeedRecord.id)
        )
        self._records = {(each.kind, each.key): each for each in found}

    def run(self) -> None:
        """Compare every thing of the file, then name what is no longer in it."""
        self.stock.check_keys(each.key for each in self._things if each.kind == "assignment")
        for thing in self._things:
            self._reconcile(thing)
        here = {(thing.kind, self._prefix + thing.key) for thing in self._things}
        self.report.gone += [
            (kind, key.removeprefix(self._prefix))
            for kind, key in self._records
            if (kind, key) not in here
        ]
        self.db.flush()

    def _reconcile(self, thing: Thing) -> None:
        row = self.stock.find(thing.kind, thing.key, thing.values.get("name"))
        if row is None:
            create(self.stock, thing)
            self._record(thing, thing.values)
            self.report.created.append((thing.kind, thing.key))
            return
        record = self._records.get((thing.kind, self._prefix + thing.key))
        last = record.values if record else {}
        kept, changed = dict(last), False
        for name in thing.values:
            taken, written = self._field(thing, row, name, last)
            changed |= written
            if taken:
                kept[name] = thing.values[name]
        if kept != last:
            self._record(thing, kept)
        outcome = self.report.changed if changed else self.report.unchanged
        outcome.append((thing.kind, thing.key))

    def _field(
        self, thing: Thing, row: object, name: str, last: Mapping[str, Json]
    ) -> tuple[bool, bool]:
        """Whether the database now holds the file's value, and whether it had to be written."""
        wanted = thing.values[name]
        stands = FIELDS[thing.kind][name].read(self.stock, row)
        if stands == wanted:
            return True, False
        if name in last and wanted == last[name]:
            return False, False
        reason = obstacle(self.stock, thing, row, name) or _changed_here(name, stands, last)
        if reason is not None:
            conflict = Conflict(thing.kind, thing.key, name, stands, wanted, reason)
            self.report.conflicts.append(conflict)
            return False, False
        change(self.stock, thing, row, name)
        return True, True

    def _record(self, thing: Thing, values: Mapping[str, Json]) -> None:
        where = thing.kind, self._prefix + thing.key
        if where not in self._records:
            self._records[where] = SeedRecord(kind=where[0], key=where[1])
            self.db.add(self._records[where])
        self._records[where].values = dict(values)


def _changed_here(name: str, stands: Json, last: Mapping[str, Json]) -> Text | None:
    if name not in last:
        return t("It was made here, not from the file.")
    if stands == last[name]:
        return None
    return t("It was changed here since it was last seeded.")
