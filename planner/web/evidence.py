"""Evidence on its way out: only to those who may see its assignment, checked against its hash.

Files that were uploaded and not yet handed in are shown alike, to those who may see them.
"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from io import BytesIO

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from planner import previews
from planner.domain.errors import NoPreview, NotFound
from planner.domain.permissions import Area
from planner.domain.text import Text
from planner.models import Blob
from planner.services import evidence
from planner.services.scope import load_assignment
from planner.web.access import area
from planner.web.context import actor, db, runtime

bp = Blueprint(
    "evidence", __name__, url_prefix="/assignments/<int:assignment_id>/evidence/<int:evidence_id>"
)
staged_bp = Blueprint(
    "staged", __name__, url_prefix="/assignments/<int:assignment_id>/staged/<int:staged_id>"
)

DEFAULT_WIDTH = 1000


@bp.get("")
@area(Area.SEE_TASKS)
def view(assignment_id: int, evidence_id: int) -> str:
    """The pages of a file as pictures, with what is known of it."""
    piece = evidence.load(db(), actor(), assignment_id, evidence_id)
    by = (piece.owner.by.name, piece.owner.on)
    return _view(assignment_id, piece.name, piece.blob, by, evidence_id=evidence_id)


@bp.get("/preview")
@area(Area.SEE_TASKS)
def preview(assignment_id: int, evidence_id: int) -> Response:
    """One page as a picture made here; nothing of the original reaches the browser."""
    return _preview(evidence.load(db(), actor(), assignment_id, evidence_id).blob)


@bp.get("/download")
@area(Area.SEE_TASKS)
def download(assignment_id: int, evidence_id: int) -> Response:
    """The original, as an attachment under the name that it came with."""
    piece = evidence.load(db(), actor(), assignment_id, evidence_id)
    return _download(piece.name, piece.blob)


@staged_bp.get("", endpoint="view")
@area(Area.SEE_TASKS)
def view_staged(assignment_id: int, staged_id: int) -> str:
    """The same of a file that is not handed in yet."""
    file = evidence.load_staged(db(), actor(), assignment_id, staged_id)
    by = (file.user.name, file.at.astimezone(runtime().settings.timezone).date())
    return _view(assignment_id, file.name, file.blob, by, staged_id=staged_id)


@staged_bp.get("/preview", endpoint="preview")
@area(Area.SEE_TASKS)
def preview_staged(assignment_id: int, staged_id: int) -> Response:
    """One page of it as a picture."""
    return _preview(evidence.load_staged(db(), actor(), assignment_id, staged_id).blob)


@staged_bp.get("/download", endpoint="download")
@area(Area.SEE_TASKS)
def download_staged(assignment_id: int, staged_id: int) -> Response:
    """The original of it."""
    file = evidence.load_staged(db(), actor(), assignment_id, staged_id)
    return _download(file.name, file.blob)


def _view(
    assignment_id: int, name: str, blob: Blob | None, by: tuple[str, date], **which: int
) -> str:
    """`which` names the file in the addresses of its picture and its download."""
    if blob is None:
        raise NotFound
    reason, pages = None, 0
    with runtime().store.open(blob.sha256) as file:
        try:
            pages = previews.preview_count(file, blob.media_type)
        except NoPreview as error:
            reason = error.text
    return render_template(
        "evidence.html",
        name=name,
        blob=blob,
        by=by,
        which=which,
        assignment=load_assignment(db(), actor(), assignment_id),
        pages=pages,
        reason=reason,
    )


def _preview(blob: Blob | None) -> Response:
    if blob is None:
        raise NotFound
    page = request.args.get("page", 1, int)
    width = min(max(request.args.get("width", DEFAULT_WIDTH, int), 1), previews.MAX_WIDTH)
    with runtime().store.open(blob.sha256) as file:
        try:
            picture = previews.render(file, blob.media_type, page, width)
        except NoPreview as error:
            if request.accept_mimetypes.best_match(["text/html", "image/svg+xml"]) == "text/html":
                raise
            return _no_picture(error.text)
    response = send_file(BytesIO(picture), mimetype="image/png", max_age=3600)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _no_picture(why: Text) -> Response:
    """In place of a page's picture, as a browser shows it there: that and why there is none."""
    drawn = render_template("no_preview.svg", why=why)
    return Response(drawn, HTTPStatus.NOT_FOUND, mimetype="image/svg+xml")


def _download(name: str, blob: Blob | None) -> Response:
    """The file itself; its content is checked against its hash. Raises NotFound for a link."""
    if blob is None:
        raise NotFound
    response = send_file(
        runtime().store.open(blob.sha256),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=name,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
