"""A small named cast on a tiny plan, for tests of services and pages.

The lead 县机关事务管理中心 has coordinator and coordinator2; 县教委, with a school below it, has
edu and edu-head; 县卫生健康委 has health, the outsider. supervisor, leader, auditor and admin have
no unit. Everybody's password is PASSWORD. All assignments are drafts with a due date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from planner import planfile
from planner.config import load
from planner.domain.actor import SYSTEM, Actor, ActorKind, Role
from planner.domain.clock import Clock
from planner.domain.lifecycle import State
from planner.domain.words import Comparator, DueBasis, Method, Origin, Part, TaskKind
from planner.models import (
    Action,
    Assignment,
    Plan,
    ProofItem,
    Target,
    Task,
    Unit,
    User,
    UserRole,
)
from planner.runtime import Runtime
from planner.services import plans
from planner.services.due_dates import set_due
from planner.services.heartbeats import TICKS, beat
from tests.support.databases import PutCast

PASSWORD = "planner-demo"
TODAY = date(2024, 10, 15)
ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "seed/plan_tasks.yaml"

LEAD, EDU, HEALTH, SCHOOL = "县机关事务管理中心", "县教委", "县卫生健康委", "县第一中学"

PEOPLE: Mapping[str, tuple[str, str | None, Role]] = {
    "coordinator": ("陈统筹", LEAD, Role.COORDINATOR),
    "coordinator2": ("周统筹", LEAD, Role.COORDINATOR),
    "supervisor": ("督查员", None, Role.SUPERVISOR),
    "edu": ("李教育", EDU, Role.LIAISON),
    "edu-head": ("王分管", EDU, Role.HEAD),
    "health": ("赵卫生", HEALTH, Role.LIAISON),
    "leader": ("县领导", None, Role.LEADER),
    "auditor": ("审计员", None, Role.AUDITOR),
    "admin": ("管理员", None, Role.ADMIN),
}
"""Username to name, unit and role."""

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass
class Cast:
    """Ids by name: `users` by username, `units` by name; what the plan holds as attributes.

    `standard` is a binary task (rows of 县教委, 县卫生健康委 and the school), `chargers` a
    proportional one (县教委, 3 个 by 2025, with a node of 1 个 for 2024), `platform` one that the
    lead itself owes.
    """

    runtime: Runtime
    users: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    plan: int = 0
    action: int = 0
    other_action: int = 0
    standard: int = 0
    chargers: int = 0
    platform: int = 0
    edu_row: int = 0
    health_row: int = 0
    school_row: int = 0
    charger_row: int = 0
    charger_node: int = 0
    lead_row: int = 0

    def actor(self, username: str) -> Actor:
        """One of the cast, as the rules know them."""
        name, unit, role = PEOPLE[username]
        return Actor(
            ActorKind.PERSON,
            name,
            user_id=self.users[username],
            unit_id=self.units[unit] if unit else None,
            roles=frozenset({role}),
            origin="127.0.0.1",
        )

    def clock(self, today: date = TODAY) -> Clock:
        """The instant is real, the business date as said."""
        now = self.runtime.clock()
        return Clock(today, now.now, now.calendar)

    def do(
        self,
        verb: Callable[Concatenate[Session, Actor, Clock, Given], Made],
        username: str,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Made:
        """One of the cast does a verb of the services today, in a transaction of its own."""
        return self.do_on(TODAY, verb, username, *args, **kwargs)

    def do_on(
        self,
        today: date,
        verb: Callable[Concatenate[Session, Actor, Clock, Given], Made],
        username: str,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Made:
        """The same on another business date."""
        with self.runtime.sessions.writing() as db:
            made = verb(db, self.actor(username), self.clock(today), *args, **kwargs)
            db.commit()
            return made

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking at what became of it."""
        with self.runtime.sessions.reading() as db:
            yield db

    def version(self, assignment_id: int) -> int:
        """The present version of an assignment, as a form would show it."""
        with self.reading() as db:
            return db.get_one(Assignment, assignment_id).version


