"""Tests of storage commitment with Orthanc, which is a PACS that commits, and a scanner that asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from builders import part10, ultrasound_instance
from commitments import PATIENCE_S, ULTRASOUND, Folder, MemoryCommitments
from dimse import listening, memory_intake
from running import Orthanc, eventually
from twins import NOW

from hri_node.commitment import Keeper
from hri_node.ledger.commitments import Kept
from hri_node.ledger.states import CommitmentState
from hri_node.receive.commitment import StorageCommitment
from hri_node.receive.hooks import Hooks
from hri_node.records import Peer
from hri_node.send.commitment_answer import answer_commitment
from hri_node.send.destination import Holding, Proof, Sent
from hri_node.send.scu import DicomDestination

pytestmark = pytest.mark.peers

WAIT_S = 0.02
"""Orthanc reports over an association of its own."""


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """One Orthanc for all tests here."""
    running = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield running
    running.stop()


@contextmanager
def _node(orthanc: Orthanc, folder: Path, ledger: MemoryCommitments) -> Iterator[Peer]:
    """Orthanc as our listener's neighbour: both know each other's address."""
    hooks = Hooks(services=(StorageCommitment(Keeper(ledger, Folder(folder)), ledger, lambda: NOW),))
    with listening(memory_intake(), hooks) as listener:
        address = {"AET": "HRI_NODE", "Host": "127.0.0.1", "Port": listener.port}
        requests.put(f"{orthanc.url}/modalities/node", json=address, timeout=10).raise_for_status()
        yield _peer(orthanc)
        requests.delete(f"{orthanc.url}/modalities/node", timeout=10).raise_for_status()


def _peer(orthanc: Orthanc) -> Peer:
    return Peer("orthanc", "127.0.0.1", orthanc.dicom_port, "ORTHANC", "HRI_NODE")


def _store(destination: DicomDestination, folder: Path) -> Sent:
    """Identity of an image that the destination says to have."""
    image = ultrasound_instance(rows=32, columns=48)
    (folder / "image").write_bytes(part10(image))
    with destination.exchange([(ULTRASOUND, str(image.file_meta.TransferSyntaxUID))]) as exchange:
        exchange.store(folder / "image")
    return Sent(ULTRASOUND, image.SOPInstanceUID, image.StudyInstanceUID, image.SeriesInstanceUID)


def _ask(destination: DicomDestination, sent: Sent, transaction_uid: str) -> Proof:
    with destination.exchange([]) as exchange:
        return exchange.prove([sent], transaction_uid, overdue=False)


def _lose(orthanc: Orthanc, sent: Sent) -> None:
    """Let Orthanc forget an instance."""
    found = requests.post(f"{orthanc.url}/tools/lookup", data=sent.sop_instance_uid, timeout=10).json()
    requests.delete(f"{orthanc.url}/instances/{found[0]['ID']}", timeout=10).raise_for_status()


def test_orthanc_commits_over_an_association_of_its_own(orthanc: Orthanc, tmp_path: Path) -> None:
    """Pending first, and then our listener is told."""
    ledger = MemoryCommitments()

    with _node(orthanc, tmp_path, ledger) as peer:
        destination = DicomDestination(peer, "auto", 10.0, WAIT_S)
        sent = _store(destination, tmp_path)
        assert _ask(destination, sent, "2.25.1001").holdings == {sent.sop_instance_uid: Holding.PENDING}
        assert ledger.reported.wait(PATIENCE_S)

    assert ledger.reports == [("2.25.1001", [sent.sop_instance_uid], [])]


def test_orthanc_does_not_commit_to_what_it_lost(orthanc: Orthanc, tmp_path: Path) -> None:
    """It had answered 0x0000, and somebody deleted it."""
    ledger = MemoryCommitments()

    with _node(orthanc, tmp_path, ledger) as peer:
        destination = DicomDestination(peer, "commitment", 10.0, WAIT_S)
        sent = _store(destination, tmp_path)
        _lose(orthanc, sent)
        _ask(destination, sent, "2.25.1002")
        assert ledger.reported.wait(PATIENCE_S)

    assert ledger.reports == [("2.25.1002", [], [sent.sop_instance_uid])]


def test_orthanc_is_asked_by_query(orthanc: Orthanc, tmp_path: Path) -> None:
    """Present, and absent once it was lost."""
    with _node(orthanc, tmp_path, MemoryCommitments()) as peer:
        destination = DicomDestination(peer, "query", 10.0)
        sent = _store(destination, tmp_path)
        before = _ask(destination, sent, "2.25.1003")
        _lose(orthanc, sent)
        after = _ask(destination, sent, "2.25.1003")

    assert before == Proof({sent.sop_instance_uid: Holding.PRESENT}, "verified")
    assert after == Proof({sent.sop_instance_uid: Holding.ABSENT}, "verified")


def test_an_orthanc_that_does_not_know_us_is_asked_by_query(orthanc: Orthanc, tmp_path: Path) -> None:
    """It offers commitment, and hangs up when it is asked for it."""
    destination = DicomDestination(_peer(orthanc), "auto", 10.0)

    sent = _store(destination, tmp_path)

    assert _ask(destination, sent, "2.25.1004") == Proof({sent.sop_instance_uid: Holding.PRESENT}, "verified")


@pytest.mark.parametrize(("is_here", "verdict"), [(True, "Success"), (False, "Failure")])
def test_orthanc_asks_and_is_told(orthanc: Orthanc, tmp_path: Path, is_here: bool, verdict: str) -> None:  # noqa: FBT001
    """As a scanner does: it asks over one association, and takes the report over another."""
    (tmp_path / "1.2.3").write_bytes(bytes(10))
    ledger = MemoryCommitments(here={"1.2.3": Kept(ULTRASOUND, "1.2.3", 10)} if is_here else {})
    wanted = {"DicomInstances": [{"SOPClassUID": ULTRASOUND, "SOPInstanceUID": "1.2.3"}]}

    with _node(orthanc, tmp_path, ledger) as peer:
        asked = requests.post(f"{orthanc.url}/modalities/node/storage-commitment", json=wanted, timeout=10).json()
        state = answer_commitment(Keeper(ledger, Folder(tmp_path)), 1, peer, NOW, PATIENCE_S)
        answer = eventually(lambda: _settled(orthanc, asked["Path"]), PATIENCE_S, "Orthanc's verdict")

    assert (state, answer["Status"]) == (CommitmentState.ANSWERED, verdict)


def _settled(orthanc: Orthanc, path: str) -> dict[str, Any] | None:
    """What Orthanc knows of its request, once it knows something."""
    answer: dict[str, Any] = requests.get(f"{orthanc.url}{path}", timeout=10).json()
    return answer if answer["Status"] != "Pending" else None
