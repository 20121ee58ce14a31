"""Logging in and out: who it is, how often it may be tried, and what the journal keeps of it.

A log-in is three steps, so that no transaction waits for the password check: `begin` counts the
attempt and is committed, `passwords.matches` takes its time, `succeed` or `fail` writes the end.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from planner.domain.actor import SYSTEM, Actor, ActorKind
from planner.domain.clock import Clock
from planner.domain.errors import NotAllowed, TooManyAttempts
from planner.domain.text import t
from planner.models import LoginAttempt, LoginSession, User
from planner.services import journal

WINDOW = timedelta(minutes=15)
PER_USERNAME = 5
PER_ADDRESS = 30
LONGEST_SESSION = timedelta(hours=12)
_ADDRESS_LENGTH = 60


@dataclass(frozen=True)
class Attempt:
    """One attempt to log in. `password_hash` is None where nobody may log in by that name."""

    address: str
    user_id: int | None
    password_hash: str | None


def clean_username(typed: str) -> str:
    """The form in which usernames are kept: lower case, without white space around."""
    return typed.strip().lower()


def begin(db: Session, clock: Clock, typed: str, address: str) -> Attempt:
    """Count an attempt before its password is checked. Raises TooManyAttempts beyond the limits.

    At most 5 failures for a name and 30 for an address in 15 minutes of real time. A name that
    nobody has is kept as a hash only: people type their password into the wrong field.
    """
    username, address = clean_username(typed), address[:_ADDRESS_LENGTH]
    user = db.scalar(select(User).where(User.username == username))
    counted_as = username if user else hashlib.sha256(username.encode()).hexdigest()[:60]
    _check_limits(db, clock, counted_as, address)
    db.add(LoginAttempt(username=counted_as, address=address, at=clock.now))
    db.flush()
    kept = user.password_hash if user and user.active else None
    return Attempt(address, user.id if user else None, kept)


def _check_limits(db: Session, clock: Clock, username: str, address: str) -> None:
    recent = select(func.count(LoginAttempt.id)).where(LoginAttempt.at > clock.now - WINDOW)
    by_name = db.scalar(recent.where(LoginAttempt.username == username)) or 0
    by_address = db.scalar(recent.where(LoginAttempt.address == address)) or 0
    if by_name >= PER_USERNAME or by_address >= PER_ADDRESS:
        raise TooManyAttempts(
            t(
                "Too many failed attempts. Please wait %(minutes)s minutes and try again, "
                "or ask the administrator to reset the password.",
                minutes=WINDOW.seconds // 60,
            )
        )


def succeed(db: Session, clock: Clock, attempt: Attempt) -> User:
    """The password was right: forget this person's failures. Returns the person, with roles.

    Raises NotAllowed if the account changed while the password was checked.
    """
    user = db.get_one(User, attempt.user_id)
    if not user.active or user.password_hash != attempt.password_hash:
        raise NotAllowed(t("The account was changed just now. Please try again."))
    db.execute(delete(LoginAttempt).where(LoginAttempt.username == user.username))
    actor = Actor(
        ActorKind.PERSON, user.name, user.id, user.unit_id, user.roles, attempt.address or None
    )
    journal.record(db, actor, clock, "login", f"user:{user.id}", username=user.username)
    return user


def fail(db: Session, clock: Clock, attempt: Attempt) -> None:
    """The password was wrong, or nobody may log in by that name. The typed words are not kept."""
    stranger = replace(SYSTEM, origin=attempt.address or None)
    subject = f"user:{attempt.user_id}" if attempt.user_id else "user:unknown"
    disabled = attempt.user_id is not None and attempt.password_hash is None
    journal.record(
        db, stranger, clock, "login_failed", subject, reason="disabled" if disabled else None
    )


def open_session(db: Session, clock: Clock, user: User) -> str:
    """Begin a session after a log-in; its token, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    db.add(LoginSession(token_hash=_hash(token), user_id=user.id, at=clock.now))
    db.flush()
    return token


def session_user(db: Session, clock: Clock, token: str) -> User | None:
    """Whose session this is; nobody's if it ended, is older than 12 hours of real time, or never
    began.
    """
    return db.scalar(
        select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(
            LoginSession.token_hash == _hash(token),
            LoginSession.ended_at.is_(None),
            LoginSession.at > clock.now - LONGEST_SESSION,
            User.active,
        )
    )


def close_session(db: Session, clock: Clock, token: str) -> None:
    """End a session: no copy of its cookie opens anything from now on."""
    db.execute(
        update(LoginSession)
        .where(LoginSession.token_hash == _hash(token), LoginSession.ended_at.is_(None))
        .values(ended_at=clock.now)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def log_out(db: Session, actor: Actor, clock: Clock, token: str) -> None:
    """End the session of a person who leaves, and note it."""
    close_session(db, clock, token)
    journal.record(db, actor, clock, "logout", f"user:{actor.user_id}")
