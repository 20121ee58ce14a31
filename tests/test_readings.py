"""Readings of indicators: entered by the owner, decided by the lead, never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from planner.domain.errors import BadInput, NotAllowed, NotFound, Stale
from planner.domain.readings import ReadingVerb
from planner.domain.scores.period import AsOf, Period
from planner.domain.words import Outcome
from planner.models import ConfirmedBase, Evidence, IndicatorReading, JournalEntry, Message, User
from planner.services import evidence, indicator_bases, readings
from planner.services.evidence import EvidenceForm
from planner.services.indicator_bases import BaseForm
from planner.services.plans import active_plan, scoring_rules
from planner.services.scores import UnitScore, plan_scores
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.metering import SPRING, Measured, confirm, enter, form, found, measure
from tests.support.verbs import dump, receive

LINKS = EvidenceForm(links=("https://example.org/report",))


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


@pytest.fixture
def given(cast: Cast) -> Measured:
    """The cast's plan with indicators."""
    return measure(cast)


def refused(cast: Cast, verb: Callable[..., Any], *args: Any, day: date = SPRING) -> Any:
    """What a verb is refused with; nothing changed."""
    before = dump(cast)
    with pytest.raises((BadInput, NotAllowed, NotFound, Stale)) as caught:
        cast.do_on(day, verb, *args)
    assert dump(cast) == before
    return caught.value


def told(cast: Cast, verb: ReadingVerb) -> set[str]:
    """Who was told of the last act of that verb."""
    with cast.reading() as db:
        newest = select(JournalEntry.id).where(JournalEntry.verb == verb)
        entry = db.scalars(newest.order_by(JournalEntry.id.desc())).first()
        query = select(User.username).join(Message, Message.recipient_id == User.id)
        return set(db.scalars(query.where(Message.key == f"event:{entry}")))


def score_of(cast: Cast, unit: str, year: int, day: date = TODAY) -> UnitScore | None:
    with cast.reading() as db:
        plan = active_plan(db)
        asked = AsOf.on(day, Period(year))
        rules = scoring_rules(db, plan)
        return plan_scores(db, plan, asked, cast.clock(day).calendar, rules).unit(cast.units[unit])


def test_a_reading_counts_once_the_lead_confirmed_it(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94", evidence=LINKS)
    assert told(cast, ReadingVerb.ENTER) == {"coordinator", "coordinator2"}
    assert score_of(cast, EDU, 2023, SPRING) is None
    confirm(cast, given.edu, reading)
    assert told(cast, ReadingVerb.CONFIRM) == {"edu", "edu-head"}
    scored = score_of(cast, EDU, 2023)
    assert scored is not None
    assert scored.figures.to_date.total == 100
    assert found(cast, reading).outcome == Outcome.GRANTED


def test_its_evidence_stands_in_the_line_of_the_score(cast: Cast, given: Measured) -> None:
    stored = receive(cast)
    staged = cast.do_on(SPRING, evidence.stage_for_reading, "edu", given.edu, stored)
    proof = EvidenceForm(tokens=(staged.token,), links=LINKS.links)
    confirm(cast, given.edu, enter(cast, given.edu, "94", evidence=proof))
    scored = score_of(cast, EDU, 2023)
    assert scored is not None
    assert scored.lines[0].refs == (
        f"indicator:{given.edu}",
        f"evidence:{stored.sha256}",
        "link:https://example.org/report",
        "section:专栏1",
    )


def test_a_correction_is_a_new_reading_and_the_last_confirmed_counts(
    cast: Cast, given: Measured
) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "94"))
    later = enter(cast, given.edu, "97", day=date(2024, 5, 6))
    assert score_of(cast, EDU, 2023).figures.to_date.total == 100  # type: ignore[union-attr]
    confirm(cast, given.edu, later, day=date(2024, 5, 8))
    assert score_of(cast, EDU, 2023).figures.to_date.total == 50  # type: ignore[union-attr]
    as_before = score_of(cast, EDU, 2023, date(2024, 5, 7))
    assert as_before is not None
    assert as_before.figures.to_date.total == 100


def test_one_waits_at_most_for_each_year(cast: Cast, given: Measured) -> None:
    enter(cast, given.edu, "94")
    assert isinstance(refused(cast, readings.enter, "edu-head", given.edu, form("95")), Stale)
    enter(cast, given.edu, "96", 2022)


