"""Results into docs/bench.md, with the machine, the date and the command."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from planner.domain.clock import instant

PAGE = Path(__file__).resolve().parents[1] / "docs/bench.md"


def write(name: str, title: str, command: str, body: Iterable[str]) -> None:
    """Put a section in the page, in place of the one that it made before."""
    lines = [f"## {title}", "", f"`{command}`, {instant():%Y-%m-%d}, {machine()}.", "", *body]
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = "\n".join([begin, *lines, end])
    page = PAGE.read_text(encoding="utf-8")
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if found.search(page):
        page = found.sub(lambda _: section, page)
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    PAGE.write_text(page, encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in Markdown."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(map(str, row))} |" for row in rows),
    ]


def machine() -> str:
    """What it ran on."""
    model = re.search(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    gigabytes = f", {int(memory[1]) / 2**20:.0f} GB" if memory else ""
    load = f", load {os.getloadavg()[0]:.1f} at the end"
    name = model[1] if model else platform.machine()
    return f"{os.cpu_count()} × {name}{gigabytes}, Python {platform.python_version()}{load}"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
