"""The plan's quantified targets: what units proved of their amounts, each thing counted once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from planner.domain.lifecycle import State
from planner.domain.scores.period import Period
from planner.domain.words import Comparator, DueBasis, Method, Part
from planner.models import Assignment, Plan, Portion, Target, UntrueFinding
from planner.services.due_dates import set_due
from planner.services.scores import current_scores
from planner.services.target_progress import TargetProgress, target_progress
from tests.support import history
from tests.support.cast import EDU, HEALTH, TODAY, Cast

END = date(2024, 12, 31)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


@pytest.fixture
def played(cast: Cast) -> Cast:
    """The cast at the end of its year: one charger confirmed for the row, one for its node."""
    history.play(cast, END)
    return cast


def progress(cast: Cast) -> list[TargetProgress]:
    with cast.reading() as db:
        return list(target_progress(db, db.get_one(Plan, cast.plan)))


def add_target(cast: Cast, task_id: int, **more: Any) -> int:
    values = {
        "key": f"more-{more.get('measure', '')}",
        "what": "又一目标",
        "sentence": "建成充电桩3个以上。",
        "section": "专栏1",
        "comparator": Comparator.AT_LEAST,
        "amount": Decimal(70),
        "measure": "%",
        **more,
    }
    with cast.runtime.sessions.writing() as db:
        target = Target(task_id=task_id, **values)
        db.add(target)
        db.commit()
        return target.id


def add_row(
    cast: Cast, unit: str, done: str | None, state: State = State.IN_PROGRESS, **more: Any
) -> int:
    """An issued proportional row, with a verified portion of `done`."""
    clock = cast.clock()
    with cast.runtime.sessions.writing() as db:
        made = Assignment(
            task_id=cast.standard,
            unit_id=cast.units[unit],
            text="比例",
            state=State.DRAFT,
            part=Part.RESPONSIBLE,
            method=Method.PROPORTIONAL,
            weight=Decimal(1),
            **{"amount": Decimal(70), "measure": "%", **more},
        )
        db.add(made)
        db.flush()
        set_due(db, cast.actor("coordinator"), clock, made, END, basis=DueBasis.SET, raw="")
        made.issued_on, made.state = TODAY, state
        made.cancelled_on = TODAY if state is State.CANCELLED else None
        if done:
            template = db.scalars(select(Portion)).first()
            assert template is not None
            db.add(
                Portion(
                    assignment_id=made.id,
                    submission_id=template.submission_id,
                    review_id=template.review_id,
                    amount=Decimal(done),
                    handed_in_on=TODAY,
                    on=TODAY,
                    at=clock.now,
                )
            )
        db.commit()
        return made.id


def test_a_row_and_its_nodes_are_counted_once(played: Cast) -> None:
    """One charger was confirmed for the row and one accepted for its node: it is the same one."""
    (chargers,) = progress(played)
    assert (chargers.allocated, chargers.verified, chargers.claimed) == (3, 1, 2)
    assert (chargers.rows, chargers.amount, chargers.measure) == (1, 3, "个")


@pytest.mark.parametrize("day", [TODAY, END])
def test_a_shared_target_has_the_numbers_that_the_score_has(cast: Cast, day: date) -> None:
    history.play(cast, day)
    with cast.runtime.sessions.writing() as db:
        for target in db.scalars(select(Target)):
            target.shared = True
        db.commit()
    with cast.reading() as db:
        (shared,) = current_scores(db, cast.clock(day), Period()).shared
    (own,) = progress(cast)
    assert (own.allocated, own.verified, own.claimed) == (
        shared.allocated,
        shared.verified,
        shared.claimed,
    )


def test_of_a_rate_the_county_has_what_every_unit_has_reached(played: Cast) -> None:
    add_target(played, played.standard)
    add_row(played, EDU, "80", amount=Decimal(90))
    add_row(played, HEALTH, "50")
    rate = next(each for each in progress(played) if each.measure == "%")
    assert (rate.rows, rate.verified) == (2, 50)


def test_what_was_cancelled_or_never_issued_counts_nothing(played: Cast) -> None:
    add_target(played, played.standard)
    add_row(played, EDU, "80", state=State.CANCELLED)
    rate = next(each for each in progress(played) if each.measure == "%")
    assert (rate.rows, rate.allocated, rate.verified, rate.shown) == (0, 0, 0, False)


def test_evidence_found_untrue_proves_nothing(played: Cast) -> None:
    clock = played.clock()
    with played.runtime.sessions.writing() as db:
        for number in (played.charger_row, played.charger_node):
            portion = db.scalars(select(Portion).where(Portion.assignment_id == number)).first()
            assert portion is not None
            db.add(
                UntrueFinding(
                    assignment_id=number,
                    submission_id=portion.submission_id,
                    year=2024,
                    reason="照片是旧的。",
                    by_id=played.users["coordinator"],
                    on=TODAY,
                    at=clock.now,
                )
            )
        db.commit()
    (chargers,) = progress(played)
    assert (chargers.verified, chargers.claimed) == (0, 0)


def test_an_amount_belongs_to_the_target_that_its_row_names(played: Cast) -> None:
    """With two targets of one measure the measure alone does not tell."""
    other = add_target(played, played.chargers, measure="个", amount=Decimal(9))
    assert [each.rows for each in progress(played)] == [0, 0]
    with played.runtime.sessions.writing() as db:
        db.get_one(Assignment, played.charger_row).target_id = other
        db.commit()
    first, second = progress(played)
    assert (first.rows, second.rows, second.verified) == (0, 1, 1)


def test_a_ceiling_is_no_amount_to_be_reached(played: Cast) -> None:
    add_target(played, played.standard, comparator=Comparator.AT_MOST, measure="PUE")
    ceiling = next(each for each in progress(played) if each.measure == "PUE")
    assert not ceiling.counted
    assert not ceiling.is_missed(Fraction(1, 2))


@pytest.mark.parametrize(
    ("gone", "missed"), [("0", False), ("1/3", False), ("1/2", True), ("1", True)]
)
def test_what_falls_short_at_the_present_pace_will_be_missed(
    played: Cast, gone: str, missed: bool
) -> None:
    """One of three is verified: on pace as long as a third of the time has gone."""
    (chargers,) = progress(played)
    assert chargers.is_missed(Fraction(gone)) is missed
    assert (chargers.expected(Fraction(gone)) is None) is (gone == "0")


def test_three_times_the_rows_ask_no_query_more(
    played: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    add_target(played, played.standard)
    with count_queries() as few:
        progress(played)
    for _ in range(6):
        add_row(played, EDU, "10")
    with count_queries() as many:
        progress(played)
    assert len(few) == len(many)
