"""Settings made into the parts that work with them: sessions, store, channels, calendar, clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.calendars import load_calendar
from planner.channels import MailChannel, open_mail_channel
from planner.config import Settings
from planner.db import Sessions, make_engine
from planner.domain.clock import Clock, instant
from planner.domain.workdays import WorkCalendar
from planner.i18n import Languages
from planner.links import Links
from planner.models import CalendarDay
from planner.robots import RobotChannel, open_robot_channel
from planner.storage import EvidenceStore, open_store

CALENDAR_YEARS = (2010, 2045)
"""First and last year that the working calendar knows."""


@dataclass(frozen=True)
class Runtime:
    """One process's parts, each made when first used: engines must be made after a fork."""

    settings: Settings
    _calendars: dict[tuple[tuple[date, bool], ...], WorkCalendar] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

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
    def official_calendar(self) -> WorkCalendar:
        """The working days as the notices have them."""
        return load_calendar(*CALENDAR_YEARS)

    def calendar(self, db: Session | None = None) -> WorkCalendar:
        """The working days as they stand: the official ones, and what was settled by hand.

        Read afresh with each call, through `db` where one is at hand: a day that the
        administrator settles holds at once in every process.
        """
        if db is not None:
            return self._overridden(_settled_by_hand(db))
        with self.sessions.reading() as own:
            return self._overridden(_settled_by_hand(own))

    def _overridden(self, days: tuple[tuple[date, bool], ...]) -> WorkCalendar:
        if days not in self._calendars:
            self._calendars.clear()
            self._calendars[days] = self.official_calendar.overridden(days)
        return self._calendars[days]

    @cached_property
    def languages(self) -> Languages:
        """The languages of the interface."""
        return Languages(self.settings.locale)

    @cached_property
    def links(self) -> Links:
        """Absolute addresses of pages, for mails."""
        return Links(self.settings.base_url)

    def clock(self, db: Session | None = None) -> Clock:
        """The clock of this moment, in the plan's time zone; the calendar is read through `db`."""
        return Clock.real(self.settings.timezone, self.calendar(db), self.settings.today)

    def now(self) -> datetime:
        """The real instant, UTC, for leases and heartbeats: it needs no database."""
        return instant()


def _settled_by_hand(db: Session) -> tuple[tuple[date, bool], ...]:
    """The last word on each day, without those that were taken back."""
    rows = db.execute(select(CalendarDay.day, CalendarDay.worked).order_by(CalendarDay.id))
    last = {row.day: row.worked for row in rows}
    return tuple((day, worked) for day, worked in sorted(last.items()) if worked is not None)
