"""The doors that messages leave by. They know no database; the caller keeps what was sent."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import socket
import ssl
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from planner.config import BadSetting, Settings
from planner.domain.text import Text, t
from planner.wire import Deadline, DeliveryFailed, Step, no_step

TIMEOUT = 20.0
"""Seconds for one mail, from the connection to the last word."""

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """One mail to one person.

    `message_id` is local@domain without brackets, and stays the same when the mail is sent again;
    so does `at`, the instant that the message was written. `to` is a bare address.
    """

    message_id: str
    to: str
    subject: str
    text: str
    at: datetime
    html: str | None = None
    to_name: str = ""


class MailChannel(Protocol):
    """What a mail leaves by."""

    def send(self, mail: Mail, step: Step = no_step) -> None:
        """Deliver, or raise DeliveryFailed. Delivering the same mail twice is harmless."""


def compose(mail: Mail, sender: Address) -> EmailMessage:
    """The mail as MIME. Line breaks and control characters in a name or subject become blanks.

    Raises DeliveryFailed, permanent, for an address, message id or text that no mail can carry.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["Subject"] = _one_line(mail.subject)
        message["From"] = sender
        message["To"] = _address(mail.to, mail.to_name)
        message["Date"] = format_datetime(mail.at.astimezone(UTC))
        message["Message-ID"] = _message_id(mail.message_id)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="base64")
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html", cte="base64")
    except ValueError as error:
        raise DeliveryFailed(True, _unsendable(error)) from error
    return message


class Outbox:
    """Writes each mail as an .eml file, for use without a mail server.

    The name is the mail's date (UTC) and its message id: sent again, it replaces itself.
    """

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = _sender(sender)

    def send(self, mail: Mail, step: Step = no_step) -> None:
        """Write the file, all of it or nothing. A disk that refuses is a passing failure."""
        content = compose(mail, self._sender).as_bytes()
        step("offering")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(self._folder / _file_name(mail), content)
        except OSError as error:
            said = t("The mail cannot be written to the outbox: %(words)s", words=str(error))
            raise DeliveryFailed(False, said) from error
        step("accepted")


