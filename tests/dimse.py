"""Real associations on ports that the system chooses: our listener, a PACS of pynetdicom's, and a bare connection."""

import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from builders import part10 as part10_file
from builders import ultrasound_instance
from pydicom import Dataset
from pydicom.uid import UltrasoundImageStorage
from pynetdicom import AE, build_context, evt
from pynetdicom.dsutils import decode
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import ThreadedAssociationServer
from twins import NOW, MemoryLedger, MemorySpool

from hri_node.receive.contexts import supported_contexts
from hri_node.receive.hooks import Hooks
from hri_node.receive.intake import Intake
from hri_node.receive.part10 import take_apart
from hri_node.receive.scp import Listener
from hri_node.records import Peer
from hri_node.sections import ListenerSettings
from hri_node.send.scu import DicomDestination, Identity

PROGRAM_TIMEOUT_S = 60
POLL_S = 0.02
GOODBYE_S = 2.0
ALL_CONTEXTS = supported_contexts()
ABORT, ACCEPT, REJECT = 0x07, 0x02, 0x03


def memory_intake(spool: Any = None, ledger: Any = None, skip: str | None = None) -> Intake:  # noqa: ANN401 - a port
    """Intake on twins, or on what is given."""
    return Intake(spool or MemorySpool(), ledger or MemoryLedger(), lambda _header: skip)


@contextmanager
def listening(
    intake: Intake,
    hooks: Hooks | None = None,
    **settings: Any,  # noqa: ANN401 - fields of ListenerSettings
) -> Iterator[Listener]:
    """Our listener on a free port of the loopback, everybody allowed unless said otherwise."""
    options = {"host": "127.0.0.1", "port": 0, "allowed_peers": ("*",)} | settings
    listener = Listener(ListenerSettings(**options), intake, hooks, clock=lambda: NOW)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop(grace_s=0.2)


def peer_at(port: int, **changes: str) -> Peer:
    """Peer on the loopback."""
    return Peer(
        **{"name": "pacs", "host": "127.0.0.1", "called": "HRI_NODE", "calling": "SCANNER"} | changes, port=port
    )


def store_at(peer: Peer, encoded: bytes, timeout_s: float = 20.0) -> None:
    """Store one file at a peer, over an association of its own that proposes nothing else."""
    with tempfile.NamedTemporaryFile() as file:
        path = Path(file.name)
        path.write_bytes(encoded)
        identity = Identity.of(path)
        kind = (identity.sop_class_uid, identity.transfer_syntax_uid)
        with DicomDestination(peer, "none", timeout_s).exchange([kind]) as exchange:
            exchange.store(path)


@dataclass
class Pacs:
    """A PACS of pynetdicom's that keeps encoded datasets and answers `status`."""

    port: int = 0
    status: int = 0x0000
    stored: dict[str, bytes] = field(default_factory=dict)
    associations: int = 0

    @property
    def peer(self) -> Peer:
        """How to reach it."""
        return peer_at(self.port)

    def keep(self, event: evt.Event) -> int:
        """Answer C-STORE."""
        self.stored[str(event.request.AffectedSOPInstanceUID)] = event.encoded_dataset(include_meta=False)
        return self.status

    def count(self, _event: evt.Event) -> None:
        """Note an association."""
        self.associations += 1


@contextmanager
def running_pacs(
    contexts: Sequence[PresentationContext] | None = None,
    handlers: Sequence[tuple[Any, Callable[..., Any]]] = (),
    tls: ssl.SSLContext | None = None,
    **settings: Any,  # noqa: ANN401 - properties of pynetdicom's AE
) -> Iterator[Pacs]:
    """PACS on a free port of the loopback; it accepts everything unless `contexts` or `settings` say otherwise."""
    pacs = Pacs()
    entity = AE("HRI_NODE")
    for name, value in settings.items():
        setattr(entity, name, value)
    bound = [(evt.EVT_C_STORE, pacs.keep), (evt.EVT_ESTABLISHED, pacs.count), *handlers]
    server = entity.make_server(
        ("127.0.0.1", 0),
        evt_handlers=bound,
        contexts=list(contexts or ALL_CONTEXTS),
        ssl_context=tls,
        server_class=ThreadedAssociationServer,
    )
    entity._servers.append(server)  # where its shutdown looks for it
    threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
    pacs.port = server.server_address[1]
    try:
        yield pacs
    finally:
        for association in server.active_associations:
            association.join(GOODBYE_S)  # aborting one that is about to end would make pynetdicom's thread raise
        entity.shutdown()


