"""The forms of indicators: a reading, a decision, a base, a consumption sheet."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional

from planner.domain.energy import AREA, HEADCOUNT, WATER, EnergyRules
from planner.domain.errors import BadInput, BadUpload
from planner.domain.text import N_
from planner.services.consumption import SheetForm
from planner.services.indicator_bases import BaseForm
from planner.services.readings import MAX_SOURCE, ReadingForm
from planner.web.assignment_forms import ProofFields, long_text
from planner.web.forms import PlannerForm, QuantityField

SOURCE = (InputRequired(), Length(max=MAX_SOURCE))
CARRIER = "used_"
"""Begins the names of a sheet's fields, so that a key of the plan file is never another's name."""


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


class EnterFields(ProofFields):
    """A year's value; `sure` is the value that was said to be right although it looks wrong."""

    year = IntegerField(N_("Year"), [InputRequired()])
    value = QuantityField(N_("Value"), [InputRequired()])
    source = StringField(N_("Where the number comes from"), SOURCE)
    estimated_by = long_text(N_("Where it is estimated: by which rule"), 2)
    sure = StringField(N_("The value is right as it stands"))

    def reading(self) -> ReadingForm:
        """As the service takes it."""
        return ReadingForm(
            year=self.year.data or 0,
            value=self.value.data,
            source=self.source.data or "",
            estimated_by=self.estimated_by.data,
            evidence=self.evidence(),
            sure=_number(self.sure.data),
        )


class LoneFields(PlannerForm):
    """Confirm, or take back: nothing but the button."""


class RefuseFields(PlannerForm):
    """A refusal."""

    reason = long_text(N_("Reason, and what has to be mended"), 2, required=True)


class BaseFields(PlannerForm):
    """A base that the lead settles."""

    value = QuantityField(N_("Base that counts"), [InputRequired()])
    reason = long_text(N_("Reason"), 3, required=True)
    sure = StringField(N_("The value is right as it stands"))

    def base(self) -> BaseForm:
        """As the service takes it."""
        return BaseForm(self.value.data, self.reason.data or "", _number(self.sure.data))


class SheetFields(ProofFields):
    """A consumption sheet; `sheet_fields` adds what the plan counts."""

    year = IntegerField(N_("Year"), [InputRequired()])
    source = StringField(N_("Where the numbers come from"), SOURCE)
    estimated_by = long_text(N_("Where they are estimated: by which rule"), 2)
    previewed = HiddenField()
    sure = StringField(N_("The results are right as they stand"), [Optional()])

    def sheet(self) -> SheetForm:
        """As the service takes it."""
        used = {
            name.removeprefix(CARRIER): field.data
            for name, field in self._fields.items()
            if name.startswith(CARRIER)
        }
        return SheetForm(
            year=self.year.data or 0,
            used=used,
            source=self.source.data or "",
            estimated_by=self.estimated_by.data,
            evidence=self.evidence(),
            previewed=self.previewed.data or "",
            sure=self.sure.data or "",
        )

    def refuse(self, error: BadInput | BadUpload) -> None:
        """A refusal of a number stands beside it."""
        named = f"{CARRIER}{getattr(error, 'field', None) or ''}"
        if isinstance(error, BadInput) and named in self._fields:
            error = BadInput(error.text, named)
        super().refuse(error)


def sheet_fields(rules: EnergyRules) -> type[SheetFields]:
    """The form of a sheet with a field for everything that the plan counts."""
    keys = (*(each.key for each in rules.carriers), WATER, HEADCOUNT, AREA)
    more = {f"{CARRIER}{key}": QuantityField(key, [InputRequired()]) for key in keys}
    return type("PlansSheetFields", (SheetFields,), more)
