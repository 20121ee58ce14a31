"""Each form is carried out once."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, Repeated
from planner.domain.text import t
from planner.models import SentForm

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def use(db: Session, actor: Actor, clock: Clock, token: str) -> None:
    """Spend a form's token, first thing in its transaction.

    Raises Repeated if it was spent, BadInput if no form of ours made it.
    """
    if actor.user_id is None:
        raise ValueError("only people send forms")
    if not _TOKEN.fullmatch(token):
        raise BadInput(t("This form is damaged. Please open the page again."))
    if db.scalar(select(SentForm.token).where(SentForm.token == token)):
        raise Repeated
    db.add(SentForm(token=token, user_id=actor.user_id, at=clock.now))
    try:
        db.flush()
    except IntegrityError as error:
        db.rollback()
        raise Repeated from error
