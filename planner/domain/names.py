"""What people call the words of the closed vocabularies, for pages, mails and documents."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from planner.domain.actor import Role
from planner.domain.lifecycle import STATE_NAMES, TRANSITIONS
from planner.domain.text import Text, t
from planner.domain.words import (
    Cause,
    Channel,
    Decider,
    DueBasis,
    Method,
    Origin,
    Outcome,
    Part,
    RequestKind,
    ReturnKind,
    Rhythm,
    SignOffOutcome,
    SlipKind,
    SubmissionKind,
    TaskKind,
)

NAMES: Mapping[StrEnum, Text] = {
    **STATE_NAMES,
    **{verb: transition.name for verb, transition in TRANSITIONS.items()},
    Role.COORDINATOR: t("Coordinator"),
    Role.LIAISON: t("Liaison"),
    Role.HEAD: t("Head of unit"),
    Role.SUPERVISOR: t("Supervisor"),
    Role.LEADER: t("County leader"),
    Role.AUDITOR: t("Auditor"),
    Role.ADMIN: t("Administrator"),
    Part.RESPONSIBLE: t("Responsible"),
    Part.SUPPORTING: t("Supporting"),
    Method.BINARY: t("Done or not"),
    Method.PROPORTIONAL: t("By amount"),
    Method.TIERS: t("By grade"),
    Method.RATED: t("Rated"),
    Origin.PLAN: t("Plan"),
    Origin.YEARLY_PROGRAMME: t("Yearly programme"),
    Origin.SUPERIOR: t("Superior authority"),
    Origin.MEETING: t("Meeting"),
    Origin.DIRECTIVE: t("Directive"),
    TaskKind.ONCE: t("Once"),
    TaskKind.RECURRING: t("Every year"),
    TaskKind.STANDING: t("Standing rule"),
    DueBasis.EXPLICIT: t("stated by the plan"),
    DueBasis.INFERRED: t("inferred"),
    DueBasis.SET: t("set by the lead agency"),
    DueBasis.EXTENSION: t("extended"),
    DueBasis.SUSPENSION: t("moved on by a suspension"),
    SubmissionKind.PROGRESS: t("Progress report"),
    SubmissionKind.COMPLETION: t("Submission for completion"),
    ReturnKind.AMEND: t("To be amended"),
    ReturnKind.REJECT: t("Rejected"),
    Cause.FORCE_MAJEURE: t("Force majeure"),
    Cause.POLICY: t("Change of policy"),
    Cause.CHANGE_OF_DUTIES: t("Change of duties"),
    Cause.OWN: t("Own reasons"),
    Cause.NOT_APPLICABLE: t("Not applicable"),
    RequestKind.EXTENSION: t("Extension"),
    RequestKind.OBJECTION: t("Objection"),
    RequestKind.REDUCTION: t("Reduction"),
    RequestKind.SUSPENSION: t("Suspension"),
    RequestKind.RESUMPTION: t("Resumption"),
    RequestKind.EXEMPTION: t("Exemption"),
    Outcome.GRANTED: t("Granted"),
    Outcome.REFUSED: t("Refused"),
    Outcome.TAKEN_BACK: t("Taken back"),
    Decider.LEAD: t("Lead agency"),
    Decider.ABOVE: t("Supervision office"),
    SignOffOutcome.SIGNED: t("Signed off"),
    SignOffOutcome.SENT_BACK: t("Sent back"),
    SignOffOutcome.DROPPED: t("Dropped"),
    SlipKind.NOTICE: t("Notice slip"),
    SlipKind.DEMAND: t("Urging slip"),
    SlipKind.SUPERVISION: t("Supervision slip"),
    Rhythm.MONTH: t("Every month"),
    Rhythm.QUARTER: t("Every quarter"),
    Rhythm.YEAR: t("At each year's end"),
    Channel.INBOX: t("Inbox"),
    Channel.EMAIL: t("E-mail"),
    Channel.WECOM: t("WeCom"),
    Channel.DINGTALK: t("DingTalk"),
    Channel.FEISHU: t("Feishu"),
}
"""Word to name; each word is unique among all vocabularies that are shown."""

ACT_NAMES: Mapping[str, Text] = {
    **{str(verb): transition.name for verb, transition in TRANSITIONS.items()},
    "create": t("Draft made"),
    "fan_out": t("Draft made for a member"),
    "login": t("Logged in"),
    "login_failed": t("Failed log-in"),
    "logout": t("Logged out"),
    "user_add": t("Account added"),
    "user_edit": t("Account changed"),
    "user_disable": t("Account disabled"),
    "user_enable": t("Account enabled"),
    "password_change": t("Own password changed"),
    "password_reset": t("Password reset"),
    "profile": t("Own profile changed"),
    "unit_add": t("Unit added"),
    "unit_edit": t("Unit changed"),
    "unit_deactivate": t("Unit deactivated"),
    "unit_activate": t("Unit activated"),
    "group_add": t("Unit group added"),
    "group_join": t("Units put into a group"),
    "group_leave": t("Unit taken out of a group"),
    "mail_again": t("Undelivered mail sent again"),
    "seed": t("Plan file read"),
}
"""What the journal calls its verbs: those of an assignment, and all others."""

DETAIL_NAMES: Mapping[str, Text] = {
    "amount": t("Amount"),
    "answer_by": t("Answer by"),
    "asked": t("Consent asked for"),
    "cancel_class": t("Class"),
    "completion_standard": t("Completion standard"),
    "document": t("Document number"),
    "due_on": t("Due date"),
    "evidence_required": t("Proof required"),
    "granted": t("Granted"),
    "kind": t("Kind"),
    "measure": t("Measured in"),
    "name": t("Name"),
    "new_assignment_id": t("New assignment"),
    "new_name": t("New name"),
    "node_id": t("Yearly node"),
    "old_name": t("Former name"),
    "percent": t("Percent"),
    "proof": t("Proof list"),
    "ranking_group": t("Ranking group"),
    "reason": t("Reason"),
    "replaces_id": t("Taken over from"),
    "request_id": t("Request"),
    "review_id": t("Review"),
    "roles": t("Roles"),
    "round": t("Round"),
    "sector": t("Sector"),
    "submission_id": t("Submission"),
    "superior_id": t("Superior unit"),
    "text": t("Text"),
    "unit_id": t("Unit"),
    "urge_id": t("Urge"),
    "username": t("User name"),
    "version": t("Version"),
    "withdraw_verified": t("Verified withdrawn"),
    "year": t("Year"),
}
"""What the journal calls the parameters of its verbs; others stand as they are stored."""

SUBJECT_NAMES: Mapping[str, Text] = {
    "assignment": t("Assignment"),
    "task": t("Task"),
    "user": t("User"),
    "unit": t("Unit"),
    "group": t("Unit group"),
    "plan": t("Plan"),
    "indicator": t("Indicator"),
    "message": t("Message"),
}


def act_name(verb: str) -> Text | str:
    """The name of a journal entry's verb; one that has no name is called as it is stored."""
    return ACT_NAMES.get(verb, verb)


def subject_name(kind: str) -> Text | str:
    """The name of the kind of thing that a journal entry is about, or the stored word."""
    return SUBJECT_NAMES.get(kind, kind)
