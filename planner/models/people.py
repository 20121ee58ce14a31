"""Units, unit groups, users, roles, log-ins and attempts at them."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base, Instant
from planner.domain.actor import Role
from planner.models.columns import At, Code, Id, Key, Name, On, Sha256, UserId, one_of


class Unit(Base):
    """A public institution (单位).

    `sign_off`: what it hands in or asks for goes through its head (审签).
    """

    __tablename__ = "units"
    __table_args__ = (CheckConstraint("superior_id <> id", name="not_its_own_superior"),)

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Name] = mapped_column(unique=True)
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    sector: Mapped[Code | None]
    ranking_group: Mapped[Code | None]
    sign_off: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    superior: Mapped[Unit | None] = relationship(remote_side="Unit.id")


class UnitGroup(Base):
    """A named set of units that fans out to one assignment a member (单位组)."""

    __tablename__ = "unit_groups"

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[Name] = mapped_column(unique=True)

    members: Mapped[list[Unit]] = relationship(
        secondary="unit_group_members", order_by=Unit.name, viewonly=True
    )


class UnitGroupMember(Base):
    """One unit's place in a group."""

    __tablename__ = "unit_group_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("unit_groups.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)


class User(Base):
    """A person with an account.

    `session_epoch` grows with every change of password, roles, unit or standing; a session made
    under an older one is dead. `deputy_id` names who gets what lies unread (B角). `mail_events`
    and `mail_digests` say what comes by mail too, and no mail leaves between `quiet_from` and
    `quiet_until`, in the plan's time zone.
    """

    __tablename__ = "users"
    __table_args__ = (
        one_of("locale", ("zh", "en")),
        CheckConstraint("username = lower(username)", name="username_is_lower_case"),
        CheckConstraint("deputy_id <> id", name="not_their_own_deputy"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours"),
    )

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str | None] = mapped_column(String(5))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    mail_events: Mapped[bool] = mapped_column(default=True)
    mail_digests: Mapped[bool] = mapped_column(default=True)
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_on: Mapped[On]
    created_at: Mapped[At]

    unit: Mapped[Unit | None] = relationship()
    deputy: Mapped[User | None] = relationship(remote_side="User.id")
    user_roles: Mapped[list[UserRole]] = relationship(
        cascade="all, delete-orphan", order_by="UserRole.role", lazy="selectin"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that this person holds."""
        return frozenset(Role(held.role) for held in self.user_roles)


class UserRole(Base):
    """One role of one person."""

    __tablename__ = "user_roles"
    __table_args__ = (one_of("role", Role),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[Code] = mapped_column(primary_key=True, index=True)


class LoginSession(Base):
    """One log-in, from its password to its log-out; the browser's cookie carries the token."""

    __tablename__ = "login_sessions"

    id: Mapped[Id]
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    user_id: Mapped[UserId]
    at: Mapped[At] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class FeedLink(Base):
    """A person's secret calendar address; the address carries the token. Revoked, never reused."""

    __tablename__ = "feed_links"

    id: Mapped[Id]
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    user_id: Mapped[UserId]
    at: Mapped[At]
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()


class LoginAttempt(Base):
    """A failed attempt to log in, counted per name and per address for the limits."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index(None, "username", "at"),
        Index(None, "address", "at"),
    )

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[At]
