"""Dates for a person's own calendar program, as iCalendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, vText
from icalendar import Event as Component

from planner.documents.official import writable

CALENDAR = "text/calendar; charset=utf-8"
READ_AGAIN = timedelta(hours=2)
"""How long a calendar program may wait before it reads the feed again."""


@dataclass(frozen=True)
class Event:
    """Something that is due on one whole day.

    `uid` names it for ever; `sequence` grows each time its day is moved, `stamp` is when it was
    last set (UTC). `url` leads to its page.
    """

    uid: str
    day: date
    summary: str
    description: str
    category: str
    url: str
    stamp: datetime
    sequence: int = 0


def write_feed(name: str, locale: str, events: Iterable[Event]) -> bytes:
    """A calendar of that name, the same bytes for the same events; without alarms."""
    feed = Calendar()
    feed.add("prodid", f"-//planner//planner//{locale.upper()}")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    for field in ("name", "x-wr-calname"):
        feed.add(field, vText(writable(name)))
    feed.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", f"PT{READ_AGAIN // timedelta(hours=1)}H")
    for event in events:
        feed.add_component(_component(event))
    written: bytes = feed.to_ical()
    return written


def _component(event: Event) -> Component:
    made = Component()
    made.add("uid", event.uid)
    made.add("dtstamp", event.stamp)
    made.add("sequence", event.sequence)
    made.add("dtstart", event.day)
    made.add("dtend", event.day + timedelta(days=1))
    made.add("transp", "TRANSPARENT")
    made.add("summary", writable(event.summary))
    made.add("description", writable(event.description))
    made.add("categories", [writable(event.category)])
    made.add("url", event.url)
    return made
