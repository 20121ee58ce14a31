"""Accounts: who may log in, as what, for which unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from planner.config import LOCALES
from planner.domain import permissions
from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.models import Unit, User, UserRole
from planner.services import journal
from planner.services.logins import clean_username
from planner.services.passwords import PasswordHash

ALONE = frozenset({Role.AUDITOR, Role.ADMIN})
"""Roles that go with no other: who keeps accounts or reads the journal does no business."""

OF_A_UNIT = frozenset({Role.COORDINATOR, Role.LIAISON, Role.HEAD})
"""Roles that act for a unit."""

DEMO_USERNAMES = (
    "coordinator",
    "coordinator2",
    "supervisor",
    "edu",
    "edu-head",
    "health",
    "science",
    "leader",
    "auditor",
    "admin",
)

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,59}")
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\"]+", re.ASCII)


@dataclass(frozen=True)
class AccountForm:
    """What an administrator decides about a person."""

    name: str
    roles: frozenset[Role]
    unit_id: int | None = None
    email: str | None = None
    locale: str | None = None


def load_user(db: Session, user_id: int) -> User:
    """A person by id. Raises NotFound."""
    user = db.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def find_user(db: Session, username: str) -> User:
    """A person by username. Raises BadInput with the name if there is none."""
    wanted = clean_username(username)
    user = db.scalar(select(User).where(User.username == wanted))
    if user is None:
        raise BadInput(t("There is no user %(username)s.", username=wanted), "username")
    return user


def demo_people(db: Session) -> Sequence[User]:
    """The demonstration's accounts, in the order in which its log-in page offers them."""
    query = select(User).where(User.username.in_(DEMO_USERNAMES), User.active)
    found = db.scalars(query.options(joinedload(User.unit))).all()
    return sorted(found, key=lambda user: DEMO_USERNAMES.index(user.username))


def add_user(
    db: Session,
    actor: Actor,
    clock: Clock,
    username: str,
    form: AccountForm,
    password_hash: PasswordHash,
) -> User:
    """Make an account. Raises BadInput for a name that is taken or roles that exclude each other.

    `password_hash` comes from `passwords.new_password`.
    """
    permissions.require(actor, Area.MANAGE_USERS)
    username = check_username(db, username)
    _check_account(db, form)
    user = User(
        username=username,
        name=_name(form.name),
        password_hash=password_hash,
        unit_id=form.unit_id,
        email=check_email(form.email),
        locale=check_locale(form.locale),
        created_on=clock.today,
        created_at=clock.now,
    )
    user.user_roles = [UserRole(role=role) for role in sorted(form.roles)]
    db.add(user)
    db.flush()
    record(db, actor, clock, "user_add", user, roles=form.roles, unit_id=form.unit_id)
    return user


def check_username(db: Session, typed: str) -> str:
    """The username as it is kept. Raises BadInput for a bad one or one that is taken."""
    username = clean_username(typed)
    if not _USERNAME.fullmatch(username):
        raise BadInput(
            t(
                "A user name has 2 to 60 letters a to z, digits, dots, hyphens or underscores, "
                "and begins with a letter."
            ),
            "username",
        )
    if db.scalar(select(User.id).where(User.username == username)):
        raise BadInput(t("This user name is taken."), "username")
    return username


def edit_user(db: Session, actor: Actor, clock: Clock, user_id: int, form: AccountForm) -> User:
    """Change a person's name, roles or unit; new roles or a new unit end their sessions."""
    permissions.require(actor, Area.MANAGE_USERS)
    user = load_user(db, user_id)
    _check_account(db, form, keep_unit=user.unit_id)
    if Role.ADMIN not in form.roles:
        _check_admin_left(db, user)
    if (form.roles, form.unit_id) != (user.roles, user.unit_id):
        user.session_epoch += 1
    old_name, user.name = user.name, _name(form.name)
    user.email, user.locale = check_email(form.email), check_locale(form.locale)
    user.unit_id = form.unit_id
    _set_roles(db, user, form.roles)
    record(db, actor, clock, "user_edit", user, form.roles, form.unit_id, old_name)
    return user


