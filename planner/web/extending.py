"""Extending the list that a filter shows: preview, then each unit in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, render_template, request

from planner.domain.errors import BadInput
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.services.extending_many import Part, extend_unit, preview, units_of
from planner.services.task_choices import choices
from planner.web.access import area
from planner.web.choices import ticked_versions
from planner.web.context import actor, clock, db, language, writing
from planner.web.filter_chips import chips
from planner.web.forms import UNPROCESSABLE, new_token, see_other
from planner.web.request_forms import ExtendFields
from planner.web.task_filter import read_filter, tasks_url, write_filter
from planner.web.typed import takes

bp = Blueprint("extending", __name__)


@bp.get("/tasks/extend")
@area(Area.EXTEND_MANY)
def ask() -> Any:
    """Exactly what of the filtered list would be extended, and until when."""
    try:
        return _page(ExtendFields(formdata=None))
    except BadInput as error:
        wanted = read_filter(request.args)
        return render_template("urging/too_long.html", text=error.text, back=tasks_url(wanted)), 422


@bp.post("/tasks/extend")
@area(Area.EXTEND_MANY)
@takes(ExtendFields)
def carry() -> Any:
    """Extend the ticked ones; name those that cannot be.

    What was extended stays extended; the same form sent again goes on with the rest.
    """
    form = ExtendFields()
    if not form.was_sent_well():
        return _page(form), UNPROCESSABLE
    parts = [_extend(form, part) for part in _parts(dict(ticked_versions("chosen")))]
    if not parts:
        form.refuse(BadInput(t("Choose at least one assignment.")))
    _say(sum(each.extended for each in parts), sum(each.asked for each in parts))
    form.form_errors += [language().say(why) for each in parts for why in each.refused]
    if not form.errors:
        return see_other(_back())
    form.form_token.data = new_token()
    return _page(form), UNPROCESSABLE


def _parts(chosen: Mapping[int, int]) -> list[Mapping[int, int]]:
    """What was ticked, unit by unit: ids with the versions that were seen."""
    return [
        {each: chosen[each] for each in ids} for ids in units_of(db(), actor(), chosen).values()
    ]


def _extend(form: ExtendFields, part: Mapping[int, int]) -> Part:
    """One unit's, in a transaction of its own."""
    token = f"{form.form_token.data or new_token()}-{min(part)}"
    with writing() as session:
        made = extend_unit(session, actor(), clock(), part, form.extension(), token)
        session.commit()
    return made


def _say(extended: int, asked: int) -> None:
    if extended:
        said = t("Extended: %(count)s. The units were told.", count=extended)
        flash(language().say(said), "success")
    if asked:
        said = t("The supervisor was asked to agree: %(count)s.", count=asked)
        flash(language().say(said), "success")


def _back() -> str:
    return tasks_url(read_filter(request.args))


def _page(form: ExtendFields) -> str:
    wanted = read_filter(request.args)
    candidates = preview(db(), actor(), clock(), wanted)
    return render_template(
        "tasks/extend.html",
        candidates=[each for each in candidates if each.refusal is None],
        left=[each for each in candidates if each.refusal is not None],
        form=form,
        ticked=frozenset(request.form.getlist("chosen")),
        all_ticked=request.method == "GET",
        narrowed=chips(wanted, choices(db(), actor())),
        query=write_filter(wanted),
        back=tasks_url(wanted),
    )
