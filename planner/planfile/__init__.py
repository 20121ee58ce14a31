"""A published plan as one YAML file: read, checked, and refused with every mistake at once.

`docs/seed-format.md` describes the format. Nothing here knows the database.
"""

from planner.planfile.model import (
    Action,
    Assignment,
    AssignmentTarget,
    Deadline,
    Indicator,
    Note,
    Plan,
    PlanFile,
    ProofItem,
    Recurrence,
    Target,
    Task,
    Unit,
    UnitGroup,
)
from planner.planfile.reading import MAX_BYTES, PlanFileError, load, parse

__all__ = [
    "MAX_BYTES",
    "Action",
    "Assignment",
    "AssignmentTarget",
    "Deadline",
    "Indicator",
    "Note",
    "Plan",
    "PlanFile",
    "PlanFileError",
    "ProofItem",
    "Recurrence",
    "Target",
    "Task",
    "Unit",
    "UnitGroup",
    "load",
    "parse",
]
