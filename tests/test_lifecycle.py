"""The life of an assignment, written down a second time and held against the house's table."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain import lifecycle
from planner.domain.errors import InvalidTransition
from planner.domain.lifecycle import OPEN_STATES, STATE_NAMES, TRANSITIONS, Claim, State, Verb

DRAFT, ISSUED, WORKING = "draft", "issued", "in_progress"
WAITING, ACCEPTED, CANCELLED = "submitted", "accepted", "cancelled"
ALL_OPEN = (DRAFT, ISSUED, WORKING, WAITING)
SAME = None

LIFE: dict[str, tuple[tuple[str, ...], str | None, str]] = {
    "edit": ((DRAFT,), SAME, "version"),
    "break_down": (ALL_OPEN, SAME, "activity"),
    "issue": ((DRAFT,), ISSUED, "version"),
    "acknowledge": ((ISSUED,), WORKING, "version"),
    "report": ((ISSUED, WORKING, WAITING), SAME, "activity"),
    "confirm": ((WORKING,), SAME, "version"),
    "submit": ((WORKING,), WAITING, "version"),
    "withdraw": ((WAITING,), WORKING, "version"),
    "accept": ((WAITING,), ACCEPTED, "version"),
    "return": ((WAITING,), WORKING, "version"),
    "reopen": ((ACCEPTED,), WORKING, "version"),
    "cancel": (ALL_OPEN, CANCELLED, "version"),
    "urge": ((ISSUED, WORKING), SAME, "activity"),
    "reassign": ((DRAFT, ISSUED, WORKING), CANCELLED, "version"),
    "extend": ((ISSUED, WORKING), SAME, "version"),
    "resume": ((ISSUED, WORKING), SAME, "version"),
    "answer": ((ISSUED, WORKING, WAITING), SAME, "activity"),
    "ask_extension": ((ISSUED, WORKING), SAME, "activity"),
    "object": ((ISSUED,), SAME, "activity"),
    "appeal": ((ISSUED,), SAME, "activity"),
    "ask_adjustment": ((ISSUED, WORKING), SAME, "activity"),
    "take_back": ((*ALL_OPEN, ACCEPTED), SAME, "activity"),
    "sign_off": ((ISSUED, WORKING), SAME, "activity"),
    "call_back": ((ISSUED, WORKING), SAME, "activity"),
    "decide_request": ((*ALL_OPEN, ACCEPTED), SAME, "activity"),
    "find_untrue": ((WORKING, WAITING, ACCEPTED), SAME, "version"),
    "revoke_finding": ((WORKING, WAITING, ACCEPTED, CANCELLED), SAME, "version"),
}
"""Verb to the states it starts from, the one it leads to, and the counter that it claims."""

CASES = [(verb, state) for verb in Verb for state in State]


def test_the_table_is_the_designs() -> None:
    built = {
        str(verb): (set(map(str, row.sources)), row.target, str(row.claim))
        for verb, row in TRANSITIONS.items()
    }
    assert built == {verb: (set(by), to, claim) for verb, (by, to, claim) in LIFE.items()}


@pytest.mark.parametrize(("verb", "state"), CASES, ids=str)
def test_each_verb_starts_only_from_its_states(verb: Verb, state: State) -> None:
    sources, target, _ = LIFE[verb]
    assert lifecycle.can(verb, state) is (state in sources)
    if state in sources:
        assert lifecycle.require(verb, state) == (target or state)
        return
    with pytest.raises(InvalidTransition) as refused:
        lifecycle.require(verb, state)
    assert refused.value.text.params["state"] == STATE_NAMES[state]


def test_nothing_leaves_cancelled() -> None:
    """A finding can still be revoked there: it costs points though its assignment is gone."""
    possible = [verb for verb in Verb if lifecycle.can(verb, State.CANCELLED)]
    assert possible == [Verb.REVOKE_FINDING]
    assert lifecycle.require(Verb.REVOKE_FINDING, State.CANCELLED) is State.CANCELLED


def test_an_accepted_assignment_is_only_reopened_rid_of_a_request_or_doubted() -> None:
    possible = {verb for verb in Verb if lifecycle.can(verb, State.ACCEPTED)}
    of_requests, of_findings = (
        {Verb.DECIDE_REQUEST, Verb.TAKE_BACK},
        {Verb.FIND_UNTRUE, Verb.REVOKE_FINDING},
    )
    assert possible == {Verb.REOPEN} | of_requests | of_findings


def test_every_state_is_reached_from_a_draft_and_has_a_name() -> None:
    reached, before = {State.DRAFT}, set[State]()
    while reached != before:
        before = set(reached)
        reached |= {
            lifecycle.require(v, s) for v, s in CASES if s in before and lifecycle.can(v, s)
        }
    assert reached == set(State) == set(STATE_NAMES)


def test_what_does_not_change_the_state_of_a_draft_of_ones_own_never_claims_the_version() -> None:
    """A report or an urge must not make a half-written submission stale."""
    by_activity = {verb for verb, row in TRANSITIONS.items() if row.claim is Claim.ACTIVITY}
    assert by_activity == {
        Verb.REPORT,
        Verb.BREAK_DOWN,
        Verb.URGE,
        Verb.ANSWER,
        Verb.ASK_EXTENSION,
        Verb.OBJECT,
        Verb.APPEAL,
        Verb.ASK_ADJUSTMENT,
        Verb.TAKE_BACK,
        Verb.SIGN_OFF,
        Verb.CALL_BACK,
        Verb.DECIDE_REQUEST,
    }
    assert all(TRANSITIONS[verb].target is None for verb in by_activity)


@given(st.lists(st.sampled_from(list(Verb)), max_size=40))
def test_whatever_is_done_the_order_of_life_holds(verbs: list[Verb]) -> None:
    """Accepted comes only after submitted, submitted only after signing, and an end is an end."""
    path = [State.DRAFT]
    for verb in verbs:
        if lifecycle.can(verb, path[-1]):
            path.append(lifecycle.require(verb, path[-1]))
    steps = {(one, other) for one, other in itertools.pairwise(path) if one != other}
    assert steps <= {
        (State.DRAFT, State.ISSUED),
        (State.ISSUED, State.IN_PROGRESS),
        (State.IN_PROGRESS, State.SUBMITTED),
        (State.SUBMITTED, State.IN_PROGRESS),
        (State.SUBMITTED, State.ACCEPTED),
        (State.ACCEPTED, State.IN_PROGRESS),
        *((state, State.CANCELLED) for state in State if state is not State.ACCEPTED),
    }
    if State.CANCELLED in path:
        assert set(path[path.index(State.CANCELLED) :]) == {State.CANCELLED}


def test_open_is_issued_and_not_closed() -> None:
    assert {str(state) for state in OPEN_STATES} == {ISSUED, WORKING, WAITING}


def test_who_decides_says_what_it_needs() -> None:
    """Pages and the diagram show the needs; only signing and withdrawing need nothing."""
    assert {v for v, row in TRANSITIONS.items() if not row.needs} == {
        Verb.ACKNOWLEDGE,
        Verb.WITHDRAW,
    }
