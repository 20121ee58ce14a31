"""Who may do what: every verb, role and relation against a matrix that is written out here."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from planner.domain.actor import SYSTEM, Actor, ActorKind, Role, command
from planner.domain.errors import NotAllowed
from planner.domain.lifecycle import Verb
from planner.domain.permissions import (
    AREAS,
    READING_RULES,
    RULES,
    Area,
    Parties,
    may,
    needs_consent,
    refusal,
    require,
)
from planner.domain.readings import ReadingVerb
from planner.domain.words import Decider

LEAD, OWING, THIRD = 1, 2, 3
ME, SOMEBODY = 10, 11

RELATIONS: dict[str, tuple[int | None, int]] = {
    "of the lead unit, another owes": (LEAD, OWING),
    "of the owing unit": (OWING, OWING),
    "of a third unit": (THIRD, OWING),
    "without unit": (None, OWING),
    "of the lead unit, which owes": (LEAD, LEAD),
    "of a third unit, the lead owes": (THIRD, LEAD),
    "without unit, the lead owes": (None, LEAD),
}
"""Relation to the actor's unit and the owing unit."""

LEADS = {
    ("coordinator", "of the lead unit, another owes"),
    ("coordinator", "of the lead unit, which owes"),
}
OWES = set(
    itertools.product(
        ("liaison", "head", "coordinator"),
        ("of the owing unit", "of the lead unit, which owes"),
    )
)
STEERS = {
    ("coordinator", "of the lead unit, another owes"),
    ("supervisor", "of a third unit, the lead owes"),
    ("supervisor", "without unit, the lead owes"),
}
CONSENTS = {
    ("supervisor", "of a third unit"),
    ("supervisor", "without unit"),
    ("supervisor", "of a third unit, the lead owes"),
    ("supervisor", "without unit, the lead owes"),
}

MATRIX: dict[str, set[tuple[str, str]]] = {
    "edit": LEADS,
    "break_down": LEADS,
    "issue": LEADS,
    "acknowledge": OWES,
    "report": OWES,
    "submit": OWES,
    "withdraw": OWES,
    "confirm": STEERS,
    "accept": STEERS,
    "return": STEERS,
    "reopen": STEERS,
    "cancel": STEERS,
    "reassign": STEERS,
    "urge": STEERS,
    "extend": STEERS,
    "resume": STEERS,
    "answer": OWES,
    "ask_extension": OWES,
    "object": OWES,
    "appeal": OWES,
    "ask_adjustment": OWES,
    "take_back": set(),
    "sign_off": {("head", "of the owing unit"), ("head", "of the lead unit, which owes")},
    "call_back": OWES,
    "decide_request": CONSENTS | {("coordinator", "of the lead unit, another owes")},
    "find_untrue": STEERS,
    "revoke_finding": STEERS | CONSENTS | {("supervisor", "of the lead unit, another owes")},
}

DECISIONS = {
    "confirm",
    "accept",
    "return",
    "reopen",
    "cancel",
    "reassign",
    "extend",
    "decide_request",
    "find_untrue",
    "revoke_finding",
}
"""What nobody does to what they handed in themselves. An urge decides nothing."""

EVERYBODY = {str(role) for role in Role}
PAIRS = list(itertools.combinations(sorted(EVERYBODY), 2))
BUSINESS = {"coordinator", "liaison", "head", "supervisor", "leader"}

AREA_MATRIX: dict[str, set[str]] = {
    "my_work": EVERYBODY,
    "inbox": EVERYBODY,
    "profile": EVERYBODY,
    "see_plan": BUSINESS,
    "see_tasks": BUSINESS,
    "see_scorecard": BUSINESS,
    "see_review_queue": {"coordinator", "supervisor"},
    "see_messages": {"coordinator", "supervisor"},
    "urge_many": {"coordinator", "supervisor"},
    "extend_many": {"coordinator", "supervisor"},
    "see_assessments": {"coordinator", "liaison", "head", "supervisor", "leader"},
    "run_assessment": {"coordinator"},
    "assess_own": {"coordinator", "liaison", "head"},
    "judge_assessment": {"coordinator", "supervisor"},
    "approve_assessment": {"supervisor", "leader"},
    "see_journal": {"auditor"},
    "add_task": {"coordinator"},
    "edit_task": {"coordinator"},
    "manage_units": {"admin"},
    "manage_users": {"admin"},
    "manage_calendar": {"admin"},
}


