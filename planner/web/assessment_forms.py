"""The forms of an assessment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from planner.domain.scores.lines import Line
from planner.domain.scores.period import Period
from planner.domain.text import N_
from planner.domain.words import Outcome
from planner.models import Plan
from planner.services.appeals import AppealDecision
from planner.services.assessments import MAX_NAME, Opening
from planner.services.self_assessments import MAX_WORD, SelfScore, subject_of
from planner.services.steps import MAX_DOCUMENT, MAX_TEXT
from planner.web.choices import period_name
from planner.web.forms import PlannerForm, QuantityField

HUNDRED = Decimal(100)


class OpeningFields(PlannerForm):
    """Open an assessment."""

    name = StringField(N_("Name of the assessment"), [InputRequired(), Length(max=MAX_NAME)])
    period = SelectField(N_("Period"), [InputRequired()])
    cut_off = DateField(N_("Cut-off"), [InputRequired()])
    self_due_on = DateField(N_("Self-assessment by"), [InputRequired()])
    converted_to = QuantityField(N_("100 points come to"), [InputRequired()], default=HUNDRED)

    def offer(self, plan: Plan) -> None:
        """The periods that can be assessed."""
        years = range(plan.issued_on.year, plan.ends_on.year + 1)
        keys = [*(str(year) for year in years), Period().key]
        self.period.choices = [(key, period_name(Period.parse(key))) for key in keys]

    def opening(self) -> Opening:
        """What was typed."""
        return Opening(
            self.name.data or "",
            self.period.data or "",
            self.cut_off.data,
            self.self_due_on.data,
            self.converted_to.data if self.converted_to.data is not None else HUNDRED,
        )


class StepFields(PlannerForm):
    """Go a step on: nothing but the button."""


class ApproveFields(PlannerForm):
    """Approve the result."""

    document_number = StringField(
        N_("Document number"), [InputRequired(), Length(max=MAX_DOCUMENT)]
    )


class AbandonFields(PlannerForm):
    """Give the assessment up."""

    reason = TextAreaField(
        N_("Reason"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 2}
    )


class RemarkFields(PlannerForm):
    """What the check found at a line."""

    subject = StringField()
    text = TextAreaField(
        N_("Remark"), [InputRequired(), Length(max=MAX_WORD)], render_kw={"rows": 2}
    )


class AppealFields(PlannerForm):
    """Appeal against the own result."""

    subject = SelectField(N_("What it is about"), [Optional()])
    text = TextAreaField(
        N_("What is wrong, and why"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 4}
    )


class DecideAppealFields(PlannerForm):
    """Uphold or refuse an appeal."""

    outcome = RadioField(
        N_("Decision"),
        [InputRequired()],
        choices=[SelectChoice(each, each) for each in (Outcome.GRANTED, Outcome.REFUSED)],
    )
    points = QuantityField(
        N_("Points on the total, or off it"), [Optional(), NumberRange(-100, 100)]
    )
    reason = TextAreaField(
        N_("Reason"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 2}
    )

    def decision(self) -> AppealDecision:
        """What was decided."""
        return AppealDecision(Outcome(self.outcome.data), self.reason.data or "", self.points.data)


class SelfAssessmentFields(PlannerForm):
    """A unit's self-assessment: a percentage and a word at each line, and words on the whole."""

    words = TextAreaField(
        N_("In short"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 3}
    )

    @classmethod
    def of(cls, lines: Sequence[Line]) -> type[SelfAssessmentFields]:
        """The form for these lines."""
        fields: dict[str, object] = {}
        for line in lines:
            subject = subject_of(line)
            if subject:
                fields[f"percent-{subject}"] = QuantityField(
                    N_("Percent"), [InputRequired(), NumberRange(0, 100)]
                )
                fields[f"word-{subject}"] = StringField(
                    N_("In a word"), [Optional(), Length(max=MAX_WORD)]
                )
        return type("LinesOfSelfAssessment", (cls,), fields)

    def scores(self) -> dict[str, SelfScore]:
        """What was typed, by the lines' subjects."""
        typed = {}
        for name, field in self._fields.items():
            kind, _, subject = name.partition("-")
            if kind == "percent" and field.data is not None:
                word = self._fields[f"word-{subject}"].data
                typed[subject] = SelfScore(field.data, word or "")
        return typed