@pytest.fixture(scope="session")
def password_hash() -> str:
    """A real argon2 hash of PASSWORD that takes a millisecond to check."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture(scope="session")
def default_rules() -> dict[str, Any]:
    """The scoring and reminder rules of the plan file, as stored data."""
    seed = planfile.load(SEED)
    return {plans.SCORING: seed.scoring.to_data(), plans.REMINDERS: seed.reminders.to_data()}


@pytest.fixture(scope="session")
def casts() -> dict[str, Cast]:
    """The casts of the databases that tests are given copies of, by the database's kind."""
    return {}


@pytest.fixture(scope="session")
def put_cast(
    casts: dict[str, Cast],
    tmp_path_factory: pytest.TempPathFactory,
    password_hash: str,
    default_rules: dict[str, Any],
) -> PutCast:
    """`put_cast(url)` puts the cast and its plan into a database that has tables alone."""

    def put(url: str) -> None:
        with opened(url, tmp_path_factory.mktemp("cast")) as runtime:
            kind = runtime.sessions.engine.dialect.name
            casts[kind] = _put(Cast(runtime), password_hash, default_rules)

    return put


@pytest.fixture
def runtime_url(sqlite_url: str) -> str:
    """The runtime's database: SQLite. Override it with `database_url` to run on both."""
    return sqlite_url


@pytest.fixture
def runtime(runtime_url: str, tmp_path: Path) -> Iterator[Runtime]:
    """A runtime on a database without rows but the cast's, whose business date is TODAY."""
    with opened(runtime_url, tmp_path / "var") as made:
        yield made


@pytest.fixture
def cast(runtime: Runtime, casts: dict[str, Cast], begins_with_cast: bool) -> Cast:
    """The cast and its plan, which the runtime's database begins with."""
    assert begins_with_cast, "ask for the cast by name: a test's database is copied before"
    first = casts[runtime.sessions.engine.dialect.name]
    return replace(first, runtime=runtime, users=dict(first.users), units=dict(first.units))


def worker_ticks(runtime: Runtime, minutes_ago: int = 0) -> None:
    """Every job of the worker ticked so long ago."""
    now = runtime.clock()
    clock = replace(now, now=now.now - timedelta(minutes=minutes_ago))
    with runtime.sessions.writing() as db:
        for name in TICKS:
            beat(db, clock, name)
        db.commit()


NOBODY = "http://127.0.0.1:1"
"""Where the robots' vendors are, unless a test puts one there: at a port that nobody has."""


@contextmanager
def opened(url: str, var: Path) -> Iterator[Runtime]:
    """A runtime on a database, whose business date is TODAY; its connections end with the block."""
    environ = {
        "PLANNER_VAR": str(var),
        "PLANNER_DATABASE_URL": url,
        "PLANNER_TODAY": TODAY.isoformat(),
        **{f"PLANNER_{vendor}_URL": NOBODY for vendor in ("WECOM", "DINGTALK", "FEISHU")},
    }
    made = Runtime(load(environ))
    yield made
    if "sessions" in vars(made):
        made.sessions.engine.dispose()


def _put(cast: Cast, password_hash: str, rules: Mapping[str, Any]) -> Cast:
    clock = cast.clock()
    with cast.runtime.sessions.writing() as db:
        _units(db, cast)
        _people(db, cast, clock, password_hash)
        _plan(db, cast, clock, rules)
        _tasks(db, cast)
        _assignments(db, cast, clock)
        db.commit()
    return cast


def _units(db: Session, cast: Cast) -> None:
    for key, name, sector in (
        ("lead", LEAD, "机关"),
        ("edu", EDU, "教育"),
        ("health", HEALTH, "卫生"),
        ("school", SCHOOL, "教育"),
    ):
        unit = Unit(key=key, name=name, sector=sector, superior_id=None)
        if name == SCHOOL:
            unit.superior_id = cast.units[EDU]
        unit.ranking_group = "lead" if name == LEAD else "departments"
        cast.units[name] = _added(db, unit)


