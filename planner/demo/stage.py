"""Where the demo is played: its people, the rows they act on, the proof they hand in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.demo.papers import paper, sheet, table
from planner.demo.scenes import SCENES, scene
from planner.domain.actor import Actor, ActorKind
from planner.domain.clock import Clock
from planner.domain.permissions import Parties
from planner.models import Assignment, Indicator, Task, Unit, User
from planner.runtime import Runtime
from planner.services import evidence
from planner.services.evidence import EvidenceForm
from planner.storage import StoredFile

LIAISONS: Mapping[str, str] = {
    "edu": "edu",
    "health": "health",
    "science": "science",
    "jgsw": "coordinator2",
}
"""Unit to the person who acts for it, unless the script says otherwise."""


@dataclass
class Stage:
    """Ids by what the script calls things: units and rows by key, nodes by row and year.

    `owners` are the rows to which the plan itself gives a unit, with that unit's key.
    """

    runtime: Runtime
    people: dict[str, Actor] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    indicators: dict[str, int] = field(default_factory=dict)

    def look_around(self, db: Session) -> None:
        """Learn the ids of what was seeded."""
        self.units = {key: unit_id for unit_id, key in db.execute(select(Unit.id, Unit.key))}
        self.tasks = {key: task_id for task_id, key in db.execute(select(Task.id, Task.key))}
        read = db.execute(select(Indicator.id, Indicator.key))
        self.indicators = {key: indicator_id for indicator_id, key in read}
        rows = db.execute(select(Assignment.id, Assignment.key).where(Assignment.key.is_not(None)))
        self.rows = {key: row_id for row_id, key in rows if key is not None}

        owed = select(Assignment.key, Unit.key).join(Unit, Assignment.unit_id == Unit.id)
        self.owners = {row: unit for row, unit in db.execute(owed) if row is not None}

    def enter(self, user: User) -> None:
        """Let a person act from now on."""
        self.people[user.username] = Actor(
            ActorKind.PERSON,
            user.name,
            user_id=user.id,
            unit_id=user.unit_id,
            roles=user.roles,
            origin="127.0.0.1",
        )

    def liaison(self, assignment: Assignment) -> Actor:
        """Who hands in for the unit that owes it."""
        assert assignment.unit is not None
        return self.people[LIAISONS[assignment.unit.key]]

    def decider(self, assignment: Assignment) -> Actor:
        """The lead's coordinator; the supervisor where the lead itself owes."""
        lead_owes = Parties(assignment.task.lead_unit_id, assignment.unit_id).lead_owes
        return self.people["supervisor" if lead_owes else "coordinator"]

    def prove(
        self,
        db: Session,
        actor: Actor,
        clock: Clock,
        assignment: Assignment,
        files: Iterable[str],
        text: str,
    ) -> EvidenceForm:
        """Make the files and take them in as uploads are."""
        assert assignment.unit is not None
        tokens = [
            evidence.stage(db, actor, clock, assignment.id, stored).token
            for stored in self._made(clock, assignment.unit, files, text)
        ]
        return EvidenceForm(tokens=tuple(tokens))

    def prove_reading(
        self,
        db: Session,
        actor: Actor,
        clock: Clock,
        indicator: Indicator,
        files: Iterable[str],
        text: str,
    ) -> EvidenceForm:
        """The same for a reading."""
        tokens = [
            evidence.stage_for_reading(db, actor, clock, indicator.id, stored).token
            for stored in self._made(clock, indicator.owner, files, text)
        ]
        return EvidenceForm(tokens=tuple(tokens))

    def _made(
        self, clock: Clock, unit: Unit, files: Iterable[str], text: str
    ) -> Iterator[StoredFile]:
        limit = self.runtime.settings.max_upload_bytes
        for each in files:
            name, content = make_file(each, unit.name, unit.key, clock.today, text)
            yield self.runtime.store.receive(io.BytesIO(content), name, limit)


def make_file(said: str, unit: str, key: str, on: date, text: str) -> tuple[str, bytes]:
    """Name and content of a file that the script names by its kind and title."""
    kind, title = said.split(" ", 1)
    if kind == "paper":
        return f"{title}.pdf", paper(title, unit, on, text)
    if kind == "table":
        return f"{title}.pdf", table(title, unit, key, on)
    if kind == "sheet":
        return f"{title}.xlsx", sheet(title, key)
    if kind in SCENES:
        return f"{title}.jpg", scene(kind, title, on)
    raise ValueError(f"the demo makes no file of the kind {kind!r}")
