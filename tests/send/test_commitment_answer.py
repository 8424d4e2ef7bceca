"""Tests of telling a scanner what is safe here, over an association that we open."""

import socket
from pathlib import Path
from typing import Any

import pytest
from commitments import PATIENCE_S, ULTRASOUND, MemoryCommitments
from dimse import peer_at, running_pacs
from pydicom import Dataset
from pynetdicom import build_context, evt
from twins import NOW

from hri_node.commitment import SOP_CLASS_UID, Keeper
from hri_node.errors import PeerUnavailable
from hri_node.ledger.commitments import CommitmentRequest
from hri_node.ledger.states import CommitmentState
from hri_node.records import Peer
from hri_node.send.commitment_answer import answer_commitment
from hri_node.spool import Spool


def _keeper(folder: Path) -> Keeper:
    """A scanner asked about an instance that is not here."""
    request = CommitmentRequest("2.25.7", "SCANNER", "HRI_NODE", "127.0.0.1", ((ULTRASOUND, "1.2.1"),))
    return Keeper(MemoryCommitments(requests={1: request}), Spool(folder))


def _answers(keeper: Keeper) -> Any:  # noqa: ANN401 - the twin's
    return keeper.ledger.answers


def _scanner_contexts() -> list[Any]:
    """A scanner takes reports from whoever proposes to be the SCP."""
    context = build_context(SOP_CLASS_UID)
    context.scu_role, context.scp_role = False, True
    return [context]


def test_a_scanner_is_told_over_an_association_of_ours(tmp_path: Path) -> None:
    """We are the SCP there, and the request is answered once it confirmed."""
    keeper = _keeper(tmp_path)
    told: list[tuple[int, Dataset, bool]] = []

    def take(event: evt.Event) -> tuple[int, None]:
        told.append((event.request.EventTypeID, event.event_information, event.assoc.accepted_contexts[0].as_scu))
        return 0x0000, None

    with running_pacs(_scanner_contexts(), [(evt.EVT_N_EVENT_REPORT, take)]) as scanner:
        assert answer_commitment(keeper, 1, scanner.peer, NOW, PATIENCE_S) is CommitmentState.ANSWERED

    ((event_type, ds, is_scu),) = told
    assert (event_type, ds.TransactionUID, ds.FailedSOPSequence[0].FailureReason, is_scu) == (2, "2.25.7", 0x0112, True)
    assert _answers(keeper) == {1: (CommitmentState.ANSWERED, "")}


def test_a_scanner_without_a_host_cannot_be_told(tmp_path: Path) -> None:
    """The sentence names what the settings lack."""
    keeper = _keeper(tmp_path)

    assert answer_commitment(keeper, 1, None, NOW, PATIENCE_S) is CommitmentState.REFUSED

    words = "scanner SCANNER cannot be told: [[scanners]] has no host and port for it"
    assert _answers(keeper) == {1: (CommitmentState.REFUSED, words)}


def test_a_scanner_that_is_off_is_told_later(tmp_path: Path) -> None:
    """The request stays open."""
    keeper = _keeper(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(PeerUnavailable, match="does not answer"):
        answer_commitment(keeper, 1, peer_at(port), NOW, PATIENCE_S)

    assert _answers(keeper) == {}


@pytest.mark.parametrize("status", [0x0112, 0x0211])
def test_a_scanner_that_does_not_want_to_know_is_not_told_again(status: int, tmp_path: Path) -> None:
    """It forgot that it asked."""
    keeper = _keeper(tmp_path)

    with running_pacs(_scanner_contexts(), [(evt.EVT_N_EVENT_REPORT, lambda _event: (status, None))]) as scanner:
        assert answer_commitment(keeper, 1, scanner.peer, NOW, PATIENCE_S) is CommitmentState.REFUSED

    assert f"answered 0x{status:04X}" in _answers(keeper)[1][1]


def test_a_scanner_that_is_busy_is_told_later(tmp_path: Path) -> None:
    """Its status names a fault of the moment."""
    keeper = _keeper(tmp_path)
    busy = (evt.EVT_N_EVENT_REPORT, lambda _event: (0x0213, None))

    with running_pacs(_scanner_contexts(), [busy]) as scanner, pytest.raises(PeerUnavailable, match="0x0213"):
        answer_commitment(keeper, 1, scanner.peer, NOW, PATIENCE_S)


def test_a_scanner_that_takes_no_reports_is_not_told(tmp_path: Path) -> None:
    """It refuses the presentation context."""
    keeper = _keeper(tmp_path)

    with running_pacs([build_context(ULTRASOUND)]) as scanner:
        peer: Peer = scanner.peer
        assert answer_commitment(keeper, 1, peer, NOW, PATIENCE_S) is CommitmentState.REFUSED
