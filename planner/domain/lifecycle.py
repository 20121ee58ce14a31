"""The life of an assignment: one table of verbs (design, section 3).

Pages, services, tests and the documentation's diagram are made from `TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from planner.domain.errors import InvalidTransition
from planner.domain.text import Text, t


class State(StrEnum):
    """Where an assignment stands. Overdue is not a state: it follows from dates and today."""

    DRAFT = "draft"
    ISSUED = "issued"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({State.ISSUED, State.IN_PROGRESS, State.SUBMITTED})
"""Issued and neither accepted nor cancelled."""

STATE_NAMES: Mapping[StrEnum, Text] = {
    State.DRAFT: t("Draft"),
    State.ISSUED: t("To be signed for"),
    State.IN_PROGRESS: t("In progress"),
    State.SUBMITTED: t("Waiting for review"),
    State.ACCEPTED: t("Accepted"),
    State.CANCELLED: t("Cancelled"),
}


class Verb(StrEnum):
    """What can be done to an assignment."""

    EDIT = "edit"
    BREAK_DOWN = "break_down"
    ISSUE = "issue"
    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    CONFIRM = "confirm"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    RETURN = "return"
    REOPEN = "reopen"
    CANCEL = "cancel"
    URGE = "urge"
    REASSIGN = "reassign"
    EXTEND = "extend"
    RESUME = "resume"
    ANSWER = "answer"
    ASK_EXTENSION = "ask_extension"
    OBJECT = "object"
    APPEAL = "appeal"
    ASK_ADJUSTMENT = "ask_adjustment"
    TAKE_BACK = "take_back"
    SIGN_OFF = "sign_off"
    CALL_BACK = "call_back"
    DECIDE_REQUEST = "decide_request"
    FIND_UNTRUE = "find_untrue"
    REVOKE_FINDING = "revoke_finding"


class Claim(StrEnum):
    """Which counter a verb moves, so that two people cannot act on the same sight of a thing."""

    VERSION = "version"
    ACTIVITY = "activity"


@dataclass(frozen=True)
class Transition:
    """One verb: its name on buttons, the states it starts from, the state it leads to.

    `target` None leaves the state as it is. `needs` are the requirements beyond permission.
    """

    name: Text
    sources: frozenset[State]
    target: State | None
    claim: Claim
    needs: tuple[Text, ...] = ()


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


_OWED = _from(State.ISSUED, State.IN_PROGRESS)

_NOT_ACCEPTED = frozenset(State) - {State.ACCEPTED, State.CANCELLED}

_PROVEN = _from(State.IN_PROGRESS, State.SUBMITTED, State.ACCEPTED)

TRANSITIONS: Mapping[Verb, Transition] = {
    Verb.EDIT: Transition(
        t("Edit draft"), _from(State.DRAFT), None, Claim.VERSION, (t("text, unit, due date"),)
    ),
    Verb.BREAK_DOWN: Transition(
        t("Break down"),
        _NOT_ACCEPTED,
        None,
        Claim.ACTIVITY,
        (t("year, text, due date, amount, weight"),),
    ),
    Verb.ISSUE: Transition(
        t("Issue"), _from(State.DRAFT), State.ISSUED, Claim.VERSION, (t("unit and due date"),)
    ),
    Verb.ACKNOWLEDGE: Transition(
        t("Sign for"), _from(State.ISSUED), State.IN_PROGRESS, Claim.VERSION
    ),
    Verb.REPORT: Transition(
        t("Report progress"),
        _from(State.ISSUED, State.IN_PROGRESS, State.SUBMITTED),
        None,
        Claim.ACTIVITY,
        (t("text and percent"),),
    ),
    Verb.CONFIRM: Transition(
        t("Confirm amount"),
        _from(State.IN_PROGRESS),
        None,
        Claim.VERSION,
        (t("a report with evidence, an amount"),),
    ),
    Verb.SUBMIT: Transition(
        t("Submit for completion"),
        _from(State.IN_PROGRESS),
        State.SUBMITTED,
        Claim.VERSION,
        (t("text, evidence, amount where there is a target"),),
    ),
    Verb.WITHDRAW: Transition(
        t("Withdraw"), _from(State.SUBMITTED), State.IN_PROGRESS, Claim.VERSION
    ),
    Verb.ACCEPT: Transition(
        t("Accept"),
        _from(State.SUBMITTED),
        State.ACCEPTED,
        Claim.VERSION,
        (t("proof list ticked, accepted amount or rating; below target a reason"),),
    ),
    Verb.RETURN: Transition(
        t("Return"),
        _from(State.SUBMITTED),
        State.IN_PROGRESS,
        Claim.VERSION,
        (t("kind, reason, rework date"),),
    ),
    Verb.REOPEN: Transition(
        t("Reopen"), _from(State.ACCEPTED), State.IN_PROGRESS, Claim.VERSION, (t("reason"),)
    ),
    Verb.CANCEL: Transition(
        t("Cancel"),
        _NOT_ACCEPTED,
        State.CANCELLED,
        Claim.VERSION,
        (t("reason, class, document number"),),
    ),
    Verb.URGE: Transition(
        t("Urge"),
        _from(State.ISSUED, State.IN_PROGRESS),
        None,
        Claim.ACTIVITY,
        (t("text, answer-by date"),),
    ),
    Verb.REASSIGN: Transition(
        t("Reassign"),
        _from(State.DRAFT, State.ISSUED, State.IN_PROGRESS),
        State.CANCELLED,
        Claim.VERSION,
        (t("new unit, reason, fresh due date"),),
    ),
    Verb.EXTEND: Transition(
        t("Extend"),
        _OWED,
        None,
        Claim.VERSION,
        (t("later due date, class, reason"),),
    ),
    Verb.RESUME: Transition(t("Resume"), _OWED, None, Claim.VERSION, (t("an open suspension"),)),
    Verb.ANSWER: Transition(
        t("Answer an urge"),
        _from(State.ISSUED, State.IN_PROGRESS, State.SUBMITTED),
        None,
        Claim.ACTIVITY,
        (t("text"),),
    ),
    Verb.ASK_EXTENSION: Transition(
        t("Ask for more time"),
        _OWED,
        None,
        Claim.ACTIVITY,
        (t("reason, class, proposed date; up to the due date"),),
    ),
    Verb.OBJECT: Transition(
        t("Object"),
        _from(State.ISSUED),
        None,
        Claim.ACTIVITY,
        (t("reason; within 3 working days of issue"),),
    ),
    Verb.APPEAL: Transition(
        t("Appeal to the supervisor"),
        _from(State.ISSUED),
        None,
        Claim.ACTIVITY,
        (t("reason; once, after a refused objection"),),
    ),
    Verb.ASK_ADJUSTMENT: Transition(
        t("Ask for adjustment"),
        _OWED,
        None,
        Claim.ACTIVITY,
        (t("what to adjust, reason, class"),),
    ),
    Verb.TAKE_BACK: Transition(
        t("Take request back"),
        frozenset(State) - {State.CANCELLED},
        None,
        Claim.ACTIVITY,
        (t("an open request"),),
    ),
    Verb.SIGN_OFF: Transition(
        t("Sign off"),
        _OWED,
        None,
        Claim.ACTIVITY,
        (t("something that waits for the head's signature"),),
    ),
    Verb.CALL_BACK: Transition(
        t("Take back from the head"),
        _OWED,
        None,
        Claim.ACTIVITY,
        (t("something that waits for the head's signature"),),
    ),
    Verb.DECIDE_REQUEST: Transition(
        t("Decide request"),
        frozenset(State) - {State.CANCELLED},
        None,
        Claim.ACTIVITY,
        (t("an open request, a reason when refused"),),
    ),
    Verb.FIND_UNTRUE: Transition(
        t("Find evidence untrue"),
        _PROVEN,
        None,
        Claim.VERSION,
        (t("a submission with evidence, reason; none stands found untrue"),),
    ),
    Verb.REVOKE_FINDING: Transition(
        t("Revoke the finding"),
        _PROVEN | {State.CANCELLED},
        None,
        Claim.VERSION,
        (t("a finding that stands, reason"),),
    ),
}


def can(verb: Verb, state: State) -> bool:
    """Whether the verb starts from this state."""
    return state in TRANSITIONS[verb].sources


def require(verb: Verb, state: State) -> State:
    """The state that the verb leads to. Raises InvalidTransition from any other state."""
    if not can(verb, state):
        raise InvalidTransition(
            t(
                "“%(verb)s” is not possible: the assignment is “%(state)s”.",
                verb=TRANSITIONS[verb].name,
                state=STATE_NAMES[state],
            )
        )
    return TRANSITIONS[verb].target or state
