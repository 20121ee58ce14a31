"""Plays the script into an empty database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from planner import planfile
from planner.demo import assessing, metering
from planner.demo.programme import Scene, clock_at, days, scenes
from planner.demo.script import PLAN, Asked, Player, Script, Standard, load_players, load_script
from planner.demo.stage import Stage
from planner.domain.actor import Role, command
from planner.domain.clock import Clock
from planner.domain.errors import DomainError
from planner.domain.reporting import Reporting, periods_ending
from planner.domain.text import Text, t
from planner.models import User
from planner.runtime import Runtime
from planner.seeding import one_at_a_time, seed_file
from planner.services import installation, messages, units
from planner.services.accounts import AccountForm, add_user
from planner.services.passwords import DEMO_PASSWORD, PasswordHash, new_password
from planner.services.plans import active_plan, find_plan, reminder_rules
from planner.services.profile import ProfileForm, edit_profile
from planner.services.reminders import due_reminders, materialise
from planner.services.reports import open_periods, set_reporting
from planner.services.rollups import store_missing
from planner.services.tasks import ProofLine, StandardForm, edit_standard

_DAY = timedelta(days=1)

Say = Callable[[Text], None]


def _silently(_text: Text) -> None:
    """Say nothing."""


def play(runtime: Runtime, say: Say = _silently) -> bool:
    """Play the demo into a database without plan and people, and commit; whether it was played.

    A database that holds the demo is left alone. `say` gets a line of progress now and then.
    Raises DomainError if the database holds a plan or people of its own.
    """
    with runtime.sessions.writing() as db:
        one_at_a_time(db)
        if installation.is_demo(db):
            return False
        if find_plan(db) or db.scalar(select(User.id).limit(1)):
            raise DomainError(
                t("This database holds a plan or accounts already: the demo needs an empty one.")
            )
        _play_all(runtime, db.connection(), say)
        installation.mark_demo(db)
        db.commit()
    return True


def _play_all(runtime: Runtime, connection: Connection, say: Say) -> None:
    script, stage, players = load_script(), Stage(runtime), load_players()
    zone, calendar = runtime.settings.timezone, runtime.official_calendar
    seeded = clock_at(script.seeded, timedelta(0), calendar, zone)
    with _step(connection) as db:
        seed_file(db, command("demo"), seeded, planfile.load(PLAN))
        stage.look_around(db)
    programme = [
        *_people(script, stage, players),
        *_standards(script, stage),
        *_reporting(script, stage),
        *_sign_offs(script, stage),
        *metering.scenes(script, stage),
        *scenes(script, stage),
        *assessing.scenes(stage),
        *_inbox(script, stage, players),
    ]
    month = None
    for day in days(programme, calendar, zone):
        if (half := (day.on.year, day.on.month > 6)) != month:
            month = half
            say(t("Playing what happened from %(day)s on", day=day.on))
        with _step(connection) as db:
            for scene, clock in day.scenes:
                scene.run(db, clock)
    say(t("Drawing the trend"))
    _trend(connection, clock_at(script.last_day + _DAY, timedelta(0), calendar, zone))


@contextmanager
def _step(connection: Connection) -> Iterator[Session]:
    """A session of its own, as each request has one, inside the demo's transaction."""
    with Session(
        connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    ) as db:
        yield db
        db.commit()


def _people(script: Script, stage: Stage, players: tuple[Player, ...]) -> Iterator[Scene]:
    """The administrator comes from the command line and lets the others in."""
    password = new_password(DEMO_PASSWORD, "", demo=True)
    for turn, player in enumerate(players):
        first = Role.ADMIN in player.roles
        on = script.seeded if first else script.accounts
        run = partial(_add, stage, player, password)
        yield Scene(on, turn, player.username, run)
        yield Scene(script.last_day, 90, player.username, partial(_give_address, stage, player))


def _add(stage: Stage, player: Player, password: PasswordHash, db: Session, clock: Clock) -> None:
    actor = stage.people.get("admin") or command("demo")
    unit_id = stage.units[player.unit] if player.unit else None
    form = AccountForm(player.name, frozenset(player.roles), unit_id, locale="zh")
    stage.enter(add_user(db, actor, clock, player.username, form, password))


def _give_address(stage: Stage, player: Player, db: Session, clock: Clock) -> None:
    """Only at the end, so that no mails of past years wait for the first worker."""
    form = ProfileForm(f"{player.username}@example.org", "zh")
    edit_profile(db, stage.people[player.username], clock, form)


def _standards(script: Script, stage: Stage) -> Iterator[Scene]:
    for standard in script.standards:
        run = partial(_set_standard, stage, standard)
        yield Scene(script.standards_set, 0, standard.task, run)


def _set_standard(stage: Stage, standard: Standard, db: Session, clock: Clock) -> None:
    proof = [ProofLine(each.item, each.required) for each in standard.proof]
    form = StandardForm(standard.standard, proof)
    edit_standard(db, stage.people["coordinator"], clock, stage.tasks[standard.task], form)


def _reporting(script: Script, stage: Stage) -> Iterator[Scene]:
    """Reports are asked for, and their periods opened on the first working day after each."""
    calendar = stage.runtime.official_calendar
    for asked in script.reporting:
        yield Scene(asked.on, 0, asked.task, partial(_ask, stage, asked))
        for period in periods_ending(asked.every, asked.on, script.last_day - _DAY):
            opened_on = calendar.on_or_after(period.ends_on + _DAY)
            yield Scene(opened_on, -2, asked.task, _open_periods)


def _sign_offs(script: Script, stage: Stage) -> Iterator[Scene]:
    for each in script.sign_offs:
        yield Scene(each.on, 0, each.unit, partial(_let_head_sign, stage, each.unit))


def _let_head_sign(stage: Stage, key: str, db: Session, clock: Clock) -> None:
    unit = units.load_unit(db, stage.units[key])
    form = units.form_of(unit)
    edited = replace(form, sign_off=True)
    units.edit_unit(db, stage.people["admin"], clock, unit.id, edited)


def _ask(stage: Stage, asked: Asked, db: Session, clock: Clock) -> None:
    form = Reporting(asked.every, asked.workdays)
    lead, task_id = stage.people["coordinator"], stage.tasks[asked.task]
    set_reporting(db, lead, clock, task_id, form, clock.today)


def _open_periods(db: Session, clock: Clock) -> None:
    open_periods(db, clock)


def _inbox(script: Script, stage: Stage, players: tuple[Player, ...]) -> Iterator[Scene]:
    """The reminders of the last weeks, day by day, and who looked at them until when."""
    calendar, on = stage.runtime.official_calendar, script.reminders_from
    while on <= script.last_day:
        if calendar.is_workday(on):
            yield Scene(on, -1, "reminders", _remind)
        on += _DAY
    for player in players:
        read = partial(_read, stage, player.username)
        yield Scene(player.read_until, 99, player.username, read)


def _remind(db: Session, clock: Clock) -> None:
    plan = active_plan(db)
    rules = reminder_rules(db, plan)
    materialise(db, clock, due_reminders(db, plan, clock.today, clock.calendar, rules))


def _read(stage: Stage, username: str, db: Session, clock: Clock) -> None:
    user_id = stage.people[username].user_id
    assert user_id is not None
    messages.mark_read(db, user_id, None, clock.now)


def _trend(connection: Connection, morning_after: Clock) -> None:
    """The figures of every day that is over, as the worker would have stored them each night."""
    with _step(connection) as db:
        store_missing(db, morning_after)
