"""The form of a circular's words."""

from __future__ import annotations

from dataclasses import asdict

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from planner.documents.circular_words import CircularWords
from planner.domain.text import N_
from planner.services.circular_making import MAX_NAMES, MAX_TITLE
from planner.services.slips import MAX_ISSUER
from planner.services.steps import MAX_DOCUMENT, MAX_TEXT
from planner.services.urging import MAX_NAME
from planner.web.forms import PlannerForm


class CircularFields(PlannerForm):
    """Everything in a circular but its figures."""

    title = TextAreaField(
        N_("Title"), [InputRequired(), Length(max=MAX_TITLE)], render_kw={"rows": 2}
    )
    number = StringField(N_("Document number"), [Optional(), Length(max=MAX_DOCUMENT)])
    issuer = StringField(N_("Issued by"), [InputRequired(), Length(max=MAX_ISSUER)])
    signatory = StringField(N_("Signatory"), [Optional(), Length(max=MAX_NAME)])
    addressees = StringField(N_("Addressees"), [InputRequired(), Length(max=MAX_NAMES)])
    copies = StringField(N_("Copies to"), [Optional(), Length(max=MAX_NAMES)])
    introduction = TextAreaField(
        N_("Introduction"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 3}
    )
    requirements = TextAreaField(
        N_("What is asked next"), [InputRequired(), Length(max=MAX_TEXT)], render_kw={"rows": 8}
    )
    answer_by = DateField(N_("Answer by"), [InputRequired()])
    on = DateField(N_("Dated"), [InputRequired()])

    @classmethod
    def proposing(cls, words: CircularWords) -> CircularFields:
        """The form filled with what is proposed."""
        return cls(formdata=None, data=asdict(words))

    def words(self) -> CircularWords:
        """What the service takes. Raises ValueError for a form whose days are not valid."""
        on, answer_by = self.on.data, self.answer_by.data
        if on is None or answer_by is None:
            raise ValueError("this form is not valid")
        return CircularWords(
            title=self.title.data or "",
            number=self.number.data or "",
            issuer=self.issuer.data or "",
            signatory=self.signatory.data or "",
            addressees=self.addressees.data or "",
            introduction=self.introduction.data or "",
            requirements=self.requirements.data or "",
            answer_by=answer_by,
            copies=self.copies.data or "",
            on=on,
        )