def person(role: str, unit_id: int | None, *more: str) -> Actor:
    roles = frozenset(map(Role, (role, *more)))
    return Actor(ActorKind.PERSON, "某人", user_id=ME, unit_id=unit_id, roles=roles)


def test_every_verb_and_area_has_a_rule() -> None:
    assert set(RULES) == set(Verb) == set(map(Verb, MATRIX))
    assert set(AREAS) == set(Area) == set(map(Area, AREA_MATRIX))


@pytest.mark.parametrize("verb", list(Verb), ids=str)
def test_a_verb_is_for_those_in_the_matrix_and_nobody_else(verb: Verb) -> None:
    allowed = {
        (str(role), relation)
        for role in Role
        for relation, (unit_id, owing) in RELATIONS.items()
        if may(person(role, unit_id), verb, Parties(LEAD, owing, frozenset({SOMEBODY})))
    }
    assert allowed == MATRIX[verb]


READINGS = {
    ReadingVerb.ENTER: OWES,
    ReadingVerb.TAKE_BACK: set(),
    ReadingVerb.CONFIRM: STEERS,
    ReadingVerb.REFUSE: STEERS,
    ReadingVerb.SETTLE_BASE: STEERS,
}


@pytest.mark.parametrize("verb", list(ReadingVerb), ids=str)
def test_readings_are_entered_by_the_owner_and_decided_by_who_steers(verb: ReadingVerb) -> None:
    """Taken back by nobody but who entered it; confirmed and refused never by them."""
    entered = frozenset({SOMEBODY})
    allowed, own = set(), set()
    for role, (relation, (unit_id, owing)) in itertools.product(Role, RELATIONS.items()):
        who = person(role, unit_id)
        if may(who, verb, Parties(LEAD, owing, entered, entered)):
            allowed.add((str(role), relation))
        mine = frozenset({ME})
        if may(who, verb, Parties(LEAD, owing, mine, mine)):
            own.add((str(role), relation))
    assert set(READING_RULES) == set(READINGS)
    assert allowed == READINGS[verb]
    everybody = set(itertools.product(map(str, Role), RELATIONS))
    decided = {ReadingVerb.CONFIRM: set(), ReadingVerb.REFUSE: set()}
    assert own == decided.get(verb, everybody if verb is ReadingVerb.TAKE_BACK else allowed)


@pytest.mark.parametrize("verb", list(Verb), ids=str)
def test_nobody_decides_on_what_they_handed_in(verb: Verb) -> None:
    """Somebody who changed offices since, or holds two roles, is still the one who asked."""
    for role, relation in MATRIX[verb]:
        unit_id, owing = RELATIONS[relation]
        mine = Parties(LEAD, owing, asked_by=frozenset({ME}))
        assert may(person(role, unit_id), verb, mine) is (verb not in DECISIONS)


def test_a_request_lies_with_the_office_that_decides_it() -> None:
    """The lead's coordinator on a unit's wish, the supervisor where the lead itself owes."""
    verb = Verb.DECIDE_REQUEST
    asked = Parties(LEAD, OWING, requested_by=frozenset({SOMEBODY}), decider=Decider.LEAD)
    assert may(person("coordinator", LEAD), verb, asked)
    assert not may(person("supervisor", None), verb, asked)
    assert not may(person("coordinator", LEAD), verb, replace(asked, requested_by=frozenset({ME})))
    owed_by_lead = replace(asked, unit_id=LEAD)
    assert may(person("supervisor", None), verb, owed_by_lead)
    assert not may(person("coordinator", LEAD), verb, owed_by_lead)
    above = replace(asked, decider=Decider.ABOVE)
    assert may(person("supervisor", None), verb, above)
    assert not may(person("coordinator", LEAD), verb, above)


def test_only_who_asked_takes_a_request_back() -> None:
    mine = Parties(LEAD, OWING, requested_by=frozenset({ME}))
    assert may(person("liaison", OWING), Verb.TAKE_BACK, mine)
    assert may(person("coordinator", LEAD), Verb.TAKE_BACK, mine)
    assert not may(person("liaison", OWING), Verb.TAKE_BACK, Parties(LEAD, OWING))


