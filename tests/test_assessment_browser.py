"""An assessment from opening to the final result and its papers, by clicking."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from planner.models import Assessment, Snapshot
from planner.runtime import Runtime
from planner.services import snapshots
from tests.support import history, pdfs
from tests.support.assessing import (
    APPROVED,
    CHECKED,
    CLOSED,
    NUMBER,
    OPENED,
    PUBLICISED,
    move_to,
)
from tests.support.cast import EDU, Cast
from tests.support.live import Enter, Person

pytestmark = pytest.mark.browser


def test_an_assessment_goes_the_whole_way(enter: Enter, cast: Cast, runtime: Runtime) -> None:
    history.play(cast)
    move_to(runtime, OPENED)
    coordinator, liaison = enter("coordinator", "zh"), enter("edu", "en")
    page = open_it(coordinator)
    assess(liaison, page)
    for day, step in (
        (CLOSED, "Close the self-assessment"),
        (CHECKED, "Finish the check"),
        (PUBLICISED, "Publicise"),
    ):
        move_to(runtime, day)
        coordinator.go(page)
        coordinator.press(step)
    appeal(liaison, page)
    uphold(coordinator, page)
    move_to(runtime, APPROVED)
    leader = enter("leader", "zh")
    leader.go(page)
    leader.page.fill("[name=document_number]", NUMBER)
    leader.press("Approve")
    coordinator.go(page)
    coordinator.press("Make final")
    coordinator.sees(NUMBER)
    take_away(leader, page)
    with cast.reading() as db:
        assert db.scalars(select(Assessment.stage)).one() == "final"
        assert db.scalars(select(Snapshot.revision)).all() == [1, 2]
        assert not list(snapshots.verify(db))


def open_it(coordinator: Person) -> str:
    """The form is unfolded and filled in; the address that it leads to."""
    coordinator.go("/assessments")
    coordinator.page.locator("main details summary").click()
    form = coordinator.page.locator("main details form")
    form.locator("[name=name]").fill("2024年度考核")
    form.locator("[name=period]").select_option("2024")
    form.locator("[name=cut_off]").fill("2024-12-31")
    form.locator("[name=self_due_on]").fill("2025-01-13")
    form.locator("[name=converted_to]").fill("5")
    coordinator.press("Open and tell every unit", form)
    coordinator.page.wait_for_url("**/assessments/*")
    return coordinator.page.url.removeprefix(coordinator.base)


def assess(liaison: Person, page: str) -> None:
    """A claim without a word is refused; everything typed is still there."""
    liaison.go(page)
    liaison.follow("Assess ourselves")
    first = liaison.page.locator("[name^=percent-]").first
    first.fill("100")
    liaison.page.fill("main [name=words]", "均已完成。")
    liaison.press("Send the self-assessment")
    liaison.sees(liaison.say("This differs from what was verified: please say why."))
    assert liaison.page.locator("textarea[name=words]").input_value() == "均已完成。"
    liaison.page.locator("main [name^=word-]").first.fill("验收单已补。")
    liaison.press("Send the self-assessment")
    liaison.sees(liaison.say("Your self-assessment was sent."))


def appeal(liaison: Person, page: str) -> None:
    """Against one line of the result."""
    liaison.go(page)
    liaison.page.get_by_text(liaison.say("Appeal against the result"), exact=True).click()
    liaison.page.locator("#appeal-subject").select_option(index=1)
    liaison.page.locator("form[action$='/appeals'] [name=text]").fill("请复核。")
    liaison.press("Send the appeal")
    liaison.sees(liaison.say("Your appeal was sent."))


def uphold(coordinator: Person, page: str) -> None:
    """With points: a revision is frozen."""
    coordinator.go(page)
    box = coordinator.page.locator("[id^=appeal-] details")
    box.locator("summary").click()
    box.locator("[value=granted]").check()
    box.locator("[name=points]").fill("0.5")
    box.locator("[name=reason]").fill("确有客观原因。")
    coordinator.press("Decide", box)
    coordinator.sees(coordinator.say("Decided. The unit was told."))


def take_away(leader: Person, page: str) -> None:
    """The sheets through their button, and the circular as PDF through its form."""
    leader.go(page)
    with leader.page.expect_download() as sheets:
        leader.page.get_by_role("link", name=leader.say("Score sheets of all units (PDF)")).click()
    assert EDU in "".join(pdfs.texts(sheets.value.path().read_bytes()))
    leader.follow("Circular of the result")
    leader.page.fill("[name=number]", "测办〔2025〕1号")
    with leader.page.expect_download() as circular:
        leader.press("Circular as PDF")
    text = "".join(pdfs.texts(circular.value.path().read_bytes()))
    assert "测办〔2025〕1号" in text
    assert "94.50" in text
