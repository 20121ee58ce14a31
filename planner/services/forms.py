"""Each form is carried out once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import Repeated
from planner.models import SentForm


def use(db: Session, actor: Actor, clock: Clock, token: str) -> None:
    """Spend a form's token, first thing in its transaction. Raises Repeated if it was spent."""
    if actor.user_id is None:
        raise ValueError("only people send forms")
    if db.scalar(select(SentForm.token).where(SentForm.token == token)):
        raise Repeated
    db.add(SentForm(token=token, user_id=actor.user_id, at=clock.now))
    try:
        db.flush()
    except IntegrityError as error:
        db.rollback()
        raise Repeated from error
