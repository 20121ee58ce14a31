"""The demonstration: believable, whole or not at all, and everybody in it can go to work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planner import demo, planfile
from planner.config import load
from planner.db import Base
from planner.demo import papers, scenes
from planner.demo.papers import font, paper
from planner.demo.scenes import SCENES, scene
from planner.demo.script import PLAN, Do, Measure, load_script
from planner.demo.stage import make_file
from planner.domain.actor import Actor, ActorKind, Role, command
from planner.domain.errors import DomainError
from planner.domain.lifecycle import State
from planner.domain.permissions import Area, may
from planner.domain.reporting import ReportState, standing_of
from planner.domain.scores.period import Period
from planner.domain.text import Text
from planner.domain.words import (
    Decision,
    EvidenceKind,
    Outcome,
    ReturnKind,
    SlipKind,
    SubmissionKind,
)
from planner.models import (
    Assignment,
    Blob,
    ConfirmedBase,
    Evidence,
    Indicator,
    IndicatorReading,
    JournalEntry,
    Message,
    Portion,
    Report,
    Request,
    Review,
    Rollup,
    Settlement,
    SignOff,
    Submission,
    Unit,
    UntrueFinding,
    Urge,
    User,
)
from planner.runtime import Runtime
from planner.seeding import seed_file
from planner.services import (
    handing_in,
    installation,
    passwords,
    readings,
    requests,
    reviewing,
    signing,
)
from planner.services.acceptance import AcceptForm
from planner.services.accounts import DEMO_USERNAMES
from planner.services.handing_in import SubmissionForm
from planner.services.portions import verified_amount
from planner.services.reports import facts_of
from planner.services.request_forms import Decision as RequestDecision
from planner.services.scores import current_scores
from tests.support.databases import copy_sqlite

TODAY = date(2024, 10, 15)
YESTERDAY = date(2024, 10, 14)


def runtime_on(url: str, var: Path) -> Runtime:
    return Runtime(
        load(
            {
                "PLANNER_VAR": str(var),
                "PLANNER_DATABASE_URL": url,
                "PLANNER_TODAY": TODAY.isoformat(),
            }
        )
    )


@pytest.fixture(scope="module")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The demo, played once. Look at it; act only on `copied`."""
    folder = tmp_path_factory.mktemp("demo")
    copy_sqlite(sqlite_template, folder / "demo.sqlite3")
    runtime = runtime_on(f"sqlite:///{folder / 'demo.sqlite3'}", folder / "var")
    said: list[Text] = []
    assert demo.play(runtime, said.append)
    assert len(said) > 3
    yield runtime
    runtime.sessions.engine.dispose()


@pytest.fixture
def db(played: Runtime) -> Iterator[Session]:
    with played.sessions.reading() as session:
        yield session


