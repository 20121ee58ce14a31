"""Commands that go on until they are stopped."""

from __future__ import annotations

import logging
import os
import sys

import click

from planner import server
from planner.cli.common import Refused, ready, runtime
from planner.services import installation
from planner.services.alarm import check
from planner.services.readiness import provisional_years
from planner.worker import run_worker


@click.command()
def serve() -> None:
    """Answer pages and run the worker until stopped."""
    parts = ready()
    with parts.sessions.reading() as session:
        demonstration = installation.is_demo(session)
        clock = parts.clock(session)
    parts.sessions.engine.dispose()
    if parts.settings.today and not demonstration:
        click.echo(
            f"Warning: PLANNER_TODAY holds the business date at {parts.settings.today} "
            "on a database that is not the demonstration.",
            err=True,
        )
    if years := provisional_years(clock.calendar, clock.today):
        click.echo(
            f"Working days are provisional for {' and '.join(map(str, years))}: "
            "the official notice of days off is not in this version yet.",
            err=True,
        )
    sys.exit(server.serve(parts.settings, click.echo))


@click.command()
@click.option("--once", is_flag=True, help="Do each job one time and end.")
def worker(once: bool) -> None:
    """Send what is due, deliver mail, store figures, clear away; until stopped."""
    if not run_worker(ready(), once):
        logging.shutdown()
        os._exit(0)  # a thread still waits for somebody's answer


@click.command()
def alarm() -> None:
    """Look whether the worker ticks; if not, say so in one line, mail it, and end with 1."""
    wrong = check(runtime())
    if wrong is not None:
        raise Refused(str(wrong))
