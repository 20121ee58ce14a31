"""A reading entered by a unit and confirmed by the lead, and a sheet, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import files
from tests.support.cast import Cast
from tests.support.live import Enter
from tests.support.metering import USED, measure

pytestmark = pytest.mark.browser


def test_a_reading_is_entered_doubted_confirmed(enter: Enter, cast: Cast, tmp_path: Path) -> None:
    """The file travels by itself; the box appears with its reason, and nothing is lost."""
    indicator = measure(cast).edu
    proof = tmp_path / "统计年报.pdf"
    proof.write_bytes(files.pdf())
    edu = enter("edu", "zh")
    edu.go(f"/indicators/{indicator}")
    form = edu.page.locator("main form[action$='/enter']")
    form.locator("[name=value]").fill("94000")
    form.locator("[name=source]").fill("2023年度统计年报")
    form.locator("[type=file]").set_input_files(proof)
    form.locator("[name=tokens]").wait_for()
    edu.press("Send for confirmation", form)
    edu.sees("一千倍")
    assert form.locator("[name=source]").input_value() == "2023年度统计年报"
    form.locator("[name=value]").fill("94")
    edu.press("Send for confirmation", form)
    edu.sees("统计年报.pdf")
    coordinator = enter("coordinator", "zh")
    coordinator.go(f"/indicators/{indicator}")
    coordinator.press("Confirm")
    coordinator.sees(coordinator.say("Confirmed: counts"))
    title = coordinator.page.locator("svg.chart-indicator desc").text_content()
    assert title is not None
    assert "2023: 94" in title


def test_a_sheet_is_counted_and_sent(enter: Enter, cast: Cast) -> None:
    measure(cast)
    coordinator = enter("coordinator", "zh")
    coordinator.go("/indicators")
    coordinator.follow("Fill in the consumption sheet")
    page = coordinator.page
    for key, value in USED.items():
        page.fill(f"[name=used_{key}]", str(value))
    page.fill("[name=source]", "2023年度统计年报")
    coordinator.press("Count it")
    coordinator.sees("174.03")
    coordinator.press("Send for confirmation")
    coordinator.sees(coordinator.say("waiting for decision"))
