"""The web's wiring: one application from one runtime."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, request
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from planner.config import load
from planner.runtime import Runtime
from planner.services.logins import LONGEST_SESSION
from planner.web import access, addresses, context, errors, pages, presentation, reading_language

ROOT = Path(__file__).resolve().parent.parent
MAX_FILES_AT_ONCE = 10

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def create_app(runtime: Runtime | None = None) -> Flask:
    """The web application. Raises BadSetting if the environment cannot be used."""
    parts = runtime or Runtime(load(os.environ))
    app = Flask(
        "planner",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    _configure(app, parts)
    app.extensions[context.RUNTIME] = parts
    Bootstrap5(app)
    CSRFProtect(app)
    _log_in(app)
    app.url_map.converters["int"] = addresses.RowNumber
    presentation.register(app)
    errors.register(app)
    pages.register(app)
    app.before_request(access.guard)
    app.before_request(reading_language.switch)
    app.after_request(_headers)
    app.teardown_appcontext(lambda _error: context.close_db())
    return app


def _configure(app: Flask, parts: Runtime) -> None:
    settings = parts.settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=LONGEST_SESSION,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes * MAX_FILES_AT_ONCE,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    if settings.secure_cookies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]


def _log_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.login_view = "auth.login"
    manager.login_message = ""
    manager.session_protection = "basic"
    manager.user_loader(context.load_login)


def _headers(response: Response) -> Response:
    """Strict by default: nothing from elsewhere, nothing framed, nothing guessed."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint not in ("static", "bootstrap.static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
