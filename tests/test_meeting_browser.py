"""The meeting room on a wall: it turns by itself and by keys, stops, and works without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from planner.i18n import Languages
from tests.support.browser import TIMEOUT_MS
from tests.support.cast import Cast
from tests.support.county import add_indicator, add_units
from tests.support.live import Enter, Person
from tests.support.stage import set_stage

pytestmark = pytest.mark.browser

WALL = {"width": 1920, "height": 1080}


@pytest.fixture
def room(enter: Enter, cast: Cast) -> Page:
    """The leader before the wall."""
    set_stage(cast)
    leader = enter("leader", "zh")
    leader.page.set_viewport_size(WALL)  # type: ignore[arg-type]
    leader.page.clock.install()
    leader.go("/scorecard/meeting?period=2024&every=10")
    return leader.page


def view(page: Page, kind: str) -> None:
    """The view of that kind is on the wall."""
    expect(page.locator(f".meeting-{kind}")).to_be_visible()


def stands(page: Page, kind: str) -> None:
    """For a minute nobody asks for another view than that."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    page.wait_for_load_state("networkidle")
    assert not [address for address in asked if "/scorecard/" in address]
    view(page, kind)


def test_arrow_keys_turn_the_views_in_place(room: Page) -> None:
    room.evaluate("window.same = true")
    room.keyboard.press("ArrowRight")
    view(room, "units")
    room.keyboard.press("ArrowLeft")
    view(room, "overall")
    room.keyboard.press("ArrowLeft")
    view(room, "missed")
    assert room.evaluate("window.same"), "the page was left, and with it the full screen"
    assert "view=missed" in room.url


def test_it_turns_by_itself_until_it_is_stopped(room: Page) -> None:
    room.clock.run_for(10_000)
    view(room, "units")
    room.keyboard.press("Space")
    stands(room, "units")
    room.keyboard.press("Space")
    room.clock.run_for(10_000)
    view(room, "heat")


def test_the_button_stops_it_too_and_says_what_it_does(room: Page) -> None:
    say = Languages(strict=True).get("zh").gettext
    room.get_by_role("button", name=say("Pause")).click()
    expect(room.get_by_role("button", name=say("Turn by itself"))).to_be_visible()
    stands(room, "overall")


def test_the_full_screen_outlasts_the_turning_of_views(room: Page) -> None:
    say = Languages(strict=True).get("zh").gettext
    room.get_by_role("button", name=say("Full screen")).click()
    room.wait_for_function("document.fullscreenElement !== null")
    room.keyboard.press("ArrowRight")
    view(room, "units")
    assert room.evaluate("document.fullscreenElement !== null")


def test_who_wants_no_motion_turns_the_views_alone(room: Page) -> None:
    room.emulate_media(reduced_motion="reduce")
    room.reload()
    stands(room, "overall")


def heights(page: Page) -> Iterator[tuple[str, int]]:
    """How high each view is, turned through once."""
    place = page.locator(".meeting-place")
    for _ in range(int(place.inner_text().rpartition("/")[2])):
        yield page.url, page.evaluate("document.documentElement.scrollHeight")
        before = place.inner_text()
        page.keyboard.press("ArrowRight")
        expect(place).not_to_have_text(before)


@pytest.mark.parametrize("units", [0, 5, 30])
def test_every_view_fits_the_wall(enter: Enter, cast: Cast, units: int) -> None:
    set_stage(cast)
    if units:
        add_units(cast, units)
    for number in range(8):
        add_indicator(cast, "97", key=f"energy-{number}", position=number)
    leader = enter("leader", "zh")
    leader.page.set_viewport_size(WALL)  # type: ignore[arg-type]
    leader.page.emulate_media(reduced_motion="reduce")
    leader.go("/scorecard/meeting?period=2024")
    wrong = [seen for seen in heights(leader.page) if seen[1] > WALL["height"]]
    assert not wrong


@pytest.fixture
def scriptless(browser: Browser, live: str, cast: Cast) -> Iterator[Person]:
    """The leader at a browser that runs no scripts."""
    set_stage(cast)
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    context.set_default_timeout(TIMEOUT_MS)
    leader = Person(context.new_page(), live, Languages(strict=True).get("zh"))
    leader.log_in("leader")
    yield leader
    context.close()


def test_without_scripts_links_turn_the_views(scriptless: Person) -> None:
    scriptless.go("/scorecard/meeting?period=2024")
    scriptless.visit(scriptless.page.locator("a[rel=next]"))
    view(scriptless.page, "units")
    assert scriptless.page.locator("button:visible").count() == 0
