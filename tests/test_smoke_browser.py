"""The browser works, and the watch over its pages sees what it should."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.support.browser import watch
from tests.support.network import OutsideHost

pytestmark = pytest.mark.browser


def test_a_page_is_shown_and_runs_its_script(page: Page) -> None:
    page.set_content("<h1>规划</h1><script>document.title = 'run'</script>")
    assert page.get_by_role("heading").inner_text() == "规划"
    assert page.title() == "run"


def test_a_page_that_asks_another_host_or_fails_is_noticed(browser: Browser) -> None:
    with browser.new_context() as context:
        stray, broken = context.new_page(), context.new_page()
        strayed, broke = watch(stray), watch(broken)
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            stray.goto("http://planner.example/")
        with broken.expect_event("pageerror"):
            broken.set_content("<script>throw new Error('broken')</script>")
    assert strayed == ["asked another host: http://planner.example/"]
    assert broke == ["script failed: broken"]


def test_the_tests_cannot_reach_another_host() -> None:
    with pytest.raises(OutsideHost):
        socket.create_connection(("planner.example", 80))
