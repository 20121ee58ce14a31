"""Mail leaves by files or by SMTP, and what goes wrong says whether trying again can help."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from planner.channels import Mail, Outbox, Smtp, open_mail_channel
from planner.config import BadSetting, load
from planner.wire import DeliveryFailed

CERTIFICATE = Path(__file__).parent / "certificates" / "localhost.pem"
SENDER = "planner@plan.example.org"
MAIL = Mail(
    message_id="message-17@plan.example.org",
    to="liaison@edu.example.org",
    to_name="县教委 联络员",
    subject="提醒：节能改造，10月31日到期",
    text="县教委：\n您有 3 项工作将于本月到期。\n",
    at=datetime(2024, 10, 15, 1, 0, tzinfo=UTC),
    html="<p>您有 <b>3</b> 项工作将于本月到期。</p>",
)


class Server:
    """A mail server's side: keeps what it takes, and answers as it was told to."""

    def __init__(self, recipient: str = "250 OK", data: str = "250 OK") -> None:
        self.recipient = recipient
        self.data = data
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def listening(server: Server, **options: Any) -> Iterator[int]:
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def smtp(port: int, scheme: str = "smtp", **options: Any) -> Smtp:
    return Smtp(f"{scheme}://localhost:{port}", default_sender=SENDER, timeout=5, **options)


def parsed(content: bytes | str | None) -> EmailMessage:
    assert isinstance(content, bytes)
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def eml_files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def failure(send: Callable[[Mail], None], mail: Mail = MAIL) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        send(mail)
    return caught.value


# What a mail looks like


def sent(tmp_path: Path, mail: Mail) -> EmailMessage:
    Outbox(tmp_path, SENDER).send(mail)
    (path,) = eml_files(tmp_path)
    return parsed(path.read_bytes())


def test_headers_and_both_bodies_survive_in_chinese(tmp_path: Path) -> None:
    message = sent(tmp_path, MAIL)
    assert message["Subject"] == MAIL.subject
    assert message["From"] == SENDER
    assert message["To"].addresses[0].display_name == MAIL.to_name
    assert message["To"].addresses[0].addr_spec == MAIL.to
    assert message["Date"].datetime == MAIL.at
    assert message["Message-ID"] == f"<{MAIL.message_id}>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert body(message, "plain") == MAIL.text
    assert body(message, "html").rstrip("\n") == MAIL.html


def test_a_mail_goes_out_as_ascii(tmp_path: Path) -> None:
    """Not every server on the way takes 8-bit mail."""
    Outbox(tmp_path, SENDER).send(MAIL)
    assert eml_files(tmp_path)[0].read_bytes().isascii()


def test_without_html_there_is_only_text(tmp_path: Path) -> None:
    message = sent(tmp_path, replace(MAIL, html=None))
    assert message.get_content_type() == "text/plain"
    assert body(message, "plain") == MAIL.text


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_line_break_begins_no_header(tmp_path: Path, line_break: str) -> None:
    evil = f"节能{line_break}Bcc: all@example.org{line_break}{line_break}gone"
    message = sent(tmp_path, replace(MAIL, subject=evil, to_name=evil))
    assert message["Bcc"] is None
    assert message["Subject"] == "节能 Bcc: all@example.org gone"
    assert [address.addr_spec for address in message["To"].addresses] == [MAIL.to]
    assert body(message, "plain") == MAIL.text


def test_a_name_cannot_add_an_address(tmp_path: Path) -> None:
    message = sent(tmp_path, replace(MAIL, to_name='x" <all@example.org>, "y'))
    assert [address.addr_spec for address in message["To"].addresses] == [MAIL.to]


def raw_name(folder: Path) -> str:
    """The recipient's name; the parser of addresses puts blanks where a long one was folded."""
    raw = message_from_bytes(eml_files(folder)[0].read_bytes(), policy=policy.compat32)["To"]
    return str(make_header(decode_header(raw.rpartition(" <")[0])))


def test_long_names_subjects_and_message_ids_stay_whole(tmp_path: Path) -> None:
    long = replace(
        MAIL, subject="节" * 400, to_name="县" * 300, message_id=f"{'m' * 100}@a.example"
    )
    message = sent(tmp_path, long)
    assert message["Subject"] == long.subject
    assert raw_name(tmp_path) == long.to_name
    assert message["Message-ID"] == f"<{long.message_id}>"


