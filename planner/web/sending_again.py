"""Sending messages once more, from whichever list they stand in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for

from planner.domain.text import t
from planner.models import Message
from planner.services.resending import address_of
from planner.web.context import actor, clock
from planner.web.forms import PlannerForm, carry_out, with_errors


class AgainFields(PlannerForm):
    """Send again: nothing but the button."""


def send_one(
    send: Callable[..., Message], message_id: int, page: Callable[[], str], to: str
) -> Any:
    """One message; `page` shows the list again where it is refused, `to` is its endpoint."""
    form = AgainFields()
    return carry_out(
        form,
        lambda session: send(session, actor(), clock(), message_id),
        done=lambda _message: url_for(to),
        again=lambda: with_errors(form, page),
        said=lambda message: t(
            "The message to %(name)s is sent again within a minute.",
            name=address_of(message).name,
        ),
    )


def send_all(send: Callable[..., int], page: Callable[[], str], to: str) -> Any:
    """All that the list holds."""
    form = AgainFields()
    return carry_out(
        form,
        lambda session: send(session, actor(), clock()),
        done=lambda _count: url_for(to),
        again=lambda: with_errors(form, page),
        said=lambda count: t("Messages that are sent again now: %(count)s.", count=count),
    )
