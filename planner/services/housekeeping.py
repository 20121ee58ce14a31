"""Clearing away what nobody needs: staged files, spent form tokens, old log-ins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from planner.domain.clock import Clock
from planner.models import Blob, Evidence, LoginAttempt, LoginSession, SentForm, StagedFile
from planner.services.evidence import STAGED_FOR
from planner.services.logins import LONGEST_SESSION
from planner.storage import EvidenceStore

KEEP_UNREFERENCED = timedelta(days=1)
KEEP_ATTEMPTS = timedelta(days=7)
KEEP_FORMS = timedelta(days=30)


def forget_staged(db: Session, clock: Clock) -> int:
    """Delete the staged files that waited 7 days for their form; how many.

    What waits for a head's signature is in its form already.
    """
    old = delete(StagedFile).where(
        StagedFile.at < clock.now - STAGED_FOR, StagedFile.sign_off_id.is_(None)
    )
    return len(db.scalars(old.returning(StagedFile.id)).all())


def forget_blobs(db: Session, clock: Clock) -> list[str]:
    """Delete the rows of files that nothing refers to for a day; their hashes.

    Files that no row knows are not seen here: `unknown_files` finds them. Whoever uploads the
    same content meanwhile refreshes the row, so that this very statement passes it over.
    """
    old = delete(Blob).where(
        Blob.refreshed_at < clock.now - KEEP_UNREFERENCED,
        ~exists().where(Evidence.sha256 == Blob.sha256),
        ~exists().where(StagedFile.sha256 == Blob.sha256),
    )
    return sorted(db.scalars(old.returning(Blob.sha256)).all())


def unknown_files(db: Session, store: EvidenceStore, clock: Clock) -> list[str]:
    """Hashes of files that are older than a day and have no row: an upload that broke off."""
    candidates = set(store.sweep_candidates(clock.now - KEEP_UNREFERENCED))
    if not candidates:
        return []
    return sorted(candidates - set(db.scalars(select(Blob.sha256))))


def remove_files(store: EvidenceStore, hashes: Iterable[str], now: datetime) -> int:
    """Delete files whose rows are gone, after the commit, unless they arrived again; how many."""
    return sum(store.remove(each, now - KEEP_UNREFERENCED) for each in hashes)


def forget_attempts(db: Session, clock: Clock) -> int:
    """Delete failed log-ins that no limit counts any more; how many."""
    old = delete(LoginAttempt).where(LoginAttempt.at < clock.now - KEEP_ATTEMPTS)
    return len(db.scalars(old.returning(LoginAttempt.id)).all())


def forget_sessions(db: Session, clock: Clock) -> int:
    """Delete the sessions that are too old to open anything; how many."""
    old = delete(LoginSession).where(LoginSession.at < clock.now - LONGEST_SESSION)
    return len(db.scalars(old.returning(LoginSession.id)).all())


def forget_forms(db: Session, clock: Clock) -> int:
    """Delete the tokens of forms sent so long ago that nobody sends them again; how many."""
    old = delete(SentForm).where(SentForm.at < clock.now - KEEP_FORMS)
    return len(db.scalars(old.returning(SentForm.token)).all())
