"""A robot has taken a note when HTTP says 200 and its vendor says 0; a refusal says what helps."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from planner import robots
from planner.config import load
from planner.domain.words import ROBOT_CHANNELS, Channel
from planner.robots import Address, Note, Webhooks, open_robot_channel
from planner.services.delivery import LEASE
from planner.wire import DeliveryFailed
from tests.support.vendors import Vendors, listening
from tests.test_channels import CERTIFICATE, free_port, raw_server

NOTE = Note("“既有建筑节能改造”已下达", "https://jn.example.org/assignments/7")
AT = datetime(2024, 11, 1, 1, 0, tzinfo=UTC)
TOKEN = "0a1b2c3d-token"
SECRET = "SEC-1"


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with listening() as serving:
        yield serving


def posting(vendors: Vendors, channel: Channel = Channel.WECOM, **robot: Any) -> None:
    hooks = Webhooks(vendors.bases, timeout=5)
    hooks.post(Address(channel, TOKEN, **robot), NOTE, AT)


def refused(vendors: Vendors, channel: Channel = Channel.WECOM) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        posting(vendors, channel)
    return caught.value


# --- what is posted -----------------------------------------------------------------------------


def test_wecom_gets_title_and_link(vendors: Vendors) -> None:
    posting(vendors)
    (post,) = vendors.posts
    assert (post.path, post.query) == ("/cgi-bin/webhook/send", {"key": [TOKEN]})
    assert post.content == {"msgtype": "text", "text": {"content": f"{NOTE.title}\n{NOTE.url}"}}
    assert post.kind == "application/json; charset=utf-8"


def test_dingtalk_is_signed_with_milliseconds_in_the_query(vendors: Vendors) -> None:
    posting(vendors, Channel.DINGTALK, secret=SECRET)
    (post,) = vendors.posts
    millis = str(int(AT.timestamp() * 1000))
    digest = hmac.digest(SECRET.encode(), f"{millis}\n{SECRET}".encode(), "sha256")
    assert post.path == "/robot/send"
    assert post.query == {
        "access_token": [TOKEN],
        "timestamp": [millis],
        "sign": [base64.b64encode(digest).decode()],
    }
    assert post.content["text"]["content"].startswith(NOTE.title)


def test_feishu_is_signed_with_seconds_in_the_body(vendors: Vendors) -> None:
    """Its key is what others sign, and what it signs is empty."""
    posting(vendors, Channel.FEISHU, secret=SECRET)
    (post,) = vendors.posts
    seconds = str(int(AT.timestamp()))
    digest = hmac.new(f"{seconds}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert (post.path, post.query) == (f"/open-apis/bot/v2/hook/{TOKEN}", {})
    assert post.content["timestamp"] == seconds
    assert post.content["sign"] == base64.b64encode(digest).decode()
    assert post.content["content"]["post"]["zh_cn"]["content"] == [
        [{"tag": "a", "text": NOTE.title, "href": NOTE.url}]
    ]


@pytest.mark.parametrize("channel", [Channel.DINGTALK, Channel.FEISHU])
def test_without_a_secret_nothing_is_signed(vendors: Vendors, channel: Channel) -> None:
    posting(vendors, channel)
    (post,) = vendors.posts
    assert "sign" not in {**post.query, **post.content}


def test_a_gateway_may_have_a_path(vendors: Vendors) -> None:
    base = vendors.bases[Channel.WECOM]
    Webhooks({Channel.WECOM: f"{base}/gate/"}).post(Address(Channel.WECOM, TOKEN), NOTE, AT)
    assert vendors.posts[0].path == "/gate/cgi-bin/webhook/send"


def test_a_title_is_one_line_of_at_most_300_characters(vendors: Vendors) -> None:
    hooks = Webhooks(vendors.bases)
    hooks.post(Address(Channel.WECOM, TOKEN), Note("节" * 200 + "\n" + "能" * 200, NOTE.url), AT)
    said = vendors.posts[0].content["text"]["content"]
    title, url = said.split("\n")
    assert (len(title), title[-1], url) == (300, "…", NOTE.url)
    assert len(said.encode()) < 2048


def test_a_title_calls_nobody_by_name(vendors: Vendors) -> None:
    hooks = Webhooks(vendors.bases)
    hooks.post(Address(Channel.WECOM, TOKEN), Note("<@all> hello", NOTE.url), AT)
    assert "<@" not in vendors.posts[0].content["text"]["content"]


def test_the_settings_say_where(vendors: Vendors, tmp_path: Any) -> None:
    environment = {"PLANNER_VAR": str(tmp_path)} | {
        f"PLANNER_{channel.upper()}_URL": base for channel, base in vendors.bases.items()
    }
    hooks = open_robot_channel(load(environment))
    for channel in ROBOT_CHANNELS:
        hooks.post(Address(channel, TOKEN), NOTE, AT)
    assert len(vendors.posts) == 3


# --- what is answered ---------------------------------------------------------------------------

KEYS = {
    Channel.WECOM: ("errcode", "errmsg"),
    Channel.DINGTALK: ("errcode", "errmsg"),
    Channel.FEISHU: ("code", "msg"),
}

REFUSALS = [
    (Channel.WECOM, 93000, "invalid webhook url, hint: [16]", True),
    (Channel.WECOM, 45009, "api freq out of limit", False),
    (Channel.WECOM, -1, "system busy", False),
    (Channel.DINGTALK, 300005, "token is not exist", True),
    (Channel.DINGTALK, 310000, "sign not match", True),
    (Channel.DINGTALK, 310000, "keywords not in content", True),
    (Channel.DINGTALK, 400102, "bot is stopped", True),
    (Channel.DINGTALK, 130101, "send too fast, exceed 20 times per minute", False),
    (Channel.DINGTALK, 410100, "send too fast", False),
    (Channel.DINGTALK, -1, "system busy", False),
    (Channel.FEISHU, 19001, "param invalid: incoming webhook access token invalid", True),
    (Channel.FEISHU, 19021, "sign match fail or timestamp is not within one hour", True),
    (Channel.FEISHU, 19024, "Key Words Not Found", True),
    (Channel.FEISHU, 11232, "frequency limited psm[lark.oapi.app_platform_runtime]", False),
    (Channel.FEISHU, 9499, "Bad Request", False),
    (Channel.FEISHU, 77777, "a code that nobody knows", False),
]


@pytest.mark.parametrize(("channel", "code", "words", "permanent"), REFUSALS)
@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_says_whether_trying_again_helps(
    vendors: Vendors, channel: Channel, code: int, words: str, permanent: bool, status: int
) -> None:
    named, said = KEYS[channel]
    vendors.answer(status, {named: code, said: words})
    failed = refused(vendors, channel)
    assert failed.permanent is permanent
    assert f"{code} {words}" in str(failed.reason)


def test_feishus_older_answer_is_understood(vendors: Vendors) -> None:
    vendors.answer(200, {"StatusCode": 0, "StatusMessage": "success"})
    posting(vendors, Channel.FEISHU)
    vendors.answer(200, {"StatusCode": 19024, "StatusMessage": "Key Words Not Found"})
    assert refused(vendors, Channel.FEISHU).permanent


UNREADABLE = {
    "html": (200, b"<html><h1>Log in to the network</h1></html>"),
    "nothing": (200, b""),
    "no object": (200, b"[0]"),
    "no code": (200, b'{"errmsg": "ok"}'),
    "a code that is none": (200, b'{"errcode": true}'),
    "a code as words": (200, b'{"errcode": "0"}'),
    "half of it": (200, b'{"errcode": 0, "err'),
    "nested too deep": (200, b"[" * 60_000),
    "no text": (200, b"\xff\xfe\x00"),
    "broken": (500, b"Internal Server Error"),
    "broken and yet 0": (502, b'{"errcode": 0}'),
    "moved": (302, b""),
    "gone": (404, b"<html></html>"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_answer_passes(vendors: Vendors, kind: str) -> None:
    status, body = UNREADABLE[kind]
    vendors.answer(status, body)
    failed = refused(vendors)
    assert not failed.permanent
    assert f"HTTP {status}" in str(failed.reason)


def test_nobody_there_passes_without_telling_the_token() -> None:
    hooks = Webhooks({Channel.WECOM: f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(DeliveryFailed) as caught:
        hooks.post(Address(Channel.WECOM, TOKEN), NOTE, AT)
    assert not caught.value.permanent
    assert "refused" in str(caught.value)
    assert TOKEN not in str(caught.value)


# --- servers that hold on -----------------------------------------------------------------------


def hang(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def close(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(10)


def drip_head(connection: socket.socket, over: threading.Event) -> None:
    drip(connection, over, b"HTTP/1.1 200 OK\r\nX: ")


def drip_body(connection: socket.socket, over: threading.Event) -> None:
    drip(connection, over, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{")


def drip_handshake(connection: socket.socket, over: threading.Event) -> None:
    drip(connection, over, b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")


def drip(connection: socket.socket, over: threading.Event, first: bytes) -> None:
    """Never silent for as long as a socket's timeout, and never done."""
    connection.sendall(first)
    while not over.wait(0.05):
        try:
            connection.sendall(b" ")
        except OSError:
            return


