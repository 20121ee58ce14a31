"""Files on their way in: into the store first, with no transaction open, then into staging."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import render_template
from werkzeug.datastructures import FileStorage

from planner.domain.errors import BadUpload
from planner.domain.lifecycle import Verb
from planner.domain.text import t
from planner.services import evidence
from planner.web.access import require_verb
from planner.web.assignment_forms import ProofFields
from planner.web.context import actor, clock, db, runtime, writing


def _stage(assignment_id: int, file: FileStorage) -> tuple[str, str]:
    """Store one file and give its token and its name. Raises BadUpload."""
    stored = runtime().store.receive(
        cast(BinaryIO, file.stream), file.filename or "", runtime().settings.max_upload_bytes
    )
    with writing() as session:
        staged = evidence.stage(session, actor(), clock(), assignment_id, stored)
        token, name = staged.token, staged.name
        session.commit()
    return token, name


def take_in(form: ProofFields, assignment_id: int) -> None:
    """Stage the files of a form that came without JavaScript; what is refused spoils the form.

    Raises NotFound or NotAllowed before anything is stored through a foreign assignment.
    """
    require_verb(assignment_id, Verb.REPORT)
    refused = []
    for file in form.files.data or []:
        if isinstance(file, FileStorage) and file.filename:
            try:
                token, _name = _stage(assignment_id, file)
            except BadUpload as error:
                refused.append(error)
            else:
                form.tokens.data = [*(form.tokens.data or []), token]
    form.upload_errors = refused


def one(assignment_id: int, file: FileStorage | None, prefix: str) -> tuple[dict[str, str], int]:
    """Stage one file for a script; answers with the list item to show."""
    require_verb(assignment_id, Verb.REPORT)
    if file is None or not file.filename:
        raise BadUpload(t("Choose a file first."))
    token, _name = _stage(assignment_id, file)
    staged = evidence.own_staged(db(), actor(), token)
    item = render_template("assignments/_staged.html", staged=staged, prefix=prefix, checked=True)
    return {"token": token, "html": item}, 201
