"""The page of an assignment: its facts, and a form for each verb that this person may do now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import render_template, request

from planner import filetypes, previews
from planner.domain import lifecycle, permissions
from planner.domain.errors import DomainError
from planner.domain.lifecycle import State, Verb
from planner.domain.scores import words
from planner.domain.words import RequestKind
from planner.models import SignOff
from planner.services import askable, evidence, handing_in, plans, reviewing, signing, urging
from planner.services.assignment_view import (
    AssignmentView,
    citable,
    confirmable,
    doubtable,
    open_amount,
    view,
)
from planner.services.due_dates import default_due
from planner.services.evidence import EvidenceForm
from planner.services.reports import NO_REPORT
from planner.services.scope import load_assignment
from planner.services.signatures import SIGNED, goes_through_head
from planner.services.signing import PutForward, form_of
from planner.services.timeline import since, timeline
from planner.services.units import active_units
from planner.web.assignment_verbs import ACTS
from planner.web.context import actor, clock, db, runtime
from planner.web.forms import PlannerForm
from planner.web.typed import Entry, entries, refusals

Forms = Mapping[Verb, PlannerForm]

REVIEWING = (Verb.ACCEPT, Verb.RETURN, Verb.FIND_UNTRUE)
"""What a reviewer decides with the proof in sight."""


def load(assignment_id: int) -> AssignmentView:
    """The page's facts. Raises NotFound outside the reader's scope."""
    return view(db(), actor(), clock(), assignment_id)


def open_verbs(page: AssignmentView) -> list[Verb]:
    """What this person may do now, in the order in which it is offered."""
    state = State(page.assignment.state)
    return [
        verb
        for verb in ACTS
        if lifecycle.can(verb, state)
        and permissions.may(actor(), verb, page.parties)
        and _applies(page, verb)
    ]


def _applies(page: AssignmentView, verb: Verb) -> bool:
    """Whether there is anything that the verb could be done to."""
    assignment = page.assignment
    possible = {
        Verb.BREAK_DOWN: not assignment.is_node and assignment.unit_id is not None,
        Verb.ISSUE: assignment.group_id is None,
        Verb.SUBMIT: handing_in.is_completable(assignment, clock()),
        Verb.CONFIRM: bool(confirmable(page, actor())),
        Verb.ANSWER: any(each.open for each in page.urges),
        Verb.DECIDE_REQUEST: page.request is not None,
        Verb.TAKE_BACK: page.request is not None,
        Verb.RESUME: page.suspension is not None,
        Verb.FIND_UNTRUE: page.finding is None and bool(doubtable(page, actor())),
        Verb.REVOKE_FINDING: page.finding is not None,
        Verb.SIGN_OFF: page.to_sign is not None,
        Verb.CALL_BACK: page.to_sign is not None,
    }
    if verb in SIGNED and page.to_sign:
        return False
    waits = askable.refusal(db(), clock(), verb, assignment) is not None
    return possible.get(verb, True) and not waits


def forms_for(page: AssignmentView, verbs: Sequence[Verb], typed: Forms) -> dict[Verb, PlannerForm]:
    """One form a verb: what was typed, or a fresh one with sensible defaults."""
    return {verb: typed.get(verb) or _fresh(page, verb) for verb in verbs}


@dataclasses.dataclass(frozen=True)
class Stray:
    """A form that was sent and is not offered any more: why it was refused, what stood in it."""

    verb: Verb
    reasons: list[str]
    entries: list[Entry]


def strays(typed: Forms, fitting: Forms) -> list[Stray]:
    """Of what was typed, the forms that have no place on the page now."""
    return [
        Stray(verb, refusals(form), entries(form))
        for verb, form in typed.items()
        if verb not in fitting
    ]


def fitting(page: AssignmentView, verbs: Sequence[Verb], typed: Forms) -> Forms:
    """Of what was typed, the forms that can be sent again: offered, and about the same thing."""
    return {verb: form for verb, form in typed.items() if verb in verbs and _fits(page, verb, form)}


def _fits(page: AssignmentView, verb: Verb, form: PlannerForm) -> bool:
    """Whether a form is about what the page has of its kind now, such as the urge that is open.

    One that does not say what it is about belongs to what there is.
    """
    about: Mapping[Verb, Callable[[], tuple[str, set[int]]]] = {
        Verb.ANSWER: lambda: ("urge_id", {each.urge.id for each in page.urges if each.open}),
        Verb.DECIDE_REQUEST: lambda: ("request_id", {page.request.id} if page.request else set()),
        Verb.SIGN_OFF: lambda: ("sign_off_id", {page.to_sign.id} if page.to_sign else set()),
        Verb.CALL_BACK: lambda: ("sign_off_id", {page.to_sign.id} if page.to_sign else set()),
    }
    if verb not in about:
        return True
    name, known = about[verb]()
    return not form[name].data or form[name].data in known


def _fresh(page: AssignmentView, verb: Verb) -> PlannerForm:
    again = page.to_mend if page.to_mend and page.to_mend.verb == verb else None
    data = written_before(again) if again else _defaults(page, verb)
    form = ACTS[verb].form(formdata=None, data=data)
    form.seen.data = str(page.assignment.version)
    return form


def written_before(sign_off: SignOff) -> dict[str, Any]:
    """What the preparer wrote, as the fields of the form have it; files wait in staging."""
    form = form_of(sign_off)
    values = {each.name: getattr(form, each.name) for each in dataclasses.fields(form)}
    proof: EvidenceForm = values.pop("evidence")
    files = {"tokens": list(proof.tokens), "cited": list(proof.cited)}
    return {**values, **files, "links": "\n".join(proof.links)}


def _defaults(page: AssignmentView, verb: Verb) -> dict[str, Any]:
    """What a fresh form of the verb begins with."""
    assignment = page.assignment
    makers: Mapping[Verb, Callable[[], dict[str, Any]]] = {
        Verb.REPORT: lambda: {"period": _period(page)},
        Verb.EDIT: lambda: {
            name: getattr(assignment, name)
            for name in ("unit_id", "text", "due_on", "amount", "measure", "weight")
        },
        Verb.BREAK_DOWN: lambda: _node_defaults(page),
        Verb.SUBMIT: lambda: _withdrawn(page),
        Verb.RETURN: lambda: {"rework_on": reviewing.default_rework(db(), clock(), assignment)},
        Verb.URGE: lambda: {"answer_by": clock().calendar.add(clock().today, urging.ANSWER_WITHIN)},
        Verb.ANSWER: lambda: {"urge_id": next(e.urge.id for e in reversed(page.urges) if e.open)},
        Verb.REASSIGN: lambda: {"due_on": None if page.parties.late else assignment.due_on},
        Verb.ACCEPT: lambda: {"amount": open_amount(page)},
        Verb.FIND_UNTRUE: lambda: {"submission_id": doubtable(page, actor())[0].id},
        Verb.DECIDE_REQUEST: lambda: _decision_defaults(page),
        Verb.ASK_ADJUSTMENT: lambda: {"kind": page.adjustable[0]},
    }
    return makers[verb]() if verb in makers else {}


def _withdrawn(page: AssignmentView) -> dict[str, Any]:
    """What was withdrawn, so that it can be handed in again mended; its files are cited."""
    before = page.withdrawn
    if before is None:
        return {}
    files = [each.cites_id or each.id for each in before.evidence if each.url is None]
    links = [each.url for each in before.evidence if each.url is not None]
    return {
        "text": before.text,
        "amount": before.amount,
        "links": "\n".join(links),
        "cited": files,
    }


def _returned_files(page: AssignmentView) -> frozenset[str]:
    """The files of what came back from the head: proof of that alone, until somebody ticks them."""
    return frozenset(form_of(page.to_mend).evidence.tokens if page.to_mend else ())


def _decision_defaults(page: AssignmentView) -> dict[str, Any]:
    """What was asked for, so that granting it as it is needs no typing."""
    asked = page.request
    if asked is None:
        return {}
    data: Mapping[str, Any] = asked.data
    due_on = date.fromisoformat(data["due_on"]) if data.get("due_on") else None
    if asked.kind == RequestKind.OBJECTION and not page.parties.late:
        due_on = page.assignment.due_on
    return {
        "due_on": due_on,
        "amount": Decimal(data["amount"]) if "amount" in data else None,
        "end": RequestKind.REASSIGN,
        "unit_id": data.get("unit_id") or 0,
    }


def _put_forward(page: AssignmentView) -> PutForward | None:
    """What was put before the head and is not signed, for the unit's own people."""
    sign_off = page.to_sign or page.to_mend
    return signing.put_forward_of(db(), actor(), sign_off) if sign_off else None


