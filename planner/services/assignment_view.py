"""Everything that the page of an assignment shows, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from planner.domain.actor import Actor, Role
from planner.domain.clock import Clock
from planner.domain.lifecycle import State
from planner.domain.permissions import Parties
from planner.domain.words import Decision, Method, RequestKind, SignOffOutcome, SubmissionKind
from planner.models import (
    Assignment,
    Evidence,
    Request,
    Review,
    SignOff,
    Submission,
    Suspension,
    UntrueFinding,
)
from planner.services import evidence, handing_in, plans, signatures
from planner.services.findings import findings_of
from planner.services.portions import verified_amount
from planner.services.report_list import ReportLine, lines_of
from planner.services.requests import requests_of
from planner.services.scope import load_assignment, visible_assignments
from planner.services.standing import Standing, standings
from planner.services.steps import parties_of
from planner.services.timeline import submissions_of
from planner.services.urge_list import UrgeStanding, urges_of

MOST_CITABLE = 30


@dataclass(frozen=True)
class AssignmentView:
    """An assignment with what is known of it. `verified` is in its measure.

    `nodes_verified` is what its yearly nodes prove in the same measure.
    `requests` are all, newest first, `request` the open one; `suspension` is the one that still
    lasts.
    `reports` are the periodic ones, oldest first. `sign_off` is the last thing put before the
    head of the unit, for its own people alone.
    `findings` are all that its evidence is untrue, oldest first.
    `parent`, `replaces` and `replaced_by` stand here only where the reader may open them.
    """

    assignment: Assignment
    parties: Parties
    standing: Standing | None
    verified: Decimal
    submissions: Sequence[Submission]
    pending: Submission | None
    returned: Review | None
    request: Request | None
    requests: Sequence[Request]
    urges: Sequence[UrgeStanding]
    suspension: Suspension | None
    nodes: Sequence[Assignment]
    nodes_verified: Decimal
    node_standings: Mapping[int, Standing]
    parent: Assignment | None
    replaces: Assignment | None
    replaced_by: Assignment | None
    reports: Sequence[ReportLine]
    sign_off: SignOff | None
    findings: Sequence[UntrueFinding]

    @property
    def finding(self) -> UntrueFinding | None:
        """The finding that stands."""
        return next((each for each in self.findings if not each.revoked_on), None)

    @property
    def to_sign(self) -> SignOff | None:
        """What waits for the head's signature."""
        return self.sign_off if self.sign_off and self.sign_off.outcome is None else None

    @property
    def to_mend(self) -> SignOff | None:
        """What was not signed and nobody put forward again."""
        unsigned = (SignOffOutcome.SENT_BACK, SignOffOutcome.DROPPED)
        return self.sign_off if self.sign_off and self.sign_off.outcome in unsigned else None

    @property
    def closed_over_it(self) -> bool:
        """Whether nobody took it back: the assignment was closed while it waited."""
        by = self.sign_off.decided_by if self.sign_off else None
        return by is not None and by.unit_id != self.assignment.unit_id

    @property
    def withdrawn(self) -> Submission | None:
        """The completion that the unit withdrew and has not handed in again."""
        rounds = [each for each in self.submissions if each.kind == SubmissionKind.COMPLETION]
        open_again = rounds and self.assignment.state == State.IN_PROGRESS
        return rounds[-1] if open_again and rounds[-1].withdrawn_on else None

    @property
    def adjustable(self) -> Sequence[RequestKind]:
        """What can be asked to be adjusted, as it stands."""
        reduced = () if self.assignment.amount is None else (RequestKind.REDUCTION,)
        paused = RequestKind.RESUMPTION if self.suspension else RequestKind.SUSPENSION
        return (*reduced, paused, RequestKind.EXEMPTION)


