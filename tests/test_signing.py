"""Sign-off: what a unit's head signs before it leaves the unit, and on which day it counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from planner.domain.errors import BadInput, NotAllowed, NotFound, Stale
from planner.domain.lifecycle import Verb
from planner.domain.words import Cause, RequestKind
from planner.models import Assignment, JournalEntry, Request, SignOff, StagedFile, Submission
from planner.services import (
    accounts,
    evidence,
    handing_in,
    housekeeping,
    requests,
    requests_asking,
    sheets,
    signing,
    steering,
    units,
)
from planner.services.evidence import EvidenceForm
from planner.services.handing_in import SubmissionForm
from planner.services.request_forms import (
    AdjustmentForm,
    ExtensionForm,
    ObjectionForm,
)
from planner.services.signatures import to_sign
from planner.services.steering import CancelForm
from planner.services.stored_forms import form_from_json, form_to_json
from planner.services.timeline import timeline
from planner.services.units import UnitForm
from tests.support import verbs
from tests.support.asking import LATER
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.verbs import PROOF

TOMORROW = TODAY + timedelta(days=1)
MORE_TIME = ExtensionForm("设备到货推迟。", Cause.OWN, LATER)


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    """县教委's row, in progress; its head signs."""
    row = verbs.start(cast, cast.edu_row)
    set_sign_off(cast, EDU)
    return row


def set_sign_off(cast: Cast, unit: str, required: bool = True) -> None:
    cast.do(units.edit_unit, "admin", cast.units[unit], UnitForm(unit, sign_off=required))


def put(
    cast: Cast,
    row: int,
    form: signing.Form = MORE_TIME,
    verb: Verb = Verb.ASK_EXTENSION,
    *,
    who: str = "edu",
    day: date = TODAY,
) -> SignOff:
    made = cast.do_on(day, signing.put_forward, who, verb, row, form)
    assert isinstance(made, SignOff)
    return made


def waiting(cast: Cast) -> list[int]:
    with cast.reading() as db:
        return [each.assignment_id for each in to_sign(db, cast.actor("edu-head"))]


def test_what_is_put_forward_leaves_the_unit_with_the_signature(cast: Cast, row: int) -> None:
    token = verbs.stage(cast, row)
    form = SubmissionForm("已完成。", evidence=EvidenceForm((token,), PROOF.links))
    sign_off = put(cast, row, form, Verb.SUBMIT)
    assert verbs.state(cast, row) == "in_progress"
    assert waiting(cast) == [row]
    made = cast.do_on(TOMORROW, signing.sign, "edu-head", row, sign_off.id)
    assert isinstance(made, Submission)
    assert (made.on, made.by_id) == (TOMORROW, cast.users["edu"])
    assert made.signed_by_id == cast.users["edu-head"]
    assert verbs.state(cast, row) == "submitted"
    assert waiting(cast) == []
    with cast.reading() as db:
        pieces = db.get_one(Submission, made.id).evidence
        assert [(each.kind, each.name) for each in pieces] == [
            ("file", "现场.png"),
            ("link", PROOF.links[0]),
        ]
        assert db.scalar(select(func.count(StagedFile.id))) == 0


def test_those_concerned_are_told(cast: Cast, row: int) -> None:
    sign_off = put(cast, row)
    assert told(cast, "put_forward") == {"edu-head"}
    cast.do(signing.sign, "edu-head", row, sign_off.id)
    assert verbs.told(cast, row, "sign_off") == {"edu"}
    assert verbs.told(cast, row, "ask_extension") == {"coordinator", "coordinator2"}


def told(cast: Cast, verb: str) -> set[str]:
    """Usernames of those who were told of the latest act of a verb that no time line shows."""
    from planner.models import Message, User  # noqa: PLC0415

    with cast.reading() as db:
        newest = select(func.max(JournalEntry.id)).where(JournalEntry.verb == verb)
        key = f"event:{db.scalar(newest)}"
        query = select(User.username).join(Message, Message.recipient_id == User.id)
        return set(db.scalars(query.where(Message.key == key)))


def test_nothing_of_it_is_seen_outside_before(cast: Cast, row: int) -> None:
    put(cast, row)
    with cast.reading() as db:
        acts = [each.entry.verb for each in timeline(db, db.get_one(Assignment, row))]
        assert db.scalar(select(func.count(Request.id))) == 0
    assert acts == ["acknowledge", "issue"]


FORMS = [
    (Verb.SUBMIT, SubmissionForm("已完成。", evidence=PROOF)),
    (Verb.ASK_EXTENSION, MORE_TIME),
    (Verb.ASK_ADJUSTMENT, AdjustmentForm(RequestKind.SUSPENSION, "政策调整。", Cause.POLICY)),
]


