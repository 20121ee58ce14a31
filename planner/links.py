"""Absolute addresses of pages, for mails and other places outside a request."""

from __future__ import annotations

from urllib.parse import urlsplit


class Links:
    """Addresses under `base_url`, which may have a path and a slash at its end."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")

    def host(self) -> str:
        """The name of the machine that the pages are on."""
        return urlsplit(self._base).hostname or "planner"

    def my_work(self) -> str:
        """The page that a person begins with."""
        return f"{self._base}/"

    def page(self, path: str) -> str:
        """Any page by its path, which begins with a slash."""
        return f"{self._base}{path}"

    def inbox(self) -> str:
        """The person's messages."""
        return f"{self._base}/inbox"

    def task(self, task_id: int) -> str:
        """One task with its assignments."""
        return f"{self._base}/tasks/{task_id}"

    def assignment(self, assignment_id: int) -> str:
        """One assignment with its time line."""
        return f"{self._base}/assignments/{assignment_id}"

    def feed(self, token: str) -> str:
        """The secret address of a person's calendar."""
        return self.page(f"/feed/{token}.ics")
