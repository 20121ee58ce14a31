"""Forms in a real browser: questions that can be declined, files that are slow or get lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Route
from sqlalchemy import select

from planner.models import Assignment, Evidence, Submission
from planner.services import breakdown, handing_in
from tests.support import files
from tests.support.cast import Cast
from tests.support.live import Enter, Person

pytestmark = pytest.mark.browser

UPLOADS = "**/assignments/*/files"
LOST = (
    "This file did not arrive. See that you are connected and still logged in, and that the file "
    "is not too large; then choose it again."
)
WAITING = "Files are still on their way. The form is sent as soon as they have arrived."
HELD = "Not sent: a file did not arrive. See beside the files why, then send again."
DONE = "Submitted. It now waits for review."


@pytest.fixture
def in_progress(cast: Cast) -> int:
    """县教委's row, issued and signed for."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    cast.do(handing_in.acknowledge, "edu", cast.edu_row)
    return cast.edu_row


def state_of(cast: Cast, assignment_id: int) -> str:
    """As the database has it."""
    with cast.reading() as db:
        return db.get_one(Assignment, assignment_id).state


def completion(person: Person, assignment_id: int) -> Locator:
    """The form of a completion, with its text typed."""
    person.go(f"/assignments/{assignment_id}")
    form = person.verb("submit")
    form.locator("[name=text]").fill("方案已印发")
    return form


def choose(form: Locator, path: Path, content: bytes) -> None:
    """Take a file, which begins to travel at once."""
    path.write_bytes(content)
    form.locator("[type=file]").set_input_files(path)


def test_a_declined_question_leaves_the_button_alive(
    enter: Enter, cast: Cast, in_progress: int
) -> None:
    coordinator = enter("coordinator", "zh")
    coordinator.go(f"/assignments/{in_progress}")
    form = coordinator.verb("cancel")
    form.locator("[name=reason]").fill("职能划出")
    form.locator("[name=cancel_class]").select_option("policy")
    form.locator("[name=document]").fill("测试〔2024〕8号")
    answers = iter((False, True))

    def answer(dialog: Dialog) -> None:
        dialog.accept() if next(answers) else dialog.dismiss()

    coordinator.page.on("dialog", answer)
    coordinator.press("Cancel", form)
    assert state_of(cast, in_progress) == "in_progress"
    coordinator.press("Cancel", form)
    coordinator.sees(coordinator.say("Cancelled."))
    assert state_of(cast, in_progress) == "cancelled"


def test_another_language_asks_before_it_drops_what_is_half_written(
    enter: Enter, in_progress: int
) -> None:
    liaison, asked = enter("edu", "zh"), []
    liaison.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    form = completion(liaison, in_progress)
    liaison.page.get_by_role("button", name="English").click()
    assert asked == [
        liaison.say("What you have just typed on this page is lost by that. Continue?")
    ]
    assert form.locator("[name=text]").input_value() == "方案已印发"
    liaison.go(f"/assignments/{in_progress}")
    liaison.page.get_by_role("button", name="English").click()
    liaison.page.wait_for_selector("html[lang=en]")
    assert len(asked) == 1, "nothing was written, and nothing is asked"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_form_waits_for_the_files_that_are_still_on_their_way(
    enter: Enter, cast: Cast, in_progress: int, tmp_path: Path, locale: str
) -> None:
    """Whoever presses the button early must not lose the proof."""
    liaison = enter("edu", locale)
    held: list[Route] = []
    liaison.page.route(UPLOADS, lambda route: held.append(route))  # noqa: PLW0108
    form = completion(liaison, in_progress)
    with liaison.page.expect_request(UPLOADS):
        choose(form, tmp_path / "方案.pdf", files.pdf())
    liaison.press("Submit for completion", form)
    liaison.sees(liaison.say(WAITING))
    assert state_of(cast, in_progress) == "in_progress"
    held.pop().continue_()
    liaison.sees(liaison.say(DONE))
    with cast.reading() as db:
        assert db.scalars(select(Evidence.name)).all() == ["方案.pdf"]


@pytest.mark.parametrize("lost", ["connection", "session", "size"])
def test_a_lost_file_is_named_with_its_reason_and_nothing_is_sent_without_it(
    enter: Enter, cast: Cast, in_progress: int, tmp_path: Path, lost: str
) -> None:
    liaison = enter("edu", "zh")
    held: list[Route] = []
    liaison.page.route(UPLOADS, lambda route: held.append(route))  # noqa: PLW0108
    form = completion(liaison, in_progress)
    with liaison.page.expect_request(UPLOADS):
        choose(form, tmp_path / "方案.pdf", files.pdf())
    liaison.press("Submit for completion", form)
    liaison.sees(liaison.say(WAITING))
    if lost == "connection":
        held.pop().abort()
    else:
        page = "<!doctype html><title>planner</title>"
        status = 200 if lost == "session" else 413
        held.pop().fulfill(status=status, content_type="text/html", body=page)
    liaison.sees(liaison.say(LOST))
    liaison.sees(liaison.say(HELD))
    assert "方案.pdf" in form.locator("[data-upload-list]").inner_text()
    with cast.reading() as db:
        assert db.scalars(select(Submission)).all() == []
    liaison.page.unroute(UPLOADS)
    choose(form, tmp_path / "方案.pdf", files.pdf())
    form.locator(".staged").wait_for()
    assert form.locator("[data-upload-list]").inner_text() == ""
    liaison.press("Submit for completion", form)
    liaison.sees(liaison.say(DONE))


def test_a_refused_file_is_shown_with_the_servers_reason(
    enter: Enter, cast: Cast, in_progress: int, tmp_path: Path
) -> None:
    liaison = enter("edu", "en")
    form = completion(liaison, in_progress)
    choose(form, tmp_path / "方案.pdf", b"")
    reason = form.locator("[data-upload-list] .field-error")
    reason.wait_for()
    assert "方案.pdf" in reason.inner_text()
    assert liaison.say(LOST) not in reason.inner_text()
