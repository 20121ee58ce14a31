"""The `planner` command."""

from __future__ import annotations

import logging

import click

from planner.cli.common import Commands
from planner.cli.database import db, play_demo, seed
from planner.cli.figures import remind, score
from planner.cli.proof import verify
from planner.cli.running import alarm, serve, worker
from planner.cli.users import user


@click.group(cls=Commands)
@click.version_option(package_name="planner")
def main() -> None:
    """Break a published plan down into yearly duties, and see that they happen."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for name in ("alembic", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


for each in (db, seed, play_demo, serve, worker, alarm, remind, score, verify, user):
    main.add_command(each)
