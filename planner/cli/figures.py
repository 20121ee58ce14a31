"""Commands that say what is due and where everybody stands."""

from __future__ import annotations

from datetime import date
from threading import Event

import click

from planner import jobs
from planner.cli.common import Refused, as_json, clock_of, on_day, print_json, ready, the_plan
from planner.db import Sessions
from planner.domain.clock import Clock
from planner.domain.errors import BadInput
from planner.domain.scores.period import Period
from planner.domain.text import t
from planner.services import accounts, reminders, scores


@click.command()
@on_day
@click.option("--dry-run", is_flag=True, help="Only show what is due.")
@click.option("--only-user", metavar="U", help="Only the reminders of this user name.")
@as_json
def remind(today: date | None, dry_run: bool, only_user: str | None, json_: bool) -> None:
    """Send the reminders that are due and not yet recorded, whatever the hour."""
    parts = ready()
    clock = clock_of(parts, today)
    with parts.sessions.reading() as session:
        the_plan(session)
        reminders.check_day(session, clock.today, parts.clock().today)
        user_id = accounts.find_user(session, only_user).id if only_user else None
    found = jobs.find_due(parts.sessions, clock, user_id)
    if not dry_run:
        _remind(parts.sessions, clock, found)
    rows = reminders.remind_json(found.reminders)
    if json_:
        print_json(rows)
        return
    for row in rows:
        click.echo("{recipient}\t{level}\t{family}\t{task}\t{unit}\t{due}".format(**row))
    click.echo(f"Reminders {'due' if dry_run else 'sent'}: {len(rows)}")


def _remind(sessions: Sessions, clock: Clock, found: jobs.Found) -> None:
    try:
        jobs.remind(sessions, clock, found, jobs.Work(Event()))
    except jobs.Unfinished as error:
        raise Refused(f"not everybody could be reminded: {error}") from error


@click.command()
@on_day
@click.option("--period", metavar="P", help="A year, or plan; default: the year of the date.")
@click.option("--unit", metavar="U", help="Key or name of one unit.")
@as_json
def score(today: date | None, period: str | None, unit: str | None, json_: bool) -> None:
    """Print every unit's score to date with the lines that add up to it."""
    parts = ready()
    clock = clock_of(parts, today)
    with parts.sessions.reading() as session:
        the_plan(session)
        wanted = Period.parse(period or str(clock.today.year))
        found = scores.current_scores(session, clock, wanted)
    data = scores.score_json(found, unit)
    if unit is not None and not data["units"]:
        raise BadInput(t("There is no unit %(unit)s.", unit=unit))
    if json_:
        print_json(data)
        return
    for each in found.units:
        total, grade = each.figures.to_date.total, each.figures.to_date.grade
        if unit in (None, each.unit.key, each.unit.name):
            shown = "—" if total is None else total
            click.echo(f"{each.unit.name}\t{shown}\t{grade.name if grade else '—'}")