def test_who_entered_it_takes_it_back_while_it_is_open(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94")
    error = refused(cast, readings.take_back, "edu-head", given.edu, reading)
    assert isinstance(error, NotAllowed)
    cast.do_on(SPRING, readings.take_back, "edu", given.edu, reading)
    assert found(cast, reading).outcome == Outcome.TAKEN_BACK
    enter(cast, given.edu, "94.5")
    assert isinstance(refused(cast, readings.take_back, "edu", given.edu, reading), Stale)


def test_a_refusal_says_why_and_it_is_entered_again(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94")
    assert isinstance(
        refused(cast, readings.refuse, "coordinator", given.edu, reading, " "), BadInput
    )
    cast.do_on(SPRING, readings.refuse, "coordinator", given.edu, reading, "单位不对。")
    assert told(cast, ReadingVerb.REFUSE) == {"edu", "edu-head"}
    assert found(cast, reading).decision_reason == "单位不对。"
    confirm(cast, given.edu, enter(cast, given.edu, "94"))


def test_two_decisions_on_one_reading_are_a_conflict(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94")
    confirm(cast, given.edu, reading)
    for verb, *more in ((readings.confirm,), (readings.refuse, "不对。")):
        error = refused(cast, verb, "coordinator2", given.edu, reading, *more)
        assert isinstance(error, Stale)


ROLES = ("coordinator", "edu", "edu-head", "health", "supervisor", "leader", "auditor", "admin")


@pytest.mark.parametrize(
    ("indicator", "entering", "deciding"),
    [
        ("edu", {"edu", "edu-head"}, {"coordinator"}),
        ("health", {"health"}, {"coordinator"}),
        ("total", {"coordinator"}, {"supervisor"}),
    ],
)
def test_the_owner_enters_and_the_lead_decides_never_on_its_own(
    cast: Cast, given: Measured, indicator: str, entering: set[str], deciding: set[str]
) -> None:
    wanted = getattr(given, indicator)
    value = {"edu": "94", "health": "48", "total": "15000"}[indicator]
    owner = min(entering)
    reading = enter(cast, wanted, value, who=owner)
    for who in ROLES:
        if who not in entering:
            error = refused(cast, readings.enter, who, wanted, form(value, 2022))
            assert isinstance(error, NotAllowed | NotFound)
        if who not in deciding:
            error = refused(cast, readings.confirm, who, wanted, reading)
            assert isinstance(error, NotAllowed | NotFound)
            error = refused(cast, readings.refuse, who, wanted, reading, "不对。")
            assert isinstance(error, NotAllowed | NotFound)
    confirm(cast, wanted, reading, who=min(deciding))


def test_who_entered_a_reading_never_decides_it_from_another_office(
    cast: Cast, given: Measured
) -> None:
    """A liaison who became coordinator of the lead meanwhile."""
    reading = enter(cast, given.edu, "94")
    moved = replace(cast.actor("coordinator"), user_id=cast.users["edu"])
    with cast.runtime.sessions.writing() as db, pytest.raises(NotAllowed):
        readings.confirm(db, moved, cast.clock(SPRING), given.edu, reading)


def test_a_reading_is_reached_through_its_own_indicator_alone(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94")
    error = refused(cast, readings.confirm, "coordinator", given.health, reading)
    assert isinstance(error, NotFound)


@pytest.mark.parametrize(
    ("year", "day", "allowed"),
    [
        (2020, SPRING, False),
        (2021, SPRING, True),
        (2023, SPRING, True),
        (2024, date(2024, 11, 29), False),
        (2024, date(2024, 12, 2), True),
        (2025, date(2024, 12, 2), False),
        (2025, date(2026, 1, 5), True),
        (2026, date(2027, 1, 5), False),
    ],
)
def test_the_years_that_can_be_read(
    cast: Cast, given: Measured, year: int, day: date, allowed: bool
) -> None:
    if allowed:
        enter(cast, given.edu, "94", year, day=day)
    else:
        error = refused(cast, readings.enter, "edu", given.edu, form("94", year), day=day)
        assert error.field == "year"


def test_a_year_before_the_plans_issue_is_kept_and_not_scored(cast: Cast, given: Measured) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "90", 2021))
    assert score_of(cast, EDU, 2021) is None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "value"),
        ("NaN", "value"),
        ("-94", "value"),
        ("0", "value"),
        ("94.1234567", "value"),
        ("94000", "sure"),
        ("0.094", "sure"),
        ("151", "sure"),
        ("49", "sure"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_one_that_looks_wrong_asked_about(
    cast: Cast, given: Measured, value: str | None, field: str
) -> None:
    error = refused(cast, readings.enter, "edu", given.edu, form(value))
    assert isinstance(error, BadInput)
    assert error.field == field
    if field == "sure" and value is not None:
        other = refused(cast, readings.enter, "edu", given.edu, form(value, sure=Decimal(1)))
        assert other.field == "sure"
        enter(cast, given.edu, value, sure=Decimal(value))


def test_a_value_is_compared_with_the_last_confirmed_one(cast: Cast, given: Measured) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "60", 2022))
    assert refused(cast, readings.enter, "edu", given.edu, form("94")).field == "sure"
    enter(cast, given.edu, "94", 2021)