@pytest.fixture
def copied(played: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """A copy of the demo to act on, with the same files."""
    copy_sqlite(Path(played.sessions.engine.url.database or ""), tmp_path / "copy.sqlite3")
    runtime = runtime_on(f"sqlite:///{tmp_path / 'copy.sqlite3'}", played.settings.var)
    yield runtime
    runtime.sessions.engine.dispose()


@pytest.fixture
def empty(sqlite_url: str, tmp_path: Path) -> Iterator[Runtime]:
    runtime = runtime_on(sqlite_url, tmp_path / "var")
    yield runtime
    runtime.sessions.engine.dispose()


def contents(runtime: Runtime) -> dict[str, list[tuple[Any, ...]]]:
    with runtime.sessions.reading() as db:
        return {
            table.name: sorted(map(tuple, db.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def actor(db: Session, username: str) -> Actor:
    user = db.scalars(select(User).where(User.username == username)).one()
    return Actor(ActorKind.PERSON, user.name, user.id, user.unit_id, user.roles)


def found(db: Session, row: str, year: int | None = None) -> Assignment:
    """A row by its key, or its year that was not cancelled."""
    parent = select(Assignment).where(Assignment.key == row)
    if year is None:
        return db.scalars(parent).one()
    nodes = select(Assignment).where(
        Assignment.parent_id.in_(parent.with_only_columns(Assignment.id)),
        Assignment.year == year,
        Assignment.cancelled_on.is_(None),
    )
    return db.scalars(nodes).one()


def latest(assignment: Assignment) -> Submission:
    return assignment.submissions[-1]


def test_every_state_is_there(db: Session) -> None:
    states = Counter(db.scalars(select(Assignment.state)))
    assert set(states) == set(State)
    assert states[State.ACCEPTED] >= 25
    assert states[State.IN_PROGRESS] >= 25


def test_nodes_of_four_years_are_there_and_the_last_are_drafts(db: Session) -> None:
    years = Counter(db.scalars(select(Assignment.year).where(Assignment.parent_id.is_not(None))))
    assert set(years) == {2022, 2023, 2024, 2025}
    assert set(db.scalars(select(Assignment.state).where(Assignment.year == 2025))) == {State.DRAFT}


def test_the_journal_stands_in_the_order_of_time(db: Session) -> None:
    entries = db.execute(select(JournalEntry.on, JournalEntry.at).order_by(JournalEntry.id)).all()
    assert len(entries) > 400
    assert [tuple(each) for each in entries] == sorted(tuple(each) for each in entries)


def test_nothing_happens_on_a_day_off_or_at_night(played: Runtime, db: Session) -> None:
    for on, at in db.execute(select(JournalEntry.on, JournalEntry.at)):
        local = at.astimezone(played.settings.timezone)
        assert played.official_calendar.is_workday(on), on
        assert local.date() == on
        assert 9 <= local.hour < 18


def test_everything_lies_before_the_day_that_the_demo_opens(db: Session) -> None:
    for model in (JournalEntry, Submission, Review, Portion, Urge, Request, Message, Rollup):
        last = db.scalar(select(func.max(model.on)))
        assert last is not None
        assert last <= YESTERDAY, model
    assert db.scalar(select(func.max(Assignment.issued_on))) < TODAY


def test_all_ten_people_can_log_in_and_read_chinese(db: Session) -> None:
    users = db.scalars(select(User)).all()
    assert {user.username for user in users} == set(DEMO_USERNAMES)
    for password_hash in {user.password_hash for user in users}:
        assert passwords.matches(password_hash, "planner-demo")
    assert {user.locale for user in users} == {"zh"}
    assert all((user.email or "").endswith("@example.org") for user in users)


def test_one_waits_for_its_review_too_long_and_one_since_yesterday(
    played: Runtime, db: Session
) -> None:
    waiting = {
        latest(each).on
        for each in db.scalars(select(Assignment).where(Assignment.state == State.SUBMITTED))
    }
    assert YESTERDAY in waiting
    assert played.official_calendar.count(min(waiting), TODAY) > 5


def test_returns_of_both_kinds_and_one_to_be_reworked_next_week(db: Session) -> None:
    kinds = set(db.scalars(select(Review.kind).where(Review.decision == Decision.RETURN)))
    assert kinds == set(ReturnKind)
    back = latest(found(db, "b5-2-health", 2024)).reviews[-1]
    assert TODAY < (back.rework_on or TODAY) <= TODAY + timedelta(days=13)


def test_one_is_unsigned_since_three_working_days(played: Runtime, db: Session) -> None:
    issued = db.scalars(select(Assignment.issued_on).where(Assignment.state == State.ISSUED)).all()
    assert [played.official_calendar.count(each, TODAY) for each in issued if each] == [3]


def test_some_are_overdue_and_one_is_due_this_week(db: Session) -> None:
    owed = select(Assignment).where(Assignment.state == State.IN_PROGRESS)
    overdue = db.scalars(owed.where(Assignment.due_on < TODAY)).all()
    assert {each.unit.key for each in overdue if each.unit} == {"edu", "health", "jgsw"}
    assert len(overdue) >= 4
    week = Assignment.due_on.between(TODAY, TODAY + timedelta(days=6))
    assert db.scalars(owed.where(week)).all()


def test_the_first_plan_was_in_time_at_one_unit_and_late_at_the_other(db: Session) -> None:
    first = {key: found(db, f"b2-1-{key}") for key in ("edu", "health")}
    assert first["edu"].portions[0].handed_in_on <= date(2022, 6, 30)
    assert first["health"].portions[0].handed_in_on > date(2022, 7, 8)


def test_one_was_cancelled_on_paper_and_one_given_to_another_unit(db: Session) -> None:
    gone = db.scalars(select(Assignment).where(Assignment.state == State.CANCELLED)).all()
    assert [each.cancel_document for each in gone if each.cancel_document] == [
        "县机管函〔2023〕18号"
    ]
    new = db.scalars(select(Assignment).where(Assignment.replaces_id.is_not(None))).one()
    assert (new.unit.key if new.unit else None, new.state) == ("science", State.IN_PROGRESS)


def test_requests_wait_for_the_lead_and_for_the_supervisor(db: Session) -> None:
    waiting = db.scalars(select(Request).where(Request.outcome.is_(None)))
    assert {(each.kind, each.decider, each.by.username) for each in waiting} == {
        ("extension", "above", "science"),
        ("cancel", "above", "coordinator"),
        ("reduction", "lead", "science"),
    }


def test_requests_were_granted_and_refused_and_the_lead_extended_unasked(db: Session) -> None:
    decided = db.scalars(select(Request).where(Request.outcome.is_not(None)))
    assert {(each.kind, each.outcome) for each in decided} == {
        ("extension", "granted"),
        ("extension", "refused"),
        ("suspension", "granted"),
        ("objection", "refused"),
    }
    school = found(db, "b3-1-edu", 2024)
    assert (school.original_due_on, school.due_on) == (date(2024, 10, 31), date(2024, 11, 29))


def test_the_head_signed_one_thing_and_has_another_to_sign(db: Session) -> None:
    papers = db.scalars(select(SignOff))
    assert {(each.verb, each.outcome) for each in papers} == {
        ("submit", "signed"),
        ("ask_extension", None),
    }


def test_some_urges_have_no_answer(db: Session) -> None:
    def answered(urge: Urge) -> bool:
        later = select(Submission.id).where(
            Submission.assignment_id == urge.assignment_id, Submission.on >= urge.on
        )
        return db.scalar(later) is not None

    urges = db.scalars(select(Urge)).all()
    assert {answered(each) for each in urges} == {True, False}


def test_reports_came_in_time_late_and_not_at_all_and_some_are_open(
    played: Runtime, db: Session
) -> None:
    calendar = played.official_calendar
    standings = Counter(
        standing_of(facts_of(each), TODAY, calendar).state for each in db.scalars(select(Report))
    )
    assert standings.keys() == set(ReportState) - {ReportState.LAPSED}
    assert db.scalar(select(func.count(Settlement.id))) == 1


def test_urges_were_answered_telephoned_and_sent_by_every_slip(db: Session) -> None:
    urges = db.scalars(select(Urge)).all()
    assert {urge.answer is not None for urge in urges} == {True, False}
    assert any(urge.spoken_to for urge in urges)
    assert {urge.slip.kind for urge in urges if urge.slip} == set(SlipKind)


def test_a_claim_is_disputed(db: Session) -> None:
    platform = found(db, "b5-1-science", 2024)
    verified = verified_amount(platform)
    assert latest(platform).amount == 108
    assert verified == 48
    assert "48个" in platform.urges[-1].text


def test_an_accepted_one_was_opened_again_and_its_amount_withdrawn(db: Session) -> None:
    database = found(db, "b2-2-health", 2023)
    assert database.state == State.ACCEPTED
    assert [each.withdrawn_on is None for each in database.portions] == [False, True]


def test_evidence_was_found_untrue_once_wrongly_and_once_for_good(db: Session) -> None:
    found = db.scalars(select(UntrueFinding).order_by(UntrueFinding.on)).all()
    assert [(each.year, each.revoked_on is None) for each in found] == [(2023, False), (2024, True)]
    assert {each.assignment.state for each in found} == {State.ACCEPTED}


def test_what_the_lead_owes_was_reviewed_by_the_supervisor(db: Session) -> None:
    rows = db.execute(
        select(User.username, Unit.key)
        .join(Review, Review.by_id == User.id)
        .join(Submission)
        .join(Assignment)
        .join(Unit, Unit.id == Assignment.unit_id)
    )
    assert {(who, unit == "jgsw") for who, unit in rows} == {
        ("supervisor", True),
        ("coordinator", False),
    }


def test_every_proof_is_a_real_file_that_is_still_what_was_handed_in(
    played: Runtime, db: Session
) -> None:
    proof = db.scalars(select(Evidence).where(Evidence.kind == EvidenceKind.FILE)).all()
    of_work = [each for each in proof if each.reading_id is None]
    assert len({each.sha256 for each in of_work}) == len(of_work) > 80
    types = Counter(db.scalars(select(Blob.media_type)))
    assert set(types) >= {"application/pdf", "image/jpeg"}
    for each in proof:
        with played.store.open(each.sha256 or "") as file:
            assert len(file.read()) < 200_000


def test_completions_have_proof(db: Session) -> None:
    bare = select(Submission).where(
        Submission.kind == SubmissionKind.COMPLETION, ~Submission.evidence.any()
    )
    assert not db.scalars(bare).all()


def test_scores_tell_the_units_apart(played: Runtime, db: Session) -> None:
    scores = current_scores(db, played.clock(), Period())
    total = {each.unit.key: each.figures.to_date.total for each in scores.units}
    assert total["edu"] > total["science"] > total["health"] > 30
    assert 80 < total["science"] < 90 < total["edu"] < 100


def test_every_indicator_has_three_years_of_confirmed_readings(db: Session) -> None:
    entered = db.scalars(select(IndicatorReading)).all()
    outcomes = Counter(each.outcome for each in entered)
    assert outcomes == {Outcome.GRANTED: 45, Outcome.REFUSED: 1, Outcome.TAKEN_BACK: 1, None: 1}
    confirmed = {
        (each.indicator_id, each.year) for each in entered if each.outcome == Outcome.GRANTED
    }
    assert len(confirmed) == 45
    assert {year for _, year in confirmed} == {2021, 2022, 2023}
    assert [each.year for each in entered if each.estimated_by] == [2022]
    assert sum(each.inputs is not None for each in entered) == 21


def test_indicators_are_scored_where_a_base_was_confirmed(played: Runtime, db: Session) -> None:
    """教委's numbers contradict each other, and nobody has settled them."""
    settled = db.scalars(
        select(Unit.key)
        .join(Indicator, Indicator.owner_id == Unit.id)
        .join(ConfirmedBase, ConfirmedBase.indicator_id == Indicator.id)
    )
    assert set(settled) == {"health"}
    for year in (2022, 2023):
        scores = current_scores(db, played.clock(), Period(year))
        scored = {each.unit.key: len(each.figures.to_date.indicators) for each in scores.units}
        assert scored == {"jgsw": 4, "health": 4, "edu": 0, "science": 0}


def test_the_trend_has_every_day_from_the_first_issue_on(db: Session) -> None:
    days = db.scalars(
        select(Rollup.on).where(Rollup.subject == "plan", Rollup.period == Period().key)
    ).all()
    first = date(2022, 4, 13)
    assert sorted(days) == [
        first + timedelta(days=each) for each in range((YESTERDAY - first).days + 1)
    ]


def test_inboxes_are_lived_in_and_no_old_mail_waits(db: Session) -> None:
    assert not db.scalars(select(Message).where(Message.state == "pending")).all()
    unread = db.scalar(select(func.count(Message.id)).where(Message.read_at.is_(None)))
    total = db.scalar(select(func.count(Message.id)))
    assert unread is not None
    assert total is not None
    assert 5 < unread < total / 4
    assert db.scalar(select(func.count(Message.id)).where(Message.kind == "digest"))


DoToday = Callable[..., None]


@pytest.fixture
def do(copied: Runtime) -> DoToday:
    """`do("edu", verb, assignment, …)` today, on a copy of the demo."""
    clock = copied.clock()

    def carry_out(username: str, verb: Any, assignment: int, *args: Any) -> None:
        with copied.sessions.writing() as db:
            verb(db, actor(db, username), clock, assignment, *args)
            db.commit()

    return carry_out


def test_everybody_can_do_their_work_today(copied: Runtime, do: DoToday) -> None:
    """The first things that a visitor tries with each account."""
    with copied.sessions.reading() as db:
        unsigned = found(db, "b2-3-health", 2024).id
        solar, heat = found(db, "b4-1-edu", 2024), found(db, "b4-2-health", 2024).id
        ticked = frozenset(item.id for item in solar.task.proof_items)
        solar_id, platform = solar.id, found(db, "b5-1-science", 2024).id
        lead, database = found(db, "b3-2-jgsw", 2024).id, found(db, "b2-2-edu", 2024).id
    form = SubmissionForm(text="今日进展。", percent=95)
    do("health", handing_in.acknowledge, unsigned)
    for username, owed in (("edu", database), ("edu-head", database), ("science", platform)):
        do(username, handing_in.report, owed, form)
    do("coordinator2", handing_in.report, lead, form)
    do("coordinator", reviewing.accept, solar_id, AcceptForm(ticked, amount=Decimal(1)))
    do("coordinator2", reviewing.accept, heat, AcceptForm(tier="full"))
    with copied.sessions.reading() as db:
        assert found(db, "b4-1-edu", 2024).state == State.ACCEPTED
        assert may(actor(db, "leader"), Area.SEE_SCORECARD)
        assert may(actor(db, "auditor"), Area.SEE_JOURNAL)
        assert may(actor(db, "admin"), Area.MANAGE_USERS)
        assert actor(db, "supervisor").has(Role.SUPERVISOR)


def test_all_that_waits_for_a_decision_can_be_decided_today(copied: Runtime, do: DoToday) -> None:
    with copied.sessions.reading() as db:
        cancelled, moved = found(db, "b6-1-health", 2024).id, found(db, "b3-5-health", 2024).id
        platform, database = found(db, "b5-1-science", 2024).id, found(db, "b2-2-edu", 2024).id
        to_sign = db.scalars(select(SignOff.id).where(SignOff.outcome.is_(None))).one()
        reading = db.scalars(
            select(IndicatorReading).where(IndicatorReading.outcome.is_(None))
        ).one()
        waiting = reading.indicator_id, reading.id
    do("supervisor", requests.decide, cancelled, RequestDecision(True))
    do("supervisor", requests.decide, moved, RequestDecision(False, "年内完成。"))
    do("coordinator", requests.decide, platform, RequestDecision(True))
    do("edu-head", signing.sign, database, to_sign)
    do("coordinator", requests.decide, database, RequestDecision(True))
    do("coordinator", readings.confirm, *waiting)
    with copied.sessions.reading() as db:
        assert not db.scalars(select(Request).where(Request.outcome.is_(None))).all()


def test_a_second_time_nothing_changes(copied: Runtime) -> None:
    before = contents(copied)
    assert demo.play(copied) is False
    assert contents(copied) == before


def test_the_plan_file_agrees_with_the_demo(copied: Runtime) -> None:
    """Whoever seeds the same file into the demo undoes nothing."""
    with copied.sessions.writing() as db:
        report = seed_file(db, command("seed"), copied.clock(), planfile.load(PLAN))
        db.commit()
    assert (report.created, report.changed, report.conflicts, report.gone) == ([], [], [], [])


def test_a_demo_that_broke_off_leaves_nothing_behind(empty: Runtime) -> None:
    said: list[Text] = []

    def interrupt(text: Text) -> None:
        said.append(text)
        if len(said) == 3:
            raise KeyboardInterrupt

    before = contents(empty)
    with pytest.raises(KeyboardInterrupt):
        demo.play(empty, interrupt)
    assert contents(empty) == before


def test_a_database_in_use_is_refused(empty: Runtime) -> None:
    with empty.sessions.writing() as db:
        seed_file(db, command("seed"), empty.clock(), planfile.load(PLAN))
        db.commit()
    before = contents(empty)
    with pytest.raises(DomainError, match="empty"):
        demo.play(empty)
    assert contents(empty) == before
    with empty.sessions.reading() as db:
        assert not installation.is_demo(db)


@pytest.mark.postgres
def test_it_plays_on_postgresql_with_the_same_result(
    played: Runtime, postgres_url: str, tmp_path: Path
) -> None:
    runtime = runtime_on(postgres_url, tmp_path / "var")
    assert demo.play(runtime)
    here, there = contents(played), contents(runtime)
    runtime.sessions.engine.dispose()
    assert {name: len(rows) for name, rows in here.items()} == {
        name: len(rows) for name, rows in there.items()
    }
    journal = [(row[1], row[2], row[6], row[8]) for row in here["journal"]]
    assert sorted(journal, key=repr) == sorted(
        ((row[1], row[2], row[6], row[8]) for row in there["journal"]), key=repr
    )


def test_the_demos_font_has_every_character_that_is_written() -> None:
    """A missing one would be drawn as an empty box."""
    nothing = bytes(font(24).getmask("\uffff"))
    texts = {Path(__file__).parents[1].joinpath("seed/demo/stories.yaml").read_text("utf-8")}
    texts |= {Path(module.__file__ or "").read_text("utf-8") for module in (papers, scenes)}
    texts |= {unit.name for unit in planfile.load(PLAN).units}
    written = {sign for text in texts for sign in text if ord(sign) > 127} - {"\u3000"}
    assert not [sign for sign in sorted(written) if bytes(font(24).getmask(sign)) == nothing]


def test_files_differ_with_their_titles_and_are_the_same_every_time() -> None:
    on = date(2023, 6, 28)
    for kind in SCENES:
        assert scene(kind, "甲", on) == scene(kind, "甲", on)
    assert scene("meter", "甲", on) != scene("meter", "乙", on)
    assert paper("甲", "县教委", on, "正文。") == paper("甲", "县教委", on, "正文。")


def test_an_unknown_kind_of_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no file of the kind"):
        make_file("film 甲", "县教委", "edu", TODAY, "")


def test_the_script_uses_every_verb_it_knows() -> None:
    script = load_script()
    used = {
        act.do
        for story in script.stories
        for acts in (story.acts, *(node.acts for node in story.nodes))
        for act in acts
    }
    assert used >= set(Do) - {Do.GIVE, Do.ISSUE}
    assert {act.do for act in script.metering} == set(Measure)