def _period(page: AssignmentView) -> str:
    """The period that was asked for in the address, if its report is open; else the oldest open."""
    open_ones = [each.report.period for each in page.reports if not each.report.handed_in_on]
    asked = request.args.get("period", "")
    return asked if asked in open_ones else (open_ones or [NO_REPORT])[0]


def _node_defaults(page: AssignmentView) -> dict[str, Any]:
    year = _next_year(page)
    task = page.assignment.task
    return {"year": year, "text": page.assignment.text, "due_on": default_due(task, year)}


def _next_year(page: AssignmentView) -> int:
    """The first year from this one on that has no node yet."""
    plan = page.assignment.task.action.plan
    taken = {node.year for node in page.nodes if node.state != State.CANCELLED}
    first = max(plan.issued_on.year, min(clock().today.year, plan.ends_on.year))
    free = [year for year in range(first, plan.ends_on.year + 1) if year not in taken]
    return free[0] if free else first


def _choices(page: AssignmentView) -> dict[str, Any]:
    """What the selects of the forms offer."""
    session = db()
    rules = plans.scoring_rules(session, page.assignment.task.action.plan)
    return {
        "units": active_units(session),
        "tiers": rules.tiers,
        "doubtable": doubtable(page, actor()),
        "untrue_costs": words.untrue_evidence(rules),
        "citable": citable(session, actor(), page),
        "returned_files": _returned_files(page),
        "staged": evidence.staged_files(session, actor(), page.assignment.id),
        "previewable": previews.PREVIEWED,
        "accept": filetypes.ACCEPT,
        "max_upload_mb": runtime().settings.max_upload_mb,
    }


