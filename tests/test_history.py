"""What happened stays: triggers refuse changes from anywhere, and the journal tells all acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from planner.db import Base
from planner.domain.words import Cause, ReturnKind
from planner.models import (
    AmountRevision,
    Assignment,
    CalendarDay,
    ConfirmedBase,
    IndicatorReading,
    JournalEntry,
    Reminder,
    Report,
    Request,
    Rollup,
    SelfAssessment,
    Settlement,
    SignOff,
    Slip,
    Submission,
    Suspension,
    UntrueFinding,
    Urge,
    UrgeAnswer,
)
from planner.models.triggers import UNCHANGEABLE
from planner.services import (
    appeals,
    assessments,
    breakdown,
    reviewing,
    self_assessments,
    steering,
    urging,
)
from planner.services.assessments import Opening
from planner.services.reviewing import ReturnForm
from planner.services.steering import CancelForm
from planner.services.timeline import timeline
from tests.support import verbs
from tests.support.cast import EDU, LEAD, TODAY, Cast
from tests.support.history import play
from tests.support.metering import measure
from tests.support.verbs import AFTER

DECISION = {"outcome", "decided_by_id", "decided_on", "decided_at", "decision_reason"}

KEPT: dict[str, set[str]] = {
    "journal": set[str](),
    "due_revisions": set[str](),
    "reviews": set[str](),
    "evidence": set[str](),
    "urges": set[str](),
    "rule_sets": set[str](),
    "rollups": set[str](),
    "reminders": set[str](),
    "submissions": {"withdrawn_on", "withdrawn_at"},
    "portions": {"withdrawn_on", "withdrawn_at", "withdrawn_reason", "withdrawn_by_id"},
    "requests": {*DECISION, "granted"},
    "sign_offs": DECISION,
    "suspensions": {"ended_on", "ended_at"},
    "amount_revisions": set[str](),
    "slips": set[str](),
    "urge_answers": set[str](),
    "reports": {"submission_id", "handed_in_on"},
    "calendar_days": set[str](),
    "settlements": set[str](),
    "untrue_findings": {"revoked_on", "revoked_at", "revoked_by_id", "revoked_reason"},
    "indicator_readings": DECISION,
    "confirmed_bases": set[str](),
    "assessment_steps": set[str](),
    "self_assessments": set[str](),
    "remarks": set[str](),
    "snapshots": set[str](),
    "unit_results": set[str](),
    "appeals": {*DECISION, "points"},
}
"""Table to what may be filled in, once."""

NEVER = "never changed or deleted"


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """A year with something in every table of KEPT, also a request that is open."""
    play(cast)
    cast.do(urging.urge, "coordinator", cast.charger_row, "请抓紧。", TODAY)
    form = CancelForm("职能划出。", Cause.OWN, "测试〔2024〕8号")
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    cast.do_on(AFTER, steering.cancel, "coordinator", cast.school_row, form)
    now = cast.clock().now
    with cast.runtime.sessions.writing() as db:
        db.add(
            Rollup(
                plan_id=cast.plan,
                on=TODAY,
                at=now,
                period="2024",
                subject="plan",
                subject_id=cast.plan,
                total=Decimal(50),
                verified=Decimal("0.5"),
                claimed=Decimal("0.6"),
                counting=3,
                accepted=1,
                overdue=0,
            )
        )
        db.add(
            Reminder(
                assignment_id=cast.charger_row,
                family="due",
                anchor="0",
                occurrence=30,
                recipient_id=cast.users["edu"],
                level="blue",
                due_on=date(2025, 12, 31),
                on=TODAY,
                at=now,
            )
        )
        db.add_all(_more(db, cast))
        db.commit()
    _assess(cast)
    return cast


def _assess(cast: Cast) -> None:
    """An assessment with everything in it that is kept, a reading and a base."""
    day, indicator = date(2025, 1, 6), measure(cast).edu
    form = Opening("2024年度考核", "2024", date(2024, 12, 31), day)
    made = cast.do_on(day, assessments.open_assessment, "coordinator", form).id
    line = f"assignment:{cast.edu_row}"
    with cast.runtime.sessions.writing() as db:
        by: dict[str, Any] = {"by_id": cast.users["edu"], "on": day, "at": cast.clock(day).now}
        unit: dict[str, Any] = {"assessment_id": made, "unit_id": cast.units[EDU]}
        sent = {line: {"percent": "100", "word": "已完成"}}
        db.add(SelfAssessment(number=1, words="已完成。", items=sent, **unit, **by))
        db.add(IndicatorReading(indicator_id=indicator, year=2023, value=9, source="台账", **by))
        db.add(ConfirmedBase(indicator_id=indicator, value=9, reason="复核口径。", **by))
        db.commit()
    day = date(2025, 1, 8)
    cast.do_on(day, assessments.close_self_assessment, "coordinator", made)
    noted = (made, cast.units[EDU], line, "属实。")
    cast.do_on(day, self_assessments.note_remark, "coordinator", *noted)
    for act in (assessments.finish_check, assessments.publicise):
        cast.do_on(day, act, "coordinator", made)
    cast.do_on(day, appeals.appeal, "edu", made, "应再核。", line)


def _more(db: Session, cast: Cast) -> list[Base]:
    """A row of each table whose acts the year does not hold."""
    request, urge, handed_in = (
        db.scalars(select(column)).first() for column in (Request.id, Urge.id, Submission.id)
    )
    row = cast.charger_row
    done: dict[str, Any] = {"on": TODAY, "at": cast.clock().now}
    by: dict[str, Any] = {"by_id": cast.users["edu"], **done}
    quarter: dict[str, Any] = {
        "starts_on": date(2024, 7, 1),
        "ends_on": date(2024, 9, 30),
        "due_on": date(2024, 10, 21),
        "missing_after": date(2025, 1, 15),
    }
    slip: dict[str, Any] = {
        "kind": "demand",
        "number": "催〔2024〕1号",
        "issuer": LEAD,
        "addressee": EDU,
        "signatory": "陈统筹",
        "text": "请抓紧。",
        "items": [{"text": "充电桩"}],
    }
    return [
        AmountRevision(assignment_id=row, number=0, amount=Decimal(3), **by),
        CalendarDay(day=TODAY, worked=False, reason="停电", **by),
        Report(assignment_id=row, period="2024-Q3", **quarter, **done),
        Settlement(submission_id=handed_in, text="已协调。", **by),
        SignOff(assignment_id=row, verb="submit", data={"text": "办结"}, **by),
        Slip(unit_id=cast.units[EDU], answer_by=TODAY, **slip, **by),
        Suspension(assignment_id=row, request_id=request, **done),
        UntrueFinding(assignment_id=row, submission_id=handed_in, reason="不实", year=2024, **by),
        UrgeAnswer(urge_id=urge, text="正在办。", **by),
    ]


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def other(value: Any) -> Any:
    """Something of the same type that is not the value."""
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case str():
            return value[:-1] + "~"
        case datetime() | date():
            return value + timedelta(days=1)
        case dict():
            return {"anders": 1}
        case list():
            return ["anders"]
    raise TypeError(value)


def some(column: Any) -> Any:
    """Something to put where there is nothing."""
    python_type = getattr(column.type, "impl_instance", column.type).python_type
    samples: dict[type, Any] = {
        str: "x",
        int: 1,
        date: TODAY,
        datetime: datetime(2024, 1, 1, tzinfo=UTC),
        bool: True,
        object: {"x": 1},
    }
    return samples[python_type]


def changes(connection: Connection, name: str) -> Iterator[tuple[str, Any]]:
    """For each column a change of the first row in which it holds something, else a filling."""
    rows = connection.execute(select(table(name))).mappings().all()
    assert rows, f"nothing is stored in {name}"
    for column in table(name).columns:
        held = [row[column.name] for row in rows if row[column.name] is not None]
        if held:
            yield column.name, other(held[0])
            if not column.primary_key:
                yield column.name, None
        else:
            yield column.name, some(column)


def refused(connection: Connection, statement: Any) -> bool:
    """Whether our triggers refuse it; any other error is the test's own."""
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except DBAPIError as error:
        if NEVER in str(error.orig):
            return True
        raise
    return False


