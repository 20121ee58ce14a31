"""Settings from the environment, frozen, and refused where they are weak."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALES = ("zh", "en")
MIN_SECRET_LENGTH = 32


class BadSetting(Exception):
    """A setting that cannot be used; the message says which, why and what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that a deployment decides. docs/settings.md documents each; a test compares."""

    database_url: str
    evidence_url: str
    secret_key: str
    base_url: str
    smtp_url: str | None
    wecom_url: str
    dingtalk_url: str
    feishu_url: str
    timezone: ZoneInfo
    locale: str
    max_upload_mb: int
    today: date | None
    host: str
    port: int
    var: Path

    @property
    def max_upload_bytes(self) -> int:
        """The largest file taken in, in bytes."""
        return self.max_upload_mb * 1024 * 1024

    @property
    def secure_cookies(self) -> bool:
        """Whether people reach the site by https, so that cookies must not travel without."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def message_domain(self) -> str:
        """What ends Message-IDs: the site's host name, but for an IPv6 address, which cannot."""
        host = urlsplit(self.base_url).hostname or ""
        return host if host and ":" not in host else "localhost"


ENVIRONMENT = {
    "PLANNER_DATABASE_URL": "database_url",
    "PLANNER_EVIDENCE_URL": "evidence_url",
    "PLANNER_SECRET_KEY": "secret_key",
    "PLANNER_BASE_URL": "base_url",
    "PLANNER_SMTP_URL": "smtp_url",
    "PLANNER_WECOM_URL": "wecom_url",
    "PLANNER_DINGTALK_URL": "dingtalk_url",
    "PLANNER_FEISHU_URL": "feishu_url",
    "PLANNER_TIMEZONE": "timezone",
    "PLANNER_LOCALE": "locale",
    "PLANNER_MAX_UPLOAD_MB": "max_upload_mb",
    "PLANNER_TODAY": "today",
    "PLANNER_HOST": "host",
    "PLANNER_PORT": "port",
    "PLANNER_VAR": "var",
}
"""Environment variable to setting: the whole list, and the only names that are read."""


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises BadSetting for the first that cannot be used."""
    _refuse_unknown(environ)
    var = Path(environ.get("PLANNER_VAR", "var")).absolute()
    host = environ.get("PLANNER_HOST", "127.0.0.1")
    port = _whole_number(environ, "PLANNER_PORT", 8000, 0, 65535)
    return Settings(
        database_url=_database_url(environ.get("PLANNER_DATABASE_URL"), var),
        evidence_url=environ.get("PLANNER_EVIDENCE_URL", (var / "evidence").as_uri()),
        secret_key=_secret_key(environ.get("PLANNER_SECRET_KEY"), var),
        base_url=_web_url(environ, "PLANNER_BASE_URL", f"http://{host}:{port}"),
        smtp_url=_smtp_url(environ.get("PLANNER_SMTP_URL")),
        wecom_url=_web_url(environ, "PLANNER_WECOM_URL", "https://qyapi.weixin.qq.com"),
        dingtalk_url=_web_url(environ, "PLANNER_DINGTALK_URL", "https://oapi.dingtalk.com"),
        feishu_url=_web_url(environ, "PLANNER_FEISHU_URL", "https://open.feishu.cn"),
        timezone=_timezone(environ.get("PLANNER_TIMEZONE", "Asia/Shanghai")),
        locale=_locale(environ.get("PLANNER_LOCALE", "zh")),
        max_upload_mb=_whole_number(environ, "PLANNER_MAX_UPLOAD_MB", 50, 1, 2048),
        today=_today(environ.get("PLANNER_TODAY")),
        host=host,
        port=port,
        var=var,
    )


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt name would be ignored in silence."""
    for name in environ:
        if name.startswith("PLANNER_") and name not in ENVIRONMENT:
            known = ", ".join(ENVIRONMENT)
            raise BadSetting(f"{name} is not a setting of planner. Known settings: {known}")


def _database_url(url: str | None, var: Path) -> str:
    if url is None:
        return f"sqlite:///{var / 'planner.sqlite3'}"
    scheme = urlsplit(url).scheme
    if scheme in ("postgres", "postgresql"):
        return "postgresql+psycopg" + url[len(scheme) :]
    if scheme in ("sqlite", "postgresql+psycopg"):
        return url
    raise BadSetting(
        "PLANNER_DATABASE_URL must begin with sqlite:/// or postgresql://, "
        f"not {scheme or 'without a scheme'}"
    )


def _secret_key(key: str | None, var: Path) -> str:
    """The given key if it is strong; without one, a random key that stays in `var`."""
    if key is None:
        return _kept_secret(var / "secret-key")
    if len(key) < MIN_SECRET_LENGTH or len(set(key)) < MIN_SECRET_LENGTH // 3:
        raise BadSetting(
            f"PLANNER_SECRET_KEY is weak: give at least {MIN_SECRET_LENGTH} random characters, "
            'for example from python3 -c "import secrets; print(secrets.token_hex(32))", '
            "or leave it unset and a random one is kept in the folder PLANNER_VAR"
        )
    return key


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _keep_secret(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < MIN_SECRET_LENGTH:
        raise BadSetting(f"the key kept in {path} is damaged: delete the file to make a new one")
    return key


def _keep_secret(path: Path) -> None:
    """Of all processes that start at once one's key is kept, and nobody reads half of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with open(draft, "x", encoding="ascii", opener=_private) as file:
        file.write(secrets.token_hex(32))
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _web_url(environ: Mapping[str, str], name: str, default: str) -> str:
    url = environ.get(name, default)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _has_good_port(parts):
        raise BadSetting(f"{name} must be an http or https address, not {url!r}")
    return url.rstrip("/")


def _has_good_port(parts: SplitResult) -> bool:
    """Port 0 is one: it stands for whatever is free until the server has bound it."""
    try:
        return parts.port is None or parts.port >= 0
    except ValueError:
        return False


def _smtp_url(url: str | None) -> str | None:
    if url and urlsplit(url).scheme not in ("smtp", "smtps", "smtp+starttls"):
        raise BadSetting(
            "PLANNER_SMTP_URL must begin with smtp://, smtp+starttls:// or smtps://, "
            "for example smtp+starttls://user:password@mail.example.org:587/?from=planner@example.org"
        )
    return url or None


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(
            f"PLANNER_TIMEZONE {name!r} is not a known time zone such as Asia/Shanghai"
        ) from error


def _locale(name: str) -> str:
    if name not in LOCALES:
        raise BadSetting(f"PLANNER_LOCALE must be one of {', '.join(LOCALES)}, not {name!r}")
    return name


def _today(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadSetting(f"PLANNER_TODAY must be a date like 2024-10-15, not {text!r}") from error


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadSetting(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)
