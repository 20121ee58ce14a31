"""Both databases keep what planner.db promises: exact numbers, instants, and writers that wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from threading import Event

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select, update

from planner import db
from planner.db import BigId, Exact, Instant, Sessions
from planner.domain.errors import Busy

SHANGHAI = timezone(timedelta(hours=8))
things = Table(
    "thing",
    MetaData(naming_convention=db.Base.metadata.naming_convention),
    Column("id", BigId, primary_key=True),
    Column("amount", Exact),
    Column("at", Instant),
)


@pytest.fixture
def stored(sessions: Sessions) -> Sessions:
    """A database with one thing in it."""
    things.create(sessions.engine)
    with sessions.writing() as session:
        row = {"id": 1, "amount": Decimal(0), "at": datetime(2024, 10, 15, tzinfo=UTC)}
        session.execute(insert(things).values(**row))
        session.commit()
    return sessions


def amount(sessions: Sessions) -> Decimal:
    with sessions.reading() as session:
        return session.scalars(select(things.c.amount)).one()


def change(sessions: Sessions, **values: object) -> None:
    with sessions.writing() as session:
        session.execute(update(things).values(**values))
        session.commit()


@pytest.mark.parametrize("text", ["0.1", "0", "-3.141592", "1800", "9000000000000.000001"])
def test_an_amount_comes_back_exactly(stored: Sessions, text: str) -> None:
    change(stored, amount=Decimal(text))
    assert amount(stored) == Decimal(text)


def test_an_amount_finer_than_a_millionth_is_refused(stored: Sessions) -> None:
    with pytest.raises(Exception, match="more than six decimal places"):
        change(stored, amount=Decimal("0.0000001"))


def test_an_instant_comes_back_in_utc(stored: Sessions) -> None:
    at = datetime(2024, 10, 15, 7, 30, 5, 123456, tzinfo=SHANGHAI)
    change(stored, at=at)
    with stored.reading() as session:
        back = session.scalars(select(things.c.at)).one()
    assert back == at
    assert back.tzinfo is UTC


def test_a_time_without_zone_is_refused(stored: Sessions) -> None:
    with pytest.raises(Exception, match="an instant needs a time zone"):
        change(stored, at=datetime(2024, 10, 15))  # noqa: DTZ001


def test_a_writer_that_does_not_commit_changes_nothing(stored: Sessions) -> None:
    with stored.writing() as session:
        session.execute(update(things).values(amount=Decimal(1)))
    assert amount(stored) == 0


def test_writers_that_read_first_wait_for_each_other(stored: Sessions) -> None:
    """Each reads, then adds one: a writer that did not wait would fail, or lose an addition."""
    writers, rounds = 4, 5

    def add_one() -> None:
        with stored.writing() as session:
            old = session.scalars(select(things.c.amount).with_for_update()).one()
            session.execute(update(things).values(amount=old + 1))
            session.commit()

    with ThreadPoolExecutor(writers) as pool:
        for done in [pool.submit(add_one) for _ in range(writers * rounds)]:
            done.result()
    assert amount(stored) == writers * rounds


def test_a_reader_does_not_wait_for_a_writer(stored: Sessions) -> None:
    with stored.writing() as session:
        session.execute(update(things).values(amount=Decimal(1)))
        assert amount(stored) == 0


def test_a_second_sqlite_writer_begins_only_when_the_first_ends(sqlite_sessions: Sessions) -> None:
    began = Event()

    def second() -> None:
        with sqlite_sessions.writing():
            began.set()

    with ThreadPoolExecutor(1) as pool:
        with sqlite_sessions.writing():
            waiting = pool.submit(second)
            assert not began.wait(0.2)
        waiting.result()
    assert began.is_set()


def test_waiting_too_long_is_a_refusal_that_can_be_read(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 50)
    sessions = Sessions(db.make_engine(sqlite_url))
    with sessions.writing(), pytest.raises(Busy), sessions.writing():
        pass
    sessions.engine.dispose()


def test_statements_of_both_kinds_of_session_are_counted(
    stored: Sessions, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with count_queries() as statements:
        amount(stored)
        change(stored, amount=Decimal(2))
    assert [s.split()[0] for s in statements if not s.startswith("BEGIN")] == ["SELECT", "UPDATE"]


def test_all_queries_of_one_page_see_the_same_moment(stored: Sessions) -> None:
    """Figures and the lists behind them would disagree otherwise."""
    with stored.reading() as page:
        before = page.scalar(select(things.c.amount))
        change(stored, amount=Decimal(7))
        assert page.scalar(select(things.c.amount)) == before
    assert amount(stored) == 7
