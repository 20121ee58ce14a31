"""Pages on paper: what is read stays, what is pressed goes, and everything fits an A4 sheet."""

from __future__ import annotations

import pytest

from tests.support.asking import more_time
from tests.support.cast import Cast
from tests.support.live import Enter
from tests.support.stage import set_stage
from tests.support.verbs import start, submit

pytestmark = pytest.mark.browser

A4_WIDTH = 703
"""What the margins leave of the sheet, in pixels of CSS."""

FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.mark.parametrize(
    "path",
    [
        "/scorecard",
        "/scorecard/boxes/{action}",
        "/scorecard/tasks/{task}",
        "/scorecard/units/{edu}",
        "/assignments/{in_progress}",
        "/review",
    ],
)
def test_a_page_fits_the_paper_without_what_is_pressed(enter: Enter, cast: Cast, path: str) -> None:
    stage = set_stage(cast)
    coordinator = enter("coordinator", "zh")
    coordinator.page.set_viewport_size({"width": A4_WIDTH, "height": 1020})
    coordinator.page.emulate_media(media="print")
    coordinator.go(stage.at(path))
    assert coordinator.page.evaluate(FITS)
    pressed = coordinator.page.locator("button:visible, nav.site-nav:visible, #verbs:visible")
    assert pressed.count() == 0
    assert coordinator.page.locator("thead:visible").count(), "tables stay tables"
    assert coordinator.page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("kind", ["submission", "request"])
def test_nothing_but_the_official_form_is_printed(enter: Enter, cast: Cast, kind: str) -> None:
    row = start(cast, cast.edu_row)
    made = submit(cast, row) if kind == "submission" else more_time(cast, row).id
    coordinator = enter("coordinator", "zh")
    coordinator.page.emulate_media(media="print")
    coordinator.go(f"/assignments/{row}/sheet?{kind}={made}")
    shown = coordinator.page.inner_text("body").strip().splitlines()
    assert shown[0] == ("报送表" if kind == "submission" else "申请表")
    assert "打印后" not in "".join(shown)
    assert ("完成数量" in "".join(shown)) is (kind == "submission")
