"""Connections come in; associations whose threads sleep while nothing happens, and end when they should, go out."""

import contextlib
import socket
import socketserver
from collections.abc import Callable, Sequence
from typing import Any, Final, Self, cast

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from hri_node.errors import Misconfigured
from hri_node.receive.negotiation import Negotiation
from hri_node.receive.stream import AssociationStream
from hri_node.receive.waiting import RingingQueue, WaitingMessages
from hri_node.sections import ListenerSettings

PDU_TIMEOUT_S: Final = 60.0
"""Where the application entity sets no time-out."""

AWAITING_REQUEST: Final = "Sta2"
REQUESTED: Final = "Sta3"
"""PS3.8 Table 9-1, 9-2: states of the upper layer."""

HANDSHAKE_S: Final = 10.0
"""How long a peer may take to agree on encryption."""

POLL_S: Final = 0.1
"""How often the accepting thread looks whether it should stop."""

COLLECT_EVERY_POLLS: Final = 300
"""pynetdicom collects garbage, which ended associations are, every 60 polls of half a second."""

BACKLOG: Final = 128
"""Connections that wait to be accepted. pynetdicom's 5 makes the sixth scanner of a burst wait for seconds."""


def listening_sockets(settings: ListenerSettings, *, encrypted: bool) -> dict[str, socket.socket]:
    """A socket for each port, ``plain`` and ``tls``; processes that are forked may share them.

    Parameters
    ----------
    settings
        Which ports; 0 is any that is free.
    encrypted
        Whether there is a port for DICOM TLS.

    Raises
    ------
    Misconfigured
        When an address cannot be bound, or there is no port to listen on.
    """
    ports = {"plain": settings.port} if settings.plain else {}
    if encrypted:
        ports["tls"] = settings.tls.port
    if not ports:
        raise Misconfigured("listener.plain is false, and listener.tls.certificate is not set: no port is left")
    with contextlib.ExitStack() as opened:
        sockets = {name: opened.enter_context(_bound(settings.host, port)) for name, port in ports.items()}
        opened.pop_all()
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens; closed where it cannot."""
    with contextlib.ExitStack() as opened:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
            listening = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except OSError as error:
            raise Misconfigured(f"listener cannot bind {host}:{port}: {error.strerror}") from error
        listening.setblocking(False)  # another process may have been faster to accept what woke both
        opened.pop_all()
    return listening


class _SharedContexts(list[PresentationContext]):
    """Contexts that nobody changes. Copying all of them, as pynetdicom does, costs each association 30 ms."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class _Reception(RequestHandler):
    """Turns a connection into an association."""

    def setup(self) -> None:
        """Agree on encryption, in the thread of this connection: a slow peer keeps nobody out."""
        if context := self.server.ssl_context:
            self.request.settimeout(HANDSHAKE_S)
            self.request = context.wrap_socket(self.request, server_side=True)

    def _create_association(self) -> Association:
        """Association on a stream of ours, its threads woken instead of polling."""
        association = super()._create_association()
        plain = association.dul.socket
        assert plain, "pynetdicom gives every acceptor its connection"
        stream = AssociationStream(plain, association.network_timeout or PDU_TIMEOUT_S)
        association.acse = Negotiation(association)
        association.dul = cast("AcceptorServer", self.server).make_reactor(association, stream)
        association.dul.to_provider_queue = RingingQueue(stream.ring)
        association.dimse = messages = WaitingMessages(association)
        association.dul.to_user_queue = RingingQueue(messages.wake)
        return association


def _end_what_never_began(event: Event) -> None:
    """Wake the thread of an association that will never be requested.

    A load balancer's health check or a port scan connects and says nothing; the thread would wait for its request
    until the time-out, and count as an association all the while.
    """
    if event.current_state == AWAITING_REQUEST and event.next_state != REQUESTED:
        event.assoc.dul.to_user_queue.put(cast("Any", None))  # read as: nothing came


class AcceptorServer(ThreadedAssociationServer):
    """The listening socket.

    Parameters
    ----------
    entity
        Whose associations these are: its name, limits and time-outs.
    listening
        A socket of `listening_sockets`.
    contexts
        What is accepted.
    handlers
        Event to function, as pynetdicom binds them.
    make_reactor
        Makes the thread that reads the connection of an association.

    Attributes
    ----------
    ssl_context
        Makes this a port for encrypted connections; None: a plain one.
    on_failed_handshake
        Told the address of a peer that no encryption could be agreed on with, and the error.

    """

    request_queue_size = BACKLOG
    daemon_threads = True

    def __init__(
        self,
        entity: AE,
        listening: socket.socket,
        contexts: Sequence[PresentationContext],
        handlers: list[EventHandlerType],
        make_reactor: Callable[[Association, AssociationStream], DULServiceProvider],
    ) -> None:
        self._listening = listening
        host, port = listening.getsockname()[:2]
        super().__init__(
            entity,
            (host, port),
            entity.ae_title,
            _SharedContexts(contexts),
            evt_handlers=[*handlers, (evt.EVT_FSM_TRANSITION, _end_what_never_began)],
            request_handler=_Reception,
        )
        self._gc = [0, COLLECT_EVERY_POLLS]
        self.make_reactor = make_reactor
        self.on_failed_handshake: Callable[[str, OSError], None] = lambda _address, _error: None

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Next connection as it is: encryption is agreed on by `_Reception`, not in the thread that accepts."""
        return socketserver.TCPServer.get_request(self)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Begin an association, or tell why none came about.

        Parameters
        ----------
        request, client_address
            The connection, and where it is from.
        """
        try:
            super().finish_request(request, client_address)
        except OSError as error:
            self.on_failed_handshake(str(client_address[0]), error)
            self.shutdown_request(request)

    def server_bind(self) -> None:
        """Take the socket that listens already in place of pynetdicom's."""
        assert self.socket, "socketserver made one"
        self.socket.close()
        self.socket = self._listening
        self.server_address = self._listening.getsockname()

    def server_close(self) -> None:
        """Close our end of the socket; processes that share it go on."""
        self._listening.close()

    def serve(self) -> None:
        """Accept connections until `shutdown`."""
        self.serve_forever(POLL_S)

    def shutdown(self) -> None:
        """Stop listening; associations that are open stay open."""
        socketserver.BaseServer.shutdown(self)
        self.server_close()

    @property
    def open_associations(self) -> list[Association]:
        """Associations that have not ended."""
        return [association for association in self.active_associations if association.is_alive()]
