"""The deciding side: confirm, accept, return, reopen. Only this earns points."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from planner.domain.words import ReturnKind
from planner.models import Assignment, Portion, ProofItem, Review, User
from planner.services import handing_in, reviewing
from planner.services.evidence import EvidenceForm
from planner.services.reviewing import ReturnForm
from tests.support import verbs
from tests.support.cast import TODAY, Cast

LATER = date(2024, 10, 22)
AMEND = ReturnForm(ReturnKind.AMEND, "请补盖章页。")


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """The row of 县教委, signed for and handed in."""
    verbs.submit(cast, verbs.start(cast, cast.edu_row))
    return cast.edu_row


@pytest.fixture
def chargers(cast: Cast) -> int:
    """The row of 3 个, signed for."""
    return verbs.start(cast, cast.charger_row)


def confirm(
    cast: Cast, assignment_id: int, submission_id: int, amount: str, who: str = "coordinator"
) -> Portion:
    return cast.do_on(LATER, reviewing.confirm, who, assignment_id, submission_id, Decimal(amount))


def return_(cast: Cast, assignment_id: int, form: ReturnForm = AMEND) -> Review:
    return cast.do_on(LATER, reviewing.return_, "coordinator", assignment_id, form)


def reopen(cast: Cast, assignment_id: int, *, withdraw: bool = False) -> None:
    cast.do(reviewing.reopen, "coordinator", assignment_id, "现场与材料不符。", withdraw)


def set_method(cast: Cast, assignment_id: int, method: str) -> None:
    with cast.runtime.sessions.writing() as db:
        change = update(Assignment).where(Assignment.id == assignment_id)
        db.execute(change.values(method=method))
        db.commit()


def refused(act: Callable[[], object], field: str | None) -> None:
    with pytest.raises(BadInput) as refusal:
        act()
    assert refusal.value.field == field


# Confirming


def test_a_confirmed_amount_is_a_portion_of_the_day_it_was_handed_in(
    cast: Cast, chargers: int
) -> None:
    made = verbs.report(cast, chargers, "2")
    portion = confirm(cast, chargers, made, "1")
    assert (portion.amount, portion.submission_id) == (Decimal(1), made)
    assert (portion.handed_in_on, portion.on) == (TODAY, LATER)
    entry = verbs.last_entry(cast, chargers)
    assert (entry.verb, entry.to_state, entry.on) == ("confirm", "in_progress", LATER)
    assert (entry.data["submission_id"], entry.data["amount"]) == (made, "1")
    assert entry.data["review_id"] == portion.review_id
    assert verbs.told(cast, chargers) == {"edu", "edu-head"}


def test_confirmed_amounts_add_up_and_never_to_more_than_was_claimed(
    cast: Cast, chargers: int
) -> None:
    first = verbs.report(cast, chargers, "1")
    confirm(cast, chargers, first, "1")
    refused(lambda: confirm(cast, chargers, first, "1"), "amount")
    second = verbs.report(cast, chargers, "3")
    refused(lambda: confirm(cast, chargers, second, "3"), "amount")
    confirm(cast, chargers, second, "1")
    confirm(cast, chargers, second, "1")
    assert verbs.standing_portions(cast, chargers) == [1, 1, 1]


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_and_less_is_not_confirmed(cast: Cast, chargers: int, amount: str) -> None:
    made = verbs.report(cast, chargers, "2")
    refused(lambda: confirm(cast, chargers, made, amount), "amount")


def test_a_report_without_evidence_or_amount_verifies_nothing(cast: Cast, chargers: int) -> None:
    without_proof = verbs.report(cast, chargers, "1", proof=EvidenceForm())
    without_amount = verbs.report(cast, chargers)
    for made in (without_proof, without_amount):
        refused(lambda made=made: confirm(cast, chargers, made, "1"), None)  # type: ignore[misc]


def test_work_without_a_target_is_not_confirmed_in_parts(cast: Cast) -> None:
    row = verbs.start(cast, cast.edu_row)
    made = verbs.report(cast, row, "1")
    refused(lambda: confirm(cast, row, made, "1"), None)


def test_only_a_report_of_the_same_assignment_is_confirmed(cast: Cast, chargers: int) -> None:
    other = verbs.report(cast, verbs.start(cast, cast.charger_node), "1")
    with pytest.raises(NotFound):
        confirm(cast, chargers, other, "1")
    completion = verbs.submit(cast, chargers, "3")
    return_(cast, chargers)
    with pytest.raises(NotFound):
        confirm(cast, chargers, completion, "1")


def test_nothing_is_confirmed_while_a_completion_waits(cast: Cast, chargers: int) -> None:
    made = verbs.report(cast, chargers, "1")
    verbs.submit(cast, chargers, "3")
    with pytest.raises(InvalidTransition):
        confirm(cast, chargers, made, "1")


def test_who_reported_does_not_confirm_even_from_another_office(cast: Cast, chargers: int) -> None:
    """The liaison becomes the lead's coordinator; the old report is still their own."""
    made = verbs.report(cast, chargers, "1")
    with cast.runtime.sessions.writing() as db:
        coordinator = db.get_one(User, cast.users["coordinator"])
        actor = cast.actor("coordinator")
        moved = type(actor)(
            actor.kind, "李教育", cast.users["edu"], coordinator.unit_id, actor.roles
        )
        with pytest.raises(NotAllowed, match="themselves"):
            reviewing.confirm(db, moved, cast.clock(), chargers, made, Decimal(1))


