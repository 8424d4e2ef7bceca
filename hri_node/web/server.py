"""An ASGI application comes in; it is served over HTTP or HTTPS until told to stop, and nobody waits in it for ever."""

import asyncio
import socket
import threading
from ssl import SSLContext
from typing import Any, Final

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from hri_node.console_sections import WebSettings
from hri_node.errors import Misconfigured
from hri_node.tls import server_context

HEADER_S: Final = 10.0
"""How long a peer may take to send the header of a request."""

KEEP_ALIVE_S: Final = 5
"""How long a connection without a request stays open."""

GRACE_S: Final = 5
"""How long open requests may go on when the server is told to stop."""

BACKLOG: Final = 128

CONNECTIONS_MAX: Final = 256
"""On top of those that store: whoever asks for health, and whoever is turned away."""

log = structlog.get_logger()


class WebServer:
    """The server, listening once it is built.

    Parameters
    ----------
    app
        What it serves.
    settings
        Address, certificate, limits.

    Raises
    ------
    Misconfigured
        When the address cannot be bound, or a certificate is wrong.
    """

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        context = server_context(settings.tls, require_client=settings.require_client_certificate, name="web.tls")
        self._server = uvicorn.Server(_config(app, settings, context))
        self._socket = _bound(settings.host, settings.port)
        self._scheme = "https" if context else "http"
        if settings.token_file and not context:
            log.warning(
                "tokens_not_encrypted", setting="web.tls", reason="whoever listens on the network can read them"
            )

    @property
    def port(self) -> int:
        """Port that is listened on; the one the system chose where the settings say 0."""
        return int(self._socket.getsockname()[1])

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop.

        Parameters
        ----------
        stop
            Set by whoever wants that.
        """
        log.info("serving", scheme=self._scheme, port=self.port)
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        waiting = asyncio.create_task(self._wait(stop))
        try:
            await self._server.serve([self._socket])
        finally:
            stop.set()
            await waiting

    async def _wait(self, stop: threading.Event) -> None:
        await asyncio.to_thread(stop.wait)
        self._server.should_exit = True


class Connection(H11Protocol):
    """A connection of uvicorn's that is closed when its peer does not come to the end of a request's header."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Begin to watch."""
        super().connection_made(transport)
        # asyncio does it only where the socket names its protocol; header and body of an answer are two writes, and
        # Nagle would hold the second back.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._idle_since = self.loop.time()
        self._watch = self.loop.call_later(HEADER_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no more."""
        self._watch.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def _look(self) -> None:
        is_busy = self.cycle is not None and not self.cycle.response_complete
        left = self._idle_since + HEADER_S - self.loop.time()
        if not is_busy and left <= 0:
            log.warning("connection_closed", reason="no whole request header came in time")
            self.transport.close()
        else:
            self._watch = self.loop.call_later(HEADER_S if is_busy else left, self._look)


def _config(app: ASGIApp, settings: WebSettings, context: SSLContext | None) -> uvicorn.Config:
    options: dict[str, Any] = {"ssl_context_factory": lambda *_: context} if context else {}
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # a query string may hold whatever a sender puts there
        server_header=False,
        proxy_headers=False,  # an address that a header claims lets nobody in
        limit_concurrency=settings.requests_max + CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        **options,
    )


def _bound(host: str, port: int) -> socket.socket:
    """Socket that listens."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise Misconfigured(f"web cannot bind {host}:{port}: {error.strerror}") from error
