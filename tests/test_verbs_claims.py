"""Two people at once: the second is told, nothing is done twice, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, DomainError, InvalidTransition, Repeated, Stale
from planner.domain.lifecycle import TRANSITIONS, Claim, Verb
from planner.domain.words import Cause, ReturnKind
from planner.services import (
    breakdown,
    extending,
    findings,
    forms,
    handing_in,
    housekeeping,
    requests,
    reviewing,
    steering,
    urging,
)
from planner.services.acceptance import AcceptForm
from planner.services.breakdown import DraftForm, NodeForm
from planner.services.findings import FindingForm
from planner.services.handing_in import SubmissionForm
from planner.services.request_forms import Decision, ExtendForm
from planner.services.reviewing import ReturnForm
from planner.services.steering import CancelForm, ReassignForm
from planner.services.timeline import since
from tests.support import verbs
from tests.support.cast import HEALTH, TODAY, Cast
from tests.support.verbs import AFTER, PROOF

CANCEL = CancelForm("职能划出。", Cause.OWN, "测试〔2024〕8号")
REPORT = SubmissionForm("正在推进。", percent=50, evidence=PROOF)
DONE = SubmissionForm("已完成。", evidence=PROOF)
AMEND = ReturnForm(ReturnKind.AMEND, "请补盖章。")

Act = Callable[[Session, Actor, Clock], object]


@pytest.fixture
def runtime_url(database_url: str) -> str:
    return database_url


@pytest.fixture
def row(cast: Cast) -> int:
    return verbs.start(cast, cast.edu_row)


@pytest.fixture
def waiting(cast: Cast, row: int) -> int:
    verbs.submit(cast, row)
    return row


def at_once(cast: Cast, *acts: tuple[str, Act], day: date = TODAY) -> list[str]:
    """Each in a thread and a transaction of its own; "done", or the name of the refusal."""
    together = Barrier(len(acts))

    def one(who: str, act: Act) -> str:
        together.wait(timeout=10)
        try:
            with cast.runtime.sessions.writing() as db:
                act(db, cast.actor(who), cast.clock(day))
                db.commit()
        except DomainError as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(done.result() for done in [pool.submit(one, *each) for each in acts])


def accepting(cast: Cast, row: int, seen: int | None, amount: Decimal | None = None) -> Act:
    form = AcceptForm(ticked=verbs.ticked(cast), amount=amount)
    return lambda db, actor, clock: reviewing.accept(db, actor, clock, row, form, seen)


def old_forms(cast: Cast, row: int, seen: int) -> Iterable[tuple[str, str, Act]]:
    """Every verb that claims the version, in the state it starts from, with an old form."""
    draft = DraftForm("x", cast.units[HEALTH], date(2024, 12, 10))
    hand_on = ReassignForm(cast.units[HEALTH], "职能划转。", date(2025, 3, 31))
    yield "edit", "draft", lambda *a: breakdown.edit_draft(*a, row, draft, seen)
    yield "issue", "draft", lambda *a: breakdown.issue(*a, row, seen)
    yield "acknowledge", "issued", lambda *a: handing_in.acknowledge(*a, row, seen)
    yield (
        "confirm",
        "in_progress",
        lambda *a: reviewing.confirm(*a, row, 1, Decimal(1), seen),
    )
    yield "submit", "in_progress", lambda *a: handing_in.submit(*a, row, DONE, seen)
    yield "withdraw", "submitted", lambda *a: handing_in.withdraw(*a, row, seen)
    yield "accept", "submitted", accepting(cast, row, seen)
    yield "return", "submitted", lambda *a: reviewing.return_(*a, row, AMEND, seen)
    yield "reopen", "accepted", lambda *a: reviewing.reopen(*a, row, "原因", seen=seen)
    yield "cancel", "issued", lambda *a: steering.cancel(*a, row, CANCEL, seen)
    doubt = FindingForm(1, "与现场不符。")
    yield "find_untrue", "accepted", lambda *a: findings.find_untrue(*a, row, doubt, seen)
    yield "revoke_finding", "accepted", lambda *a: findings.revoke_finding(*a, row, "属实。", seen)
    later = ExtendForm("等待专项资金。", Cause.POLICY, date(2025, 6, 30))
    yield "extend", "issued", lambda *a: extending.extend(*a, row, later, seen)
    yield "resume", "issued", lambda *a: extending.resume(*a, row, None, seen)
    yield "reassign", "issued", lambda *a: steering.reassign(*a, row, hand_on, seen)


def reach(cast: Cast, row: int, state: str) -> None:
    """From draft to a state, by the verbs."""
    steps: dict[str, Callable[[], object]] = {
        "draft": lambda: None,
        "issued": lambda: cast.do(breakdown.issue, "coordinator", row),
        "in_progress": lambda: cast.do(handing_in.acknowledge, "edu", row),
        "submitted": lambda: verbs.submit(cast, row),
        "accepted": lambda: verbs.accept(cast, row),
    }
    for name, step in steps.items():
        step()
        if name == state:
            return


VERSIONED = sorted(str(v) for v, each in TRANSITIONS.items() if each.claim is Claim.VERSION)
OF_THE_UNIT = {"acknowledge", "submit", "withdraw"}


@pytest.mark.parametrize("verb", VERSIONED)
def test_a_form_made_before_somebody_acted_is_refused_whole(cast: Cast, verb: str) -> None:
    row = cast.edu_row
    stale = {name: (state, act) for name, state, act in old_forms(cast, row, 0)}
    state, act = stale[Verb(verb)]
    reach(cast, row, state)
    before = verbs.dump(cast)
    who = "edu" if verb in OF_THE_UNIT else "coordinator"
    with pytest.raises(Stale, match="Somebody acted"):
        cast.do(act, who)
    assert verbs.dump(cast) == before


def test_every_verb_that_claims_the_version_is_tried_with_an_old_form(cast: Cast) -> None:
    assert sorted(verb for verb, _, _ in old_forms(cast, cast.edu_row, 0)) == VERSIONED


def test_what_happened_since_can_be_told(cast: Cast, row: int) -> None:
    seen = cast.version(row)
    verbs.report(cast, row)
    verbs.submit(cast, row)
    cast.do(reviewing.return_, "coordinator", row, AMEND)
    with cast.reading() as db:
        told = [entry.verb for entry in since(db, verbs.found(cast, row), seen)]
    assert told == ["submit", "return"]


def test_reports_and_urges_leave_a_half_written_submission_alone(cast: Cast, row: int) -> None:
    seen = cast.version(row)
    verbs.report(cast, row, liaison="edu-head")
    cast.do(urging.urge, "coordinator", row, "请抓紧。", TODAY)
    cast.do(handing_in.submit, "edu", row, DONE, seen)
    assert verbs.state(cast, row) == "submitted"


def test_two_who_accept_at_once_accept_once(cast: Cast, waiting: int) -> None:
    seen = cast.version(waiting)
    act = accepting(cast, waiting, seen)
    assert at_once(cast, ("coordinator", act), ("coordinator2", act)) == ["Stale", "done"]
    assert verbs.standing_portions(cast, waiting) == [1]


def test_accept_and_return_at_once_end_in_one_of_them(cast: Cast, waiting: int) -> None:
    seen = cast.version(waiting)
    outcomes = at_once(
        cast,
        ("coordinator", accepting(cast, waiting, seen)),
        ("coordinator2", lambda *a: reviewing.return_(*a, waiting, AMEND, seen)),
    )
    assert outcomes == ["Stale", "done"]
    verb = verbs.last_entry(cast, waiting).verb
    state = {"accept": "accepted", "return": "in_progress"}[verb]
    assert verbs.state(cast, waiting) == state


def test_a_withdrawal_and_an_acceptance_at_once(cast: Cast, waiting: int) -> None:
    seen = cast.version(waiting)
    outcomes = at_once(
        cast,
        ("coordinator", accepting(cast, waiting, seen)),
        ("edu", lambda *a: handing_in.withdraw(*a, waiting, seen)),
    )
    assert outcomes == ["Stale", "done"]


def test_even_without_a_version_only_one_confirms_the_same_amount(cast: Cast) -> None:
    row = verbs.start(cast, cast.charger_row)
    made = verbs.report(cast, row, "1")
    act: Act = lambda *a: reviewing.confirm(*a, row, made, Decimal(1))  # noqa: E731
    outcomes = at_once(cast, ("coordinator", act), ("coordinator2", act))
    assert "done" in outcomes
    assert outcomes != ["done", "done"]
    assert verbs.standing_portions(cast, row) == [1]


@pytest.mark.parametrize("attempt", range(3))
def test_a_report_while_another_cancels(cast: Cast, row: int, attempt: int) -> None:
    """Either it came before the end, or it is refused: never a report after the end."""
    outcomes = at_once(
        cast,
        ("edu", lambda *a: handing_in.report(*a, row, REPORT)),
        ("coordinator", lambda *a: steering.cancel(*a, row, CANCEL)),
    )
    assert outcomes in (["done", "done"], ["InvalidTransition", "done"])
    assert verbs.last_entry(cast, row).verb == "cancel"
    assert verbs.state(cast, row) == "cancelled"


def test_reports_at_once_are_numbered_one_after_the_other(cast: Cast, row: int) -> None:
    act: Act = lambda *a: handing_in.report(*a, row, REPORT)  # noqa: E731
    assert at_once(cast, *[(who, act) for who in ("edu", "edu-head", "edu")]) == ["done"] * 3
    with cast.reading() as db:
        made = db.get_one(type(verbs.found(cast, row)), row).submissions
        assert [each.number for each in made] == [1, 2, 3]


def test_a_year_is_broken_down_once_by_two(cast: Cast) -> None:
    form = NodeForm(2023, "出台方案。", date(2023, 12, 10))
    act: Act = lambda *a: breakdown.break_down(*a, cast.edu_row, form)  # noqa: E731
    outcomes = at_once(cast, ("coordinator", act), ("coordinator2", act))
    assert outcomes == ["BadInput", "done"]


def test_a_request_is_decided_once_by_two(cast: Cast, row: int) -> None:
    cast.do_on(AFTER, steering.cancel, "coordinator", row, CANCEL)
    grant: Act = lambda *a: requests.decide(*a, row, Decision(True))  # noqa: E731
    refuse: Act = lambda *a: requests.decide(*a, row, Decision(False, "理由不足。"))  # noqa: E731
    outcomes = at_once(cast, ("supervisor", grant), ("supervisor", refuse), day=AFTER)
    assert outcomes.count("done") == 1


def test_two_ask_for_consent_at_once_and_one_request_is_made(cast: Cast, row: int) -> None:
    act: Act = lambda *a: steering.cancel(*a, row, CANCEL)  # noqa: E731
    outcomes = at_once(cast, ("coordinator", act), ("coordinator2", act), day=AFTER)
    assert outcomes.count("done") == 1


# Each form once


def with_token(token: str, act: Act) -> Act:
    def once(db: Session, actor: Actor, clock: Clock) -> Any:
        forms.use(db, actor, clock, token)
        return act(db, actor, clock)

    return once


def test_a_form_is_carried_out_once(cast: Cast, row: int) -> None:
    """A report claims no version: only its token keeps a double click from reporting twice."""
    act = with_token("token", lambda *a: handing_in.report(*a, row, REPORT))
    cast.do(act, "edu")
    before = verbs.dump(cast)
    with pytest.raises(Repeated):
        cast.do(act, "edu")
    assert verbs.dump(cast) == before
    cast.do(with_token("another", lambda *a: handing_in.report(*a, row, REPORT)), "edu")


def test_two_clicks_at_once_do_it_once(cast: Cast, row: int) -> None:
    act = with_token("token", lambda *a: handing_in.report(*a, row, REPORT))
    assert at_once(cast, ("edu", act), ("edu", act)) == ["Repeated", "done"]
    assert verbs.found(cast, row).activity == 1


def test_a_refused_form_can_be_sent_again(cast: Cast, row: int) -> None:
    """The token is spent in the verb's own transaction, and goes back with it."""
    bare = SubmissionForm("已完成。")
    with pytest.raises(BadInput):
        cast.do(with_token("token", lambda *a: handing_in.submit(*a, row, bare)), "edu")
    cast.do(with_token("token", lambda *a: handing_in.submit(*a, row, DONE)), "edu")


