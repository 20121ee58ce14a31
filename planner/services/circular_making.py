"""Making a circular: the words are checked, and what left the house is noted in the journal."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from sqlalchemy.orm import Session

from planner.documents.circular_words import CircularWords
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.scores.period import Period
from planner.domain.text import t
from planner.models import JournalEntry
from planner.services import journal
from planner.services.slips import MAX_ISSUER
from planner.services.steps import MAX_DOCUMENT, MAX_TEXT, one_line, optional_text, required_text
from planner.services.urging import MAX_NAME

MAX_TITLE, MAX_NAMES = 200, 500
"""Characters of a title, and of those whom a circular goes to."""

MADE = "circular"
"""The verb of the journal's entry."""


def checked(words: CircularWords) -> CircularWords:
    """The same as it is printed. Raises BadInput for what is empty or too long, or answered before
    it was issued.
    """
    if words.answer_by < words.on:
        raise BadInput(t("The answer cannot be due before the circular is dated."), "answer_by")
    return replace(
        words,
        title=required_text(words.title, "title", MAX_TITLE),
        number=optional_text(one_line(words.number), "number", MAX_DOCUMENT) or "",
        issuer=required_text(one_line(words.issuer), "issuer", MAX_ISSUER),
        signatory=optional_text(one_line(words.signatory), "signatory", MAX_NAME) or "",
        addressees=required_text(one_line(words.addressees), "addressees", MAX_NAMES),
        introduction=required_text(words.introduction, "introduction", MAX_TEXT),
        requirements=required_text(words.requirements, "requirements", MAX_TEXT),
        copies=optional_text(one_line(words.copies), "copies", MAX_NAMES) or "",
    )


def record_made(
    db: Session,
    actor: Actor,
    clock: Clock,
    subject: str,
    period: Period,
    words: CircularWords,
    ending: str,
    content: bytes,
    revision: int | None = None,
) -> JournalEntry:
    """Note that this file was made, so that a circular that goes round can be told to be ours.

    `subject` is what it tells of: a plan, or an assessment, of which it is a `revision`.
    """
    return journal.record(
        db,
        actor,
        clock,
        MADE,
        subject,
        document=words.number or None,
        title=one_line(words.title),
        issuer=words.issuer,
        period=period.key,
        revision=revision,
        format=ending,
        sha256=sha256(content).hexdigest(),
    )
