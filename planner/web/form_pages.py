"""The pages that forms stand on: where to go when a form's own address can only take forms."""

from __future__ import annotations

from flask import current_app
from werkzeug.exceptions import HTTPException


def opens(path: str) -> bool:
    """Whether there is a page at this path."""
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return False
    return True


def page_of(path: str) -> str:
    """The page at the path, or the nearest one above it: a form's address lies below its page."""
    while not opens(path) and path.strip("/"):
        path = path.rpartition("/")[0] or "/"
    return path
