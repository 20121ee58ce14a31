"""Urging a filtered list in a real browser, up to the unit's answer."""

from __future__ import annotations

from io import BytesIO

import docx
import pytest

from tests.support.cast import EDU, HEALTH, Cast
from tests.support.live import Enter, Person
from tests.support.verbs import start

pytestmark = pytest.mark.browser


def test_a_list_is_urged_by_slip_and_answered(enter: Enter, cast: Cast) -> None:
    row = start(cast, cast.edu_row)
    other = start(cast, cast.charger_row)
    start(cast, cast.health_row, "health")
    coordinator = enter("coordinator", "zh")
    urge_all_but(coordinator, other)
    assert addressee_of(coordinator) == f"{EDU}："
    answer(enter("edu", "zh"), row)
    coordinator.go("/inbox")
    coordinator.sees("方案已送审，周五印发。")


def urge_all_but(coordinator: Person, other: int) -> None:
    """A refusal on the way keeps what was unticked and typed."""
    coordinator.go("/tasks?state=in_progress")
    coordinator.follow("Urge all of these")
    form = coordinator.page.locator("main form")
    assert form.locator("[name=ids]:checked").count() == 3
    form.locator(f"#urge-{other}").uncheck()
    form.locator("[name=text]").fill("请于本周内书面说明。")
    form.locator("#slip-demand").check()
    coordinator.press("Urge the ticked ones")
    coordinator.sees(coordinator.say("Please fill in this field."))
    assert not form.locator(f"#urge-{other}").is_checked()
    form.locator("[name=signatory]").fill("陈统筹")
    coordinator.press("Urge the ticked ones")
    for seen in ("催〔2024〕2号", EDU, HEALTH):
        coordinator.sees(seen)


def addressee_of(coordinator: Person) -> str:
    """Whom the first slip's Word file is addressed to."""
    page = coordinator.page
    coordinator.visit(page.get_by_role("link", name="催〔2024〕1号", exact=True))
    link = page.get_by_role("link", name=coordinator.say("Word file"), exact=True).first
    address = link.get_attribute("href")
    answer = page.context.request.get(f"{coordinator.base}{address}")
    paragraphs = docx.Document(BytesIO(answer.body())).paragraphs
    return next(each.text for each in paragraphs if each.text.endswith("："))


def answer(liaison: Person, row: int) -> None:
    """The unit was told, and answers on the assignment's page."""
    liaison.go("/inbox")
    liaison.sees("催〔2024〕1号")
    liaison.go(f"/assignments/{row}")
    form = liaison.verb("answer")
    form.locator("[name=text]").fill("方案已送审，周五印发。")
    liaison.press("Answer an urge", form)
    liaison.sees(liaison.say("Answered. The person who urged was told."))
