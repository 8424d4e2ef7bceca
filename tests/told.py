"""Nothing comes in; servers that alerts are sent to go out, real ones: a mail server and a web service."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from hri_node.ledger.alarms import Alarm

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USER, PASSWORD = "hri-node", "a word of four words"

FULL = Alarm("disk_full", "spool", "The disk under the spool is full.", NOW - timedelta(minutes=1), NOW)
AWAY = Alarm("destination_away", "pacs", "Destination pacs is away: refused.", NOW - timedelta(minutes=10), NOW)


@dataclass
class Mailbox:
    """A mail server that keeps what it gets; it answers `answers` to whom it has an answer for."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Whether somebody gets mail here."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter."""
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content = envelope.content or b""
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.append(list(envelope.rcpt_tos))
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"


class _AnyPort(Controller):
    """A controller that looks at its door where the system put it."""

    def _trigger_server(self) -> None:
        """As its class does, once the port is known."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    """Whether somebody says the right password."""
    is_good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_good, handled=False)


@contextmanager
def mailbox(tls: ssl.SSLContext | None = None, *, at_once: bool = False, login: bool = False) -> Iterator[Mailbox]:
    """A mail server; with `tls` it insists on STARTTLS, or on TLS `at_once`; with `login` on a password, too."""
    box = Mailbox()
    options: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls and not at_once else {}
    options |= {"authenticator": _known, "auth_required": True, "auth_require_tls": not at_once} if login else {}
    server = _AnyPort(box, "127.0.0.1", 0, ssl_context=tls if at_once else None, **options)
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()


@dataclass
class Service:
    """A web service that keeps what it gets, and answers `status`."""

    url: str = ""
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    location: str = ""


@contextmanager
def service(tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """A web service, of HTTPS with `tls`."""
    kept = Service()

    class Handler(BaseHTTPRequestHandler):
        """Keeps what comes."""

        def do_POST(self) -> None:
            """Keep and answer."""
            kept.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            kept.headers.append(dict(self.headers))
            self.send_response(kept.status)
            if kept.location:
                self.send_header("Location", kept.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    kept.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/hook/very-secret"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