def association_request(
    calling: bytes = b"SCANNER",
    called: bytes = b"HRI_NODE",
    sop_classes: Sequence[str] = (UltrasoundImageStorage,),
    length_max: int = 16384,
) -> bytes:
    """A-ASSOCIATE-RQ for ultrasound images (contexts 1, 3, …), its AE titles as given: pynetdicom refuses bad ones."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    contexts = [build_context(uid, "1.2.840.10008.1.2.1") for uid in sop_classes]
    for index, context in enumerate(contexts):
        context.context_id = 2 * index + 1
    primitive.presentation_context_definition_list = contexts
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = length_max
    implementation.implementation_class_uid = "1.2.3"
    primitive.user_information = [length, implementation]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(primitive)
    encoded = pdu.encode()
    return encoded[:10] + called.ljust(16) + calling.ljust(16) + encoded[42:]


def store_command(encoded: bytes, message_id: int = 1, *, has_dataset: bool = True) -> bytes:
    """C-STORE-RQ for a file: group 0000 in implicit VR little endian (PS3.7 9.3.1.1)."""
    header = take_apart(encoded).header
    elements = [
        (0x0002, _padded(header.SOPClassUID)),
        (0x0100, b"\x01\x00"),
        (0x0110, struct.pack("<H", message_id)),
        (0x0700, b"\x00\x00"),
        (0x0800, b"\x01\x00" if has_dataset else b"\x01\x01"),
        (0x1000, _padded(header.SOPInstanceUID)),
    ]
    body = b"".join(struct.pack("<HHL", 0, number, len(value)) + value for number, value in elements)
    return b"\0\0\0\0\x04\0\0\0" + struct.pack("<L", len(body)) + body


def _padded(uid: str) -> bytes:
    """UID of even length."""
    return uid.encode() + b"\0" * (len(uid) % 2)


def data_set(encoded: bytes) -> bytes:
    """What lies behind the File Meta Information."""
    return encoded[take_apart(encoded).offset :]


@contextmanager
def bare_connection(port: int) -> Iterator[socket.socket]:
    """TCP connection whose every wait is bounded."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def answer_of(connection: socket.socket) -> bytes:
    """Next PDU from the acceptor, whole; empty where it hung up."""
    header = connection.recv(6, socket.MSG_WAITALL)
    length = struct.unpack(">L", header[2:])[0] if header else 0
    return header + (connection.recv(length, socket.MSG_WAITALL) if length else b"")


def data_pdu(value: bytes, control: int, context_id: int = 1) -> bytes:
    """P-DATA-TF with one value (PS3.8 9.3.5, Annex E.2: bit 0 command, bit 1 last)."""
    item = struct.pack(">LBB", len(value) + 2, context_id, control) + value
    return struct.pack(">BxL", 0x04, len(item)) + item


@contextmanager
def associated(listener: Listener, **request: Any) -> Iterator[socket.socket]:  # noqa: ANN401 - of association_request
    """A bare connection whose association is established."""
    with bare_connection(listener.port) as connection:
        connection.sendall(association_request(**request))
        assert answer_of(connection)[0] == ACCEPT
        yield connection


def send_cine(port: int, mib: int) -> int:
    """Status of an instance of so many mebibytes, made while it is sent."""
    part, count = bytes(range(256)) * 512, mib * 8
    encoded = part10_file(ultrasound_instance(rows=32, columns=48))
    header = data_set(encoded)[: -32 * 48 - 12]
    pixels = b"\xe0\x7f\x10\x00OB\0\0" + struct.pack("<L", count * len(part))
    with bare_connection(port) as connection:
        connection.settimeout(PROGRAM_TIMEOUT_S)
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(data_pdu(store_command(encoded), 3) + data_pdu(header + pixels, 0))
        for number in range(count):
            connection.sendall(data_pdu(part, 2 if number == count - 1 else 0))
        return int(response_of(connection).Status)


def response_of(connection: socket.socket) -> Dataset:
    """The next message of the acceptor, which is a command without a dataset; its PDUs put together."""
    command = b""
    while True:
        pdu = answer_of(connection)
        assert pdu[:1] == b"\x04", f"a data PDU was expected, not {pdu[:10]!r}"
        command += pdu[12:]
        if pdu[11] & 0b10:
            return decode(BytesIO(command), is_implicit_vr=True, is_little_endian=True)


def dcmtk(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of DCMTK to its end."""
    needs(program)
    command = [program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_TIMEOUT_S, check=False)


def needs(program: str) -> None:
    """Skip the test in one sentence where the program is missing."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed: apt-get install dcmtk")