# Accepting


def test_an_acceptance_is_a_review_and_one_portion(cast: Cast, row: int) -> None:
    review_id = verbs.accept(cast, row, day=LATER, reason="齐全")
    made, entry = verbs.found(cast, row), verbs.last_entry(cast, row)
    assert (made.state, made.accepted_on) == ("accepted", LATER)
    assert (entry.from_state, entry.to_state, entry.on) == ("submitted", "accepted", LATER)
    with cast.reading() as db:
        review = db.get_one(Review, review_id)
        (portion,) = db.scalars(select(Portion).where(Portion.assignment_id == row))
    assert (review.decision, review.kind, review.reason, review.on) == (
        "accept",
        None,
        "齐全",
        LATER,
    )
    assert review.ticks == ["验收文件", "现场照片"]
    assert (portion.amount, portion.handed_in_on, portion.on) == (1, TODAY, LATER)
    assert (portion.submission_id, portion.review_id) == (review.submission_id, review_id)
    assert verbs.told(cast, row) == {"edu", "edu-head"}


def test_every_required_proof_item_must_be_ticked(cast: Cast, row: int) -> None:
    with cast.reading() as db:
        required, optional = db.scalars(select(ProofItem.id).order_by(ProofItem.position))
    refused(lambda: verbs.accept(cast, row, ticked=frozenset({optional})), "ticked")
    made = verbs.accept(cast, row, ticked=frozenset({required, 999}))
    with cast.reading() as db:
        assert db.get_one(Review, made).ticks == ["验收文件"]


def test_an_amount_must_be_given_and_lie_within_the_claim(cast: Cast, chargers: int) -> None:
    verbs.submit(cast, chargers, "3")
    refused(lambda: verbs.accept(cast, chargers), "amount")
    refused(lambda: verbs.accept(cast, chargers, "4"), "amount")
    refused(lambda: verbs.accept(cast, chargers, "-1"), "amount")
    verbs.accept(cast, chargers, "3")
    assert verbs.standing_portions(cast, chargers) == [3]


def test_an_acceptance_verifies_only_what_was_not_confirmed(cast: Cast, chargers: int) -> None:
    confirm(cast, chargers, verbs.report(cast, chargers, "2"), "2")
    verbs.submit(cast, chargers, "3")
    refused(lambda: verbs.accept(cast, chargers, "3"), "amount")
    verbs.accept(cast, chargers, "1")
    assert verbs.standing_portions(cast, chargers) == [2, 1]


def test_below_target_it_is_accepted_only_as_final_with_a_reason(cast: Cast, chargers: int) -> None:
    verbs.submit(cast, chargers, "2")
    for form in ({}, {"final": True}, {"final": True, "reason": " "}, {"reason": "只能如此"}):
        refused(lambda form=form: verbs.accept(cast, chargers, "2", **form), "final")  # type: ignore[misc]
    made = verbs.accept(cast, chargers, "2", final=True, reason="场地只有两处。")
    with cast.reading() as db:
        assert db.get_one(Review, made).final
    assert verbs.standing_portions(cast, chargers) == [2]