@pytest.mark.parametrize(("verb", "form"), FORMS, ids=[str(verb) for verb, _ in FORMS])
def test_no_way_leads_past_the_head(cast: Cast, row: int, verb: Verb, form: signing.Form) -> None:
    """Also not the verb itself, called by whatever page or command may come."""
    past_head = {
        Verb.SUBMIT: handing_in.submit,
        Verb.ASK_EXTENSION: requests_asking.ask_extension,
        Verb.ASK_ADJUSTMENT: requests_asking.ask_adjustment,
    }[verb]
    with pytest.raises(NotAllowed):
        cast.do(past_head, "edu", row, form)
    put(cast, row, form, verb)


def test_an_objection_goes_through_the_head_too(cast: Cast) -> None:
    cast.do(verbs.breakdown.issue, "coordinator", cast.edu_row)
    set_sign_off(cast, EDU)
    sign_off = put(cast, cast.edu_row, ObjectionForm("不属于我委职责。"), Verb.OBJECT)
    made = cast.do(signing.sign, "edu-head", cast.edu_row, sign_off.id)
    assert isinstance(made, Request)
    assert (made.kind, made.signed_by_id) == ("objection", cast.users["edu-head"])


def test_the_head_signs_what_they_hand_in_by_handing_it_in(cast: Cast, row: int) -> None:
    form = SubmissionForm("已完成。", evidence=PROOF)
    made = cast.do(signing.put_forward, "edu-head", Verb.SUBMIT, row, form)
    assert isinstance(made, Submission)


def test_what_could_not_be_carried_out_never_comes_before_the_head(cast: Cast, row: int) -> None:
    early = ExtensionForm("原因", Cause.OWN, date(2024, 11, 1))
    before = verbs.dump(cast)
    for verb, form, field in (
        (Verb.ASK_EXTENSION, early, "due_on"),
        (Verb.SUBMIT, SubmissionForm("好"), "evidence"),
    ):
        with pytest.raises(BadInput) as refusal:
            cast.do(signing.put_forward, "edu", verb, row, form)
        assert refusal.value.field == field
    assert verbs.dump(cast) == before


def test_one_thing_at_a_time_waits_for_the_signature(cast: Cast, row: int) -> None:
    put(cast, row)
    with pytest.raises(BadInput):
        cast.do(signing.put_forward, "edu", Verb.SUBMIT, row, SubmissionForm("好", evidence=PROOF))
    with pytest.raises(BadInput):
        cast.do(handing_in.submit, "edu-head", row, SubmissionForm("好", evidence=PROOF))


def test_sent_back_it_says_why_and_keeps_the_files(cast: Cast, row: int) -> None:
    token = verbs.stage(cast, row)
    form = ExtensionForm("原因", Cause.OWN, LATER, EvidenceForm((token,)))
    sign_off = put(cast, row, form)
    with cast.reading() as db:
        assert evidence.staged_files(db, cast.actor("edu"), row) == []
    with pytest.raises(BadInput):
        cast.do(signing.send_back, "edu-head", row, sign_off.id, " ")
    cast.do(signing.send_back, "edu-head", row, sign_off.id, "请补充到货合同。")
    assert told(cast, "send_back") == {"edu"}
    with cast.reading() as db:
        kept = db.get_one(SignOff, sign_off.id)
        assert (kept.outcome, kept.decision_reason) == ("sent_back", "请补充到货合同。")
        assert signing.form_of(kept) == form
        assert [s.token for s in evidence.staged_files(db, cast.actor("edu"), row)] == [token]
    put(cast, row, form)


def test_a_colleague_takes_it_back(cast: Cast, row: int) -> None:
    sign_off = put(cast, row)
    cast.do(signing.call_back, "edu", row, sign_off.id)
    assert waiting(cast) == []
    with pytest.raises(Stale):
        cast.do(signing.sign, "edu-head", row, sign_off.id)


