"""Requests and decisions: who asks for what until when, who decides it, what it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound, Stale
from planner.domain.text import t
from planner.domain.words import Cause, RequestKind
from planner.models import Assignment, Evidence, Message, Request, Suspension
from planner.services import breakdown, deemed, extending, requests, steering, timeline
from planner.services.adjustments import COLUMNS, AdjustmentFilter, adjustments
from planner.services.extending_many import Part, extend_unit, preview
from planner.services.request_forms import Decision, ExtendForm
from planner.services.steering import CancelForm
from planner.services.task_list import TaskFilter
from tests.support import asking, verbs
from tests.support.asking import DUE, LATER, NEXT_YEAR, adjustment, grant, more_time, refuse
from tests.support.cast import HEALTH, TODAY, Cast
from tests.support.verbs import AFTER, PROOF

EXTENSION, OBJECTION = RequestKind.EXTENSION, RequestKind.OBJECTION
REDUCTION, SUSPENSION = RequestKind.REDUCTION, RequestKind.SUSPENSION
RESUMPTION, EXEMPTION = RequestKind.RESUMPTION, RequestKind.EXEMPTION
GIVEN = ExtendForm("统一顺延。", Cause.POLICY, LATER)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    return verbs.start(cast, cast.edu_row)


@pytest.fixture
def issued(cast: Cast) -> int:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    return cast.edu_row


def refused(act: Callable[[], object], field: str | None) -> None:
    with pytest.raises(BadInput) as refusal:
        act()
    assert refusal.value.field == field


def waiting_for(cast: Cast, who: str) -> list[int]:
    with cast.reading() as db:
        return [
            each.assignment_id for each in db.scalars(requests.requests_waiting(cast.actor(who)))
        ]


def test_a_unit_asks_and_the_lead_decides_with_an_exact_date(cast: Cast, row: int) -> None:
    made = more_time(cast, row, evidence=PROOF)
    assert (made.kind, made.decider, made.cause) == ("extension", "lead", "own")
    assert verbs.told(cast, row) == {"coordinator", "coordinator2"}
    assert (waiting_for(cast, "coordinator"), waiting_for(cast, "supervisor")) == ([row], [])
    exact = date(2024, 12, 20)
    grant(cast, row, due_on=exact, reason="同意。")
    found = verbs.found(cast, row)
    assert (found.due_on, found.original_due_on) == (exact, DUE)
    assert asking.revisions(cast, row) == [(DUE, "explicit"), (exact, "extension")]
    assert verbs.told(cast, row) == {"edu", "edu-head"}
    with cast.reading() as db:
        assert db.scalars(select(Evidence.request_id)).all() == [made.id]


@pytest.mark.parametrize(
    ("due_on", "cause", "reason", "field"),
    [
        (DUE, Cause.OWN, "原因", "due_on"),
        (date(2024, 11, 1), Cause.OWN, "原因", "due_on"),
        (date(2026, 1, 1), Cause.OWN, "原因", "due_on"),
        (None, Cause.OWN, "原因", "due_on"),
        (LATER, None, "原因", "cause"),
        (LATER, Cause.NOT_APPLICABLE, "原因", "cause"),
        (LATER, Cause.OWN, " ", "reason"),
    ],
)
def test_what_an_extension_lacks_is_said(
    cast: Cast, row: int, due_on: date | None, cause: Cause | None, reason: str, field: str
) -> None:
    refused(lambda: more_time(cast, row, due_on, cause=cause, reason=reason), field)


def test_more_time_is_asked_for_up_to_and_on_the_due_date(cast: Cast, row: int) -> None:
    refused(lambda: more_time(cast, row, day=date(2024, 12, 11)), None)
    assert more_time(cast, row, day=DUE).on == DUE


def test_one_request_at_a_time(cast: Cast, row: int) -> None:
    more_time(cast, row)
    refused(lambda: more_time(cast, row), None)
    refused(lambda: adjustment(cast, row, EXEMPTION), None)
    refused(lambda: cast.do(extending.extend, "coordinator", row, GIVEN), None)


@pytest.mark.parametrize("due_on", [NEXT_YEAR, date(2025, 1, 1)])
def test_past_the_year_the_supervisor_decides(cast: Cast, row: int, due_on: date) -> None:
    more_time(cast, row, due_on)
    assert (waiting_for(cast, "coordinator"), waiting_for(cast, "supervisor")) == ([], [row])
    with pytest.raises(NotAllowed):
        grant(cast, row)
    grant(cast, row, who="supervisor")
    assert verbs.found(cast, row).due_on == due_on


def test_the_second_extension_goes_above(cast: Cast, row: int) -> None:
    more_time(cast, row)
    grant(cast, row)
    assert more_time(cast, row, date(2024, 12, 31)).decider == "above"


def test_the_lead_cannot_grant_past_the_year(cast: Cast, row: int) -> None:
    more_time(cast, row)
    refused(lambda: grant(cast, row, due_on=NEXT_YEAR), "due_on")


def test_where_the_lead_owes_the_supervisor_decides(cast: Cast) -> None:
    row = verbs.start(cast, cast.lead_row, "coordinator")
    assert more_time(cast, row, NEXT_YEAR, who="coordinator").decider == "above"
    assert waiting_for(cast, "supervisor") == [row]
    with pytest.raises(NotAllowed):
        grant(cast, row, who="coordinator2")


def test_the_unit_never_decides_and_strangers_see_nothing(cast: Cast, row: int) -> None:
    more_time(cast, row)
    for who in ("edu", "edu-head", "leader"):
        with pytest.raises(NotAllowed):
            grant(cast, row, who=who)
        assert waiting_for(cast, who) == []
    with pytest.raises(NotFound):
        grant(cast, row, who="health")


def test_decided_after_the_due_date_it_works_from_the_old_one(cast: Cast, row: int) -> None:
    more_time(cast, row, day=date(2024, 12, 9))
    grant(cast, row, day=AFTER, due_on=date(2024, 12, 13))
    assert asking.revisions(cast, row)[-1] == (date(2024, 12, 13), "extension")


def test_a_refusal_says_why_and_moves_nothing(cast: Cast, row: int) -> None:
    more_time(cast, row)
    refused(lambda: cast.do(requests.decide, "coordinator", row, Decision(False)), "reason")
    assert refuse(cast, row).decision_reason == "理由不足。"
    assert asking.revisions(cast, row) == [(DUE, "explicit")]


def test_only_who_asked_takes_it_back(cast: Cast, row: int) -> None:
    more_time(cast, row)
    with pytest.raises(NotAllowed):
        cast.do(requests.take_back, "edu-head", row)
    assert cast.do(requests.take_back, "edu", row).outcome == "taken_back"
    more_time(cast, row)


def test_a_decision_on_another_request_than_the_one_shown_is_stale(cast: Cast, row: int) -> None:
    shown = more_time(cast, row).id
    cast.do(requests.take_back, "edu", row)
    more_time(cast, row)
    with pytest.raises(Stale):
        grant(cast, row, request_id=shown)


def test_what_is_closed_meanwhile_can_only_be_refused(cast: Cast, row: int) -> None:
    more_time(cast, row)
    verbs.submit(cast, row)
    verbs.accept(cast, row)
    with pytest.raises(InvalidTransition):
        grant(cast, row)
    refuse(cast, row)


def test_the_lead_extends_of_its_own_accord_once(cast: Cast, row: int) -> None:
    assert isinstance(cast.do(extending.extend, "coordinator", row, GIVEN), Assignment)
    assert verbs.told(cast, row) == {"edu", "edu-head"}
    again = ExtendForm("再次顺延。", Cause.POLICY, date(2024, 12, 30))
    asked = cast.do(extending.extend, "coordinator", row, again)
    assert isinstance(asked, Request)
    assert (asked.decider, verbs.found(cast, row).due_on) == ("above", LATER)


@pytest.mark.parametrize(
    ("due_on", "day"), [(NEXT_YEAR, TODAY), (LATER, AFTER)], ids=["past the year", "when late"]
)
def test_else_the_lead_asks_the_supervisor(cast: Cast, row: int, due_on: date, day: date) -> None:
    form = ExtendForm("统一顺延。", Cause.POLICY, due_on)
    assert isinstance(cast.do_on(day, extending.extend, "coordinator", row, form), Request)


def test_in_bulk_each_has_its_own_outcome_and_each_person_one_message(cast: Cast, row: int) -> None:
    busy, second = verbs.start(cast, cast.charger_node), verbs.start(cast, cast.charger_row)
    more_time(cast, busy)
    form = ExtendForm("统一顺延。", Cause.POLICY, date(2024, 12, 31))
    wanted = {each: cast.version(each) for each in (row, busy, second)}

    def extend(token: str) -> Part:
        return cast.do(extend_unit, "coordinator", wanted, form, token)

    part = extend("one-form")
    assert (part.extended, part.asked, len(part.refused)) == (1, 0, 2)
    assert verbs.found(cast, row).due_on == date(2024, 12, 31)
    assert verbs.told(cast, row, "extend") == {"edu", "edu-head"}
    assert extend("one-form") == Part(), "the same form extends nothing twice"
    again = extend("another-form")
    assert (again.extended, len(again.refused)) == (0, 3), "what was seen has changed since"


def test_what_needs_consent_in_bulk_is_told_to_the_supervisor_once(cast: Cast, row: int) -> None:
    node = verbs.start(cast, cast.charger_node)
    form = ExtendForm("统一顺延。", Cause.POLICY, NEXT_YEAR)
    wanted = {each: cast.version(each) for each in (row, node)}
    part = cast.do(extend_unit, "coordinator", wanted, form, "a-form")
    assert (part.extended, part.asked, part.refused) == (0, 2, ())
    assert sorted(waiting_for(cast, "supervisor")) == sorted([row, node])
    with cast.reading() as db:
        mine = Message.recipient_id == cast.users["supervisor"]
        told = db.scalars(select(Message).where(mine, Message.channel == "inbox")).all()
    assert [each.subject["params"]["count"] for each in told] == [2]


def test_the_preview_says_what_cannot_be_extended(cast: Cast, row: int) -> None:
    busy = verbs.start(cast, cast.charger_node)
    more_time(cast, busy)
    with cast.reading() as db:
        found = preview(db, cast.actor("coordinator"), cast.clock(), TaskFilter())
    reasons = {each.assignment.id: each.refusal for each in found}
    assert reasons[row] is None
    assert reasons[busy] == t("A request on it is open.")
    assert {cast.school_row, cast.lead_row} <= {each for each, why in reasons.items() if why}


def test_an_objection_within_three_working_days(cast: Cast, issued: int) -> None:
    """Issued on Tuesday the 15th: Friday is the third working day."""
    refused(lambda: asking.objection(cast, issued, day=date(2024, 10, 21)), None)
    assert asking.objection(cast, issued, day=date(2024, 10, 18)).decider == "lead"


def test_what_was_signed_for_is_not_objected_to(cast: Cast, row: int) -> None:
    with pytest.raises(InvalidTransition):
        asking.objection(cast, row)


@pytest.mark.parametrize("end", [RequestKind.REASSIGN, RequestKind.CANCEL])
def test_an_upheld_objection_ends_as_the_decider_says(
    cast: Cast, issued: int, end: RequestKind
) -> None:
    asking.objection(cast, issued, unit_id=cast.units[HEALTH])
    refused(lambda: grant(cast, issued), "end")
    if end is RequestKind.REASSIGN:
        refused(lambda: grant(cast, issued, end=end), "due_on")
    grant(cast, issued, end=end, due_on=LATER)
    assert verbs.state(cast, issued) == "cancelled"
    with cast.reading() as db:
        new = db.scalars(select(Assignment).where(Assignment.replaces_id == issued)).all()
    expected = [(cast.units[HEALTH], LATER)] if end is RequestKind.REASSIGN else []
    assert [(each.unit_id, each.due_on) for each in new] == expected


def test_a_refused_objection_has_one_appeal(cast: Cast, issued: int) -> None:
    refused(lambda: asking.appeal(cast, issued), None)
    first = asking.objection(cast, issued)
    refuse(cast, issued, day=date(2024, 10, 18))
    refused(lambda: asking.objection(cast, issued, day=date(2024, 10, 18)), None)
    refused(lambda: asking.appeal(cast, issued, day=date(2024, 10, 24)), None)
    made = asking.appeal(cast, issued, day=date(2024, 10, 23))
    assert (made.decider, made.appeals_id) == ("above", first.id)
    refuse(cast, issued, who="supervisor", day=date(2024, 10, 23))
    refused(lambda: asking.appeal(cast, issued, day=date(2024, 10, 23)), None)


def sign(cast: Cast, day: date) -> int:
    with cast.runtime.sessions.writing() as db:
        clock = cast.clock(day)
        signed = sum(deemed.sign(db, clock, each) for each in deemed.unanswered(db, clock))
        db.commit()
        return signed


def test_an_objection_at_the_last_moment_comes_before_the_signature(
    cast: Cast, issued: int
) -> None:
    """It was found unanswered, and disputed before it was its turn."""
    clock = cast.clock(date(2024, 10, 23))
    with cast.reading() as db:
        assert deemed.unanswered(db, clock) == [issued]
    asking.objection(cast, issued)
    with cast.runtime.sessions.writing() as db:
        assert not deemed.sign(db, clock, issued)


def test_unanswered_for_five_working_days_it_counts_as_signed(cast: Cast, issued: int) -> None:
    """Issued on Tuesday the 15th: Tuesday the 22nd is the fifth working day."""
    assert sign(cast, date(2024, 10, 22)) == 0
    assert sign(cast, date(2024, 10, 23)) == 1
    found = verbs.found(cast, issued)
    assert (found.state, found.deemed_signed) == ("in_progress", True)
    assert found.acknowledged_on == date(2024, 10, 23)
    entry = verbs.last_entry(cast, issued)
    assert (entry.verb, entry.actor_kind) == ("acknowledge", "system")
    assert sign(cast, date(2024, 10, 24)) == 0


def test_an_objection_holds_the_count_and_its_refusal_begins_it_anew(
    cast: Cast, issued: int
) -> None:
    asking.objection(cast, issued)
    assert sign(cast, date(2024, 10, 30)) == 0
    refuse(cast, issued, day=date(2024, 10, 30))
    assert [sign(cast, date(2024, 11, 6)), sign(cast, date(2024, 11, 7))] == [0, 1]


def test_a_signature_of_the_unit_is_not_deemed(cast: Cast, row: int) -> None:
    assert sign(cast, AFTER) == 0
    assert not verbs.found(cast, row).deemed_signed


def test_an_amount_is_reduced_and_stands_on_record(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_row)
    for wrong in (None, "3", "4"):
        refused(lambda wrong=wrong: adjustment(cast, row, REDUCTION, amount=wrong), "amount")  # type: ignore[misc]
    adjustment(cast, row, REDUCTION, amount="1")
    grant(cast, row, amount=Decimal(2))
    with cast.reading() as db:
        found = db.get_one(Assignment, row)
        numbers = [(each.number, each.amount) for each in found.amount_revisions]
    assert (found.amount, numbers) == (Decimal(2), [(0, Decimal(3)), (1, Decimal(2))])


def test_without_an_amount_nothing_is_reduced(cast: Cast, row: int) -> None:
    refused(lambda: adjustment(cast, row, REDUCTION, amount="1"), "amount")


def test_a_suspension_moves_the_due_date_on_by_its_working_days(cast: Cast, row: int) -> None:
    """From Friday 1 to Friday 15 November ten working days: Tuesday 10 to Tuesday 24 December."""
    refused(lambda: adjustment(cast, row, RESUMPTION), "kind")
    adjustment(cast, row, SUSPENSION, day=date(2024, 11, 1))
    grant(cast, row, day=date(2024, 11, 5))
    with cast.reading() as db:
        assert db.scalars(select(Suspension.on)).one() == date(2024, 11, 1)
    refused(lambda: adjustment(cast, row, SUSPENSION, day=date(2024, 11, 6)), "kind")
    adjustment(cast, row, RESUMPTION, cause=None, day=date(2024, 11, 14))
    grant(cast, row, day=date(2024, 11, 15))
    assert asking.revisions(cast, row)[-1] == (date(2024, 12, 24), "suspension")


def test_the_lead_resumes_of_its_own_accord(cast: Cast, row: int) -> None:
    refused(lambda: cast.do(extending.resume, "coordinator", row), None)
    adjustment(cast, row, SUSPENSION)
    grant(cast, row)
    cast.do_on(date(2024, 10, 22), extending.resume, "coordinator", row)
    assert verbs.found(cast, row).due_on == date(2024, 12, 17)


def test_an_exemption_cancels_with_its_cause(cast: Cast, row: int) -> None:
    adjustment(cast, row, EXEMPTION, cause=Cause.NOT_APPLICABLE)
    grant(cast, row, document="测试〔2024〕9号")
    found = verbs.found(cast, row)
    assert (found.state, found.cancel_class) == ("cancelled", "not_applicable")
    assert found.cancel_document == "测试〔2024〕9号"


@pytest.mark.parametrize(("kind", "decider"), [(SUSPENSION, "lead"), (EXEMPTION, "above")])
def test_after_the_due_date_only_force_majeure(
    cast: Cast, row: int, kind: RequestKind, decider: str
) -> None:
    refused(lambda: adjustment(cast, row, kind, day=AFTER), "cause")
    made = adjustment(cast, row, kind, day=AFTER, cause=Cause.FORCE_MAJEURE)
    assert made.decider == decider


def test_the_timeline_tells_it_in_words(cast: Cast, row: int) -> None:
    more_time(cast, row)
    grant(cast, row)
    adjustment(cast, row, SUSPENSION)
    grant(cast, row)
    cast.do_on(date(2024, 10, 22), extending.resume, "coordinator", row)
    with cast.reading() as db:
        events = timeline.timeline(db, db.get_one(Assignment, row))
        said = [str(each.words) for each in events if each.words]
    assert [each.split(":")[0].split(" to ")[0] for each in said] == [
        "Resumed",
        "Suspended since 2024-10-15",
        "Suspension asked for",
        "Extended",
        "Extension",
    ]


def test_the_list_of_adjustments_holds_them_all(cast: Cast, row: int) -> None:
    more_time(cast, row)
    grant(cast, row)
    other = verbs.start(cast, cast.health_row, "health")
    cast.do(extending.extend, "coordinator", other, GIVEN)
    node = verbs.start(cast, cast.charger_node)
    form = CancelForm("职能划出。", Cause.CHANGE_OF_DUTIES, "测试〔2024〕8号")
    cast.do(steering.cancel, "coordinator", node, form)
    cast.do(breakdown.issue, "coordinator", cast.charger_row)
    asking.objection(cast, cast.charger_row)
    with cast.reading() as db:
        lines = adjustments(db, cast.actor("coordinator"))
        kinds = {(each.assignment.id, each.kind, each.outcome) for each in lines}
        mine = adjustments(db, cast.actor("health"), AdjustmentFilter(kind=EXTENSION))
        for line in lines:
            assert [column.value(line) for column in COLUMNS]
        still = adjustments(db, cast.actor("supervisor"), AdjustmentFilter(show="open"))
    assert kinds == {
        (row, "extension", "granted"),
        (other, "extension", "granted"),
        (node, "cancel", "granted"),
        (cast.charger_row, "objection", None),
    }
    assert [(each.was, each.now) for each in mine] == [(date(2024, 11, 29), LATER)]
    assert [each.kind for each in still] == ["objection"]


def test_three_times_the_adjustments_and_not_one_query_more(cast: Cast, count_queries) -> None:  # type: ignore[no-untyped-def]
    def count() -> int:
        with cast.reading() as db, count_queries() as statements:
            adjustments(db, cast.actor("coordinator"))
        return len(statements)

    more_time(cast, verbs.start(cast, cast.edu_row))
    few = count()
    for owed, who in ((cast.charger_node, "edu"), (cast.health_row, "health")):
        more_time(cast, verbs.start(cast, owed, who), who=who)
    assert count() == few
