"""Indicators: the list, and one with its line, its readings and what may be done to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from planner.domain.errors import DomainError, InvalidTransition, Stale
from planner.domain.lights import Light
from planner.domain.permissions import Area
from planner.domain.readings import ReadingVerb
from planner.domain.text import Text, t
from planner.services import consumption, indicator_bases, indicator_list, plans, readings
from planner.services.export import Sheet
from planner.services.indicator_list import Forecasts, IndicatorFilter, Kind, Sort
from planner.services.paging import page_number, page_of
from planner.web import downloads, indicator_page, uploads
from planner.web.access import area, require_of_indicator, require_of_reading
from planner.web.choices import asked_id, asked_text
from planner.web.context import actor, clock, close_db, db, language
from planner.web.forms import PlannerForm, carry_out
from planner.web.indicator_forms import BaseFields, EnterFields, LoneFields, RefuseFields
from planner.web.typed import takes

bp = Blueprint("indicators", __name__)


@bp.get("/indicators")
@area(Area.SEE_SCORECARD)
def index() -> str:
    """The indicators that the reader may open, filtered and sorted."""
    plan = plans.find_plan(db())
    if plan is None:
        return render_template("scorecard/empty.html")
    wanted = _asked()
    every = indicator_list.all_lines(db(), actor(), clock(), plan)
    found = indicator_list.narrowed(every, wanted)
    query = _query(wanted)
    return render_template(
        "indicators/index.html",
        plan=plan,
        page=page_of(found, page_number(request.args.get("page"))),
        counts=indicator_list.counts(every),
        choices=indicator_list.choices(every),
        wanted=wanted,
        query=query,
        sort=query.get("sort", "plan"),
        picture=indicator_page.small_picture,
        kind_name=indicator_list.kind_name,
        lights=[Light.RED, Light.YELLOW, Light.GREEN, Light.GREY],
        light_names=indicator_list.LIGHT_NAMES,
        has_sheet=consumption.has_sheet(db(), actor()),
    )


@bp.get(f"/indicators.{downloads.ENDINGS}")
@area(Area.SEE_SCORECARD)
def download(ending: str) -> Response:
    """The whole filtered list as a file."""
    every = indicator_list.all_lines(db(), actor(), clock(), plans.active_plan(db()))
    rows = indicator_list.narrowed(every, _asked())
    sheet = Sheet(language().say(t("Indicators")), indicator_list.COLUMNS, rows)
    return downloads.table(ending, f"indicators-{clock().today}", [sheet])


def _asked() -> IndicatorFilter:
    sort = request.args.get("sort", "")
    kind, light, forecast = (request.args.get(name) for name in ("kind", "light", "forecast"))
    known = sort.removeprefix("-") in get_args(Sort)
    return IndicatorFilter(
        text=asked_text("q"),
        category=asked_text("group", 200) or None,
        owner=asked_id("unit"),
        kind=cast(Kind, kind) if kind in get_args(Kind) else None,
        light=Light(light) if light in set(map(str, Light)) else None,
        forecast=cast(Forecasts, forecast) if forecast in get_args(Forecasts) else None,
        waiting=request.args.get("waiting") == "yes",
        sort=cast(Sort, sort.removeprefix("-")) if known else "plan",
        descending=sort.startswith("-") and known,
    )


def _query(wanted: IndicatorFilter) -> dict[str, Any]:
    """The filter as an address has it; what is usual is left out."""
    sort = ("-" if wanted.descending else "") + wanted.sort
    query = {
        "q": wanted.text,
        "group": wanted.category,
        "unit": wanted.owner,
        "kind": wanted.kind,
        "light": wanted.light,
        "forecast": wanted.forecast,
        "waiting": "yes" if wanted.waiting else None,
        "sort": sort if sort != "plan" else None,
    }
    return {name: value for name, value in query.items() if value}


@bp.get("/indicators/<int:indicator_id>")
@area(Area.SEE_SCORECARD)
def show(indicator_id: int) -> str:
    """One indicator."""
    return indicator_page.render(indicator_id)


@bp.post("/indicators/<int:indicator_id>/files")
@area(Area.SEE_SCORECARD)
def upload(indicator_id: int) -> tuple[dict[str, str], int]:
    """Take one file in for a form that is still being written; answers with its list item."""
    place = uploads.for_indicator(indicator_id)
    return uploads.one(place, request.files.get("file"), request.form.get("prefix", ""))


@bp.post("/indicators/<int:indicator_id>/enter")
@area(Area.SEE_SCORECARD)
@takes(EnterFields)
def enter(indicator_id: int) -> Any:
    """Enter a year's value."""
    require_of_indicator(indicator_id, ReadingVerb.ENTER)
    form = EnterFields()
    uploads.take_in(form, uploads.for_indicator(indicator_id))

    def verb(db: Session) -> Any:
        return readings.enter(db, actor(), clock(), indicator_id, form.reading())

    said = t("Entered. Those who decide were told; it counts once it is confirmed.")
    return _do(indicator_id, {"enter": form}, verb, said)


