"""Issuing several drafts, each in a transaction of its own, so that nobody waits for all."""

from __future__ import annotations

from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, DomainError, NotFound, Repeated
from planner.domain.text import t
from planner.models import Assignment
from planner.services import breakdown, forms
from planner.services.scope import load_assignment


def issue_one_of_many(
    db: Session, actor: Actor, clock: Clock, draft_id: int, seen: int, token: str
) -> Assignment | None:
    """Issue one of the drafts that a form chose; nothing if this very form issued it before.

    Raises BadInput with the draft's name and the reason if it cannot be issued, NotFound for one
    outside the actor's scope.
    """
    try:
        forms.use(db, actor, clock, f"{token}-{draft_id}")
        return breakdown.issue(db, actor, clock, draft_id, seen)
    except Repeated:
        return None
    except NotFound:
        raise
    except DomainError as error:
        raise _named(db, actor, draft_id, error) from error


def _named(db: Session, actor: Actor, draft_id: int, error: DomainError) -> BadInput:
    draft = load_assignment(db, actor, draft_id)
    return BadInput(
        t(
            "“%(number)s %(text)s” was not issued: %(reason)s",
            number=draft.task.number,
            text=draft.text,
            reason=error.text,
        )
    )
