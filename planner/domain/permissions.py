"""Who may do what: one table that every page and every service asks (design, sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.errors import NotAllowed
from planner.domain.lifecycle import Verb
from planner.domain.readings import ReadingVerb
from planner.domain.text import Text, t
from planner.domain.words import Decider, SlipKind


class Area(StrEnum):
    """What can be seen or done outside a single assignment."""

    MY_WORK = "my_work"
    INBOX = "inbox"
    PROFILE = "profile"
    SEE_PLAN = "see_plan"
    SEE_TASKS = "see_tasks"
    SEE_SCORECARD = "see_scorecard"
    SEE_REVIEW_QUEUE = "see_review_queue"
    SEE_MESSAGES = "see_messages"
    URGE_MANY = "urge_many"
    EXTEND_MANY = "extend_many"
    SEE_ASSESSMENTS = "see_assessments"
    RUN_ASSESSMENT = "run_assessment"
    ASSESS_OWN = "assess_own"
    JUDGE_ASSESSMENT = "judge_assessment"
    APPROVE_ASSESSMENT = "approve_assessment"
    SEE_JOURNAL = "see_journal"
    ADD_TASK = "add_task"
    EDIT_TASK = "edit_task"
    MANAGE_UNITS = "manage_units"
    MANAGE_USERS = "manage_users"
    MANAGE_CALENDAR = "manage_calendar"


@dataclass(frozen=True)
class Parties:
    """The facts of one assignment that permissions read; ids of units and users.

    `asked_by` are those who ever handed in a completion, `requested_by` who asked for what is not
    decided yet, `decider` the office that decides that; `late` says whether the due date has
    passed since it was issued.
    """

    lead_unit_id: int
    unit_id: int | None = None
    asked_by: frozenset[int] = frozenset()
    requested_by: frozenset[int] = frozenset()
    decider: Decider | None = None
    late: bool = False

    @property
    def lead_owes(self) -> bool:
        """The lead agency is itself responsible: the supervisor decides."""
        return self.unit_id == self.lead_unit_id


BUSINESS = frozenset({Role.COORDINATOR, Role.LIAISON, Role.HEAD, Role.SUPERVISOR, Role.LEADER})

AREAS: Mapping[Area, frozenset[Role]] = {
    Area.MY_WORK: frozenset(Role),
    Area.INBOX: frozenset(Role),
    Area.PROFILE: frozenset(Role),
    Area.SEE_PLAN: BUSINESS,
    Area.SEE_TASKS: BUSINESS,
    Area.SEE_SCORECARD: BUSINESS,
    Area.SEE_REVIEW_QUEUE: frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    Area.SEE_MESSAGES: frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    Area.URGE_MANY: frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    Area.EXTEND_MANY: frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    Area.SEE_ASSESSMENTS: BUSINESS,
    Area.RUN_ASSESSMENT: frozenset({Role.COORDINATOR}),
    Area.ASSESS_OWN: frozenset({Role.LIAISON, Role.HEAD, Role.COORDINATOR}),
    Area.JUDGE_ASSESSMENT: frozenset({Role.COORDINATOR, Role.SUPERVISOR}),
    Area.APPROVE_ASSESSMENT: frozenset({Role.LEADER, Role.SUPERVISOR}),
    Area.SEE_JOURNAL: frozenset({Role.AUDITOR}),
    Area.ADD_TASK: frozenset({Role.COORDINATOR}),
    Area.EDIT_TASK: frozenset({Role.COORDINATOR}),
    Area.MANAGE_UNITS: frozenset({Role.ADMIN}),
    Area.MANAGE_USERS: frozenset({Role.ADMIN}),
    Area.MANAGE_CALENDAR: frozenset({Role.ADMIN}),
}
"""Which roles may enter which area."""

_OF_ANOTHER_UNIT = t("This belongs to another unit.")
_NOT_YOUR_ROLE = t("Your role does not include this.")
_OWN_SUBMISSION = t("Nobody decides on what they handed in or asked for themselves.")
_NOT_YOUR_REQUEST = t("Only who asked for it can take it back.")
_SUPERVISOR_DECIDES = t("The lead agency itself is responsible here: the supervisor decides.")

Rule = Callable[[Actor, Parties], Text | None]


def _leads(actor: Actor, parties: Parties) -> Text | None:
    if not actor.has(Role.COORDINATOR):
        return _NOT_YOUR_ROLE
    return None if actor.unit_id == parties.lead_unit_id else _OF_ANOTHER_UNIT


def _owes(actor: Actor, parties: Parties) -> Text | None:
    if not actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return _NOT_YOUR_ROLE
    if actor.unit_id is None or actor.unit_id != parties.unit_id:
        return _OF_ANOTHER_UNIT
    return None


def _steers(actor: Actor, parties: Parties) -> Text | None:
    """The lead's coordinator; the supervisor where the lead itself owes."""
    if not parties.lead_owes:
        return _leads(actor, parties)
    if not actor.has(Role.SUPERVISOR):
        return _SUPERVISOR_DECIDES if actor.has(Role.COORDINATOR) else _NOT_YOUR_ROLE
    return _OWN_SUBMISSION if actor.unit_id == parties.unit_id else None


def _decides(actor: Actor, parties: Parties) -> Text | None:
    """Who steers, but never on what they handed in themselves."""
    return _OWN_SUBMISSION if actor.user_id in parties.asked_by else _steers(actor, parties)


