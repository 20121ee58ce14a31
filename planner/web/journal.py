"""The journal, for auditors."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from planner.domain.names import ACT_NAMES, subject_name
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.services import journal_list
from planner.services.export import Sheet
from planner.services.journal_list import COLUMNS, EXPORT_LIMIT, JournalFilter, entries
from planner.services.paging import page_number, paginate
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_day, asked_text
from planner.web.context import clock, db, language, runtime

PAGE_SIZE = 50

bp = Blueprint("journal", __name__)


@bp.get("/journal")
@area(Area.SEE_JOURNAL)
def index() -> str:
    """Every act, newest first."""
    wanted = _asked()
    page = paginate(db(), entries(wanted), page_number(request.args.get("page")), PAGE_SIZE)
    return render_template(
        "journal.html",
        page=page,
        wanted=wanted,
        verbs=journal_list.verbs_in_use(db()),
        names=ACT_NAMES,
        unit_names=journal_list.unit_names(db(), page.items),
        details=journal_list.details,
        subject=_subject,
    )


def _subject(stored: str) -> str:
    """The thing that an act is about: "user:3" is User 3."""
    kind, _, number = stored.partition(":")
    return f"{language().say(subject_name(kind))} {number}"


@bp.get(f"/journal.{downloads.ENDINGS}")
@area(Area.SEE_JOURNAL)
def export(ending: str) -> Response:
    """The acts that the filter leaves, as a file; the newest 100,000 if there are more."""
    acts = journal_list.acts(db(), _asked(), EXPORT_LIMIT, runtime().settings.timezone)
    sheet = Sheet(language().say(t("Journal")), COLUMNS, acts)
    return downloads.table(ending, f"journal-{clock().today}", [sheet])


def _asked() -> JournalFilter:
    return JournalFilter(
        first=asked_day("from"),
        last=asked_day("to"),
        person=asked_text("person"),
        verb=asked_text("verb", 40),
        text=asked_text("q"),
    )
