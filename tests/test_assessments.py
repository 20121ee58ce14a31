"""The assessment of a period, from opening to the frozen, appealed and final result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from planner.domain.assessment import Stage
from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound, Stale
from planner.domain.words import Outcome
from planner.models import (
    Appeal,
    Assessment,
    Assignment,
    Message,
    Portion,
    Snapshot,
    Unit,
    UnitResult,
    User,
)
from planner.services import (
    appeals,
    assessment_steps,
    assessments,
    findings,
    handing_in,
    plans,
    reviewing,
    self_assessments,
    snapshots,
)
from planner.services.appeals import AppealDecision
from planner.services.assessments import Opening
from planner.services.findings import FindingForm
from planner.services.self_assessments import SelfScore
from tests.support.cast import EDU, LEAD, Cast
from tests.support.history import play

OPENED, CLOSED, CHECKED = date(2025, 1, 6), date(2025, 1, 14), date(2025, 1, 15)
PUBLICISED, LAST_APPEAL, APPROVED = date(2025, 1, 16), date(2025, 1, 23), date(2025, 1, 24)
FORM = Opening("2024年度考核", "2024", date(2024, 12, 31), date(2025, 1, 13))
HALF_YEAR = replace(FORM, name="2024年上半年考核", cut_off=date(2024, 6, 30))


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


def opened(cast: Cast, form: Opening = FORM) -> int:
    return cast.do_on(OPENED, assessments.open_assessment, "coordinator", form).id


def checked(cast: Cast, form: Opening = FORM) -> int:
    assessment_id = opened(cast, form)
    cast.do_on(CLOSED, assessments.close_self_assessment, "coordinator", assessment_id)
    cast.do_on(CHECKED, assessments.finish_check, "coordinator", assessment_id)
    return assessment_id


def publicised(cast: Cast, form: Opening = FORM) -> int:
    assessment_id = checked(cast, form)
    cast.do_on(PUBLICISED, assessments.publicise, "coordinator", assessment_id)
    return assessment_id


def final(cast: Cast, form: Opening = FORM) -> int:
    assessment_id = publicised(cast, form)
    cast.do_on(APPROVED, assessments.approve, "supervisor", assessment_id, "县府办〔2025〕3号")
    cast.do_on(APPROVED, assessments.finalise, "coordinator", assessment_id)
    return assessment_id


def totals(db: Session, assessment_id: int, revision: int = 1) -> dict[str, Decimal | None]:
    rows = db.execute(
        select(UnitResult.unit_name, UnitResult.total)
        .join(Snapshot)
        .where(Snapshot.assessment_id == assessment_id, Snapshot.revision == revision)
    )
    return {row.unit_name: row.total for row in rows}


def differences(cast: Cast) -> list[str]:
    with cast.reading() as db:
        return [str(each.text) for each in snapshots.verify(db)]


def test_an_assessment_goes_from_stage_to_stage_and_each_step_is_kept(cast: Cast) -> None:
    play(cast)
    assessment_id = final(cast)
    with cast.reading() as db:
        made = db.get_one(Assessment, assessment_id)
        assert [step.stage for step in made.steps] == [
            Stage.OPEN,
            Stage.SELF_ASSESSED,
            Stage.CHECKED,
            Stage.PUBLICISED,
            Stage.APPROVED,
            Stage.FINAL,
        ]
        assert (made.document_number, made.final_on) == ("县府办〔2025〕3号", APPROVED)
        assert (made.publicised_on, made.appeals_until) == (PUBLICISED, LAST_APPEAL)
        assert totals(db, assessment_id) == {EDU: Decimal(94), LEAD: Decimal(0)}


def test_every_unit_is_told_to_assess_itself_and_of_the_result(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    with cast.reading() as db:
        told = db.scalars(
            select(Message.path)
            .join(User, Message.recipient_id == User.id)
            .where(User.username == "edu", Message.channel == "inbox", Message.path.is_not(None))
        ).all()
    assert told == [f"/assessments/{assessment_id}"] * 2


@pytest.mark.parametrize("username", ["edu", "supervisor", "leader", "admin", "health"])
def test_only_the_leads_coordinator_opens_one(cast: Cast, username: str) -> None:
    with pytest.raises(NotAllowed):
        cast.do_on(OPENED, assessments.open_assessment, username, FORM)


@pytest.mark.parametrize(
    "form",
    [
        replace(FORM, period="2019"),
        replace(FORM, period="soon"),
        replace(FORM, cut_off=date(2025, 1, 1)),
        replace(FORM, self_due_on=None),
        replace(FORM, self_due_on=date(2025, 1, 3)),
        replace(FORM, name=" "),
        replace(FORM, converted_to=Decimal(0)),
    ],
)
def test_a_bad_opening_opens_nothing(cast: Cast, form: Opening) -> None:
    with pytest.raises(BadInput):
        opened(cast, form)
    with cast.reading() as db:
        assert db.scalars(select(Assessment)).all() == []


def test_two_of_one_name_are_refused_and_two_of_one_year_are_not(cast: Cast) -> None:
    opened(cast)
    with pytest.raises(BadInput):
        opened(cast)
    opened(cast, replace(FORM, name="2024年上半年考核", cut_off=date(2024, 6, 30)))


def lines_of(cast: Cast, assessment_id: int, unit: str) -> dict[str, Decimal]:
    with cast.reading() as db:
        assessment = db.get_one(Assessment, assessment_id)
        lines = self_assessments.assessed_lines(
            db, cast.clock(OPENED), assessment, cast.units[unit]
        )
    return {
        subject: line.earned * 100 / line.possible
        for line in lines
        if (subject := self_assessments.subject_of(line))
    }


def test_a_unit_assesses_itself_item_by_item_and_the_last_one_counts(cast: Cast) -> None:
    play(cast)
    assessment_id = opened(cast)
    verified = {
        subject: SelfScore(percent, "")
        for subject, percent in lines_of(cast, assessment_id, EDU).items()
    }
    claimed = {subject: SelfScore(Decimal(100), "全部完成") for subject in verified}
    for scores in (claimed, verified):
        cast.do_on(
            OPENED, self_assessments.self_assess, "edu", assessment_id, scores, "已按期完成。"
        )
    with cast.reading() as db:
        sent = self_assessments.self_assessments(db, db.get_one(Assessment, assessment_id))
        assert (sent[cast.units[EDU]].number, sent[cast.units[EDU]].total) == (2, Decimal(94))


def test_a_claim_beyond_what_was_verified_needs_a_word(cast: Cast) -> None:
    play(cast)
    assessment_id = opened(cast)
    subjects = lines_of(cast, assessment_id, EDU)
    scores = {subject: SelfScore(Decimal(100), "") for subject in subjects}
    with pytest.raises(BadInput) as refused:
        cast.do_on(OPENED, self_assessments.self_assess, "edu", assessment_id, scores, "完成。")
    assert refused.value.field == f"word-assignment:{cast.edu_row}"
    del scores[f"assignment:{cast.edu_row}"]
    with pytest.raises(BadInput) as missing:
        cast.do_on(OPENED, self_assessments.self_assess, "edu", assessment_id, scores, "完成。")
    assert missing.value.field == f"percent-assignment:{cast.edu_row}"


def test_the_self_assessment_stays_open_for_its_days_while_a_unit_is_missing(cast: Cast) -> None:
    play(cast)
    assessment_id = opened(cast)
    with pytest.raises(BadInput, match="2025-01-13"):
        cast.do_on(
            date(2025, 1, 13), assessments.close_self_assessment, "coordinator", assessment_id
        )
    cast.do_on(CLOSED, assessments.close_self_assessment, "coordinator", assessment_id)
    with pytest.raises(InvalidTransition):
        cast.do_on(CLOSED, self_assessments.self_assess, "edu", assessment_id, {}, "晚了")


def test_the_check_of_the_leads_own_part_is_the_supervisors(cast: Cast) -> None:
    play(cast)
    assessment_id = opened(cast)
    cast.do_on(CLOSED, assessments.close_self_assessment, "coordinator", assessment_id)
    own = (assessment_id, cast.units[LEAD], f"assignment:{cast.lead_row}", "未见佐证。")
    with pytest.raises(NotAllowed):
        cast.do_on(CHECKED, self_assessments.note_remark, "coordinator", *own)
    cast.do_on(CHECKED, self_assessments.note_remark, "supervisor", *own)
    other = (assessment_id, cast.units[EDU], f"assignment:{cast.lead_row}", "不是它的。")
    with pytest.raises(BadInput):
        cast.do_on(CHECKED, self_assessments.note_remark, "coordinator", *other)


def test_what_was_handed_in_by_the_cut_off_must_be_reviewed_first(cast: Cast) -> None:
    play(cast, date(2024, 12, 20))
    assessment_id = opened(cast)
    cast.do_on(CLOSED, assessments.close_self_assessment, "coordinator", assessment_id)
    with pytest.raises(BadInput, match="1"):
        cast.do_on(CHECKED, assessments.finish_check, "coordinator", assessment_id)


def test_what_is_handed_in_after_the_cut_off_neither_counts_nor_blocks(cast: Cast) -> None:
    """Whoever hands in every day cannot stop the assessment."""
    play(cast)
    assessment_id = opened(cast)
    cast.do_on(OPENED, reviewing.reopen, "coordinator", cast.edu_row, "请补充。")
    form = handing_in.SubmissionForm(
        "补充。", evidence=handing_in.EvidenceForm(links=("https://a.cn/1",))
    )
    cast.do_on(OPENED, handing_in.submit, "edu", cast.edu_row, form)
    cast.do_on(CLOSED, assessments.close_self_assessment, "coordinator", assessment_id)
    cast.do_on(CHECKED, assessments.finish_check, "coordinator", assessment_id)
    cast.do_on(PUBLICISED, assessments.publicise, "coordinator", assessment_id)
    with cast.reading() as db:
        assert totals(db, assessment_id)[EDU] == Decimal(94)


def test_nothing_is_checked_or_publicised_before_the_cut_off_is_over(cast: Cast) -> None:
    play(cast, date(2024, 10, 15))
    form = replace(FORM, self_due_on=date(2024, 12, 30))
    assessment_id = cast.do_on(
        date(2024, 12, 30), assessments.open_assessment, "coordinator", form
    ).id
    last = date(2024, 12, 31)
    cast.do_on(last, assessments.close_self_assessment, "coordinator", assessment_id)
    with pytest.raises(BadInput, match="2024-12-31"):
        cast.do_on(last, assessments.finish_check, "coordinator", assessment_id)


def test_publicising_twice_at_once_freezes_one_result(cast: Cast) -> None:
    play(cast)
    assessment_id = checked(cast)
    with cast.reading() as db:
        seen = db.get_one(Assessment, assessment_id).version
    cast.do_on(PUBLICISED, assessments.publicise, "coordinator", assessment_id, seen)
    with pytest.raises(Stale):
        cast.do_on(PUBLICISED, assessments.publicise, "coordinator", assessment_id, seen)
    with cast.reading() as db:
        assert len(db.scalars(select(Snapshot)).all()) == 1


def test_a_result_is_not_publicised_where_nothing_counts(cast: Cast) -> None:
    assessment_id = checked(cast)
    with pytest.raises(BadInput):
        cast.do_on(PUBLICISED, assessments.publicise, "coordinator", assessment_id)


def _set(db: Session, kind: type, number: int, **values: object) -> None:
    db.execute(update(kind).where(kind.id == number).values(values))  # type: ignore[attr-defined]


def _new_rules(db: Session, cast: Cast) -> None:
    plan = plans.active_plan(db)
    data = plans.scoring_rules(db, plan).to_data()
    assert isinstance(data, dict)
    changed = {**data, "version": 2, "weights": {"work": "10", "indicators": "90"}}
    plans.store_rules(db, cast.clock(OPENED), plan, plans.SCORING, changed)


TOUCHES: dict[str, Callable[[Session, Cast], None]] = {
    "a renamed unit": lambda db, cast: _set(db, Unit, cast.units[EDU], name="县教育体育局"),
    "a unit in another group": lambda db, cast: _set(
        db, Unit, cast.units[EDU], ranking_group="乡镇"
    ),
    "a disabled person": lambda db, cast: _set(db, User, cast.users["coordinator"], active=False),
    "a corrected typo": lambda db, cast: _set(db, Assignment, cast.edu_row, text="改过的。"),
    "another weight": lambda db, cast: _set(db, Assignment, cast.edu_row, weight=Decimal(9)),
    "new rules": _new_rules,
}
"""What happens after the freezing."""


@pytest.mark.parametrize("touch", TOUCHES)
def test_nothing_that_changes_later_touches_a_frozen_result(cast: Cast, touch: str) -> None:
    play(cast)
    assessment_id = final(cast)
    with cast.reading() as db:
        before = _everything(db, assessment_id)
    with cast.runtime.sessions.writing() as db:
        TOUCHES[touch](db, cast)
        db.commit()
    assert differences(cast) == []
    with cast.reading() as db:
        assert _everything(db, assessment_id) == before


def _everything(db: Session, assessment_id: int) -> list[object]:
    rows = db.scalars(
        select(UnitResult)
        .join(Snapshot)
        .where(Snapshot.assessment_id == assessment_id)
        .order_by(UnitResult.id)
    )
    return [
        (row.unit_name, row.ranking_group, row.total, row.grade, row.lines, row.digest)
        for row in rows
    ]


def test_a_second_assessment_of_the_year_leaves_the_first_alone(cast: Cast) -> None:
    play(cast)
    first = final(cast, HALF_YEAR)
    with cast.reading() as db:
        before = _everything(db, first)
    publicised(cast)
    with cast.reading() as db:
        assert _everything(db, first) == before
    assert differences(cast) == []


def test_a_final_result_settles_its_period(cast: Cast) -> None:
    """None with its cut-off or an earlier one is opened after it, nor made final beside it."""
    play(cast)
    beside = publicised(cast, replace(FORM, name="2024年度复核"))
    final(cast)
    with pytest.raises(BadInput, match="2024年度考核"):
        opened(cast, replace(FORM, name="再来一次"))
    with pytest.raises(BadInput, match="2024年度考核"):
        opened(cast, HALF_YEAR)
    cast.do_on(APPROVED, assessments.approve, "supervisor", beside, "县府办〔2025〕4号")
    with pytest.raises(BadInput, match="2024年度考核"):
        cast.do_on(APPROVED, assessments.finalise, "coordinator", beside)


@pytest.mark.parametrize("table", ["snapshots", "unit_results", "assessment_steps"])
def test_the_database_refuses_to_change_or_delete_what_is_frozen(cast: Cast, table: str) -> None:
    play(cast)
    publicised(cast)
    column = {"snapshots": "reason", "unit_results": "grade", "assessment_steps": "words"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with cast.runtime.sessions.writing() as db, pytest.raises(DatabaseError):
            db.execute(text(statement))


def tampered(cast: Cast, statement: str) -> list[str]:
    """What verify finds after somebody with the database's own rights changed a row."""
    with cast.runtime.sessions.writing() as db:
        if cast.runtime.sessions.engine.dialect.name == "sqlite":
            db.execute(text("DROP TRIGGER keep_unit_results_update"))
        else:
            db.execute(text("ALTER TABLE unit_results DISABLE TRIGGER USER"))
        db.execute(text(statement))
        db.commit()
    return differences(cast)