def test_the_list_of_what_is_kept_is_complete() -> None:
    assert {name: set(once) for name, once in UNCHANGEABLE.items()} == KEPT


def test_no_column_of_what_happened_can_be_changed(lived: Cast) -> None:
    engine, slipped = lived.runtime.sessions.engine, []
    with engine.connect() as connection:
        for name, once in KEPT.items():
            for column, value in list(changes(connection, name)):
                statement = update(table(name)).values({column: value})
                if column not in once and not refused(connection, statement):
                    slipped.append(f"{name}.{column}")
    assert slipped == []


def test_no_row_of_what_happened_can_be_deleted(lived: Cast) -> None:
    with lived.runtime.sessions.engine.connect() as connection:
        slipped = [name for name in KEPT if not refused(connection, delete(table(name)))]
    assert slipped == []


def test_nor_by_the_back_doors_of_either_database(lived: Cast) -> None:
    """SQLite's REPLACE deletes without a DELETE; PostgreSQL's TRUNCATE touches no row."""
    with lived.runtime.sessions.engine.connect() as connection:
        for name in KEPT:
            if connection.dialect.name == "sqlite":
                statement = f"REPLACE INTO {name} SELECT * FROM {name}"
            else:
                statement = f"TRUNCATE {name} CASCADE"
            assert refused(connection, text(statement)), name


