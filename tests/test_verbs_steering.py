"""Urging, cancelling, handing to another unit, and what the supervisor must agree to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from planner.domain.words import Cause
from planner.models import (
    Assignment,
    DueRevision,
    JournalEntry,
    Message,
    Request,
    Unit,
    Urge,
)
from planner.services import breakdown, requests, reviewing, steering, urging
from planner.services.request_forms import Decision
from planner.services.steering import CancelForm, ReassignForm
from tests.support import verbs
from tests.support.cast import EDU, HEALTH, SCHOOL, TODAY, Cast
from tests.support.verbs import AFTER, BEFORE

CANCEL = CancelForm("职能划出。", Cause.CHANGE_OF_DUTIES, "测试〔2024〕8号")


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """The row of 县教委, signed for, due on 10 December."""
    return verbs.start(cast, cast.edu_row)


def reassign_form(cast: Cast, unit: str = HEALTH) -> ReassignForm:
    return ReassignForm(cast.units[unit], "职能划转。", date(2025, 3, 31))


def cancel(cast: Cast, assignment_id: int, day: date = BEFORE, who: str = "coordinator") -> Any:
    return cast.do_on(day, steering.cancel, who, assignment_id, CANCEL)


def reassign(cast: Cast, assignment_id: int, day: date = BEFORE, who: str = "coordinator") -> Any:
    return cast.do_on(day, steering.reassign, who, assignment_id, reassign_form(cast))


def decide(
    cast: Cast, assignment_id: int, grant: bool, reason: str | None = None, **how: Any
) -> Request:
    day, who = how.get("day", AFTER), how.get("who", "supervisor")
    return cast.do_on(day, requests.decide, who, assignment_id, Decision(grant, reason))


def refused(act: Callable[[], object], field: str | None) -> None:
    with pytest.raises(BadInput) as refusal:
        act()
    assert refusal.value.field == field


def outcomes(cast: Cast, assignment_id: int) -> list[str | None]:
    query = select(Request.outcome).where(Request.assignment_id == assignment_id)
    with cast.reading() as db:
        return list(db.scalars(query.order_by(Request.id)))


# Urging


def test_an_urge_is_recorded_and_said_to_the_unit(cast: Cast, row: int) -> None:
    before = cast.version(row)
    made = cast.do(urging.urge, "coordinator", row, " 请说明进度。 ", date(2024, 10, 18))
    with cast.reading() as db:
        urge = db.get_one(Urge, made.id)
    assert (urge.text, urge.answer_by, urge.on) == ("请说明进度。", date(2024, 10, 18), TODAY)
    assert urge.by_id == cast.users["coordinator"]
    entry = verbs.last_entry(cast, row)
    assert (entry.verb, entry.from_state, entry.to_state) == ("urge", "in_progress", "in_progress")
    assert entry.data["urge_id"] == made.id
    assert verbs.told(cast, row) == {"edu", "edu-head"}
    assert (cast.version(row), verbs.found(cast, row).activity) == (before, 1)


def test_an_urge_needs_words_and_a_day_to_come(cast: Cast, row: int) -> None:
    refused(lambda: cast.do(urging.urge, "coordinator", row, " ", TODAY), "text")
    refused(lambda: cast.do(urging.urge, "coordinator", row, "快", None), "answer_by")
    past = date(2024, 10, 14)
    refused(lambda: cast.do(urging.urge, "coordinator", row, "快", past), "answer_by")
    cast.do(urging.urge, "coordinator", row, "快", TODAY)


def test_what_waits_for_the_lead_is_not_urged(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    with pytest.raises(InvalidTransition):
        cast.do(urging.urge, "coordinator", row, "快", TODAY)


def test_the_lead_is_urged_by_the_supervisor(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.lead_row)
    with pytest.raises(NotAllowed):
        cast.do(urging.urge, "coordinator2", cast.lead_row, "快", TODAY)
    cast.do(urging.urge, "supervisor", cast.lead_row, "快", TODAY)
    assert verbs.told(cast, cast.lead_row) == {"coordinator", "coordinator2"}


# Cancelling


@pytest.mark.parametrize("day", [BEFORE, date(2024, 12, 10)])
def test_up_to_the_due_date_the_coordinator_cancels_alone(cast: Cast, row: int, day: date) -> None:
    cancel(cast, row, day)
    made, entry = verbs.found(cast, row), verbs.last_entry(cast, row)
    assert (made.state, made.cancelled_on, made.cancel_class, made.cancel_document) == (
        "cancelled",
        day,
        "change_of_duties",
        "测试〔2024〕8号",
    )
    assert (entry.verb, entry.from_state, entry.to_state) == ("cancel", "in_progress", "cancelled")
    assert (entry.data["reason"], entry.data["document"]) == ("职能划出。", "测试〔2024〕8号")
    assert verbs.told(cast, row) == {"edu", "edu-head"}


def test_a_draft_is_cancelled_without_a_word_to_the_unit_that_never_saw_it(cast: Cast) -> None:
    cancel(cast, cast.edu_row)
    assert verbs.state(cast, cast.edu_row) == "cancelled"
    assert verbs.told(cast, cast.edu_row) == set()


def test_what_waits_for_review_can_be_cancelled(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    cancel(cast, row)
    assert verbs.last_entry(cast, row).from_state == "submitted"


def test_nothing_is_done_to_what_is_closed(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    verbs.accept(cast, row)
    cancel(cast, cast.charger_node)
    for closed in (row, cast.charger_node):
        for act in (cancel, reassign):
            with pytest.raises(InvalidTransition):
                act(cast, closed)


def test_cancelling_needs_a_reason_and_a_paper(cast: Cast, row: int) -> None:
    for wrong, field in (
        (replace(CANCEL, reason=" "), "reason"),
        (replace(CANCEL, document=""), "document"),
        (replace(CANCEL, document="号" * 121), "document"),
    ):
        refused(
            lambda wrong=wrong: cast.do(steering.cancel, "coordinator", row, wrong),  # type: ignore[misc]
            field,
        )


def test_a_row_waits_until_its_nodes_are_decided(cast: Cast) -> None:
    verbs.start(cast, cast.charger_row)
    refused(lambda: cancel(cast, cast.charger_row), None)
    refused(lambda: reassign(cast, cast.charger_row), None)
    cancel(cast, cast.charger_node)
    cancel(cast, cast.charger_row)


def test_steering_is_the_leads(cast: Cast, row: int) -> None:
    before = verbs.dump(cast)
    for act in (cancel, reassign):
        for who in ("edu", "edu-head", "supervisor", "leader"):
            with pytest.raises(NotAllowed):
                act(cast, row, who=who)
        for who in ("health", "auditor", "admin"):
            with pytest.raises(NotFound):
                act(cast, row, who=who)
    assert verbs.dump(cast) == before


@pytest.mark.parametrize("day", [BEFORE, date(2025, 1, 20)])
def test_what_the_lead_owes_the_supervisor_cancels_alone(cast: Cast, day: date) -> None:
    verbs.start(cast, cast.lead_row, "coordinator")
    for who in ("coordinator", "coordinator2"):
        with pytest.raises(NotAllowed):
            cancel(cast, cast.lead_row, day, who)
    cancel(cast, cast.lead_row, day, "supervisor")
    assert verbs.state(cast, cast.lead_row) == "cancelled"
    assert outcomes(cast, cast.lead_row) == []
    assert verbs.told(cast, cast.lead_row) == {"coordinator", "coordinator2"}


# Handing to another unit


def test_reassigning_closes_the_old_one_and_issues_a_new_one(cast: Cast, row: int) -> None:
    verbs.report(cast, row)
    new = reassign(cast, row).id
    old, made = verbs.found(cast, row), verbs.found(cast, new)
    assert (old.state, old.cancelled_on, old.cancel_class) == (
        "cancelled",
        TODAY,
        "change_of_duties",
    )
    assert (made.state, made.issued_on, made.unit_id) == ("issued", TODAY, cast.units[HEALTH])
    assert made.due_on == made.original_due_on == date(2025, 3, 31)
    assert (made.replaces_id, made.text, made.weight, made.part) == (
        row,
        old.text,
        old.weight,
        old.part,
    )
    at_old, at_new = verbs.last_entry(cast, row), verbs.last_entry(cast, new)
    assert (at_old.verb, at_old.data["new_assignment_id"]) == ("reassign", new)
    assert (at_new.verb, at_new.from_state, at_new.to_state) == ("issue", "draft", "issued")
    assert verbs.told(cast, row) == {"edu", "edu-head"}
    assert verbs.told(cast, new) == {"health"}


def test_lateness_and_evidence_stay_with_the_old_one(cast: Cast, row: int) -> None:
    verbs.report(cast, row)
    new = reassign(cast, row).id
    with cast.reading() as db:
        assert len(db.get_one(Assignment, row).submissions) == 1
        assert db.get_one(Assignment, new).submissions == []
        revisions = list(db.scalars(select(DueRevision).where(DueRevision.assignment_id == new)))
    assert [(r.number, r.due_on, r.reason) for r in revisions] == [
        (0, date(2025, 3, 31), "职能划转。")
    ]


def test_a_nodes_year_amount_and_target_go_with_it(cast: Cast) -> None:
    with cast.runtime.sessions.writing() as db:
        node = db.get_one(Assignment, cast.charger_node)
        node.target_id = node.task.targets[0].id
        db.commit()
    made = verbs.found(cast, reassign(cast, verbs.start(cast, cast.charger_node)).id)
    old = verbs.found(cast, cast.charger_node)
    assert (made.parent_id, made.year, made.amount, made.measure, made.target_id) == (
        cast.charger_row,
        2024,
        Decimal(1),
        "个",
        old.target_id,
    )


def test_a_draft_that_is_handed_on_says_nothing_to_who_never_saw_it(cast: Cast) -> None:
    new = reassign(cast, cast.edu_row).id
    assert verbs.told(cast, cast.edu_row) == set()
    assert verbs.told(cast, new) == {"health"}


def test_what_waits_for_review_is_not_handed_on(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    with pytest.raises(InvalidTransition):
        reassign(cast, row)


def test_the_new_unit_and_the_fresh_due_date_are_checked(cast: Cast, row: int) -> None:
    form = reassign_form(cast)
    with cast.runtime.sessions.writing() as db:
        db.execute(update(Unit).where(Unit.key == "school").values(active=False))
        db.commit()
    for wrong, field in (
        (replace(form, unit_id=999), "unit_id"),
        (replace(form, unit_id=cast.units[EDU]), "unit_id"),
        (reassign_form(cast, "县第一中学"), "unit_id"),
        (replace(form, reason=""), "reason"),
        (replace(form, due_on=None), "due_on"),
        (replace(form, due_on=date(2026, 1, 1)), "due_on"),
        (replace(form, due_on=date(2024, 10, 14)), "due_on"),
    ):
        refused(
            lambda wrong=wrong: cast.do(steering.reassign, "coordinator", row, wrong),  # type: ignore[misc]
            field,
        )


def test_work_counted_by_amount_is_not_handed_on_without_one(cast: Cast) -> None:
    """Handing on issues, and what is issued must say how much."""
    with cast.runtime.sessions.writing() as db:
        draft = db.get_one(Assignment, cast.charger_node)
        draft.amount = draft.measure = None
        db.commit()
    refused(lambda: reassign(cast, cast.charger_node), None)


# The supervisor's consent


@pytest.mark.parametrize("act", [cancel, reassign])
def test_after_the_due_date_the_coordinator_only_asks(cast: Cast, row: int, act: Any) -> None:
    made = act(cast, row, AFTER)
    assert isinstance(made, Request)
    assert (made.kind, made.on, made.by_id) == (act.__name__, AFTER, cast.users["coordinator"])
    assert (verbs.state(cast, row), outcomes(cast, row)) == ("in_progress", [None])
    entry = verbs.last_entry(cast, row)
    assert (entry.from_state, entry.to_state) == ("in_progress", "in_progress")
    assert (entry.data["asked"], entry.data["request_id"]) == (True, made.id)
    assert verbs.told(cast, row) == {"supervisor"}


def test_a_due_date_on_a_day_off_has_not_passed_before_the_next_working_day(cast: Cast) -> None:
    """30 November 2024 is a Saturday; the Monday after it is still in time."""
    with cast.runtime.sessions.writing() as db:
        db.get_one(Assignment, cast.edu_row).due_on = date(2024, 11, 30)
        db.commit()
    row = verbs.start(cast, cast.edu_row)
    cancel(cast, row, date(2024, 12, 2))
    assert verbs.state(cast, row) == "cancelled"


def test_a_granted_cancellation_takes_effect_at_once(cast: Cast, row: int) -> None:
    asked = cancel(cast, row, AFTER)
    before, day = cast.version(row), date(2024, 12, 23)
    decided = decide(cast, row, True, day=day)
    assert (decided.id, decided.outcome, decided.decided_on) == (asked.id, "granted", day)
    assert decided.decided_by_id == cast.users["supervisor"]
    made = verbs.found(cast, row)
    assert (made.state, made.cancelled_on, made.cancel_document) == (
        "cancelled",
        day,
        "测试〔2024〕8号",
    )
    assert made.version == before + 1
    entry = verbs.last_entry(cast, row, "cancel")
    assert (entry.actor_name, entry.to_state) == ("督查员", "cancelled")
    assert verbs.told(cast, row, "cancel") == {"edu", "edu-head"}
    assert verbs.told(cast, row, "decide_request") == {"coordinator"}


def test_a_granted_reassignment_issues_the_new_one(cast: Cast, row: int) -> None:
    reassign(cast, row, AFTER)
    decide(cast, row, True)
    with cast.reading() as db:
        new = db.scalars(select(Assignment).where(Assignment.replaces_id == row)).one()
    assert (new.state, new.unit_id, new.issued_on) == ("issued", cast.units[HEALTH], AFTER)
    assert verbs.state(cast, row) == "cancelled"
    assert verbs.told(cast, new.id) == {"health"}


def test_a_refusal_needs_a_reason_and_changes_nothing_else(cast: Cast, row: int) -> None:
    cancel(cast, row, AFTER)
    refused(lambda: decide(cast, row, False), "reason")
    before = verbs.found(cast, row)
    decided = decide(cast, row, False, "理由不足。")
    assert (decided.outcome, decided.decision_reason) == ("refused", "理由不足。")
    after = verbs.found(cast, row)
    assert (after.state, after.version, after.cancelled_on) == (before.state, before.version, None)
    assert verbs.told(cast, row) == {"coordinator"}


def test_there_is_one_open_request_at_a_time(cast: Cast, row: int) -> None:
    cancel(cast, row, AFTER)
    for who in ("coordinator", "coordinator2"):
        refused(lambda who=who: cancel(cast, row, AFTER, who), None)  # type: ignore[misc]
        refused(lambda who=who: reassign(cast, row, AFTER, who), None)  # type: ignore[misc]
    decide(cast, row, False, "理由不足。")
    reassign(cast, row, AFTER)
    assert outcomes(cast, row) == ["refused", None]


def test_the_database_holds_one_open_request_too(cast: Cast, row: int) -> None:
    first = cancel(cast, row, AFTER)
    copied = {"kind", "reason", "data", "by_id", "on", "at", "assignment_id"}
    with cast.runtime.sessions.writing() as db:
        db.add(Request(**{name: getattr(first, name) for name in copied}))
        with pytest.raises(IntegrityError):
            db.flush()


def test_only_the_supervisor_decides(cast: Cast, row: int) -> None:
    cancel(cast, row, AFTER)
    for who in ("coordinator", "coordinator2", "edu", "leader"):
        with pytest.raises(NotAllowed):
            decide(cast, row, True, who=who)
    for who in ("health", "auditor", "admin"):
        with pytest.raises(NotFound):
            decide(cast, row, True, who=who)


def test_a_request_is_decided_once(cast: Cast, row: int) -> None:
    refused(lambda: decide(cast, row, True), None)
    cancel(cast, row, AFTER)
    decide(cast, row, False, "理由不足。")
    refused(lambda: decide(cast, row, True), None)


def test_a_cancellation_can_still_be_granted_when_the_unit_handed_in_meanwhile(
    cast: Cast, row: int
) -> None:
    cancel(cast, row, AFTER)
    verbs.submit(cast, row, day=AFTER)
    decide(cast, row, True)
    assert verbs.last_entry(cast, row, "cancel").from_state == "submitted"


def test_what_was_handed_in_meanwhile_is_not_handed_on(cast: Cast, row: int) -> None:
    """Reassigning does not start from submitted, whoever agrees to it."""
    reassign(cast, row, AFTER)
    verbs.submit(cast, row, day=AFTER)
    before = verbs.dump(cast)
    with pytest.raises(InvalidTransition):
        decide(cast, row, True)
    assert verbs.dump(cast) == before
    decide(cast, row, False, "已报送。")


@pytest.mark.parametrize("act", [cancel, reassign])
def test_what_was_accepted_meanwhile_can_only_be_refused(cast: Cast, row: int, act: Any) -> None:
    """Who asked may review what came in; the request does not stay open for ever."""
    act(cast, row, AFTER)
    verbs.submit(cast, row, day=AFTER)
    verbs.accept(cast, row, day=AFTER)
    with pytest.raises(InvalidTransition):
        decide(cast, row, True)
    decide(cast, row, False, "已办结。")
    assert (verbs.state(cast, row), outcomes(cast, row)) == ("accepted", ["refused"])
    cast.do_on(AFTER, reviewing.reopen, "coordinator", row, "重新办理")


def test_a_granted_reassignment_whose_date_has_passed_is_refused_with_a_word(
    cast: Cast, row: int
) -> None:
    reassign(cast, row, AFTER)
    refused(lambda: decide(cast, row, True, day=date(2025, 4, 1)), "due_on")
    assert outcomes(cast, row) == [None]


def test_a_draft_is_discarded_with_a_reason_alone_however_late(cast: Cast) -> None:
    only_why = CancelForm("录入有误。")
    cast.do_on(AFTER, steering.cancel, "coordinator", cast.edu_row, only_why)
    made = verbs.found(cast, cast.edu_row)
    assert (made.state, made.cancel_class, made.cancel_document) == (
        "cancelled",
        "not_applicable",
        None,
    )
    assert outcomes(cast, cast.edu_row) == []
    nothing_said = CancelForm(" ")
    refused(
        lambda: cast.do(steering.cancel, "coordinator", cast.health_row, nothing_said), "reason"
    )


def test_handing_back_to_who_had_it_before_needs_consent(cast: Cast, row: int) -> None:
    """There and back again would be an extension without the supervisor."""
    there = reassign(cast, row).id
    back = reassign_form(cast, EDU)
    asked = cast.do(steering.reassign, "coordinator", there, back)
    assert isinstance(asked, Request)
    assert verbs.state(cast, there) == "issued"
    decide(cast, there, True, day=BEFORE)
    with cast.reading() as db:
        third = db.scalars(select(Assignment).where(Assignment.replaces_id == there)).one()
    assert third.unit_id == cast.units[EDU]
    further = cast.do(steering.reassign, "coordinator", third.id, reassign_form(cast, SCHOOL))
    assert isinstance(further, Assignment)
    home = cast.do(steering.reassign, "coordinator", further.id, reassign_form(cast))
    assert isinstance(home, Request)


def test_only_what_is_not_verified_is_handed_on(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_node)
    with cast.runtime.sessions.writing() as db:
        db.get_one(Assignment, row).amount = Decimal(3)
        db.commit()
    report = verbs.report(cast, row, "3")
    cast.do(reviewing.confirm, "coordinator", row, report, Decimal(1))
    new = verbs.found(cast, reassign(cast, row).id)
    assert (new.amount, new.measure) == (Decimal(2), "个")
    assert verbs.found(cast, row).amount == Decimal(3)


def test_what_is_all_verified_is_not_handed_on(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_node)
    report = verbs.report(cast, row, "1")
    cast.do(reviewing.confirm, "coordinator", row, report, Decimal(1))
    refused(lambda: reassign(cast, row), None)


def test_no_message_goes_to_who_acted(cast: Cast, row: int) -> None:
    verbs.start(cast, cast.lead_row, "coordinator")
    reassign(cast, row, AFTER)
    decide(cast, row, True)
    with cast.reading() as db:
        actors = {f"event:{e.id}": e.actor_id for e in db.scalars(select(JournalEntry))}
        sent = [(actors[m.key], m.recipient_id) for m in db.scalars(select(Message))]
    assert sent
    assert not [pair for pair in sent if pair[0] == pair[1]]
