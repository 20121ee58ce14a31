"""Evidence found untrue: who finds it, what it costs, and how it is taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound, Stale
from planner.domain.scores.period import AsOf, Period
from planner.domain.words import Cause
from planner.models import Assignment, Plan, Rollup, UntrueFinding, User
from planner.services import (
    breakdown,
    extending,
    findings,
    handing_in,
    requests,
    rollups,
    steering,
)
from planner.services.evidence import EvidenceForm
from planner.services.findings import FindingForm
from planner.services.plans import scoring_rules
from planner.services.request_forms import Decision, ExtendForm
from planner.services.scores import PlanScores, UnitScore, plan_scores
from planner.services.steering import CancelForm
from planner.services.task_list import TaskFilter, list_page
from tests.support import verbs
from tests.support.cast import EDU, TODAY, Cast
from tests.support.history import play

SOON, LATER = date(2024, 10, 16), date(2024, 12, 30)
LAST = date(2024, 12, 31)
WHY = "现场与验收文件不符。"


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """The row of 县教委, signed for."""
    return verbs.start(cast, cast.edu_row)


@pytest.fixture
def handed_in(cast: Cast, row: int) -> int:
    """Its completion, which waits for review."""
    return verbs.submit(cast, row)


def find(
    cast: Cast,
    assignment_id: int,
    submission_id: int,
    who: str = "coordinator",
    day: date = SOON,
    seen: int | None = None,
) -> UntrueFinding:
    form = FindingForm(submission_id, WHY)
    return cast.do_on(day, findings.find_untrue, who, assignment_id, form, seen)


def revoke(
    cast: Cast, assignment_id: int, who: str = "supervisor", day: date = LATER
) -> UntrueFinding:
    return cast.do_on(day, findings.revoke_finding, who, assignment_id, "经复核属实。")


def all_findings(cast: Cast) -> list[UntrueFinding]:
    with cast.reading() as db:
        return list(db.scalars(select(UntrueFinding).order_by(UntrueFinding.id)))


# Finding


def test_a_finding_names_the_proof_the_reason_and_the_year(
    cast: Cast, row: int, handed_in: int
) -> None:
    made = find(cast, row, handed_in)
    assert (made.submission_id, made.reason, made.year, made.on) == (handed_in, WHY, 2024, SOON)
    assert (made.by_id, made.revoked_on) == (cast.users["coordinator"], None)
    entry = verbs.last_entry(cast, row)
    assert (entry.verb, entry.from_state, entry.to_state) == (
        "find_untrue",
        "submitted",
        "submitted",
    )
    assert entry.data["finding_id"] == made.id
    assert (entry.data["reason"], entry.data["year"]) == (WHY, 2024)
    assert verbs.told(cast, row) == {"edu", "edu-head"}


def test_the_state_stays_whatever_it_is(cast: Cast, row: int) -> None:
    """Also what was accepted stays accepted: it is closed, at 0."""
    report = verbs.report(cast, row)
    find(cast, row, report)
    assert verbs.state(cast, row) == "in_progress"
    verbs.submit(cast, row)
    revoke(cast, row, day=SOON)
    find(cast, row, report)
    assert verbs.state(cast, row) == "submitted"
    verbs.accept(cast, row)
    revoke(cast, row, day=SOON)
    find(cast, row, report)
    made = verbs.found(cast, row)
    assert (made.state, made.accepted_on) == ("accepted", TODAY)


def test_what_is_not_signed_for_or_gone_is_not_doubted(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    report = verbs.report(cast, cast.edu_row)
    with pytest.raises(InvalidTransition):
        find(cast, cast.edu_row, report)
    form = CancelForm("职能划出。", Cause.POLICY, "测试〔2024〕8号")
    cast.do(steering.cancel, "coordinator", cast.edu_row, form)
    with pytest.raises(InvalidTransition):
        find(cast, cast.edu_row, report)


@pytest.mark.parametrize("reason", ["", "   ", "长" * 5001])
def test_it_needs_a_reason(cast: Cast, row: int, handed_in: int, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        cast.do(findings.find_untrue, "coordinator", row, FindingForm(handed_in, reason))
    assert refused.value.field == "reason"
    assert all_findings(cast) == []


def test_it_needs_a_submission_of_the_assignment_with_evidence(cast: Cast, row: int) -> None:
    bare = verbs.report(cast, row, proof=EvidenceForm())
    foreign = verbs.report(cast, verbs.start(cast, cast.charger_row), "1")
    for wrong in (bare, foreign, 0, 999_999):
        with pytest.raises(BadInput) as refused:
            find(cast, row, wrong)
        assert refused.value.field == "submission_id"
    assert verbs.last_entry(cast, row).verb == "report"


def test_one_finding_stands_at_most(cast: Cast, row: int, handed_in: int) -> None:
    find(cast, row, handed_in)
    with pytest.raises(BadInput):
        find(cast, row, handed_in)
    revoke(cast, row)
    find(cast, row, handed_in, day=LATER)
    assert [each.revoked_on for each in all_findings(cast)] == [LATER, None]


def test_two_who_saw_the_same_page_do_not_both_find_it(
    cast: Cast, row: int, handed_in: int
) -> None:
    seen = verbs.found(cast, row).version
    find(cast, row, handed_in, seen=seen)
    with pytest.raises(Stale):
        find(cast, row, handed_in, "coordinator2", seen=seen)


@pytest.mark.parametrize("who", ["edu", "edu-head", "supervisor", "leader"])
def test_only_who_decides_finds_it(cast: Cast, row: int, handed_in: int, who: str) -> None:
    with pytest.raises(NotAllowed):
        find(cast, row, handed_in, who)
    assert all_findings(cast) == []


def test_another_unit_does_not_even_see_it(cast: Cast, row: int, handed_in: int) -> None:
    with pytest.raises(NotFound):
        find(cast, row, handed_in, "health")


def test_where_the_lead_itself_owes_the_supervisor_finds_it(cast: Cast) -> None:
    lead = verbs.start(cast, cast.lead_row, "coordinator2")
    made = verbs.submit(cast, lead, liaison="coordinator2")
    with pytest.raises(NotAllowed):
        find(cast, lead, made, "coordinator")
    find(cast, lead, made, "supervisor")
    assert verbs.told(cast, lead) == {"coordinator", "coordinator2"}
    with pytest.raises(NotAllowed):
        revoke(cast, lead, "coordinator")


def test_nobody_doubts_what_they_handed_in_themselves(cast: Cast, row: int) -> None:
    """The liaison became the lead's coordinator; the old report is still their own."""
    report = verbs.report(cast, row)
    edu = cast.actor("edu")
    with cast.runtime.sessions.writing() as db:
        unit_id = db.get_one(User, cast.users["coordinator"]).unit_id
        moved = type(edu)(edu.kind, edu.name, edu.user_id, unit_id, cast.actor("coordinator").roles)
        with pytest.raises(NotAllowed):
            findings.find_untrue(db, moved, cast.clock(), row, FindingForm(report, WHY))


