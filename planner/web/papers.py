"""What all papers share: their language, the circular's form and drawing, the download."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from typing import Any

from flask import Response, g, send_file

from planner.documents.circular import Circular, attached, body
from planner.documents.circular_pdf import set_circular
from planner.documents.circular_word import write_circular
from planner.documents.circular_words import CircularWords
from planner.documents.pieces import WORD, chinese_date
from planner.documents.typesetting import PDF
from planner.domain.errors import BadInput
from planner.filenames import clean_name
from planner.services.circular_making import checked
from planner.services.score_papers import Say
from planner.web.context import clock, runtime
from planner.web.document_forms import CircularFields

ANSWER_WITHIN = 5
"""Working days that a circular gives for the answer, unless somebody says otherwise."""

WRITERS: Mapping[str, tuple[Callable[[Circular], bytes], str]] = {
    "docx": (write_circular, WORD),
    "pdf": (set_circular, PDF),
}
"""What makes the circular's file, by the file's ending, and its media type."""


def chinese() -> Say:
    """Papers are in Chinese, as their form is."""
    return runtime().languages.get("zh").say


def answer_by() -> date:
    """Until when a circular of today asks for answers."""
    return clock().calendar.add(clock().today, ANSWER_WITHIN)


def words_of(form: CircularFields) -> CircularWords | None:
    """What was typed, or nothing if some of it is refused: that stands in the form then."""
    g.refused_form = form
    if not form.was_sent_well():
        return None
    try:
        return checked(form.words())
    except BadInput as error:
        form.refuse(error)
        return None


def drawn(form: CircularFields, shown: Circular | None) -> Mapping[str, Any]:
    """What the form and the preview of a circular need; nothing is `shown` of refused words."""
    return {
        "form": form,
        "shown": shown,
        "blocks": body(shown) if shown else (),
        "attachments": attached(shown) if shown else (),
        "chinese_date": chinese_date,
    }


def as_file(content: bytes, media_type: str, name: str) -> Response:
    """A download; its name may be Chinese."""
    return send_file(
        BytesIO(content),
        mimetype=media_type,
        as_attachment=True,
        download_name=clean_name(name),
    )
