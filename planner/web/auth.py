"""Logging in and out, and the choice of a language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request, session, url_for
from flask_login import login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from planner.domain.errors import BadInput, NotAllowed, TooManyAttempts
from planner.domain.permissions import Area
from planner.domain.text import N_, t
from planner.services import accounts, installation, logins, passwords
from planner.web import reading_language
from planner.web.access import area
from planner.web.context import Login, actor, clock, db, is_logged_in, runtime, writing
from planner.web.context import login as current_login
from planner.web.errors import status_of
from planner.web.form_pages import opens
from planner.web.forms import UNPROCESSABLE, PlannerForm, see_other

bp = Blueprint("auth", __name__)


class LoginFields(PlannerForm):
    """Who it is. The refusal never says which of the two was wrong."""

    username = StringField(
        N_("User name"),
        [InputRequired(), Length(max=60)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        N_("Password"),
        [InputRequired(), Length(max=passwords.MAX_LENGTH)],
        render_kw={"autocomplete": "current-password"},
    )


@bp.route("/login", methods=["GET", "POST"])
def login() -> Any:
    """The door."""
    if is_logged_in() and request.method != "POST":
        return see_other(url_for("mywork.index"))
    form = LoginFields()
    if not form.was_sent_well():
        return _door(form), UNPROCESSABLE if request.method == "POST" else 200
    try:
        who = _identify(form.username.data or "", form.password.data or "")
    except (BadInput, NotAllowed, TooManyAttempts) as error:
        form.refuse(BadInput(error.text))
        return _door(form), status_of(error)
    session.clear()
    session.permanent = True
    login_user(who)
    return see_other(local_target(request.form.get("next")))


def _identify(typed: str, password: str) -> Login:
    """The person of that name and password. No transaction is open while it is checked."""
    with writing() as begun:
        attempt = logins.begin(begun, clock(), typed, request.remote_addr or "")
        begun.commit()
    right = passwords.matches(attempt.password_hash, password)
    with writing() as ended:
        who = _let_in(ended, attempt) if right else None
        if who is None:
            logins.fail(ended, clock(), attempt)
        ended.commit()
    if who is None:
        raise BadInput(t("The user name or the password is wrong."))
    return who


def _let_in(db: Session, attempt: logins.Attempt) -> Login:
    """A new session; the one that this browser had before ends."""
    user = logins.succeed(db, clock(), attempt)
    if is_logged_in():
        logins.close_session(db, clock(), current_login().token)
    return Login(user, logins.open_session(db, clock(), user))


def _door(form: LoginFields) -> str:
    demo, wanted = installation.is_demo(db()), request.values.get("next", "")
    return render_template(
        "login.html",
        form=form,
        next=wanted,
        form_page=url_for("auth.login", next=wanted or None),
        people=accounts.demo_people(db()) if demo else [],
        demo_password=passwords.DEMO_PASSWORD,
    )


@bp.post("/logout")
@area(Area.PROFILE)
def logout() -> Response:
    """Leave."""
    with writing() as ending:
        logins.log_out(ending, actor(), clock(), current_login().token)
        ending.commit()
    logout_user()
    session.clear()
    return see_other(url_for("auth.login"))


@bp.post("/language")
def choose_language() -> Response:
    """Read in another language from now on; a person's choice is kept with the account."""
    locale = request.form.get("locale", "")
    if locale in runtime().languages.available:
        reading_language.choose(locale)
    return see_other(local_target(request.form.get("next")))


def local_target(address: str | None) -> str:
    """The address if it is a page of ours that can be opened, else the first page."""
    home = url_for("mywork.index")
    if not address or not address.startswith("/") or not address.isprintable():
        return home
    parts = urlsplit(address)
    if address.startswith("//") or "\\" in address or parts.scheme or parts.netloc:
        return home
    return address if opens(parts.path) else home
