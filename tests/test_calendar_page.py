"""The administrator sees which days are worked and settles what no notice says."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from planner.domain.errors import BadInput, NotAllowed
from planner.domain.reminder_rules import Lights
from planner.models import Assignment, JournalEntry
from planner.runtime import Runtime
from planner.services import breakdown, calendar_days
from planner.services.standing import standing
from tests.support.cast import TODAY, Cast
from tests.support.pages import LogIn, text_of

STORM = date(2024, 10, 16)
SATURDAY = date(2024, 10, 19)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def is_workday(cast: Cast, day: date) -> bool:
    """As a process sees it that starts anew."""
    anew = Runtime(cast.runtime.settings)
    try:
        return anew.clock().calendar.is_workday(day)
    finally:
        anew.sessions.engine.dispose()


def test_a_day_that_is_settled_holds_in_every_process_at_once(cast: Cast) -> None:
    before = cast.runtime.clock().calendar
    assert before.is_workday(STORM)
    assert not before.is_workday(SATURDAY)
    cast.do(calendar_days.settle, "admin", STORM, False, "台风停工")
    cast.do(calendar_days.settle, "admin", SATURDAY, True, "补班")
    assert not cast.runtime.clock().calendar.is_workday(STORM)
    assert not is_workday(cast, STORM)
    assert is_workday(cast, SATURDAY)


def test_a_day_off_by_hand_moves_the_due_date_on(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    with cast.runtime.sessions.writing() as db:
        db.get_one(Assignment, cast.edu_row).due_on = STORM
        db.commit()
    after = date(2024, 10, 17)
    lights = Lights(30, 7, 10, 30)

    def days_late() -> int:
        with cast.reading() as db:
            row = db.get_one(Assignment, cast.edu_row)
            return standing(row, cast.clock(after), lights, []).days_late

    assert days_late() == 1
    cast.do(calendar_days.settle, "admin", STORM, False, "台风停工")
    assert days_late() == 0


def test_the_last_word_holds_and_can_be_taken_back(cast: Cast) -> None:
    cast.do(calendar_days.settle, "admin", STORM, False, "台风停工")
    cast.do(calendar_days.settle, "admin", STORM, True, "台风转向")
    assert is_workday(cast, STORM)
    cast.do(calendar_days.settle, "admin", SATURDAY, True, "补班")
    cast.do(calendar_days.settle, "admin", SATURDAY, None, "撤销")
    assert not is_workday(cast, SATURDAY)
    with cast.reading() as db:
        assert list(calendar_days.settled(db)) == [STORM]
        acts = db.scalars(select(JournalEntry).where(JournalEntry.verb == "calendar_day")).all()
    assert [act.subject for act in acts] == [f"day:{d}" for d in (STORM, STORM, SATURDAY, SATURDAY)]


@pytest.mark.parametrize(
    ("day", "worked", "why"),
    [
        (None, False, "give a day"),
        (date(2024, 10, 14), False, "is over"),
        (date(2055, 1, 2), False, "ten years"),
        (STORM, True, "working day already"),
        (SATURDAY, False, "day off already"),
        (STORM, None, "nothing to take back"),
    ],
)
def test_what_cannot_be_settled_is_refused(
    cast: Cast, day: date | None, worked: bool | None, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        cast.do(calendar_days.settle, "admin", day, worked, "试")
    with cast.reading() as db:
        assert not calendar_days.settled(db)


def test_nobody_but_the_administrator_settles_days(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        cast.do(calendar_days.settle, "coordinator", STORM, False, "台风停工")


def test_the_page_shows_the_year_and_what_is_provisional(client_of: LogIn) -> None:
    admin = client_of("admin")
    this_year = admin.get("/calendar").text
    assert this_year.count('<table class="month">') == 12
    assert this_year.count("day-made_up") == 8 + 1, "the make-up days of 2024, and the legend"
    assert 'role="note"' not in this_year
    later = admin.get("/calendar?year=2035").text
    assert 'role="note"' in later
    assert admin.get("/calendar?year=nonsense").status_code == 200


def test_settling_and_taking_back_on_the_page(client_of: LogIn, cast: Cast) -> None:
    admin = client_of("admin")
    done = admin.send("/calendar", day=STORM.isoformat(), worked="off", reason="台风停工")
    assert done.status_code == 303
    page = admin.get(done.location)
    assert "台风停工" in text_of(page)
    assert not is_workday(cast, STORM)
    refused = admin.send("/calendar", day="2024-10-01", worked="off", reason="晚了")
    assert refused.status_code == 422
    assert "晚了" in refused.text
    back = admin.send("/calendar", action="/back")
    assert back.status_code == 303
    assert is_workday(cast, STORM)


def test_the_exceptions_of_a_year_can_be_taken_away_as_a_file(client_of: LogIn) -> None:
    csv = client_of("admin").get("/calendar.csv?year=2024").text
    assert "2024-10-12" in csv
    assert TODAY.isoformat() not in csv