def test_the_year_is_the_one_that_the_assignment_counts_in(cast: Cast) -> None:
    """Extended for others' reasons into the next year it counts there, and loses points there."""
    node = verbs.start(cast, cast.charger_node)
    report = verbs.report(cast, node, "1")
    assert find(cast, node, report).year == 2024
    revoke(cast, node, day=SOON)
    moved = ExtendForm("接口标准调整。", Cause.POLICY, date(2025, 3, 31))
    cast.do(extending.extend, "coordinator", node, moved)
    cast.do(requests.decide, "supervisor", node, Decision(True, due_on=moved.due_on))
    assert find(cast, node, report).year == 2025


# Revoking


def test_a_revoked_finding_keeps_both_reasons(cast: Cast, row: int, handed_in: int) -> None:
    find(cast, row, handed_in)
    made = revoke(cast, row)
    assert (made.reason, made.revoked_reason, made.revoked_on) == (WHY, "经复核属实。", LATER)
    assert made.revoked_by_id == cast.users["supervisor"]
    entry = verbs.last_entry(cast, row)
    assert (entry.verb, entry.data["finding_id"]) == ("revoke_finding", made.id)
    assert verbs.told(cast, row) == {"edu", "edu-head", "coordinator"}


def test_only_what_stands_is_revoked(cast: Cast, row: int, handed_in: int) -> None:
    with pytest.raises(BadInput):
        revoke(cast, row)
    find(cast, row, handed_in)
    with pytest.raises(BadInput) as refused:
        cast.do(findings.revoke_finding, "supervisor", row, " ")
    assert refused.value.field == "reason"
    revoke(cast, row, "coordinator")
    with pytest.raises(BadInput):
        revoke(cast, row)


@pytest.mark.parametrize("who", ["edu", "edu-head", "leader"])
def test_the_unit_never_revokes_it(cast: Cast, row: int, handed_in: int, who: str) -> None:
    find(cast, row, handed_in)
    with pytest.raises(NotAllowed):
        revoke(cast, row, who)


def test_a_finding_on_what_was_cancelled_since_can_be_revoked(
    cast: Cast, row: int, handed_in: int
) -> None:
    """Its points stay off the unit's total, so that a mistake must have an end."""
    find(cast, row, handed_in)
    cast.do(handing_in.withdraw, "edu", row)
    form = CancelForm("职能划出。", Cause.POLICY, "测试〔2024〕8号")
    cast.do(steering.cancel, "coordinator", row, form)
    revoke(cast, row)
    assert verbs.state(cast, row) == "cancelled"


