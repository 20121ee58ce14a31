"""The assessment of the cast's year, step by step, each on its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from planner.runtime import Runtime
from planner.services import assessments, self_assessments
from planner.services.assessments import Opening
from tests.support.cast import Cast

OPENED, CLOSED, CHECKED = date(2025, 1, 6), date(2025, 1, 14), date(2025, 1, 15)
PUBLICISED, APPROVED = date(2025, 1, 16), date(2025, 1, 24)
YEAR = Opening("2024年度考核", "2024", date(2024, 12, 31), date(2025, 1, 13), Decimal(5))
NUMBER = "县府办〔2025〕3号"


def move_to(runtime: Runtime, day: date) -> None:
    """The business date of whoever uses the pages from now on."""
    object.__setattr__(runtime, "settings", replace(runtime.settings, today=day))


def publicised(cast: Cast, form: Opening = YEAR) -> int:
    """The assessment with its first result, assessed by nobody; a remark stands at 县教委's row."""
    made = cast.do_on(OPENED, assessments.open_assessment, "coordinator", form).id
    cast.do_on(CLOSED, assessments.close_self_assessment, "coordinator", made)
    remarked = (made, cast.units["县教委"], f"assignment:{cast.edu_row}", "验收单与现场一致。")
    cast.do_on(CLOSED, self_assessments.note_remark, "coordinator", *remarked)
    cast.do_on(CHECKED, assessments.finish_check, "coordinator", made)
    cast.do_on(PUBLICISED, assessments.publicise, "coordinator", made)
    return made


def final(cast: Cast) -> int:
    """The same, approved and final."""
    made = publicised(cast)
    cast.do_on(APPROVED, assessments.approve, "supervisor", made, NUMBER)
    cast.do_on(APPROVED, assessments.finalise, "coordinator", made)
    return made
