"""The application served for real on loopback, and people who use it in a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from planner.i18n import Language, Languages
from planner.runtime import Runtime
from tests.support.browser import TIMEOUT_MS, watch
from tests.support.cast import PASSWORD, Cast, worker_ticks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def in_one_piece(app: WSGIApplication) -> WSGIApplication:
    """The application, each answer read and closed before the first byte is sent.

    Werkzeug's server leaves an answer open, and with it the file behind it, where the browser
    hangs up just as the server looks for what is left of the request.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as pieces:
            return [b"".join(pieces)]

    return answer


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The application's address while the test runs."""
    app.testing = False
    server = make_server("127.0.0.1", 0, in_one_piece(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@dataclass
class Person:
    """One of the cast at a browser of their own, reading one language."""

    page: Page
    base: str
    language: Language

    def say(self, msgid: str) -> str:
        """A sentence of the interface in this person's language."""
        return self.language.gettext(msgid).replace("%%", "%")

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.base + path)

    def press(self, msgid: str, inside: Locator | None = None) -> None:
        """Press the button of that name."""
        (inside or self.page).get_by_role("button", name=self.say(msgid), exact=True).click()

    def follow(self, msgid: str, inside: Locator | None = None) -> None:
        """Follow the first link of that name."""
        place = inside or self.page
        self.visit(place.get_by_role("link", name=self.say(msgid), exact=True).first)

    def visit(self, link: Locator) -> None:
        """Click on a link, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            link.click()

    def verb(self, name: str) -> Locator:
        """The unfolded form of a verb."""
        box = self.page.locator(f"#verb-{name}")
        if not box.evaluate("element => element.open"):
            box.locator("summary").first.click()
        return box

    def sees(self, text: str) -> None:
        """The text stands on the page, or comes to stand there in time."""
        self.page.get_by_text(text).first.wait_for()

    def log_in(self, username: str) -> None:
        """Through the form."""
        self.go("/login")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.press("Log in")
        self.page.wait_for_url(lambda url: "/login" not in url)


Enter = Callable[[str, str], Person]


@pytest.fixture
def enter(browser: Browser, live: str, cast: Cast, runtime: Runtime) -> Iterator[Enter]:
    """`enter("edu", "zh")`: that person, logged in, in a browser of their own."""
    worker_ticks(runtime)
    languages = Languages(strict=True)
    contexts = []
    mistakes: list[list[str]] = []

    def come(username: str, locale: str) -> Person:
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 900}
        )
        context.set_default_timeout(TIMEOUT_MS)
        context.add_cookies([{"name": "locale", "value": locale, "url": live}])
        contexts.append(context)
        page = context.new_page()
        mistakes.append(watch(page))
        person = Person(page, live, languages.get(locale))
        person.log_in(username)
        return person

    yield come
    for context in contexts:
        context.close()
    assert not any(mistakes)
