"""The review queue as a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from planner.domain.names import NAMES
from planner.domain.text import Text, t
from planner.domain.words import SubmissionKind
from planner.services.export import Column
from planner.services.review_queue import WaitingRound


def _unit(each: WaitingRound) -> str | None:
    unit = each.submission.assignment.unit
    return unit.name if unit else None


def _round(each: WaitingRound) -> int | None:
    """Only completions have rounds."""
    completion = each.submission.kind == SubmissionKind.COMPLETION
    return each.submission.round if completion else None


def _kind(each: WaitingRound) -> Text:
    return NAMES[SubmissionKind(each.submission.kind)]


def _verified(each: WaitingRound) -> Decimal | None:
    """An amount, where there is one to compare it with."""
    return each.verified if each.submission.assignment.amount is not None else None


COLUMNS: Sequence[Column[WaitingRound]] = (
    Column(t("Number"), 8, lambda each: each.submission.assignment.task.number),
    Column(t("Unit"), 20, _unit),
    Column(t("Year"), 8, lambda each: each.submission.assignment.year),
    Column(t("What is owed"), 48, lambda each: each.submission.assignment.text),
    Column(t("Submission"), 12, _kind),
    Column(t("Round"), 8, _round),
    Column(t("Handed in"), 12, lambda each: each.submission.on),
    Column(t("Person"), 12, lambda each: each.submission.by.name),
    Column(t("Working days waiting"), 10, lambda each: each.days),
    Column(t("Claimed amount"), 10, lambda each: each.submission.amount),
    Column(t("Verified"), 10, _verified),
    Column(t("Measure"), 8, lambda each: each.submission.assignment.measure),
)
"""What the queue is exported with."""
