"""The plan file into the database: again and again, without undoing what people changed since."""

from planner.seeding.reconcile import one_at_a_time, seed_file
from planner.seeding.report import Conflict, SeedReport

__all__ = ["Conflict", "SeedReport", "one_at_a_time", "seed_file"]
