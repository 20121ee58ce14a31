"""Urging the list that a filter shows: preview, act, outcome."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for

from planner.domain.actor import Role
from planner.domain.errors import BadInput, Busy, DomainError, Repeated
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.domain.words import Decider, SlipKind
from planner.models import JournalEntry
from planner.services import slips, urging
from planner.services.paging import PAGE_SIZE
from planner.services.task_choices import choices
from planner.services.urging_many import batch_of, begin_batch, choose
from planner.services.urging_outcome import find_batch, load_batch
from planner.services.urging_parts import leave_part, units_waiting, urge_part
from planner.services.urging_preview import Preview, preview, preview_some
from planner.web.access import area
from planner.web.choices import asked_id
from planner.web.context import actor, clock, close_db, db, language, login, writing
from planner.web.filter_chips import chips
from planner.web.forms import UNPROCESSABLE, new_token, see_other
from planner.web.presentation import name_of
from planner.web.task_filter import read_filter, tasks_url, write_filter
from planner.web.typed import takes
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
@takes(UrgeManyFields)
def carry() -> Any:
    """Urge those that are ticked, each unit in a transaction of its own.

    The same form sent again goes on with what is left, and urges nobody twice.
    """
    form = UrgeManyFields()
    g.refused_form = form
    try:
        batch = _batch(form) if form.was_sent_well() else None
    except BadInput as error:
        form.refuse(error)
        batch = None
    if batch is None:
        close_db()
        return _page(_preview(), form), UNPROCESSABLE
    return _urge_parts(batch)


@bp.get("/tasks/urged/<int:entry_id>")
@area(Area.URGE_MANY)
def outcome(entry_id: int) -> str:
    """What became of it, one by one."""
    return render_template("urging/outcome.html", batch=load_batch(db(), actor(), entry_id))


@bp.post("/tasks/urged/<int:entry_id>")
@area(Area.URGE_MANY)
def go_on(entry_id: int) -> Any:
    """Urge the units that an interruption left waiting."""
    return _urge_parts(find_batch(db(), actor(), entry_id))


def _batch(form: UrgeManyFields) -> JournalEntry | None:
    """What this form begins, or began when it was sent before; nothing if it is only read."""
    token = form.form_token.data or new_token()
    if batch_of(db(), actor(), token) is None:
        chosen = choose(db(), actor(), clock(), form.ids.data or [], form.demand())
        if g.get("only_read"):
            return None
        with suppress(Repeated), writing() as session:
            batch = begin_batch(session, actor(), clock(), chosen, token)
            session.commit()
            return batch
    flash(language().say(Repeated().text), "info")
    return batch_of(db(), actor(), token)


def _urge_parts(batch: JournalEntry) -> Any:
    """Unit after unit; what is refused is noted. If the database is too busy, the rest waits."""
    waiting = units_waiting(db(), batch)
    try:
        for unit_id in waiting:
            _urge_part(batch, unit_id)
    except Busy:
        flash(language().say(t("The system is busy just now: some units still wait.")), "warning")
    if waiting:
        count = len(load_batch(db(), actor(), batch.id).urges)
        flash(language().say(t("Assignments urged: %(count)s.", count=count)), "success")
    return see_other(url_for("urging.outcome", entry_id=batch.id))


def _urge_part(batch: JournalEntry, unit_id: int) -> None:
    try:
        with writing() as session:
            urge_part(session, actor(), clock(), batch, unit_id)
            session.commit()
    except Busy:
        raise
    except DomainError as refusal:
        with writing() as session:
            leave_part(session, actor(), clock(), batch, unit_id, refusal.text)
            session.commit()


def _preview() -> Preview:
    """Of the filter in the address, of what a batch left, or of one assignment."""
    single, left = asked_id("assignment"), asked_id("left")
    if single is not None:
        return preview_some(db(), actor(), clock(), [single])
    if left is not None:
        ids = [each.id for each, _ in load_batch(db(), actor(), left).left]
        return preview_some(db(), actor(), clock(), ids)
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
    single, left = asked_id("assignment"), asked_id("left")
    query, back = write_filter(wanted), tasks_url(wanted)
    if single is not None:
        query, back = {"assignment": single}, url_for("assignments.show", assignment_id=single)
    elif left is not None:
        query, back = {"left": left}, url_for("urging.outcome", entry_id=left)
    whole = single is None and left is None
    return render_template(
        "urging/preview.html",
        found=found,
        form=form,
        ticked=set(form.ids.data or []),
        narrowed=chips(wanted, choices(db(), actor())) if whole else [],
        query=query,
        single=single,
        left=left,
        back=back,
        most_open=PAGE_SIZE,
    )
