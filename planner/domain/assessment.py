"""The assessment of a period (考核): its stages, its acts, and who may do them (section 4).

One table holds every act with the stages that it is done in, the stage that it leads to, and who
may do it. Pages, services and tests ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from planner.domain.actor import Actor, ActorKind, Role
from planner.domain.errors import InvalidTransition, NotAllowed
from planner.domain.text import Text, t
from planner.domain.words import Decider
from planner.domain.workdays import WorkCalendar


class Stage(StrEnum):
    """How far an assessment is."""

    OPEN = "open"
    SELF_ASSESSED = "self_assessed"
    CHECKED = "checked"
    PUBLICISED = "publicised"
    APPROVED = "approved"
    FINAL = "final"
    ABANDONED = "abandoned"


STAGE_NAMES: Mapping[StrEnum, Text] = {
    Stage.OPEN: t("Self-assessment under way"),
    Stage.SELF_ASSESSED: t("Being checked"),
    Stage.CHECKED: t("Checked"),
    Stage.PUBLICISED: t("Publicised"),
    Stage.APPROVED: t("Approved"),
    Stage.FINAL: t("Final"),
    Stage.ABANDONED: t("Abandoned"),
}


class Act(StrEnum):
    """What can be done to an assessment."""

    OPEN = "open_assessment"
    SELF_ASSESS = "self_assess"
    CLOSE_SELF_ASSESSMENT = "close_self_assessment"
    REMARK = "remark"
    CHECK = "check"
    PUBLICISE = "publicise"
    APPEAL = "appeal_result"
    DECIDE_APPEAL = "decide_appeal"
    APPROVE = "approve_result"
    FINALISE = "finalise"
    ABANDON = "abandon"


@dataclass(frozen=True)
class AssessmentParties:
    """Whose assessment it is, and whose part of it is acted on; ids of units and users.

    `asked_by` made the appeal that is to be decided, by the office `decider`.
    """

    lead_unit_id: int
    unit_id: int | None = None
    asked_by: int | None = None
    decider: Decider | None = None


Rule = Callable[[Actor, AssessmentParties], Text | None]

_NOT_YOUR_ROLE = t("Your role does not include this.")
_OF_ANOTHER_UNIT = t("This belongs to another unit.")
_OWN_RESULT = t("Nobody decides on their own result.")


def _leads(actor: Actor, parties: AssessmentParties) -> Text | None:
    if not actor.has(Role.COORDINATOR):
        return _NOT_YOUR_ROLE
    return None if actor.unit_id == parties.lead_unit_id else _OF_ANOTHER_UNIT


def _is_assessed(actor: Actor, parties: AssessmentParties) -> Text | None:
    if not actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR):
        return _NOT_YOUR_ROLE
    own = actor.unit_id is not None and actor.unit_id == parties.unit_id
    return None if own else _OF_ANOTHER_UNIT


def _checks(actor: Actor, parties: AssessmentParties) -> Text | None:
    """The lead; the supervisor for what the lead itself owes."""
    if parties.unit_id != parties.lead_unit_id:
        return _leads(actor, parties)
    return _supervises(actor, parties)


def _supervises(actor: Actor, parties: AssessmentParties) -> Text | None:
    if not actor.has(Role.SUPERVISOR):
        return _OWN_RESULT if actor.unit_id == parties.unit_id else _NOT_YOUR_ROLE
    own = actor.unit_id is not None and actor.unit_id == parties.unit_id
    return _OWN_RESULT if own else None


def _decides_appeal(actor: Actor, parties: AssessmentParties) -> Text | None:
    if actor.user_id is not None and actor.user_id == parties.asked_by:
        return _OWN_RESULT
    rule = _supervises if parties.decider is Decider.ABOVE else _leads
    return rule(actor, parties)


def _approves(actor: Actor, parties: AssessmentParties) -> Text | None:
    """Above the lead agency, whose own result is among them."""
    if not actor.has(Role.LEADER, Role.SUPERVISOR):
        return _OWN_RESULT if _leads(actor, parties) is None else _NOT_YOUR_ROLE
    return _OWN_RESULT if actor.unit_id == parties.lead_unit_id else None


@dataclass(frozen=True)
class Doing:
    """One act: its name on buttons, the stages it is done in, the stage it leads to, who may.

    `target` None leaves the stage as it is.
    """

    name: Text
    sources: frozenset[Stage]
    target: Stage | None
    rule: Rule


def _in(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


ACTS: Mapping[Act, Doing] = {
    Act.OPEN: Doing(t("Open an assessment"), _in(), Stage.OPEN, _leads),
    Act.SELF_ASSESS: Doing(t("Assess ourselves"), _in(Stage.OPEN), None, _is_assessed),
    Act.CLOSE_SELF_ASSESSMENT: Doing(
        t("Close the self-assessment"), _in(Stage.OPEN), Stage.SELF_ASSESSED, _leads
    ),
    Act.REMARK: Doing(t("Note a remark"), _in(Stage.SELF_ASSESSED), None, _checks),
    Act.CHECK: Doing(t("Finish the check"), _in(Stage.SELF_ASSESSED), Stage.CHECKED, _leads),
    Act.PUBLICISE: Doing(t("Publicise"), _in(Stage.CHECKED), Stage.PUBLICISED, _leads),
    Act.APPEAL: Doing(t("Appeal against the result"), _in(Stage.PUBLICISED), None, _is_assessed),
    Act.DECIDE_APPEAL: Doing(t("Decide the appeal"), _in(Stage.PUBLICISED), None, _decides_appeal),
    Act.APPROVE: Doing(t("Approve"), _in(Stage.PUBLICISED), Stage.APPROVED, _approves),
    Act.FINALISE: Doing(t("Make final"), _in(Stage.APPROVED), Stage.FINAL, _leads),
    Act.ABANDON: Doing(
        t("Abandon"),
        _in(Stage.OPEN, Stage.SELF_ASSESSED, Stage.CHECKED),
        Stage.ABANDONED,
        _leads,
    ),
}


def refusal(actor: Actor, act: Act, parties: AssessmentParties) -> Text | None:
    """Why the actor may not do this, or nothing if they may. The system may do everything."""
    if actor.kind is not ActorKind.PERSON:
        return None
    return ACTS[act].rule(actor, parties)


def require(actor: Actor, act: Act, parties: AssessmentParties) -> None:
    """Raises NotAllowed, with the reason, unless the actor may do this."""
    reason = refusal(actor, act, parties)
    if reason is not None:
        raise NotAllowed(reason)


def lead_to(act: Act, stage: Stage) -> Stage:
    """The stage that the act leads to. Raises InvalidTransition from any other stage."""
    doing = ACTS[act]
    if stage not in doing.sources:
        raise InvalidTransition(
            t(
                "“%(act)s” is not possible: the assessment is “%(stage)s”.",
                act=doing.name,
                stage=STAGE_NAMES[stage],
            )
        )
    return doing.target or stage


@dataclass(frozen=True)
class Window:
    """The working days in which a publicised result may be appealed against; both included."""

    first: date
    last: date

    @classmethod
    def after(cls, publicised_on: date, workdays: int, calendar: WorkCalendar) -> Window:
        """So many working days from the day after it was publicised."""
        return cls(publicised_on, calendar.add(publicised_on, workdays))

    def is_open(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.first <= day <= self.last
