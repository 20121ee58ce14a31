"""The main job by clicking, in a real browser: from the plan's row to the changed score."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planner import worker
from tests.support import files
from tests.support.cast import Cast
from tests.support.live import Enter, Person

pytestmark = pytest.mark.browser


TEXT = "制定 2024 年教育系统方案"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_from_the_row_of_the_plan_to_the_changed_score(
    enter: Enter, cast: Cast, tmp_path: Path, locale: str
) -> None:
    """Everything that planner exists for, as three people do it."""
    coordinator = enter("coordinator", locale)
    address = break_down_and_issue(coordinator, cast)
    liaison = enter("edu", locale)
    sign_for_and_report(liaison, address)
    submit(liaison, tmp_path)
    assert score_of(coordinator) == "0.00"
    review(coordinator)
    assert score_of(coordinator) == "100.00"
    worker.run_worker(cast.runtime, once=True)
    leader = enter("leader", locale)
    assert score_of(leader) == "100.00"
    leader.visit(leader.page.get_by_role("link", name="县教委", exact=True).first)
    leader.sees(TEXT)
    hashes = leader.page.get_by_text("SHA-256").count()
    assert hashes == 4, "both files, to date and in the whole period"


def break_down_and_issue(coordinator: Person, cast: Cast) -> str:
    """The address of the issued node."""
    coordinator.go(f"/assignments/{cast.edu_row}")
    form = coordinator.verb("break_down")
    form.locator("[name=year]").fill("2024")
    form.locator("[name=text]").fill(TEXT)
    form.locator("[name=due_on]").fill("2024-10-15")
    coordinator.press("Break down", form)
    coordinator.visit(coordinator.page.get_by_role("link", name="2024", exact=True))
    coordinator.press("Issue")
    coordinator.sees(coordinator.say("To be signed for"))
    return coordinator.page.url


def sign_for_and_report(liaison: Person, address: str) -> None:
    """The unit was told; it signs and says how far it is."""
    liaison.go("/inbox")
    liaison.sees(TEXT)
    liaison.page.goto(address)
    liaison.press("Sign for")
    form = liaison.verb("report")
    form.locator("[name=text]").fill("初稿已完成")
    form.locator("[name=percent]").fill("60")
    liaison.press("Report progress", form)
    liaison.sees(liaison.say("Progress was reported."))


def submit(liaison: Person, folder: Path) -> None:
    """Two files travel with progress while the form is being written."""
    proof, photo = folder / "方案.pdf", folder / "照片.png"
    proof.write_bytes(files.pdf())
    photo.write_bytes(files.png(size=(300, 200)))
    form = liaison.verb("submit")
    form.locator("[name=text]").fill("方案已印发，请予办结")
    form.locator("[type=file]").set_input_files([proof, photo])
    form.locator(".staged").nth(1).wait_for()
    liaison.press("Submit for completion", form)
    liaison.sees(liaison.say("Submitted. It now waits for review."))


def review(coordinator: Person) -> None:
    """From the queue to proof and decision side by side."""
    coordinator.go("/review")
    link = coordinator.page.get_by_role("link", name=re.compile(coordinator.say("Review"))).last
    coordinator.visit(link)
    picture = coordinator.page.locator("img.proof-page").first
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    form = coordinator.verb("accept")
    for box in form.locator("[name=ticked]").all():
        box.check()
    coordinator.press("Accept", form)
    coordinator.sees(coordinator.say("Accepted. It counts in the score from now on."))


def score_of(person: Person) -> str:
    """县教委's score to date, as the scorecard prints it."""
    person.go("/scorecard?period=2024")
    row = person.page.get_by_role("row").filter(has_text="县教委").first
    return row.locator("strong").first.inner_text()
