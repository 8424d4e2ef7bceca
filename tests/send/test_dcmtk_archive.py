"""Tests of sending to DCMTK's storescp: another implementation's word that our objects arrive whole."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from dimse import PROGRAM_TIMEOUT_S, needs, peer_at, store_at
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless

from hri_node.errors import PeerUnavailable
from hri_node.receive.part10 import take_apart
from hri_node.records import Peer
from hri_node.send.files import Tally, files_under, send_files
from hri_node.send.scu import DicomDestination

pytestmark = pytest.mark.peers

ATTEMPTS_MAX = 100


@contextmanager
def storescp(folder: Path) -> Iterator[Peer]:
    """Storescp on a free port, keeping bit by bit what it gets."""
    needs("storescp")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["storescp", "+xa", "-B", "-aet", "HRI_NODE", "-od", str(folder), str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        peer = peer_at(port)
        _wait_for(peer)
        yield peer
    finally:
        process.terminate()
        process.wait(PROGRAM_TIMEOUT_S)


def _wait_for(peer: Peer) -> None:
    """Ask until it answers; each refusal of the connection costs a moment of its own."""
    for _ in range(ATTEMPTS_MAX):
        try:
            return DicomDestination(peer).echo()
        except PeerUnavailable:
            continue
    raise AssertionError("storescp did not start")


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, JPEG2000Lossless]
)
def test_storescp_keeps_our_bytes(syntax: str, tmp_path: Path) -> None:
    """Its file ends with our dataset."""
    encoded = part10(ultrasound_instance(rows=64, columns=80, transfer_syntax=syntax))

    with storescp(tmp_path) as peer:
        store_at(peer, encoded)

    (kept,) = [path.read_bytes() for path in tmp_path.iterdir()]
    assert kept.endswith(encoded[take_apart(encoded).offset :])


def test_folder_reaches_storescp(tmp_path: Path) -> None:
    """`hri-node send` against another implementation."""
    (tmp_path / "sent").mkdir()
    (tmp_path / "kept").mkdir()
    for number in range(5):
        (tmp_path / "sent" / str(number)).write_bytes(part10(ultrasound_instance(rows=64, columns=80)))

    with storescp(tmp_path / "kept") as peer:
        assert send_files(files_under([tmp_path / "sent"]), peer, lambda _outcome: None) == Tally(5, 0)

    assert len(list((tmp_path / "kept").iterdir())) == 5
