"""The administrator's pages of accounts, and one's own profile."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select, update

from planner.domain.actor import Role
from planner.domain.workdays import WorkCalendar
from planner.models import Message, User, UserRole
from planner.runtime import Runtime
from planner.services import breakdown
from tests.support.cast import EDU, PASSWORD, Cast
from tests.support.pages import LogIn, links_of, text_of

NEW = "Maple-tree-42"


def user(cast: Cast, username: str) -> User:
    with cast.reading() as db:
        return db.scalars(select(User).where(User.username == username)).one()


def test_the_list_shows_name_role_unit_and_standing(client_of: LogIn) -> None:
    words = text_of(client_of("admin").get("/users"))
    assert "edu 李教育 Liaison 县教委 edu@example.org Active" in words


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=李", ["edu"]),
        ("role=head", ["edu-head"]),
        ("role=nonsense&unit=x&active=maybe&page=-1&sort=z", None),
        ("active=no", []),
        ("sort=-username&role=coordinator", ["coordinator2", "coordinator"]),
        ("q=%25", []),
    ],
)
def test_the_list_is_filtered_and_sorted(
    client_of: LogIn, cast: Cast, query: str, shown: list[str] | None
) -> None:
    page = client_of("admin").get(f"/users?{query}")
    ids = [int(link.rpartition("/")[2]) for link in links_of(page) if link[7:].isdecimal()]
    expected = sorted(cast.users) if shown is None else shown
    assert ids == [cast.users[username] for username in expected]


def test_more_people_need_no_more_queries(
    client_of: LogIn, cast: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    admin = client_of("admin")
    with count_queries() as few:
        admin.get("/users")
    with cast.runtime.sessions.writing() as db:
        clock = cast.clock()
        for number in range(20):
            db.add(
                User(
                    username=f"more{number}",
                    name=f"More {number}",
                    password_hash="x",
                    unit_id=cast.units[EDU],
                    created_on=clock.today,
                    created_at=clock.now,
                    user_roles=[UserRole(role=Role.LIAISON)],
                )
            )
        db.commit()
    with count_queries() as many:
        admin.get("/users")
    assert len(many) == len(few)


def test_the_list_is_taken_away_as_it_is_filtered(client_of: LogIn, cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        edu = db.get_one(User, cast.users["edu"])
        edu.name = '=HYPERLINK("http://x")'
        edu.user_roles += [UserRole(role=Role.HEAD)]
        db.commit()
    answer = client_of("admin").get("/users.csv?role=liaison&sort=username")
    head, first, second = csv.reader(answer.text.removeprefix("\ufeff").splitlines())
    assert head == [
        "User name",
        "Full name",
        "Roles",
        "Unit",
        "E-mail address",
        "Account",
        "Added on",
    ]
    name = '\'=HYPERLINK("http://x")'
    mail = "edu@example.org"
    assert first[:6] == ["edu", name, "Head of unit, Liaison", EDU, mail, "Active"]
    assert second[0] == "health"
    assert answer.headers["Content-Disposition"].endswith("users-2024-10-15.csv")
    with zipfile.ZipFile(io.BytesIO(client_of("admin").get("/users.xlsx").data)) as book:
        assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_the_first_page_tells_what_needs_the_administrator(
    client_of: LogIn, cast: Cast, runtime: Runtime
) -> None:
    admin = client_of("admin")
    words = text_of(admin.get("/users"))
    assert "nobody got" not in words
    assert "provisional" not in words
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with cast.runtime.sessions.writing() as db:
        db.execute(update(Message).where(Message.channel == "email").values(state="given_up"))
        db.commit()
    runtime._calendars.clear()
    vars(runtime)["official_calendar"] = WorkCalendar(decreed=frozenset({2024}))
    words = text_of(admin.get("/users"))
    assert "Messages that nobody got: 1." in words
    assert "Working days are provisional for 2025:" in words


def test_an_account_is_added_and_can_log_in(client_of: LogIn, cast: Cast) -> None:
    answer = client_of("admin").send(
        "/users/add",
        username="New.Person",
        password=NEW,
        name="新人",
        roles=["liaison"],
        unit_id=str(cast.units[EDU]),
    )
    assert (answer.status_code, answer.location) == (303, "/users")
    added = user(cast, "new.person")
    assert (added.name, added.roles, added.unit_id) == ("新人", {Role.LIAISON}, cast.units[EDU])
    stranger = client_of("edu")
    stranger.delete_cookie("session")
    assert stranger.send("/login", username="new.person", password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"username": "edu"}, "This user name is taken."),
        ({"username": "王"}, "A user name has 2 to 60 letters"),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": PASSWORD}, "one of the first that others would try"),
        ({"password": "new.person1", "username": "new.person1"}, "must not be the user name"),
        ({"roles": ["liaison", "auditor"]}, "Separation of duties"),
        ({"roles": ["admin", "auditor"]}, "Separation of duties"),
        ({"roles": []}, "Choose at least one role."),
        ({"unit_id": ""}, "belong to a unit"),
        ({"email": "nonsense"}, "no e-mail address"),
    ],
)
def test_what_an_account_may_not_be(
    client_of: LogIn, cast: Cast, typed: dict[str, object], said: str
) -> None:
    right = {
        "username": "new.person",
        "password": NEW,
        "name": "新人",
        "roles": ["liaison"],
        "unit_id": str(cast.units[EDU]),
    }
    answer = client_of("admin").send("/users/add", **{**right, **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert NEW not in answer.text


def test_new_roles_log_the_person_out(client_of: LogIn, cast: Cast) -> None:
    edu, admin = client_of("edu"), client_of("admin")
    path = f"/users/{cast.users['edu']}"
    assert admin.send(path, roles=["head"], name="李教育").status_code == 303
    assert user(cast, "edu").roles == {Role.HEAD}
    assert edu.get("/profile").status_code == 302


def test_a_new_name_logs_nobody_out(client_of: LogIn, cast: Cast) -> None:
    edu, admin = client_of("edu"), client_of("admin")
    assert admin.send(f"/users/{cast.users['edu']}", name="李老师").status_code == 303
    assert user(cast, "edu").name == "李老师"
    assert edu.get("/profile").status_code == 200


def test_the_last_administrator_stays(client_of: LogIn, cast: Cast) -> None:
    admin, own = client_of("admin"), f"/users/{cast.users['admin']}"
    refused = admin.send(own, action="/disable")
    assert refused.status_code == 422
    assert "This is the last administrator" in text_of(refused)
    assert admin.send(own, roles=["leader"]).status_code == 422
    assert user(cast, "admin").active


def test_a_disabled_person_is_out_at_once_and_can_come_back(client_of: LogIn, cast: Cast) -> None:
    edu, admin = client_of("edu"), client_of("admin")
    path = f"/users/{cast.users['edu']}"
    assert admin.send(path, action="/disable").status_code == 303
    assert edu.get("/profile").status_code == 302
    assert edu.send("/login", username="edu", password=PASSWORD).status_code == 422
    assert admin.send(path, action="/enable").status_code == 303
    assert edu.send("/login", username="edu", password=PASSWORD).status_code == 303


def test_a_reset_password_is_the_new_one(client_of: LogIn, cast: Cast) -> None:
    edu, admin = client_of("edu"), client_of("admin")
    path = f"/users/{cast.users['edu']}"
    weak = admin.send(path, action="/password", new_password="edu")
    assert weak.status_code == 422
    assert admin.send(path, action="/password", new_password=NEW).status_code == 303
    assert edu.get("/profile").status_code == 302
    assert edu.send("/login", username="edu", password=NEW).status_code == 303


def test_people_change_their_own_profile(client_of: LogIn, cast: Cast) -> None:
    edu = client_of("edu")
    answer = edu.send("/profile", email="li@example.org", locale="en")
    assert answer.status_code == 303
    changed = user(cast, "edu")
    assert (changed.email, changed.locale) == ("li@example.org", "en")
    assert edu.send("/profile", email="x@y").status_code == 422


def test_nobody_takes_another_persons_name(client_of: LogIn, cast: Cast) -> None:
    """The journal shows acts by name: only the administrator changes one."""
    edu = client_of("edu")
    form = next(form for form in edu.forms("/profile") if "email" in form.values)
    assert "name" not in form.names
    assert "李教育" in text_of(edu.get("/profile"))
    answer = edu.post("/profile", data={**form.values, "name": "陈统筹"})
    assert answer.status_code == 303
    assert user(cast, "edu").name == "李教育"


def test_a_new_own_password_ends_the_other_sessions(client_of: LogIn, cast: Cast) -> None:
    here, there = client_of("edu"), client_of("edu")
    answer = here.send(
        "/profile", action="/password", password=PASSWORD, new_password=NEW, repeated=NEW
    )
    assert answer.status_code == 303
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "not the present one"}, "This is not your present password."),
        ({"repeated": "Another-tree-42"}, "The two new passwords differ."),
        ({"new_password": "aaaaaaaaaaaa", "repeated": "aaaaaaaaaaaa"}, "one of the first"),
    ],
)
def test_an_own_password_needs_the_old_one_and_strength(
    client_of: LogIn, cast: Cast, typed: dict[str, str], said: str
) -> None:
    right = {"password": PASSWORD, "new_password": NEW, "repeated": NEW}
    answer = client_of("edu").send("/profile", action="/password", **{**right, **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)


@pytest.mark.parametrize("username", ["coordinator", "edu", "leader", "auditor"])
def test_only_administrators_see_accounts(client_of: LogIn, cast: Cast, username: str) -> None:
    client = client_of(username)
    assert client.get("/users").status_code == 403
    assert client.get(f"/users/{cast.users['edu']}").status_code == 403


def test_somebody_unknown_is_not_found(client_of: LogIn) -> None:
    assert client_of("admin").get("/users/99999").status_code == 404
