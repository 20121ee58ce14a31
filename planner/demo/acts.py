"""Each act of the script through the verb that a page would call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.demo.script import Act, Do, Node
from planner.demo.stage import Stage
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lifecycle import Verb
from planner.domain.words import RequestKind, SlipKind, SubmissionKind
from planner.models import Assignment, Submission, Urge
from planner.services import (
    breakdown,
    coordination,
    extending,
    findings,
    handing_in,
    requests,
    reviewing,
    signatures,
    signing,
    slips,
    steering,
    urging,
)
from planner.services.acceptance import AcceptForm
from planner.services.breakdown import DraftForm, NodeForm
from planner.services.due_dates import default_due
from planner.services.evidence import EvidenceForm
from planner.services.findings import FindingForm
from planner.services.handing_in import SubmissionForm
from planner.services.request_forms import (
    AdjustmentForm,
    Decision,
    ExtendForm,
    ExtensionForm,
    ObjectionForm,
)
from planner.services.reviewing import ReturnForm
from planner.services.slips import SlipForm
from planner.services.steering import CancelForm, ReassignForm
from planner.services.urging_many import Demand
from planner.services.urging_parts import urge_many

SUPERVISION_OFFICE = "县政府督查室"

Play: TypeAlias = Callable[[Stage, Session, Actor, Clock, str, Act], None]


def play(stage: Stage, db: Session, clock: Clock, subject: str, act: Act) -> None:
    """Do one act on what the script calls `subject`: a row, or a row and year as "key/2023"."""
    assignment = db.get_one(Assignment, stage.rows[subject])
    actor = stage.people[act.who] if act.who else _actor(stage, assignment, act.do)
    _PLAYS[act.do](stage, db, actor, clock, subject, act)


def _actor(stage: Stage, assignment: Assignment, do: Do) -> Actor:
    if do in (Do.SIGN, Do.REPORT, Do.SUBMIT, Do.WITHDRAW, Do.ANSWER, Do.ASK):
        return stage.liaison(assignment)
    if do in (Do.GIVE, Do.ISSUE):
        return stage.people["coordinator"]
    return stage.decider(assignment)


def break_down(stage: Stage, db: Session, clock: Clock, row: str, node: Node) -> None:
    """Add a year of a row as a draft."""
    task = db.get_one(Assignment, stage.rows[row]).task
    form = NodeForm(
        year=node.year,
        text=node.text,
        due_on=node.due_on or default_due(task, node.year),
        amount=node.amount,
        measure=node.measure,
    )
    coordinator = stage.people["coordinator"]
    made = breakdown.break_down(db, coordinator, clock, stage.rows[row], form)
    stage.rows[f"{row}/{node.year}"] = made.id


def _give(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    draft = db.get_one(Assignment, stage.rows[subject])
    form = DraftForm(
        text=draft.text,
        unit_id=stage.units[act.unit or ""],
        due_on=draft.due_on,
        amount=act.amount or draft.amount,
        measure=act.measure or draft.measure,
        weight=draft.weight,
    )
    breakdown.edit_draft(db, actor, clock, draft.id, form, draft.version)


def _issue(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    breakdown.issue(db, actor, clock, stage.rows[subject])


def _sign(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    handing_in.acknowledge(db, actor, clock, stage.rows[subject])


def _form(
    stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act
) -> SubmissionForm:
    assignment = db.get_one(Assignment, stage.rows[subject])
    return SubmissionForm(
        text=act.text,
        problems=act.problems,
        next_steps=act.next_steps,
        coordination=act.coordination,
        percent=act.percent,
        amount=act.amount,
        evidence=stage.prove(db, actor, clock, assignment, act.files, act.text),
    )


def _report(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    form = _form(stage, db, actor, clock, subject, act)
    handing_in.report(db, actor, clock, stage.rows[subject], form)


def _submit(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    form = _form(stage, db, actor, clock, subject, act)
    signing.put_forward(db, actor, clock, Verb.SUBMIT, stage.rows[subject], form)


def _withdraw(
    stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act
) -> None:
    handing_in.withdraw(db, actor, clock, stage.rows[subject])


def _confirm(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    """Confirm an amount of the latest report."""
    reports = (
        select(Submission.id)
        .where(
            Submission.assignment_id == stage.rows[subject],
            Submission.kind == SubmissionKind.PROGRESS,
        )
        .order_by(Submission.number.desc())
    )
    latest = db.scalars(reports.limit(1)).one()
    amount = act.amount or Decimal(0)
    reviewing.confirm(db, actor, clock, stage.rows[subject], latest, amount)


def _accept(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    proof = db.get_one(Assignment, stage.rows[subject]).task.proof_items
    form = AcceptForm(
        ticked=frozenset(item.id for item in proof),
        amount=act.amount,
        tier=act.tier,
        final=act.final,
        reason=act.reason,
    )
    reviewing.accept(db, actor, clock, stage.rows[subject], form)


def _return(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    form = ReturnForm(act.kind, act.reason or "", act.rework_on)
    reviewing.return_(db, actor, clock, stage.rows[subject], form)


def _reopen(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    row_id, reason = stage.rows[subject], act.reason or ""
    reviewing.reopen(db, actor, clock, row_id, reason, act.withdraw_verified)


def _cancel(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    form = CancelForm(act.reason or "", act.cancel_class, act.document)
    steering.cancel(db, actor, clock, stage.rows[subject], form)


def _reassign(
    stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act
) -> None:
    """From now on the script's name stands for the new unit's assignment."""
    form = ReassignForm(stage.units[act.unit or ""], act.reason or "", act.due_on)
    made = steering.reassign(db, actor, clock, stage.rows[subject], form)
    if not isinstance(made, Assignment):
        raise ValueError(f"{subject} cannot be reassigned without the supervisor's consent")
    stage.rows[subject] = made.id


def _urge(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    row_id = stage.rows[subject]
    if act.slip is None:
        urging.urge(db, actor, clock, row_id, act.text, act.answer_by, act.spoken_to)
        return
    by_supervisor = act.slip is SlipKind.SUPERVISION
    lead = db.get_one(Assignment, row_id).task.lead_unit.name
    number = slips.next_number(db, act.slip, clock.today.year)
    form = SlipForm(act.slip, number, SUPERVISION_OFFICE if by_supervisor else lead, actor.name)
    urge_many(db, actor, clock, [row_id], Demand(act.text, act.answer_by, form))


def _answer(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    """Answer the latest urge."""
    row_id = stage.rows[subject]
    latest = select(Urge.id).where(Urge.assignment_id == row_id).order_by(Urge.id.desc())
    urging.answer(db, actor, clock, row_id, db.scalars(latest.limit(1)).one(), act.text)


def _settle(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    """Settle the latest matter that needed coordination."""
    matters = select(Submission.id).where(
        Submission.assignment_id == stage.rows[subject], Submission.coordination.is_not(None)
    )
    latest = db.scalars(matters.order_by(Submission.number.desc()).limit(1)).one()
    coordination.settle(db, actor, clock, latest, act.reason or "")


def _ask(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    """Ask for what `asks` says, through the head where the unit wants it."""
    assignment = db.get_one(Assignment, stage.rows[subject])
    proof = stage.prove(db, actor, clock, assignment, act.files, act.text)
    verb, form = Verb.ASK_ADJUSTMENT, _request_form(act, proof)
    match act.asks:
        case RequestKind.EXTENSION:
            verb = Verb.ASK_EXTENSION
        case RequestKind.OBJECTION:
            verb = Verb.OBJECT
    signing.put_forward(db, actor, clock, verb, assignment.id, form)


def _request_form(act: Act, proof: EvidenceForm) -> signing.Form:
    match act.asks:
        case RequestKind.EXTENSION:
            return ExtensionForm(act.text, act.cause, act.due_on, proof)
        case RequestKind.OBJECTION:
            return ObjectionForm(act.text, evidence=proof)
        case RequestKind() as kind:
            return AdjustmentForm(kind, act.text, act.cause, act.amount, proof)
        case None:
            raise ValueError("the script does not say what is asked for")


def _decide(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    decision = Decision(act.grant, act.reason, act.due_on, act.amount)
    requests.decide(db, actor, clock, stage.rows[subject], decision)


def _extend(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    form = ExtendForm(act.reason or "", act.cause, act.due_on)
    extending.extend(db, actor, clock, stage.rows[subject], form)


def _resume(stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act) -> None:
    extending.resume(db, actor, clock, stage.rows[subject], act.reason)


def _sign_off(
    stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act
) -> None:
    """Sign what waits for the head."""
    waiting = signatures.open_sign_off(db, db.get_one(Assignment, stage.rows[subject]))
    if waiting is None:
        raise ValueError(f"nothing waits for a signature on {subject}")
    signing.sign(db, actor, clock, waiting.assignment_id, waiting.id)


def _find_untrue(
    stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act
) -> None:
    """Find the evidence handed in last untrue."""
    row_id = stage.rows[subject]
    proven = select(Submission.id).where(
        Submission.assignment_id == row_id, Submission.evidence.any()
    )
    latest = db.scalars(proven.order_by(Submission.number.desc()).limit(1)).one()
    findings.find_untrue(db, actor, clock, row_id, FindingForm(latest, act.reason or ""))


def _revoke_finding(
    stage: Stage, db: Session, actor: Actor, clock: Clock, subject: str, act: Act
) -> None:
    findings.revoke_finding(db, actor, clock, stage.rows[subject], act.reason or "")


_PLAYS: Mapping[Do, Play] = {
    Do.GIVE: _give,
    Do.ISSUE: _issue,
    Do.SIGN: _sign,
    Do.REPORT: _report,
    Do.CONFIRM: _confirm,
    Do.SUBMIT: _submit,
    Do.WITHDRAW: _withdraw,
    Do.ACCEPT: _accept,
    Do.RETURN: _return,
    Do.REOPEN: _reopen,
    Do.CANCEL: _cancel,
    Do.REASSIGN: _reassign,
    Do.URGE: _urge,
    Do.ANSWER: _answer,
    Do.SETTLE: _settle,
    Do.ASK: _ask,
    Do.DECIDE: _decide,
    Do.EXTEND: _extend,
    Do.RESUME: _resume,
    Do.SIGN_OFF: _sign_off,
    Do.FIND_UNTRUE: _find_untrue,
    Do.REVOKE_FINDING: _revoke_finding,
}
