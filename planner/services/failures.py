"""Why a message was not delivered: kept with the message, read in any language."""

from __future__ import annotations

import json

from planner.domain.text import Text, from_json, to_json
from planner.models import Message


def as_error(reason: Text) -> str:
    """A reason as `Message.error` keeps it."""
    return json.dumps(to_json(reason), ensure_ascii=False)


def error_of(message: Message) -> Text | None:
    """Why the last attempt failed; nothing if none did.

    Raises ValueError for what `as_error` did not write.
    """
    if message.error is None:
        return None
    reason = from_json(json.loads(message.error))
    if not isinstance(reason, Text):
        raise ValueError(f"not a reason: {message.error!r}")
    return reason
