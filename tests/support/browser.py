"""A real Chromium that reaches this machine only, and pages that are watched for mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from tools import chromium

TIMEOUT_MS = 10_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
HOME = ("127.0.0.1", "localhost")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    program = chromium.find()
    if program is None:
        raise RuntimeError(chromium.HELP)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without history or cookies, in Chinese, on the plan's time zone.

    The test fails if a script of the page failed, its content security policy was broken, or it
    asked another host for something.
    """
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(TIMEOUT_MS)
    opened = context.new_page()
    mistakes = watch(opened)
    yield opened
    context.close()
    assert not mistakes


def watch(page: Page) -> list[str]:
    """The mistakes of a page, noted while they happen."""
    mistakes: list[str] = []

    def failed(error: Error) -> None:
        mistakes.append(f"script failed: {error}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            mistakes.append(message.text)

    def asked(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in HOME:
            mistakes.append(f"asked another host: {request.url}")

    page.on("pageerror", failed)
    page.on("console", said)
    page.on("request", asked)
    return mistakes
