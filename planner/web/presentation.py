"""What templates can say: the reader's language, names, dates, numbers, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from flask import Flask, request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from planner.domain import permissions
from planner.domain.actor import Role
from planner.domain.names import NAMES, act_name
from planner.domain.permissions import Area
from planner.domain.text import Text, Value, from_json, t
from planner.services import installation, messages, plans
from planner.services.heartbeats import Silence, silence
from planner.services.requests_words import asked_words, decided_words
from planner.web.context import actor, clock, db, is_logged_in, language, login, runtime
from planner.web.form_pages import page_of
from planner.web.reading_language import to_send_again

NAVIGATION: tuple[tuple[str, Text, Area], ...] = (
    ("mywork.index", t("My work"), Area.SEE_TASKS),
    ("scorecard.index", t("Scorecard"), Area.SEE_SCORECARD),
    ("indicators.index", t("Indicators"), Area.SEE_SCORECARD),
    ("plan.index", t("Plan"), Area.SEE_PLAN),
    ("tasks.index", t("Tasks"), Area.SEE_TASKS),
    ("reports.index", t("Periodic reports"), Area.SEE_TASKS),
    ("assessments.index", t("Assessments"), Area.SEE_ASSESSMENTS),
    ("adjustments.index", t("Adjustments"), Area.SEE_TASKS),
    ("review.index", t("Review"), Area.SEE_REVIEW_QUEUE),
    ("messages.index", t("Delivery"), Area.SEE_MESSAGES),
    ("units.index", t("Units"), Area.MANAGE_UNITS),
    ("users.index", t("Users"), Area.MANAGE_USERS),
    ("calendar.index", t("Working calendar"), Area.MANAGE_CALENDAR),
    ("undelivered.index", t("Undelivered"), Area.MANAGE_USERS),
    ("journal.index", t("Journal"), Area.SEE_JOURNAL),
)


SIZES = ("B", "kB", "MB", "GB")


def register(app: Flask) -> None:
    """Install filters, functions and what every page shows around its content."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.trim_blocks = env.lstrip_blocks = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: language().gettext(text),
        lambda one, many, n: language().ngettext(one, many, n),
        newstyle=True,
    )
    env.filters.update({name: _when_rendered(each) for name, each in FILTERS.items()})
    env.globals.update(may=may, Area=Area, icon=icon, page_url=page_url, file_url=file_url)
    app.context_processor(_around)


def say(text: Text | str | Mapping[str, Any]) -> str:
    """A text, a message id or a stored text in the reader's language."""
    if isinstance(text, Mapping):
        restored: Value = from_json(dict(text))
        if not isinstance(restored, Text):
            raise TypeError(f"not a text: {text!r}")
        text = restored
    return language().say(text)


def day(value: date | None) -> str:
    """A date, or a dash."""
    return language().date(value) if value else "—"


def moment(value: datetime | None) -> str:
    """An instant in the plan's time zone, or a dash."""
    return language().instant(value, runtime().settings.timezone) if value else "—"


def number(value: Decimal | Fraction | int | None, places: int | None = None) -> str:
    """A number without trailing zeros, or a dash."""
    return "—" if value is None else language().number(value, places)


def percent(value: Decimal | Fraction | None, places: int = 1) -> str:
    """A share of 1 as a percentage, or a dash."""
    return "—" if value is None else language().percent(value, places)


def size(count: int) -> str:
    """Bytes as people read them: 512 B, 1.5 kB, 12.3 MB."""
    unit = next((power for power in (3, 2, 1) if count >= 1000**power), 0)
    places = 1 if unit else 0
    return f"{number(Decimal(count) / 1000**unit, places)} {SIZES[unit]}"


def name_of(word: str) -> str:
    """The name of a word from one of the closed vocabularies."""
    return language().say(NAMES[word])  # type: ignore[index]


def label(name: str) -> str:
    """A name before what it names, with the colon of the reader's language."""
    return language().say(t("%(name)s: ", name=name))


def verb_name(verb: str) -> str:
    """The name of a journal entry's verb; an unknown one stands as it is."""
    name = act_name(verb)
    return language().say(name) if isinstance(name, Text) else name


def lines(value: str | None) -> Markup:
    """What a person typed, with its line breaks."""
    return Markup("<br>").join((value or "").splitlines())


def may(what: Area | StrEnum, parties: permissions.Parties | None = None) -> bool:
    """Whether the reader may do or see this."""
    return is_logged_in() and permissions.may(
        actor(),
        what,  # type: ignore[arg-type]
        parties,
    )


def icon(name: str) -> Markup:
    """A decorative icon."""
    return Markup('<i class="bi bi-{}" aria-hidden="true"></i>').format(name)


def page_url(**changes: Any) -> str:
    """This page's address with some of its parameters changed; empty ones are left out."""
    query = {**_query(), **changes}
    kept = {name: value for name, value in query.items() if value not in (None, "", [])}
    return url_for(request.endpoint or "mywork.index", **{**(request.view_args or {}), **kept})


def file_url(endpoint: str, ending: str) -> str:
    """The address of the file that holds this page's whole list, filtered as the page is."""
    return url_for(endpoint, **{**_query(), "ending": ending})


def _query() -> dict[str, Any]:
    """The parameters of this page's address, without what would change how addresses are made."""
    asked = request.args.to_dict(flat=False)
    return {name: values for name, values in asked.items() if not name.startswith("_")}


FILTERS: Mapping[str, Callable[..., Any]] = {
    "say": say,
    "day": day,
    "moment": moment,
    "num": number,
    "pct": percent,
    "size": size,
    "name": name_of,
    "lines": lines,
    "verb_name": verb_name,
    "label": label,
    "asked_for": asked_words,
    "decided": decided_words,
}


def _when_rendered(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, never carried out while a template is compiled.

    Jinja does that with constants, once, and in the language of whoever came first.
    """

    @pass_context
    def rendered(_context: Context, *args: Any, **options: Any) -> Any:
        return filter_(*args, **options)

    return rendered


def _around() -> dict[str, Any]:
    """What the frame of every page needs."""
    signed_in = is_logged_in()
    return {
        "today": clock().today,
        "fixed_clock": runtime().settings.today is not None,
        "is_demo": installation.is_demo(db()),
        "locale": language().locale,
        "locales": runtime().languages.available,
        "form_page": page_of(request.path),
        "to_send_again": to_send_again(),
        "me": login() if signed_in else None,
        "navigation": list(_navigation()) if signed_in else [],
        "silence": _silence() if signed_in else None,
        "unread": messages.unread_count(db(), login().user_id) if signed_in else 0,
        "plan_name": _plan_name(),
    }


def _silence() -> Silence | None:
    """What the worker did not do in time, for those who can see to it."""
    if not actor().roles & {Role.ADMIN, Role.COORDINATOR}:
        return None
    return silence(db(), runtime().now())


def _navigation() -> Iterable[tuple[str, Text, bool]]:
    section = (request.endpoint or "").partition(".")[0]
    leads_only = actor().roles == {Role.LEADER}
    for endpoint, title, area in NAVIGATION:
        if leads_only and endpoint == "mywork.index":
            continue
        if permissions.may(actor(), area):
            yield endpoint, title, endpoint.partition(".")[0] == section


def _plan_name() -> str | None:
    plan = plans.find_plan(db())
    return plan.name if plan else None
