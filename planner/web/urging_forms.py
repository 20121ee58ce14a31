"""The form that urges a whole list, with or without a slip."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from planner.domain.errors import BadInput, BadUpload
from planner.domain.text import N_, t
from planner.domain.words import SlipKind
from planner.services.slips import MAX_ISSUER, SlipForm
from planner.services.steps import MAX_DOCUMENT, MAX_TEXT
from planner.services.urging import MAX_NAME
from planner.services.urging_many import Demand
from planner.web.addresses import row_number
from planner.web.context import language
from planner.web.forms import PlannerForm
from planner.web.presentation import name_of

NO_SLIP = "none"


def _slip_choices() -> list[Any]:
    without = SelectChoice(NO_SLIP, language().say(t("No slip: a message only")))
    return [without, *(SelectChoice(kind.value, name_of(kind)) for kind in SlipKind)]


class UrgeManyFields(PlannerForm):
    """Which of the list, what is demanded until when, and on which paper."""

    ids = SelectMultipleField(
        N_("Assignments"), coerce=row_number, validate_choice=False, choices=[]
    )
    text = TextAreaField(
        N_("What you demand"),
        [InputRequired(), Length(max=MAX_TEXT)],
        render_kw={"rows": 3},
    )
    answer_by = DateField(N_("Answer by"), [InputRequired()])
    slip = RadioField(N_("On paper"), choices=_slip_choices, default=NO_SLIP)
    number_notice = StringField(N_("First number"), [Optional(), Length(max=MAX_DOCUMENT)])
    number_demand = StringField(N_("First number"), [Optional(), Length(max=MAX_DOCUMENT)])
    number_supervision = StringField(N_("First number"), [Optional(), Length(max=MAX_DOCUMENT)])
    issuer = StringField(N_("Issued by"), [Optional(), Length(max=MAX_ISSUER)])
    signatory = StringField(N_("Signatory"), [Optional(), Length(max=MAX_NAME)])

    @property
    def kind(self) -> SlipKind | None:
        """The slip that was chosen."""
        return None if self.slip.data in (None, NO_SLIP) else SlipKind(self.slip.data)

    def demand(self) -> Demand:
        """What the service takes."""
        return Demand(self.text.data or "", self.answer_by.data, self._slip())

    def _slip(self) -> SlipForm | None:
        kind = self.kind
        if kind is None:
            return None
        number = self[f"number_{kind}"].data or ""
        return SlipForm(kind, number, self.issuer.data or "", self.signatory.data or "")

    def refuse(self, error: BadInput | BadUpload) -> None:
        """A refused number stands beside the field of its kind."""
        if getattr(error, "field", None) == "number" and self.kind is not None:
            error = BadInput(error.text, f"number_{self.kind}")
        elif getattr(error, "field", None) == "ids":
            error = BadInput(error.text)
        super().refuse(error)
