"""Units as a tree, their standing, and groups whose members get their drafts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select

from planner.models import Assignment, JournalEntry, Task, Unit, UnitGroup
from planner.services import breakdown
from tests.support.cast import EDU, HEALTH, LEAD, SCHOOL, Cast
from tests.support.pages import LogIn, Reader, text_of


def unit(cast: Cast, name: str) -> Unit:
    with cast.reading() as db:
        return db.scalars(select(Unit).where(Unit.name == name)).one()


@pytest.fixture
def group(cast: Cast) -> int:
    """A group without members to which the plan gives one piece of work."""
    with cast.runtime.sessions.writing() as db:
        made = UnitGroup(key="schools", name="学校")
        db.add(made)
        db.flush()
        row = db.get_one(Assignment, cast.health_row)
        row.unit_id, row.group_id = None, made.id
        db.commit()
        return made.id


def test_subordinates_stand_below_their_superior(client_of: LogIn) -> None:
    words = text_of(client_of("admin").get("/units"))
    assert words.index(EDU) < words.index(f"{SCHOOL} {EDU}") < words.index("Unit groups")


def test_the_tree_is_filtered_by_name_and_ranking_group(client_of: LogIn) -> None:
    admin = client_of("admin")
    assert SCHOOL not in text_of(admin.get("/units?q=卫生"))
    assert HEALTH not in text_of(admin.get("/units?group=lead"))
    assert "No unit matches" in text_of(admin.get("/units?q=nothing"))


def test_the_tree_is_taken_away_as_it_is_filtered(client_of: LogIn, cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(Unit, cast.units[SCHOOL]).aliases = ["-1+1", "一中"]
        db.commit()
    answer = client_of("admin").get("/units.csv?q=一中")
    rows = list(csv.reader(answer.text.removeprefix("\ufeff").splitlines()))
    assert rows[0][:2] == ["Unit", "Superior unit"]
    assert rows[-1] == [SCHOOL, EDU, "教育", "departments", "'-1+1; 一中", "Active"]
    assert [row[0] for row in rows[1:]] == [SCHOOL]
    assert zipfile.is_zipfile(io.BytesIO(client_of("admin").get("/units.xlsx").data))


def test_more_units_need_no_more_queries(
    client_of: LogIn, cast: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    admin = client_of("admin")
    with count_queries() as few:
        admin.get("/units")
    with cast.runtime.sessions.writing() as db:
        for number in range(12):
            superior = cast.units[EDU] if number % 2 else cast.units[HEALTH]
            db.add(Unit(key=f"u{number}", name=f"单位{number}", superior_id=superior))
        db.commit()
    with count_queries() as many:
        admin.get("/units")
    assert len(many) == len(few)


def test_a_unit_is_added_and_changed(client_of: LogIn, cast: Cast) -> None:
    admin = client_of("admin")
    answer = admin.send(
        "/units/add",
        name=" 县第二 中学 ",
        superior_id=str(cast.units[EDU]),
        sector="教育",
        ranking_group="学校",
        aliases="二中\n\n第二中学",
    )
    assert answer.status_code == 303
    made = unit(cast, "县第二 中学")
    assert (made.superior_id, made.aliases) == (cast.units[EDU], ["二中", "第二中学"])
    assert admin.send(f"/units/{made.id}", name="县第二中学", sector="").status_code == 303
    assert unit(cast, "县第二中学").sector is None


def test_saving_a_unit_leaves_its_other_names_as_they_are(client_of: LogIn, cast: Cast) -> None:
    """The form shows them one a line, as it takes them; the journal holds them."""
    admin, path = client_of("admin"), f"/units/{cast.units[SCHOOL]}"
    with cast.runtime.sessions.writing() as db:
        db.get_one(Unit, cast.units[SCHOOL]).aliases = ["一中", "县一中"]
        db.commit()
    for sector in ("教育", "学校"):
        assert admin.send(path, action=path, name=SCHOOL, sector=sector).status_code == 303
        assert unit(cast, SCHOOL).aliases == ["一中", "县一中"]
    refused = admin.send(path, action="/deactivate")
    assert refused.status_code == 422
    shown = next(form for form in Reader(refused.text).forms if "aliases" in form.names)
    assert shown.values["aliases"].split() == ["一中", "县一中"]
    with cast.reading() as db:
        edits = select(JournalEntry.data).where(JournalEntry.verb == "unit_edit")
        assert [each["aliases"] for each in db.scalars(edits)] == [["一中", "县一中"]] * 2


def test_two_units_never_have_one_name(client_of: LogIn) -> None:
    answer = client_of("admin").send("/units/add", name=EDU)
    assert answer.status_code == 422
    assert "There is a unit of that name already." in text_of(answer)


def test_a_unit_never_stands_below_its_own_subordinate(client_of: LogIn, cast: Cast) -> None:
    answer = client_of("admin").send(
        f"/units/{cast.units[EDU]}", name=EDU, superior_id=str(cast.units[SCHOOL])
    )
    assert answer.status_code == 422
    assert "cannot stand below itself" in text_of(answer)


def test_a_unit_that_owes_work_stays_active(client_of: LogIn, cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.health_row)
    answer = client_of("admin").send(f"/units/{cast.units[HEALTH]}", action="/deactivate")
    assert answer.status_code == 422
    assert "still has 1 assignments that are not closed" in text_of(answer)
    assert unit(cast, HEALTH).active


def test_a_unit_without_work_is_deactivated_and_comes_back(client_of: LogIn, cast: Cast) -> None:
    admin = client_of("admin")
    admin.send("/units/add", name="县档案馆")
    path = f"/units/{unit(cast, '县档案馆').id}"
    assert admin.send(path, action="/deactivate").status_code == 303
    assert not unit(cast, "县档案馆").active
    assert admin.send(path, action="/activate").status_code == 303
    assert unit(cast, "县档案馆").active


def test_the_lead_agency_stays_active(client_of: LogIn, cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        row = db.get_one(Assignment, cast.lead_row)
        row.unit_id = cast.units[HEALTH]
        db.commit()
    answer = client_of("admin").send(f"/units/{cast.units[LEAD]}", action="/deactivate")
    assert "is the lead agency of the plan" in text_of(answer)


def test_a_new_member_gets_its_draft_at_once(client_of: LogIn, cast: Cast, group: int) -> None:
    admin, path = client_of("admin"), f"/units/groups/{group}"
    members = [str(cast.units[EDU]), str(cast.units[SCHOOL])]
    answer = admin.send(path, action="/members", unit_ids=members)
    assert answer.status_code == 303
    assert "lead agency to issue: 2." in text_of(admin.get(path))
    with cast.reading() as db:
        drafts = db.scalars(
            select(Assignment.unit_id).where(Assignment.template_id == cast.health_row)
        ).all()
        assert sorted(map(str, drafts)) == sorted(members)
        assert db.scalar(select(func.count(Task.id))) == 3


def test_who_leaves_a_group_keeps_what_it_was_given(
    client_of: LogIn, cast: Cast, group: int
) -> None:
    admin, path = client_of("admin"), f"/units/groups/{group}"
    admin.send(path, action="/members", unit_ids=[str(cast.units[EDU])])
    assert admin.send(path, action="/remove").status_code == 303
    with cast.reading() as db:
        assert db.get_one(UnitGroup, group).members == []
        kept = select(func.count(Assignment.id)).where(Assignment.template_id == cast.health_row)
        assert db.scalar(kept) == 1


def test_a_group_is_added_empty_and_asks_for_members(client_of: LogIn) -> None:
    admin = client_of("admin")
    answer = admin.send("/units/groups/add", name="街镇")
    assert "No members yet." in text_of(admin.get(answer.location))
    assert admin.send("/units/groups/add", name="街镇").status_code == 422
    assert admin.send(answer.location, action="/members", unit_ids=None).status_code == 422


@pytest.mark.parametrize("username", ["coordinator", "edu", "leader", "auditor"])
def test_only_administrators_keep_units(client_of: LogIn, cast: Cast, username: str) -> None:
    assert client_of(username).get("/units").status_code == 403


def test_a_unit_that_is_not_there_is_not_found(client_of: LogIn) -> None:
    assert client_of("admin").get("/units/99999").status_code == 404
    assert client_of("admin").get("/units/groups/99999").status_code == 404
