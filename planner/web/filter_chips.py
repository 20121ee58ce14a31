"""What a list is narrowed to, in words, each with the address without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from planner.domain.names import NAMES
from planner.domain.scores.period import Period
from planner.domain.text import Text, t
from planner.services.task_choices import Choices
from planner.services.task_list import TaskFilter
from planner.web.task_filter import tasks_url

WHOSE_NAMES = {
    "own": t("My unit's"),
    "family": t("My unit's and its subordinates'"),
    "led": t("Led by my unit"),
}
DRAFT_NAMES = {
    "ready": t("Drafts ready to be issued"),
    "no-unit": t("Drafts without unit"),
    "no-members": t("Unit groups without members"),
}

REPORT_NAMES = {
    "open": t("Owes a periodic report"),
    "overdue": t("Periodic report overdue"),
}


@dataclass(frozen=True)
class Chip:
    """One part of the filter, and the address of the list without it."""

    text: Text
    without: str


def chips(wanted: TaskFilter, choices: Choices) -> list[Chip]:
    """What narrows the list, in the order of the form; the order of lines is none of it."""
    return [
        Chip(text, tasks_url(replace(wanted, **without)))
        for text, without in _parts(wanted, choices)
    ]


def _parts(wanted: TaskFilter, choices: Choices) -> Iterator[tuple[Text, dict[str, Any]]]:
    if wanted.text:
        yield t("Text: %(words)s", words=wanted.text), {"text": ""}
    if wanted.task is not None:
        yield t("One task"), {"task": None}
    if wanted.unit is not None:
        yield _chosen(t("Unit"), wanted.unit, choices.units), {"unit": None}
    if wanted.action is not None:
        yield _chosen(t("Action"), wanted.action, choices.actions), {"action": None}
    for state in sorted(wanted.states):
        yield NAMES[state], {"states": wanted.states - {state}}
    for word, name in ((wanted.part, "part"), (wanted.origin, "origin")):
        if word is not None:
            yield NAMES[word], {name: None}
    yield from _dates(wanted)
    yield from _long(wanted)
    yield from _kinds(wanted)


def _dates(wanted: TaskFilter) -> Iterator[tuple[Text, dict[str, Any]]]:
    if wanted.overdue is not None:
        yield (t("Overdue") if wanted.overdue else t("Not overdue")), {"overdue": None}
    if wanted.due_from:
        yield _on(t("Due from"), wanted.due_from), {"due_from": None}
    if wanted.due_to:
        yield _on(t("Due to"), wanted.due_to), {"due_to": None}
    if wanted.year is not None:
        yield t("Year %(year)s", year=str(wanted.year)), {"year": None}
    if wanted.counted is not None:
        yield _counted(wanted.counted), {"counted": None}
    if wanted.due_in is not None:
        yield t("Due to date"), {"due_in": None}
    if wanted.accepted is not None:
        yield t("Accepted in %(year)s", year=str(wanted.accepted)), {"accepted": None}
    if wanted.accepted_since:
        yield _on(t("Accepted since"), wanted.accepted_since), {"accepted_since": None}


def _long(wanted: TaskFilter) -> Iterator[tuple[Text, dict[str, Any]]]:
    if wanted.late is not None:
        yield t("Overdue by %(n)s working days or more", n=wanted.late), {"late": None}
    if wanted.asked is not None:
        said = t("A request has been open for %(n)s working days or more", n=wanted.asked)
        yield said, {"asked": None}
    if wanted.waited is not None:
        said = t("Waiting for review for %(n)s working days or more", n=wanted.waited)
        yield said, {"waited": None}
    if wanted.silent:
        yield t("Urged without answer"), {"silent": False}


def _counted(period: Period) -> Text:
    if period.year is None:
        return t("Counted in the score of the whole plan")
    return t("Counted in the score of %(year)s", year=str(period.year))


def _kinds(wanted: TaskFilter) -> Iterator[tuple[Text, dict[str, Any]]]:
    if wanted.whose:
        yield WHOSE_NAMES[wanted.whose], {"whose": None}
    if wanted.draft:
        yield DRAFT_NAMES[wanted.draft], {"draft": None}
    if wanted.undivided == 0:
        yield t("Not yet broken down by year"), {"undivided": None}
    elif wanted.undivided is not None:
        year = str(wanted.undivided)
        yield t("Not yet broken down for %(year)s", year=year), {"undivided": None}
    if wanted.report:
        yield REPORT_NAMES[wanted.report], {"report": None}
    for given, name, text in (
        (wanted.returned, "returned", t("Returned")),
        (wanted.review, "review", t("Waiting for my review")),
        (wanted.consent, "consent", t("Waiting for consent")),
        (wanted.untrue, "untrue", t("Evidence found untrue")),
    ):
        if given:
            yield text, {name: False}


def _chosen(what: Text, key: int, names: Any) -> Text:
    name = dict(names).get(key, str(key))
    return t("%(what)s: %(name)s", what=what, name=name)


def _on(what: Text, day: date) -> Text:
    return t("%(what)s: %(name)s", what=what, name=day)
