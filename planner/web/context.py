"""What one request works with: its runtime, reader's session, actor, clock and language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import current_app, g, has_request_context, request
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from planner.domain.actor import Actor, ActorKind
from planner.domain.clock import Clock
from planner.i18n import Language
from planner.models import User
from planner.runtime import Runtime
from planner.services import logins

RUNTIME = "planner_runtime"


class Login(UserMixin):  # type: ignore[misc, unused-ignore]
    """The person who is logged in, as facts that outlive the session they were read in."""

    def __init__(self, user: User, token: str) -> None:
        self.token = token
        self.user_id = user.id
        self.epoch = user.session_epoch
        self.name = user.name
        self.username = user.username
        self.roles = user.roles
        self.unit_id = user.unit_id
        self.unit_name = user.unit.name if user.unit else None
        self.locale = user.locale

    def get_id(self) -> str:
        """The session's token with the account's epoch: a newer epoch ends it."""
        return f"{self.epoch}.{self.token}"


def runtime() -> Runtime:
    """The parts of this process."""
    return cast(Runtime, current_app.extensions[RUNTIME])


def db() -> Session:
    """The session that this request reads with."""
    if "db" not in g:
        g.db = runtime().sessions.reading()
    return cast(Session, g.db)


def close_db() -> None:
    """End the reading session, so that the next look sees what was written since."""
    session = g.pop("db", None)
    if session is not None:
        session.close()


@contextmanager
def writing() -> Iterator[Session]:
    """A session for one short change; reading ends first, so that nothing waits for itself."""
    close_db()
    with runtime().sessions.writing() as session:
        yield session


def login() -> Login:
    """The person who is logged in; only behind a log-in."""
    return cast(Login, current_user)


def is_logged_in() -> bool:
    """Whether the visitor is somebody."""
    return isinstance(current_user._get_current_object(), Login)


def actor() -> Actor:
    """The person who is logged in, as the rules know them."""
    who = login()
    return Actor(
        ActorKind.PERSON,
        who.name,
        user_id=who.user_id,
        unit_id=who.unit_id,
        roles=who.roles,
        origin=request.remote_addr,
    )


def clock() -> Clock:
    """One clock for the whole request."""
    if "clock" not in g:
        g.clock = runtime().clock(db())
    return cast(Clock, g.clock)


def language() -> Language:
    """What was chosen just now or by the person, else the cookie's, else the installation's."""
    languages = runtime().languages
    if not has_request_context():
        return languages.default
    chosen = g.get("locale") or getattr(current_user, "locale", None)
    chosen = chosen or request.cookies.get("locale")
    if chosen in languages.available:
        return languages.get(chosen)
    return languages.default


def load_login(session_id: str) -> Login | None:
    """The person of a session, unless it ended or the account's epoch has changed since."""
    epoch, _, token = session_id.partition(".")
    user = logins.session_user(db(), clock(), token)
    if user is None or str(user.session_epoch) != epoch:
        return None
    return Login(user, token)
