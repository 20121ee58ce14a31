"""What the commands share: refusals in one line, the parts of this process, dates, JSON."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from planner import migrate
from planner.config import BadSetting, load
from planner.domain.clock import Clock
from planner.domain.errors import DomainError
from planner.models import Plan
from planner.runtime import Runtime
from planner.services import plans

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
