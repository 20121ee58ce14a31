"""Settings: documented, defaulted, and refused where they are weak or misspelt."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from planner.config import ENVIRONMENT, BadSetting, load
from tests.support.cast import ROOT


def read(tmp_path: Path, **environ: str) -> object:
    return load({"PLANNER_VAR": str(tmp_path / "var"), **environ})


def test_every_setting_is_documented_and_no_other() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(PLANNER_\w+)` \|", page, re.MULTILINE)) == set(ENVIRONMENT)


def test_the_documented_defaults_are_the_real_ones(tmp_path: Path) -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    defaults = dict(re.findall(r"^\| `(PLANNER_\w+)` \| `([^`]+)` \|", page, re.MULTILINE))
    settings = load({"PLANNER_VAR": str(tmp_path)})
    for name in ("PLANNER_TIMEZONE", "PLANNER_LOCALE", "PLANNER_MAX_UPLOAD_MB", "PLANNER_HOST"):
        assert defaults[name] == str(getattr(settings, ENVIRONMENT[name]))
    assert defaults["PLANNER_PORT"] == str(settings.port)


def test_without_a_word_everything_stays_in_var(tmp_path: Path) -> None:
    settings = load({"PLANNER_VAR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/planner.sqlite3"
    assert settings.evidence_url == f"file://{tmp_path}/evidence"
    assert (settings.smtp_url, settings.today) == (None, None)
    assert settings.base_url == "http://127.0.0.1:8000"


def test_the_kept_key_is_private_and_stays(tmp_path: Path) -> None:
    first = load({"PLANNER_VAR": str(tmp_path)}).secret_key
    assert load({"PLANNER_VAR": str(tmp_path)}).secret_key == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    """Several workers on an empty folder: none may read what another has not finished writing."""
    for number in range(20):
        folder = str(tmp_path / str(number))
        with ThreadPoolExecutor(8) as pool:
            keys = [each.secret_key for each in pool.map(load, [{"PLANNER_VAR": folder}] * 8)]
        assert len(set(keys)) == 1
        assert [path.name for path in Path(folder).iterdir()] == ["secret-key"]


def test_a_date_is_read(tmp_path: Path) -> None:
    settings = load({"PLANNER_VAR": str(tmp_path), "PLANNER_TODAY": "2024-10-15"})
    assert settings.today == date(2024, 10, 15)


def test_only_https_makes_cookies_secure(tmp_path: Path) -> None:
    for address, secure in (("https://planner.example.org/", True), ("http://x", False)):
        settings = load({"PLANNER_VAR": str(tmp_path), "PLANNER_BASE_URL": address})
        assert settings.secure_cookies is secure
        assert not settings.base_url.endswith("/")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PLANNER_SECRET", "x", "is not a setting of planner"),
        ("PLANNER_SECRET_KEY", "short", "PLANNER_SECRET_KEY is weak"),
        ("PLANNER_SECRET_KEY", "a" * 64, "PLANNER_SECRET_KEY is weak"),
        ("PLANNER_DATABASE_URL", "mysql://x/y", "PLANNER_DATABASE_URL must begin with"),
        ("PLANNER_DATABASE_URL", "", "PLANNER_DATABASE_URL must begin with"),
        ("PLANNER_BASE_URL", "planner.example.org", "PLANNER_BASE_URL must be"),
        ("PLANNER_SMTP_URL", "mail.example.org", "PLANNER_SMTP_URL must begin with"),
        ("PLANNER_TIMEZONE", "Mars/Olympus", "is not a known time zone"),
        ("PLANNER_LOCALE", "fr", "PLANNER_LOCALE must be one of zh, en"),
        ("PLANNER_TODAY", "15.10.2024", "PLANNER_TODAY must be a date"),
        ("PLANNER_PORT", "70000", "PLANNER_PORT must be a whole number"),
        ("PLANNER_MAX_UPLOAD_MB", "0", "PLANNER_MAX_UPLOAD_MB must be a whole number"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with pytest.raises(BadSetting, match=said):
        read(tmp_path, **{name: value})


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short", encoding="ascii")
    with pytest.raises(BadSetting, match="is damaged"):
        load({"PLANNER_VAR": str(tmp_path)})


def test_postgres_gets_its_driver(tmp_path: Path) -> None:
    settings = load({"PLANNER_VAR": str(tmp_path), "PLANNER_DATABASE_URL": "postgres://h/d"})
    assert settings.database_url == "postgresql+psycopg://h/d"
