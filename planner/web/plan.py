"""The plan as a tree."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from planner.domain.actor import Role
from planner.domain.permissions import Area
from planner.services.plan_tree import plan_tree
from planner.services.scope import leads
from planner.web.access import area
from planner.web.context import actor, clock, db

bp = Blueprint("plan", __name__)


@bp.get("/plan")
@area(Area.SEE_PLAN)
def index() -> str:
    """The plan as the reader may see it; `?open=all` unfolds every task, for reading and print."""
    who = actor()
    return render_template(
        "plan.html",
        tree=plan_tree(db(), who, clock()),
        unfolded=request.args.get("open") == "all",
        adds=leads(db(), who),
        coordinates=who.has(Role.COORDINATOR),
        sees_all=who.has(Role.SUPERVISOR, Role.LEADER),
    )
