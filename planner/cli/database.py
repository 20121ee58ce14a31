"""Commands that make and fill the database."""

from __future__ import annotations

from pathlib import Path

import click

from planner import demo, migrate, planfile, seeding
from planner.cli.common import Refused, ready, runtime
from planner.domain.actor import command
from planner.services.schema_check import differences


@click.group()
def db() -> None:
    """The database's tables."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the database to the present tables."""
    parts = runtime()
    migrate.upgrade(parts.sessions.engine)
    click.echo(f"The database is at {migrate.head()}.")


@db.command("check")
def check() -> None:
    """Prove that migrations and models describe the same tables."""
    found = differences()
    if found:
        raise Refused("migrations and models differ:\n" + "\n".join(found))
    click.echo("Migrations and models describe the same tables.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def seed(file: Path) -> None:
    """Read a plan file; a second time changes only what still stands as last seeded."""
    parts, wanted = ready(), planfile.load(file)
    with parts.sessions.writing() as session:
        report = seeding.seed_file(session, command("seed"), parts.clock(), wanted)
        session.commit()
    for sentence in report.sentences():
        click.echo(sentence)


@click.command("demo")
def play_demo() -> None:
    """Fill a new database with the plan and an invented history; a second time does nothing."""
    parts = runtime()
    migrate.upgrade(parts.sessions.engine)
    if demo.play(parts, click.echo):
        click.echo("The demonstration is ready.")
    else:
        click.echo("The database holds the demonstration already.")
