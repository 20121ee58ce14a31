"""Finds a Chromium for the browser tests, and installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HELP = """\
The browser tests need Chromium, and none could be found or installed.
Install Chromium or Google Chrome so that it is on PATH (Debian, Ubuntu: apt-get install chromium),
or run: .venv/bin/python -m playwright install --with-deps chromium"""


def find() -> Path | None:
    """An installed Chromium or Chrome: on PATH, as an application, or playwright's own."""
    on_path = (shutil.which(name) for name in NAMES)
    known = (path for path in APPLICATIONS if Path(path).exists())
    for path in (*on_path, *known):
        if path:
            return Path(path)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def install() -> None:
    """Install Chromium from the system's packages where that is possible, else playwright's."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        updated = subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        if updated.returncode == 0 and _runs(command, quiet) and find():
            return
    _runs([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _runs(command: list[str], environ: dict[str, str]) -> bool:
    return subprocess.run(command, env=environ, check=False).returncode == 0


def main() -> int:
    """Exit code 0 if there is a Chromium now."""
    if find():
        return 0
    print("No Chromium found: installing one, once, for the browser tests", flush=True)
    install()
    if find():
        return 0
    print(HELP, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