def _set_roles(db: Session, user: User, roles: Iterable[Role]) -> None:
    wanted = set(roles)
    user.user_roles = [held for held in user.user_roles if Role(held.role) in wanted]
    user.user_roles += [UserRole(role=role) for role in sorted(wanted - user.roles)]
    db.flush()


def reset_password(
    db: Session, actor: Actor, clock: Clock, user_id: int, new: PasswordHash
) -> User:
    """Give a person a new password; their sessions end."""
    permissions.require(actor, Area.MANAGE_USERS)
    user = load_user(db, user_id)
    user.password_hash = new
    user.session_epoch += 1
    record(db, actor, clock, "password_reset", user)
    return user


def disable_user(db: Session, actor: Actor, clock: Clock, user_id: int) -> User:
    """Keep a person out from now on; what they did stays. Raises BadInput for the last admin."""
    permissions.require(actor, Area.MANAGE_USERS)
    user = load_user(db, user_id)
    _check_admin_left(db, user)
    if user.active:
        user.active = False
        user.session_epoch += 1
        record(db, actor, clock, "user_disable", user)
    return user


def enable_user(db: Session, actor: Actor, clock: Clock, user_id: int) -> User:
    """Let a person log in again."""
    permissions.require(actor, Area.MANAGE_USERS)
    user = load_user(db, user_id)
    if not user.active:
        user.active = True
        user.session_epoch += 1
        record(db, actor, clock, "user_enable", user)
    return user


def _check_account(db: Session, form: AccountForm, keep_unit: int | None = None) -> None:
    """Roles that go together, and a unit where they need one."""
    if not form.roles:
        raise BadInput(t("Choose at least one role."), "roles")
    if form.roles & ALONE and len(form.roles) > 1:
        raise BadInput(
            t(
                "Separation of duties: an auditor or an administrator holds no other role. "
                "Give the person a second account."
            ),
            "roles",
        )
    if form.unit_id is None:
        if form.roles & OF_A_UNIT:
            raise BadInput(t("Coordinators, liaisons and heads belong to a unit."), "unit_id")
        return
    unit = db.get(Unit, form.unit_id)
    if unit is None or not (unit.active or unit.id == keep_unit):
        raise BadInput(t("There is no such unit."), "unit_id")


def _check_admin_left(db: Session, user: User) -> None:
    """Raises BadInput if without this person nobody could keep the accounts."""
    admins = db.scalars(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.active, UserRole.role == Role.ADMIN)
        .order_by(User.id)
        .with_for_update(of=User)
    ).all()
    if list(admins) == [user.id]:
        raise BadInput(
            t("This is the last administrator who can log in. Make another one first."), "roles"
        )


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > 200:
        raise BadInput(t("Please give a name of at most 200 characters."), "name")
    return name


def check_email(typed: str | None) -> str | None:
    """The address as it is kept. Raises BadInput for what is none."""
    address = (typed or "").strip()
    if address and (len(address) > 254 or not _EMAIL.fullmatch(address)):
        raise BadInput(t("This is no e-mail address."), "email")
    return address or None


def check_locale(typed: str | None) -> str | None:
    """The language as it is kept. Raises BadInput for one that is not there."""
    if typed and typed not in LOCALES:
        raise BadInput(t("This language is not available."), "locale")
    return typed or None


def record(
    db: Session,
    actor: Actor,
    clock: Clock,
    verb: str,
    user: User,
    roles: Iterable[str] | None = None,
    unit_id: int | None = None,
    old_name: str | None = None,
) -> None:
    """Write what was done to an account into the journal, which shows acts by people's names."""
    renamed = old_name not in (None, user.name)
    db.flush()
    journal.record(
        db,
        actor,
        clock,
        verb,
        f"user:{user.id}",
        username=user.username,
        roles=None if roles is None else sorted(str(role) for role in roles),
        unit_id=unit_id,
        old_name=old_name if renamed else None,
        new_name=user.name if renamed else None,
    )
