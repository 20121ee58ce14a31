"""Evidence and the stored files behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.db import Base
from planner.domain.words import EvidenceKind
from planner.models.columns import At, Code, Id, Sha256, UserId, one_filled, one_of

if TYPE_CHECKING:
    from planner.models.indicators import IndicatorReading
    from planner.models.people import User
    from planner.models.requests import Request
    from planner.models.work import Submission


class Blob(Base):
    """A stored file by its content; its row is written only after the file is safe on disk."""

    __tablename__ = "blobs"

    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(120))
    stored_at: Mapped[At]
    refreshed_at: Mapped[At] = mapped_column(index=True)


class Evidence(Base):
    """A file or link that belongs to a submission, a request or a reading (佐证材料). Insert-only.

    `cites_id` names the evidence of another submission that this one repeats.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("submission_id", "position"),
        UniqueConstraint("request_id", "position"),
        UniqueConstraint("reading_id", "position"),
        one_filled("submission_id", "request_id", "reading_id", name="one_owner"),
        one_of("kind", EvidenceKind),
        CheckConstraint(
            "(kind = 'file') = (sha256 IS NOT NULL) AND (kind = 'link') = (url IS NOT NULL)",
            name="file_or_link",
        ),
    )

    id: Mapped[Id]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    position: Mapped[int]
    kind: Mapped[Code]
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"), index=True)
    url: Mapped[str | None] = mapped_column(String(2000))
    cites_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("indicator_readings.id"))

    submission: Mapped[Submission | None] = relationship(back_populates="evidence")
    request: Mapped[Request | None] = relationship(back_populates="evidence")
    reading: Mapped[IndicatorReading | None] = relationship(back_populates="evidence")
    blob: Mapped[Blob | None] = relationship(lazy="joined")

    @property
    def owner(self) -> Submission | Request | IndicatorReading:
        """What it proves. Raises ValueError for a row that the database would refuse."""
        owner = self.submission or self.request or self.reading
        if owner is None:
            raise ValueError(f"evidence {self.id} belongs to nothing")
        return owner


class StagedFile(Base):
    """An uploaded file that nothing holds yet; it waits 7 days for its form.

    One that is to be signed off waits for the head, however long that takes. It is for a form of
    an assignment, or for one of an indicator.
    """

    __tablename__ = "staged_files"
    __table_args__ = (one_filled("assignment_id", "indicator_id", name="one_place"),)

    id: Mapped[Id]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UserId]
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"), index=True)
    sign_off_id: Mapped[int | None] = mapped_column(ForeignKey("sign_offs.id"), index=True)
    at: Mapped[At] = mapped_column(index=True)

    blob: Mapped[Blob] = relationship(lazy="joined")
    user: Mapped[User] = relationship()