def test_verify_finds_a_changed_total(cast: Cast) -> None:
    play(cast)
    publicised(cast)
    found = tampered(cast, "UPDATE unit_results SET total = 99000000 WHERE total = 94000000")
    assert found == [
        "The digest does not fit what is stored.",
        "total: 99 is stored, 94.00 comes out.",
    ]


def test_verify_finds_a_changed_digest(cast: Cast) -> None:
    play(cast)
    publicised(cast)
    assert set(tampered(cast, "UPDATE unit_results SET digest = 'x'")) == {
        "The digest does not fit what is stored."
    }


def test_an_appeal_goes_to_the_lead_and_then_to_the_supervisor(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    subject = f"assignment:{cast.edu_row}"
    first = cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "退回不当。", subject)
    refusing = AppealDecision(Outcome.REFUSED, "退回有据。")
    with pytest.raises(NotAllowed):
        cast.do_on(
            PUBLICISED, appeals.decide_appeal, "supervisor", assessment_id, first.id, refusing
        )
    cast.do_on(PUBLICISED, appeals.decide_appeal, "coordinator", assessment_id, first.id, refusing)
    second = cast.do_on(LAST_APPEAL, appeals.appeal, "edu", assessment_id, "仍不服。", subject)
    with pytest.raises(NotAllowed):
        cast.do_on(
            LAST_APPEAL, appeals.decide_appeal, "coordinator", assessment_id, second.id, refusing
        )
    cast.do_on(LAST_APPEAL, appeals.decide_appeal, "supervisor", assessment_id, second.id, refusing)
    with pytest.raises(BadInput):
        cast.do_on(LAST_APPEAL, appeals.appeal, "edu", assessment_id, "再申诉。")
    with cast.reading() as db:
        assert len(db.scalars(select(Snapshot)).all()) == 1


