"""Evidence: files wait in staging until something takes them; links and citations need none."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.lifecycle import Verb
from planner.domain.readings import ReadingVerb
from planner.domain.text import t
from planner.domain.words import EvidenceKind
from planner.models import (
    Assignment,
    Blob,
    Evidence,
    IndicatorReading,
    Request,
    StagedFile,
    Submission,
)
from planner.services.reading_parties import parties_of_indicator
from planner.services.scope import load_assignment, load_indicator, visible_assignments
from planner.services.steps import parties_of, person_id
from planner.storage import StoredFile

STAGED_FOR = timedelta(days=7)
MAX_ITEMS = 50
"""Pieces of evidence in one submission."""
MAX_URL = 2000


@dataclass(frozen=True)
class EvidenceForm:
    """What a form offers as proof: staged files by token, links, and proof handed in before."""

    tokens: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    cited: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many pieces it holds."""
        return len(self.tokens) + len(self.links) + len(self.cited)


def stage(
    db: Session, actor: Actor, clock: Clock, assignment_id: int, stored: StoredFile
) -> StagedFile:
    """Keep an uploaded file, already safe in the store, for a form of this person.

    Raises NotFound or NotAllowed unless the person may hand something in here.
    """
    assignment = load_assignment(db, actor, assignment_id)
    permissions.require(actor, Verb.REPORT, parties_of(db, assignment, clock))
    return _staged(db, actor, clock, stored, assignment_id=assignment.id)


def stage_for_reading(
    db: Session, actor: Actor, clock: Clock, indicator_id: int, stored: StoredFile
) -> StagedFile:
    """The same for a form in which this person enters a reading of an indicator."""
    indicator = load_indicator(db, actor, indicator_id)
    permissions.require(actor, ReadingVerb.ENTER, parties_of_indicator(db, indicator))
    return _staged(db, actor, clock, stored, indicator_id=indicator.id)


def _staged(
    db: Session, actor: Actor, clock: Clock, stored: StoredFile, **place: int
) -> StagedFile:
    """`place` names the column of what it is for, and its id."""
    _refresh_blob(db, clock, stored)
    staged = StagedFile(
        **place,
        token=secrets.token_urlsafe(24),
        user_id=person_id(actor),
        name=stored.name,
        sha256=stored.sha256,
        at=clock.now,
    )
    db.add(staged)
    db.flush()
    return staged


def _refresh_blob(db: Session, clock: Clock, stored: StoredFile) -> None:
    """The row of a stored file; a known one is marked as just used, so that no sweep takes it."""
    if _refreshed(db, clock, stored):
        return
    try:
        with db.begin_nested():
            db.add(
                Blob(
                    sha256=stored.sha256,
                    size=stored.size,
                    media_type=stored.media_type,
                    stored_at=clock.now,
                    refreshed_at=clock.now,
                )
            )
    except IntegrityError:  # somebody brought the same file at the same moment
        _refreshed(db, clock, stored)


def _refreshed(db: Session, clock: Clock, stored: StoredFile) -> bool:
    known = update(Blob).where(Blob.sha256 == stored.sha256).values(refreshed_at=clock.now)
    return db.scalar(known.returning(Blob.sha256)) is not None


def staged_files(db: Session, actor: Actor, assignment_id: int) -> Sequence[StagedFile]:
    """The files that wait for this person's form on this assignment, oldest first."""
    return db.scalars(
        select(StagedFile)
        .where(
            StagedFile.user_id == actor.user_id,
            StagedFile.assignment_id == assignment_id,
            StagedFile.sign_off_id.is_(None),
        )
        .order_by(StagedFile.id)
    ).all()


def staged_for_reading(db: Session, actor: Actor, indicator_id: int) -> Sequence[StagedFile]:
    """The files that wait for this person's form on this indicator, oldest first."""
    own = StagedFile.user_id == actor.user_id
    waiting = select(StagedFile).where(own, StagedFile.indicator_id == indicator_id)
    return db.scalars(waiting.order_by(StagedFile.id)).all()


def own_staged(db: Session, actor: Actor, token: str) -> StagedFile:
    """A staged file of this person. Raises NotFound for anybody else's."""
    found = db.scalar(
        select(StagedFile).where(StagedFile.token == token, StagedFile.user_id == actor.user_id)
    )
    if found is None:
        raise NotFound
    return found


def load_staged(db: Session, actor: Actor, assignment_id: int, staged_id: int) -> StagedFile:
    """A file that no form holds yet: one's own, or one that waits for the signature in one's unit.

    Raises NotFound for any other.
    """
    assignment = load_assignment(db, actor, assignment_id)
    staged = db.scalar(
        select(StagedFile).where(
            StagedFile.id == staged_id, StagedFile.assignment_id == assignment.id
        )
    )
    if staged is None:
        raise NotFound
    in_unit = staged.sign_off_id is not None and actor.unit_id == assignment.unit_id
    if staged.user_id != actor.user_id and not in_unit:
        raise NotFound
    return staged