def test_more_than_the_target_is_stored_as_it_was_verified(cast: Cast, chargers: int) -> None:
    verbs.submit(cast, chargers, "5")
    verbs.accept(cast, chargers, "5")
    assert verbs.standing_portions(cast, chargers) == [5]


def test_an_allocated_row_verifies_nothing_itself(cast: Cast) -> None:
    """What counts of a shared target is verified in the nodes."""
    with cast.runtime.sessions.writing() as db:
        row = db.get_one(Assignment, cast.charger_row)
        row.amount = row.measure = None
        row.task.targets[0].shared = True
        db.commit()
    verbs.submit(cast, verbs.start(cast, cast.charger_row))
    verbs.accept(cast, cast.charger_row)
    assert verbs.standing_portions(cast, cast.charger_row) == []


def test_tiers_give_the_share_of_the_chosen_grade(cast: Cast, row: int) -> None:
    set_method(cast, row, "tiers")
    with cast.reading() as db:
        plan = db.get_one(Assignment, row).task.action.plan
        tier = next(t for t in reviewing.scoring_rules(db, plan).tiers if 0 < t.credit < 1)
    for wrong in (None, "", "无此档"):
        refused(lambda wrong=wrong: verbs.accept(cast, row, tier=wrong), "tier")  # type: ignore[misc]
    verbs.accept(cast, row, tier=tier.key)
    assert verbs.standing_portions(cast, row) == [tier.credit]


def test_the_lowest_grade_is_accepted_and_verifies_nothing(cast: Cast, row: int) -> None:
    set_method(cast, row, "tiers")
    with cast.reading() as db:
        plan = db.get_one(Assignment, row).task.action.plan
        tier = next(t for t in reviewing.scoring_rules(db, plan).tiers if t.credit == 0)
    verbs.accept(cast, row, tier=tier.key)
    assert (verbs.state(cast, row), verbs.standing_portions(cast, row)) == ("accepted", [])


@pytest.mark.parametrize("rating", [None, "-1", "100.01", "87.12345"])
def test_a_rating_lies_between_0_and_100_with_two_places(
    cast: Cast, row: int, rating: str | None
) -> None:
    set_method(cast, row, "rated")
    given = None if rating is None else Decimal(rating)
    refused(lambda: verbs.accept(cast, row, rating=given, reason="好"), "rating")


def test_a_rating_needs_a_reason(cast: Cast, row: int) -> None:
    set_method(cast, row, "rated")
    refused(lambda: verbs.accept(cast, row, rating=Decimal(80)), "reason")
    verbs.accept(cast, row, rating=Decimal("87.25"), reason="基本到位")
    assert verbs.standing_portions(cast, row) == [Decimal("0.8725")]


def test_what_was_not_handed_in_is_not_accepted(cast: Cast) -> None:
    row = verbs.start(cast, cast.edu_row)
    with pytest.raises(InvalidTransition):
        verbs.accept(cast, row)
    verbs.submit(cast, row)
    cast.do(handing_in.withdraw, "edu", row)
    with pytest.raises(InvalidTransition):
        verbs.accept(cast, row)


def test_only_who_leads_reviews(cast: Cast, row: int) -> None:
    before = verbs.dump(cast)
    acts: list[Callable[[str], object]] = [
        lambda who: verbs.accept(cast, row, who=who),
        lambda who: cast.do(reviewing.return_, who, row, AMEND),
        lambda who: cast.do(reviewing.reopen, who, row, "原因"),
        lambda who: cast.do(reviewing.confirm, who, row, 1, Decimal(1)),
    ]
    for act in acts:
        for who in ("edu", "edu-head", "supervisor", "leader"):
            with pytest.raises(NotAllowed):
                act(who)
        for who in ("health", "auditor", "admin"):
            with pytest.raises(NotFound):
                act(who)
    assert verbs.dump(cast) == before


