"""The demonstration: an invented history of the plan, played through the ordinary verbs.

All of it is one transaction, so that a demo is there as a whole or not at all.
"""

from planner.demo.playing import play

__all__ = ["play"]
