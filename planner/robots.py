"""The robots of group chats (群机器人): WeCom, DingTalk and Feishu, each by its own rules.

An own small client, because the vendors' are made for applications with accounts. Formats,
signatures and refusal codes are those of the vendors' pages on custom robots:
developer.work.weixin.qq.com/document/path/91770 and /90313,
open.dingtalk.com/document/robots/custom-robot-access and
open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from planner.config import Settings
from planner.domain.names import NAMES
from planner.domain.text import Text, t
from planner.domain.words import Channel
from planner.wire import Deadline, DeliveryFailed, Step, no_step

TIMEOUT = 15.0
"""Seconds for one post, from the connection to the last byte of the answer."""

MOST_BYTES = 65_536
"""What is read of an answer; the vendors' have some hundred bytes."""

MOST_TITLE = 300
"""Characters of a title: with the address still under WeCom's 2048 bytes."""


@dataclass(frozen=True)
class Address:
    """Where a robot is: its vendor, the secret part of its address, what its posts are signed with.

    WeCom knows no signatures.
    """

    channel: Channel
    token: str
    secret: str | None = None


@dataclass(frozen=True)
class Note:
    """What a robot says: one line and where it leads."""

    title: str
    url: str


class RobotChannel(Protocol):
    """What a note leaves by."""

    def post(self, robot: Address, note: Note, at: datetime, step: Step = no_step) -> None:
        """Post it, or raise DeliveryFailed. `at` is the real time: signatures expire with it."""


@dataclass(frozen=True)
class _Request:
    """A path with its query, and the JSON to post there."""

    path: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class _Vendor:
    """`hopeless` are the refusals that no repetition mends; every other code passes."""

    name: Text
    request: Callable[[Address, Note, datetime], _Request]
    code_names: tuple[str, ...]
    word_names: tuple[str, ...]
    hopeless: frozenset[int]


def _wecom(robot: Address, note: Note, _at: datetime) -> _Request:
    # "<@" would call people by name
    said = f"{note.title.replace('<@', '< @')}\n{note.url}"
    query = urlencode({"key": robot.token})
    return _Request(
        f"/cgi-bin/webhook/send?{query}", {"msgtype": "text", "text": {"content": said}}
    )


def _dingtalk(robot: Address, note: Note, at: datetime) -> _Request:
    query = {"access_token": robot.token}
    if robot.secret:
        millis = str(int(at.timestamp() * 1000))
        signed = f"{millis}\n{robot.secret}"
        query |= {"timestamp": millis, "sign": _sign(robot.secret, signed)}
    content = {"msgtype": "text", "text": {"content": f"{note.title}\n{note.url}"}}
    return _Request(f"/robot/send?{urlencode(query)}", content)


def _feishu(robot: Address, note: Note, at: datetime) -> _Request:
    line = [{"tag": "a", "text": note.title, "href": note.url}]
    content: dict[str, Any] = {
        "msg_type": "post",
        "content": {"post": {"zh_cn": {"content": [line]}}},
    }
    if robot.secret:
        seconds = str(int(at.timestamp()))
        content |= {"timestamp": seconds, "sign": _sign(f"{seconds}\n{robot.secret}", "")}
    return _Request(f"/open-apis/bot/v2/hook/{quote(robot.token, safe='')}", content)


def _sign(key: str, message: str) -> str:
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


VENDORS: Mapping[Channel, _Vendor] = {
    Channel.WECOM: _Vendor(
        NAMES[Channel.WECOM],
        _wecom,
        ("errcode",),
        ("errmsg",),
        # bad type, bad parameter, empty, too long, bad address or removed, disabled, not in group
        frozenset({40008, 40058, 44004, 45002, 93000, 93004, 93008}),
    ),
    Channel.DINGTALK: _Vendor(
        NAMES[Channel.DINGTALK],
        _dingtalk,
        ("errcode",),
        ("errmsg",),
        # parameter missing, bad header, no such token (four codes), keyword, signature or address
        # refused, group dissolved, disabled, bad type, no such robot, unsafe link, unfit words
        frozenset(
            {40035, 43004, 300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106}
            | {430101, 430102, 430104}
        ),
    ),
    Channel.FEISHU: _Vendor(
        NAMES[Channel.FEISHU],
        _feishu,
        ("code", "StatusCode"),
        ("msg", "StatusMessage"),
        # bad token, bad parameter, signature, address refused, keyword, too long
        frozenset({19001, 19002, 19021, 19022, 19024, 19036}),
    ),
}
"""Rate limits (WeCom 45009, DingTalk 130101 and 410100, Feishu 11232 and 9499), a busy system (-1)
and codes that nobody knows are tried again."""


