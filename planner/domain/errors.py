"""What can be refused, and why, in words for a person. Each class is answered in one place."""

from __future__ import annotations

from planner.domain.text import Text, t


class DomainError(Exception):
    """A refusal that a person reads. Nothing was changed when it is raised."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class NotFound(DomainError):
    """There is no such thing, or none that this person may see: the two look the same."""

    def __init__(self) -> None:
        super().__init__(t("There is no such page, or it is not for you."))


class NotAllowed(DomainError):
    """The person is known, and this act is not theirs."""


class InvalidTransition(DomainError):
    """The verb does not start from the state that the assignment is in."""


class Stale(DomainError):
    """Somebody acted since the form was made; what was typed is kept."""


class Repeated(DomainError):
    """The same form was sent before, by a double click or a reload; it was done once."""

    def __init__(self) -> None:
        super().__init__(t("This form was sent before. It was carried out once, not twice."))


class BadInput(DomainError):
    """A value that a rule refuses; `field` names the form field it belongs to, if one."""

    def __init__(self, text: Text, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class TooManyAttempts(DomainError):
    """Somebody tried to log in more often than a person who knows the password needs to."""


class BadUpload(DomainError):
    """A file that cannot be taken in: empty, too large, or not what its name says."""


class Busy(DomainError):
    """The database stayed locked for longer than a person should wait."""

    def __init__(self) -> None:
        super().__init__(
            t("The system is busy just now. Nothing was changed; please try again in a moment.")
        )


class CorruptEvidence(DomainError):
    """A stored file is gone, or is no longer what was handed in; it is not served."""


class StoreUnavailable(DomainError):
    """The place where evidence is kept is full, or cannot be read or written."""


class NoPreview(DomainError):
    """There is no picture of this file or page; the original can still be downloaded."""
