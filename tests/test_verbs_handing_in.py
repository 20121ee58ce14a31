"""The unit's side: sign for, report, submit for completion, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from planner.domain.words import ReturnKind
from planner.models import Evidence, Submission, Task
from planner.services import breakdown, handing_in, reviewing
from planner.services.evidence import EvidenceForm
from planner.services.handing_in import SubmissionForm
from planner.services.reviewing import ReturnForm
from tests.support import verbs
from tests.support.cast import TODAY, Cast
from tests.support.verbs import PROOF

REPORT = SubmissionForm("改造了两处。", percent=40)
DONE = SubmissionForm("已完成。", evidence=PROOF)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """The row of 县教委, signed for."""
    return verbs.start(cast, cast.edu_row)


@pytest.fixture
def node(cast: Cast) -> int:
    """The node of 1 个 for 2024, signed for."""
    return verbs.start(cast, cast.charger_node)


def submission(cast: Cast, submission_id: int) -> Submission:
    with cast.reading() as db:
        return db.get_one(Submission, submission_id)


def refused(act: Callable[[], object], field: str | None) -> None:
    with pytest.raises(BadInput) as refusal:
        act()
    assert refusal.value.field == field


def set_task(cast: Cast, task_id: int, **values: Any) -> None:
    with cast.runtime.sessions.writing() as db:
        db.execute(update(Task).where(Task.id == task_id).values(**values))
        db.commit()


@pytest.mark.parametrize("who", ["edu", "edu-head"])
def test_liaison_and_head_sign_for_their_unit(cast: Cast, who: str) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    cast.do_on(date(2024, 10, 17), handing_in.acknowledge, who, cast.edu_row)
    made, entry = verbs.found(cast, cast.edu_row), verbs.last_entry(cast, cast.edu_row)
    assert (made.state, made.acknowledged_on) == ("in_progress", date(2024, 10, 17))
    assert (entry.verb, entry.from_state, entry.to_state, entry.on) == (
        "acknowledge",
        "issued",
        "in_progress",
        date(2024, 10, 17),
    )


@pytest.mark.parametrize(
    "act",
    [
        lambda cast, who, row: cast.do(handing_in.acknowledge, who, row),
        lambda cast, who, row: cast.do(handing_in.report, who, row, REPORT),
        lambda cast, who, row: cast.do(handing_in.submit, who, row, DONE),
        lambda cast, who, row: cast.do(handing_in.withdraw, who, row),
    ],
    ids=["acknowledge", "report", "submit", "withdraw"],
)
def test_what_a_unit_owes_is_its_own_to_hand_in(cast: Cast, row: int, act: Any) -> None:
    before = verbs.dump(cast)
    for who in ("health", "auditor", "admin"):
        with pytest.raises(NotFound):
            act(cast, who, row)
    for who in ("coordinator", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            act(cast, who, row)
    assert verbs.dump(cast) == before


def test_the_superior_unit_sees_but_does_not_hand_in(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    with pytest.raises(NotAllowed):
        cast.do(handing_in.acknowledge, "edu", cast.school_row)


def test_a_draft_is_hidden_from_its_unit(cast: Cast) -> None:
    with pytest.raises(NotFound):
        cast.do(handing_in.acknowledge, "edu", cast.edu_row)


def test_the_coordinator_holds_the_units_verbs_where_the_lead_owes(cast: Cast) -> None:
    verbs.start(cast, cast.lead_row, "coordinator")
    verbs.report(cast, cast.lead_row, liaison="coordinator2")
    verbs.submit(cast, cast.lead_row, liaison="coordinator")
    assert verbs.state(cast, cast.lead_row) == "submitted"
    assert verbs.told(cast, cast.lead_row) == {"supervisor"}
    cast.do(handing_in.withdraw, "coordinator", cast.lead_row)
    assert verbs.state(cast, cast.lead_row) == "in_progress"


def test_a_report_stores_what_was_written_and_verifies_nothing(cast: Cast, node: int) -> None:
    form = SubmissionForm(" 进展 ", " 缺钱 ", "招标", "", 40, Decimal(1), PROOF)
    made = submission(cast, cast.do(handing_in.report, "edu", node, form).id)
    assert (made.kind, made.number, made.round, made.percent) == ("progress", 1, 1, 40)
    assert (made.text, made.problems, made.next_steps) == ("进展", "缺钱", "招标")
    assert (made.coordination, made.amount) == (None, Decimal(1))
    assert (made.on, made.by_id) == (TODAY, cast.users["edu"])
    assert verbs.standing_portions(cast, node) == []
    assert verbs.last_entry(cast, node).data["submission_id"] == made.id


@pytest.mark.parametrize("state", ["issued", "in_progress", "submitted"])
def test_reports_leave_state_and_version_alone(cast: Cast, state: str) -> None:
    """So that a report does not invalidate a half-written submission."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    if state != "issued":
        cast.do(handing_in.acknowledge, "edu", cast.edu_row)
    if state == "submitted":
        verbs.submit(cast, cast.edu_row)
    before = cast.version(cast.edu_row)
    verbs.report(cast, cast.edu_row)
    made = verbs.found(cast, cast.edu_row)
    assert (made.state, made.version, made.activity) == (state, before, 1)


