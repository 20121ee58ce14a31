"""The `planner` command: one line instead of a traceback, and a server that starts and stops."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from planner import cli, server
from planner.domain.actor import Role
from planner.models import Message, Reminder, User
from planner.runtime import Runtime
from planner.services import breakdown, passwords
from planner.services.schema_check import differences
from tests.support.cast import EDU, ROOT, Cast
from tests.support.reminding import refuse_messages

NEW = "Maple-tree-42"
SECONDS = 60


def run(runtime: Runtime, *words: str, typed: str = "") -> Result:
    settings = runtime.settings
    environment = {
        "PLANNER_VAR": str(settings.var),
        "PLANNER_DATABASE_URL": settings.database_url,
        "PLANNER_TODAY": str(settings.today),
    }
    return CliRunner(env=environment).invoke(cli.main, words, input=typed)


def person(cast: Cast, username: str) -> User:
    with cast.reading() as db:
        return db.scalars(select(User).where(User.username == username)).one()


def commands(group: click.Group, before: str = "planner") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def test_every_command_is_documented_with_its_options() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(planner [a-z ]+?)(?: FILE)?` \|", page, re.MULTILINE))
    existing = dict(commands(cli.main))
    assert documented == set(existing)
    for name, command in existing.items():
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in page, f"{name} {option.opts[0]}"


def test_a_password_is_never_an_argument() -> None:
    for _, command in commands(cli.main):
        assert not {"password", "passwd"} & {param.name for param in command.params}


def test_migrations_equal_models() -> None:
    assert differences() == []


def test_a_difference_between_migrations_and_models_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Break the rule: one more trigger and one more check on the models' side."""
    create = differences.__globals__["_create"]

    def create_more(engine: object) -> None:
        create(engine)
        with engine.begin() as connection:  # type: ignore[attr-defined]
            connection.execute(text("DROP TRIGGER keep_journal_delete"))
            connection.execute(text("DROP INDEX ix_users_unit_id"))
            connection.execute(text("ALTER TABLE plans ADD COLUMN more INTEGER CHECK (more > 0)"))

    monkeypatch.setitem(differences.__globals__, "_create", create_more)
    found = "\n".join(differences())
    assert "trigger.keep_journal_delete: the models do not know it" in found
    assert "users.index.ix_users_unit_id: the models do not know it" in found
    assert "plans.column.more: the migrations do not make it" in found


def test_a_bad_setting_is_one_line_and_status_2() -> None:
    result = CliRunner(env={"PLANNER_PORT": "many"}).invoke(cli.main, ["db", "upgrade"])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Error: PLANNER_PORT must be a whole number from 0 to 65535, not 'many'"
    ]


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["remind"], ["score"], ["seed", "x"]])
def test_old_tables_are_refused(tmp_path: Path, words: list[str]) -> None:
    result = CliRunner(env={"PLANNER_VAR": str(tmp_path)}).invoke(cli.main, words)
    assert result.exit_code == 1
    assert "run `planner db upgrade`" in result.stderr


def test_upgrade_makes_the_tables(tmp_path: Path) -> None:
    runner = CliRunner(env={"PLANNER_VAR": str(tmp_path)})
    assert runner.invoke(cli.main, ["db", "upgrade"]).exit_code == 0
    result = runner.invoke(cli.main, ["remind"])
    assert (result.exit_code, "there is no plan yet" in result.stderr) == (1, True)


def test_a_plan_file_is_seeded_twice_without_a_change(runtime: Runtime) -> None:
    seed = str(ROOT / "seed/plan_tasks.yaml")
    assert "Created: 1" in run(runtime, "seed", seed).stdout
    assert "Created: 0, changed: 0" in run(runtime, "seed", seed).stdout


def test_a_missing_plan_file_is_told(runtime: Runtime) -> None:
    result = run(runtime, "seed", "nothing.yaml")
    assert result.exit_code == 1
    assert "There is no such file." in result.stderr


@pytest.fixture
def late(cast: Cast) -> Cast:
    """县教委 was issued a row that is due on 10 December."""
    cast.do(breakdown.issue, "coordinator", cast.edu_row)
    return cast


def count(cast: Cast, table: type[Reminder] | type[Message]) -> int:
    with cast.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_a_dry_run_shows_reminders_and_changes_nothing(late: Cast) -> None:
    before = count(late, Message)
    words = ("remind", "--today", "2024-12-12", "--dry-run", "--json")
    rows = json.loads(run(late.runtime, *words).stdout)
    assert {row["recipient"] for row in rows} == {"edu", "edu-head"}
    assert {row["family"] for row in rows} == {"overdue", "unsigned"}
    assert count(late, Reminder) == 0
    assert count(late, Message) == before


