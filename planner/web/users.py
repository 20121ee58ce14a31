"""Accounts, and one's own profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask import session as browser
from flask_login import login_user
from werkzeug.wrappers import Response

from planner.domain.actor import Role
from planner.domain.errors import BadInput
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.models import User
from planner.services import accounts, deputies, feeds, forms, passwords, undelivered, units
from planner.services import profile as profiles
from planner.services.export import Sheet
from planner.services.paging import page_number, paginate
from planner.services.passwords import PasswordHash
from planner.services.readiness import provisional_years
from planner.services.user_list import COLUMNS, SORTS, UserFilter, users
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_id, asked_text
from planner.web.context import Login, actor, clock, db, language, login, writing
from planner.web.forms import UNPROCESSABLE, PlannerForm, carry_out, see_other
from planner.web.typed import takes
from planner.web.user_forms import (
    AccountFields,
    NewAccountFields,
    OwnPasswordFields,
    ProfileFields,
    ResetFields,
    StandingFields,
)

bp = Blueprint("users", __name__)

NEW_FEED = "new_feed"
"""Where a calendar address waits in the session cookie for the page that shows it."""

ACTIVE = {"yes": True, "no": False}


@bp.get("/users")
@area(Area.MANAGE_USERS)
def index() -> str:
    """Everybody with an account."""
    wanted = _asked()
    return render_template(
        "users/index.html",
        page=paginate(db(), users(wanted), page_number(request.args.get("page"))),
        wanted=wanted,
        units=units.active_units(db()),
        roles=list(Role),
        undelivered=undelivered.how_many(db()),
        without_people=units.without_people(db()),
        provisional=provisional_years(clock().calendar, clock().today),
    )


@bp.get(f"/users.{downloads.ENDINGS}")
@area(Area.MANAGE_USERS)
def export(ending: str) -> Response:
    """The whole filtered list as a file."""
    found = db().scalars(users(_asked()))
    sheet = Sheet(language().say(t("Users")), COLUMNS, found)
    return downloads.table(ending, f"users-{clock().today}", [sheet])


def _asked() -> UserFilter:
    role, sort = asked_text("role"), asked_text("sort")
    return UserFilter(
        text=asked_text("q"),
        unit_id=asked_id("unit"),
        role=Role(role) if role in set(map(str, Role)) else None,
        active=ACTIVE.get(asked_text("active")),
        sort=sort if sort.removeprefix("-") in SORTS else "username",
    )


@bp.route("/users/add", methods=["GET", "POST"])
@area(Area.MANAGE_USERS)
@takes(NewAccountFields)
def add() -> Any:
    """A new account."""
    form = NewAccountFields()
    form.offer(units.active_units(db()))

    def again() -> str:
        return render_template("users/add.html", form=form)

    if request.method != "POST":
        return again()
    return _with_password(
        form,
        lambda: passwords.new_password(form.password.data or "", form.username.data or ""),
        again,
        lambda new: carry_out(
            form,
            lambda session: accounts.add_user(
                session, actor(), clock(), form.username.data or "", form.account(), new
            ),
            done=lambda _user: url_for("users.index"),
            again=again,
            said=lambda user: t("%(name)s can log in now.", name=user.name),
        ),
    )


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@area(Area.MANAGE_USERS)
@takes(AccountFields)
def edit(user_id: int) -> Any:
    """One account: name, roles, unit."""
    user = accounts.load_user(db(), user_id)
    form = AccountFields(obj=user, data={"roles": sorted(user.roles)})
    form.offer(units.active_units(db()), user.unit)
    if request.method != "POST":
        return _account_page(user_id, form)
    return carry_out(
        form,
        lambda session: accounts.edit_user(session, actor(), clock(), user_id, form.account()),
        done=lambda _user: url_for("users.index"),
        again=lambda: _account_page(user_id, form),
        said=lambda changed: t("The account of %(name)s was changed.", name=changed.name),
    )


def _account_page(
    user_id: int, form: AccountFields | None = None, reset: ResetFields | None = None
) -> str:
    user = accounts.load_user(db(), user_id)
    if form is None:
        form = AccountFields(formdata=None, obj=user, data={"roles": sorted(user.roles)})
        form.offer(units.active_units(db()), user.unit)
    return render_template(
        "users/edit.html",
        user=user,
        form=form,
        reset=reset or ResetFields(formdata=None),
        standing=StandingFields(formdata=None),
    )


@bp.post("/users/<int:user_id>/password")
@area(Area.MANAGE_USERS)
def reset_password(user_id: int) -> Any:
    """A new password for somebody who forgot theirs."""
    username, form = accounts.load_user(db(), user_id).username, ResetFields()

    def again() -> str:
        return _account_page(user_id, reset=form)

    return _with_password(
        form,
        lambda: passwords.new_password(
            form.new_password.data or "", username, field="new_password"
        ),
        again,
        lambda new: carry_out(
            form,
            lambda session: accounts.reset_password(session, actor(), clock(), user_id, new),
            done=lambda _user: url_for("users.edit", user_id=user_id),
            again=again,
            said=lambda changed: t("%(name)s has a new password.", name=changed.name),
        ),
    )


@bp.post("/users/<int:user_id>/disable")
@area(Area.MANAGE_USERS)
def disable(user_id: int) -> Any:
    """Keep somebody out."""
    return _stand(user_id, accounts.disable_user, t("The account was disabled."))


@bp.post("/users/<int:user_id>/enable")
@area(Area.MANAGE_USERS)
def enable(user_id: int) -> Any:
    """Let somebody in again."""
    return _stand(user_id, accounts.enable_user, t("The account was enabled."))


def _stand(user_id: int, verb: Callable[..., User], said: Text) -> Any:
    form = StandingFields()

    def again() -> str:
        for error in form.form_errors:
            flash(error, "danger")
        return _account_page(user_id)

    return carry_out(
        form,
        lambda session: verb(session, actor(), clock(), user_id),
        done=lambda _user: url_for("users.edit", user_id=user_id),
        again=again,
        said=said,
    )


@bp.route("/profile", methods=["GET", "POST"])
@area(Area.PROFILE)
@takes(ProfileFields)
def profile() -> Any:
    """Oneself: address, language, channels, deputy; the name only to read."""
    form = _profile_form()
    if request.method != "POST":
        return profile_page(form, address=browser.pop(NEW_FEED, None))
    return carry_out(
        form,
        lambda session: profiles.edit_profile(session, actor(), clock(), form.profile()),
        done=lambda _user: url_for("users.profile"),
        again=lambda: profile_page(form),
        said=t("Your profile was changed."),
    )


def _profile_form(**options: Any) -> ProfileFields:
    user = accounts.load_user(db(), login().user_id)
    form = ProfileFields(obj=user, **options)
    form.offer(deputies.candidates(db(), user))
    return form


def profile_page(
    form: ProfileFields | None = None,
    password: OwnPasswordFields | None = None,
    address: str | None = None,
) -> str:
    """The page; `address` is the calendar's secret one, which is shown only once."""
    return render_template(
        "users/profile.html",
        user=accounts.load_user(db(), login().user_id),
        form=form or _profile_form(formdata=None),
        password=password or OwnPasswordFields(formdata=None),
        making=StandingFields(formdata=None),
        revoking=StandingFields(formdata=None),
        has_dates=feeds.has_dates(actor()),
        link=feeds.link_in_force(db(), login().user_id),
        address=address,
    )


