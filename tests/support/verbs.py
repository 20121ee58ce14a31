"""Short words for the verbs of the services, and for what they leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from sqlalchemy import select

from planner.db import Base
from planner.models import Assignment, JournalEntry, Message, Portion, ProofItem, StagedFile, User
from planner.services import breakdown, evidence, handing_in, reviewing
from planner.services.acceptance import AcceptForm
from planner.services.evidence import EvidenceForm
from planner.services.handing_in import SubmissionForm
from planner.storage import StoredFile
from tests.support.cast import TODAY, Cast
from tests.support.files import png

PROOF = EvidenceForm(links=("https://example.org/proof",))
BEFORE, AFTER = TODAY, date(2024, 12, 20)
"""Days before and after the due date of 10 December."""

Dump = Mapping[str, list[tuple[Any, ...]]]


def start(cast: Cast, assignment_id: int, liaison: str = "edu", day: date = TODAY) -> int:
    """Issue and sign for; returns the id."""
    cast.do_on(day, breakdown.issue, "coordinator", assignment_id)
    cast.do_on(day, handing_in.acknowledge, liaison, assignment_id)
    return assignment_id


def report(
    cast: Cast,
    assignment_id: int,
    amount: str | None = None,
    *,
    liaison: str = "edu",
    day: date = TODAY,
    proof: EvidenceForm = PROOF,
) -> int:
    """Report progress; returns the submission's id."""
    form = SubmissionForm("正在推进。", percent=50, amount=_number(amount), evidence=proof)
    return cast.do_on(day, handing_in.report, liaison, assignment_id, form).id


def submit(
    cast: Cast,
    assignment_id: int,
    amount: str | None = None,
    *,
    liaison: str = "edu",
    day: date = TODAY,
    proof: EvidenceForm = PROOF,
) -> int:
    """Submit for completion; returns the submission's id."""
    form = SubmissionForm("已完成。", amount=_number(amount), evidence=proof)
    return cast.do_on(day, handing_in.submit, liaison, assignment_id, form).id


def ticked(cast: Cast) -> frozenset[int]:
    """All items of all proof lists."""
    with cast.reading() as db:
        return frozenset(db.scalars(select(ProofItem.id)))


def accept(
    cast: Cast,
    assignment_id: int,
    amount: str | None = None,
    *,
    who: str = "coordinator",
    day: date = TODAY,
    **form: Any,
) -> int:
    """Accept with the whole proof list ticked; returns the review's id."""
    acceptance = AcceptForm(**{"ticked": ticked(cast), "amount": _number(amount), **form})
    return cast.do_on(day, reviewing.accept, who, assignment_id, acceptance).id


def stage(
    cast: Cast, assignment_id: int, liaison: str = "edu", content: bytes | None = None
) -> str:
    """Upload a picture for a form; returns its token."""
    return stage_stored(cast, assignment_id, liaison, receive(cast, content)).token


def receive(cast: Cast, content: bytes | None = None, name: str = "现场.png") -> StoredFile:
    """Bring a file into the store, as an upload does before its transaction."""
    return cast.runtime.store.receive(BytesIO(content or png()), name, 1 << 20)


def stage_stored(cast: Cast, assignment_id: int, liaison: str, stored: StoredFile) -> StagedFile:
    """Stage a file that is in the store."""
    return cast.do(evidence.stage, liaison, assignment_id, stored)


def found(cast: Cast, assignment_id: int) -> Assignment:
    """The assignment as it stands; only its own columns are loaded."""
    with cast.reading() as db:
        return db.get_one(Assignment, assignment_id)


def state(cast: Cast, assignment_id: int) -> str:
    """Its state."""
    return found(cast, assignment_id).state


def last_entry(cast: Cast, assignment_id: int, verb: str | None = None) -> JournalEntry:
    """The newest act on it, or the newest of that verb."""
    query = select(JournalEntry).where(JournalEntry.assignment_id == assignment_id)
    if verb is not None:
        query = query.where(JournalEntry.verb == verb)
    with cast.reading() as db:
        entry = db.scalars(query.order_by(JournalEntry.id.desc())).first()
    assert entry is not None
    return entry


def told(cast: Cast, assignment_id: int, verb: str | None = None) -> set[str]:
    """Usernames of those who were told of that act."""
    entry = last_entry(cast, assignment_id, verb)
    query = select(User.username).join(Message, Message.recipient_id == User.id)
    with cast.reading() as db:
        return set(db.scalars(query.where(Message.key == f"event:{entry.id}")))


def standing_portions(cast: Cast, assignment_id: int) -> list[Decimal]:
    """Amounts of the portions that were not withdrawn, oldest first."""
    query = select(Portion.amount).where(
        Portion.assignment_id == assignment_id, Portion.withdrawn_on.is_(None)
    )
    with cast.reading() as db:
        return list(db.scalars(query.order_by(Portion.id)))


def dump(cast: Cast) -> Dump:
    """Every row of every table, to see that nothing changed."""
    with cast.reading() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def _number(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
