"""My work: where everybody lands after logging in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from planner.domain import permissions
from planner.domain.actor import Role
from planner.domain.permissions import BUSINESS, Area
from planner.domain.text import t
from planner.services import my_work, tasks
from planner.web.access import area
from planner.web.context import actor, clock, db
from planner.web.forms import PlannerForm, carry_out
from planner.web.task_filter import tasks_url

bp = Blueprint("mywork", __name__)

ELSEWHERE = ((Area.SEE_JOURNAL, "journal.index"), (Area.MANAGE_USERS, "users.index"))
"""Where those land who do no business."""


class IssueManyFields(PlannerForm):
    """The ticked drafts; each value is the draft's id and the version that was seen."""

    def drafts(self) -> list[tuple[int, int]]:
        """What was ticked. What is no draft's id and version is left out."""
        pairs = [value.partition(".") for value in request.form.getlist("draft")]
        return [
            (int(key), int(seen))
            for key, _, seen in pairs
            if key.isdecimal() and seen.isdecimal() and len(key) < 10 and len(seen) < 10
        ]


@bp.get("/")
@area(Area.MY_WORK)
def index() -> Any:
    """What waits for the reader; auditors, administrators and leaders land on their own page."""
    who = actor()
    if who.roles.isdisjoint(BUSINESS):
        for wanted, endpoint in ELSEWHERE:
            if permissions.may(who, wanted):
                return redirect(url_for(endpoint))
    if who.roles & BUSINESS == {Role.LEADER}:
        return redirect(url_for("scorecard.index"))
    return _page(IssueManyFields(formdata=None))


def _page(form: IssueManyFields) -> str:
    return render_template(
        "mywork.html",
        work=my_work.my_work(db(), actor(), clock()),
        form=form,
        ticked=frozenset(request.form.getlist("draft")),
        tasks_url=tasks_url,
    )


@bp.post("/tasks/issue")
@area(Area.EDIT_TASK)
def issue() -> Any:
    """Issue the ticked drafts, all or none."""
    form = IssueManyFields()
    return carry_out(
        form,
        lambda session: tasks.issue_many(session, actor(), clock(), form.drafts()),
        done=lambda _: url_for("mywork.index"),
        again=lambda: _page(form),
        said=lambda made: t("Issued: %(count)s. The units were told.", count=len(made)),
    )
