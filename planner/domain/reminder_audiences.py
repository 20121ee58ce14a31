"""Who stands for an audience of reminders (design, section 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.domain.actor import Role
from planner.domain.reminder_rules import Audience


@dataclass(frozen=True)
class Person:
    """An active person who can be told: ids of user and unit, and the roles."""

    user_id: int
    unit_id: int | None
    roles: frozenset[Role]


class Directory:
    """Who stands for an audience. Never nobody, as long as there is anybody above."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._of_unit: dict[tuple[Role, int | None], list[int]] = defaultdict(list)
        self._of_role: dict[Role, list[int]] = defaultdict(list)
        self._found: dict[tuple[int | None, int], Mapping[Audience, Sequence[int]]] = {}
        for person in sorted(people, key=lambda each: each.user_id):
            for role in person.roles:
                self._of_unit[role, person.unit_id].append(person.user_id)
                self._of_role[role].append(person.user_id)

    def audiences(self, unit_id: int | None, lead_unit_id: int) -> Mapping[Audience, Sequence[int]]:
        """Audience to user ids, for what this unit owes and that unit leads.

        A unit without liaison is told through its head, one without either through the lead's
        coordinator. In the lead's own unit the coordinator is a liaison too, and the supervisor
        decides in the coordinator's place.
        """
        known = self._found.get((unit_id, lead_unit_id))
        if known is None:
            known = self._found[unit_id, lead_unit_id] = self._audiences(unit_id, lead_unit_id)
        return known

    def of_role(self, role: Role) -> Sequence[int]:
        """Everybody who holds the role, in whatever unit."""
        return self._of_role.get(role, ())

    def _audiences(
        self, unit_id: int | None, lead_unit_id: int
    ) -> Mapping[Audience, Sequence[int]]:
        coordinators = self._of_unit.get((Role.COORDINATOR, lead_unit_id), [])
        supervisors = self._of_role[Role.SUPERVISOR]
        heads = self._of_unit.get((Role.HEAD, unit_id), [])
        liaisons = self._of_unit.get((Role.LIAISON, unit_id), [])
        deciding = [coordinators, supervisors]
        if unit_id == lead_unit_id:
            liaisons = sorted({*liaisons, *coordinators})
            deciding.reverse()
        return {
            "liaison": _first_of(liaisons, heads, coordinators, supervisors),
            "head": heads,
            "coordinator": _first_of(*deciding),
            "supervisor": supervisors,
            "leader": self._of_role[Role.LEADER],
        }


def _first_of(*groups: Sequence[int]) -> Sequence[int]:
    return next((group for group in groups if group), ())