@pytest.mark.parametrize("talk", [hang, drip_head, drip_body, drip_handshake])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_holds_on_is_left_in_time(
    talk: Callable[[socket.socket, threading.Event], None], scheme: str
) -> None:
    """In the middle of the handshake, the head or the body."""
    with raw_server(talk) as port:
        hooks = Webhooks({Channel.WECOM: f"{scheme}://127.0.0.1:{port}"}, timeout=0.4)
        began = time.monotonic()
        with pytest.raises(DeliveryFailed) as caught:
            hooks.post(Address(Channel.WECOM, TOKEN), NOTE, AT)
        took = time.monotonic() - began
    assert not caught.value.permanent
    assert took < 2


def test_a_server_that_closes_passes() -> None:
    with raw_server(close) as port:
        hooks = Webhooks({Channel.WECOM: f"http://127.0.0.1:{port}"}, timeout=5)
        with pytest.raises(DeliveryFailed) as caught:
            hooks.post(Address(Channel.WECOM, TOKEN), NOTE, AT)
    assert not caught.value.permanent


def test_the_timeout_of_a_post_is_under_half_the_lease() -> None:
    """With half a minute for the resolver, the only part that a deadline cannot cut."""
    assert timedelta(seconds=robots.TIMEOUT + 30) < LEASE / 2


# --- TLS ----------------------------------------------------------------------------------------


def server_side() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_a_note_is_posted_over_tls() -> None:
    trusted = ssl.create_default_context(cafile=str(CERTIFICATE))
    with listening(server_side()) as vendors:
        Webhooks(vendors.bases, certificates=trusted).post(Address(Channel.FEISHU, TOKEN), NOTE, AT)
        assert len(vendors.posts) == 1


def test_an_unknown_certificate_gets_nothing() -> None:
    with listening(server_side()) as vendors:
        failed = refused(vendors)
        assert not failed.permanent
        assert "certificate" in str(failed.reason).lower()
        assert vendors.posts == []
