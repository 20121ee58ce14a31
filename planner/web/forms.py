"""What all forms share: CSRF, one-time token, the version they were made from, the language."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from flask import flash, g, redirect
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response
from wtforms import DecimalField, Field, HiddenField
from wtforms.form import BaseForm
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

from planner.domain.errors import BadInput, BadUpload, Repeated
from planner.domain.text import N_, Text, t
from planner.services import forms
from planner.web.context import actor, clock, language, writing

Made = TypeVar("Made")
UNPROCESSABLE = 422
MAX_PLACES = 6
MAX_DIGITS = 10
"""What has fewer is held by every integer column."""


def new_token() -> str:
    """A token that makes a form work once."""
    return secrets.token_urlsafe(16)


class _Sentences:
    """The form library's sentences; a field that is left empty is told as the services do it."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def gettext(self, text: str) -> str:
        """One sentence in the reader's language."""
        if text == "This field is required.":
            return language().gettext(N_("Please fill in this field."))
        return str(self.library.gettext(text))

    def ngettext(self, one: str, many: str, n: int) -> str:
        """One of two sentences, by a number."""
        return str(self.library.ngettext(one, many, n))


class PlannerForm(FlaskForm):  # type: ignore[misc, unused-ignore]
    """The base of every form."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc, unused-ignore]
        """Messages of the form library in the reader's language."""

        def get_translations(self, form: object) -> Any:
            """WTForms' own catalogue, and the house's word for an empty field."""
            return _Sentences(get_translations([language().locale]))

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent. Raises BadRequest for NUL, which no browser sends as text."""
            sent = super().wrap_formdata(form, formdata)  # type: ignore[no-untyped-call]
            texts = (value for _, value in sent.items(multi=True)) if sent else ()
            if any(isinstance(text, str) and "\x00" in text for text in texts):
                raise BadRequest
            return sent

    form_token = HiddenField(default=new_token)
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def was_sent_well(self) -> bool:
        """Whether this is a POST whose fields are all valid."""
        return bool(self.validate_on_submit())  # type: ignore[no-untyped-call]

    @property
    def seen_version(self) -> int:
        """The version of the thing that the form was made from.

        0, which no thing has, where the form does not say: its verb is then refused as stale.
        """
        seen = self.seen.data or ""
        return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < MAX_DIGITS else 0

    def renew(self, version: int) -> None:
        """Make the form ready to be sent again, with what was typed, against `version`."""
        self.seen.data = str(version)
        self.form_token.data = new_token()

    def refuse(self, error: BadInput | BadUpload) -> None:
        """Put a refusal beside its field, or above the form."""
        field = self._fields.get(getattr(error, "field", None) or "")
        message = language().say(error.text)
        if field is not None:
            field.errors = [*field.errors, message]
        else:
            self.form_errors.append(message)


class Same:
    """Two fields hold the same; the refusal is said in the reader's language."""

    def __init__(self, other: str, msgid: str) -> None:
        self.other = other
        self.msgid = msgid

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Raises ValidationError if they differ."""
        if field.data != form[self.other].data:
            raise ValidationError(language().say(self.msgid))


class QuantityField(DecimalField):  # type: ignore[misc, unused-ignore]
    """An exact decimal with at most six places; a comma or a full-width dot is understood."""

    def _value(self) -> str:
        """As it was typed, else all its places and no zeros after them."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data).normalize():f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Refuse what the tables could not hold exactly."""
        cleaned = [value.strip().replace("，", "").replace(",", "") for value in valuelist]
        if cleaned and cleaned[0] == "":
            self.data = None
            return
        super().process_formdata(cleaned)
        number = self.data
        if isinstance(number, Decimal):
            if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
                self.data = None
                raise ValidationError(language().say(t("This number is too large.")))
            exponent = number.normalize().as_tuple().exponent
            if isinstance(exponent, int) and -exponent > MAX_PLACES:
                self.data = None
                raise ValidationError(language().say(t("At most six decimal places.")))


def carry_out(
    form: PlannerForm,
    verb: Callable[[Session], Made],
    *,
    done: Callable[[Made], str],
    again: Callable[[], Any],
    said: Text | Callable[[Made], Text],
) -> Any:
    """Validate, do one verb in one transaction, commit, redirect.

    `done` gives the address to go to, `said` the word of success; `again` makes the page once more
    with what was typed. Other refusals are answered in `planner.web.errors`. Where only the
    language was switched, the verb says its refusals again and nothing is kept.
    """
    g.refused_form = form
    if not form.was_sent_well():
        return again(), UNPROCESSABLE
    try:
        with writing() as session:
            forms.use(session, actor(), clock(), form.form_token.data or new_token())
            made = verb(session)
            target = done(made)
            if g.get("only_read"):
                session.rollback()
                return again(), UNPROCESSABLE
            session.commit()
    except Repeated as error:
        flash(language().say(error.text), "info")
        return again(), 409
    except (BadInput, BadUpload) as error:
        form.refuse(error)
        return again(), UNPROCESSABLE
    flash(language().say(said if isinstance(said, Text) else said(made)), "success")
    return see_other(target)


def with_errors(form: PlannerForm, page: Callable[[], str]) -> str:
    """The page once more, and above it what was refused of a form that shows no fields."""
    for errors in form.errors.values():
        for error in errors:
            flash(error, "danger")
    return page()


def see_other(target: str) -> Response:
    """After a POST, go and look at the result."""
    return redirect(target, 303)
