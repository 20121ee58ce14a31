"""Who acts: a person, the system or the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """Where an act comes from."""

    PERSON = "person"
    SYSTEM = "system"
    COMMAND = "command"


class Role(StrEnum):
    """The seven roles (design, section 1)."""

    COORDINATOR = "coordinator"
    LIAISON = "liaison"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """A person with roles and unit, or the system, or the command line.

    `origin` is the network address or the command, for the journal.
    """

    kind: ActorKind
    name: str
    user_id: int | None = None
    unit_id: int | None = None
    roles: frozenset[Role] = frozenset()
    origin: str | None = None

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds one of these roles."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(ActorKind.SYSTEM, "planner")
"""The scheduler and what follows from rules."""


def command(name: str) -> Actor:
    """The command line of whoever may log in to the machine."""
    return Actor(ActorKind.COMMAND, f"planner {name}", origin="cli")
