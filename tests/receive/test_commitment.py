"""Tests of storage commitment on the listener: scanners that ask, destinations that report."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from builders import ultrasound_instance
from commitments import PATIENCE_S, ULTRASOUND, Folder, MemoryCommitments, asking, report, reporting
from dimse import listening, memory_intake, peer_at
from pydicom import Dataset
from twins import NOW

from hri_node.commitment import Keeper, Result, request_dataset
from hri_node.errors import Unavailable
from hri_node.ledger.commitments import Kept
from hri_node.ledger.ledger import open_ledger
from hri_node.ledger.states import CommitmentState, JobState, Queue
from hri_node.receive.commitment import StorageCommitment
from hri_node.receive.hooks import Hooks
from hri_node.spool import Spool

SIZE_BYTES = 10


@contextmanager
def _listening(folder: Path, ledger: MemoryCommitments) -> Iterator[int]:
    """Port of a listener with the service."""
    service = StorageCommitment(Keeper(ledger, Folder(folder)), ledger, lambda: NOW)
    with listening(memory_intake(), Hooks(services=(service,))) as listener:
        yield listener.port


def _holding(folder: Path, *uids: str) -> MemoryCommitments:
    """Ledger and spool that have these instances."""
    for uid in uids:
        (folder / uid).write_bytes(bytes(SIZE_BYTES))
    return MemoryCommitments(here={uid: Kept(ULTRASOUND, uid, SIZE_BYTES) for uid in uids})


def _failures(ds: Dataset) -> dict[str, int]:
    return {item.ReferencedSOPInstanceUID: item.FailureReason for item in ds.FailedSOPSequence}


def test_a_scanner_is_told_over_its_own_association(tmp_path: Path) -> None:
    """All is here: event type 1, and the request is answered once the scanner confirmed it."""
    ledger = _holding(tmp_path, "1.2.1", "1.2.2")

    with _listening(tmp_path, ledger) as port, asking(port) as scanner:
        assert scanner.ask("2.25.7", "1.2.1", "1.2.2") == 0x0000
        event_type, told = scanner.wait()
        assert ledger.answered.wait(PATIENCE_S)

    assert (event_type, told.TransactionUID, "FailedSOPSequence" in told) == (1, "2.25.7", False)
    assert [item.ReferencedSOPInstanceUID for item in told.ReferencedSOPSequence] == ["1.2.1", "1.2.2"]
    assert ledger.answers == {1: (CommitmentState.ANSWERED, "")}
    assert (ledger.requests[1].calling, ledger.requests[1].address) == ("SCANNER", "127.0.0.1")


def test_what_is_not_safe_is_named_with_its_reason(tmp_path: Path) -> None:
    """Not in the ledger, of another class, gone from the spool, cut short: four failures, and one commitment."""
    ledger = _holding(tmp_path, "1.1", "1.3", "1.4", "1.5")
    ledger.here["1.3"] = Kept("1.2.840.10008.5.1.4.1.1.2", "1.3", SIZE_BYTES)
    (tmp_path / "1.4").unlink()
    (tmp_path / "1.5").write_bytes(bytes(SIZE_BYTES - 1))

    with _listening(tmp_path, ledger) as port, asking(port) as scanner:
        scanner.ask("2.25.7", "1.1", "1.2", "1.3", "1.4", "1.5")
        event_type, told = scanner.wait()

    assert event_type == 2
    assert [item.ReferencedSOPInstanceUID for item in told.ReferencedSOPSequence] == ["1.1"]
    assert _failures(told) == {"1.2": 0x0112, "1.3": 0x0119, "1.4": 0x0110, "1.5": 0x0110}


def _malformed() -> list[Any]:
    good = request_dataset("2.25.7", [(ULTRASOUND, "1.2.1")])
    broken = []
    for keyword in ("TransactionUID", "ReferencedSOPSequence"):
        ds = Dataset()
        ds.update({element.tag: element for element in good if element.keyword != keyword})
        broken.append(ds)
    nameless = request_dataset("2.25.7", [(ULTRASOUND, "1.2.1")])
    del nameless.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    return [*broken, nameless, request_dataset("2.25.7", [])]


@pytest.mark.parametrize("ds", _malformed())
def test_a_malformed_request_is_refused(ds: Dataset, tmp_path: Path) -> None:
    """Invalid argument value, and nothing is written down."""
    ledger = MemoryCommitments()

    with _listening(tmp_path, ledger) as port, asking(port) as scanner:
        assert scanner.ask("", ds=ds) == 0x0115

    assert not ledger.requests


def test_another_action_is_refused(tmp_path: Path) -> None:
    """There is one, with the number 1."""
    with _listening(tmp_path, MemoryCommitments()) as port, asking(port) as scanner:
        assert scanner.ask("2.25.7", "1.2.1", action=2) == 0x0123


def test_a_ledger_that_is_away_takes_no_request(tmp_path: Path) -> None:
    """The scanner asks again later."""
    ledger = MemoryCommitments(error=Unavailable("the ledger is locked"))

    with _listening(tmp_path, ledger) as port, asking(port) as scanner:
        assert scanner.ask("2.25.7", "1.2.1") == 0x0110


def test_a_scanner_that_does_not_confirm_is_told_again_later(tmp_path: Path) -> None:
    """Its request stays open for the worker."""
    ledger = _holding(tmp_path, "1.2.1")

    with _listening(tmp_path, ledger) as port, asking(port, confirms=0x0110) as scanner:
        scanner.ask("2.25.7", "1.2.1")
        scanner.wait()

    assert (list(ledger.requests), ledger.answers) == ([1], {})


def test_instances_may_follow_a_request_at_once(tmp_path: Path) -> None:
    """Reports of several PDUs and responses cross on one association, and all arrive whole."""
    many = [f"1.2.{number}" for number in range(400)]
    images = [ultrasound_instance(rows=32, columns=48) for _ in range(5)]

    with _listening(tmp_path, MemoryCommitments()) as port, asking(port) as scanner:
        for number, image in enumerate(images):
            assert scanner.ask(f"2.25.{number}", *many) == 0x0000
            assert scanner.association.send_c_store(image).Status == 0x0000
        told = [scanner.wait() for _ in images]

    assert {ds.TransactionUID: len(ds.FailedSOPSequence) for _, ds in told} == {f"2.25.{n}": 400 for n in range(5)}


def test_a_scanner_that_hangs_up_at_once_disturbs_nobody(tmp_path: Path) -> None:
    """Its requests are kept for the worker, and the next scanner is served."""
    ledger = _holding(tmp_path, "1.2.1")

    with _listening(tmp_path, ledger) as port:
        for number in range(10):
            with asking(port, confirms=0x0110) as scanner:
                assert scanner.ask(f"2.25.{number}", "1.2.1") == 0x0000
                scanner.association.abort()
        with asking(port) as scanner:
            scanner.ask("2.25.99", "1.2.1")
            assert scanner.wait()[1].TransactionUID == "2.25.99"

    assert len(ledger.requests) == 11


def test_a_destination_reports_over_an_association_of_its_own(tmp_path: Path) -> None:
    """It is the SCP there, and hears success once the ledger knows."""
    ledger = MemoryCommitments()
    result = Result("2.25.9", ((ULTRASOUND, "1.1"),), (((ULTRASOUND, "1.2"), 0x0112),))

    with _listening(tmp_path, ledger) as port, reporting(peer_at(port)) as association:
        assert association.accepted_contexts[0].as_scp
        assert report(association, result) == 0x0000
        assert ledger.reports == [("2.25.9", ["1.1"], ["1.2"])]


def test_a_failure_that_sending_again_does_not_mend_is_left_alone(tmp_path: Path) -> None:
    """Only what the destination does not have is sent again."""
    ledger = MemoryCommitments()
    result = Result("2.25.9", (), (((ULTRASOUND, "1.1"), 0x0122), ((ULTRASOUND, "1.2"), 0x0112)))

    with _listening(tmp_path, ledger) as port, reporting(peer_at(port)) as association:
        assert report(association, result) == 0x0000

    assert ledger.reports == [("2.25.9", [], ["1.2"])]


def test_a_report_that_cannot_be_kept_is_not_confirmed(tmp_path: Path) -> None:
    """The destination keeps it and comes again."""
    ledger = MemoryCommitments(error=Unavailable("the ledger is locked"))

    with _listening(tmp_path, ledger) as port, reporting(peer_at(port)) as association:
        assert report(association, Result("2.25.9", ((ULTRASOUND, "1.1"),))) == 0x0110


@pytest.mark.parametrize(
    ("result", "event_type", "status"),
    [
        (Result("2.25.9", ()), 1, 0x0115),
        (Result("", ((ULTRASOUND, "1.1"),)), 1, 0x0115),
        (Result("2.25.9", ((ULTRASOUND, "1.1"),)), 3, 0x0113),
    ],
)
def test_a_malformed_report_is_refused(result: Result, event_type: int, status: int, tmp_path: Path) -> None:
    """No instance, no transaction, no such event."""
    ledger = MemoryCommitments()

    with _listening(tmp_path, ledger) as port, reporting(peer_at(port)) as association:
        assert report(association, result, event_type) == status

    assert not ledger.reports


def test_with_the_real_ledger_and_spool(tmp_path: Path) -> None:
    """What was stored over the association is promised over it, and the job is done."""
    ledger, spool = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite"), Spool(tmp_path)
    service = StorageCommitment(Keeper(ledger, spool), MemoryCommitments(), lambda: NOW)
    image = ultrasound_instance(rows=32, columns=48)

    hooks = Hooks(services=(service,))

    with listening(memory_intake(spool, ledger), hooks) as listener, asking(listener.port) as scanner:
        scanner.association.send_c_store(image)
        scanner.ask("2.25.7", image.SOPInstanceUID)
        event_type, _ = scanner.wait()
    (job,) = ledger.jobs(Queue.COMMITMENT)
    ledger.close()

    assert (event_type, job.state) == (1, JobState.DONE)