def test_a_token_that_no_form_made_is_refused_with_a_word(cast: Cast, row: int) -> None:
    for token in ("x" * 65, "", "a\x00b"):
        with pytest.raises(BadInput):
            cast.do(with_token(token, lambda *a: handing_in.report(*a, row, REPORT)), "edu")


def test_spent_tokens_are_kept_for_a_month(cast: Cast) -> None:
    cast.do(with_token("token", lambda *_: None), "edu")
    now = cast.clock()
    with cast.runtime.sessions.writing() as db:
        for days, forgotten in ((29, 0), (31, 1)):
            later = Clock(now.today, now.now + timedelta(days=days), now.calendar)
            assert housekeeping.forget_forms(db, later) == forgotten


def test_a_refusal_in_the_middle_leaves_nothing_behind(cast: Cast, row: int) -> None:
    """The claim was made, the row was changed: without the commit, all of it is undone."""
    before = verbs.dump(cast)
    with pytest.raises(BadInput):
        cast.do(handing_in.submit, "edu", row, SubmissionForm("已完成。"))
    with pytest.raises(InvalidTransition):
        cast.do(reviewing.accept, "coordinator", row, AcceptForm())
    with pytest.raises(BadInput):
        cast.do(urging.urge, "coordinator", row, "", TODAY)
    assert verbs.dump(cast) == before
