"""Every page in a real browser: accessible, on a phone too, by keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from planner.i18n import Languages
from tests.support import files, matrix
from tests.support.browser import TIMEOUT_MS
from tests.support.cast import PASSWORD, Cast
from tests.support.live import Enter, Person
from tests.support.stage import Stage, set_stage

pytestmark = pytest.mark.browser

WIDTHS = (1366, 390)
AXE = Axe()
VIOLATIONS = """async () => {
    const found = (await axe.run(document, {resultTypes: ["violations"]})).violations;
    return found.map(({id, nodes}) => `${id}: ${nodes.map(each => each.target).join(" ; ")}`);
}"""
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll("main *, header *, footer *")]
        .filter(each => each.getBoundingClientRect().right > width + 1);
    return wide.slice(0, 3).map(each => `${each.tagName}.${each.getAttribute("class")}`);
}"""

EVIDENCE = ("evidence", "staged", "reading_evidence")
NO_PAGES = (
    "health",
    *(f"{place}.{file}" for place in EVIDENCE for file in ("preview", "download")),
)
FILES = (".csv", ".xlsx", ".docx", ".pdf")
MORE = {
    "coordinator": (
        "/plan?open=all",
        "/tasks?state=issued&sort=-due&q=没有",
        "/assignments/{draft}",
        "/assignments/{in_progress}",
        "/assignments/{submitted}",
        "/assignments/{accepted}",
        "/reports?view=matrix",
        "/scorecard/units/{edu}",
        "/indicators/{indicator}",
        "/indicators/{foreign_indicator}",
        "/indicators/{lead_indicator}",
    ),
    "liaison": (
        "/",
        "/indicators/{indicator}",
        "/indicators?waiting=yes",
        "/assignments/{issued}?period=2024-Q3",
        "/assignments/{in_progress}",
        "/inbox",
        "/users",
    ),
    "supervisor": ("/review", "/assignments/{pending}", "/review/{lead}"),
    "leader": (
        "/scorecard",
        "/scorecard?period=plan&heat=pace",
        "/scorecard/boxes/{action}?period=plan",
        "/scorecard/tasks/{task}?period=plan",
        *(
            f"/scorecard/meeting?period=plan&view={view}"
            for view in ("units", "heat", "targets", "overdue", "missed")
        ),
        "/nowhere",
    ),
    "auditor": ("/journal?q=%E6%B2%A1%E6%9C%89",),
    "admin": ("/users?q=x", "/units/{edu}", "/profile"),
}


@pytest.fixture
def stage(cast: Cast) -> Stage:
    """Something in every state."""
    return set_stage(cast)


def pages_of(stage: Stage, role: str) -> list[str]:
    """The addresses that this role looks at; between all roles each endpoint once, and more."""
    once = [
        address
        for endpoint, (who, address) in matrix.one_of_each().items()
        if who == role and not endpoint.startswith(NO_PAGES) and not address.endswith(FILES)
    ]
    return [stage.at(address) for address in (*once, *MORE[role])]


def faults(page: Page) -> Iterator[str]:
    """What axe finds on the open page with every form unfolded, and what does not fit."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate(AXE.axe_script)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        yield from (f"{width}: {fault}" for fault in page.evaluate(VIOLATIONS))
        yield from (f"{width}: wider than the screen: {each}" for each in page.evaluate(OVERFLOW))


@pytest.mark.parametrize("role", MORE)
def test_every_page_is_accessible_and_fits_a_phone(stage: Stage, enter: Enter, role: str) -> None:
    person = enter(matrix.PEOPLE[role], "zh")
    wrong = []
    for path in pages_of(stage, role):
        person.go(path)
        wrong += [f"{path} at {fault}" for fault in faults(person.page)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("typed", [{}, {"username": "edu", "password": "falsch"}])
def test_the_door_is_accessible_and_fits_a_phone(
    cast: Cast, page: Page, live: str, typed: dict[str, str]
) -> None:
    page.goto(f"{live}/login")
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
        page.press(f"[name={name}]", "Enter")
    assert not list(faults(page))


def test_refused_forms_are_accessible_and_fit_a_phone(stage: Stage, enter: Enter) -> None:
    """An error stands beside its field, for those who hear the page too."""
    person = enter("coordinator", "zh")
    person.go("/tasks/new")
    person.page.evaluate("document.querySelectorAll('main form').forEach(f => f.noValidate = true)")
    person.page.locator("main form button").last.click()
    person.page.locator(".field-error").first.wait_for()
    assert not list(faults(person.page))


def focused(page: Page) -> str:
    """The name of the field that has the focus, else its words."""
    told: str = page.evaluate(
        "() => document.activeElement.name || document.activeElement.textContent.trim()"
    )
    return told


def tab_to(page: Page, wanted: Sequence[str], most: int = 40) -> None:
    """Press the tabulator until one of these has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) in wanted:
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def test_the_keyboard_is_enough(stage: Stage, page: Page, live: str) -> None:
    """Log in, skip what stands above, unfold a form, type, send."""
    language = Languages(strict=True).get("zh")
    page.goto(f"{live}/login?next={stage.at('/assignments/{in_progress}')}")
    tab_to(page, ["username"])
    page.keyboard.type("edu")
    tab_to(page, ["password"], most=1)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.keyboard.press("Tab")
    assert focused(page) == language.gettext("Skip to content")
    assert page.locator(".skip-link").bounding_box()
    page.keyboard.press("Enter")
    tab_to(page, [language.gettext("Report progress")])
    page.keyboard.press("Enter")
    tab_to(page, ["text"], most=1)
    page.keyboard.type("键盘")
    tab_to(page, ["percent"], most=1)
    page.keyboard.type("60")
    page.keyboard.press("Enter")
    page.get_by_text(language.gettext("Progress was reported.")).wait_for()


@pytest.fixture
def scriptless(browser: Browser, live: str) -> Iterator[list[Person]]:
    """Two people whose browsers run no scripts, not logged in yet."""
    language = Languages(strict=True).get("zh")
    contexts = [browser.new_context(locale="zh-CN", java_script_enabled=False) for _ in range(2)]
    for context in contexts:
        context.set_default_timeout(TIMEOUT_MS)
    yield [Person(context.new_page(), live, language) for context in contexts]
    for context in contexts:
        context.close()


def test_the_main_path_needs_no_scripts(
    stage: Stage, scriptless: list[Person], tmp_path: Path
) -> None:
    """Log in, sign for, submit with a file, accept."""
    liaison, coordinator = scriptless
    proof = tmp_path / "验收.pdf"
    proof.write_bytes(files.pdf())
    liaison.log_in("edu")
    liaison.go(stage.at("/assignments/{issued}"))
    liaison.press("Sign for")
    form = liaison.verb("submit")
    form.locator("[name=text]").fill("没有脚本也能办结")
    form.locator("[type=file]").set_input_files(proof)
    liaison.press("Submit for completion", form)
    liaison.sees(liaison.say("Submitted. It now waits for review."))
    coordinator.log_in("coordinator")
    coordinator.go(stage.at("/review/{issued}"))
    coordinator.sees("没有脚本也能办结")
    coordinator.sees("验收.pdf")
    form = coordinator.verb("accept")
    for box in form.locator("[name=ticked]").all():
        box.check()
    coordinator.press("Accept", form)
    coordinator.sees(coordinator.say("Accepted. It counts in the score from now on."))
