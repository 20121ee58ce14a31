"""The robots of a unit's group chats: kept by administrators, never deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from planner.domain import permissions
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.errors import BadInput, NotFound
from planner.domain.names import NAMES
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.domain.words import ROBOT_CHANNELS, Channel
from planner.models import Robot
from planner.services import journal
from planner.services.steps import one_line, optional_text, required_text
from planner.services.units import load_unit

MAX_NAME, MAX_SECRET = 200, 200
_SHOWN = 4
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}")


@dataclass(frozen=True)
class RobotForm:
    """A robot as its vendor shows it: `token` is the whole address, or its secret part alone."""

    channel: str
    name: str
    token: str
    secret: str | None = None


def robots_of(db: Session, unit_id: int) -> Sequence[Robot]:
    """A unit's robots, those in use first."""
    query = select(Robot).where(Robot.unit_id == unit_id)
    return db.scalars(query.order_by(Robot.active.desc(), Robot.name, Robot.id)).all()


def load_robot(db: Session, unit_id: int, robot_id: int) -> Robot:
    """A unit's robot. Raises NotFound for one that is another's."""
    robot = db.get(Robot, robot_id, options=[joinedload(Robot.unit)])
    if robot is None or robot.unit_id != unit_id:
        raise NotFound
    return robot


def masked(secret: str | None) -> str | None:
    """The last characters of a secret, to tell two apart; it is never shown in full again."""
    return f"…{secret[-_SHOWN:]}" if secret and len(secret) > 2 * _SHOWN else secret and "…"


def add_robot(db: Session, actor: Actor, clock: Clock, unit_id: int, form: RobotForm) -> Robot:
    """Let a unit's group be told. Raises BadInput for an address that is none, or known."""
    permissions.require(actor, Area.MANAGE_UNITS)
    unit = load_unit(db, unit_id)
    channel = _channel(form.channel)
    robot = Robot(
        unit_id=unit.id,
        channel=channel,
        name=required_text(one_line(form.name), "name", MAX_NAME),
        token=_token(channel, form.token),
        secret=_secret(channel, form.secret),
    )
    known = (Robot.channel == channel) & (Robot.token == robot.token)
    if db.scalar(select(exists().where(known))):
        raise BadInput(t("This robot was added before."), "token")
    db.add(robot)
    db.flush()
    _record(db, actor, clock, "robot_add", robot)
    return robot


def disable_robot(db: Session, actor: Actor, clock: Clock, unit_id: int, robot_id: int) -> Robot:
    """Tell this group nothing any more."""
    return _stand(db, actor, clock, load_robot(db, unit_id, robot_id), active=False)


def enable_robot(db: Session, actor: Actor, clock: Clock, unit_id: int, robot_id: int) -> Robot:
    """Tell this group again."""
    return _stand(db, actor, clock, load_robot(db, unit_id, robot_id), active=True)


def note_trial(
    db: Session, actor: Actor, clock: Clock, unit_id: int, robot_id: int, failure: Text | None
) -> Robot:
    """Keep that a robot was tried, and why it failed."""
    permissions.require(actor, Area.MANAGE_UNITS)
    robot = load_robot(db, unit_id, robot_id)
    why = journal.stored_reason(failure) if failure else None
    _record(db, actor, clock, "robot_test", robot, failure=why)
    return robot


def _stand(db: Session, actor: Actor, clock: Clock, robot: Robot, *, active: bool) -> Robot:
    permissions.require(actor, Area.MANAGE_UNITS)
    if robot.active is not active:
        robot.active = active
        _record(db, actor, clock, "robot_enable" if active else "robot_disable", robot)
    return robot


def _record(
    db: Session, actor: Actor, clock: Clock, verb: str, robot: Robot, failure: str | None = None
) -> None:
    db.flush()
    journal.record(
        db,
        actor,
        clock,
        verb,
        f"robot:{robot.id}",
        name=robot.name,
        channel=robot.channel,
        unit_id=robot.unit_id,
        failure=failure,
    )


def _channel(typed: str) -> Channel:
    if typed not in ROBOT_CHANNELS:
        raise BadInput(t("Choose a vendor."), "channel")
    return Channel(typed)


def _token(channel: Channel, typed: str) -> str:
    """The secret part of an address of that vendor. Raises BadInput if there is none."""
    text = typed.strip()
    token = _in_address(channel, urlsplit(text)) if "/" in text else text
    if not _TOKEN.fullmatch(token):
        vendor = NAMES[channel]
        raise BadInput(t("This is no address of a robot of %(vendor)s.", vendor=vendor), "token")
    return token


def _in_address(channel: Channel, address: SplitResult) -> str:
    query = parse_qs(address.query)
    match channel:
        case Channel.WECOM:
            found = query.get("key", [""])
        case Channel.DINGTALK:
            found = query.get("access_token", [""])
        case _:
            _, is_hook, token = address.path.rpartition("/hook/")
            found = [token if is_hook else ""]
    return found[0]


def _secret(channel: Channel, typed: str | None) -> str | None:
    secret = optional_text(typed, "secret", MAX_SECRET)
    if secret is not None and channel is Channel.WECOM:
        raise BadInput(t("Robots of WeCom have no secret."), "secret")
    return secret
