"""Connections come in; associations that read fast, never wait for ever and survive a blank AE title go out."""

import socket
import socketserver
import time
from collections.abc import Sequence
from typing import Any, Final, Self, cast

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from hri_node.records import AE_TITLE_LENGTH_MAX

BLANK_AE_TITLE: Final = "(blank)"
"""Stands for a calling or called AE title of nothing but spaces, which PS3.8 9.3.2 forbids and scanners send."""

PDU_HEADER_LENGTH: Final = 6
"""PS3.8 9.3.1: type, a reserved byte, four bytes of length."""

A_ASSOCIATE_RQ: Final = 0x01
"""PS3.8 9.3.2."""

AE_TITLES: Final = (slice(4, 20), slice(20, 36))
"""Called and calling AE title behind the header of an A-ASSOCIATE-RQ (PS3.8 Table 9-11)."""

PDU_LENGTH_MAX: Final = 131_072
"""What peers are asked to stay under (PS3.8 D.1). DCMTK, which many scanners are built on, sends no longer ones."""

PDU_LENGTH_CAP: Final = 1_048_576
"""A longer one, which nobody was allowed to send, closes the connection instead of filling the memory."""

PDU_TIMEOUT_S: Final = 60.0
"""Where the application entity sets no time-out."""

AWAITING_REQUEST: Final = "Sta2"
REQUESTED: Final = "Sta3"
"""PS3.8 Table 9-1, 9-2: states of the upper layer."""

POLL_S: Final = 0.1
"""How often the accepting thread looks whether it should stop."""

COLLECT_EVERY_POLLS: Final = 300
"""pynetdicom collects garbage, which ended associations are, every 60 polls of half a second."""

BACKLOG: Final = 128
"""Connections that wait to be accepted. pynetdicom's 5 makes the sixth scanner of a burst wait for seconds."""


class AssociationStream(AssociationSocket):
    """The connection under an association, taken over from pynetdicom, which reads it differently.

    pynetdicom fetches 4 KiB at a time and, on an accepted connection, waits for ever for a peer that fell silent in
    the middle of a PDU; such an association never ends (pynetdicom#410).

    Parameters
    ----------
    plain
        What pynetdicom made.
    timeout_s
        Longest silence within a PDU, and longest time that one PDU may take.
    """

    def __init__(self, plain: AssociationSocket, timeout_s: float) -> None:
        # Not the parent's constructor: it would announce the connection to the state machine a second time.
        vars(self).update(vars(plain))
        assert self.socket, "an accepted association has a connection"
        self.socket.settimeout(timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timeout_s = timeout_s
        self._pdu_type = 0

    def recv(self, nr_bytes: int) -> bytearray:
        """Next bytes: first the header of a PDU, then the rest of it; shorter where the peer hung up.

        Parameters
        ----------
        nr_bytes
            How many.

        Raises
        ------
        OSError
            When the PDU takes too long, is too long, or the connection broke.
        """
        if nr_bytes > PDU_LENGTH_CAP:
            raise OSError(f"PDU has {nr_bytes} bytes, at most {PDU_LENGTH_CAP} accepted")
        received = self._receive(nr_bytes)
        if nr_bytes == PDU_HEADER_LENGTH and received:
            self._pdu_type = received[0]
        elif self._pdu_type == A_ASSOCIATE_RQ and len(received) >= AE_TITLES[-1].stop:
            for title in AE_TITLES:
                received[title] = _legible(received[title].decode("latin-1")).encode()
        return received

    def _shutdown_socket(self) -> None:
        """Pynetdicom leaves a connection that the peer reset to the garbage collector."""
        connection = self.socket
        super()._shutdown_socket()
        if connection:
            connection.close()

    def _receive(self, length: int) -> bytearray:
        connection = self.socket
        if connection is None:
            raise OSError("the connection is closed")
        received = bytearray(length)
        count = 0
        deadline = time.monotonic() + self._timeout_s
        with memoryview(received) as view:
            while count < length:
                fetched = connection.recv_into(view[count:])
                count += fetched
                if not fetched:
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError("the peer sends too slowly")
        del received[count:]
        return received


def _legible(title: str) -> str:
    """AE title as PS3.5 6.2 wants it: what it forbids (NUL padding is common) becomes a space; never blank."""
    allowed = "".join(c if c.isascii() and c.isprintable() and c != "\\" else " " for c in title)
    return (allowed.strip() or BLANK_AE_TITLE).ljust(AE_TITLE_LENGTH_MAX)


class _SharedContexts(list[PresentationContext]):
    """Contexts that nobody changes. Copying all of them, as pynetdicom does, costs each association 30 ms."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class _Reception(RequestHandler):
    """Turns a connection into an association."""

    def _create_association(self) -> Association:
        association = super()._create_association()
        plain = association.dul.socket
        assert plain, "pynetdicom gives every acceptor its connection"
        association.dul.socket = AssociationStream(plain, association.network_timeout or PDU_TIMEOUT_S)
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
    address
        Host and port to bind.
    contexts
        What is accepted.
    handlers
        Event to function, as pynetdicom binds them.

    Raises
    ------
    OSError
        When the address cannot be bound.
    """

    request_queue_size = BACKLOG
    daemon_threads = True

    def __init__(
        self,
        entity: AE,
        address: tuple[str, int],
        contexts: Sequence[PresentationContext],
        handlers: list[EventHandlerType],
    ) -> None:
        super().__init__(
            entity,
            address,
            entity.ae_title,
            _SharedContexts(contexts),
            evt_handlers=[*handlers, (evt.EVT_FSM_TRANSITION, _end_what_never_began)],
            request_handler=_Reception,
        )
        self._gc = [0, COLLECT_EVERY_POLLS]

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