def test_only_the_consent_is_barred_to_who_asked_for_it() -> None:
    """The coordinator who asked to cancel still reviews what the unit hands in meanwhile."""
    asked = Parties(LEAD, OWING, requested_by=frozenset({ME}))
    assert not may(person("supervisor", None), Verb.DECIDE_REQUEST, asked)
    assert may(person("coordinator", LEAD), Verb.ACCEPT, asked)


@pytest.mark.parametrize("verb", sorted(DECISIONS))
@pytest.mark.parametrize("roles", PAIRS, ids="+".join)
def test_no_pair_of_roles_lets_a_unit_decide_on_its_own(verb: str, roles: tuple[str, str]) -> None:
    """Neither the lead on what the lead owes, nor any unit by a second role of its people."""
    assert not may(person(roles[0], LEAD, roles[1]), Verb(verb), Parties(LEAD, LEAD))
    assert not may(person(roles[0], OWING, roles[1]), Verb(verb), Parties(LEAD, OWING))


@pytest.mark.parametrize("verb", list(Verb), ids=str)
def test_a_row_without_unit_is_owed_by_nobody(verb: Verb) -> None:
    allowed = {str(role) for role in Role if may(person(role, None), verb, Parties(LEAD, None))}
    supervised = verb in (Verb.DECIDE_REQUEST, Verb.REVOKE_FINDING)
    assert allowed == ({"supervisor"} if supervised else set())


@pytest.mark.parametrize("area", list(Area), ids=str)
def test_an_area_is_for_the_roles_in_the_matrix(area: Area) -> None:
    assert {str(r) for r in Role if may(person(r, LEAD), area)} == AREA_MATRIX[area]


def test_auditor_and_admin_do_no_business() -> None:
    verbs = {pair for allowed in MATRIX.values() for pair in allowed}
    assert not {role for role, _ in verbs} & {"auditor", "admin", "leader"}


def test_a_person_without_roles_may_do_nothing() -> None:
    nobody = Actor(ActorKind.PERSON, "无", user_id=ME, unit_id=LEAD)
    assert not [v for v in Verb if may(nobody, v, Parties(LEAD, OWING))]
    assert not [area for area in Area if may(nobody, area)]


@pytest.mark.parametrize("actor", [SYSTEM, command("seed")], ids=["system", "command line"])
def test_the_system_and_the_command_line_may_do_everything(actor: Actor) -> None:
    assert all(may(actor, verb, Parties(LEAD, LEAD)) for verb in Verb)


def test_a_refusal_says_why() -> None:
    parties = Parties(LEAD, LEAD)
    with pytest.raises(NotAllowed, match="the supervisor decides"):
        require(person("coordinator", LEAD), Verb.ACCEPT, parties)
    with pytest.raises(NotAllowed, match="another unit"):
        require(person("liaison", THIRD), Verb.REPORT, parties)
    with pytest.raises(NotAllowed, match="role"):
        require(person("leader", None), Verb.REPORT, parties)
    own = Parties(LEAD, OWING, asked_by=frozenset({ME}))
    assert "themselves" in str(refusal(person("coordinator", LEAD), Verb.ACCEPT, own))


def test_a_verb_is_never_asked_about_without_its_parties() -> None:
    with pytest.raises(ValueError, match="parties"):
        may(person("coordinator", LEAD), Verb.ACCEPT)


def test_consent_is_needed_for_what_takes_lateness_out_of_the_score() -> None:
    late, early = Parties(LEAD, OWING, late=True), Parties(LEAD, OWING)
    assert {str(v) for v in Verb if needs_consent(v, late)} == {"cancel", "reassign"}
    assert not [v for v in Verb if needs_consent(v, early)]
    assert not [v for v in Verb if needs_consent(v, Parties(LEAD, LEAD, late=True))]


def test_handing_back_to_who_had_it_needs_consent_at_any_time() -> None:
    early, own = Parties(LEAD, OWING), Parties(LEAD, LEAD)
    assert {str(v) for v in Verb if needs_consent(v, early, back_again=True)} == {"reassign"}
    assert not [v for v in Verb if needs_consent(v, own, back_again=True)]