def render(assignment_id: int, form: Forms | None = None, **more: Any) -> str:
    """The page of an assignment; `form` holds what was typed into one of its forms."""
    page = load(assignment_id)
    verbs = open_verbs(page)
    return render_template(
        "assignments/show.html",
        **_facts(page, verbs, form or {}),
        put_forward=_put_forward(page),
        head_first=goes_through_head(actor(), page.assignment),
        confirmable=confirmable(page, actor()),
        **more,
    )


def render_review(assignment_id: int, form: Forms | None = None, **more: Any) -> str:
    """Proof and decision side by side."""
    page = load(assignment_id)
    verbs = [verb for verb in open_verbs(page) if verb in REVIEWING and page.pending]
    return render_template(
        "review/show.html",
        **_facts(page, verbs, form or {}),
        submission=page.pending,
        review_page=True,
        **more,
    )


def _facts(page: AssignmentView, verbs: Sequence[Verb], typed: Forms) -> dict[str, Any]:
    """What both pages show: the assignment, its story, and a form for each verb."""
    kept = fitting(page, verbs, typed)
    asked = {Verb.REPORT} if request.args.get("period") else set()
    return {
        "page": page,
        "assignment": page.assignment,
        "events": timeline(db(), page.assignment),
        "verbs": verbs,
        "forms": forms_for(page, verbs, kept),
        "opened": set(kept) | asked,
        "strays": strays(typed, kept),
        **_choices(page),
    }


def of_request() -> Callable[..., str]:
    """The page that the form was sent from."""
    return render_review if request.form.get("page") == "review" else render


def conflict(
    assignment_id: int, verb: Verb, form: PlannerForm, error: DomainError
) -> tuple[str, int]:
    """Somebody acted in between: what they did, and what was typed, ready to be sent again."""
    assignment = load_assignment(db(), actor(), assignment_id)
    happened = since(db(), assignment, form.seen_version)
    form.renew(assignment.version)
    page = of_request()
    return page(assignment_id, form={verb: form}, conflict=error.text, happened=happened), 409