def test_a_report_tells_the_lead_only_what_needs_coordination(cast: Cast, row: int) -> None:
    cast.do(handing_in.report, "edu", row, REPORT)
    assert verbs.told(cast, row) == set()
    cast.do(handing_in.report, "edu", row, replace(REPORT, coordination="请协调电力。"))
    assert verbs.told(cast, row) == {"coordinator", "coordinator2"}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (replace(REPORT, text=" "), "text"),
        (replace(REPORT, text="长" * 5001), "text"),
        (replace(REPORT, text="坏\x00字"), "text"),
        (replace(REPORT, problems="长" * 5001), "problems"),
        (replace(REPORT, percent=None), "percent"),
        (replace(REPORT, percent=-1), "percent"),
        (replace(REPORT, percent=101), "percent"),
        (replace(REPORT, amount=Decimal(-1)), "amount"),
    ],
)
def test_a_report_that_breaks_a_rule_is_refused(
    cast: Cast, node: int, form: SubmissionForm, field: str
) -> None:
    refused(lambda: cast.do(handing_in.report, "edu", node, form), field)


def test_a_closed_assignment_takes_no_report(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    verbs.accept(cast, row)
    with pytest.raises(InvalidTransition):
        verbs.report(cast, row)


def test_a_completion_waits_for_its_review_and_tells_who_decides(cast: Cast, row: int) -> None:
    made = submission(cast, verbs.submit(cast, row))
    entry = verbs.last_entry(cast, row)
    assert (made.kind, made.number, made.round, made.on) == ("completion", 1, 1, TODAY)
    assert (entry.from_state, entry.to_state) == ("in_progress", "submitted")
    assert (entry.data["submission_id"], entry.data["round"]) == (made.id, 1)
    assert verbs.told(cast, row) == {"coordinator", "coordinator2"}
    assert verbs.standing_portions(cast, row) == []


def test_a_completion_needs_evidence_unless_the_task_waives_it(cast: Cast, row: int) -> None:
    bare = replace(DONE, evidence=EvidenceForm())
    refused(lambda: cast.do(handing_in.submit, "edu", row, bare), "evidence")
    set_task(cast, cast.standard, evidence_required=False)
    cast.do(handing_in.submit, "edu", row, bare)
    assert verbs.state(cast, row) == "submitted"


def test_a_completion_names_the_amount_where_there_is_a_target(cast: Cast, node: int) -> None:
    refused(lambda: cast.do(handing_in.submit, "edu", node, DONE), "amount")
    made = submission(cast, verbs.submit(cast, node, "1"))
    assert made.amount == Decimal(1)


def test_an_amount_is_dropped_where_there_is_no_target(cast: Cast, row: int) -> None:
    assert submission(cast, verbs.submit(cast, row, "3")).amount is None


def test_a_completions_percent_is_checked_too(cast: Cast, row: int) -> None:
    refused(lambda: cast.do(handing_in.submit, "edu", row, replace(DONE, percent=150)), "percent")


def test_a_standing_rule_is_completed_at_the_plans_end(cast: Cast, row: int, node: int) -> None:
    set_task(cast, cast.standard, kind="standing")
    set_task(cast, cast.chargers, kind="standing")
    refused(lambda: verbs.submit(cast, row, day=date(2025, 12, 30)), None)
    verbs.report(cast, row)
    verbs.submit(cast, row, day=date(2025, 12, 31))
    verbs.submit(cast, node, "1")
    assert verbs.state(cast, node) == "submitted"


def test_a_completion_is_only_handed_in_while_in_progress(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    with pytest.raises(InvalidTransition):
        verbs.submit(cast, row)
    cast.do(breakdown.issue, "coordinator", cast.charger_node)
    with pytest.raises(InvalidTransition):
        verbs.submit(cast, cast.charger_node, "1")


def test_submissions_are_numbered_and_rounds_counted_by_completions(cast: Cast, row: int) -> None:
    made = [verbs.report(cast, row), verbs.submit(cast, row), verbs.report(cast, row)]
    cast.do(reviewing.return_, "coordinator", row, ReturnForm(ReturnKind.AMEND, "请补盖章。"))
    made += [verbs.report(cast, row), verbs.submit(cast, row)]
    with cast.reading() as db:
        found = [db.get_one(Submission, each) for each in made]
    assert [each.number for each in found] == [1, 2, 3, 4, 5]
    assert [each.round for each in found] == [1, 1, 2, 2, 2]


def test_a_completion_that_was_not_reviewed_can_be_withdrawn(cast: Cast, row: int) -> None:
    made = verbs.submit(cast, row)
    cast.do_on(date(2024, 10, 16), handing_in.withdraw, "edu-head", row)
    gone, entry = submission(cast, made), verbs.last_entry(cast, row)
    assert gone.withdrawn_on == date(2024, 10, 16)
    assert gone.withdrawn_at is not None
    assert (entry.from_state, entry.to_state) == ("submitted", "in_progress")
    assert entry.data["submission_id"] == made


def test_what_was_withdrawn_stays_and_is_never_reviewed(cast: Cast, row: int) -> None:
    first = verbs.submit(cast, row)
    cast.do(handing_in.withdraw, "edu", row)
    second = verbs.submit(cast, row)
    verbs.accept(cast, row)
    with cast.reading() as db:
        kept, reviewed = db.get_one(Submission, first), db.get_one(Submission, second)
        assert (len(kept.evidence), kept.reviews) == (1, [])
        assert [review.decision for review in reviewed.reviews] == ["accept"]


def test_what_was_decided_cannot_be_withdrawn(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    verbs.accept(cast, row)
    with pytest.raises(InvalidTransition):
        cast.do(handing_in.withdraw, "edu", row)


def test_evidence_keeps_the_order_in_which_it_was_offered(cast: Cast, row: int) -> None:
    token = verbs.stage(cast, row)
    links = ("https://example.org/1", "https://example.org/2")
    made = verbs.submit(cast, row, proof=EvidenceForm(tokens=(token,), links=links))
    query = select(Evidence.name).where(Evidence.submission_id == made)
    with cast.reading() as db:
        names = list(db.scalars(query.order_by(Evidence.position)))
    assert names == ["现场.png", *links]


def test_a_withdrawal_is_said_to_who_decides(cast: Cast, row: int) -> None:
    verbs.submit(cast, row)
    cast.do(handing_in.withdraw, "edu", row)
    assert verbs.told(cast, row, "withdraw") == {"coordinator", "coordinator2"}