@pytest.mark.parametrize(
    "change",
    [
        {"to": ""},
        {"to": "nobody"},
        {"to": "@example.org"},
        {"to": "a@example.org, b@example.org"},
        {"to": "a@example.org\r\nBcc: b@example.org"},
        {"message_id": "17"},
        {"message_id": "<17@example.org>"},
        {"message_id": "17@example.org>\r\nBcc: b@example.org"},
        {"text": "\ud800"},
    ],
)
def test_a_mail_that_no_server_could_carry_fails_for_good(
    tmp_path: Path, change: dict[str, str]
) -> None:
    """It must not be tried forever, nor break the delivery of others."""
    mail = replace(MAIL, **change)  # type: ignore[arg-type]
    assert failure(Outbox(tmp_path, SENDER).send, mail).permanent
    assert eml_files(tmp_path) == []


# Files


def test_the_file_is_named_by_date_and_message(tmp_path: Path) -> None:
    Outbox(tmp_path / "new" / "outbox", SENDER).send(MAIL)
    (path,) = eml_files(tmp_path / "new" / "outbox")
    assert path.name.startswith("2024-10-15-message-17-plan-example-org-")
    assert path.suffix == ".eml"


def test_the_same_message_twice_is_one_file(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, SENDER)
    outbox.send(MAIL)
    outbox.send(replace(MAIL, subject="again"))
    (path,) = eml_files(tmp_path)
    assert parsed(path.read_bytes())["Subject"] == "again"


def test_messages_whose_names_look_alike_are_two_files(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, SENDER)
    outbox.send(replace(MAIL, message_id="a.b@x.example"))
    outbox.send(replace(MAIL, message_id="a-b@x.example"))
    assert len(eml_files(tmp_path)) == 2


def test_a_message_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox", SENDER)
    outbox.send(replace(MAIL, message_id="..@..example"))
    assert failure(outbox.send, replace(MAIL, message_id="../../x@example.org")).permanent
    assert eml_files(tmp_path) == [tmp_path / "outbox"]