def test_where_the_lead_owes_the_supervisor_decides(cast: Cast) -> None:
    """Not even the other coordinator of the lead, who handed nothing in."""
    verbs.submit(cast, verbs.start(cast, cast.lead_row, "coordinator"), liaison="coordinator")
    with pytest.raises(NotAllowed, match="the supervisor decides"):
        verbs.accept(cast, cast.lead_row, who="coordinator2")
    with pytest.raises(NotAllowed, match="themselves"):
        verbs.accept(cast, cast.lead_row, who="coordinator")
    verbs.accept(cast, cast.lead_row, who="supervisor")
    assert verbs.told(cast, cast.lead_row) == {"coordinator", "coordinator2"}
    with pytest.raises(NotAllowed):
        cast.do(reviewing.reopen, "coordinator2", cast.lead_row, "原因")
    cast.do(reviewing.reopen, "supervisor", cast.lead_row, "原因")
    assert verbs.state(cast, cast.lead_row) == "in_progress"


# Returning


@pytest.mark.parametrize("kind", list(ReturnKind))
def test_a_return_stores_kind_reason_and_rework_date(
    cast: Cast, row: int, kind: ReturnKind
) -> None:
    review = return_(cast, row, ReturnForm(kind, " 缺验收文件 ", date(2025, 1, 10)))
    assert (review.decision, review.kind, review.reason) == ("return", kind, "缺验收文件")
    assert review.rework_on == date(2025, 1, 10)
    entry = verbs.last_entry(cast, row)
    assert (entry.from_state, entry.to_state) == ("submitted", "in_progress")
    assert (entry.data["kind"], entry.data["review_id"]) == (kind, review.id)
    assert verbs.told(cast, row) == {"edu", "edu-head"}
    assert verbs.standing_portions(cast, row) == []


def test_five_working_days_are_given_where_no_date_is(cast: Cast, row: int) -> None:
    """22 October 2024 is a Tuesday."""
    assert return_(cast, row).rework_on == date(2024, 10, 29)


def test_a_return_needs_a_reason_and_a_date_to_come(cast: Cast, row: int) -> None:
    refused(lambda: return_(cast, row, ReturnForm(ReturnKind.AMEND, " ")), "reason")
    past = ReturnForm(ReturnKind.REJECT, "空白", date(2024, 10, 21))
    refused(lambda: return_(cast, row, past), "rework_on")


def test_a_returned_round_is_not_reviewed_again(cast: Cast, row: int) -> None:
    return_(cast, row)
    with pytest.raises(InvalidTransition):
        return_(cast, row)
    second = verbs.submit(cast, row, day=LATER)
    made = verbs.accept(cast, row, day=LATER)
    with cast.reading() as db:
        assert db.get_one(Review, made).submission_id == second


# Reopening


def test_reopening_keeps_what_was_verified_unless_withdrawn(cast: Cast, row: int) -> None:
    verbs.accept(cast, row)
    reopen(cast, row)
    made, entry = verbs.found(cast, row), verbs.last_entry(cast, row)
    assert (made.state, made.accepted_on) == ("in_progress", None)
    assert (entry.from_state, entry.to_state) == ("accepted", "in_progress")
    assert (entry.data["reason"], entry.data["withdraw_verified"]) == ("现场与材料不符。", False)
    assert verbs.standing_portions(cast, row) == [1]
    assert verbs.told(cast, row) == {"edu", "edu-head"}


def test_withdrawn_portions_stay_with_who_and_why(cast: Cast, row: int) -> None:
    verbs.accept(cast, row)
    reopen(cast, row, withdraw=True)
    with cast.reading() as db:
        (portion,) = db.scalars(select(Portion).where(Portion.assignment_id == row))
    assert (portion.amount, portion.withdrawn_on) == (1, TODAY)
    assert (portion.withdrawn_by_id, portion.withdrawn_reason) == (
        cast.users["coordinator"],
        "现场与材料不符。",
    )
    assert portion.withdrawn_at is not None


@pytest.mark.parametrize("withdraw", [True, False])
def test_accepting_again_never_counts_twice(cast: Cast, row: int, withdraw: bool) -> None:
    verbs.accept(cast, row)
    reopen(cast, row, withdraw=withdraw)
    verbs.submit(cast, row)
    verbs.accept(cast, row)
    assert verbs.standing_portions(cast, row) == [1]