@pytest.mark.parametrize("name", ["portions", "requests", "submissions"])
def test_an_ending_is_filled_in_once(lived: Cast, name: str) -> None:
    later = datetime(2025, 1, 1, tzinfo=UTC)
    once = {
        "portions": {"withdrawn_on": TODAY, "withdrawn_at": later, "withdrawn_reason": "不实"},
        "requests": {"outcome": "refused", "decided_on": TODAY, "decision_reason": "不同意"},
        "submissions": {"withdrawn_on": TODAY, "withdrawn_at": later},
    }[name]
    first = next(iter(once))
    kept = table(name)
    with lived.runtime.sessions.engine.connect() as connection:
        still_open = select(kept.c.id).where(kept.c[first].is_(None)).limit(1)
        row_id = connection.execute(still_open).scalar_one()
        this = update(kept).where(kept.c.id == row_id)
        assert not refused(connection, this.values(once))
        for column, value in once.items():
            assert refused(connection, this.values({column: other(value)})), column
            assert refused(connection, this.values({column: None})), column
        assert not refused(connection, this.values(once))


def test_new_rows_are_welcome(lived: Cast) -> None:
    entry = {"on": TODAY, "at": datetime(2024, 1, 1, tzinfo=UTC), "actor_kind": "system"}
    more = {"actor_name": "planner", "verb": "x", "subject": "plan:1", "data": {}}
    with lived.runtime.sessions.engine.connect() as connection:
        assert not refused(connection, insert(table("journal")).values(entry | more))


# The journal is the acts


def test_the_journal_leads_without_a_gap_from_draft_to_where_things_stand(lived: Cast) -> None:
    query = select(JournalEntry).where(JournalEntry.to_state.is_not(None))
    with lived.reading() as db:
        for assignment in db.scalars(select(Assignment)):
            entries = db.scalars(
                query.where(JournalEntry.assignment_id == assignment.id).order_by(JournalEntry.id)
            ).all()
            states = [(entry.from_state, entry.to_state) for entry in entries]
            assert all(one[1] == other[0] for one, other in pairwise(states))
            if states:
                assert (states[0][0], states[-1][1]) == ("draft", assignment.state)


def test_versions_in_the_journal_never_go_back(lived: Cast) -> None:
    query = select(JournalEntry).where(JournalEntry.assignment_id == lived.edu_row)
    with lived.reading() as db:
        versions = [e.data["version"] for e in db.scalars(query.order_by(JournalEntry.id))]
    assert versions == sorted(versions)
    assert versions[-1] == lived.version(lived.edu_row)


def test_the_time_line_shows_each_act_with_what_it_made(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_row)
    reported = verbs.report(cast, row, "1")
    cast.do(reviewing.confirm, "coordinator", row, reported, Decimal(1))
    cast.do(urging.urge, "coordinator", row, "请抓紧。", TODAY)
    handed_in = verbs.submit(cast, row, "3", liaison="edu-head")
    cast.do(reviewing.return_, "coordinator2", row, ReturnForm(ReturnKind.AMEND, "补盖章"))
    with cast.reading() as db:
        events = timeline(db, db.get_one(Assignment, row))
    assert [event.entry.verb for event in events] == [
        "return",
        "submit",
        "urge",
        "confirm",
        "report",
        "acknowledge",
        "issue",
    ]
    returned, submitted, urged, confirmed, report, *_ = events
    assert (returned.review and returned.review.reason) == "补盖章"
    assert returned.entry.actor_name == "周统筹"
    assert (submitted.submission and submitted.submission.id) == handed_in
    assert submitted.unit_name == "县教委"
    assert (urged.urge and urged.urge.text) == "请抓紧。"
    assert (confirmed.portion and confirmed.portion.amount) == 1
    assert (report.submission and report.submission.id) == reported


def test_a_longer_time_line_asks_no_more_often(
    cast: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    row = verbs.start(cast, cast.charger_row)

    def asked() -> int:
        with cast.reading() as db, count_queries() as statements:
            timeline(db, db.get_one(Assignment, row))
        return len(statements)

    verbs.report(cast, row, "1")
    short = asked()
    for _ in range(4):
        verbs.report(cast, row, "1")
    assert asked() == short
