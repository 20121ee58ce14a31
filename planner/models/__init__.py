"""Tables and their relationships. Importing this package makes all of them known."""

from planner.models.assessment import (
    Appeal,
    Assessment,
    AssessmentStep,
    Remark,
    Rollup,
    SelfAssessment,
    Snapshot,
    UnitResult,
)
from planner.models.calendar_days import CalendarDay
from planner.models.evidence import Blob, Evidence, StagedFile
from planner.models.findings import UntrueFinding
from planner.models.forms import SentForm
from planner.models.indicators import ConfirmedBase, IndicatorReading
from planner.models.journal import JournalEntry
from planner.models.messages import (
    Heartbeat,
    Lease,
    Message,
    Reminder,
    ReminderMessage,
    Robot,
)
from planner.models.people import (
    FeedLink,
    LoginAttempt,
    LoginSession,
    Unit,
    UnitGroup,
    UnitGroupMember,
    User,
    UserRole,
)
from planner.models.plan import (
    Action,
    Indicator,
    Note,
    Plan,
    ProofItem,
    RuleSet,
    SeedRecord,
    Target,
    Task,
)
from planner.models.reports import Report, Settlement
from planner.models.requests import Request, SignOff, Suspension
from planner.models.setting import Setting
from planner.models.urging import Slip, Urge, UrgeAnswer
from planner.models.work import (
    AmountRevision,
    Assignment,
    DueRevision,
    Portion,
    Review,
    Submission,
)

__all__ = [
    "Action",
    "AmountRevision",
    "Appeal",
    "Assessment",
    "AssessmentStep",
    "Assignment",
    "Blob",
    "CalendarDay",
    "ConfirmedBase",
    "DueRevision",
    "Evidence",
    "FeedLink",
    "Heartbeat",
    "Indicator",
    "IndicatorReading",
    "JournalEntry",
    "Lease",
    "LoginAttempt",
    "LoginSession",
    "Message",
    "Note",
    "Plan",
    "Portion",
    "ProofItem",
    "Remark",
    "Reminder",
    "ReminderMessage",
    "Report",
    "Request",
    "Review",
    "Robot",
    "Rollup",
    "RuleSet",
    "SeedRecord",
    "SelfAssessment",
    "SentForm",
    "Setting",
    "Settlement",
    "SignOff",
    "Slip",
    "Snapshot",
    "StagedFile",
    "Submission",
    "Suspension",
    "Target",
    "Task",
    "Unit",
    "UnitGroup",
    "UnitGroupMember",
    "UnitResult",
    "UntrueFinding",
    "Urge",
    "UrgeAnswer",
    "User",
    "UserRole",
]