def _people(db: Session, cast: Cast, clock: Clock, password_hash: str) -> None:
    for username, (name, unit, role) in PEOPLE.items():
        user = User(
            username=username,
            name=name,
            password_hash=password_hash,
            unit_id=cast.units[unit] if unit else None,
            email=f"{username}@example.org" if username in ("edu", "coordinator") else None,
            created_on=clock.today,
            created_at=clock.now,
        )
        user.user_roles = [UserRole(role=role)]
        cast.users[username] = _added(db, user)


def _plan(db: Session, cast: Cast, clock: Clock, rules: Mapping[str, Any]) -> None:
    plan = Plan(
        key="tiny",
        name="节能小规划",
        document="测试〔2022〕1号",
        owner_id=cast.units[LEAD],
        issued_on=date(2022, 3, 26),
        starts_on=date(2021, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    cast.plan = _added(db, plan)
    for kind, data in rules.items():
        plans.store_rules(db, clock, plan, kind, data)
    for position, attribute in enumerate(("action", "other_action"), 1):
        action = Action(
            plan_id=cast.plan,
            key=f"box-{position}",
            number=f"专栏{position}",
            title=("绿色行动", "数字行动")[position - 1],
            section=f"专栏{position}",
            position=position,
        )
        setattr(cast, attribute, _added(db, action))


def _tasks(db: Session, cast: Cast) -> None:
    cast.standard = _task(db, cast, cast.action, 1, "开展节约型机关创建。")
    cast.chargers = _task(db, cast, cast.action, 2, "建成充电桩3个以上。")
    cast.platform = _task(db, cast, cast.other_action, 1, "建成能耗监管平台。")
    db.add(
        Target(
            task_id=cast.chargers,
            key="chargers",
            what="充电桩",
            sentence="建成充电桩3个以上。",
            section="专栏1",
            comparator=Comparator.AT_LEAST,
            amount=Decimal(3),
            measure="个",
        )
    )
    db.add(ProofItem(task_id=cast.standard, position=1, item="验收文件", required=True))
    db.add(ProofItem(task_id=cast.standard, position=2, item="现场照片", required=False))
    db.flush()


def _task(db: Session, cast: Cast, action_id: int, position: int, sentence: str) -> int:
    return _added(
        db,
        Task(
            action_id=action_id,
            key=f"task-{action_id}-{position}",
            number=f"{action_id}.{position}",
            position=position,
            section=f"专栏{action_id}",
            sentence=sentence,
            origin=Origin.PLAN,
            kind=TaskKind.ONCE,
            lead_unit_id=cast.units[LEAD],
        ),
    )


def _assignments(db: Session, cast: Cast, clock: Clock) -> None:
    def row(task_id: int, unit: str, due_on: date, **more: Any) -> int:
        values = {"part": Part.RESPONSIBLE, "method": Method.BINARY, "weight": Decimal(1), **more}
        made = Assignment(
            task_id=task_id,
            unit_id=cast.units[unit],
            text=db.get_one(Task, task_id).sentence,
            state=State.DRAFT,
            **values,
        )
        assignment_id = _added(db, made)
        set_due(db, SYSTEM, clock, made, due_on, basis=DueBasis.EXPLICIT, raw="测试")
        return assignment_id

    target = {"method": Method.PROPORTIONAL, "measure": "个"}
    cast.edu_row = row(cast.standard, EDU, date(2024, 12, 10))
    cast.health_row = row(cast.standard, HEALTH, date(2024, 11, 29))
    cast.school_row = row(cast.standard, SCHOOL, date(2024, 12, 10), part=Part.SUPPORTING)
    cast.charger_row = row(cast.chargers, EDU, date(2025, 12, 31), amount=Decimal(3), **target)
    cast.charger_node = row(
        cast.chargers,
        EDU,
        date(2024, 12, 10),
        amount=Decimal(1),
        year=2024,
        parent_id=cast.charger_row,
        **target,
    )
    cast.lead_row = row(cast.platform, LEAD, date(2024, 12, 31))


def _added(db: Session, thing: Any) -> int:
    db.add(thing)
    db.flush()
    made: int = thing.id
    return made