def view(db: Session, actor: Actor, clock: Clock, assignment_id: int) -> AssignmentView:
    """The page's facts. Raises NotFound outside the reader's scope."""
    assignment = load_assignment(db, actor, assignment_id)
    related = _related(db, actor, assignment)
    nodes = sorted(
        (each for each in related if each.parent_id == assignment.id),
        key=lambda node: (node.year or 0, node.id),
    )
    by_id = {each.id: each for each in related}
    submissions = submissions_of(db, assignment)
    lights = plans.reminder_rules(db, assignment.task.action.plan).lights
    stand = standings(db, clock, lights, [assignment, *nodes])
    requests = requests_of(db, assignment)
    return AssignmentView(
        assignment=assignment,
        parties=parties_of(db, assignment, clock),
        standing=stand.get(assignment.id),
        verified=verified_amount(assignment),
        submissions=submissions,
        pending=handing_in.pending(db, assignment),
        returned=_returned(assignment, submissions),
        request=next((each for each in requests if each.outcome is None), None),
        requests=requests,
        suspension=next((each for each in assignment.suspensions if not each.ended_on), None),
        urges=urges_of(db, clock, assignment),
        nodes=nodes,
        nodes_verified=sum(
            (verified_amount(each) for each in nodes if each.measure == assignment.measure),
            Decimal(0),
        ),
        node_standings=stand,
        parent=by_id.get(assignment.parent_id or 0),
        replaces=by_id.get(assignment.replaces_id or 0),
        replaced_by=next((each for each in related if each.replaces_id == assignment.id), None),
        reports=lines_of(clock, assignment),
        sign_off=signatures.latest(db, assignment) if _is_own(actor, assignment) else None,
        findings=findings_of(db, assignment),
    )


def _is_own(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor is of the unit that owes it, and may act for it."""
    own = actor.unit_id is not None and actor.unit_id == assignment.unit_id
    return own and actor.has(Role.LIAISON, Role.HEAD, Role.COORDINATOR)


def _returned(assignment: Assignment, submissions: Sequence[Submission]) -> Review | None:
    """The return that the unit still has to answer: of the latest round, while it is reworked."""
    rounds = [each for each in submissions if each.kind == SubmissionKind.COMPLETION]
    if assignment.state != State.IN_PROGRESS or not rounds:
        return None
    return next((r for r in rounds[-1].reviews if r.decision == Decision.RETURN), None)


def _related(db: Session, actor: Actor, assignment: Assignment) -> Sequence[Assignment]:
    """Row, nodes, predecessor and successor, as far as the actor may open them."""
    near = or_(
        Assignment.id.in_([assignment.parent_id or 0, assignment.replaces_id or 0]),
        Assignment.parent_id == assignment.id,
        Assignment.replaces_id == assignment.id,
    )
    return db.scalars(
        select(Assignment)
        .where(near, visible_assignments(actor))
        .options(joinedload(Assignment.unit), selectinload(Assignment.portions))
        .order_by(Assignment.id)
    ).all()


def confirmable(view: AssignmentView, actor: Actor) -> list[Submission]:
    """Progress reports of others with evidence that claim more than is verified; newest first.

    `review_queue` asks the same of all assignments at once.
    """
    if view.assignment.method != Method.PROPORTIONAL:
        return []
    return [
        each
        for each in reversed(view.submissions)
        if each.kind == SubmissionKind.PROGRESS
        and each.evidence
        and each.amount is not None
        and each.amount > view.verified
        and each.by_id != actor.user_id
    ]


def doubtable(view: AssignmentView, actor: Actor) -> list[Submission]:
    """Submissions of others with evidence, which could be found untrue; newest first."""
    return [
        each for each in reversed(view.submissions) if each.evidence and each.by_id != actor.user_id
    ]


def open_amount(view: AssignmentView) -> Decimal | None:
    """What the waiting completion claims beyond what is verified already."""
    if view.pending is None or view.pending.amount is None:
        return None
    return max(Decimal(0), view.pending.amount - view.verified)


def citable(db: Session, actor: Actor, view: AssignmentView) -> Sequence[Evidence]:
    """Proof that the actor's unit handed in for something else, or withdrew; the newest only."""
    withdrawn = view.withdrawn.id if view.withdrawn else 0
    elsewhere = Submission.assignment_id != view.assignment.id
    query = evidence.citable(actor).where(or_(elsewhere, Submission.id == withdrawn))
    return db.scalars(query.order_by(Evidence.id.desc()).limit(MOST_CITABLE)).all()