class Smtp:
    """Hands mails to a server: smtp://, smtp+starttls:// or smtps://, with ?from=address.

    A connection serves one mail and is cut off `timeout` seconds after it was begun.
    `certificates` are what TLS trusts, by default what the system does.
    Raises BadSetting for a URL without host, with a bad port or a bad sender.
    """

    def __init__(
        self,
        url: str,
        *,
        default_sender: str,
        timeout: float = TIMEOUT,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._host, self._port = _host_and_port(parts)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = _sender(parse_qs(parts.query).get("from", [default_sender])[0])
        self._timeout = timeout
        self._certificates = certificates or ssl.create_default_context()

    def send(self, mail: Mail, step: Step = no_step) -> None:
        """Deliver to the server.

        Refused with 5xx is permanent. All that goes wrong before the mail is offered (no
        connection, no TLS, a refused log-in) passes: it is the server's or the settings' fault.
        """
        message = compose(mail, self._sender)
        offered = False
        with Deadline(self._timeout) as deadline:
            client = self._client(deadline)
            try:
                step("connecting")
                self._greet(client)
                step("connected")
                offered = True
                step("offering")
                client.send_message(message)
                step("accepted")
                with suppress(smtplib.SMTPException, OSError):  # it has the mail, whatever comes
                    client.quit()
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                raise _failure(error, offered, deadline.is_over) from error
            finally:
                client.close()

    def _client(self, deadline: Deadline) -> smtplib.SMTP:
        """Not connected yet. Naming our own domain here spares a DNS look-up."""
        domain = self._sender.domain
        client: _InTime
        if self._scheme == "smtps":
            client = _TlsInTime(local_hostname=domain, context=self._certificates)
        else:
            client = _InTime(local_hostname=domain)
        client.deadline = deadline
        return client

    def _greet(self, client: smtplib.SMTP) -> None:
        # smtplib checks certificates against this name, and sets it only when it connects at once
        client._host = self._host  # type: ignore[attr-defined]
        code, answer = client.connect(self._host, self._port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
        if self._scheme == "smtp+starttls":
            client.starttls(context=self._certificates)
        if self._user:
            client.login(self._user, self._password)


class _InTime(smtplib.SMTP):
    """Connects within a deadline."""

    deadline: Deadline

    def _get_socket(self, host: str, port: int, _timeout: object) -> socket.socket:
        return self.deadline.connect(host, port)


class _TlsInTime(smtplib.SMTP_SSL, _InTime):
    """The same, with TLS from the first byte."""


def open_mail_channel(settings: Settings, timeout: float = TIMEOUT) -> MailChannel:
    """SMTP where it is configured, else files in the folder `outbox` under `var`.

    Raises BadSetting for an SMTP address that cannot be used.
    """
    sender = f"planner@{_site_domain(settings.base_url)}"
    if settings.smtp_url is None:
        return Outbox(settings.var / "outbox", sender)
    return Smtp(settings.smtp_url, default_sender=sender, timeout=timeout)


def _failure(error: Exception, offered: bool, is_over: bool) -> DeliveryFailed:
    """What is read when the deadline cuts the connection may be half an answer."""
    if is_over or isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return DeliveryFailed(False, t("The mail server did not answer in time."))
    answer: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, answer = next(iter(error.recipients.values()))
        case smtplib.SMTPResponseException():
            code, answer = error.smtp_code, error.smtp_error
        case smtplib.SMTPNotSupportedError() | UnicodeError():
            return DeliveryFailed(offered, _unsendable(error))
        case socket.gaierror():
            return DeliveryFailed(False, t("There is no mail server of the name that is set."))
        case ConnectionRefusedError():
            return DeliveryFailed(False, t("The mail server refused the connection."))
        case _:
            words = str(error) or type(error).__name__
            said = t("The mail server cannot be reached: %(words)s", words=words)
            return DeliveryFailed(False, said)
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    said = t("The mail server refused it: %(words)s", words=f"{code} {_one_line(text)}")
    return DeliveryFailed(offered and 500 <= code <= 599, said)


def _unsendable(error: Exception) -> Text:
    return t("This mail cannot be sent: %(words)s", words=str(error))


def _one_line(text: str) -> str:
    """Without control characters: a line break would begin a header of its own."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _address(address: str, name: str = "") -> Address:
    """Raises ValueError for what is not user@domain."""
    try:
        parsed = Address(_one_line(name), addr_spec=address)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise ValueError(f"not a mail address: {address!r}") from error
    if not parsed.username or not parsed.domain:
        raise ValueError(f"not a mail address: {address!r}")
    return parsed


def _message_id(message_id: str) -> str:
    if not re.fullmatch(r"[\w.+-]{1,100}@[\w.-]{1,100}", message_id, re.ASCII):
        raise ValueError(f"not a message id: {message_id!r}")
    return f"<{message_id}>"


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        return _address(address, name)
    except ValueError as error:
        raise BadSetting(f"the sender {text!r} (?from= in PLANNER_SMTP_URL) is {error}") from error


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    """The messages leave the URL out, because a password may stand in it."""
    if parts.scheme not in PORTS or not parts.hostname:
        raise BadSetting(
            f"PLANNER_SMTP_URL needs one of {', '.join(PORTS)} and a host, "
            "for example smtp+starttls://user:password@mail.example.org:587"
        )
    try:
        return parts.hostname, parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise BadSetting("the port in PLANNER_SMTP_URL must be from 1 to 65535") from error


def _site_domain(base_url: str) -> str:
    """The site's host name; an IP address makes no mail domain."""
    host = urlsplit(base_url).hostname or "localhost"
    try:
        ip_address(host)
    except ValueError:
        return host
    return "localhost"


def _file_name(mail: Mail) -> str:
    readable = re.sub(r"[^\w+-]+", "-", mail.message_id, flags=re.ASCII)[:80].strip("-")
    digest = hashlib.sha256(mail.message_id.encode()).hexdigest()[:8]
    return f"{mail.at.astimezone(UTC):%Y-%m-%d}-{readable}-{digest}.eml"


def _replace(path: Path, content: bytes) -> None:
    """Put the content in place at once and for good: a crash leaves the old file or the new."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
