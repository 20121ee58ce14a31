"""Every refusal becomes an answer here, in the reader's language, with the right status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from planner.db import is_busy
from planner.domain.errors import (
    BadInput,
    BadUpload,
    Busy,
    CorruptEvidence,
    DomainError,
    InvalidTransition,
    NoPreview,
    NotAllowed,
    NotFound,
    Repeated,
    Stale,
    StoreUnavailable,
    TooManyAttempts,
)
from planner.domain.text import Text, t
from planner.web import typed
from planner.web.access import needs_log_in
from planner.web.context import close_db, is_logged_in, language
from planner.web.form_pages import page_of

STATUS: dict[type[DomainError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    InvalidTransition: HTTPStatus.CONFLICT,
    Stale: HTTPStatus.CONFLICT,
    Repeated: HTTPStatus.CONFLICT,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadUpload: HTTPStatus.UNPROCESSABLE_ENTITY,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    CorruptEvidence: HTTPStatus.INTERNAL_SERVER_ERROR,
    NoPreview: HTTPStatus.NOT_FOUND,
}

_HTTP_TEXTS = {
    400: t("The browser sent something that cannot be read. Please go back and try again."),
    403: t("This is not for you."),
    404: t("There is no such page, or it is not for you."),
    405: t("This address is not used in that way."),
    413: t("That was too large. Upload smaller files, or fewer at once."),
    429: t("Too many attempts. Please wait a while."),
}


def register(app: Flask) -> None:
    """Answer domain errors, HTTP errors and a busy database."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: DomainError) -> HTTPStatus:
    """The status that a refusal is answered with."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _page(text: Text, status: int, **more: Any) -> tuple[Any, int]:
    close_db()
    if request.accept_mimetypes.best == "application/json":
        return {"error": language().say(text)}, status
    page = render_template("error.html", text=text, status=status, typed=typed.sent(), **more)
    return page, status


def _domain_error(error: DomainError) -> tuple[Any, int]:
    return _page(error.text, status_of(error))


def _expired_form(_error: CSRFError) -> tuple[Any, int]:
    if needs_log_in(request.endpoint) and not is_logged_in():
        return _logged_out()
    return _page(
        t("This form has expired. What you typed is below: copy it and open it again."), 400
    )


def _logged_out() -> tuple[Any, int]:
    """A form that was sent after the log-in had ended: what it held, and the way back to it."""
    g.refused_form = typed.read()
    back = page_of(request.path)
    here = request.full_path.removesuffix("?") if back == request.path else back
    return _page(
        t("Your log-in has ended. Nothing was carried out."),
        HTTPStatus.UNAUTHORIZED,
        door=url_for("auth.login", next=here),
        files=typed.files_sent(),
    )


def _http_error(error: HTTPException) -> Any:
    """Somebody who opens the address of a form again is shown the page that it stands on."""
    code = error.code or 500
    if code == HTTPStatus.METHOD_NOT_ALLOWED and request.method in ("GET", "HEAD"):
        return redirect(page_of(request.path), 303)
    if code == HTTPStatus.UNAUTHORIZED:
        return _logged_out()
    text = _HTTP_TEXTS.get(code, t("Something went wrong. The people who run planner can see it."))
    return _page(text, code)


def _database_error(error: OperationalError) -> tuple[Any, int]:
    if is_busy(error):
        return _domain_error(Busy())
    return _unexpected(error)


def _unexpected(error: Exception) -> tuple[Any, int]:
    if current_app.testing:
        raise error
    current_app.logger.exception("unexpected error")
    return _page(t("Something went wrong. The people who run planner can see it."), 500)