@bp.post("/indicators/<int:indicator_id>/base")
@area(Area.SEE_SCORECARD)
@takes(BaseFields)
def settle_base(indicator_id: int) -> Any:
    """Record the base that counts."""
    require_of_indicator(indicator_id, ReadingVerb.SETTLE_BASE)
    form = BaseFields()

    def verb(db: Session) -> Any:
        return indicator_bases.settle_base(db, actor(), clock(), indicator_id, form.base())

    said = t("The base was recorded. The indicator is scored from now on.")
    return _do(indicator_id, {"base": form}, verb, said)


@bp.post("/indicators/<int:indicator_id>/readings/<int:reading_id>/take_back")
@area(Area.SEE_SCORECARD)
def take_back(indicator_id: int, reading_id: int) -> Any:
    """Take back what one entered oneself."""
    require_of_reading(indicator_id, reading_id, ReadingVerb.TAKE_BACK)

    def verb(db: Session) -> Any:
        return readings.take_back(db, actor(), clock(), indicator_id, reading_id)

    form = LoneFields()
    return _do(indicator_id, {f"take_back-{reading_id}": form}, verb, t("Taken back."))


@bp.post("/indicators/<int:indicator_id>/readings/<int:reading_id>/confirm")
@area(Area.SEE_SCORECARD)
def confirm(indicator_id: int, reading_id: int) -> Any:
    """Confirm a reading."""
    require_of_reading(indicator_id, reading_id, ReadingVerb.CONFIRM)

    def verb(db: Session) -> Any:
        return readings.confirm(db, actor(), clock(), indicator_id, reading_id)

    said = t("Confirmed. It counts from now on, and the owner was told.")
    return _do(indicator_id, {f"confirm-{reading_id}": LoneFields()}, verb, said)


@bp.post("/indicators/<int:indicator_id>/readings/<int:reading_id>/confirm_sheet")
@area(Area.SEE_SCORECARD)
def confirm_sheet(indicator_id: int, reading_id: int) -> Any:
    """Confirm a reading with all others of its sheet."""
    require_of_reading(indicator_id, reading_id, ReadingVerb.CONFIRM)

    def verb(db: Session) -> Any:
        return readings.confirm_sheet(db, actor(), clock(), indicator_id, reading_id)

    said = t("Confirmed. They count from now on, and the owner was told.")
    return _do(indicator_id, {f"confirm_sheet-{reading_id}": LoneFields()}, verb, said)


@bp.post("/indicators/<int:indicator_id>/readings/<int:reading_id>/refuse")
@area(Area.SEE_SCORECARD)
@takes(RefuseFields)
def refuse(indicator_id: int, reading_id: int) -> Any:
    """Refuse a reading, with the reason."""
    require_of_reading(indicator_id, reading_id, ReadingVerb.REFUSE)
    form = RefuseFields()

    def verb(db: Session) -> Any:
        reason = form.reason.data or ""
        return readings.refuse(db, actor(), clock(), indicator_id, reading_id, reason)

    said = t("Refused. The owner was told why.")
    return _do(indicator_id, {f"refuse-{reading_id}": form}, verb, said)


def _do(
    indicator_id: int, forms: Mapping[str, PlannerForm], verb: Callable[[Session], Any], said: Text
) -> Any:
    """Carry a verb out; a conflict keeps what was typed and shows the page as it is now."""
    (form,) = forms.values()

    def again() -> Any:
        close_db()
        return indicator_page.render(indicator_id, forms)

    try:
        return carry_out(
            form,
            verb,
            done=lambda _made: url_for("indicators.show", indicator_id=indicator_id),
            again=again,
            said=said,
        )
    except (Stale, InvalidTransition) as error:
        close_db()
        return _conflict(indicator_id, forms, form, error)


def _conflict(
    indicator_id: int, forms: Mapping[str, PlannerForm], form: PlannerForm, error: DomainError
) -> tuple[str, int]:
    form.renew(0)
    return indicator_page.render(indicator_id, forms, conflict=error.text), 409
