"""From the request through the head's phone to the decision, by clicking, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.services import units
from planner.services.units import UnitForm
from tests.support import files, verbs
from tests.support.cast import EDU, Cast
from tests.support.live import Enter, Person

pytestmark = pytest.mark.browser

REASON = "市级平台接口标准调整。"
PHONE = {"width": 390, "height": 800}


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_more_time_goes_from_the_unit_through_its_head_to_the_lead(
    enter: Enter, cast: Cast, tmp_path: Path, locale: str
) -> None:
    row = verbs.start(cast, cast.edu_row)
    cast.do(units.edit_unit, "admin", cast.units[EDU], UnitForm(EDU, sign_off=True))
    liaison = enter("edu", locale)
    ask(liaison, row, tmp_path)
    sign_on_the_phone(enter("edu-head", locale))
    decide(enter("coordinator", locale))
    liaison.go(f"/assignments/{row}")
    liaison.sees(liaison.language.date(verbs.found(cast, row).due_on))  # type: ignore[arg-type]
    assert str(verbs.found(cast, row).due_on) == "2024-12-20"


def ask(liaison: Person, row: int, folder: Path) -> None:
    """With a file that travels while the form is still being written."""
    paper = folder / "通知.pdf"
    paper.write_bytes(files.pdf())
    liaison.go(f"/assignments/{row}")
    form = liaison.verb("ask_extension")
    form.locator("[name=files]").set_input_files(paper)
    form.locator("[data-staged] .staged").wait_for()
    form.locator("[name=due_on]").fill("2024-12-27")
    form.locator("[name=cause]").select_option("policy")
    form.locator("[name=reason]").fill(REASON)
    liaison.press("Ask for more time", form)
    liaison.sees(liaison.say("Put before the head of your unit for signature."))


def sign_on_the_phone(head: Person) -> None:
    """What waits stands first; the proof can be looked at before it is signed."""
    head.page.set_viewport_size(PHONE)
    head.go("/")
    head.visit(head.page.locator("section[aria-labelledby=to-sign]").get_by_role("link").first)
    head.sees(REASON)
    picture = head.page.locator("section[aria-labelledby=sign-off] img").first
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    head.press("Sign: it leaves the unit today")
    head.sees(head.say("Signed off. It has left the unit today."))


def decide(coordinator: Person) -> None:
    """From the list of what waits to the exact day."""
    coordinator.go("/")
    section = coordinator.page.locator("section[aria-labelledby=led-requests]")
    coordinator.visit(section.get_by_role("link").last)
    form = coordinator.verb("decide_request")
    form.locator("[name=decision][value=grant]").check()
    form.locator("[name=due_on]").fill("2024-12-20")
    coordinator.press("Decide request", form)
    coordinator.sees(coordinator.say("Decided. Those who asked were told."))