def test_upheld_it_inserts_a_revision_and_leaves_the_first(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    made = cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "退回不当。")
    decision = AppealDecision(Outcome.GRANTED, "退回一次系误操作，加1分。", Decimal(1))
    cast.do_on(LAST_APPEAL, appeals.decide_appeal, "coordinator", assessment_id, made.id, decision)
    with cast.reading() as db:
        assert totals(db, assessment_id, 1) == {EDU: Decimal(94), LEAD: Decimal(0)}
        assert totals(db, assessment_id, 2) == {EDU: Decimal(95), LEAD: Decimal(0)}
        reasons = [each.reason for each in db.scalars(select(Snapshot).order_by(Snapshot.id))]
    assert reasons == [None, "退回一次系误操作，加1分。"]
    assert differences(cast) == []


def test_upheld_after_the_facts_were_corrected_only_that_unit_changes(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    made = cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "应予扣减。")
    upheld = AppealDecision(Outcome.GRANTED, "核定撤销。")
    with pytest.raises(BadInput):
        cast.do_on(
            LAST_APPEAL, appeals.decide_appeal, "coordinator", assessment_id, made.id, upheld
        )
    cast.do_on(LAST_APPEAL, reviewing.reopen, "coordinator", cast.edu_row, "核定有误。", True)
    cast.do_on(LAST_APPEAL, appeals.decide_appeal, "coordinator", assessment_id, made.id, upheld)
    with cast.reading() as db:
        assert totals(db, assessment_id, 2) == {EDU: Decimal(45), LEAD: Decimal(0)}
    assert differences(cast) == []


