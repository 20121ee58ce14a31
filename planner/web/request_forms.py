"""The forms of requests: what units ask for, what the lead gives, and how it is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from planner.domain.request_rules import ADJUSTMENTS, CAUSES
from planner.domain.text import N_, Text, t
from planner.domain.words import Cause, RequestKind
from planner.services.request_forms import (
    AdjustmentForm,
    Decision,
    ExtendForm,
    ExtensionForm,
    ObjectionForm,
)
from planner.services.steps import MAX_DOCUMENT
from planner.web.addresses import row_number
from planner.web.assignment_forms import ProofFields, cause_field, long_text
from planner.web.context import language
from planner.web.forms import PlannerForm, QuantityField

ENDS: Mapping[str, Text] = {
    RequestKind.REASSIGN: t("Another unit is responsible"),
    RequestKind.CANCEL: t("Nobody owes it: cancelled"),
}
"""How an objection can be upheld."""

DECISIONS: Mapping[str, Text] = {
    "grant": t("Agree: it takes effect at once"),
    "refuse": t("Refuse, with a reason"),
}
"""What can be done with a request."""

SIGNATURES: Mapping[str, Text] = {
    "sign": t("Sign: it leaves the unit today"),
    "send_back": t("Send back"),
}
"""What the head can do with what waits for the signature."""


def labelled(choices: Mapping[str, Text]) -> Callable[[], list[Any]]:
    """The choices of a radio, each with its label in the reader's language."""
    return lambda: [SelectChoice(value, language().say(text)) for value, text in choices.items()]


def _chosen(field: SelectField) -> Cause | None:
    return Cause(field.data) if field.data else None


class AskExtensionFields(ProofFields):
    """More time."""

    due_on = DateField(N_("New due date"), [InputRequired()])
    cause = cause_field(N_("Class of the reason"), CAUSES)
    reason = long_text(N_("Why more time is needed"), 3, required=True)

    def asked(self) -> ExtensionForm:
        """As the service takes it."""
        return ExtensionForm(
            self.reason.data or "", _chosen(self.cause), self.due_on.data, self.evidence()
        )


class ObjectFields(ProofFields):
    """An objection or an appeal; the page offers the units."""

    reason = long_text(N_("Why it is not your unit's"), 3, required=True)
    unit_id = SelectField(
        N_("Whose it is, if you know"), coerce=row_number, validate_choice=False, default=0
    )

    def asked(self) -> ObjectionForm:
        """As the service takes it."""
        return ObjectionForm(self.reason.data or "", self.unit_id.data or None, self.evidence())


class AskAdjustmentFields(ProofFields):
    """Less, a pause or its end, or to be freed; the page offers what is possible."""

    kind = RadioField(
        N_("What should be adjusted"),
        [InputRequired()],
        choices=[SelectChoice(each.value, each.value) for each in ADJUSTMENTS],
    )
    amount = QuantityField(N_("Smaller amount"), [Optional()])
    cause = cause_field(N_("Class of the reason"), Cause)
    reason = long_text(N_("Why"), 3, required=True)

    def asked(self) -> AdjustmentForm:
        """As the service takes it."""
        return AdjustmentForm(
            RequestKind(self.kind.data),
            self.reason.data or "",
            _chosen(self.cause),
            self.amount.data,
            self.evidence(),
        )


class TakeBackFields(PlannerForm):
    """Take a request back: nothing but the button."""


class ExtendFields(PlannerForm):
    """More time that the lead gives of its own accord."""

    due_on = DateField(N_("New due date"), [InputRequired()])
    cause = cause_field(N_("Class of the reason"), CAUSES)
    reason = long_text(N_("Reason"), 2, required=True)

    def extension(self) -> ExtendForm:
        """As the service takes it."""
        return ExtendForm(self.reason.data or "", _chosen(self.cause), self.due_on.data)


class ResumeFields(PlannerForm):
    """The end of a suspension."""

    reason = long_text(N_("Reason"), 2)


class DecideFields(PlannerForm):
    """The decision on a request; the page shows the fields that its kind needs."""

    request_id = IntegerField(validators=[Optional()], widget=HiddenInput())
    decision = RadioField(
        N_("Decision"),
        [InputRequired()],
        choices=labelled(DECISIONS),
    )
    due_on = DateField(N_("Due date, to the day"), [Optional()])
    amount = QuantityField(N_("Amount, exactly"), [Optional()])
    end = RadioField(
        N_("How it is upheld"),
        [Optional()],
        choices=labelled(ENDS),
    )
    unit_id = SelectField(N_("New unit"), coerce=row_number, validate_choice=False, default=0)
    document = StringField(N_("Document number"), [Optional(), Length(max=MAX_DOCUMENT)])
    reason = long_text(N_("Reason"), 2)

    def decided(self) -> Decision:
        """As the service takes it."""
        return Decision(
            grant=self.decision.data == "grant",
            reason=self.reason.data,
            due_on=self.due_on.data,
            amount=self.amount.data,
            end=RequestKind(self.end.data) if self.end.data else None,
            unit_id=self.unit_id.data or None,
            document=self.document.data or "",
            request_id=self.request_id.data,
        )


class SignOffFields(PlannerForm):
    """What the head does with what waits for the signature."""

    sign_off_id = IntegerField(validators=[Optional()], widget=HiddenInput())
    decision = RadioField(
        N_("Decision"),
        [InputRequired()],
        choices=labelled(SIGNATURES),
    )
    reason = long_text(N_("What has to be changed"), 2)


class CallBackFields(PlannerForm):
    """Take back what waits for the signature: nothing but the button."""

    sign_off_id = IntegerField(validators=[Optional()], widget=HiddenInput())
