"""Urging one and many, by telephone and by slip, and answering, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from planner.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound, Repeated
from planner.domain.text import from_json
from planner.domain.words import SlipKind
from planner.models import Assignment, JournalEntry, Message, Slip, Urge, User
from planner.services import breakdown, slips, steering, tasks, urging
from planner.services.slips import SlipFilter, SlipForm
from planner.services.steering import ReassignForm
from planner.services.task_list import TaskFilter
from planner.services.tasks import RowForm
from planner.services.urge_list import urge_counts, urges_of
from planner.services.urging import ANSWER_AT_MOST
from planner.services.urging_many import Demand, batch_of, begin_batch, choose
from planner.services.urging_outcome import Batch, load_batch
from planner.services.urging_parts import leave_part, urge_many, urge_part
from planner.services.urging_preview import preview, preview_some
from tests.support.cast import EDU, HEALTH, SCHOOL, TODAY, Cast
from tests.support.verbs import dump, last_entry, start, submit, told

FRIDAY, SATURDAY, MONDAY = date(2024, 10, 18), date(2024, 10, 19), date(2024, 10, 21)
LATER = date(2024, 12, 20)
TEXT = "请书面说明进度。"


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """县教委's, signed for."""
    return start(cast, cast.edu_row)


@pytest.fixture
def urge_id(cast: Cast, row: int) -> int:
    """An urge on it, to be answered by Friday."""
    return cast.do(urging.urge, "coordinator", row, TEXT, FRIDAY).id


def refused(act: Callable[[], object], field: str | None) -> str:
    with pytest.raises(BadInput) as found:
        act()
    assert found.value.field == field
    return str(found.value)


def answer(cast: Cast, row: int, urge_id: int, *, who: str = "edu", day: date = TODAY) -> Any:
    return cast.do_on(day, urging.answer, who, row, urge_id, " 已完成八成。 ")


def messages_of(cast: Cast, username: str, start: str = "Urged") -> list[Message]:
    query = select(Message).join(User, Message.recipient_id == User.id)
    with cast.reading() as db:
        wanted = query.where(User.username == username, Message.channel == "inbox")
        found = db.scalars(wanted.order_by(Message.id)).all()
        return [each for each in found if str(from_json(each.subject)).startswith(start)]


# one


def test_a_telephone_call_is_an_urge_that_names_who_was_spoken_to(cast: Cast, row: int) -> None:
    made = cast.do(urging.urge, "coordinator", row, TEXT, FRIDAY, " 李教育 ")
    assert made.spoken_to == "李教育"
    assert last_entry(cast, row, "urge").data["spoken_to"] == "李教育"
    (message,) = messages_of(cast, "edu")
    assert "by telephone (李教育)" in str(from_json(message.subject))
    refused(lambda: cast.do(urging.urge, "coordinator", row, TEXT, FRIDAY, "长" * 61), "spoken_to")


@pytest.mark.parametrize("today", [TODAY, date(2024, 9, 28), date(2024, 12, 31)])
def test_an_answer_is_asked_for_within_a_quarter_of_a_year(
    cast: Cast, row: int, today: date
) -> None:
    """A mistyped year is found at once, alone and for a list."""
    last = cast.clock(today).calendar.add(today, ANSWER_AT_MOST)
    for day in (last + timedelta(days=1), date(2099, 12, 31)):
        one = (today, urging.urge, "coordinator", row, TEXT, day)
        said = refused(lambda one=one: cast.do_on(*one), "answer_by")  # type: ignore[misc]
        assert str(last) in said
        demand = Demand(TEXT, day)
        many = (today, urge_many, "coordinator", [row], demand)
        refused(lambda many=many: cast.do_on(*many), "answer_by")  # type: ignore[misc]
    assert cast.do_on(today, urging.urge, "coordinator", row, TEXT, last).answer_by == last
    cast.do_on(today, urge_many, "coordinator", [row], Demand(TEXT, last))


def test_an_answer_is_told_to_who_urged(cast: Cast, row: int, urge_id: int) -> None:
    made = answer(cast, row, urge_id)
    assert (made.text, made.on) == ("已完成八成。", TODAY)
    assert told(cast, row, "answer") == {"coordinator"}
    assert "late" not in last_entry(cast, row, "answer").data


def test_whoever_decides_now_is_told_where_who_urged_has_left(
    cast: Cast, row: int, urge_id: int
) -> None:
    with cast.runtime.sessions.writing() as db:
        db.get_one(User, cast.users["coordinator"]).active = False
        db.commit()
    answer(cast, row, urge_id)
    assert told(cast, row, "answer") == {"coordinator2"}


