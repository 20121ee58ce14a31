"""The page of an indicator: its pictures with their words, and the forms that are offered now."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask import render_template, request
from markupsafe import Markup

from planner import filetypes, previews
from planner.domain.exact import shown
from planner.domain.names import NAMES
from planner.domain.readings import ReadingVerb
from planner.domain.scores.outlook import PLACES
from planner.domain.text import N_
from planner.domain.words import Outcome
from planner.services import consumption, evidence
from planner.services.indicator_list import IndicatorLine, kind_name
from planner.services.indicator_view import IndicatorView, view
from planner.web import indicator_chart
from planner.web import typed as typed_words
from planner.web.context import actor, clock, db, language, runtime
from planner.web.forms import PlannerForm
from planner.web.indicator_chart import Mark
from planner.web.indicator_forms import BaseFields, EnterFields, LoneFields, RefuseFields

FORMS: Mapping[ReadingVerb, type[PlannerForm]] = {
    ReadingVerb.TAKE_BACK: LoneFields,
    ReadingVerb.CONFIRM: LoneFields,
    ReadingVerb.REFUSE: RefuseFields,
}
SHORT = {
    ReadingVerb.TAKE_BACK: "take_back",
    ReadingVerb.CONFIRM: "confirm",
    ReadingVerb.REFUSE: "refuse",
}
"""How addresses name what is done to a reading."""


def render(indicator_id: int, typed: Mapping[str, PlannerForm] | None = None, **more: Any) -> str:
    """The page; `typed` holds what was written into one of its forms."""
    page = view(db(), actor(), clock(), indicator_id)
    given = typed or {}
    return render_template(
        "indicators/show.html",
        page=page,
        row=page.row,
        forms=_forms(page, given),
        typed=given,
        short=SHORT,
        enter_first=bool(_free_years(page)) or "year" in request.args,
        picture=_picture(page),
        legend=indicator_chart.legend(_legend(page)),
        kind_name=kind_name,
        outcome_names={each: NAMES[each] for each in Outcome},
        OUTCOME=Outcome,
        VERB=ReadingVerb,
        PLACES=PLACES,
        has_sheet=ReadingVerb.ENTER in page.verbs and consumption.has_sheet(db(), actor()),
        staged=evidence.staged_for_reading(db(), actor(), page.row.id),
        previewable=previews.PREVIEWED,
        accept=filetypes.ACCEPT,
        max_upload_mb=runtime().settings.max_upload_mb,
        entries=typed_words.entries,
        refusals=typed_words.refusals,
        **more,
    )


def _forms(page: IndicatorView, typed: Mapping[str, PlannerForm]) -> dict[str, PlannerForm]:
    """The forms that this person may use now: what was typed, or fresh ones."""
    forms: dict[str, PlannerForm] = {}
    if ReadingVerb.ENTER in page.verbs and page.years:
        forms["enter"] = EnterFields(formdata=None, data={"year": _next_year(page)})
    if ReadingVerb.SETTLE_BASE in page.verbs:
        forms["base"] = BaseFields(formdata=None)
    for entry in page.open:
        for verb in entry.verbs:
            forms[f"{SHORT[verb]}-{entry.reading.id}"] = FORMS[verb](formdata=None)
        if entry.of_sheet > 1:
            forms[f"confirm_sheet-{entry.reading.id}"] = LoneFields(formdata=None)
    return {name: typed.get(name, form) for name, form in forms.items()}


def _free_years(page: IndicatorView) -> list[int]:
    """The years that can be read and have no reading that counts or waits."""
    taken = {each.reading.year for each in page.entries if each.counts or each in page.open}
    return [year for year in page.years if year not in taken]


def _next_year(page: IndicatorView) -> int:
    """The year that was asked for, else the last one that is free, else the last one."""
    asked = request.args.get("year", "")
    if asked in {str(year) for year in page.years}:
        return int(asked)
    return (_free_years(page) or list(page.years))[-1]


def _said(value: Fraction) -> str:
    return language().number(shown(value, PLACES))


def _picture(page: IndicatorView) -> Markup:
    waiting = [
        Mark(
            each.reading.year, Fraction(each.reading.value), False, bool(each.reading.estimated_by)
        )
        for each in page.open
    ]
    marks = indicator_chart.marks_of(page.facts, waiting)
    return indicator_chart.large(
        page.facts,
        marks,
        page.outlook,
        said=_said,
        title=page.row.name,
        text=_in_words(page.facts, marks, page.outlook.forecast_words),
    )


def small_picture(line: IndicatorLine) -> Markup:
    """The line's picture for a table."""
    marks = indicator_chart.marks_of(line.facts)
    return indicator_chart.small(
        line.facts,
        marks,
        line.outlook,
        title=line.row.name,
        text=_in_words(line.facts, marks, line.outlook.forecast_words),
    )


def _in_words(facts: Any, marks: list[Mark], forecast: Any) -> str:
    """What the picture shows, for those who cannot see it."""
    read = "; ".join(f"{each.year}: {_said(each.value)}" for each in marks) or "—"
    return language().gettext(
        N_("base %(base)s (%(first)s), target %(target)s (%(last)s); readings %(read)s; %(ahead)s")
    ) % {
        "base": _said(facts.base),
        "first": facts.base_year,
        "target": _said(Fraction(facts.target)),
        "last": facts.target_year,
        "read": read,
        "ahead": language().say(forecast),
    }


def _legend(page: IndicatorView) -> dict[str, str]:
    """What stands in the picture, and no more."""
    say = language().gettext
    kinds = {"plan": say(N_("Line from base to target")), "total": say(N_("Confirmed readings"))}
    if page.open:
        kinds["open"] = say(N_("Waiting to be confirmed"))
    if any(each.reading.estimated_by for each in page.entries):
        kinds["estimated"] = say(N_("Estimated (square)"))
    if page.outlook.forecast:
        missed = page.outlook.forecast.missed
        kinds["ahead" if missed else "ahead-met"] = say(N_("At the present pace"))
    return kinds
