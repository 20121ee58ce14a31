"""Urging the list that a filter shows: preview, act, outcome."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from planner.domain.actor import Role
from planner.domain.errors import BadInput
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.domain.words import Decider, SlipKind
from planner.services import slips, urging
from planner.services.paging import PAGE_SIZE
from planner.services.task_choices import choices
from planner.services.urging_many import urge_many
from planner.services.urging_outcome import load_batch
from planner.services.urging_preview import Preview, preview, preview_one
from planner.web.access import area
from planner.web.choices import asked_id
from planner.web.context import actor, clock, close_db, db, language, login
from planner.web.filter_chips import chips
from planner.web.forms import carry_out
from planner.web.presentation import name_of
from planner.web.task_filter import read_filter, tasks_url, write_filter
from planner.web.urging_forms import NO_SLIP, UrgeManyFields

bp = Blueprint("urging", __name__)


@bp.get("/tasks/urge")
@area(Area.URGE_MANY)
def ask() -> Any:
    """Exactly what of the filtered list would be urged, and with which words."""
    try:
        found = _preview()
    except BadInput as error:
        wanted = read_filter(request.args)
        return render_template("urging/too_long.html", text=error.text, back=tasks_url(wanted)), 422
    return _page(found, _fresh(found))


@bp.post("/tasks/urge")
@area(Area.URGE_MANY)
def carry() -> Any:
    """Urge those that are ticked."""
    form = UrgeManyFields()

    def again() -> str:
        close_db()
        return _page(_preview(), form)

    return carry_out(
        form,
        lambda session: urge_many(session, actor(), clock(), form.ids.data or [], form.demand()),
        done=lambda entry: url_for("urging.outcome", entry_id=entry.id),
        again=again,
        said=lambda entry: t("Assignments urged: %(count)s.", count=len(entry.data["urge_ids"])),
    )


@bp.get("/tasks/urged/<int:entry_id>")
@area(Area.URGE_MANY)
def outcome(entry_id: int) -> str:
    """What became of it, one by one."""
    return render_template("urging/outcome.html", batch=load_batch(db(), actor(), entry_id))


def _preview() -> Preview:
    """Of the filter in the address, or of the one assignment that it names."""
    single = asked_id("assignment")
    if single is not None:
        return preview_one(db(), actor(), clock(), single)
    return preview(db(), actor(), clock(), read_filter(request.args))


def _fresh(found: Preview) -> UrgeManyFields:
    """The form with sensible defaults; everything that can be urged is ticked."""
    candidates = [each for group in found.by_unit.values() for each in group]
    lead = next((each.assignment.task.lead_unit.name for each in candidates), "")
    by_slip_alone = bool(candidates) and all(each.slip_only for each in candidates)
    said = language().say
    numbers = {
        f"number_{kind}": slips.next_number(db(), kind, clock().today.year) for kind in SlipKind
    }
    return UrgeManyFields(
        formdata=None,
        data={
            "ids": [each.assignment.id for each in candidates],
            "text": said(
                t("Please report in writing how far it is, what hinders it and when it is done.")
            ),
            "answer_by": clock().calendar.add(clock().today, urging.ANSWER_WITHIN),
            "slip": SlipKind.SUPERVISION if by_slip_alone else NO_SLIP,
            "issuer": _issuer(lead),
            **numbers,
        },
    )


def _issuer(lead: str) -> str:
    """In whose name this person issues: the own unit, the supervision office, the lead agency."""
    own = login().unit_name
    return own or (name_of(Decider.ABOVE) if actor().has(Role.SUPERVISOR) else lead)


def _page(found: Preview, form: UrgeManyFields) -> str:
    wanted = read_filter(request.args)
    single = asked_id("assignment")
    query = {"assignment": single} if single is not None else write_filter(wanted)
    return render_template(
        "urging/preview.html",
        found=found,
        form=form,
        ticked=set(form.ids.data or []),
        narrowed=chips(wanted, choices(db(), actor())) if single is None else [],
        query=query,
        single=single,
        back=tasks_url(wanted)
        if single is None
        else url_for("assignments.show", assignment_id=single),
        most_open=PAGE_SIZE,
    )
