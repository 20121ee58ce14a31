"""The forms of units and unit groups."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from planner.domain.text import N_
from planner.models import Unit
from planner.services.units import MAX_NAME, MAX_WORD, UnitForm, form_of
from planner.web.choices import optional_id, unit_choices
from planner.web.forms import PlannerForm


class UnitFields(PlannerForm):
    """A unit. Sectors and ranking groups are free words; those in use are offered."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=MAX_NAME)])
    superior_id = SelectField(N_("Superior unit"), coerce=optional_id)
    sector = StringField(
        N_("Sector"), [Optional(), Length(max=MAX_WORD)], render_kw={"list": "sectors"}
    )
    ranking_group = StringField(
        N_("Ranking group"),
        [Optional(), Length(max=MAX_WORD)],
        render_kw={"list": "ranking-groups"},
    )
    aliases = TextAreaField(N_("Other names"), [Optional(), Length(max=2000)])

    sign_off = BooleanField(N_("Completions and requests go through the head"))

    def offer(self, units: Iterable[Unit], present: Unit | None = None) -> None:
        """Fill the choices of the superior: never the unit itself, always its present one."""
        offered = [unit for unit in units if present is None or unit.id != present.id]
        superior = present.superior if present else None
        if superior is not None and superior.id not in {unit.id for unit in offered}:
            offered.append(superior)
        self.superior_id.choices = unit_choices(offered, N_("No superior unit"))

    def unit(self) -> UnitForm:
        """What was typed."""
        return UnitForm(
            name=self.name.data or "",
            superior_id=self.superior_id.data,
            sector=self.sector.data,
            ranking_group=self.ranking_group.data,
            aliases=tuple(filter(None, map(str.strip, (self.aliases.data or "").splitlines()))),
            sign_off=bool(self.sign_off.data),
        )


def known(unit: Unit) -> dict[str, Any]:
    """What is known of a unit, as the fields hold it: other names one a line."""
    values = dataclasses.asdict(form_of(unit))
    return {**values, "aliases": "\n".join(unit.aliases)}


class GroupFields(PlannerForm):
    """A new group."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=MAX_NAME)])


class MemberFields(PlannerForm):
    """Units that join a group."""

    unit_ids = SelectMultipleField(
        N_("Units to add"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def chosen(self) -> list[int]:
        """The units that were ticked."""
        return [int(unit_id) for unit_id in self.unit_ids.data or []]


class JustButton(PlannerForm):
    """Nothing but the button."""
