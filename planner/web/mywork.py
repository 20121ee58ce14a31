"""My work: where everybody lands after logging in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from planner.domain import permissions
from planner.domain.actor import Role
from planner.domain.errors import BadInput, NotFound
from planner.domain.permissions import BUSINESS, Area
from planner.domain.reporting import STATE_NAMES
from planner.domain.scores.gains import WAY_NAMES
from planner.domain.text import t
from planner.services import my_work
from planner.services.issuing import issue_one_of_many
from planner.services.letters import headline
from planner.web.access import area
from planner.web.choices import ticked_versions
from planner.web.context import actor, clock, db, language, writing
from planner.web.forms import UNPROCESSABLE, PlannerForm, new_token, see_other
from planner.web.task_filter import tasks_url

bp = Blueprint("mywork", __name__)

ELSEWHERE = ((Area.SEE_JOURNAL, "journal.index"), (Area.MANAGE_USERS, "users.index"))
"""Where those land who do no business."""


class IssueManyFields(PlannerForm):
    """Issue the ticked drafts: nothing but the button."""


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
        form_page=url_for("mywork.index"),
        subject=headline,
        report_names=STATE_NAMES,
        way_names=WAY_NAMES,
    )


@bp.post("/tasks/issue")
@area(Area.EDIT_TASK)
def issue() -> Any:
    """Issue the ticked drafts, each in a transaction of its own; name those that cannot be.

    What was issued stays issued; the same form sent again goes on with the rest.
    """
    form = IssueManyFields()
    if not form.was_sent_well():
        return _page(form), UNPROCESSABLE
    drafts = ticked_versions("draft")
    if not drafts:
        form.refuse(BadInput(t("Choose at least one draft.")))
    issued = 0
    for draft_id, seen in drafts:
        try:
            issued += _issue_one(form, draft_id, seen)
        except (BadInput, NotFound) as error:
            form.form_errors.append(language().say(error.text))
    if issued:
        flash(language().say(t("Issued: %(count)s. The units were told.", count=issued)), "success")
    return (_page(form), UNPROCESSABLE) if form.form_errors else see_other(url_for("mywork.index"))


def _issue_one(form: IssueManyFields, draft_id: int, seen: int) -> bool:
    """Whether it was issued now; not if this form issued it before."""
    token = form.form_token.data or new_token()
    with writing() as session:
        made = issue_one_of_many(session, actor(), clock(), draft_id, seen, token)
        session.commit()
    return made is not None
