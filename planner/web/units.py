"""Units and unit groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from planner.domain.permissions import Area
from planner.domain.text import N_, Text, t
from planner.models import Unit, UnitGroup
from planner.services import unit_list, units
from planner.services.export import Sheet
from planner.services.unit_list import matching
from planner.web import downloads
from planner.web.access import area
from planner.web.choices import asked_text, unit_choices
from planner.web.context import actor, clock, db, language
from planner.web.forms import PlannerForm, carry_out
from planner.web.typed import takes
from planner.web.unit_forms import GroupFields, JustButton, MemberFields, UnitFields, known

bp = Blueprint("units", __name__)


@bp.get("/units")
@area(Area.MANAGE_UNITS)
def index() -> str:
    """All units as a tree, and the groups."""
    words, ranking_group = asked_text("q"), asked_text("group")
    return render_template(
        "units/index.html",
        branches=matching(units.tree(db()), words, ranking_group),
        groups=units.groups(db()),
        words=words,
        ranking_group=ranking_group,
        ranking_groups=units.words_in_use(db())[1],
    )


@bp.get(f"/units.{downloads.ENDINGS}")
@area(Area.MANAGE_UNITS)
def export(ending: str) -> Response:
    """The whole filtered list as a file."""
    found = matching(units.tree(db()), asked_text("q"), asked_text("group"))
    sheet = Sheet(language().say(t("Units")), unit_list.COLUMNS, found)
    return downloads.table(ending, f"units-{clock().today}", [sheet])


@bp.route("/units/add", methods=["GET", "POST"])
@area(Area.MANAGE_UNITS)
@takes(UnitFields)
def add() -> Any:
    """A new unit."""
    form = UnitFields()
    form.offer(units.active_units(db()))
    if request.method != "POST":
        return _unit_page(None, form)
    return carry_out(
        form,
        lambda session: units.add_unit(session, actor(), clock(), form.unit()),
        done=lambda _unit: url_for("units.index"),
        again=lambda: _unit_page(None, form),
        said=lambda unit: t("“%(unit)s” was added.", unit=unit.name),
    )


@bp.route("/units/<int:unit_id>", methods=["GET", "POST"])
@area(Area.MANAGE_UNITS)
@takes(UnitFields)
def edit(unit_id: int) -> Any:
    """One unit."""
    unit = units.load_unit(db(), unit_id)
    form = UnitFields(data=known(unit))
    form.offer(units.active_units(db()), unit)
    if request.method != "POST":
        return _unit_page(unit, form)
    return carry_out(
        form,
        lambda session: units.edit_unit(session, actor(), clock(), unit_id, form.unit()),
        done=lambda _unit: url_for("units.index"),
        again=lambda: _unit_page(unit, form),
        said=lambda changed: t("“%(unit)s” was changed.", unit=changed.name),
    )


def _unit_page(unit: Unit | None, form: UnitFields, standing: PlannerForm | None = None) -> str:
    sectors, ranking_groups = units.words_in_use(db())
    return render_template(
        "units/edit.html",
        unit=unit,
        form=form,
        standing=standing or JustButton(formdata=None),
        open_work=units.open_work(db(), unit.id) if unit else 0,
        sectors=sectors,
        ranking_groups=ranking_groups,
    )


@bp.post("/units/<int:unit_id>/deactivate")
@area(Area.MANAGE_UNITS)
def deactivate(unit_id: int) -> Any:
    """No more work for a unit."""
    return _stand(unit_id, units.deactivate_unit, t("The unit is given no more work."))


@bp.post("/units/<int:unit_id>/activate")
@area(Area.MANAGE_UNITS)
def activate(unit_id: int) -> Any:
    """Work for a unit again."""
    return _stand(unit_id, units.activate_unit, t("The unit can be given work again."))


def _stand(unit_id: int, verb: Callable[..., Unit], said: Text) -> Any:
    unit, standing = units.load_unit(db(), unit_id), JustButton()

    def again() -> str:
        form = UnitFields(formdata=None, data=known(unit))
        form.offer(units.active_units(db()), unit)
        return _unit_page(unit, form, standing)

    return carry_out(
        standing,
        lambda session: verb(session, actor(), clock(), unit_id),
        done=lambda _unit: url_for("units.edit", unit_id=unit_id),
        again=again,
        said=said,
    )


@bp.route("/units/groups/add", methods=["GET", "POST"])
@area(Area.MANAGE_UNITS)
@takes(GroupFields)
def add_group() -> Any:
    """A new, empty group."""
    form = GroupFields()

    def again() -> str:
        return render_template("units/add_group.html", form=form)

    if request.method != "POST":
        return again()
    return carry_out(
        form,
        lambda session: units.add_group(session, actor(), clock(), form.name.data or ""),
        done=lambda made: url_for("units.group", group_id=made.id),
        again=again,
        said=lambda made: t("“%(group)s” was added. Now give it members.", group=made.name),
    )


@bp.get("/units/groups/<int:group_id>")
@area(Area.MANAGE_UNITS)
def group(group_id: int) -> str:
    """One group and its members."""
    return _group_page(units.load_group(db(), group_id))


def _group_page(shown: UnitGroup, form: MemberFields | None = None) -> str:
    form = form or MemberFields(formdata=None)
    _offer_members(shown, form)
    return render_template(
        "units/group.html", group=shown, form=form, leaving=JustButton(formdata=None)
    )


def _offer_members(shown: UnitGroup, form: MemberFields) -> None:
    here = {unit.id for unit in shown.members}
    others = [unit for unit in units.active_units(db()) if unit.id not in here]
    form.unit_ids.choices = unit_choices(others, N_("No unit"))[1:]


@bp.post("/units/groups/<int:group_id>/members")
@area(Area.MANAGE_UNITS)
def add_members(group_id: int) -> Any:
    """More members; each gets its drafts at once."""
    shown, form = units.load_group(db(), group_id), MemberFields()
    _offer_members(shown, form)
    return carry_out(
        form,
        lambda session: units.add_members(session, actor(), clock(), group_id, form.chosen()),
        done=lambda _made: url_for("units.group", group_id=group_id),
        again=lambda: _group_page(shown, form),
        said=lambda made: t(
            "The members were added. Drafts made for the lead agency to issue: %(count)s.",
            count=len(made),
        ),
    )


@bp.post("/units/groups/<int:group_id>/members/<int:unit_id>/remove")
@area(Area.MANAGE_UNITS)
def remove_member(group_id: int, unit_id: int) -> Any:
    """One member less."""
    shown = units.load_group(db(), group_id)
    return carry_out(
        JustButton(),
        lambda session: units.remove_member(session, actor(), clock(), group_id, unit_id),
        done=lambda _group: url_for("units.group", group_id=group_id),
        again=lambda: _group_page(shown),
        said=t("The unit left the group. What it was given stays as it is."),
    )
