"""Audit messages come in; lines of a file and syslog packets (RFC 5424) go out."""

import os
import select
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hri_node.errors import Misconfigured

PRIORITY: Final = 10 * 8 + 5
"""RFC 5424 6.2.1: facility security/authorisation, severity notice, as PS3.15 A.6 asks for."""

MESSAGE_ID: Final = "DICOM+RFC3881"
"""PS3.15 A.6.1."""

CONNECT_TIMEOUT_S: Final = 5.0


class FileOutlet:
    """A file that only its owner reads, one message a line; several processes may append to it.

    Parameters
    ----------
    path
        The file; it is opened again after it was moved away (logrotate).
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._descriptor: int | None = None

    def check(self) -> None:
        """Raise where the file cannot be written.

        Raises
        ------
        Misconfigured
            When it cannot.
        """
        try:
            os.close(self._open())
        except OSError as error:
            raise Misconfigured(f"audit.file: {self._path} cannot be written: {error.strerror}") from error

    def write(self, message: str) -> None:
        """Append one line, whole: one write each, so that processes do not mix theirs.

        Parameters
        ----------
        message
            Without line break.
        """
        if self._descriptor is None or self._is_moved(self._descriptor):
            self.close()
            self._descriptor = self._open()
        os.write(self._descriptor, message.encode() + b"\n")

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.open(self._path, flags, 0o600)

    def close(self) -> None:
        """Close it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _is_moved(self, descriptor: int) -> bool:
        try:
            return not os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return True


@dataclass(frozen=True, slots=True)
class SyslogAddress:
    """Where a syslog server listens; `tls` makes the connection an encrypted one (RFC 5425)."""

    scheme: str
    host: str
    port: int
    tls: ssl.SSLContext | None = None


class SyslogOutlet:
    """A syslog server: a datagram each (RFC 5426), or counted octets over a connection (RFC 6587 3.4.1, RFC 5425 4.3).

    Parameters
    ----------
    address
        Of the server.
    """

    def __init__(self, address: SyslogAddress) -> None:
        self.name = f"{address.scheme}://{address.host}:{address.port}"
        self._address = address
        self._connection: socket.socket | None = None

    def write(self, message: str) -> None:
        """Send one packet.

        Parameters
        ----------
        message
            XML.
        """
        packet = syslog_packet(message)
        try:
            if self._connection is None or self._is_closed_by_peer(self._connection):
                self.close()
                self._connection = self._connected()
            is_stream = self._address.scheme != "udp"
            self._connection.sendall(b"%d %s" % (len(packet), packet) if is_stream else packet)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _connected(self) -> socket.socket:
        address = (self._address.host, self._address.port)
        if self._address.scheme == "udp":
            family, kind, protocol, _, place = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
            connection = socket.socket(family, kind, protocol)
            connection.connect(place)
            return connection
        connection = socket.create_connection(address, timeout=CONNECT_TIMEOUT_S)
        if self._address.tls is None:
            return connection
        try:
            return self._address.tls.wrap_socket(connection, server_hostname=self._address.host)
        except OSError:
            connection.close()
            raise

    def _is_closed_by_peer(self, connection: socket.socket) -> bool:
        """Whether a server that says nothing has said its last: what is sent to it would vanish."""
        if self._address.scheme == "udp" or not select.select([connection], [], [], 0)[0]:
            return False
        connection.settimeout(0)
        try:
            return not connection.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):  # TLS 1.3 session tickets, say
            return False
        finally:
            connection.settimeout(CONNECT_TIMEOUT_S)


def syslog_packet(message: str, now: datetime | None = None) -> bytes:
    """RFC 5424 header and message, in UTF-8 with the mark that says so.

    Parameters
    ----------
    message
        XML.
    now
        Aware; None: the present.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    header = f"<{PRIORITY}>1 {at} {socket.gethostname() or '-'} hri-node {os.getpid()} {MESSAGE_ID} - "
    return header.encode() + b"\xef\xbb\xbf" + message.encode()