@pytest.mark.parametrize(("withdraw", "rest"), [(True, "3"), (False, "0")])
def test_amounts_are_not_counted_twice_either(
    cast: Cast, chargers: int, withdraw: bool, rest: str
) -> None:
    confirm(cast, chargers, verbs.report(cast, chargers, "1"), "1")
    verbs.submit(cast, chargers, "3")
    verbs.accept(cast, chargers, "2")
    reopen(cast, chargers, withdraw=withdraw)
    verbs.submit(cast, chargers, "3")
    too_much = str(Decimal(rest) + 1)
    refused(lambda: verbs.accept(cast, chargers, too_much), "amount")
    verbs.accept(cast, chargers, rest)
    assert sum(verbs.standing_portions(cast, chargers)) == 3


def test_a_rating_given_again_only_adds_what_is_more(cast: Cast, row: int) -> None:
    set_method(cast, row, "rated")
    verbs.accept(cast, row, rating=Decimal(60), reason="一般")
    for rating in (90, 90):
        reopen(cast, row)
        verbs.submit(cast, row)
        verbs.accept(cast, row, rating=Decimal(rating), reason="重新评定")
        assert sum(verbs.standing_portions(cast, row)) == Decimal("0.9")


def test_a_judgement_is_lowered_only_after_what_stands_was_withdrawn(cast: Cast, row: int) -> None:
    set_method(cast, row, "rated")
    verbs.accept(cast, row, rating=Decimal(90), reason="好")
    reopen(cast, row)
    verbs.submit(cast, row)
    with pytest.raises(BadInput, match="90 of 100 stands verified: reopen with withdrawal"):
        verbs.accept(cast, row, rating=Decimal(40), reason="复查不实")
    verbs.accept(cast, row, rating=Decimal(90), reason="照旧")
    reopen(cast, row, withdraw=True)
    verbs.submit(cast, row)
    verbs.accept(cast, row, rating=Decimal(40), reason="复查不实")
    assert verbs.standing_portions(cast, row) == [Decimal("0.4")]


def test_a_lower_grade_is_refused_at_its_field(cast: Cast, row: int) -> None:
    set_method(cast, row, "tiers")
    with cast.reading() as db:
        plan = db.get_one(Assignment, row).task.action.plan
        best, *_, worst = [tier.key for tier in reviewing.scoring_rules(db, plan).tiers]
    verbs.accept(cast, row, tier=best)
    reopen(cast, row)
    verbs.submit(cast, row)
    refused(lambda: verbs.accept(cast, row, tier=worst), "tier")


def test_what_was_judged_is_kept_with_the_review(cast: Cast, row: int) -> None:
    judged = {"tier": "no-such", "rating": Decimal("87.25"), "reason": "好"}
    set_method(cast, row, "rated")
    rated = verbs.accept(cast, row, **judged)
    reopen(cast, row, withdraw=True)
    set_method(cast, row, "tiers")
    verbs.submit(cast, row)
    with cast.reading() as db:
        plan = db.get_one(Assignment, row).task.action.plan
        key = reviewing.scoring_rules(db, plan).tiers[0].key
    graded = verbs.accept(cast, row, tier=key, rating=Decimal(3))
    with cast.reading() as db:
        reviews = [db.get_one(Review, each) for each in (rated, graded)]
    assert [(each.tier, each.rating) for each in reviews] == [
        (None, Decimal("87.25")),
        (key, None),
    ]


def test_reopening_needs_a_reason_and_an_accepted_assignment(cast: Cast, row: int) -> None:
    with pytest.raises(InvalidTransition):
        reopen(cast, row)
    verbs.accept(cast, row)
    refused(lambda: cast.do(reviewing.reopen, "coordinator", row, " "), "reason")


def test_who_handed_in_once_decides_in_no_later_round(cast: Cast, row: int) -> None:
    """The person of the first round now sits in the lead; a colleague handed in the second."""
    return_(cast, row)
    verbs.submit(cast, row, liaison="edu-head", day=LATER)
    actor: Any = cast.actor("coordinator")
    moved = type(actor)(actor.kind, "李教育", cast.users["edu"], actor.unit_id, actor.roles)
    with cast.runtime.sessions.writing() as db, pytest.raises(NotAllowed, match="themselves"):
        reviewing.return_(db, moved, cast.clock(LATER), row, AMEND)
