"""The forms of the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from planner.domain.errors import BadInput, BadUpload
from planner.domain.text import N_, t
from planner.domain.words import Cause, ReturnKind
from planner.services.acceptance import AcceptForm
from planner.services.breakdown import DraftForm, NodeForm
from planner.services.evidence import EvidenceForm
from planner.services.findings import FindingForm
from planner.services.handing_in import SubmissionForm
from planner.services.reviewing import ReturnForm
from planner.services.steering import CancelForm, ReassignForm
from planner.services.steps import MAX_DOCUMENT, MAX_MEASURE, MAX_TEXT
from planner.services.urging import MAX_NAME
from planner.web.addresses import row_number
from planner.web.context import language
from planner.web.forms import MAX_DIGITS, PlannerForm, QuantityField
from planner.web.presentation import name_of

LONG = Length(max=MAX_TEXT)


def long_text(label: str, rows: int = 3, required: bool = False) -> TextAreaField:
    """A field for what a person writes."""
    validators = [InputRequired(), LONG] if required else [Optional(), LONG]
    return TextAreaField(label, validators, render_kw={"rows": rows})


class Ticks(SelectMultipleField):  # type: ignore[misc, unused-ignore]
    """Check boxes, one a choice."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def cause_field(label: str, causes: Iterable[Cause]) -> SelectField:
    """The class of a reason; nothing is chosen for anybody."""

    def choices() -> list[Any]:
        first = SelectChoice("", language().say(t("Please choose")))
        return [first, *(SelectChoice(each.value, name_of(each)) for each in causes)]

    return SelectField(label, [InputRequired()], choices=choices)


class AcknowledgeFields(PlannerForm):
    """Sign for: nothing but the button."""


class IssueFields(PlannerForm):
    """Issue: nothing but the button."""


class WithdrawFields(PlannerForm):
    """Withdraw: nothing but the button."""


class BreakDownFields(PlannerForm):
    """A yearly node."""

    year = IntegerField(N_("Year"), [InputRequired()])
    text = long_text(N_("What is owed that year"), 2, required=True)
    due_on = DateField(N_("Due date"), [InputRequired()])
    amount = QuantityField(N_("Amount of that year"), [Optional()])
    measure = StringField(N_("Measured in"), [Optional(), Length(max=MAX_MEASURE)])
    weight = QuantityField(N_("Weight"), [InputRequired()], default=Decimal(1))

    def node(self) -> NodeForm:
        """As the service takes it."""
        return NodeForm(
            year=self.year.data or 0,
            text=self.text.data or "",
            due_on=self.due_on.data,
            amount=self.amount.data,
            measure=self.measure.data,
            weight=self.weight.data or Decimal(0),
        )


class DraftFields(PlannerForm):
    """What a draft can be changed to."""

    unit_id = SelectField(N_("Unit"), coerce=row_number, validate_choice=False)
    text = long_text(N_("What is owed"), 3, required=True)
    due_on = DateField(N_("Due date"), [InputRequired()])
    amount = QuantityField(N_("Target amount"), [Optional()])
    measure = StringField(N_("Measured in"), [Optional(), Length(max=MAX_MEASURE)])
    weight = QuantityField(N_("Weight"), [InputRequired()])

    def draft(self) -> DraftForm:
        """As the service takes it."""
        return DraftForm(
            text=self.text.data or "",
            unit_id=self.unit_id.data or None,
            due_on=self.due_on.data,
            amount=self.amount.data,
            measure=self.measure.data,
            weight=self.weight.data or Decimal(0),
        )