def test_only_the_head_of_the_unit_signs(cast: Cast, row: int) -> None:
    sign_off = put(cast, row)
    for who in ("edu", "coordinator", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            cast.do(signing.sign, who, row, sign_off.id)
    with pytest.raises(NotFound):
        cast.do(signing.sign, "health", row, sign_off.id)


def test_what_the_head_did_not_see_is_not_signed(cast: Cast, row: int) -> None:
    """The preparer put something else forward meanwhile."""
    first = put(cast, row)
    cast.do(signing.call_back, "edu", row, first.id)
    second = put(cast, row, ExtensionForm("另一个原因", Cause.POLICY, LATER))
    with pytest.raises(Stale):
        cast.do(signing.sign, "edu-head", row, first.id)
    cast.do(signing.sign, "edu-head", row, second.id)


def test_signed_too_late_it_is_refused_and_goes_on_waiting(cast: Cast, row: int) -> None:
    sign_off = put(cast, row)
    with pytest.raises(BadInput):
        cast.do_on(verbs.AFTER, signing.sign, "edu-head", row, sign_off.id)
    assert waiting(cast) == [row]


def test_it_can_be_signed_when_the_preparer_has_left(cast: Cast, row: int) -> None:
    sign_off = put(cast, row)
    cast.do(accounts.disable_user, "admin", cast.users["edu"])
    made = cast.do(signing.sign, "edu-head", row, sign_off.id)
    assert made.by_id == cast.users["edu"]


def test_a_signed_request_is_taken_back_by_who_prepared_it(cast: Cast, row: int) -> None:
    sign_off = put(cast, row)
    cast.do(signing.sign, "edu-head", row, sign_off.id)
    assert cast.do(requests.take_back, "edu", row).outcome == "taken_back"


def test_a_cancelled_assignment_leaves_nothing_to_sign(cast: Cast, row: int) -> None:
    put(cast, row)
    form = CancelForm("职能划出。", Cause.POLICY, "测试〔2024〕8号")
    cast.do(steering.cancel, "coordinator", row, form)
    assert waiting(cast) == []


def test_files_that_wait_for_the_signature_are_not_swept(cast: Cast, row: int) -> None:
    token = verbs.stage(cast, row)
    put(cast, row, ExtensionForm("原因", Cause.OWN, LATER, EvidenceForm((token,))))
    left = verbs.stage(cast, row)
    clock = cast.clock()
    old = type(clock)(clock.today, clock.now + timedelta(days=30), clock.calendar)
    with cast.runtime.sessions.writing() as db:
        assert housekeeping.forget_staged(db, old) == 1
        assert db.scalars(select(StagedFile.token)).all() == [token]
        db.commit()
    assert left != token


def test_a_unit_without_head_cannot_require_the_signature(cast: Cast) -> None:
    with pytest.raises(BadInput) as refusal:
        set_sign_off(cast, HEALTH)
    assert refusal.value.field == "sign_off"


def test_a_unit_whose_head_has_left_hears_why_it_cannot_go_on(cast: Cast, row: int) -> None:
    cast.do(accounts.disable_user, "admin", cast.users["edu-head"])
    with pytest.raises(BadInput):
        cast.do(signing.put_forward, "edu", Verb.ASK_EXTENSION, row, MORE_TIME)
    set_sign_off(cast, EDU, False)
    assert isinstance(
        cast.do(signing.put_forward, "edu", Verb.ASK_EXTENSION, row, MORE_TIME), Request
    )


# --- the printed form --------------------------------------------------------------------------


def test_the_form_prints_what_waits_for_the_signature_in_the_unit_alone(
    cast: Cast, row: int
) -> None:
    put(cast, row, ExtensionForm("设备到货推迟。", Cause.OWN, LATER, PROOF))

    def printed(who: str) -> sheets.SheetFacts:
        with cast.reading() as db:
            return sheets.sheet(db, cast.actor(who), row)

    assert (printed("edu-head").text, printed("coordinator").text) == ("设备到货推迟。", None)
    assert [each.name for each in printed("edu").proof] == list(PROOF.links)


def test_the_form_of_another_assignment_is_not_printed(cast: Cast, row: int) -> None:
    other = verbs.start(cast, cast.charger_row)
    set_sign_off(cast, EDU, False)
    submission = verbs.report(cast, other)
    with cast.reading() as db, pytest.raises(NotFound):
        sheets.sheet(db, cast.actor("edu"), row, submission_id=submission)


# --- what a form held --------------------------------------------------------------------------

TEXTS = st.text(max_size=20)
PROOFS = st.builds(
    EvidenceForm,
    st.lists(TEXTS, max_size=3).map(tuple),
    st.lists(TEXTS, max_size=3).map(tuple),
    st.lists(st.integers(1), max_size=3).map(tuple),
)
AMOUNTS = st.none() | st.decimals(0, 10**9, places=6)
CAUSES = st.none() | st.sampled_from(Cause)
WRITTEN = st.one_of(
    st.builds(SubmissionForm, TEXTS, amount=AMOUNTS, percent=st.integers(0, 100), evidence=PROOFS),
    st.builds(ExtensionForm, TEXTS, CAUSES, st.none() | st.dates(), PROOFS),
    st.builds(ObjectionForm, TEXTS, st.none() | st.integers(1), PROOFS),
    st.builds(AdjustmentForm, st.sampled_from(RequestKind), TEXTS, CAUSES, AMOUNTS, PROOFS),
)


@given(WRITTEN)
def test_what_a_form_held_comes_back_as_it_was(form: signing.Form) -> None:
    again = form_from_json(type(form), form_to_json(form))
    assert again == form
    assert [type(value) for value in vars(again).values()] == [
        type(value) for value in vars(form).values()
    ]
