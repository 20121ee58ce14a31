"""`planner serve`: the web and the worker as two processes under one roof."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

from planner.config import BadSetting, Settings
from planner.runtime import Runtime
from planner.services.alarm import check

WEB_PROCESSES, WEB_THREADS = 2, 4
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.25
BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
STEADY_SECONDS = 120.0
"""A worker that lived so long starts again at once when it dies."""

LOOKOUT_SECONDS = 60.0
FIRST_LOOK_SECONDS = 120.0
"""A worker that was away with the machine has time to tick before anybody complains."""

PR_SET_PDEATHSIG = 1
"""Linux, prctl(2): the signal that a process gets when its parent is gone."""

log = logging.getLogger(__name__)

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

Process = subprocess.Popen[bytes]


def serve(settings: Settings, say: Callable[[str], None]) -> int:
    """Run web and worker until SIGTERM or SIGINT; the exit status.

    `say` is told the address once pages are answered. Raises BadSetting if the port is taken.
    """
    with _bound(settings.host, settings.port) as listening, StopSignals() as stop_signals:
        port = listening.getsockname()[1]
        environment = {**os.environ, "PLANNER_PORT": str(port)}
        web = _start_web(listening, environment)
        worker = Keeper(_worker_command(), environment)
        alarm = Lookout(settings, time.monotonic())
        try:
            if _answers(settings.host, port, web, stop_signals):
                say(f"planner is ready: http://{_reached(settings.host)}:{port}")
            while not stop_signals.came and web.poll() is None:
                worker.look(time.monotonic())
                alarm.look(time.monotonic())
                time.sleep(LOOK_SECONDS)
            return 0 if stop_signals.came else web.returncode or 1
        finally:
            alarm.end()
            stop([web, *worker.processes])


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """The listening socket. Raises BadSetting with what to do if it cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, _, _, address = found[0]
    except OSError as error:
        raise BadSetting(f"PLANNER_HOST {host!r} is no address of this machine") from error
    with socket.socket(family, kind) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except PermissionError as error:
            raise BadSetting(f"port {port} needs more rights: set PLANNER_PORT") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise BadSetting(f"port {port} is in use: set PLANNER_PORT") from error
            raise BadSetting(f"PLANNER_HOST {host!r} is no address of this machine") from error
        listening.listen(128)
        yield listening


class StopSignals:
    """Whether SIGTERM or SIGINT came while this was entered.

    A flag and no `Event`: a second signal would run inside the first one's `set` and wait for its
    lock for ever.
    """

    def __init__(self) -> None:
        self.came = False

    def __enter__(self) -> StopSignals:
        """Take the signals."""
        self._kept = {
            number: signal.signal(number, self._note) for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for number, handler in self._kept.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: object) -> None:
        self.came = True


def _start_web(listening: socket.socket, environment: Mapping[str, str]) -> Process:
    memory = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []
    command = [
        *(sys.executable, "-m", "gunicorn", "planner.app:create_app()"),
        *("--bind", f"fd://{listening.fileno()}"),
        *("--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)),
        *("--worker-class", "gthread", "--timeout", "120", "--graceful-timeout", "20"),
        *("--log-level", "warning", "--no-control-socket", *memory),
    ]
    return _start(command, environment, pass_fds=[listening.fileno()])


def _start(
    command: Sequence[str], environment: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> Process:
    """Start a process that Ctrl-C does not reach: it is told to stop once, by this one.

    Told twice, a process of gunicorn can wait for its own lock until it is killed.
    """
    return subprocess.Popen(
        command,
        env=environment,
        pass_fds=pass_fds,
        process_group=0,
        preexec_fn=_follow(os.getpid()),  # noqa: PLW1509  (no other thread runs here)
    )


def _follow(parent: int) -> Callable[[], None] | None:
    """Done in a child before its program starts: it is told to stop when `parent` is killed.

    Only Linux can do that; elsewhere a killed parent leaves its children running.
    """
    libc = _LIBC
    if libc is None:
        return None

    def follow() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return follow


def _worker_command() -> list[str]:
    return [sys.executable, "-m", "planner.cli", "worker"]


class Keeper:
    """Keeps one process alive: started again when it dies, later each time that it dies young."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, dict(environment)
        self._failures = 0
        self._started_at = self._start_again_at = 0.0
        self._process: Process | None = None

    @property
    def processes(self) -> list[Process]:
        """The process, if it was ever started."""
        return [self._process] if self._process else []

    def look(self, now: float) -> None:
        """Start the process if it does not run and its time has come; `now` is monotonic."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None and not self._start_again_at:
            self._start_again_at = now + self._pause(now)
            log.warning("the worker ended with %s; it starts again", self._process.returncode)
        if now >= self._start_again_at:
            self._process = _start(self._command, self._environment)
            self._started_at, self._start_again_at = now, 0.0

    def _pause(self, now: float) -> float:
        """Seconds to wait before the next start."""
        self._failures = 1 if now - self._started_at > STEADY_SECONDS else self._failures + 1
        return BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS)) - 1]


class Lookout:
    """Asks once a minute whether the worker ticks, in a process of its own that nobody waits for.

    Forked, because a start of the interpreter each minute costs more than the look.
    """

    def __init__(self, settings: Settings, now: float) -> None:
        self._settings = settings
        self._next_at = now + FIRST_LOOK_SECONDS
        self.process: ForkProcess | None = None

    def look(self, now: float) -> None:
        """Begin a look if it is time, and end one that hangs; `now` is monotonic."""
        if now < self._next_at:
            return
        self.end()
        self._next_at = now + LOOKOUT_SECONDS
        self.process = get_context("fork").Process(target=_raise_alarm, args=(self._settings,))
        self.process.start()

    def end(self) -> None:
        """No look goes on after this."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process.close()
            self.process = None


def _raise_alarm(settings: Settings) -> None:
    """What the forked process does. Raises nothing: the next look comes in a minute."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        wrong = check(Runtime(settings))
    except Exception:
        log.exception("nobody could look whether the worker ticks")
        return
    if wrong is not None:
        log.error("%s", wrong)


def _answers(host: str, port: int, web: Process, stop_signals: StopSignals) -> bool:
    """Wait until pages are answered; false if the web ended or everything is to stop."""
    address = f"http://{_reached(host)}:{port}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and web.poll() is None and not stop_signals.came:
        try:
            with opener.open(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(LOOK_SECONDS)
    return False


def _reached(host: str) -> str:
    """The address that a browser on this machine uses."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)
    return f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown


def stop(processes: list[Process]) -> None:
    """Ask all to stop, wait, and end those that do not."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
