"""The forms of a task: adding one, adding rows, its completion standard and proof list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from planner.domain.reporting import MOST_WORKDAYS, WORKDAYS, Reporting
from planner.domain.text import N_
from planner.domain.words import Method, Origin, Part, Rhythm, TaskKind
from planner.models import Task
from planner.services.reports import reporting_of
from planner.services.steps import MAX_DOCUMENT, MAX_MEASURE, MAX_TEXT
from planner.services.tasks import (
    MAX_NAME,
    MAX_NUMBER,
    ProofLine,
    RowForm,
    StandardForm,
    TaskForm,
)
from planner.web.assignment_forms import Ticks
from planner.web.forms import PlannerForm, QuantityField
from planner.web.presentation import name_of

ADDED_ORIGINS = (Origin.YEARLY_PROGRAMME, Origin.SUPERIOR, Origin.MEETING, Origin.DIRECTIVE)
ADDED_KINDS = (TaskKind.ONCE, TaskKind.STANDING)

LONG = Length(max=MAX_TEXT)


def _area(label: str, rows: int, *more: Any) -> TextAreaField:
    return TextAreaField(label, [*(more or (Optional(),)), LONG], render_kw={"rows": rows})


def _words(words: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(word, name_of(word)) for word in words]


class StandardFields(PlannerForm):
    """What counts as done, and what proves it."""

    completion_standard = _area(N_("Completion standard"), 3)
    proof = _area(N_("Proof that must be handed in, one item a line"), 3)
    optional_proof = _area(N_("Proof that may be handed in, one item a line"), 2)
    evidence_required = BooleanField(N_("Nothing is handed in without evidence"), default=True)

    def show(self, task: Task) -> None:
        """Fill in what the task says now."""
        self.completion_standard.data = task.completion_standard
        self.proof.data = "\n".join(each.item for each in task.proof_items if each.required)
        self.optional_proof.data = "\n".join(
            each.item for each in task.proof_items if not each.required
        )
        self.evidence_required.data = task.evidence_required
        self.seen.data = str(task.version)

    def standard(self) -> StandardForm:
        """As the service takes it: what must be handed in first."""
        must = [ProofLine(line) for line in (self.proof.data or "").splitlines()]
        may = [ProofLine(line, False) for line in (self.optional_proof.data or "").splitlines()]
        return StandardForm(
            completion_standard=self.completion_standard.data,
            proof=[*must, *may],
            evidence_required=bool(self.evidence_required.data),
        )


class ReportingFields(PlannerForm):
    """How often a task asks for a report, and by when."""

    every = SelectField(N_("A report"))
    workdays = IntegerField(
        N_("Within working days after the period"), [Optional(), NumberRange(1, MOST_WORKDAYS)]
    )
    day = IntegerField(
        N_("Or by this day of the following month"), [Optional(), NumberRange(1, 31)]
    )
    since = DateField(N_("First for the period of"), [InputRequired()])

    def show(self, task: Task, today: date) -> None:
        """Fill in what is asked for now, or what is usual."""
        asked = reporting_of(task) or Reporting(Rhythm.QUARTER)
        self.every.data, self.day.data = asked.every, asked.day
        self.workdays.data = None if asked.day else asked.workdays or WORKDAYS
        self.since.data = today
        self.seen.data = str(task.version)

    def offer(self) -> None:
        """Give the field its choices."""
        self.every.choices = _words(Rhythm)

    def reporting(self) -> Reporting:
        """As the service takes it."""
        return Reporting(Rhythm(self.every.data), self.workdays.data, self.day.data)


class EndReportingFields(PlannerForm):
    """Asking for no more reports: nothing but the button."""


class RowFields(PlannerForm):
    """What units are to owe."""

    unit_ids = Ticks(N_("Units"), coerce=int, validate_choice=False)
    text = _area(N_("What is owed"), 3, InputRequired())
    part = SelectField(N_("Part"))
    due_on = DateField(N_("Due date"), [InputRequired()])
    method = SelectField(N_("How credit is counted"))
    amount = QuantityField(N_("Target amount, for each unit"), [Optional()], places=None)
    measure = StringField(N_("Measured in"), [Optional(), Length(max=MAX_MEASURE)])
    weight = QuantityField(N_("Weight"), [InputRequired()], default=Decimal(1), places=None)

    def offer(self, units: Sequence[tuple[int, str]]) -> None:
        """Give the fields their choices."""
        self.unit_ids.choices = [(str(unit_id), name) for unit_id, name in units]
        self.part.choices = _words(Part)
        self.method.choices = _words(Method)

    def row(self) -> RowForm:
        """As the service takes it."""
        return RowForm(
            text=self.text.data or "",
            unit_ids=tuple(self.unit_ids.data or ()),
            due_on=self.due_on.data,
            part=Part(self.part.data),
            method=Method(self.method.data),
            amount=self.amount.data,
            measure=self.measure.data,
            weight=self.weight.data or Decimal(0),
        )


class TaskFields(RowFields, StandardFields):
    """A new task with its first assignments."""

    action_id = SelectField(N_("Action"), coerce=int)
    number = StringField(N_("Number"), [InputRequired(), Length(max=MAX_NUMBER)])
    sentence = _area(N_("The source's exact sentence"), 3, InputRequired())
    section = StringField(N_("Where it stands in the source"), [Optional(), Length(max=MAX_NAME)])
    origin = SelectField(N_("Origin"))
    document_number = StringField(N_("Document number"), [Optional(), Length(max=MAX_DOCUMENT)])
    kind = SelectField(N_("Kind"))

    def offer_all(
        self, units: Sequence[tuple[int, str]], actions: Sequence[tuple[int, str]]
    ) -> None:
        """Give all fields their choices."""
        self.offer(units)
        self.action_id.choices = [(str(key), name) for key, name in actions]
        self.origin.choices = _words(ADDED_ORIGINS)
        self.kind.choices = _words(ADDED_KINDS)

    def task(self) -> TaskForm:
        """As the service takes it."""
        return TaskForm(
            action_id=self.action_id.data,
            number=self.number.data or "",
            sentence=self.sentence.data or "",
            section=self.section.data,
            origin=Origin(self.origin.data),
            document_number=self.document_number.data,
            kind=TaskKind(self.kind.data),
            standard=self.standard(),
            row=self.row(),
        )
