"""What a person typed into a form that is not shown again: in words, so that it can be copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, g, request
from werkzeug.exceptions import BadRequest
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.widgets import HiddenInput

from planner.domain.errors import NotFound
from planner.domain.names import NAMES
from planner.domain.text import t
from planner.services import evidence, units
from planner.web.context import actor, db, is_logged_in, language
from planner.web.forms import PlannerForm

View = TypeVar("View", bound=Callable[..., Any])

_FORM = "planner_form"
NOT_TYPED = frozenset(
    {"csrf_token", "form_token", "seen", "password", "new_password", "repeated", "tokens"}
)
"""Names of fields that are secrets, or that every form has for itself."""

SILENT = (HiddenField, PasswordField, FileField, SelectMultipleField)
"""Fields without a word of the person's: what the page put there, secrets, files, ticks."""

NOT_WORDS = frozenset(
    {"page", "next", "read_in", "request_id", "sign_off_id", "urge_id", "submission_id"}
)
"""Names of fields that the page fills in by itself."""


@dataclass(frozen=True)
class Entry:
    """One field: its label, empty where it is not known, and what stands in it."""

    label: str
    text: str


def takes(form: type[PlannerForm]) -> Callable[[View], View]:
    """Mark a view with the form that it reads, so that a refusal before it can name the fields."""

    def mark(view: View) -> View:
        setattr(view, _FORM, form)
        return view

    return mark


def form_taken(endpoint: str) -> type[PlannerForm] | None:
    """The form that a view reads, where it says so."""
    return getattr(current_app.view_functions[endpoint], _FORM, None)


def read() -> PlannerForm | None:
    """The form of this request, even if no view has read it; nothing where it is not known."""
    known: PlannerForm | None = g.get("refused_form")
    if known is not None or request.method != "POST" or not request.endpoint:
        return known
    kind = form_taken(request.endpoint)
    try:
        return kind() if kind else None
    except BadRequest:
        return None


def sent() -> list[Entry]:
    """What was written in this request, so that it can be copied."""
    form = read()
    if form is not None:
        return entries(form)
    silent = NOT_TYPED | NOT_WORDS
    return [Entry("", v) for name, v in request.form.items() if name not in silent and v.strip()]


def files_sent() -> list[str]:
    """The names of the files that came with this request."""
    return [file.filename for file in request.files.values() if file.filename]


def entries(form: PlannerForm) -> list[Entry]:
    """The fields that hold something, each with its label, choices by their names."""
    return [
        Entry(language().say(field.label.text), text)
        for field, text in ((field, _words(field)) for field in form)
        if text
    ]


def refusals(form: PlannerForm) -> list[str]:
    """Why the form was refused, once each."""
    return list(dict.fromkeys(str(each) for errors in form.errors.values() for each in errors))


def _words(field: Field) -> str:
    if field.name == "tokens":
        return "\n".join(_staged(field.data or []))
    if isinstance(field, SILENT) or isinstance(field.widget, HiddenInput):
        return ""
    if isinstance(field, BooleanField):
        return language().say(t("yes")) if field.data else ""
    if isinstance(field, SelectField | RadioField):
        return _chosen(field)
    if isinstance(field, DateField) and field.data:
        return language().date(field.data)
    raw = field.raw_data or [field.data]
    return str(raw[0] if raw[0] is not None else "").strip()


def _chosen(field: SelectField) -> str:
    """The name of the choice; nothing for one whose names only its page knows."""
    if field.data in (None, "", 0):
        return ""
    if field.name == "unit_id":
        return _unit(field.data)
    offered: Iterable[Any] = field.iter_choices()
    label = next((str(each.label) for each in offered if each.selected), "")
    name = NAMES.get(field.data)
    return language().say(name) if name and label in ("", str(field.data)) else label


def _unit(unit_id: int) -> str:
    """A unit's name, for somebody who is logged in."""
    try:
        return units.load_unit(db(), unit_id).name if is_logged_in() else ""
    except NotFound:
        return ""


def _staged(tokens: list[str]) -> Iterator[str]:
    """The names of one's own files that wait under these tokens."""
    for token in tokens if is_logged_in() else ():
        try:
            yield evidence.own_staged(db(), actor(), token).name
        except NotFound:
            continue