def test_an_urge_is_answered_once(cast: Cast, row: int, urge_id: int) -> None:
    answer(cast, row, urge_id)
    before = dump(cast)
    refused(lambda: answer(cast, row, urge_id, who="edu-head"), None)
    assert dump(cast) == before


@pytest.mark.parametrize(("day", "late"), [(SATURDAY, False), (MONDAY, True)])
def test_a_late_answer_is_taken_and_marked(
    cast: Cast, row: int, urge_id: int, day: date, late: bool
) -> None:
    """Saturday to Monday: the date runs on to a working day only where it is none itself."""
    due = FRIDAY if late else SATURDAY
    made = cast.do(urging.urge, "coordinator", row, TEXT, due)
    answer(cast, row, made.id, day=MONDAY)
    assert last_entry(cast, row, "answer").data.get("late", False) == late
    with cast.reading() as db:
        standing = urges_of(db, cast.clock(MONDAY), db.get_one(Assignment, row))
    assert [each.late for each in standing] == [late, False]
    assert [each.overdue for each in standing] == [False, True]


def test_an_answer_may_come_while_the_round_waits_but_not_after(
    cast: Cast, row: int, urge_id: int
) -> None:
    submit(cast, row)
    answer(cast, row, urge_id)
    with pytest.raises(InvalidTransition):
        answer(cast, cast.lead_row, urge_id, who="coordinator")