@pytest.mark.parametrize("more", [{"source": " "}, {"source": "长" * 501}])
def test_a_reading_needs_its_source(cast: Cast, given: Measured, more: dict[str, str]) -> None:
    assert refused(cast, readings.enter, "edu", given.edu, form("94", **more)).field == "source"


def test_a_contradictory_indicator_is_scored_once_its_base_is_recorded(
    cast: Cast, given: Measured
) -> None:
    confirm(cast, given.health, enter(cast, given.health, "47", who="health"))
    assert score_of(cast, HEALTH, 2023) is None
    base = BaseForm(Decimal(49), "按台账核对。")
    assert isinstance(
        refused(cast, indicator_bases.settle_base, "health", given.health, base), NotAllowed
    )
    cast.do_on(SPRING, indicator_bases.settle_base, "coordinator", given.health, base)
    assert told(cast, ReadingVerb.SETTLE_BASE) == {"health"}
    scored = score_of(cast, HEALTH, 2023)
    assert scored is not None
    assert scored.figures.to_date.total == Decimal("83.33")


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        ("44", "低于目标。", "value"),
        (None, "没有数。", "value"),
        ("49", "", "reason"),
        ("50000", "单位错。", "sure"),
    ],
)
def test_a_base_needs_a_sensible_value_and_a_reason(
    cast: Cast, given: Measured, value: str | None, reason: str, field: str
) -> None:
    base = BaseForm(None if value is None else Decimal(value), reason)
    error = refused(cast, indicator_bases.settle_base, "coordinator", given.health, base)
    assert error.field == field


def test_an_unambiguous_base_stays_as_printed(cast: Cast, given: Measured) -> None:
    base = BaseForm(Decimal(99), "想改。")
    error = refused(cast, indicator_bases.settle_base, "coordinator", given.edu, base)
    assert isinstance(error, BadInput)
    with cast.reading() as db:
        assert not db.scalars(select(ConfirmedBase)).all()


def test_readings_and_their_evidence_are_never_changed(cast: Cast, given: Measured) -> None:
    confirm(cast, given.edu, enter(cast, given.edu, "94", evidence=LINKS))
    for statement in (
        "UPDATE indicator_readings SET value = 1",
        "UPDATE indicator_readings SET outcome = 'refused'",
        "DELETE FROM indicator_readings",
        "UPDATE evidence SET reading_id = NULL",
    ):
        with cast.runtime.sessions.writing() as db, pytest.raises(DatabaseError):
            db.execute(text(statement))


def test_files_are_staged_by_those_who_may_enter_alone(cast: Cast, given: Measured) -> None:
    stored = receive(cast)
    for who in ("health", "coordinator", "supervisor", "leader"):
        error = refused(cast, evidence.stage_for_reading, who, given.edu, stored)
        assert isinstance(error, NotAllowed | NotFound)


def test_a_file_staged_for_one_indicator_is_none_for_another(cast: Cast, given: Measured) -> None:
    staged = cast.do_on(
        SPRING, evidence.stage_for_reading, "coordinator", given.total, receive(cast)
    )
    proof = EvidenceForm(tokens=(staged.token,))
    error = refused(cast, readings.enter, "coordinator", given.mean, form("168", evidence=proof))
    assert error.field == "evidence"


def test_evidence_is_loaded_by_those_who_may_see_the_indicator_alone(
    cast: Cast, given: Measured
) -> None:
    reading = enter(cast, given.edu, "94", evidence=LINKS)
    with cast.reading() as db:
        piece = db.scalars(select(Evidence).where(Evidence.reading_id == reading)).one()
        for who in ("edu", "edu-head", "coordinator", "supervisor", "leader"):
            load = evidence.load_of_reading(db, cast.actor(who), given.edu, piece.id)
            assert load.id == piece.id
        for who in ("health", "auditor", "admin"):
            with pytest.raises(NotFound):
                evidence.load_of_reading(db, cast.actor(who), given.edu, piece.id)
        with pytest.raises(NotFound):
            evidence.load_of_reading(db, cast.actor("leader"), given.health, piece.id)


def test_an_estimate_keeps_its_rule(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94", estimated_by="按上年同期推算。")
    assert found(cast, reading).estimated_by == "按上年同期推算。"
    with cast.reading() as db:
        assert db.scalars(select(IndicatorReading.inputs)).all() == [None]
