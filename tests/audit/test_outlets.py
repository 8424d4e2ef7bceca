"""Outlets of the audit trail: a file that is rotated, and syslog servers over UDP, TCP and TLS that come and go."""

import multiprocessing
import os
import re
import socket
import socketserver
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from certificates import Authority
from running import eventually

from hri_node.audit.outlets import FileOutlet, SyslogAddress, SyslogOutlet
from hri_node.audit.pump import Pump
from hri_node.audit.trail import open_audit
from hri_node.errors import Misconfigured
from hri_node.sections import AuditSettings
from hri_node.tls import server_context

SECONDS = 10
PACKET = re.compile(rb"<85>1 \S+Z \S+ hri-node (\d+) DICOM\+RFC3881 - \xef\xbb\xbf(.*)", re.DOTALL)
BULKY = f"<A>{'é' * 3000}</A>"


class Server:
    """A syslog server on a free port of the loopback that keeps packets."""

    def __init__(self, kind: str, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.packets: list[bytes] = []
        packets = self.packets

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                packets.append(self.request[0])

        class Counted(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while length := b"".join(iter(lambda: self.rfile.read(1).strip(), b"")):
                    packets.append(self.rfile.read(int(length)))

        class Tcp(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

            def get_request(self) -> tuple[socket.socket, object]:
                plain, address = super().get_request()
                return (context.wrap_socket(plain, server_side=True) if context else plain), address

        self.server: socketserver.BaseServer = (
            socketserver.UDPServer(("127.0.0.1", port), Datagram)
            if kind == "udp"
            else Tcp(("127.0.0.1", port), Counted)
        )
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def messages(self, count: int) -> list[str]:
        """What came, as soon as there is so much."""
        eventually(lambda: len(self.packets) >= count, SECONDS, f"{count} packets")
        return [PACKET.fullmatch(packet)[2].decode() for packet in self.packets]

    def stop(self) -> None:
        """Hang up."""
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def syslog(kind: str, context: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Server]:
    """A syslog server."""
    server = Server(kind, context, port)
    try:
        yield server
    finally:
        server.stop()


class Failing:
    """An outlet that fails so often before it works."""

    name = "failing"

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.written: list[str] = []
        self.is_closed = False

    def write(self, message: str) -> None:
        """Fail, or keep."""
        self.failures -= 1
        if self.failures >= 0:
            raise OSError("no")
        self.written.append(message)

    def close(self) -> None:
        """Remember."""
        self.is_closed = True


def test_a_file_has_a_message_a_line_and_one_reader(tmp_path: Path) -> None:
    """Its mode is 0600; what is there stays."""
    path = tmp_path / "audit.xml"
    path.write_text("<earlier/>\n")
    path.unlink()
    outlet = FileOutlet(path)

    for message in ("<a/>", "<é/>"):
        outlet.write(message)
    outlet.close()

    assert path.read_text() == "<a/>\n<é/>\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_rotated_file_is_begun_anew(tmp_path: Path) -> None:
    """Logrotate moves it away; nothing has to be told."""
    path, moved = tmp_path / "audit.xml", tmp_path / "audit.xml.1"
    outlet = FileOutlet(path)

    outlet.write("<a/>")
    path.rename(moved)
    outlet.write("<b/>")
    outlet.close()

    assert (moved.read_text(), path.read_text()) == ("<a/>\n", "<b/>\n")


def test_a_file_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    """An audit trail that nobody keeps would be noticed too late."""
    with pytest.raises(Misconfigured, match=r"audit\.file: .* cannot be written: No such file or directory"):
        open_audit(AuditSettings(file=tmp_path / "absent" / "audit.xml"), "HRI_NODE")


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_messages_reach_a_syslog_server(kind: str) -> None:
    """RFC 5424, in datagrams or with counted octets; a long one with umlauts stays whole."""
    with syslog(kind) as server:
        outlet = SyslogOutlet(SyslogAddress(kind, "127.0.0.1", server.port))
        for message in ("<a/>", BULKY, "<b/>"):
            outlet.write(message)

        assert server.messages(3) == ["<a/>", BULKY, "<b/>"]
        assert PACKET.fullmatch(server.packets[0])[1] == str(os.getpid()).encode()
        outlet.close()


def test_messages_reach_a_syslog_server_over_tls(tmp_path: Path) -> None:
    """RFC 5425, with the server's certificate checked; the settings open it."""
    authority = Authority(tmp_path)
    context = server_context(authority.settings("localhost"), require_client=False)
    with syslog("tls", context) as server:
        settings = AuditSettings(syslog=f"tls://localhost:{server.port}", authorities=authority.file)
        auditor = open_audit(settings, "HRI_NODE")
        auditor.started("listen")
        auditor.stopped("listen")
        auditor.close()

        assert [message.count("AuditMessage") for message in server.messages(2)] == [2, 2]


def test_an_untrusted_syslog_server_gets_nothing(tmp_path: Path) -> None:
    """Audit messages are worth stealing."""
    context = server_context(Authority(tmp_path).settings("localhost"), require_client=False)
    with syslog("tls", context) as server:
        settings = AuditSettings(syslog=f"tls://localhost:{server.port}")
        with structlog.testing.capture_logs() as lines:
            auditor = open_audit(settings, "HRI_NODE")
            auditor.started("listen")
            eventually(lambda: lines, SECONDS, "a complaint")
            auditor.close()

        assert "certificate" in lines[0]["reason"]
        assert server.packets == []


def test_a_server_that_was_restarted_gets_what_comes_next() -> None:
    """The connection it closed is not written to: nobody would say that it is lost."""
    with syslog("tcp") as server:
        outlet = SyslogOutlet(SyslogAddress("tcp", "127.0.0.1", server.port))
        outlet.write("<a/>")
        server.messages(1)
        connection = outlet._connection
        assert connection
    connection.shutdown(socket.SHUT_WR)  # the handler's thread reads the end, and hangs up

    assert eventually(lambda: outlet._is_closed_by_peer(connection), SECONDS, "the end")
    with syslog("tcp", port=server.port) as restarted:
        outlet.write("<b/>")
        assert restarted.messages(1) == ["<b/>"]
        outlet.close()


def test_a_failing_outlet_is_tried_until_it_works() -> None:
    """In order, none twice, each failure said."""
    outlet = Failing(failures=3)
    pump = Pump(lambda: outlet, pause_s=0.01)

    with structlog.testing.capture_logs() as lines:
        for message in "abc":
            pump.put(message)
        eventually(lambda: len(outlet.written) == 3, SECONDS, "three messages")
        pump.close()

    assert outlet.written == ["a", "b", "c"]
    assert outlet.is_closed
    assert [line["event"] for line in lines] == ["audit_outlet_fails"] * 3


def test_what_finds_no_room_is_counted_and_said() -> None:
    """The node does not wait, and the loss is no secret."""
    outlet = Failing(failures=1)
    gate = threading.Event()

    def make() -> Failing:
        gate.wait(SECONDS)
        return outlet

    pump = Pump(make, queued_max=2, pause_s=0.01)
    with structlog.testing.capture_logs() as lines:
        for number in range(5):
            pump.put(str(number))
        gate.set()
        eventually(lambda: len(outlet.written) == 2, SECONDS, "two messages")
        pump.close()

    assert [line["count"] for line in lines if line["event"] == "audit_messages_lost"] == [3]


def test_an_end_is_not_held_up_by_a_dead_server() -> None:
    """What could not be handed over is counted."""
    pump = Pump(lambda: Failing(failures=10**6), pause_s=60)
    with structlog.testing.capture_logs() as lines:
        for message in "abc":
            pump.put(message)
        eventually(lambda: lines, SECONDS, "a first failure")
        pump.close(grace_s=2)

    assert (lines[-1]["event"], lines[-1]["count"]) == ("audit_messages_lost", 3)


def test_a_process_that_was_forked_writes_as_well(tmp_path: Path) -> None:
    """Workers are forks: the thread of the parent stays behind."""
    path = tmp_path / "audit.xml"
    pump = Pump(lambda: FileOutlet(path))
    pump.put("<parent/>")
    pump.close()

    child = multiprocessing.get_context("fork").Process(target=lambda: (pump.put("<child/>"), pump.close()))
    child.start()
    child.join(SECONDS)

    assert path.read_text() == "<parent/>\n<child/>\n"


def test_without_settings_there_is_no_outlet() -> None:
    """The trail is asked for, or not kept."""
    auditor = open_audit(AuditSettings(), "HRI_NODE")

    auditor.started("listen")
    auditor.close()

    assert auditor._pumps == ()