def test_an_answer_belongs_to_its_unit_and_its_urge(cast: Cast, row: int, urge_id: int) -> None:
    other = start(cast, cast.charger_row)
    with pytest.raises(NotFound):
        answer(cast, other, urge_id)
    with pytest.raises(NotFound):
        answer(cast, row, urge_id, who="health")
    for who in ("coordinator", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            answer(cast, row, urge_id, who=who)
    refused(lambda: cast.do(urging.answer, "edu", row, urge_id, " "), "text")


def test_urges_are_counted(cast: Cast, row: int, urge_id: int) -> None:
    cast.do(urging.urge, "coordinator", row, TEXT, FRIDAY)
    with cast.reading() as db:
        assert urge_counts(db, [row, cast.health_row]) == {row: 2}


# many


def chosen(cast: Cast) -> list[int]:
    """Three of 县教委's and one of 县卫生健康委's that can be urged, and a draft that cannot."""
    start(cast, cast.edu_row)
    start(cast, cast.charger_row)
    start(cast, cast.charger_node)
    start(cast, cast.health_row, "health")
    return [cast.edu_row, cast.charger_row, cast.charger_node, cast.health_row, cast.school_row]


def slip_form(kind: SlipKind = SlipKind.DEMAND, number: str = "催〔2024〕3号") -> SlipForm:
    return SlipForm(kind, number, "县机关事务管理中心", "陈统筹")


def urge_them(
    cast: Cast, ids: Sequence[int], form: SlipForm | None = None, who: str = "coordinator"
) -> JournalEntry:
    return cast.do(urge_many, who, ids, Demand(TEXT, FRIDAY, form))


def test_a_preview_says_what_would_be_urged_and_why_the_rest_would_not(cast: Cast) -> None:
    ids = chosen(cast)
    with cast.reading() as db:
        found = preview(db, cast.actor("coordinator"), cast.clock(), TaskFilter())
        edu, health = found.by_unit
        assert (edu.name, len(found.by_unit[edu])) == (EDU, 3)
        assert (health.name, len(found.by_unit[health])) == (HEALTH, 1)
        left = {each.assignment.id: str(each.refusal) for each in found.left}
        assert set(left) == {cast.school_row, cast.lead_row}
        assert left[cast.school_row] == "It is “Draft”."
        late = preview(db, cast.actor("coordinator"), cast.clock(LATER), TaskFilter(overdue=True))
        assert {e.days_late > 0 for group in late.by_unit.values() for e in group} == {True}
        one = preview_some(db, cast.actor("coordinator"), cast.clock(), ids[:1])
        assert one.count == 1
        with pytest.raises(NotAllowed):
            preview(db, cast.actor("edu"), cast.clock(), TaskFilter())


def test_each_gets_its_urge_and_each_person_one_message(cast: Cast) -> None:
    whole = urge_them(cast, chosen(cast))
    with cast.reading() as db:
        batch = load_batch(db, cast.actor("coordinator"), whole.id)
        assert len(batch.urges) == 4
        assert [(each.id, str(why)) for each, why in batch.left] == [
            (cast.school_row, "It is “Draft”.")
        ]
        entries = select(func.count(JournalEntry.id)).where(JournalEntry.verb == "urge")
        assert db.scalar(entries) == 4
        assert {each.activity for each in db.scalars(select(Assignment)) if each.urges} == {1}
    for who in ("edu", "edu-head"):
        (message,) = messages_of(cast, who)
        assert str(from_json(message.subject)).startswith("Urged on 3 assignments")
        body = str(from_json(message.body or {}))
        assert TEXT in body
        assert body.count("·") == 3
    (message,) = messages_of(cast, "health")
    assert message.assignment_id == cast.health_row
    assert messages_of(cast, "coordinator") == []


def begin(cast: Cast, ids: Sequence[int], form: SlipForm | None = None) -> JournalEntry:
    """A batch of the coordinator's that is noted and not yet carried out."""
    with cast.reading() as db:
        demand = Demand(TEXT, FRIDAY, form)
        chosen = choose(db, cast.actor("coordinator"), cast.clock(), ids, demand)
    return cast.do(begin_batch, "coordinator", chosen, "a-form")


def outcome(cast: Cast, batch: JournalEntry) -> Batch:
    with cast.reading() as db:
        return load_batch(db, cast.actor("coordinator"), batch.id)


def test_an_interrupted_batch_is_gone_on_with_and_urges_nobody_twice(cast: Cast) -> None:
    """What was done is shown with what waits; the numbers go on from where they were."""
    batch = begin(cast, chosen(cast), slip_form())
    edu, health = cast.units[EDU], cast.units[HEALTH]
    cast.do(urge_part, "coordinator", batch, edu)
    between = outcome(cast, batch)
    assert (len(between.urges), dict(between.waiting)) == (3, {HEALTH: 1})
    assert [slip.number for slip in between.slips] == ["催〔2024〕3号"]
    assert cast.do(urge_part, "coordinator", batch, edu) is None
    assert cast.do(urge_part, "coordinator", batch, health) is not None
    whole = outcome(cast, batch)
    assert (len(whole.urges), dict(whole.waiting)) == (4, {})
    assert [slip.number for slip in whole.slips] == ["催〔2024〕3号", "催〔2024〕4号"]
    assert [len(messages_of(cast, who)) for who in ("edu", "edu-head", "health")] == [1, 1, 1]


def test_a_form_that_is_sent_again_begins_no_other_batch(cast: Cast) -> None:
    ids = chosen(cast)
    batch = begin(cast, ids)
    with pytest.raises(Repeated):
        begin(cast, ids)
    with cast.reading() as db:
        found = batch_of(db, cast.actor("coordinator"), "a-form")
        assert found is not None
        assert found.id == batch.id
        assert batch_of(db, cast.actor("coordinator2"), "a-form") is None


def test_two_clicks_at_once_urge_each_unit_once(cast: Cast) -> None:
    batch = begin(cast, chosen(cast), slip_form())
    units, start_together = [cast.units[EDU], cast.units[HEALTH]], Barrier(2)

    def click() -> int:
        start_together.wait()
        return sum(cast.do(urge_part, "coordinator", batch, each) is not None for each in units)

    with ThreadPoolExecutor(2) as pool:
        done = [each.result() for each in [pool.submit(click), pool.submit(click)]]
    assert sum(done) == 2
    assert len(outcome(cast, batch).urges) == 4
    assert len(all_slips(cast)) == 2


def test_a_number_that_is_taken_meanwhile_is_refused_for_what_is_left(cast: Cast) -> None:
    """What was done stays; the unit is named with the reason, and is urged under another one."""
    batch = begin(cast, chosen(cast), slip_form())
    edu, health = cast.units[EDU], cast.units[HEALTH]
    cast.do(urge_part, "coordinator", batch, edu)
    urge_them(cast, [cast.charger_row], slip_form(number="催〔2024〕4号"))
    with pytest.raises(BadInput) as refusal:
        cast.do(urge_part, "coordinator", batch, health)
    assert "催〔2024〕4号" in str(refusal.value)
    cast.do(leave_part, "coordinator", batch, health, refusal.value.text)
    assert cast.do(urge_part, "coordinator", batch, health) is None, "it is done with"
    whole = outcome(cast, batch)
    assert (len(whole.urges), dict(whole.waiting)) == (3, {})
    left = {each.id: str(why) for each, why in whole.left}
    assert "催〔2024〕4号" in left[cast.health_row]
    assert messages_of(cast, "health") == []


def test_what_changed_since_the_batch_began_is_left_out_with_its_reason(cast: Cast) -> None:
    batch = begin(cast, chosen(cast))
    submit(cast, cast.edu_row)
    form = ReassignForm(cast.units[HEALTH], "职能划转。", date(2024, 12, 20))
    cast.do(steering.reassign, "coordinator", cast.charger_node, form)
    cast.do(urge_part, "coordinator", batch, cast.units[EDU])
    whole = outcome(cast, batch)
    assert [urge.assignment_id for urge in whole.urges] == [cast.charger_row]
    left = {each.id: str(why) for each, why in whole.left}
    assert left[cast.edu_row] == "It is “Waiting for review”."
    assert left[cast.charger_node] == "It is “Cancelled”."


def test_a_batch_that_is_gone_on_with_after_its_day_urges_nobody(cast: Cast) -> None:
    batch = begin(cast, chosen(cast))
    before = dump(cast)
    act = lambda: cast.do_on(MONDAY, urge_part, "coordinator", batch, cast.units[EDU])  # noqa: E731
    refused(act, "answer_by")
    assert dump(cast) == before


def test_the_outcome_is_shown_to_who_did_it_alone(cast: Cast) -> None:
    whole = urge_them(cast, chosen(cast))
    with cast.reading() as db, pytest.raises(NotFound):
        load_batch(db, cast.actor("coordinator2"), whole.id)


def test_nothing_happens_where_nothing_can_be_urged(cast: Cast) -> None:
    ids = chosen(cast)
    before = dump(cast)
    refused(lambda: urge_them(cast, []), "ids")
    refused(lambda: urge_them(cast, [cast.school_row]), "ids")
    refused(lambda: urge_them(cast, [999_999]), "ids")
    past = Demand(TEXT, date(2024, 10, 14))
    refused(lambda: cast.do(urge_many, "coordinator", ids, past), "answer_by")
    refused(lambda: cast.do(urge_many, "coordinator", ids, Demand(" ", FRIDAY)), "text")
    with pytest.raises(NotAllowed):
        urge_them(cast, ids, who="edu")
    assert dump(cast) == before


def test_more_assignments_need_no_more_queries_to_preview(
    cast: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    chosen(cast)
    with count_queries() as few, cast.reading() as db:
        preview(db, cast.actor("coordinator"), cast.clock(), TaskFilter())
    for _ in range(8):
        form = RowForm("再做一次。", [cast.units[EDU]], FRIDAY)
        (made,) = cast.do(tasks.add_rows, "coordinator", cast.standard, form)
        start(cast, made.id)
    with count_queries() as many, cast.reading() as db:
        preview(db, cast.actor("coordinator"), cast.clock(), TaskFilter())
    assert len(many) == len(few)


def test_many_are_urged_with_as_many_statements_as_few(
    cast: Cast, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """But for the new rows themselves."""

    def asked(statements: list[str]) -> int:
        return sum(not each.startswith("INSERT") for each in statements)

    form = RowForm("再做一次。", [cast.units[EDU]], FRIDAY)
    ids = []
    for _ in range(9):
        (made,) = cast.do(tasks.add_rows, "coordinator", cast.standard, form)
        ids.append(start(cast, made.id))
    with count_queries() as few:
        urge_them(cast, ids[:3])
    with count_queries() as many:
        urge_them(cast, ids)
    assert asked(many) == asked(few)


# slips


def all_slips(cast: Cast) -> list[Slip]:
    with cast.reading() as db:
        return list(db.scalars(select(Slip).order_by(Slip.id)))


def test_each_unit_gets_one_slip_and_the_numbers_count_on(cast: Cast) -> None:
    urge_them(cast, chosen(cast), slip_form())
    first, second = all_slips(cast)
    assert (first.number, first.addressee, len(first.items)) == ("催〔2024〕3号", EDU, 3)
    assert (second.number, second.addressee, len(second.items)) == ("催〔2024〕4号", HEALTH, 1)
    assert first.issuer == "县机关事务管理中心"
    paper = slips.paper_of(second)
    assert (paper.items[0].due_on, paper.items[0].days_late) == (date(2024, 11, 29), 0)


def test_the_next_number_is_proposed_by_kind_and_year(cast: Cast) -> None:
    with cast.reading() as db:
        assert slips.next_number(db, SlipKind.DEMAND, 2024) == "催〔2024〕1号"
        assert slips.next_number(db, SlipKind.SUPERVISION, 2024) == "督〔2024〕1号"
    urge_them(cast, chosen(cast), slip_form(number="彭事管催〔2024〕009号"))
    with cast.reading() as db:
        assert slips.next_number(db, SlipKind.DEMAND, 2024) == "彭事管催〔2024〕011号"
        assert slips.next_number(db, SlipKind.DEMAND, 2025) == "催〔2025〕1号"
        assert slips.next_number(db, SlipKind.NOTICE, 2024) == "提〔2024〕1号"


def test_a_number_is_given_once(cast: Cast) -> None:
    ids = chosen(cast)
    urge_them(cast, ids, slip_form(number="催〔2024〕4号"))
    before = dump(cast)
    said = refused(lambda: urge_them(cast, ids, slip_form(number="催〔2024〕3号")), "number")
    assert "催〔2024〕4号" in said, "the second unit's number is taken"
    refused(lambda: urge_them(cast, ids, slip_form(number="催〔2024〕")), "number")
    refused(lambda: urge_them(cast, ids, slip_form(number="长" * 121)), "number")
    refused(lambda: urge_them(cast, ids, SlipForm(SlipKind.DEMAND, "甲1", "", "乙")), "issuer")
    refused(lambda: urge_them(cast, ids, SlipForm(SlipKind.DEMAND, "甲1", "丙", " ")), "signatory")
    assert dump(cast) == before


def test_a_supervision_slip_is_the_supervisors_to_any_unit(cast: Cast) -> None:
    """Without it, and with any other, the supervisor urges only what the lead itself owes."""
    ids = [*chosen(cast), start(cast, cast.lead_row, "coordinator")]
    whole = urge_them(cast, ids, slip_form(SlipKind.SUPERVISION, "督〔2024〕1号"), "supervisor")
    with cast.reading() as db:
        assert len(load_batch(db, cast.actor("supervisor"), whole.id).urges) == 5
    whole = urge_them(cast, ids, slip_form(SlipKind.NOTICE, "提〔2024〕1号"), "supervisor")
    with cast.reading() as db:
        batch = load_batch(db, cast.actor("supervisor"), whole.id)
        assert [urge.assignment_id for urge in batch.urges] == [cast.lead_row]
    whole = urge_them(cast, ids, slip_form(SlipKind.SUPERVISION, "督〔2024〕9号"))
    with cast.reading() as db:
        batch = load_batch(db, cast.actor("coordinator"), whole.id)
        assert cast.lead_row in {assignment.id for assignment, _ in batch.left}


def test_a_unit_sees_the_slips_that_are_addressed_to_it(cast: Cast) -> None:
    urge_them(cast, chosen(cast), slip_form())
    edu, health = all_slips(cast)
    with cast.reading() as db:
        for who, wanted in (
            ("edu", {edu.id}),
            ("edu-head", {edu.id}),
            ("health", {health.id}),
            ("coordinator", {edu.id, health.id}),
            ("leader", {edu.id, health.id}),
            ("auditor", set()),
            ("admin", set()),
        ):
            found = db.scalars(slips.slip_list(cast.actor(who), SlipFilter())).unique()
            assert {each.id for each in found} == wanted
        with pytest.raises(NotFound):
            slips.load_slip(db, cast.actor("health"), edu.id)


def test_the_list_of_slips_is_filtered(cast: Cast) -> None:
    urge_them(cast, chosen(cast), slip_form())
    with cast.reading() as db:

        def found(**wanted: Any) -> list[str]:
            query = slips.slip_list(cast.actor("coordinator"), SlipFilter(**wanted))
            return [each.addressee for each in db.scalars(query).unique()]

        assert found(words="卫生") == [HEALTH]
        assert found(words="4号") == [HEALTH]
        assert found(kind=SlipKind.NOTICE) == []
        assert found(unanswered=True) == [HEALTH, EDU]
        (urged,) = db.scalars(select(Urge).where(Urge.assignment_id == cast.health_row))
    answer(cast, cast.health_row, urged.id, who="health")
    with cast.reading() as db:
        query = slips.slip_list(cast.actor("coordinator"), SlipFilter(unanswered=True))
        assert [each.addressee for each in db.scalars(query).unique()] == [EDU]


def test_the_paper_does_not_change_with_the_unit_or_the_due_date(cast: Cast) -> None:
    urge_them(cast, chosen(cast), slip_form())
    with cast.runtime.sessions.writing() as db:
        slip = db.scalars(select(Slip).order_by(Slip.id)).first()
        assert slip is not None
        before = slips.paper_of(slip)
        slip.unit.name = "县教育委员会"
        db.get_one(Assignment, cast.edu_row).due_on = LATER
        db.flush()
        assert slips.paper_of(slip) == before


def test_a_school_below_is_urged_under_its_own_name(cast: Cast) -> None:
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    urge_them(cast, [cast.school_row], slip_form())
    (slip,) = all_slips(cast)
    assert slip.addressee == SCHOOL