def _supervises(actor: Actor, parties: Parties) -> Text | None:
    """The supervisor, who neither asked nor belongs to the unit that asked or the one it is for."""
    if not actor.has(Role.SUPERVISOR):
        return _NOT_YOUR_ROLE
    asked = actor.user_id in parties.asked_by | parties.requested_by
    own = actor.unit_id is not None and actor.unit_id in (parties.lead_unit_id, parties.unit_id)
    return _OWN_SUBMISSION if asked or own else None


def _decides_request(actor: Actor, parties: Parties) -> Text | None:
    """The office that the open request lies with; where none is open, whoever could decide one."""
    nobody = parties.decider is None and actor.has(Role.SUPERVISOR)
    if parties.decider is Decider.ABOVE or nobody:
        return _supervises(actor, parties)
    asked = actor.user_id in parties.asked_by | parties.requested_by
    return _OWN_SUBMISSION if asked else _steers(actor, parties)


def _revokes(actor: Actor, parties: Parties) -> Text | None:
    """Who decides, and every supervisor but one of the unit that owes it."""
    own = actor.unit_id is not None and actor.unit_id == parties.unit_id
    if actor.has(Role.SUPERVISOR) and actor.user_id not in parties.asked_by and not own:
        return None
    return _decides(actor, parties)


def _asked(actor: Actor, parties: Parties) -> Text | None:
    return None if actor.user_id in parties.requested_by else _NOT_YOUR_REQUEST


def _heads(actor: Actor, parties: Parties) -> Text | None:
    """The head of the unit that owes it."""
    return _owes(actor, parties) if actor.has(Role.HEAD) else _NOT_YOUR_ROLE


RULES: Mapping[Verb, Rule] = {
    Verb.EDIT: _leads,
    Verb.BREAK_DOWN: _leads,
    Verb.ISSUE: _leads,
    Verb.ACKNOWLEDGE: _owes,
    Verb.REPORT: _owes,
    Verb.SUBMIT: _owes,
    Verb.WITHDRAW: _owes,
    Verb.CONFIRM: _decides,
    Verb.ACCEPT: _decides,
    Verb.RETURN: _decides,
    Verb.REOPEN: _decides,
    Verb.CANCEL: _decides,
    Verb.URGE: _steers,
    Verb.REASSIGN: _decides,
    Verb.EXTEND: _decides,
    Verb.RESUME: _steers,
    Verb.ANSWER: _owes,
    Verb.ASK_EXTENSION: _owes,
    Verb.OBJECT: _owes,
    Verb.APPEAL: _owes,
    Verb.ASK_ADJUSTMENT: _owes,
    Verb.TAKE_BACK: _asked,
    Verb.SIGN_OFF: _heads,
    Verb.CALL_BACK: _owes,
    Verb.DECIDE_REQUEST: _decides_request,
    Verb.FIND_UNTRUE: _decides,
    Verb.REVOKE_FINDING: _revokes,
}
"""Which people may do which verb to an assignment."""

READING_RULES: Mapping[ReadingVerb, Rule] = {
    ReadingVerb.ENTER: _owes,
    ReadingVerb.TAKE_BACK: _asked,
    ReadingVerb.CONFIRM: _decides,
    ReadingVerb.REFUSE: _decides,
    ReadingVerb.SETTLE_BASE: _steers,
}
"""Which people may do which verb to an indicator.

Its parties are the plan's lead agency, its owner, and in `asked_by` and `requested_by` who entered
the reading.
"""


def refusal(
    actor: Actor, verb: Verb | ReadingVerb | Area, parties: Parties | None = None
) -> Text | None:
    """Why the actor may not do this, or nothing if they may. The system may do everything."""
    if actor.kind is not ActorKind.PERSON:
        return None
    if isinstance(verb, Area):
        return None if actor.has(*AREAS[verb]) else _NOT_YOUR_ROLE
    if parties is None:
        raise ValueError("a verb needs the parties of its subject")
    rule = READING_RULES[verb] if isinstance(verb, ReadingVerb) else RULES[verb]
    return rule(actor, parties)


def may(actor: Actor, verb: Verb | ReadingVerb | Area, parties: Parties | None = None) -> bool:
    """Whether the actor may do this."""
    return refusal(actor, verb, parties) is None


def require(actor: Actor, verb: Verb | ReadingVerb | Area, parties: Parties | None = None) -> None:
    """Raises NotAllowed, with the reason, unless the actor may do this."""
    reason = refusal(actor, verb, parties)
    if reason is not None:
        raise NotAllowed(reason)


def urge_refusal(actor: Actor, kind: SlipKind | None, parties: Parties) -> Text | None:
    """Why the actor may not urge this unit with this slip, or without any, or nothing.

    Who steers may urge in every way. A supervision slip (督办单) is also the supervisor's towards
    every unit but their own: supervising goes beyond the lead agency.
    """
    if kind is not SlipKind.SUPERVISION or not actor.has(Role.SUPERVISOR):
        return refusal(actor, Verb.URGE, parties)
    own = actor.unit_id is not None and actor.unit_id == parties.unit_id
    return _OWN_SUBMISSION if own else None


def needs_consent(verb: Verb, parties: Parties, *, back_again: bool = False) -> bool:
    """Whether the supervisor must agree before the coordinator's act takes effect.

    After the due date, cancelling or reassigning takes lateness out of the score (section 3).
    `back_again` says that it is handed to a unit that had it before: with the fresh due date that
    is an extension. Where the lead itself owes, the supervisor acts alone.
    """
    asked = parties.late or (verb is Verb.REASSIGN and back_again)
    return verb in (Verb.CANCEL, Verb.REASSIGN) and asked and not parties.lead_owes