# What it costs


@pytest.fixture
def played(cast: Cast) -> Cast:
    """The whole year: the node of 2024 was accepted on 24 December, six working days late."""
    play(cast)
    return cast


def scores(cast: Cast, day: date) -> PlanScores:
    with cast.reading() as db:
        plan = db.get_one(Plan, cast.plan)
        asked = AsOf.on(day, Period(2024))
        return plan_scores(db, plan, asked, cast.clock().calendar, scoring_rules(db, plan))


def edu_of(cast: Cast, day: date) -> UnitScore:
    found = scores(cast, day).unit(cast.units[EDU])
    assert found is not None
    return found


def newest(cast: Cast, assignment_id: int) -> int:
    with cast.reading() as db:
        return max(each.id for each in db.get_one(Assignment, assignment_id).submissions)


def doubt(cast: Cast, day: date = LATER) -> None:
    find(cast, cast.charger_node, newest(cast, cast.charger_node), day=day)


def test_the_item_counts_nothing_and_the_total_loses_three_points(played: Cast) -> None:
    before = edu_of(played, LATER).figures.to_date
    doubt(played)
    after = edu_of(played, LATER).figures.to_date
    (item,) = [each for each in after.work.items or () if each.item.id == played.charger_node]
    assert (item.credit.value, item.credit.verified, item.credit.untrue) == (0, 0, True)
    assert [each.points for each in after.points] == [-3]
    assert before.unlimited is not None
    assert (
        after.unlimited
        == before.unlimited
        - before.work_percent
        * next(
            each.earned for each in before.work.items or () if each.item.id == played.charger_node
        )
        / before.work.weight
        - 3
    )
    assert after.beside is not None
    assert after.beside.bars == {"excellent"}


def looks(score: UnitScore) -> tuple[object, ...]:
    """All that is shown of it."""
    made = score.figures
    return score.lines, score.whole_lines, score.rank, made.counts, made.verified, made.claimed


def test_days_before_it_and_after_its_end_look_as_if_it_never_was(played: Cast) -> None:
    days = (date(2024, 12, 27), LAST)
    before = [edu_of(played, day) for day in days]
    doubt(played)
    during = edu_of(played, LAST)
    revoke(played, played.charger_node, day=LAST)
    assert [looks(edu_of(played, day)) for day in days] == [looks(each) for each in before]
    assert during.figures.to_date.total != before[1].figures.to_date.total
    assert edu_of(played, LATER).figures.to_date.total == during.figures.to_date.total


def test_roll_ups_made_later_equal_those_made_in_time(played: Cast) -> None:
    doubt(played, date(2024, 12, 26))
    revoke(played, played.charger_node, day=LATER)
    with played.runtime.sessions.writing() as db:
        rollups.store_missing(db, played.clock(LAST))
        of_edu = Rollup.subject == "unit", Rollup.subject_id == played.units[EDU]
        rows = select(Rollup.on, Rollup.total).where(*of_edu, Rollup.period == "2024")
        stored = {row.on: row.total for row in db.execute(rows)}
        db.commit()
    days = [date(2024, 12, day) for day in (25, 26, 27, 29, 30)]
    assert [stored[day] for day in days] == [
        edu_of(played, day).figures.to_date.total for day in days
    ]
    assert len({stored[day] for day in days}) == 2


def test_the_list_finds_what_is_found_untrue(cast: Cast, row: int, handed_in: int) -> None:
    verbs.report(cast, verbs.start(cast, cast.charger_row), "1")

    def listed() -> list[tuple[int, bool]]:
        with cast.reading() as db:
            page = list_page(
                db, cast.actor("coordinator"), cast.clock(), TaskFilter(untrue=True), 1
            )
            return [(line.assignment.id, line.untrue) for line in page.items]

    assert listed() == []
    find(cast, row, handed_in)
    assert listed() == [(row, True)]
    revoke(cast, row)
    assert listed() == []


def test_honest_work_after_a_finding_counts_once_it_is_revoked(cast: Cast) -> None:
    node = verbs.start(cast, cast.charger_node)
    report = verbs.report(cast, node, "1")
    find(cast, node, report, day=TODAY)
    verbs.submit(cast, node, "1")
    verbs.accept(cast, node, "1")
    assert edu_of(cast, LAST).figures.whole.total == Decimal("0.00")
    revoke(cast, node, day=SOON)
    assert edu_of(cast, LAST).figures.whole.total == Decimal("100.00")
