"""What each of the cast may open: lists and loaders ask the same conditions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from planner.domain.actor import SYSTEM, Actor, Role, command
from planner.domain.errors import NotFound
from planner.domain.words import Cause
from planner.models import Assignment, Task, Unit
from planner.services import breakdown
from planner.services.scope import (
    family,
    leads,
    load_assignment,
    load_task,
    sees_county,
    visible_assignments,
    visible_tasks,
    visible_units,
)
from planner.services.steering import CancelForm, cancel
from tests.support.cast import EDU, HEALTH, LEAD, PEOPLE, SCHOOL, Cast

ROWS = ("edu_row", "health_row", "school_row", "charger_row", "charger_node", "lead_row")
TASKS = ("standard", "chargers", "platform")
ALL, NONE = set(ROWS), set[str]()

ISSUED = ("edu_row", "school_row", "health_row", "lead_row")
SEES = {
    "coordinator": ALL,
    "coordinator2": ALL,
    "supervisor": ALL,
    "leader": ALL,
    "edu": {"edu_row", "school_row"},
    "edu-head": {"edu_row", "school_row"},
    "health": {"health_row"},
    "auditor": NONE,
    "admin": NONE,
}
"""With the rows of ISSUED handed out and the chargers still drafts."""


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def issued(cast: Cast) -> Cast:
    for name in ISSUED:
        cast.do(breakdown.issue, "coordinator", getattr(cast, name))
    return cast


def listed(cast: Cast, actor: Actor) -> set[str]:
    names = {getattr(cast, name): name for name in ROWS}
    with cast.reading() as db:
        return {
            names[each]
            for each in db.scalars(select(Assignment.id).where(visible_assignments(actor)))
        }


def loaded(cast: Cast, actor: Actor) -> set[str]:
    found = set()
    with cast.reading() as db:
        for name in ROWS:
            try:
                load_assignment(db, actor, getattr(cast, name))
            except NotFound:
                continue
            found.add(name)
    return found


@pytest.mark.parametrize("username", PEOPLE)
def test_lists_and_loaders_agree_with_the_matrix(issued: Cast, username: str) -> None:
    actor = issued.actor(username)
    assert listed(issued, actor) == loaded(issued, actor) == SEES[username]


@pytest.mark.parametrize("username", PEOPLE)
def test_nothing_is_seen_of_drafts_but_by_who_leads_or_oversees(cast: Cast, username: str) -> None:
    expected = ALL if SEES[username] == ALL else NONE
    assert listed(cast, cast.actor(username)) == expected


def test_a_draft_that_was_cancelled_stays_hidden(cast: Cast) -> None:
    form = CancelForm("误录。", Cause.NOT_APPLICABLE, "无")
    cast.do(cancel, "coordinator", cast.edu_row, form)
    assert "edu_row" not in listed(cast, cast.actor("edu"))


def test_what_was_cancelled_after_issue_can_still_be_read(issued: Cast) -> None:
    form = CancelForm("职能划出。", Cause.POLICY, "测试〔2024〕8号")
    issued.do(cancel, "coordinator", issued.edu_row, form)
    assert "edu_row" in listed(issued, issued.actor("edu"))


@pytest.mark.parametrize("actor", [SYSTEM, command("score")], ids=["system", "command line"])
def test_the_system_sees_all(cast: Cast, actor: Actor) -> None:
    assert listed(cast, actor) == ALL


def test_a_person_without_unit_or_roles_sees_nothing(issued: Cast) -> None:
    liaison = issued.actor("edu")
    for actor in (
        Actor(liaison.kind, "无单位", liaison.user_id, None, frozenset({Role.LIAISON})),
        Actor(liaison.kind, "无角色", liaison.user_id, liaison.unit_id, frozenset()),
    ):
        assert listed(issued, actor) == NONE


def test_a_coordinator_of_another_unit_leads_nothing_here(issued: Cast) -> None:
    """Who leads in one plan is a unit like any other in this one."""
    actor = issued.actor("coordinator")
    elsewhere = Actor(
        actor.kind, "别处统筹", actor.user_id, issued.units[HEALTH], frozenset({Role.COORDINATOR})
    )
    assert listed(issued, elsewhere) == {"health_row"}


def tasks(cast: Cast, username: str) -> set[str]:
    names = {getattr(cast, name): name for name in TASKS}
    actor, found = cast.actor(username), set()
    with cast.reading() as db:
        for task_id in db.scalars(select(Task.id).where(visible_tasks(actor))):
            assert load_task(db, actor, task_id).id == task_id
            found.add(names[task_id])
        for task_id in names.keys() - {getattr(cast, name) for name in found}:
            with pytest.raises(NotFound):
                load_task(db, actor, task_id)
    return found


def test_tasks_are_seen_through_what_may_be_opened_of_them(issued: Cast) -> None:
    for username in ("coordinator", "supervisor", "leader"):
        assert tasks(issued, username) == set(TASKS)
    assert tasks(issued, "edu") == tasks(issued, "health") == {"standard"}
    assert tasks(issued, "auditor") == tasks(issued, "admin") == set()


@pytest.mark.parametrize(
    ("username", "names"),
    [
        ("coordinator", {LEAD, EDU, HEALTH, SCHOOL}),
        ("leader", {LEAD, EDU, HEALTH, SCHOOL}),
        ("supervisor", {LEAD, EDU, HEALTH, SCHOOL}),
        ("edu", {EDU, SCHOOL}),
        ("health", {HEALTH}),
        ("auditor", set()),
        ("admin", set()),
    ],
)
def test_figures_of_units(cast: Cast, username: str, names: set[str]) -> None:
    condition = visible_units(cast.actor(username))
    with cast.reading() as db:
        assert set(db.scalars(select(Unit.name).where(condition))) == names


def test_a_coordinator_of_a_unit_that_leads_nothing_reads_its_own_figures(cast: Cast) -> None:
    outside = replace(cast.actor("coordinator"), unit_id=cast.units[EDU])
    with cast.runtime.sessions.writing() as db:
        names = select(Unit.name).where(visible_units(outside))
        assert set(db.scalars(names)) == {EDU, SCHOOL}
        assert not leads(db, outside)
        assert not sees_county(db, outside)
        db.get_one(Task, cast.platform).lead_unit_id = cast.units[EDU]
        db.flush()
        assert set(db.scalars(names)) == {LEAD, EDU, HEALTH, SCHOOL}
        assert leads(db, outside)
        assert sees_county(db, outside)


def test_who_owns_the_plan_leads_and_who_leads_or_oversees_sees_the_county(cast: Cast) -> None:
    with cast.reading() as db:
        who = {name: cast.actor(name) for name in PEOPLE}
        assert {name for name in who if leads(db, who[name])} == {"coordinator", "coordinator2"}
        seen = {name for name in who if sees_county(db, who[name])}
        assert seen == {"coordinator", "coordinator2", "supervisor", "leader"}


def test_a_family_is_a_unit_and_all_below_it_even_in_a_ring(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        below = Unit(key="branch", name="分校", superior_id=cast.units[SCHOOL])
        db.add(below)
        db.flush()
        assert set(db.scalars(family(cast.units[EDU]))) == {
            cast.units[EDU],
            cast.units[SCHOOL],
            below.id,
        }
        db.get_one(Unit, cast.units[EDU]).superior_id = below.id
        db.flush()
        assert len(list(db.scalars(family(cast.units[SCHOOL])))) == 3
