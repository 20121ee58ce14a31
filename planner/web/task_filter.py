"""The filter of the task list as an address, so that a list can be shared and linked to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar, get_args

from flask import url_for
from werkzeug.datastructures import MultiDict

from planner.domain.errors import BadInput
from planner.domain.lifecycle import State
from planner.domain.scores.period import Period
from planner.domain.words import Origin, Part
from planner.services.task_list import Draft, ReportWanted, Sort, TaskFilter, Whose
from planner.web.choices import readable

MAX_SEARCH = 100
YEARS = range(1949, 2201)
YES, NO, ANY_YEAR = "yes", "no", "any"

Word = TypeVar("Word", bound=StrEnum)


def read_filter(query: MultiDict[str, str]) -> TaskFilter:
    """The filter that an address asks for. What makes no sense is left out, never refused."""
    sort = query.get("sort", "")
    undivided = query.get("undivided", "")
    return TaskFilter(
        text=" ".join(readable(query.get("q", "")).split())[:MAX_SEARCH],
        task=_number(query.get("task")),
        unit=_number(query.get("unit")),
        action=_number(query.get("action")),
        states=frozenset(
            state for value in query.getlist("state") if (state := _word(State, value))
        ),
        overdue={YES: True, NO: False}.get(query.get("overdue", "")),
        due_from=_day(query.get("from")),
        due_to=_day(query.get("to")),
        year=_year(query.get("year")),
        part=_word(Part, query.get("part")),
        origin=_word(Origin, query.get("origin")),
        whose=_one_of(Whose, query.get("whose")),
        draft=_one_of(Draft, query.get("draft")),
        undivided=0 if undivided == ANY_YEAR else _year(undivided),
        accepted=_year(query.get("accepted")),
        counted=_period(query.get("counted")),
        due_in=_period(query.get("due-in")),
        returned=query.get("returned") == YES,
        review=query.get("review") == YES,
        consent=query.get("consent") == YES,
        untrue=query.get("untrue") == YES,
        report=_one_of(ReportWanted, query.get("report")),
        late=_number(query.get("late")),
        asked=_number(query.get("asked")),
        waited=_number(query.get("waited")),
        silent=query.get("silent") == YES,
        accepted_since=_day(query.get("accepted-since")),
        sort=_one_of(Sort, sort.removeprefix("-")) or "due",
        descending=sort.startswith("-") and bool(_one_of(Sort, sort.removeprefix("-"))),
    )


def write_filter(wanted: TaskFilter) -> Mapping[str, Any]:
    """The parameters of the address that asks for this filter; `read_filter` reads them back."""
    sort = "" if wanted.sort == "due" and not wanted.descending else wanted.sort
    overdue = None if wanted.overdue is None else (YES if wanted.overdue else NO)
    values: Mapping[str, Any] = {
        "q": wanted.text,
        "task": wanted.task,
        "unit": wanted.unit,
        "action": wanted.action,
        "state": [state for state in State if state in wanted.states],
        "overdue": overdue,
        "from": wanted.due_from,
        "to": wanted.due_to,
        "year": wanted.year,
        "part": wanted.part,
        "origin": wanted.origin,
        "whose": wanted.whose,
        "draft": wanted.draft,
        "undivided": ANY_YEAR if wanted.undivided == 0 else wanted.undivided,
        "accepted": wanted.accepted,
        "counted": wanted.counted.key if wanted.counted else None,
        "due-in": wanted.due_in.key if wanted.due_in else None,
        "returned": YES if wanted.returned else None,
        "review": YES if wanted.review else None,
        "consent": YES if wanted.consent else None,
        "untrue": YES if wanted.untrue else None,
        "report": wanted.report,
        "late": wanted.late,
        "asked": wanted.asked,
        "waited": wanted.waited,
        "silent": YES if wanted.silent else None,
        "accepted-since": wanted.accepted_since,
        "sort": f"-{sort}" if wanted.descending else sort,
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def tasks_url(wanted: TaskFilter) -> str:
    """The address of the filtered list."""
    return url_for("tasks.index", **write_filter(wanted))


def _number(text: str | None) -> int | None:
    value = text or ""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None


def _year(text: str | None) -> int | None:
    number = _number(text)
    return number if number in YEARS else None


def _day(text: str | None) -> date | None:
    return _try(date.fromisoformat, text)


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text or "")
    except BadInput:
        return None


def _word(kind: type[Word], text: str | None) -> Word | None:
    return _try(kind, text)


Made = TypeVar("Made")


def _try(make: Callable[[str], Made], text: str | None) -> Made | None:
    try:
        return make(text or "")
    except ValueError:
        return None


def _one_of(words: Any, text: str | None) -> Any:
    return text if text in get_args(words) else None
