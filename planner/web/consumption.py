"""The consumption sheet: typed, looked at with its results, sent for confirmation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from planner import filetypes
from planner.domain.energy import AREA, HEADCOUNT, WATER
from planner.domain.errors import BadInput, Stale
from planner.domain.permissions import Area
from planner.domain.readings import last_year
from planner.domain.text import t
from planner.services import consumption, evidence
from planner.services.consumption import Preview, Scope
from planner.web import uploads
from planner.web.access import area
from planner.web.context import actor, clock, close_db, db, runtime
from planner.web.forms import UNPROCESSABLE, carry_out
from planner.web.indicator_forms import CARRIER, SheetFields, sheet_fields
from planner.web.typed import takes

bp = Blueprint("consumption", __name__)


@bp.get("/indicators/sheet")
@area(Area.SEE_SCORECARD)
def show() -> str:
    """An empty sheet of the reader's own unit."""
    scope = consumption.scope_of(db(), actor())
    form = sheet_fields(scope.rules)(formdata=None, data={"year": _year(scope)})
    return _page(scope, form)


@bp.post("/indicators/sheet")
@area(Area.SEE_SCORECARD)
@takes(SheetFields)
def enter() -> Any:
    """Count what was typed and show the results; the second button sends them."""
    scope = consumption.scope_of(db(), actor())
    form = sheet_fields(scope.rules)()
    uploads.take_in(form, uploads.for_indicator(scope.indicators[0].id))
    if "send" not in request.form:
        g.refused_form = form
        return _preview(scope, form)

    def again() -> Any:
        close_db()
        fresh = consumption.scope_of(db(), actor())
        return _page(fresh, form, _counted(form))

    try:
        return carry_out(
            form,
            lambda db: consumption.enter(db, actor(), clock(), form.sheet()),
            done=lambda _made: url_for("indicators.index", unit=actor().unit_id),
            again=again,
            said=lambda made: t(
                "Readings sent: %(count)s. They count once they are confirmed.", count=len(made)
            ),
        )
    except Stale as error:
        form.renew(0)
        form.form_errors.append(str(error.text))
        return again(), 409


def _preview(scope: Scope, form: SheetFields) -> Any:
    """The results of what was typed, or what is wrong with it."""
    counted = None
    if form.was_sent_well():
        try:
            counted = consumption.preview(db(), actor(), clock(), form.sheet())
        except BadInput as error:
            form.refuse(error)
    if counted is None:
        return _page(scope, form), UNPROCESSABLE
    form.renew(0)
    return _page(scope, form, counted)


def _counted(form: SheetFields) -> Preview | None:
    """The results once more, where what was typed can be counted."""
    try:
        return consumption.preview(db(), actor(), clock(), form.sheet())
    except BadInput:
        return None


def _page(scope: Scope, form: SheetFields, counted: Preview | None = None) -> str:
    if counted is not None:
        form.previewed.data = counted.fingerprint
    year = form.year.data or _year(scope)
    return render_template(
        "indicators/sheet.html",
        scope=scope,
        form=form,
        counted=counted,
        before=consumption.last_sheet(db(), scope, year - 1) if abs(year) < 10_000 else None,
        fields=[(each, form[f"{CARRIER}{each.key}"]) for each in scope.rules.carriers],
        others={key: form[f"{CARRIER}{key}"] for key in (WATER, HEADCOUNT, AREA)},
        place=scope.indicators[0].id,
        staged=evidence.staged_for_reading(db(), actor(), scope.indicators[0].id),
        accept=filetypes.ACCEPT,
        max_upload_mb=runtime().settings.max_upload_mb,
    )


def _year(scope: Scope) -> int:
    """The last year that can be read."""
    return last_year(scope.target_year, clock().today)
