"""A year in the life of the cast's plan, played through the ordinary verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from planner.domain.words import Cause, ReturnKind
from planner.models import ProofItem, Submission
from planner.services import breakdown, handing_in, reviewing, steering
from planner.services.acceptance import AcceptForm
from planner.services.evidence import EvidenceForm
from planner.services.handing_in import SubmissionForm
from planner.services.reviewing import ReturnForm
from planner.services.steering import CancelForm
from tests.support.cast import Cast

PROOF = EvidenceForm(links=("https://example.org/proof",))
END = date(2024, 12, 31)


def play(cast: Cast, until: date = END) -> None:
    """Everything that happened in 2024, up to and with a day."""
    for day, act in acts(cast):
        if day <= until:
            act(day)


def acts(cast: Cast) -> Iterator[tuple[date, Callable[[date], None]]]:
    """Each act with its day: issued, returned, accepted, reopened, confirmed, late, cancelled."""
    yield date(2024, 2, 5), lambda day: _issue(cast, day)
    yield date(2024, 3, 1), lambda day: _submit(cast, day, cast.edu_row)
    yield date(2024, 3, 5), lambda day: _return(cast, day, cast.edu_row, ReturnKind.REJECT)
    yield date(2024, 3, 8), lambda day: _submit(cast, day, cast.edu_row)
    yield date(2024, 3, 12), lambda day: _accept(cast, day, cast.edu_row)
    yield date(2024, 5, 10), lambda day: _report(cast, day, cast.charger_row, Decimal(2))
    yield date(2024, 5, 20), lambda day: _confirm(cast, day, cast.charger_row, Decimal(1))
    yield date(2024, 6, 3), lambda day: _reopen(cast, day, cast.edu_row)
    yield date(2024, 6, 14), lambda day: _submit(cast, day, cast.edu_row)
    yield date(2024, 6, 28), lambda day: _accept(cast, day, cast.edu_row)
    yield date(2024, 8, 1), lambda day: _cancel(cast, day, cast.health_row)
    yield date(2024, 12, 19), lambda day: _submit(cast, day, cast.charger_node, Decimal(1))
    yield date(2024, 12, 24), lambda day: _accept(cast, day, cast.charger_node, Decimal(1))


def _issue(cast: Cast, day: date) -> None:
    rows = {
        cast.edu_row: "edu",
        cast.charger_row: "edu",
        cast.charger_node: "edu",
        cast.health_row: "health",
        cast.lead_row: "coordinator",
    }
    for assignment_id, liaison in rows.items():
        cast.do_on(day, breakdown.issue, "coordinator", assignment_id)
        cast.do_on(day, handing_in.acknowledge, liaison, assignment_id)


def _submit(cast: Cast, day: date, assignment_id: int, amount: Decimal | None = None) -> None:
    form = SubmissionForm("办结，请审核。", amount=amount, evidence=PROOF)
    cast.do_on(day, handing_in.submit, "edu", assignment_id, form)


def _report(cast: Cast, day: date, assignment_id: int, amount: Decimal) -> None:
    form = SubmissionForm("正在推进。", percent=50, amount=amount, evidence=PROOF)
    cast.do_on(day, handing_in.report, "edu", assignment_id, form)


def _return(cast: Cast, day: date, assignment_id: int, kind: ReturnKind) -> None:
    form = ReturnForm(kind, "材料无法打开。")
    cast.do_on(day, reviewing.return_, "coordinator", assignment_id, form)


def _accept(cast: Cast, day: date, assignment_id: int, amount: Decimal | None = None) -> None:
    with cast.reading() as db:
        ticked = frozenset(db.scalars(select(ProofItem.id)))
    form = AcceptForm(ticked=ticked, amount=amount)
    cast.do_on(day, reviewing.accept, "coordinator", assignment_id, form)


def _confirm(cast: Cast, day: date, assignment_id: int, amount: Decimal) -> None:
    with cast.reading() as db:
        report = db.scalars(
            select(Submission.id).where(Submission.assignment_id == assignment_id)
        ).one()
    cast.do_on(day, reviewing.confirm, "coordinator", assignment_id, report, amount)


def _reopen(cast: Cast, day: date, assignment_id: int) -> None:
    cast.do_on(day, reviewing.reopen, "coordinator", assignment_id, "现场与材料不符。", True)


def _cancel(cast: Cast, day: date, assignment_id: int) -> None:
    form = CancelForm("职能划出。", Cause.CHANGE_OF_DUTIES, "测试〔2024〕8号")
    cast.do_on(day, steering.cancel, "coordinator", assignment_id, form)
