"""A web server on a port that the system chooses, which keeps what it is asked and answers as it is told."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer; None in place of a status hangs up."""

    status: int | None = 200
    body: bytes = b""
    media_type: str = "application/dicom+json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request, with its body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """What was asked, and what will be answered: one after the other, the last one again and again."""

    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def next(self) -> Answer:
        """The answer to give."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def answering(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Server on the loopback that answers so; encrypted where there is a context."""
    peer = WebServer(list(answers))

    class Handler(BaseHTTPRequestHandler):
        """Keeps the request, gives the answer."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Read it whole, then answer."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            peer.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            self.answer(peer.next())

        do_GET = do_POST  # noqa: N815 - http.server's name

        def answer(self, answer: Answer) -> None:
            """Send it, or hang up."""
            if answer.status is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            lengths = {"Content-Length": str(len(answer.body)), "Content-Type": answer.media_type}
            for name, value in (lengths | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a peer that hangs up is part of the test
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    peer.url = f"{'https' if tls else 'http'}://localhost:{server.server_address[1]}/dicom-web"
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