class Webhooks:
    """Posts to the vendors' addresses, or to those that stand in for them.

    A post is cut off after `timeout` seconds. `certificates` are what TLS trusts, by default what
    the system does.
    """

    def __init__(
        self,
        bases: Mapping[Channel, str],
        timeout: float = TIMEOUT,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._bases = bases
        self._timeout = timeout
        self._certificates = certificates or ssl.create_default_context()

    def post(self, robot: Address, note: Note, at: datetime, step: Step = no_step) -> None:
        """Post it. Done is HTTP 200 with the vendor's code 0, and nothing else."""
        vendor = VENDORS[robot.channel]
        wanted = vendor.request(robot, _fitting(note), at)
        with Deadline(self._timeout) as deadline:
            try:
                status, answer = self._talk(robot.channel, wanted, deadline, step)
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                raise _out_of_reach(vendor, error, deadline.is_over) from error
        _check(vendor, status, answer)
        step("accepted")

    def _talk(
        self, channel: Channel, wanted: _Request, deadline: Deadline, step: Step
    ) -> tuple[int, bytes]:
        base = urlsplit(self._bases[channel])
        host, tls = base.hostname or "", base.scheme == "https"
        connection = http.client.HTTPConnection(base.netloc.rpartition("@")[2])
        try:
            step("connecting")
            plain = deadline.connect(host, base.port or (443 if tls else 80))
            connection.sock = plain
            if tls:
                connection.sock = self._certificates.wrap_socket(plain, server_hostname=host)
            step("connected")
            step("offering")
            body = json.dumps(wanted.content, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json; charset=utf-8", "Connection": "close"}
            connection.request("POST", base.path.rstrip("/") + wanted.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
        finally:
            connection.close()


def open_robot_channel(settings: Settings, timeout: float = TIMEOUT) -> RobotChannel:
    """The vendors at the configured addresses."""
    bases = {
        Channel.WECOM: settings.wecom_url,
        Channel.DINGTALK: settings.dingtalk_url,
        Channel.FEISHU: settings.feishu_url,
    }
    return Webhooks(bases, timeout)


def _fitting(note: Note) -> Note:
    """The title on one line, cut to what every vendor takes."""
    title = " ".join(note.title.split())
    return Note(title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1] + "…", note.url)


def _check(vendor: _Vendor, status: int, answer: bytes) -> None:
    """Raises DeliveryFailed unless the vendor took it."""
    said = _parsed(answer)
    code = next((said[name] for name in vendor.code_names if _is_code(said.get(name))), None)
    if status == 200 and code == 0:
        return
    if code is None or code == 0:
        raise DeliveryFailed(False, _unreadable(vendor, status))
    words = next((said[name] for name in vendor.word_names if name in said), "")
    reason = t(
        "%(vendor)s refused it: %(words)s",
        vendor=vendor.name,
        words=f"{code} {_one_line(str(words))}".strip(),
    )
    raise DeliveryFailed(code in vendor.hopeless, reason)


def _parsed(answer: bytes) -> Mapping[str, Any]:
    """The answer if it is a JSON object; a page of some proxy's is none."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_code(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unreadable(vendor: _Vendor, status: int) -> Text:
    return t(
        "%(vendor)s gave no answer that can be read (HTTP %(status)s).",
        vendor=vendor.name,
        status=str(status),
    )


def _out_of_reach(vendor: _Vendor, error: Exception, is_over: bool) -> DeliveryFailed:
    """The error's own words: no address with its token stands in them."""
    if is_over or isinstance(error, TimeoutError):
        return DeliveryFailed(False, t("%(vendor)s did not answer in time.", vendor=vendor.name))
    words = _one_line(str(error)) or type(error).__name__
    said = t("%(vendor)s cannot be reached: %(words)s", vendor=vendor.name, words=words)
    return DeliveryFailed(False, said)


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())[:500]
