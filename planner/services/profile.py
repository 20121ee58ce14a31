"""What people change about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, Stale
from planner.domain.text import t
from planner.models import User
from planner.services.accounts import check_email, check_locale, load_user, record
from planner.services.deputies import check_deputy
from planner.services.passwords import PasswordHash
from planner.services.steps import person_id


@dataclass(frozen=True)
class ProfileForm:
    """What a person decides about themselves.

    `locale` None means the installation's language. No mail leaves from `quiet_from` up to
    `quiet_until`, by the plan's time zone; these may cross midnight.
    """

    email: str | None = None
    locale: str | None = None
    mail_events: bool = True
    mail_digests: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None
    deputy_id: int | None = None


def edit_profile(db: Session, actor: Actor, clock: Clock, form: ProfileForm) -> User:
    """Change one's own address, language, channels, quiet hours and deputy; not the name.

    Raises BadInput for quiet hours without length and for a deputy from elsewhere.
    """
    user = load_user(db, person_id(actor))
    user.email, user.locale = check_email(form.email), check_locale(form.locale)
    user.mail_events, user.mail_digests = form.mail_events, form.mail_digests
    user.quiet_from, user.quiet_until = _check_quiet(form.quiet_from, form.quiet_until)
    user.deputy_id = check_deputy(db, user, form.deputy_id)
    record(db, actor, clock, "profile", user)
    return user


def _check_quiet(begins: time | None, ends: time | None) -> tuple[time | None, time | None]:
    if (begins is None) != (ends is None):
        missing = "quiet_from" if begins is None else "quiet_until"
        raise BadInput(t("Quiet hours need a beginning and an end."), missing)
    if begins is not None and begins == ends:
        raise BadInput(t("Quiet hours cannot end when they begin."), "quiet_until")
    return begins, ends


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
