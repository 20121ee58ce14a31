"""Evidence on its way out: only to those who may see its assignment, checked against its hash."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from planner import previews
from planner.domain.errors import NoPreview, NotFound
from planner.domain.permissions import Area
from planner.models import Evidence
from planner.services import evidence
from planner.services.scope import load_assignment
from planner.web.access import area
from planner.web.context import actor, db, runtime

bp = Blueprint(
    "evidence", __name__, url_prefix="/assignments/<int:assignment_id>/evidence/<int:evidence_id>"
)

DEFAULT_WIDTH = 1000


def _open(piece: Evidence) -> BinaryIO:
    """The file itself; its content is checked against its hash. Raises NotFound for a link."""
    if piece.sha256 is None:
        raise NotFound
    return runtime().store.open(piece.sha256)


@bp.get("")
@area(Area.SEE_TASKS)
def view(assignment_id: int, evidence_id: int) -> str:
    """The pages of a file as pictures, with what is known of it."""
    piece = evidence.load(db(), actor(), assignment_id, evidence_id)
    if piece.blob is None:
        raise NotFound
    reason, pages = None, 0
    with _open(piece) as file:
        try:
            pages = previews.preview_count(file, piece.blob.media_type)
        except NoPreview as error:
            reason = error.text
    return render_template(
        "evidence.html",
        piece=piece,
        assignment=load_assignment(db(), actor(), assignment_id),
        pages=pages,
        reason=reason,
    )


@bp.get("/preview")
@area(Area.SEE_TASKS)
def preview(assignment_id: int, evidence_id: int) -> Response:
    """One page as a picture made here; nothing of the original reaches the browser."""
    piece = evidence.load(db(), actor(), assignment_id, evidence_id)
    if piece.blob is None:
        raise NotFound
    page = request.args.get("page", 1, int)
    width = min(max(request.args.get("width", DEFAULT_WIDTH, int), 1), previews.MAX_WIDTH)
    with _open(piece) as file:
        picture = previews.render(file, piece.blob.media_type, page, width)
    response = send_file(BytesIO(picture), mimetype="image/png", max_age=3600)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@bp.get("/download")
@area(Area.SEE_TASKS)
def download(assignment_id: int, evidence_id: int) -> Response:
    """The original, as an attachment under the name that it came with."""
    piece = evidence.load(db(), actor(), assignment_id, evidence_id)
    response = send_file(
        _open(piece),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=piece.name,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
