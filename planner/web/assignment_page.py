"""Everything that the page of an assignment shows, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import render_template, request
from sqlalchemy import select

from planner import filetypes, previews
from planner.domain import lifecycle, permissions
from planner.domain.errors import DomainError
from planner.domain.lifecycle import State, Verb
from planner.domain.permissions import Parties
from planner.domain.words import Method, SubmissionKind
from planner.models import Assignment, Evidence, Request, Submission, Unit
from planner.services import evidence, handing_in, plans, reviewing
from planner.services.due_dates import default_due
from planner.services.portions import verified_amount
from planner.services.scope import load_assignment, visible_assignments
from planner.services.standing import Standing, standings
from planner.services.steps import parties_of
from planner.services.timeline import since, submissions_of, timeline
from planner.web import assignment_forms as fields
from planner.web.context import actor, clock, db, runtime
from planner.web.errors import NOT_TYPED
from planner.web.forms import PlannerForm

Forms = Mapping[Verb, PlannerForm]

FIELDS: Mapping[Verb, type[PlannerForm]] = {
    Verb.ISSUE: fields.IssueFields,
    Verb.ACKNOWLEDGE: fields.AcknowledgeFields,
    Verb.WITHDRAW: fields.WithdrawFields,
    Verb.EDIT: fields.DraftFields,
    Verb.REPORT: fields.ReportFields,
    Verb.SUBMIT: fields.SubmitFields,
    Verb.BREAK_DOWN: fields.BreakDownFields,
    Verb.CONFIRM: fields.ConfirmFields,
    Verb.ACCEPT: fields.AcceptFields,
    Verb.RETURN: fields.ReturnFields,
    Verb.URGE: fields.UrgeFields,
    Verb.DECIDE_REQUEST: fields.DecideFields,
    Verb.REOPEN: fields.ReopenFields,
    Verb.REASSIGN: fields.ReassignFields,
    Verb.CANCEL: fields.CancelFields,
}
"""The form of each verb, in the order in which the page offers them."""

ANSWER_WITHIN = 3
"""Working days that an urge proposes for its answer."""


@dataclass(frozen=True)
class Page:
    """An assignment with what its page needs besides."""

    assignment: Assignment
    parties: Parties
    standing: Standing | None
    verified: Decimal
    submissions: Sequence[Submission]
    pending: Submission | None
    request: Request | None
    nodes: Sequence[Assignment]
    node_standings: Mapping[int, Standing]
    replaced_by: Assignment | None


def load(assignment_id: int) -> Page:
    """The page's facts. Raises NotFound outside the reader's scope."""
    session, who = db(), actor()
    assignment = load_assignment(session, who, assignment_id)
    nodes = session.scalars(
        select(Assignment)
        .where(Assignment.parent_id == assignment.id, visible_assignments(who))
        .order_by(Assignment.year, Assignment.id)
    ).all()
    lights = plans.reminder_rules(session, assignment.task.action.plan).lights
    stand = standings(session, clock(), lights, [assignment, *nodes])
    return Page(
        assignment=assignment,
        parties=parties_of(session, assignment, clock()),
        standing=stand.get(assignment.id),
        verified=verified_amount(assignment),
        submissions=submissions_of(session, assignment),
        pending=handing_in.pending(session, assignment),
        request=next((each for each in assignment.requests if each.outcome is None), None),
        nodes=nodes,
        node_standings=stand,
        replaced_by=session.scalar(
            select(Assignment).where(
                Assignment.replaces_id == assignment.id, visible_assignments(who)
            )
        ),
    )


def open_verbs(page: Page) -> list[Verb]:
    """What this person may do now, in the order in which it is offered."""
    state = State(page.assignment.state)
    return [
        verb
        for verb in FIELDS
        if lifecycle.can(verb, state)
        and permissions.may(actor(), verb, page.parties)
        and _applies(page, verb)
    ]


def _applies(page: Page, verb: Verb) -> bool:
    """Whether there is anything that the verb could be done to."""
    assignment = page.assignment
    possible = {
        Verb.BREAK_DOWN: not assignment.is_node and assignment.unit_id is not None,
        Verb.ISSUE: assignment.group_id is None,
        Verb.SUBMIT: handing_in.is_completable(assignment, clock()),
        Verb.CONFIRM: bool(confirmable(page)),
        Verb.DECIDE_REQUEST: page.request is not None,
        Verb.CANCEL: page.request is None,
        Verb.REASSIGN: page.request is None,
    }
    return possible.get(verb, True)


def confirmable(page: Page) -> list[Submission]:
    """Progress reports with evidence that claim more than is verified; newest first."""
    if page.assignment.method != Method.PROPORTIONAL:
        return []
    return [
        each
        for each in reversed(page.submissions)
        if each.kind == SubmissionKind.PROGRESS
        and each.evidence
        and each.amount is not None
        and each.amount > page.verified
        and each.by_id != actor().user_id
    ]


def forms_for(page: Page, verbs: Sequence[Verb], typed: Forms) -> dict[Verb, PlannerForm]:
    """One form a verb: what was typed, or a fresh one with sensible defaults."""
    return {verb: typed.get(verb) or _fresh(page, verb) for verb in verbs}


def _fresh(page: Page, verb: Verb) -> PlannerForm:
    form = FIELDS[verb](formdata=None, data=_defaults(page, verb))
    form.seen.data = str(page.assignment.version)
    return form


def _defaults(page: Page, verb: Verb) -> dict[str, Any]:
    """What a fresh form of the verb begins with."""
    assignment = page.assignment
    makers: Mapping[Verb, Callable[[], dict[str, Any]]] = {
        Verb.EDIT: lambda: {
            name: getattr(assignment, name)
            for name in ("unit_id", "text", "due_on", "amount", "measure", "weight")
        },
        Verb.BREAK_DOWN: lambda: _node_defaults(page),
        Verb.RETURN: lambda: {"rework_on": reviewing.default_rework(db(), clock(), assignment)},
        Verb.URGE: lambda: {"answer_by": clock().calendar.add(clock().today, ANSWER_WITHIN)},
        Verb.REASSIGN: lambda: {"due_on": None if page.parties.late else assignment.due_on},
        Verb.ACCEPT: lambda: {"amount": _open_amount(page)},
    }
    return makers[verb]() if verb in makers else {}


def _node_defaults(page: Page) -> dict[str, Any]:
    year = _next_year(page)
    task = page.assignment.task
    return {"year": year, "text": page.assignment.text, "due_on": default_due(task, year)}


def _open_amount(page: Page) -> Decimal | None:
    """What the waiting completion claims beyond what is verified already."""
    if page.pending is None or page.pending.amount is None:
        return None
    return max(Decimal(0), page.pending.amount - page.verified)


def _next_year(page: Page) -> int:
    """The first year from this one on that has no node yet."""
    plan = page.assignment.task.action.plan
    taken = {node.year for node in page.nodes if node.state != State.CANCELLED}
    first = max(plan.issued_on.year, min(clock().today.year, plan.ends_on.year))
    free = [year for year in range(first, plan.ends_on.year + 1) if year not in taken]
    return free[0] if free else first


def _choices(page: Page) -> dict[str, Any]:
    """What the selects of the forms offer."""
    session = db()
    rules = plans.scoring_rules(session, page.assignment.task.action.plan)
    return {
        "units": session.scalars(select(Unit).where(Unit.active).order_by(Unit.name)).all(),
        "tiers": rules.tiers,
        "citable": _citable(page),
        "staged": evidence.staged_files(session, actor(), page.assignment.id),
        "previewable": previews.PREVIEWED,
        "accept": filetypes.ACCEPT,
        "max_upload_mb": runtime().settings.max_upload_mb,
        "not_typed": NOT_TYPED,
    }


def _citable(page: Page) -> Sequence[Evidence]:
    """Proof that the unit handed in elsewhere, newest first."""
    query = evidence.citable(actor()).where(Submission.assignment_id != page.assignment.id)
    return db().scalars(query.order_by(Evidence.id.desc()).limit(30)).all()


def render(assignment_id: int, form: Forms | None = None, **more: Any) -> str:
    """The page of an assignment; `form` holds what was typed into one of its forms."""
    page = load(assignment_id)
    verbs = open_verbs(page)
    return render_template(
        "assignments/show.html",
        page=page,
        assignment=page.assignment,
        events=timeline(db(), page.assignment),
        verbs=verbs,
        forms=forms_for(page, verbs, form or {}),
        opened=set(form or {}),
        confirmable=confirmable(page),
        **_choices(page),
        **more,
    )


def render_review(assignment_id: int, form: Forms | None = None, **more: Any) -> str:
    """Proof and decision side by side."""
    page = load(assignment_id)
    verbs = [verb for verb in open_verbs(page) if verb in (Verb.ACCEPT, Verb.RETURN)]
    return render_template(
        "review/show.html",
        page=page,
        assignment=page.assignment,
        submission=page.pending,
        events=timeline(db(), page.assignment),
        verbs=verbs,
        forms=forms_for(page, verbs, form or {}),
        opened=set(form or {}),
        review_page=True,
        **_choices(page),
        **more,
    )


def of_request() -> Callable[..., str]:
    """The page that the form was sent from."""
    return render_review if request.form.get("page") == "review" else render


def conflict(
    assignment_id: int, verb: Verb, form: PlannerForm, error: DomainError
) -> tuple[str, int]:
    """Somebody acted in between: what they did, and what was typed, ready to be sent again."""
    seen = form.seen_version or 0
    assignment = load_assignment(db(), actor(), assignment_id)
    form.renew(assignment.version)
    page = of_request()
    happened = since(db(), assignment, seen)
    return page(assignment_id, form={verb: form}, conflict=error.text, happened=happened), 409