def _decide(cast: Cast, made: Appeal, decision: AppealDecision) -> None:
    where = made.assessment_id, made.id
    cast.do_on(LAST_APPEAL, appeals.decide_appeal, "coordinator", *where, decision)


def test_an_appeal_after_the_window_is_refused(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    with pytest.raises(BadInput, match="2025-01-23"):
        cast.do_on(APPROVED, appeals.appeal, "edu", assessment_id, "晚了。")


def test_one_appeal_a_unit_at_a_time_and_none_for_another_unit(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "第一次。")
    with pytest.raises(BadInput):
        cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "第二次。")
    with pytest.raises(BadInput):
        cast.do_on(PUBLICISED, appeals.appeal, "health", assessment_id, "没有我们。")
    with cast.reading() as db:
        assert len(db.scalars(select(Appeal)).all()) == 1


def test_the_leads_own_appeal_goes_to_the_supervisor_at_once(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    made = cast.do_on(PUBLICISED, appeals.appeal, "coordinator", assessment_id, "平台已建成。")
    refusing = AppealDecision(Outcome.REFUSED, "无佐证。")
    with pytest.raises(NotAllowed):
        cast.do_on(
            PUBLICISED, appeals.decide_appeal, "coordinator", assessment_id, made.id, refusing
        )
    cast.do_on(PUBLICISED, appeals.decide_appeal, "supervisor", assessment_id, made.id, refusing)


def test_approval_waits_for_the_window_and_the_appeals_and_is_not_the_leads(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    number = "县府办〔2025〕3号"
    with pytest.raises(NotAllowed):
        cast.do_on(APPROVED, assessments.approve, "coordinator", assessment_id, number)
    with pytest.raises(BadInput):
        cast.do_on(LAST_APPEAL, assessments.approve, "leader", assessment_id, number)
    cast.do_on(LAST_APPEAL, appeals.appeal, "edu", assessment_id, "申诉。")
    with pytest.raises(BadInput):
        cast.do_on(APPROVED, assessments.approve, "leader", assessment_id, number)
    with pytest.raises(BadInput):
        cast.do_on(APPROVED, assessments.approve, "leader", assessment_id, " ")


def test_approval_waits_until_the_refused_have_had_time_for_the_supervisor(cast: Cast) -> None:
    """The lead refuses on 23 January: five working days more, the New Year holidays between."""
    play(cast)
    assessment_id = publicised(cast)
    made = cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "退回不当。")
    _decide(cast, made, AppealDecision(Outcome.REFUSED, "退回有据。"))
    with pytest.raises(BadInput, match="2025-02-06"):
        cast.do_on(APPROVED, assessments.approve, "leader", assessment_id, "县府办〔2025〕3号")
    cast.do_on(date(2025, 2, 6), appeals.appeal, "edu", assessment_id, "仍不服。")


def test_an_appeal_that_was_upheld_ends_the_matter(cast: Cast) -> None:
    play(cast)
    assessment_id = publicised(cast)
    made = cast.do_on(PUBLICISED, appeals.appeal, "edu", assessment_id, "退回不当。")
    _decide(cast, made, AppealDecision(Outcome.GRANTED, "加1分。", Decimal(1)))
    with pytest.raises(BadInput, match="upheld"):
        cast.do_on(LAST_APPEAL, appeals.appeal, "edu", assessment_id, "再加一点。")
    cast.do_on(APPROVED, assessments.approve, "leader", assessment_id, "县府办〔2025〕3号")


def test_what_a_final_assessment_counts_is_never_reopened(cast: Cast) -> None:
    play(cast)
    final(cast)
    with pytest.raises(InvalidTransition):
        cast.do_on(APPROVED, reviewing.reopen, "coordinator", cast.edu_row, "改主意了。")


def test_what_is_found_untrue_after_the_final_result_costs_the_present_year(cast: Cast) -> None:
    """A correction after it was made final takes effect in the current period."""
    play(cast)
    with cast.reading() as db:
        (submission_id,) = db.scalars(
            select(Portion.submission_id).where(Portion.assignment_id == cast.edu_row)
        ).all()[-1:]
    form = FindingForm(submission_id, "验收单系伪造。")
    final(cast)
    finding = cast.do_on(APPROVED, findings.find_untrue, "coordinator", cast.edu_row, form)
    assert finding.year == 2025
    assert differences(cast) == []


def test_one_opened_wrongly_can_be_abandoned_but_no_publicised_one(cast: Cast) -> None:
    play(cast)
    wrong = opened(cast, replace(FORM, name="误开"))
    cast.do_on(OPENED, assessments.abandon, "coordinator", wrong, "截止日错了。")
    assessment_id = publicised(cast)
    with pytest.raises(InvalidTransition):
        cast.do_on(PUBLICISED, assessments.abandon, "coordinator", assessment_id, "不想要了。")


def test_an_assessment_that_is_not_there_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        cast.do_on(OPENED, assessments.publicise, "coordinator", 99)


def test_only_units_for_which_something_counts_are_asked(cast: Cast) -> None:
    """What 县卫生健康委 owed was cancelled in the year."""
    play(cast)
    assessment_id = opened(cast)
    with cast.reading() as db:
        assessment = db.get_one(Assessment, assessment_id)
        asked = assessment_steps.units_without_self_assessment(db, cast.clock(OPENED), assessment)
        assert {unit.name for unit in asked} == {EDU, LEAD}