class ProofFields(PlannerForm):
    """Evidence: new files, files that wait in staging, links, and proof handed in before."""

    files = MultipleFileField(N_("Files"))
    tokens = Ticks(N_("Uploaded files"), validate_choice=False)
    links = long_text(N_("Links, one a line"), 2)
    cited = Ticks(N_("Proof handed in before"), coerce=row_number, validate_choice=False)
    upload_errors: Sequence[BadUpload] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Also false where a file was refused; the others wait in staging."""
        valid = bool(super().validate(extra_validators))
        refused = [language().say(error.text) for error in self.upload_errors]
        self.files.errors = [*self.files.errors, *refused]
        return valid and not refused

    def refuse(self, error: BadInput | BadUpload) -> None:
        """A refusal of the evidence stands beside the files."""
        if getattr(error, "field", None) == "evidence":
            self.files.errors = [*self.files.errors, language().say(error.text)]
        else:
            super().refuse(error)

    def evidence(self) -> EvidenceForm:
        """As the service takes it."""
        return EvidenceForm(
            tokens=tuple(self.tokens.data or ()),
            links=tuple(
                line.strip() for line in (self.links.data or "").splitlines() if line.strip()
            ),
            cited=tuple(self.cited.data or ()),
        )


class ReportFields(ProofFields):
    """A progress report; the page offers the periods that it can answer."""

    period = SelectField(N_("Answers the periodic report of"), validate_choice=False)
    text = long_text(N_("Progress"), 3, required=True)
    percent = IntegerField(
        N_("Done so far, in percent"), [InputRequired(), NumberRange(min=0, max=100)]
    )
    amount = QuantityField(N_("Amount reached so far, in total"), [Optional()])
    problems = long_text(N_("Problems"), 2)
    next_steps = long_text(N_("Next steps"), 2)
    coordination = long_text(N_("What needs coordination"), 2)

    def submission(self) -> SubmissionForm:
        """As the service takes it."""
        return SubmissionForm(
            text=self.text.data or "",
            problems=self.problems.data,
            next_steps=self.next_steps.data,
            coordination=self.coordination.data,
            percent=self.percent.data,
            amount=self.amount.data,
            evidence=self.evidence(),
            period=self.period.data,
        )


class SubmitFields(ProofFields):
    """A submission for completion."""

    text = long_text(N_("What was done"), 4, required=True)
    amount = QuantityField(N_("Amount reached, in total"), [Optional()])

    def submission(self) -> SubmissionForm:
        """As the service takes it."""
        return SubmissionForm(
            text=self.text.data or "", amount=self.amount.data, evidence=self.evidence()
        )


class ConfirmFields(PlannerForm):
    """An amount of a report."""

    submission_id = HiddenField()
    amount = QuantityField(N_("Amount verified now"), [InputRequired()])

    def report_id(self) -> int:
        """The report, or 0, which none has."""
        given = self.submission_id.data or ""
        return int(given) if given.isdecimal() and len(given) < MAX_DIGITS else 0

    def quantity(self) -> Decimal:
        """The amount, or 0, which the rule refuses."""
        return self.amount.data or Decimal(0)


class AcceptFields(PlannerForm):
    """An acceptance; the choices are set by the page."""

    ticked = Ticks(N_("Proof list"), coerce=row_number, validate_choice=False)
    amount = QuantityField(N_("Amount verified now"), [Optional()])
    tier = SelectField(N_("Grade of the work"), validate_choice=False)
    rating = QuantityField(N_("Rating, 0 to 100"), [Optional()])
    final = BooleanField(N_("Accept as final below the target"))
    reason = long_text(N_("Remark or reason"), 2)

    def acceptance(self) -> AcceptForm:
        """As the service takes it."""
        return AcceptForm(
            ticked=frozenset(self.ticked.data or ()),
            amount=self.amount.data,
            tier=self.tier.data,
            rating=self.rating.data,
            final=bool(self.final.data),
            reason=self.reason.data,
        )


class ReturnFields(PlannerForm):
    """A return for rework."""

    kind = RadioField(
        N_("Kind"),
        [InputRequired()],
        choices=[SelectChoice(each.value, each.value) for each in ReturnKind],
        default=ReturnKind.AMEND,
    )
    reason = long_text(N_("Reason, and what has to be mended"), 3, required=True)
    rework_on = DateField(N_("To be handed in again by"), [Optional()])

    def refusal(self) -> ReturnForm:
        """As the service takes it."""
        return ReturnForm(ReturnKind(self.kind.data), self.reason.data or "", self.rework_on.data)


class ReopenFields(PlannerForm):
    """Opening again."""

    reason = long_text(N_("Reason"), 2, required=True)
    withdraw_verified = BooleanField(N_("Also withdraw what was verified"))


class FindUntrueFields(PlannerForm):
    """Evidence found untrue; the page offers the submissions that have any."""

    submission_id = SelectField(
        N_("Which evidence is untrue"),
        coerce=row_number,
        validate_choice=False,
        choices=[],
        default=0,
    )
    reason = long_text(N_("What shows that it is untrue"), 3, required=True)

    def finding(self) -> FindingForm:
        """As the service takes it."""
        return FindingForm(self.submission_id.data or 0, self.reason.data or "")


class RevokeFindingFields(PlannerForm):
    """Taking a finding back."""

    reason = long_text(N_("Reason"), 2, required=True)


class UrgeFields(PlannerForm):
    """A demand."""

    text = long_text(N_("What you demand"), 2, required=True)
    answer_by = DateField(N_("Answer by"), [InputRequired()])
    spoken_to = StringField(N_("Spoken to by telephone"), [Optional(), Length(max=MAX_NAME)])


class AnswerFields(PlannerForm):
    """What the unit says to an urge."""

    urge_id = SelectField(
        N_("Which urge"), coerce=row_number, validate_choice=False, choices=[], default=0
    )
    text = long_text(N_("Answer"), 3, required=True)


class Marked:
    """Marks a field as required where the page shows it; the service says whether it is."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, form: object, field: object) -> None:
        """Nothing is refused here."""


class CancelFields(PlannerForm):
    """Taking out of the plan."""

    reason = long_text(N_("Reason"), 2, required=True)
    cancel_class = cause_field(N_("Class"), Cause)
    document = StringField(N_("Document number"), [Marked(), Length(max=MAX_DOCUMENT)])

    def cancellation(self) -> CancelForm:
        """As the service takes it."""
        return CancelForm(
            self.reason.data or "", Cause(self.cancel_class.data), self.document.data or ""
        )


class ReassignFields(PlannerForm):
    """Handing to another unit."""

    unit_id = SelectField(N_("New unit"), coerce=row_number, validate_choice=False)
    reason = long_text(N_("Reason"), 2, required=True)
    due_on = DateField(N_("Fresh due date"), [InputRequired()])

    def reassignment(self) -> ReassignForm:
        """As the service takes it."""
        return ReassignForm(self.unit_id.data or 0, self.reason.data or "", self.due_on.data)
