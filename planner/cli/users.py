"""Commands that keep accounts."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.cli.common import ready
from planner.domain.actor import Role, command
from planner.domain.errors import BadInput
from planner.domain.text import t
from planner.models import Unit
from planner.services import accounts, passwords
from planner.services.accounts import AccountForm


@click.group()
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
