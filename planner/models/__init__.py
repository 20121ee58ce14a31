"""Tables and their relationships. Importing this package makes all of them known."""

from planner.models.assessment import Rollup
from planner.models.evidence import Blob, Evidence, StagedFile
from planner.models.forms import SentForm
from planner.models.journal import JournalEntry
from planner.models.messages import Heartbeat, Message, Reminder, ReminderMessage
from planner.models.people import (
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
from planner.models.setting import Setting
from planner.models.work import (
    Assignment,
    DueRevision,
    Portion,
    Request,
    Review,
    Submission,
    Urge,
)

__all__ = [
    "Action",
    "Assignment",
    "Blob",
    "DueRevision",
    "Evidence",
    "Heartbeat",
    "Indicator",
    "JournalEntry",
    "LoginAttempt",
    "LoginSession",
    "Message",
    "Note",
    "Plan",
    "Portion",
    "ProofItem",
    "Reminder",
    "ReminderMessage",
    "Request",
    "Review",
    "Rollup",
    "RuleSet",
    "SeedRecord",
    "SentForm",
    "Setting",
    "StagedFile",
    "Submission",
    "Target",
    "Task",
    "Unit",
    "UnitGroup",
    "UnitGroupMember",
    "Urge",
    "User",
    "UserRole",
]
