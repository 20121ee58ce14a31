"""Evidence on its way out: only to those who may see what it proves, checked against its hash.

Files that were uploaded and not yet handed in are shown alike, to those who may see them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from planner import previews
from planner.domain.errors import NoPreview, NotFound
from planner.domain.permissions import Area
from planner.domain.text import N_, Text
from planner.models import Blob
from planner.services import evidence
from planner.web.access import area
from planner.web.context import actor, db, language, runtime

bp = Blueprint(
    "evidence", __name__, url_prefix="/assignments/<int:assignment_id>/evidence/<int:evidence_id>"
)
staged_bp = Blueprint(
    "staged", __name__, url_prefix="/assignments/<int:assignment_id>/staged/<int:staged_id>"
)
readings_bp = Blueprint(
    "reading_evidence",
    __name__,
    url_prefix="/indicators/<int:indicator_id>/evidence/<int:evidence_id>",
)

DEFAULT_WIDTH = 1000


@dataclass(frozen=True)
class _Shown:
    """A file on its page: what it belongs to, and how its addresses are made."""

    name: str
    blob: Blob | None
    by: tuple[str, date]
    owner: tuple[str, str]
    address: Callable[..., str]
    handed_in: bool = True


@bp.get("")
@area(Area.SEE_TASKS)
def view(assignment_id: int, evidence_id: int) -> str:
    """The pages of a file as pictures, with what is known of it."""
    piece = evidence.load(db(), actor(), assignment_id, evidence_id)
    where = {"assignment_id": assignment_id, "evidence_id": evidence_id}
    by = (piece.owner.by.name, piece.owner.on)
    address = _addresses("evidence", **where)
    return _view(_Shown(piece.name, piece.blob, by, _assignment(assignment_id), address))


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
    address = _addresses("staged", assignment_id=assignment_id, staged_id=staged_id)
    return _view(_Shown(file.name, file.blob, by, _assignment(assignment_id), address, False))


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


@readings_bp.get("", endpoint="view")
@area(Area.SEE_SCORECARD)
def view_of_reading(indicator_id: int, evidence_id: int) -> str:
    """The same of a file that proves a reading."""
    piece = evidence.load_of_reading(db(), actor(), indicator_id, evidence_id)
    by = (piece.owner.by.name, piece.owner.on)
    address = _addresses("reading_evidence", indicator_id=indicator_id, evidence_id=evidence_id)
    page = url_for("indicators.show", indicator_id=indicator_id)
    owner = (language().gettext(N_("Indicator")), page)
    return _view(_Shown(piece.name, piece.blob, by, owner, address))


@readings_bp.get("/preview", endpoint="preview")
@area(Area.SEE_SCORECARD)
def preview_of_reading(indicator_id: int, evidence_id: int) -> Response:
    """One page of it as a picture."""
    return _preview(evidence.load_of_reading(db(), actor(), indicator_id, evidence_id).blob)


@readings_bp.get("/download", endpoint="download")
@area(Area.SEE_SCORECARD)
def download_of_reading(indicator_id: int, evidence_id: int) -> Response:
    """The original of it."""
    piece = evidence.load_of_reading(db(), actor(), indicator_id, evidence_id)
    return _download(piece.name, piece.blob)


def _assignment(assignment_id: int) -> tuple[str, str]:
    """What the way back to an assignment is called, and where it leads."""
    name = language().gettext(N_("Assignment"))
    return name, url_for("assignments.show", assignment_id=assignment_id)


def _addresses(place: str, **where: Any) -> Callable[..., str]:
    """Makes the addresses of a file's picture and download."""
    return lambda end, **more: url_for(f"{place}.{end}", **where, **more)


def _view(shown: _Shown) -> str:
    blob = shown.blob
    if blob is None:
        raise NotFound
    reason, pages = None, 0
    with runtime().store.open(blob.sha256) as file:
        try:
            pages = previews.preview_count(file, blob.media_type)
        except NoPreview as error:
            reason = error.text
    return render_template(
        "evidence.html", shown=shown, blob=blob, pages=pages, reason=reason, name=shown.name
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
