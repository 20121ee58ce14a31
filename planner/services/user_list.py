"""The list of people, filtered and sorted, and as a table to export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from planner.domain.actor import Role
from planner.domain.names import NAMES
from planner.domain.text import Text, t
from planner.models import Unit, User, UserRole
from planner.services.export import Column

SORTS: dict[str, Any] = {"username": User.username, "name": User.name, "unit": Unit.name}


@dataclass(frozen=True)
class UserFilter:
    """Which people a list shows; `sort` is username, name or unit, with "-" for backwards."""

    text: str = ""
    unit_id: int | None = None
    role: Role | None = None
    active: bool | None = None
    sort: str = "username"


def users(wanted: UserFilter) -> Select[User]:
    """The people that the filter leaves, in its order, with their units."""
    query = select(User).outerjoin(User.unit).options(joinedload(User.unit))
    if wanted.text:
        places = (User.username, User.name, User.email)
        query = query.where(or_(*(p.icontains(wanted.text, autoescape=True) for p in places)))
    if wanted.unit_id is not None:
        query = query.where(User.unit_id == wanted.unit_id)
    if wanted.role is not None:
        holders = select(UserRole.user_id).where(UserRole.role == wanted.role)
        query = query.where(User.id.in_(holders))
    if wanted.active is not None:
        query = query.where(User.active.is_(wanted.active))
    return query.order_by(_order(wanted.sort), User.id)


def _order(sort: str) -> ColumnElement[Any]:
    column = SORTS.get(sort.removeprefix("-"), SORTS["username"])
    ordered: ColumnElement[Any] = (
        column.desc() if sort.startswith("-") else column.asc()
    ).nulls_last()
    return ordered


def _roles(user: User) -> Text | None:
    names = [NAMES[role] for role in sorted(user.roles)]
    return reduce(_both, names) if names else None


def _both(first: Text, second: Text) -> Text:
    return t("%(first)s, %(second)s", first=first, second=second)


COLUMNS: Sequence[Column[User]] = (
    Column(t("User name"), 16, lambda user: user.username),
    Column(t("Full name"), 16, lambda user: user.name),
    Column(t("Roles"), 24, _roles),
    Column(t("Unit"), 28, lambda user: user.unit.name if user.unit else None),
    Column(t("E-mail address"), 30, lambda user: user.email),
    Column(t("Account"), 12, lambda user: t("Active") if user.active else t("Disabled")),
    Column(t("Added on"), 12, lambda user: user.created_on),
)
"""What the people are exported with."""