@bp.post("/profile/password")
@area(Area.PROFILE)
def change_password() -> Any:
    """A new password for oneself; the session of this browser goes on, all others end."""
    form, kept = OwnPasswordFields(), _kept_hash()

    def again() -> str:
        return profile_page(password=form)

    def prepare() -> PasswordHash:
        if not passwords.matches(kept, form.password.data or ""):
            raise BadInput(t("This is not your present password."), "password")
        return passwords.new_password(
            form.new_password.data or "", login().username, field="new_password"
        )

    return _with_password(form, prepare, again, lambda new: _keep(form, kept, new))


def _kept_hash() -> str:
    return accounts.load_user(db(), login().user_id).password_hash


def _keep(form: OwnPasswordFields, kept: str, new: PasswordHash) -> Any:
    with writing() as session:
        forms.use(session, actor(), clock(), form.form_token.data or "")
        user = profiles.change_password(session, actor(), clock(), kept, new)
        who = Login(user, login().token)
        session.commit()
    login_user(who)
    flash(language().say(t("Your password was changed.")), "success")
    return see_other(url_for("users.profile"))


def _with_password(
    form: PlannerForm,
    prepare: Callable[[], PasswordHash],
    again: Callable[[], str],
    then: Callable[[PasswordHash], Any],
) -> Any:
    """Check and hash a password before any transaction writes; a weak one goes back."""
    if not form.was_sent_well():
        return again(), UNPROCESSABLE
    try:
        new = prepare()
    except BadInput as error:
        form.refuse(error)
        return again(), UNPROCESSABLE
    return then(new)
