"""Tests of a destination against a real PACS of pynetdicom's: what it gets, and what we make of its answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from dimse import Pacs, peer_at, running_pacs, store_at
from pydicom.uid import (
    JPEG2000,
    Comprehensive3DSRStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    UltrasoundImageStorage,
)
from pynetdicom import build_context, evt
from pynetdicom.sop_class import Verification
from twins import MemoryDestination

from hri_node.errors import PeerRefused, PeerUnavailable, Unreadable
from hri_node.receive.part10 import take_apart
from hri_node.send.association import associated
from hri_node.send.destination import Destination
from hri_node.send.scu import DicomDestination

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000,
]


def _file(**options: Any) -> bytes:  # noqa: ANN401 - fields of Source
    """A small file."""
    return part10(ultrasound_instance(rows=64, columns=80, **options))


def _destination(pacs: Pacs) -> DicomDestination:
    """Destination at a PACS."""
    return DicomDestination(pacs.peer)


@contextmanager
def _deaf_peer(answer: bytes = b"") -> Iterator[int]:
    """Port of a peer that accepts connections, says `answer` once it was spoken to, and then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def accept() -> None:
            connection, _ = server.accept()
            connections.append(connection)
            connection.recv(1)
            connection.sendall(answer)

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)
        for connection in connections:
            connection.close()


def test_both_destinations_are_one() -> None:
    """The twin that other tests use has the methods of the real one."""
    destinations: list[Destination] = [MemoryDestination("a"), DicomDestination(peer_at(104, name="b"))]

    assert [destination.name for destination in destinations] == ["a", "b"]


def test_echo_reaches_the_peer() -> None:
    """`hri-node check` asks every destination this way."""
    seen: list[str] = []
    handler = (evt.EVT_C_ECHO, lambda event: seen.append(event.assoc.requestor.ae_title) or 0x0000)

    with running_pacs(handlers=[handler]) as pacs:
        _destination(pacs).echo()

    assert seen == ["SCANNER"]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_peer_gets_the_bytes_of_the_file(syntax: str) -> None:
    """Nothing is decoded or encoded again on the way out."""
    ds = ultrasound_instance(rows=64, columns=80, transfer_syntax=syntax)
    ds.private_block(0x0099, "SOMEONE", create=True).add_new(1, "UN", b"\x01\x02\x03\x04")
    encoded = part10(ds)

    with running_pacs() as pacs:
        store_at(pacs.peer, encoded)

    assert pacs.stored == {str(ds.SOPInstanceUID): encoded[take_apart(encoded).offset :]}


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB006, 0xB007])
def test_success_and_warning_are_stored(status: int) -> None:
    """No error means that the peer has it."""
    with running_pacs() as pacs:
        pacs.status = status
        store_at(pacs.peer, _file())

        assert len(pacs.stored) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(0xA700, PeerUnavailable), (0xA900, PeerRefused), (0xC001, PeerRefused), (0x0124, PeerRefused)],
)
def test_failure_is_raised_with_its_status(status: int, error: type[Exception]) -> None:
    """What the peer said is in the sentence."""
    with running_pacs() as pacs:
        pacs.status = status

        with pytest.raises(error, match=f"pacs answered 0x{status:04X}"):
            store_at(pacs.peer, _file())


def test_unknown_calling_title_is_a_refusal() -> None:
    """The PACS has to be told about us first."""
    refusal = pytest.raises(PeerRefused, match="calling AE title not recognised")
    with running_pacs(require_calling_aet=["SOMEBODY"]) as pacs, refusal:
        _destination(pacs).echo()


def test_unknown_called_title_is_a_refusal() -> None:
    """The settings name another PACS than the one that answers."""
    refusal = pytest.raises(PeerRefused, match="called AE title not recognised")
    with running_pacs(require_called_aet=True) as pacs, refusal:
        DicomDestination(peer_at(pacs.port, called="ELSEWHERE")).echo()


@pytest.mark.parametrize("accepted", [Comprehensive3DSRStorage, UltrasoundImageStorage])
def test_class_or_syntax_that_the_peer_does_not_take_is_a_refusal(accepted: str) -> None:
    """The PACS knows other SOP classes, or this one in other transfer syntaxes only."""
    refusal = pytest.raises(PeerRefused, match=r"none of the presentation contexts: 1\.2\.840\.10008\.5")

    with running_pacs(contexts=[build_context(accepted)]) as pacs, refusal:
        store_at(pacs.peer, _file(transfer_syntax=JPEGLSLossless))


def test_closed_port_is_an_outage() -> None:
    """The PACS is not running."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(PeerUnavailable, match=f"pacs does not answer at 127.0.0.1:{port}"):
        DicomDestination(peer_at(port)).echo()


def test_unknown_host_is_an_outage() -> None:
    """The name server may be down."""
    with pytest.raises(PeerUnavailable, match=r"host name nowhere\.invalid cannot be resolved"):
        DicomDestination(peer_at(104, host="nowhere.invalid")).echo()


def test_host_name_is_resolved() -> None:
    """Settings name hosts, not addresses."""
    with running_pacs() as pacs:
        DicomDestination(peer_at(pacs.port, host="localhost")).echo()


def test_peer_that_says_nothing_is_an_outage() -> None:
    """It accepted the connection and then fell silent."""
    with _deaf_peer() as port, pytest.raises(PeerUnavailable, match="gave the association up"):
        DicomDestination(peer_at(port), timeout_s=0.3).echo()


def test_peer_that_falls_silent_in_the_middle_of_a_pdu_is_an_outage() -> None:
    """Pynetdicom alone would wait for the rest for ever."""
    with _deaf_peer(b"\x02\x00\x00\x00\x01\x00half") as port, pytest.raises(PeerUnavailable):
        DicomDestination(peer_at(port), timeout_s=0.3).echo()


def test_abort_instead_of_an_answer_is_an_outage() -> None:
    """The PACS crashed while it stored."""
    handler = (evt.EVT_C_STORE, lambda event: event.assoc.abort() or 0x0000)

    with running_pacs(handlers=[handler]) as pacs, pytest.raises(PeerUnavailable, match="gave no answer"):
        store_at(pacs.peer, _file())


def test_no_answer_in_time_is_an_outage() -> None:
    """The PACS accepted the bytes and hangs."""
    release = threading.Event()
    handler = (evt.EVT_C_STORE, lambda _event: release.wait(10) and 0x0000)

    with running_pacs(handlers=[handler]) as pacs:
        with pytest.raises(PeerUnavailable, match="gave no answer"):
            store_at(pacs.peer, _file(), timeout_s=2.0)
        release.set()


def test_full_peer_is_an_outage() -> None:
    """It has room again when others have left."""
    outage = pytest.raises(PeerUnavailable, match="limit of associations")
    verification = [build_context(Verification)]
    with running_pacs(maximum_associations=1) as pacs, associated(pacs.peer, verification, 20.0), outage:
        _destination(pacs).echo()


def test_bytes_that_are_no_dicom_are_not_sent() -> None:
    """Nothing is asked of the peer."""
    with running_pacs() as pacs:
        with pytest.raises(Unreadable, match="is not a DICOM file"):
            store_at(pacs.peer, b"\x89PNG" + bytes(500))

        assert pacs.associations == 0
