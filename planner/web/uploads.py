"""Files on their way in: into the store first, with no transaction open, then into staging."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import render_template
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from planner.domain.errors import BadUpload
from planner.domain.lifecycle import Verb
from planner.domain.readings import ReadingVerb
from planner.domain.text import t
from planner.models import StagedFile
from planner.services import evidence
from planner.storage import StoredFile
from planner.web.access import require_of_indicator, require_verb
from planner.web.assignment_forms import ProofFields
from planner.web.context import actor, clock, db, runtime, writing


@dataclass(frozen=True)
class Place:
    """What a file is taken in for: who may is checked by `require`, `stage` keeps it."""

    require: Callable[[], None]
    stage: Callable[[Session, StoredFile], StagedFile]


def for_assignment(assignment_id: int) -> Place:
    """A form of an assignment."""
    return Place(
        lambda: require_verb(assignment_id, Verb.REPORT),
        lambda db, stored: evidence.stage(db, actor(), clock(), assignment_id, stored),
    )


def for_indicator(indicator_id: int) -> Place:
    """A form that enters a reading of an indicator."""
    return Place(
        lambda: require_of_indicator(indicator_id, ReadingVerb.ENTER),
        lambda db, stored: evidence.stage_for_reading(db, actor(), clock(), indicator_id, stored),
    )


def _stage(place: Place, file: FileStorage) -> tuple[str, str]:
    """Store one file and give its token and its name. Raises BadUpload."""
    stored = runtime().store.receive(
        cast(BinaryIO, file.stream), file.filename or "", runtime().settings.max_upload_bytes
    )
    with writing() as session:
        staged = place.stage(session, stored)
        token, name = staged.token, staged.name
        session.commit()
    return token, name


def take_in(form: ProofFields, place: Place) -> None:
    """Stage the files of a form that came without JavaScript; what is refused spoils the form.

    Raises NotFound or NotAllowed before anything is stored through a foreign assignment.
    """
    place.require()
    refused = []
    for file in form.files.data or []:
        if isinstance(file, FileStorage) and file.filename:
            try:
                token, _name = _stage(place, file)
            except BadUpload as error:
                refused.append(error)
            else:
                form.tokens.data = [*(form.tokens.data or []), token]
    form.upload_errors = refused


def one(place: Place, file: FileStorage | None, prefix: str) -> tuple[dict[str, str], int]:
    """Stage one file for a script; answers with the list item to show."""
    place.require()
    if file is None or not file.filename:
        raise BadUpload(t("Choose a file first."))
    token, _name = _stage(place, file)
    staged = evidence.own_staged(db(), actor(), token)
    item = render_template("assignments/_staged.html", staged=staged, prefix=prefix, checked=True)
    return {"token": token, "html": item}, 201
