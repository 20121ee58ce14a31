"""The choice of a language, also in the middle of a form that was refused.

A refused form has no address that could be opened again. It is sent once more with `READ_IN`
instead: the language changes, nothing is carried out, and what was typed stays
(`planner.web.forms.carry_out`).
"""

from __future__ import annotations

from flask import after_this_request, g, request
from werkzeug.wrappers import Response

from planner.services import profile
from planner.web.context import actor, is_logged_in, login, runtime, writing
from planner.web.typed import NOT_TYPED

READ_IN = "read_in"
YEAR_SECONDS = 365 * 24 * 3600


def choose(locale: str) -> None:
    """Read in this language from now on; a person's choice is kept with the account."""
    if is_logged_in():
        with writing() as changing:
            profile.choose_language(changing, actor(), locale)
            changing.commit()
        login().locale = locale
    g.locale = locale

    @after_this_request
    def remember(answer: Response) -> Response:
        answer.set_cookie(
            "locale",
            locale,
            max_age=YEAR_SECONDS,
            secure=runtime().settings.secure_cookies,
            httponly=True,
            samesite="Lax",
        )
        return answer


def switch() -> None:
    """Before a request: change the language if a refused form asks for that."""
    if request.method == "POST" and READ_IN in request.form:
        g.only_read = True
        if request.form[READ_IN] in runtime().languages.available:
            choose(request.form[READ_IN])


def to_send_again() -> list[tuple[str, str]] | None:
    """The fields of the form that was refused, without secrets; None where none can be sent again.

    Files that came with it wait under their tokens.
    """
    form = g.get("refused_form")
    if form is None:
        return None
    tokens = form.tokens.data or [] if "tokens" in form else request.form.getlist("tokens")
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name in ("form_token", "seen") or name not in NOT_TYPED | {READ_IN}
    ]
    return [*fields, *(("tokens", token) for token in tokens)]
