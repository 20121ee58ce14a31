"""The `planner` command."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from planner import demo, migrate, planfile, seeding, server
from planner.config import BadSetting, load
from planner.domain.actor import Role, command
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, DomainError
from planner.domain.scoring import Period
from planner.domain.text import t
from planner.jobs import run_worker
from planner.models import Plan, Unit
from planner.runtime import Runtime
from planner.services import accounts, installation, passwords, plans, reminders, scores
from planner.services.accounts import AccountForm
from planner.services.schema_check import differences

NO_PLAN = "there is no plan yet: run `planner seed FILE` or `planner demo`"


class Refused(click.ClickException):
    """One clear line on the error output instead of a traceback."""


class BadEnvironment(Refused):
    """A setting cannot be used."""

    exit_code = 2


class Commands(click.Group):
    """Commands whose refusals are told, not thrown: settings end with 2, all others with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BadSetting as error:
            raise BadEnvironment(str(error)) from error
        except DomainError as error:
            raise Refused(str(error)) from error
        except (OperationalError, ProgrammingError) as error:
            raise Refused(f"the database cannot be used: {str(error.orig).strip()}") from error


def runtime() -> Runtime:
    """The parts of this process, from the environment."""
    return Runtime(load(os.environ))


def ready() -> Runtime:
    """The same, once it is sure that the database has the present tables."""
    parts = runtime()
    with parts.sessions.engine.connect() as connection:
        at = migrate.current(connection)
    if at != migrate.head():
        raise Refused("the database has not the present tables: run `planner db upgrade`")
    return parts


def a_date(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """A business date such as 2024-10-15."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a date such as 2024-10-15") from error


def clock_of(parts: Runtime, today: date | None) -> Clock:
    """The clock, on another business date if one is given."""
    return replace(parts.clock(), today=today) if today else parts.clock()


def the_plan(db: Session) -> Plan:
    """The plan, or a word on how to get one."""
    plan = plans.find_plan(db)
    if plan is None:
        raise Refused(NO_PLAN)
    return plan


def print_json(data: object) -> None:
    """JSON that a person can read too."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")
on_day = click.option("--today", callback=a_date, metavar="D", help="Business date, YYYY-MM-DD.")


@click.group(cls=Commands)
@click.version_option(package_name="planner")
def main() -> None:
    """Break a published plan down into yearly duties, and see that they happen."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for name in ("alembic", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)


@main.group()
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


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def seed(file: Path) -> None:
    """Read a plan file; a second time changes only what still stands as last seeded."""
    parts, wanted = ready(), planfile.load(file)
    with parts.sessions.writing() as session:
        report = seeding.seed_file(session, command("seed"), parts.clock(), wanted)
        session.commit()
    for sentence in report.sentences():
        click.echo(sentence)


@main.command("demo")
def play_demo() -> None:
    """Fill a new database with the plan and an invented history; a second time does nothing."""
    parts = runtime()
    migrate.upgrade(parts.sessions.engine)
    if demo.play(parts, click.echo):
        click.echo("The demonstration is ready.")
    else:
        click.echo("The database holds the demonstration already.")


@main.command()
def serve() -> None:
    """Answer pages and run the worker until stopped."""
    parts = ready()
    with parts.sessions.reading() as session:
        demonstration = installation.is_demo(session)
    parts.sessions.engine.dispose()
    if parts.settings.today and not demonstration:
        click.echo(
            f"Warning: PLANNER_TODAY holds the business date at {parts.settings.today} "
            "on a database that is not the demonstration.",
            err=True,
        )
    sys.exit(server.serve(parts.settings, click.echo))


@main.command()
@click.option("--once", is_flag=True, help="Do each job one time and end.")
def worker(once: bool) -> None:
    """Send what is due, deliver mail, store figures, clear away; until stopped."""
    run_worker(ready(), once)


@main.command()
@on_day
@click.option("--dry-run", is_flag=True, help="Only show what is due.")
@as_json
def remind(today: date | None, dry_run: bool, json_: bool) -> None:
    """Send the reminders that are due and not yet recorded, whatever the hour."""
    parts = ready()
    clock = clock_of(parts, today)
    with parts.sessions.reading() as session:
        plan = the_plan(session)
        rules = plans.reminder_rules(session, plan)
        found = reminders.due_reminders(session, plan, clock.today, parts.calendar, rules)
    if not dry_run:
        for mine in reminders.by_recipient(found).values():
            with parts.sessions.writing() as session:
                reminders.materialise(session, clock, mine)
                session.commit()
    rows = reminders.remind_json(found)
    if json_:
        print_json(rows)
        return
    for row in rows:
        click.echo("{recipient}\t{level}\t{family}\t{task}\t{unit}\t{due}".format(**row))
    click.echo(f"Reminders {'due' if dry_run else 'sent'}: {len(rows)}")


@main.command()
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


@main.group()
def user() -> None:
    """Accounts."""


from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from input.")


def typed_password(from_input: bool) -> str:
    """The password: prompted twice, or the first line of the input; never an argument."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([str(r) for r in Role])
)
@click.option("--unit", metavar="U", help="Key or name of the person's unit.")
@click.option("--email", help="Where mail goes.")
@from_stdin
def add_user(
    username: str,
    name: str,
    roles: tuple[str, ...],
    unit: str | None,
    email: str | None,
    password_stdin: bool,
) -> None:
    """Make an account, for example the first administrator's."""
    parts = ready()
    new = passwords.new_password(typed_password(password_stdin), username)
    with parts.sessions.writing() as session:
        form = AccountForm(name, frozenset(map(Role, roles)), _unit_id(session, unit), email)
        made = accounts.add_user(session, command("user add"), parts.clock(), username, form, new)
        session.commit()
    click.echo(f"{made.username} can log in now.")


def _unit_id(session: Session, wanted: str | None) -> int | None:
    if wanted is None:
        return None
    found = session.scalar(select(Unit.id).where((Unit.key == wanted) | (Unit.name == wanted)))
    if found is None:
        raise BadInput(t("There is no unit %(unit)s.", unit=wanted))
    return found


@user.command("passwd")
@click.argument("username")
@from_stdin
def reset_password(username: str, password_stdin: bool) -> None:
    """Give a person a new password; their sessions end."""
    parts = ready()
    with parts.sessions.reading() as session:
        found = accounts.find_user(session, username)
    new = passwords.new_password(typed_password(password_stdin), found.username)
    with parts.sessions.writing() as session:
        accounts.reset_password(session, command("user passwd"), parts.clock(), found.id, new)
        session.commit()
    click.echo(f"{found.username} has a new password.")


@user.command("disable")
@click.argument("username")
def disable_user(username: str) -> None:
    """Keep a person out from now on; what they did stays."""
    parts = ready()
    with parts.sessions.writing() as session:
        found = accounts.find_user(session, username)
        accounts.disable_user(session, command("user disable"), parts.clock(), found.id)
        session.commit()
    click.echo(f"{found.username} cannot log in any more.")


if __name__ == "__main__":
    main()
