"""The bytes of a connection come in; whole PDUs with legible AE titles go out, and nobody polls or waits for ever."""

import os
import select
import socket
import ssl
import struct
import time
import weakref
from typing import Final

from pynetdicom.transport import AssociationSocket

from hri_node.records import AE_TITLE_LENGTH_MAX

BLANK_AE_TITLE: Final = "(blank)"
"""Stands for a calling or called AE title of nothing but spaces, which PS3.8 9.3.2 forbids and scanners send."""

PDU_HEADER_LENGTH: Final = 6
"""PS3.8 9.3.1: type, a reserved byte, four bytes of length."""

A_ASSOCIATE_RQ: Final = 0x01
"""PS3.8 9.3.2."""

AE_TITLES: Final = (slice(4, 20), slice(20, 36))
"""Called and calling AE title behind the header of an A-ASSOCIATE-RQ (PS3.8 Table 9-11)."""

PDU_LENGTH_CAP: Final = 1_048_576
"""A longer one, which nobody was allowed to send, closes the connection instead of filling the memory."""

QUIET_S: Final = 0.25
"""How long the threads of an association sleep while nothing happens; they also see to time-outs so often."""

ENDING_S: Final = 0.001
"""How long a thread whose connection is closed sleeps before it looks again."""

IDLE: Final = "Sta1"
"""PS3.8 Table 9-1."""

CONNECTION_CLOSED: Final = "Evt17"
"""PS3.8 Table 9-10."""


class AssociationStream(AssociationSocket):
    """The connection under an association, taken over from pynetdicom, which reads it differently.

    pynetdicom asks a thousand times a second whether something came, fetches 4 KiB at a time and, on an accepted
    connection, waits for ever for a peer that fell silent in the middle of a PDU; such an association never ends
    (pynetdicom#410).

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
        self._is_plain = not isinstance(self.socket, ssl.SSLSocket)
        if self._is_plain:  # the kernel keeps the time-out, and can wait for the whole of a PDU at once
            self.socket.settimeout(None)
            limit = struct.pack("ll", int(timeout_s), int(timeout_s % 1 * 1_000_000))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        else:
            self.socket.settimeout(timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timeout_s = timeout_s
        self._pdu_type = 0
        self._put_back = bytearray()
        self._buffer = bytearray()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._bell)
        self._poll = select.poll()
        self._poll.register(self._bell, select.POLLIN)
        self._poll.register(self.socket, select.POLLIN)

    def ring(self) -> None:
        """Wake the thread that waits in `ready`: there is something to send."""
        os.eventfd_write(self._bell, 1)

    @property
    def ready(self) -> bool:
        """Whether the peer sent something; the answer is waited for a while, unless there is something to send."""
        connection = self.socket
        if connection is None or not self._is_connected:
            time.sleep(ENDING_S)  # somebody is about to end this thread, which would ask on and on
            return False
        if connection.fileno() < 0:
            time.sleep(ENDING_S)
            if self.assoc.dul.state_machine.current_state != IDLE:
                self.event_queue.put(CONNECTION_CLOSED)
            return False
        if isinstance(connection, ssl.SSLSocket) and connection.pending():
            return True
        patience_s = QUIET_S if self.event_queue.empty() else 0.0  # pynetdicom looks here before it works on events
        woken = {descriptor for descriptor, _ in self._poll.poll(patience_s * 1000)}
        if self._bell in woken:
            os.eventfd_read(self._bell)
            if self.assoc.dul._process_recv_primitive():  # noqa: SLF001 - or it would sleep once more before it sends
                return False
        return connection.fileno() in woken

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

    def put_back(self, header: bytearray) -> None:
        """Let the next `recv` return this header once more."""
        self._put_back = header

    def fetch(self, length: int) -> memoryview:
        """Next bytes, in a buffer that the next call uses again.

        Parameters
        ----------
        length
            How many.

        Raises
        ------
        OSError
            As `recv`; also where the peer hung up.
        """
        if length > PDU_LENGTH_CAP:
            raise OSError(f"PDU has {length} bytes, at most {PDU_LENGTH_CAP} accepted")
        if length > len(self._buffer):
            self._buffer = bytearray(length)
        view = memoryview(self._buffer)[:length]
        if self._fill(view) < length:
            raise OSError("the peer hung up in the middle of a PDU")
        return view

    def rest(self, seconds: float) -> None:
        """Wait so long, or until there is something to send; what the peer sends meanwhile waits, too."""
        waiting = select.poll()
        waiting.register(self._bell, select.POLLIN)
        if waiting.poll(seconds * 1000):
            os.eventfd_read(self._bell)

    def _shutdown_socket(self) -> None:
        """Pynetdicom leaves a connection that the peer reset to the garbage collector."""
        connection = self.socket
        super()._shutdown_socket()
        if connection:
            connection.close()

    def _receive(self, length: int) -> bytearray:
        """As many bytes as asked for, fewer at the end of the connection."""
        if self._put_back:
            received, self._put_back = self._put_back, bytearray()
            return received
        received = bytearray(length)
        with memoryview(received) as view:
            count = self._fill(view)
        del received[count:]
        return received

    def _fill(self, view: memoryview) -> int:
        """Number of bytes that came, fewer than asked for at the end of the connection."""
        connection = self.socket
        if connection is None:
            raise OSError("the connection is closed")
        count = 0
        deadline = time.monotonic() + self._timeout_s
        while count < len(view):
            fetched = connection.recv_into(view[count:], 0, socket.MSG_WAITALL if self._is_plain else 0)
            count += fetched
            if not fetched:
                break
            if time.monotonic() > deadline:
                raise TimeoutError("the peer sends too slowly")
        return count


def _legible(title: str) -> str:
    """AE title as PS3.5 6.2 wants it: what it forbids (NUL padding is common) becomes a space; never blank."""
    allowed = "".join(c if c.isascii() and c.isprintable() and c != "\\" else " " for c in title)
    return (allowed.strip() or BLANK_AE_TITLE).ljust(AE_TITLE_LENGTH_MAX)
