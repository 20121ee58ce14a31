"""Accounts on both databases: roles that exclude each other, passwords, and who may be let in."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from planner.domain.actor import Role
from planner.domain.errors import BadInput, NotAllowed, NotFound, Stale, TooManyAttempts
from planner.models import JournalEntry, LoginAttempt, Unit, User, UserRole
from planner.services import accounts, logins, passwords, profile
from planner.services.accounts import AccountForm
from planner.services.profile import ProfileForm
from tests.support.cast import EDU, HEALTH, PASSWORD, Cast

NEW = "Maple-tree-42"
HASH = passwords.PasswordHash("x")


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def liaison(cast: Cast, **more: object) -> AccountForm:
    values = {"name": "新人", "roles": frozenset({Role.LIAISON}), "unit_id": cast.units[EDU]}
    return AccountForm(**{**values, **more})  # type: ignore[arg-type]


def user(cast: Cast, username: str) -> User:
    with cast.reading() as db:
        return db.scalars(select(User).where(User.username == username)).one()


def test_an_account_is_journalled_without_its_password(cast: Cast) -> None:
    made = cast.do(accounts.add_user, "admin", "New.One", liaison(cast), HASH)
    assert made.username == "new.one"
    with cast.reading() as db:
        entry = db.scalars(select(JournalEntry).where(JournalEntry.verb == "user_add")).one()
    expected = {"username": "new.one", "roles": ["liaison"], "unit_id": cast.units[EDU]}
    assert entry.data == expected


@pytest.mark.parametrize("roles", [{"auditor", "liaison"}, {"admin", "coordinator"}, set()])
def test_roles_that_do_not_go_together(cast: Cast, roles: set[str]) -> None:
    form = liaison(cast, roles=frozenset(map(Role, roles)))
    with pytest.raises(BadInput) as refused:
        cast.do(accounts.add_user, "admin", "new", form, HASH)
    assert refused.value.field == "roles"


def test_business_roles_may_be_combined(cast: Cast) -> None:
    form = liaison(cast, roles=frozenset({Role.LIAISON, Role.HEAD}))
    assert cast.do(accounts.add_user, "admin", "new", form, HASH).roles == form.roles


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LIAISON, Role.HEAD])
def test_roles_that_need_a_unit(cast: Cast, role: Role) -> None:
    form = liaison(cast, roles=frozenset({role}), unit_id=None)
    with pytest.raises(BadInput, match="belong to a unit"):
        cast.do(accounts.add_user, "admin", "new", form, HASH)


def test_a_unit_that_is_not_active_takes_nobody_new_but_keeps_its_people(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(Unit, cast.units[EDU]).active = False
        db.commit()
    with pytest.raises(BadInput, match="no such unit"):
        cast.do(accounts.add_user, "admin", "new", liaison(cast), HASH)
    cast.do(accounts.edit_user, "admin", cast.users["edu"], liaison(cast))


@pytest.mark.parametrize("username", ["coordinator", "edu", "leader", "auditor", "supervisor"])
def test_only_administrators_keep_accounts(cast: Cast, username: str) -> None:
    edu = cast.users["edu"]
    with pytest.raises(NotAllowed):
        cast.do(accounts.add_user, username, "new", liaison(cast), HASH)
    with pytest.raises(NotAllowed):
        cast.do(accounts.edit_user, username, edu, liaison(cast))
    with pytest.raises(NotAllowed):
        cast.do(accounts.reset_password, username, edu, HASH)
    with pytest.raises(NotAllowed):
        cast.do(accounts.disable_user, username, edu)
    with pytest.raises(NotAllowed):
        cast.do(accounts.enable_user, username, edu)


@pytest.mark.parametrize(
    ("changed", "sessions_end"),
    [
        ({}, 0),
        ({"name": "Other"}, 0),
        ({"unit_id": "health"}, 1),
        ({"roles": frozenset({Role.LIAISON, Role.HEAD})}, 1),
    ],
)
def test_new_roles_or_a_new_unit_end_sessions(
    cast: Cast, changed: dict[str, object], sessions_end: int
) -> None:
    if "unit_id" in changed:
        changed = {"unit_id": cast.units[HEALTH]}
    form = liaison(cast, **changed)
    edited = cast.do(accounts.edit_user, "admin", cast.users["edu"], form)
    assert edited.session_epoch == sessions_end


def test_a_new_name_is_journalled_with_the_old_one(cast: Cast) -> None:
    """The journal shows acts by name: whoever reads it must be able to follow."""
    edu = cast.users["edu"]
    cast.do(accounts.edit_user, "admin", edu, liaison(cast, name="李教育"))
    cast.do(accounts.edit_user, "admin", edu, liaison(cast, name="陈统筹"))
    with cast.reading() as db:
        edits = select(JournalEntry).where(JournalEntry.verb == "user_edit")
        same, renamed = db.scalars(edits.order_by(JournalEntry.id))
    assert "new_name" not in same.data
    assert (renamed.data["old_name"], renamed.data["new_name"]) == ("李教育", "陈统筹")


def test_one_administrator_always_remains(cast: Cast) -> None:
    admin = cast.users["admin"]
    leader = AccountForm("管理员", frozenset({Role.LEADER}))
    for refused in (
        lambda: cast.do(accounts.disable_user, "admin", admin),
        lambda: cast.do(accounts.edit_user, "admin", admin, leader),
    ):
        with pytest.raises(BadInput, match="last administrator"):
            refused()
    second = AccountForm("二号", frozenset({Role.ADMIN}))
    cast.do(accounts.add_user, "admin", "admin2", second, HASH)
    assert not cast.do(accounts.disable_user, "admin", admin).active


def test_a_disabled_administrator_does_not_count_as_the_one_who_remains(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        gone = db.get_one(User, cast.users["leader"])
        gone.user_roles, gone.active = [UserRole(role=Role.ADMIN)], False
        db.commit()
    with pytest.raises(BadInput, match="last administrator"):
        cast.do(accounts.disable_user, "admin", cast.users["admin"])


def test_two_changes_of_one_password_never_both_count(cast: Cast) -> None:
    kept = user(cast, "edu").password_hash
    cast.do(profile.change_password, "edu", kept, HASH)
    with pytest.raises(Stale):
        cast.do(profile.change_password, "edu", kept, HASH)


@pytest.mark.parametrize("email", ["x", "a@b", "a b@c.de", "a@b.de\nBcc: x@y.de", "a@b.de,c@d.de"])
def test_what_is_no_e_mail_address(cast: Cast, email: str) -> None:
    with pytest.raises(BadInput, match="no e-mail address"):
        cast.do(profile.edit_profile, "edu", ProfileForm(email))


@pytest.mark.parametrize("username", ["e", "1a", "a b", "a/b", "a" * 61, "", "王"])
def test_what_is_no_user_name(cast: Cast, username: str) -> None:
    with pytest.raises(BadInput) as refused:
        cast.do(accounts.add_user, "admin", username, liaison(cast), HASH)
    assert refused.value.field == "username"


def test_a_user_name_is_taken_in_any_spelling(cast: Cast) -> None:
    with pytest.raises(BadInput, match="taken"):
        cast.do(accounts.add_user, "admin", " EDU", liaison(cast), HASH)


def test_nobody_unknown_is_changed(cast: Cast) -> None:
    with pytest.raises(NotFound):
        cast.do(accounts.disable_user, "admin", 99999)


def begin(cast: Cast, username: str) -> logins.Attempt:
    with cast.runtime.sessions.writing() as db:
        attempt = logins.begin(db, cast.clock(), username, "10.0.0.1")
        db.commit()
        return attempt


def test_an_attempt_counts_before_its_password_is_checked(cast: Cast) -> None:
    """Otherwise a hundred requests at once would try a hundred passwords."""
    for _ in range(logins.PER_USERNAME):
        begin(cast, "edu")
    with pytest.raises(TooManyAttempts):
        begin(cast, "edu")


def test_an_account_that_changes_during_the_check_is_not_let_in(cast: Cast) -> None:
    attempt = begin(cast, "edu")
    cast.do(accounts.disable_user, "admin", cast.users["edu"])
    with cast.runtime.sessions.writing() as db, pytest.raises(NotAllowed):
        logins.succeed(db, cast.clock(), attempt)


def test_a_success_forgets_only_the_own_failures(cast: Cast) -> None:
    begin(cast, "health")
    attempt = begin(cast, "edu")
    with cast.runtime.sessions.writing() as db:
        logins.succeed(db, cast.clock(), attempt)
        db.commit()
    with cast.reading() as db:
        assert db.scalars(select(LoginAttempt.username)).all() == ["health"]


@pytest.mark.parametrize(
    ("password", "username"),
    [
        ("nine char", "edu"),
        ("a" * 201, "edu"),
        ("1234567890", "edu"),
        ("Password123", "edu"),
        ("aaaaaaaaaaaa", "edu"),
        ("very.long.name", "very.long.name"),
        ("VERY.LONG.NAME", "very.long.name"),
        ("eman.gnol.yrev", "very.long.name"),
        (PASSWORD, "edu"),
    ],
)
def test_weak_passwords_are_refused(password: str, username: str) -> None:
    with pytest.raises(BadInput):
        passwords.new_password(password, username)


def test_only_the_demonstration_may_use_its_password() -> None:
    kept = passwords.new_password(PASSWORD, "edu", demo=True)
    assert passwords.matches(kept, PASSWORD)
    with pytest.raises(BadInput):
        passwords.new_password("short", "edu", demo=True)


def test_a_password_is_kept_salted_and_slow() -> None:
    first, second = (passwords.new_password(NEW, "edu") for _ in range(2))
    assert first.startswith("$argon2id$")
    assert first != second
    assert not passwords.matches(first, NEW + " ")
    assert not passwords.matches("no hash", NEW)


def test_an_unknown_name_takes_as_long_as_a_wrong_password() -> None:
    """Who measures time must not learn which names exist."""
    kept = passwords.new_password(NEW, "edu")
    assert not passwords.matches(None, "nobody has this password")

    def seconds(held: str | None) -> float:
        best = 10.0
        for _ in range(5):
            begun = time.process_time()
            assert not passwords.matches(held, "wrong password")
            best = min(best, time.process_time() - begun)
        return best

    assert 0.5 < seconds(None) / seconds(kept) < 2