def test_reminders_are_sent_once(late: Cast) -> None:
    words = ("remind", "--today", "2024-12-12", "--json")
    assert json.loads(run(late.runtime, *words).stdout)
    assert count(late, Reminder) > 0
    assert json.loads(run(late.runtime, *words).stdout) == []


def test_who_cannot_be_reminded_is_one_line_and_keeps_nobody_else_waiting(late: Cast) -> None:
    refuse_messages(late.runtime.sessions, late.users["edu"])
    result = run(late.runtime, "remind", "--today", "2024-12-12")
    assert (result.exit_code, "not everybody could be reminded" in result.stderr) == (1, True)
    with late.reading() as db:
        told = set(db.scalars(select(Message.recipient_id).where(Message.kind == "digest")))
    assert told == {late.users["edu-head"]}


def test_one_person_alone_is_reminded(late: Cast) -> None:
    """The rest is due as before, and is sent by the next call without a name."""
    words = ("remind", "--today", "2024-12-12", "--json")
    before = json.loads(run(late.runtime, *words, "--dry-run").stdout)
    mine = json.loads(run(late.runtime, *words, "--only-user", "edu").stdout)
    assert mine == [row for row in before if row["recipient"] == "edu"] != before
    rest = json.loads(run(late.runtime, *words).stdout)
    assert rest == [row for row in before if row["recipient"] != "edu"]
    result = run(late.runtime, *words, "--only-user", "nobody")
    assert (result.exit_code, "There is no user nobody." in result.stderr) == (1, True)


def test_the_list_has_the_fields_of_the_stable_interface(late: Cast) -> None:
    rows = json.loads(run(late.runtime, *REHEARSED, "--dry-run", "--json").stdout)
    assert rows
    for row in rows:
        assert list(row) == [
            "assignment",
            "task",
            "unit",
            "recipient",
            "family",
            "occurrence",
            "anchor",
            "due",
            "level",
            "channels",
        ]


REHEARSED = ("remind", "--today", "2024-12-12")


def test_a_day_that_is_over_is_not_reminded_for(late: Cast) -> None:
    """The state is today's: what was due then cannot be told from it."""
    result = run(late.runtime, "remind", "--today", "2024-10-14", "--dry-run")
    assert result.exit_code == 1
    assert "cannot tell what was due on 2024-10-14" in result.stderr
    assert "The earliest day to remind for is 2024-10-15." in result.stderr


def test_a_rehearsal_of_days_to_come_does_not_go_back(late: Cast) -> None:
    assert run(late.runtime, "remind", "--today", "2024-12-12").exit_code == 0
    result = run(late.runtime, "remind", "--today", "2024-12-11")
    assert (result.exit_code, "earliest day to remind for is 2024-12-12" in result.stderr) == (
        1,
        True,
    )
    assert run(late.runtime, "remind").exit_code == 0


def test_a_date_that_is_none_is_refused(late: Cast) -> None:
    result = run(late.runtime, "remind", "--today", "tomorrow")
    assert (result.exit_code, "is not a date such as" in result.stderr) == (2, True)


def test_scores_are_printed_for_one_unit(late: Cast) -> None:
    words = ("score", "--today", "2024-12-31", "--period", "2024", "--unit", EDU, "--json")
    data = json.loads(run(late.runtime, *words).stdout)
    assert (data["period"], [each["unit"] for each in data["units"]]) == ("2024", ["edu"])
    assert data["units"][0]["total"] == "0.00"


def test_a_score_of_nothing_is_a_number(late: Cast) -> None:
    printed = run(late.runtime, "score", "--today", "2024-12-31").stdout
    assert f"{EDU}\t0.00\t不合格" in printed


@pytest.mark.parametrize("words", [("--unit", "nobody"), ("--period", "24")])
def test_an_unknown_unit_or_period_is_refused(late: Cast, words: tuple[str, ...]) -> None:
    assert run(late.runtime, "score", *words).exit_code == 1


