"""The forms of accounts and of one's own profile."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import (
    BooleanField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from planner.domain.actor import Role
from planner.domain.text import N_
from planner.models import Unit, User
from planner.services.accounts import AccountForm
from planner.services.passwords import MAX_LENGTH
from planner.services.profile import ProfileForm
from planner.web.choices import language_choices, optional_id, unit_choices
from planner.web.context import language
from planner.web.forms import PlannerForm, Same
from planner.web.presentation import name_of

_NEW = {"autocomplete": "new-password"}


def _secret(label: str, kind: str = "new-password") -> PasswordField:
    return PasswordField(
        label, [InputRequired(), Length(max=MAX_LENGTH)], render_kw={"autocomplete": kind}
    )


class PersonFields(PlannerForm):
    """What accounts and profiles have in common."""

    email = StringField(
        N_("E-mail address"), [Optional(), Length(max=254)], render_kw={"type": "email"}
    )
    locale = SelectField(N_("Language"), validate_choice=False)


class AccountFields(PersonFields):
    """An account as an administrator keeps it."""

    name = StringField(
        N_("Full name"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "off"}
    )
    roles = SelectMultipleField(
        N_("Roles"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    unit_id = SelectField(N_("Unit"), coerce=optional_id)

    def offer(self, units: Iterable[Unit], present: Unit | None = None) -> None:
        """Fill the choices; the present unit stays one even when it is no longer active."""
        offered = list(units)
        if present is not None and present.id not in {unit.id for unit in offered}:
            offered.append(present)
        self.unit_id.choices = unit_choices(offered, N_("No unit"))
        self.roles.choices = [(str(role), name_of(role)) for role in Role]
        self.locale.choices = language_choices()

    def account(self) -> AccountForm:
        """What was typed."""
        return AccountForm(
            name=self.name.data or "",
            roles=frozenset(Role(role) for role in self.roles.data or []),
            unit_id=self.unit_id.data,
            email=self.email.data,
            locale=self.locale.data,
        )


class NewAccountFields(AccountFields):
    """An account with its name and first password."""

    username = StringField(
        N_("User name"),
        [InputRequired(), Length(max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _secret(N_("First password"))


class ResetFields(PlannerForm):
    """A new password from the administrator."""

    new_password = _secret(N_("New password"))


class StandingFields(PlannerForm):
    """Disable or enable: nothing but the button."""


class ProfileFields(PersonFields):
    """What people change themselves."""

    mail_events = BooleanField(N_("Notices by mail too, at once"))
    mail_digests = BooleanField(N_("Reminders by mail too, one a day"))
    quiet_from = TimeField(N_("No mail from"), [Optional()])
    quiet_until = TimeField(N_("until"), [Optional()])
    deputy_id = SelectField(N_("Deputy"), coerce=optional_id)

    def offer(self, deputies: Iterable[User]) -> None:
        """Fill the choices."""
        self.locale.choices = language_choices()
        people = [(str(each.id), each.name) for each in deputies]
        self.deputy_id.choices = [("", language().say(N_("No deputy"))), *people]

    def profile(self) -> ProfileForm:
        """What was typed."""
        return ProfileForm(
            email=self.email.data,
            locale=self.locale.data,
            mail_events=bool(self.mail_events.data),
            mail_digests=bool(self.mail_digests.data),
            quiet_from=self.quiet_from.data,
            quiet_until=self.quiet_until.data,
            deputy_id=self.deputy_id.data,
        )


class OwnPasswordFields(PlannerForm):
    """A new password, twice, with the present one."""

    password = _secret(N_("Present password"), "current-password")
    new_password = _secret(N_("New password"))
    repeated = PasswordField(
        N_("New password again"),
        [Same("new_password", N_("The two new passwords differ."))],
        render_kw=_NEW,
    )
