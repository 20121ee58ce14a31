"""The working calendar: what is decreed, what is provisional, what was settled by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length

from planner.domain.permissions import Area
from planner.domain.text import N_, t
from planner.models import CalendarDay
from planner.runtime import CALENDAR_YEARS
from planner.services import calendar_days
from planner.services.export import Sheet
from planner.web import downloads
from planner.web.access import area
from planner.web.context import actor, clock, db, language
from planner.web.forms import PlannerForm, carry_out, with_errors
from planner.web.typed import takes

bp = Blueprint("calendar", __name__)

OFF, WORKED = "off", "worked"


class SettleFields(PlannerForm):
    """A day, what it is from now on, and why."""

    day = DateField(N_("Day"), [InputRequired()])
    worked = RadioField(
        N_("This day is"),
        [InputRequired()],
        choices=[SelectChoice(OFF, N_("a day off")), SelectChoice(WORKED, N_("a working day"))],
    )
    reason = StringField(N_("Reason"), [InputRequired(), Length(max=calendar_days.MAX_REASON)])


class TakeBackFields(PlannerForm):
    """The day that the official calendar gets back."""

    day = DateField(N_("Day"), [InputRequired()])


@bp.get("/calendar")
@area(Area.MANAGE_CALENDAR)
def index() -> str:
    """A year of working days, as it stands."""
    return _page(SettleFields(formdata=None))


def _page(form: PlannerForm) -> str:
    work, words = clock().calendar, calendar_days.settled(db())
    around = calendar_days.years_around(clock().today)
    return render_template(
        "calendar.html",
        year=calendar_days.year_of(work, words, _year()),
        years=[(number, work.is_provisional(number)) for number in around],
        settled=sorted(words.values(), key=lambda word: word.day, reverse=True),
        kinds=calendar_days.KINDS,
        form=form,
        back=TakeBackFields(formdata=None),
    )


def _year() -> int:
    """The year that is looked at; nonsense means this one."""
    asked = request.args.get("year", type=int) or clock().today.year
    return asked if CALENDAR_YEARS[0] <= asked <= CALENDAR_YEARS[1] else clock().today.year


@bp.get(f"/calendar.{downloads.ENDINGS}")
@area(Area.MANAGE_CALENDAR)
def export(ending: str) -> Response:
    """The exceptions of the year as a file."""
    year = calendar_days.year_of(clock().calendar, calendar_days.settled(db()), _year())
    sheet = Sheet(language().say(t("Working calendar")), calendar_days.COLUMNS, year.exceptions)
    return downloads.table(ending, f"calendar-{year.number}", [sheet])


@bp.post("/calendar")
@area(Area.MANAGE_CALENDAR)
@takes(SettleFields)
def settle() -> Any:
    """Settle a day by hand."""
    form = SettleFields()

    def change(session: Session) -> CalendarDay:
        worked, reason = form.worked.data == WORKED, form.reason.data or ""
        return calendar_days.settle(session, actor(), clock(), form.day.data, worked, reason)

    return carry_out(
        form,
        change,
        done=lambda made: url_for("calendar.index", year=made.day.year),
        again=lambda: _page(form),
        said=lambda made: t("%(day)s is settled from now on.", day=made.day),
    )


@bp.post("/calendar/back")
@area(Area.MANAGE_CALENDAR)
def take_back() -> Any:
    """Give a day back to the official calendar."""
    form = TakeBackFields()
    return carry_out(
        form,
        lambda session: calendar_days.settle(
            session, actor(), clock(), form.day.data, None, language().say(t("taken back"))
        ),
        done=lambda made: url_for("calendar.index", year=made.day.year),
        again=lambda: with_errors(form, index),
        said=lambda made: t("%(day)s is again as the official calendar has it.", day=made.day),
    )
