"""What people change about themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import Stale
from planner.domain.text import t
from planner.models import User
from planner.services.accounts import check_email, check_locale, load_user, record
from planner.services.passwords import PasswordHash
from planner.services.steps import person_id


@dataclass(frozen=True)
class ProfileForm:
    """What a person decides about themselves; `locale` None means the installation's language."""

    email: str | None = None
    locale: str | None = None


def edit_profile(db: Session, actor: Actor, clock: Clock, form: ProfileForm) -> User:
    """Change one's own e-mail address and language; the name is the administrator's to change."""
    user = load_user(db, person_id(actor))
    user.email, user.locale = check_email(form.email), check_locale(form.locale)
    record(db, actor, clock, "profile", user)
    return user


def choose_language(db: Session, actor: Actor, locale: str) -> None:
    """Keep a person's language. It changes nobody's work, so the journal is silent."""
    load_user(db, person_id(actor)).locale = check_locale(locale)
    db.flush()


def change_password(
    db: Session, actor: Actor, clock: Clock, checked: str, new: PasswordHash
) -> User:
    """Change one's own password and end all other sessions; returns the person with the new epoch.

    `checked` is the kept hash that the old password was held against. Raises Stale if it was
    changed since.
    """
    user = load_user(db, person_id(actor))
    if user.password_hash != checked:
        raise Stale(t("The password was changed meanwhile. Please log in again."))
    user.password_hash = new
    user.session_epoch += 1
    record(db, actor, clock, "password_change", user)
    return user