def test_an_outbox_that_cannot_be_written_passes(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands in the way")
    failed = failure(Outbox(tmp_path / "outbox", SENDER).send)
    assert not failed.permanent
    assert "outbox" in str(failed.reason)


def test_a_file_that_cannot_be_replaced_leaves_no_draft(tmp_path: Path) -> None:
    Outbox(tmp_path, SENDER).send(MAIL)
    (path,) = eml_files(tmp_path)
    path.unlink()
    path.mkdir()
    assert not failure(Outbox(tmp_path, SENDER).send).permanent
    assert eml_files(tmp_path) == [path]


# SMTP


def test_a_mail_is_delivered() -> None:
    server = Server()
    with listening(server) as port:
        smtp(port).send(MAIL)
    (envelope,) = server.taken
    assert envelope.mail_from == SENDER
    assert envelope.rcpt_tos == [MAIL.to]
    assert parsed(envelope.content)["Message-ID"] == f"<{MAIL.message_id}>"
    assert body(parsed(envelope.content), "plain") == MAIL.text


def test_the_url_names_the_sender() -> None:
    server = Server()
    with listening(server) as port:
        url = f"smtp://127.0.0.1:{port}/?from=%E8%8A%82%E8%83%BD%E5%8A%9E%20%3Cjn@example.org%3E"
        Smtp(url, default_sender=SENDER, timeout=5).send(MAIL)
    assert server.taken[0].mail_from == "jn@example.org"
    assert parsed(server.taken[0].content)["From"] == "节能办 <jn@example.org>"


@pytest.mark.parametrize(
    ("server", "permanent", "reason"),
    [
        (Server(recipient="550 5.1.1 no such user"), True, "550 5.1.1 no such user"),
        (Server(recipient="450 4.2.0 greylisted"), False, "450 4.2.0 greylisted"),
        (Server(data="554 5.7.1 looks like spam"), True, "554 5.7.1 looks like spam"),
        (Server(data="452 4.3.1 disk full"), False, "452 4.3.1 disk full"),
        (Server(data="421 4.3.2 shutting down"), False, "421 4.3.2 shutting down"),
    ],
)
def test_a_refusal_with_5xx_is_final_and_4xx_passes(
    server: Server, permanent: bool, reason: str
) -> None:
    with listening(server) as port:
        failed = failure(smtp(port).send)
    assert (failed.permanent, failed.reason.params) == (permanent, {"words": reason})
    assert server.taken == []


def test_no_server_there_passes() -> None:
    failed = failure(smtp(free_port()).send)
    assert not failed.permanent
    assert "refused" in str(failed.reason).lower()


@contextmanager
def raw_server(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """A server that speaks as `talk` says, until the event is set."""
    over = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            talk(connection, over)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def hang(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def drip(connection: socket.socket, over: threading.Event) -> None:
    """Never silent for as long as a socket's timeout, and never done."""
    for _ in range(100):
        if over.wait(0.05):
            return
        try:
            connection.sendall(b"2")
        except OSError:
            return


def refuse_at_once(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"554 5.7.1 your address is listed\r\n")
    over.wait()


@pytest.mark.parametrize("talk", [hang, drip])
def test_a_server_that_never_answers_is_left_in_time(
    talk: Callable[[socket.socket, threading.Event], None],
) -> None:
    """Else the lease on the message runs out, and another worker sends it again."""
    with raw_server(talk) as port:
        channel = Smtp(f"smtp://127.0.0.1:{port}", default_sender=SENDER, timeout=0.3)
        began = time.monotonic()
        failed = failure(channel.send)
        took = time.monotonic() - began
    assert not failed.permanent
    assert "in time" in str(failed.reason)
    assert 0.2 < took < 3


def test_a_server_that_refuses_the_connection_passes() -> None:
    """5xx here is about our address, not about the mail: others would be lost with it."""
    with raw_server(refuse_at_once) as port:
        failed = failure(Smtp(f"smtp://127.0.0.1:{port}", default_sender=SENDER).send)
    assert (failed.permanent, failed.reason.params["words"]) == (
        False,
        "554 5.7.1 your address is listed",
    )


# TLS and log-in


def server_side() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def knows_secret(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    known = (data.login, data.password) == (b"planner@x", b"a:b/c")
    return AuthResult(success=known, handled=False)


SCHEMES: dict[str, dict[str, Any]] = {
    "smtps": {"ssl_context": server_side()},
    "smtp+starttls": {"tls_context": server_side(), "require_starttls": True},
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_mail_is_delivered_over_tls(scheme: str) -> None:
    server = Server()
    with listening(server, **SCHEMES[scheme]) as port:
        smtp(port, scheme, certificates=trusting()).send(MAIL)
    assert len(server.taken) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_server_with_an_unknown_certificate_gets_nothing(scheme: str) -> None:
    server = Server()
    with listening(server, **SCHEMES[scheme]) as port:
        failed = failure(smtp(port, scheme).send)
    assert not failed.permanent
    assert "certificate" in str(failed.reason).lower()
    assert server.taken == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_certificate_for_another_host_is_not_enough(scheme: str) -> None:
    server = Server()
    with listening(server, **SCHEMES[scheme]) as port:
        url = f"{scheme}://127.0.0.1:{port}"
        channel = Smtp(url, default_sender=SENDER, timeout=5, certificates=trusting())
        assert not failure(channel.send).permanent
    assert server.taken == []


def test_starttls_never_falls_back_to_plain() -> None:
    server = Server()
    with listening(server) as port:
        failed = failure(smtp(port, "smtp+starttls", certificates=trusting()).send)
    assert not failed.permanent
    assert "STARTTLS" in str(failed.reason)
    assert server.taken == []


@pytest.mark.parametrize(("password", "delivered"), [("a%3Ab%2Fc", 1), ("wrong", 0)])
def test_the_url_carries_the_log_in(password: str, delivered: int) -> None:
    """A refused log-in passes: the mail is good, the settings are not."""
    server = Server()
    options = {"authenticator": knows_secret, "auth_required": True}
    with listening(server, **SCHEMES["smtp+starttls"], **options) as port:
        url = f"smtp+starttls://planner%40x:{password}@localhost:{port}"
        channel = Smtp(url, default_sender=SENDER, timeout=5, certificates=trusting())
        if delivered:
            channel.send(MAIL)
        else:
            failed = failure(channel.send)
            assert not failed.permanent
            assert "535" in str(failed.reason)
    assert len(server.taken) == delivered


# Settings


def test_without_smtp_mails_become_files(tmp_path: Path) -> None:
    open_mail_channel(load({"PLANNER_VAR": str(tmp_path)})).send(MAIL)
    assert len(eml_files(tmp_path / "outbox")) == 1


def test_with_smtp_mails_go_to_the_server(tmp_path: Path) -> None:
    server = Server()
    with listening(server) as port:
        environment = {
            "PLANNER_VAR": str(tmp_path),
            "PLANNER_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "PLANNER_BASE_URL": "https://jn.example.org:8443/planner",
        }
        open_mail_channel(load(environment)).send(MAIL)
    assert server.taken[0].mail_from == "planner@jn.example.org"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("smtp://", "a host"),
        ("http://mail.example.org", "smtp\\+starttls"),
        ("smtp://user:secret@mail.example.org:99999", "port"),
        ("smtp://mail.example.org/?from=nobody", "'nobody'"),
    ],
)
def test_an_unusable_url_is_refused_without_its_password(url: str, says: str) -> None:
    with pytest.raises(BadSetting, match=says) as caught:
        Smtp(url, default_sender=SENDER)
    assert "secret" not in str(caught.value)