def attach(db: Session, actor: Actor, owner: Submission | Request, form: EvidenceForm) -> None:
    """Make what the form offers the evidence of a submission or a request."""
    staged_here = StagedFile.assignment_id == owner.assignment_id
    for piece in _pieces(db, actor, staged_here, form):
        if isinstance(owner, Request):
            piece.request_id = owner.id
        else:
            piece.submission_id = owner.id
        db.add(piece)
    db.flush()


def attach_to_readings(
    db: Session,
    actor: Actor,
    readings: Sequence[IndicatorReading],
    staged_at: Sequence[int],
    form: EvidenceForm,
) -> None:
    """Make what the form offers the evidence of each of the readings.

    Files wait at one of the indicators `staged_at`.
    """
    pieces = _pieces(db, actor, StagedFile.indicator_id.in_(staged_at), form)
    for reading in readings:
        for piece in pieces:
            db.add(
                Evidence(
                    reading_id=reading.id,
                    position=piece.position,
                    kind=piece.kind,
                    name=piece.name,
                    sha256=piece.sha256,
                    url=piece.url,
                    cites_id=piece.cites_id,
                )
            )
    db.flush()


def _pieces(
    db: Session, actor: Actor, staged_here: ColumnElement[bool], form: EvidenceForm
) -> list[Evidence]:
    """What the form offers, numbered, and not in the database yet."""
    if form.count > MAX_ITEMS:
        raise BadInput(t("At most %(limit)s files and links at once.", limit=MAX_ITEMS), "evidence")
    pieces = [
        *(_from_staged(db, actor, staged_here, token) for token in form.tokens),
        *(_from_link(url) for url in form.links),
        *(_from_cited(db, actor, evidence_id) for evidence_id in form.cited),
    ]
    for position, piece in enumerate(pieces, 1):
        piece.position = position
    return pieces


def _from_staged(
    db: Session, actor: Actor, staged_here: ColumnElement[bool], token: str
) -> Evidence:
    staged = db.scalar(
        select(StagedFile).where(
            StagedFile.token == token, StagedFile.user_id == actor.user_id, staged_here
        )
    )
    if staged is None:
        raise BadInput(
            t("An uploaded file waited too long or was taken out: please upload it again."),
            "evidence",
        )
    db.delete(staged)
    return Evidence(kind=EvidenceKind.FILE, name=staged.name, sha256=staged.sha256)


def _from_link(url: str) -> Evidence:
    url = url.strip()
    if len(url) > MAX_URL or not url.isprintable() or " " in url or not _has_host(url):
        raise BadInput(t("A link must be a full address that begins with http."), "links")
    return Evidence(kind=EvidenceKind.LINK, name=url[:255], url=url)


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _from_cited(db: Session, actor: Actor, evidence_id: int) -> Evidence:
    cited = db.scalar(citable(actor).where(Evidence.id == evidence_id))
    if cited is None:
        raise BadInput(t("This proof cannot be cited."), "cited")
    return Evidence(
        kind=cited.kind, name=cited.name, sha256=cited.sha256, url=cited.url, cites_id=cited.id
    )


def citable(actor: Actor) -> Select[Evidence]:
    """The query for proof that the actor's own unit handed in before."""
    return (
        select(Evidence)
        .join(Submission)
        .join(Assignment)
        .where(
            Assignment.unit_id == actor.unit_id,
            visible_assignments(actor),
            Evidence.cites_id.is_(None),
        )
    )


def load(db: Session, actor: Actor, assignment_id: int, evidence_id: int) -> Evidence:
    """A piece of evidence through its assignment and the actor's scope. Raises NotFound."""
    assignment = load_assignment(db, actor, assignment_id)
    found = db.scalar(
        select(Evidence)
        .outerjoin(Submission)
        .outerjoin(Request)
        .where(
            Evidence.id == evidence_id,
            or_(Submission.assignment_id == assignment.id, Request.assignment_id == assignment.id),
        )
    )
    if found is None:
        raise NotFound
    return found


def load_of_reading(db: Session, actor: Actor, indicator_id: int, evidence_id: int) -> Evidence:
    """A reading's evidence through its indicator and the actor's scope. Raises NotFound."""
    indicator = load_indicator(db, actor, indicator_id)
    found = db.scalar(
        select(Evidence)
        .join(Evidence.reading)
        .where(Evidence.id == evidence_id, IndicatorReading.indicator_id == indicator.id)
    )
    if found is None:
        raise NotFound
    return found
