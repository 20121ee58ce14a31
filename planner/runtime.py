"""Settings made into the parts that work with them: sessions, store, channels, calendar, clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from planner.calendars import load_calendar
from planner.channels import MailChannel, open_mail_channel
from planner.config import Settings
from planner.db import Sessions, make_engine
from planner.domain.clock import Clock
from planner.domain.workdays import WorkCalendar
from planner.i18n import Languages
from planner.links import Links
from planner.robots import RobotChannel, open_robot_channel
from planner.storage import EvidenceStore, open_store

CALENDAR_YEARS = (2010, 2045)
"""First and last year that the working calendar knows."""


@dataclass(frozen=True)
class Runtime:
    """One process's parts, each made when first used: engines must be made after a fork."""

    settings: Settings

    @cached_property
    def sessions(self) -> Sessions:
        """Sessions on the configured database."""
        return Sessions(make_engine(self.settings.database_url))

    @cached_property
    def store(self) -> EvidenceStore:
        """Where evidence is kept."""
        return open_store(self.settings.evidence_url)

    @cached_property
    def mail(self) -> MailChannel:
        """Where mail goes."""
        return open_mail_channel(self.settings)

    @cached_property
    def robots(self) -> RobotChannel:
        """Where posts to the robots of group chats go."""
        return open_robot_channel(self.settings)

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The official working days."""
        return load_calendar(*CALENDAR_YEARS)

    @cached_property
    def languages(self) -> Languages:
        """The languages of the interface."""
        return Languages(self.settings.locale)

    @cached_property
    def links(self) -> Links:
        """Absolute addresses of pages, for mails."""
        return Links(self.settings.base_url)

    def clock(self) -> Clock:
        """The clock of this moment, in the plan's time zone."""
        return Clock.real(self.settings.timezone, self.calendar, self.settings.today)

    def now(self) -> datetime:
        """The real instant, UTC, for leases and heartbeats: it needs no database."""
        return datetime.now(UTC)
