"""What a request asks for and what became of it, in words: for messages, timelines and lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from planner.domain.text import Text, t
from planner.domain.words import Outcome, RequestKind
from planner.models import Request

ASKED: Mapping[str, Text] = {
    RequestKind.CANCEL: t("Cancellation asked for"),
    RequestKind.REASSIGN: t("Reassignment asked for"),
    RequestKind.OBJECTION: t("Objection to the assignment"),
    RequestKind.SUSPENSION: t("Suspension asked for"),
    RequestKind.RESUMPTION: t("Resumption asked for"),
    RequestKind.EXEMPTION: t("Exemption asked for"),
}

_GRANTED: Mapping[str, Text] = {
    RequestKind.CANCEL: t("Cancellation granted"),
    RequestKind.REASSIGN: t("Reassignment granted"),
    RequestKind.EXEMPTION: t("Exempted: not applicable"),
}

_REFUSED: Mapping[str, Text] = {
    RequestKind.CANCEL: t("Cancellation refused"),
    RequestKind.REASSIGN: t("Reassignment refused"),
    RequestKind.EXTENSION: t("Extension refused"),
    RequestKind.OBJECTION: t("Objection refused"),
    RequestKind.REDUCTION: t("Reduction refused"),
    RequestKind.SUSPENSION: t("Suspension refused"),
    RequestKind.RESUMPTION: t("Resumption refused"),
    RequestKind.EXEMPTION: t("Exemption refused"),
}


def asked_words(request: Request) -> Text:
    """What is asked for, with the date or the amount."""
    data: Mapping[str, Any] = request.data
    if request.appeals_id is not None:
        return t("Appeal against the refused objection")
    if request.kind == RequestKind.EXTENSION:
        return t(
            "Extension to %(day)s asked for, instead of %(was)s",
            day=day_of(data["due_on"]),
            was=day_of(data["was"]),
        )
    if request.kind == RequestKind.REDUCTION:
        return t(
            "Reduction to %(amount)s asked for, instead of %(was)s",
            amount=data["amount"],
            was=data["was"],
        )
    return ASKED[request.kind]


def decided_words(request: Request) -> Text:
    """What became of a request that is not open any more."""
    if request.outcome == Outcome.GRANTED:
        return _granted_words(request)
    if request.outcome == Outcome.TAKEN_BACK:
        return t("Request taken back")
    return t("Appeal refused") if request.appeals_id is not None else _REFUSED[request.kind]


def _granted_words(request: Request) -> Text:
    granted: Mapping[str, Any] = request.granted or {}
    match request.kind:
        case RequestKind.EXTENSION:
            return extended_words(day_of(granted["due_on"]), day_of(granted["was"]))
        case RequestKind.REDUCTION:
            amount, was = granted["amount"], granted["was"]
            return t("Reduced to %(amount)s, instead of %(was)s", amount=amount, was=was)
        case RequestKind.SUSPENSION:
            return t("Suspended since %(day)s: the clock stands still", day=request.on)
        case RequestKind.RESUMPTION:
            return resumed_words(day_of(granted["due_on"]))
        case RequestKind.OBJECTION:
            handed_on = granted["end"] == RequestKind.REASSIGN
            return (
                t("Objection upheld: handed to another unit")
                if handed_on
                else t("Objection upheld: cancelled")
            )
    return _GRANTED[request.kind]


def extended_words(due_on: date, was: date) -> Text:
    """A due date that was moved."""
    return t("Extended to %(day)s, instead of %(was)s", day=due_on, was=was)


def resumed_words(due_on: date) -> Text:
    """The end of a suspension."""
    return t("Resumed: now due on %(day)s", day=due_on)


def day_of(value: str) -> date:
    """A date as a request keeps it."""
    return date.fromisoformat(value)
