"""The closed vocabularies of the plan and of the work (design, section 2)."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """Where a task comes from."""

    PLAN = "plan"
    YEARLY_PROGRAMME = "yearly_programme"
    SUPERIOR = "superior"
    MEETING = "meeting"
    DIRECTIVE = "directive"


class TaskKind(StrEnum):
    """Done once, again every year, or a standing rule that is never completed before the end."""

    ONCE = "once"
    RECURRING = "recurring"
    STANDING = "standing"


class Part(StrEnum):
    """A unit's part in a task: 责任 or 配合."""

    RESPONSIBLE = "responsible"
    SUPPORTING = "supporting"


class Method(StrEnum):
    """How an assignment's credit is counted (design, section 4)."""

    BINARY = "binary"
    PROPORTIONAL = "proportional"
    TIERS = "tiers"
    RATED = "rated"


class Comparator(StrEnum):
    """How a value is held against a target; both include the number itself."""

    AT_LEAST = ">="
    AT_MOST = "<="


class Direction(StrEnum):
    """Which way an indicator should move."""

    DOWN = "down"
    UP = "up"


class DueBasis(StrEnum):
    """Why a due date is what it is."""

    EXPLICIT = "explicit"
    INFERRED = "inferred"
    SET = "set"
    EXTENSION = "extension"
    SUSPENSION = "suspension"


class SubmissionKind(StrEnum):
    """进展 or 申请办结."""

    PROGRESS = "progress"
    COMPLETION = "completion"


class Decision(StrEnum):
    """What a review decided on a submission."""

    ACCEPT = "accept"
    RETURN = "return"
    CONFIRM = "confirm"


class ReturnKind(StrEnum):
    """补正 (formal, to be mended) or 不予受理 (empty, unrelated, unreadable)."""

    AMEND = "amend"
    REJECT = "reject"


class Cause(StrEnum):
    """Why an assignment leaves the plan, or what is owed of it changes."""

    FORCE_MAJEURE = "force_majeure"
    POLICY = "policy"
    CHANGE_OF_DUTIES = "change_of_duties"
    OWN = "own"
    NOT_APPLICABLE = "not_applicable"


class EvidenceKind(StrEnum):
    """A stored file or the address of something elsewhere."""

    FILE = "file"
    LINK = "link"


class RequestKind(StrEnum):
    """What can be asked for (申请): a verb of the lead's that needs consent, or a unit's wish."""

    CANCEL = "cancel"
    REASSIGN = "reassign"
    EXTENSION = "extension"
    OBJECTION = "objection"
    REDUCTION = "reduction"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    EXEMPTION = "exemption"


class Outcome(StrEnum):
    """What became of a request; the one who asked may take it back while it is open."""

    GRANTED = "granted"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


class Decider(StrEnum):
    """Who decides a request: the lead agency's coordinator, or the supervisor above it."""

    LEAD = "lead"
    ABOVE = "above"


class SignOffOutcome(StrEnum):
    """What the head of a unit did with what was to be signed off (审签)."""

    SIGNED = "signed"
    SENT_BACK = "sent_back"
    DROPPED = "dropped"


class SlipKind(StrEnum):
    """The three papers that urge: 提醒单 (blue), 催办单 (yellow), 督办单 (red)."""

    NOTICE = "notice"
    DEMAND = "demand"
    SUPERVISION = "supervision"


class Rhythm(StrEnum):
    """How often a task asks for a report."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Channel(StrEnum):
    """Where a message goes: the inbox, mail, or the robot of a unit's group chat."""

    INBOX = "inbox"
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


ROBOT_CHANNELS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)