def test_an_account_is_added_changed_and_disabled(cast: Cast) -> None:
    words = ("user", "add", "new", "--name", "新人", "--role", "liaison", "--unit", "edu")
    added = run(cast.runtime, *words, "--password-stdin", typed=f"{NEW}\n")
    assert added.exit_code == 0
    assert person(cast, "new").roles == {Role.LIAISON}
    assert passwords.matches(person(cast, "new").password_hash, NEW)
    other = "Another-tree-42"
    assert run(cast.runtime, "user", "passwd", "new", typed=f"{other}\n{other}\n").exit_code == 0
    assert passwords.matches(person(cast, "new").password_hash, other)
    assert run(cast.runtime, "user", "disable", "new").exit_code == 0
    assert not person(cast, "new").active


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "add", "edu", "--name", "x", "--role", "admin"), "This user name is taken."),
        (("user", "add", "new", "--name", "x", "--role", "liaison"), "belong to a unit"),
        (("user", "disable", "nobody"), "There is no user nobody."),
        (("user", "disable", "admin"), "the last administrator"),
    ],
)
def test_refusals_are_one_line_and_status_1(cast: Cast, words: tuple[str, ...], said: str) -> None:
    more = ("--password-stdin",) if "add" in words else ()
    result = run(cast.runtime, *words, *more, typed=f"{NEW}\n")
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_worker_that_dies_young_starts_again_later_each_time(tmp_path: Path) -> None:
    keeper = server.Keeper([sys.executable, "-c", ""], {})
    starts, now = [], 0.0
    while now < 16:
        before = keeper.processes
        keeper.look(now)
        if keeper.processes != before:
            starts.append(now)
            keeper.processes[0].wait()
        now += 1
    assert starts == [0, 2, 5, 10]


def started(environment: dict[str, str]) -> tuple[subprocess.Popen[str], Queue[str]]:
    """`planner serve` as a process of its own, and the lines that it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "planner.cli", "serve"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    lines: Queue[str] = Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.put(line)

    Thread(target=read, daemon=True).start()
    return process, lines


def served(cast: Cast, today: str = "2024-10-15") -> dict[str, str]:
    settings = cast.runtime.settings
    return {
        "PLANNER_VAR": str(settings.var),
        "PLANNER_DATABASE_URL": settings.database_url,
        "PLANNER_TODAY": today,
        "PLANNER_PORT": "0",
    }


def until_ready(lines: Queue[str]) -> str:
    """What is printed until pages are answered; the address stands at its end."""
    said = ""
    while "planner is ready: " not in said:
        said += lines.get(timeout=SECONDS)
    return said


def asked(address: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{address}/readyz", timeout=SECONDS) as answer:
        found: dict[str, str] = json.load(answer)
        return found


def test_serve_answers_and_stops(cast: Cast) -> None:
    environment = served(cast)
    process, lines = started(environment)
    try:
        said = until_ready(lines)
        assert "Warning: PLANNER_TODAY holds the business date at 2024-10-15" in said
        assert "provisional" not in said
        address = said.split()[-1]
        with urllib.request.urlopen(f"{address}/readyz", timeout=SECONDS) as answer:
            assert json.load(answer)["status"] == "ready"
        port = address.rpartition(":")[2]
        second = CliRunner(env={**environment, "PLANNER_PORT": port}).invoke(cli.main, ["serve"])
        assert second.exit_code == 2
        assert f"port {port} is in use: set PLANNER_PORT" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", int(port)), timeout=5)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_killed_server_leaves_nothing_running(cast: Cast) -> None:
    """Nobody may come upon a web without its worker, or a port that cannot be had again."""
    process, lines = started(served(cast, today="2044-10-14"))
    try:
        said = until_ready(lines)
        assert "Working days are provisional for 2044 and 2045" in said
        port = int(said.rpartition(":")[2])
        process.kill()
        process.wait()
        until = time.monotonic() + SECONDS
        while is_taken(port):
            assert time.monotonic() < until, "the web goes on"
            Event().wait(0.1)
    finally:
        process.kill()
        process.wait()


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def test_ctrl_c_stops_all_at_once_and_the_worker_ticked(cast: Cast) -> None:
    process, lines = started(served(cast))
    try:
        address = until_ready(lines).split()[-1]
        until = time.monotonic() + SECONDS
        while asked(address)["worker"] != "ok":
            assert time.monotonic() < until, "the worker does not tick"
            Event().wait(0.5)
        pressed = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(SECONDS) == 0
        assert time.monotonic() - pressed < 20, "somebody waited for a timeout of 20 s or more"
    finally:
        process.kill()
        process.wait()
