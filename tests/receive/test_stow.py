"""Store requests by STOW-RS: each instance is safe or named as failed, and the status tells how it went as a whole."""

from dataclasses import replace
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import generate_uid
from twins import NOW, MemoryLedger, MemorySpool

from hri_node.errors import SpoolFull, Unavailable
from hri_node.receive import stow
from hri_node.receive.hooks import Parties
from hri_node.receive.intake import Intake, Receipt
from hri_node.receive.limits import Rates
from hri_node.receive.stow import Door, StoreAnswer, Submission
from hri_node.records import Origin

ORIGIN = Origin("STOW-RS", "HRI_NODE", "127.0.0.1", "stow-rs", "request-1")
STUDY = "1.2.826.0.1.3680043.8.498.1"


def instance(**options: Any) -> bytes:  # noqa: ANN401 - the fields of Source
    """A small DICOM file."""
    return part10(ultrasound_instance(**{"rows": 8, "columns": 8, "study_uid": STUDY} | options))


SMALL = instance(poor_header=True)


def multipart(*files: bytes, media_type: str = "application/dicom") -> bytes:
    """Body of a store request."""
    parts = [b"--b\r\nContent-Type: " + media_type.encode() + b"\r\n\r\n" + file + b"\r\n" for file in files]
    return b"".join([*parts, b"--b--\r\n"])


def door(spool: Any = None, ledger: Any = None, size_max_mib: int = 64) -> Door:  # noqa: ANN401 - ports
    """Where instances go, on twins."""
    intake = Intake(
        spool or MemorySpool(), ledger or MemoryLedger(), lambda _header: None, lambda _calling: 30.0, size_max_mib
    )
    return Door(intake, clock=lambda: NOW)


def submit(body: bytes, to: Door | None = None, study: str | None = None) -> StoreAnswer:
    """Answer to a request whose body comes in two pieces."""
    submission = Submission(to or door(), ORIGIN, "b", study)
    half = len(body) // 2
    for piece in (body[:half], body[half:]):
        if not submission.feed(piece):
            break
    return submission.finish()


def reasons(answer: StoreAnswer) -> list[int]:
    """Failure reasons of an answer, the identified instances first."""
    failed, others = answer.module.get("FailedSOPSequence", []), answer.module.get("OtherFailuresSequence", [])
    return [item.FailureReason for item in (*failed, *others)]


def test_what_is_answered_200_is_safe() -> None:
    """Row and bytes of every instance are there, with their origin, and the answer names each."""
    ledger, spool = MemoryLedger(), MemorySpool()

    answer = submit(multipart(instance(), instance()), door(spool, ledger))

    named = [item.ReferencedSOPInstanceUID for item in answer.module.ReferencedSOPSequence]
    assert (answer.status, named) == (200, list(ledger.rows))
    assert len(spool.files) == 2
    assert {row.origin for row in ledger.rows.values()} == {ORIGIN}


def test_a_sender_is_counted_and_has_to_wait() -> None:
    """Three instances at one a second, of which one second's worth may come at once."""
    to = replace(door(), rates=Rates(1.0, clock=lambda: 0.0))
    submission = Submission(to, ORIGIN, "b")
    assert submission.pause_s <= 0

    submission.feed(multipart(instance(), instance(), instance()))

    assert submission.pause_s == 2.0
    assert submission.finish().status == 200


def test_a_repetition_is_stored_as_well() -> None:
    """Whoever got no answer sends again."""
    file = instance()

    assert submit(multipart(file, file)).status == 200


def test_a_uid_with_leading_zeros_is_answered_as_it_came() -> None:
    """PS3.5 9.1 forbids them, and scanners write them."""
    file = instance(instance_uid="1.2.3.44").replace(b"1.2.3.44", b"1.2.3.04")

    answer = submit(multipart(file))

    assert (answer.status, answer.module.ReferencedSOPSequence[0].ReferencedSOPInstanceUID) == (200, "1.2.3.04")


def test_some_stored_and_some_not_is_202() -> None:
    """What is no DICOM file cannot be named, and does not keep the others out."""
    answer = submit(multipart(b"no DICOM", instance()))

    assert (answer.status, reasons(answer)) == (202, [0xC000])
    assert len(answer.module.ReferencedSOPSequence) == 1


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"no DICOM", 0xC000),
        (b"", 0xC000),
        (instance()[:300], 0xC000),
        (instance(attributes={"StudyInstanceUID": None}), 0xC000),
        (instance(attributes={"SOPClassUID": "1.2.840.113619.4.2"}), 0x0122),
        (instance().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.9.9.9\0"), 0xC122),
    ],
    ids=["garbage", "empty", "cut", "no-study", "private-class", "unknown-syntax"],
)
def test_nothing_stored_is_409_and_says_why(file: bytes, reason: int) -> None:
    """Each with the failure reason of PS3.18 Table I.2-2, and nothing is kept."""
    spool = MemorySpool()

    answer = submit(multipart(file), door(spool))

    assert (answer.status, reasons(answer)) == (409, [reason])
    assert spool.files == {}


def test_an_instance_of_another_study_is_refused_by_name() -> None:
    """Where the address names a study, only its instances are stored (PS3.18 Table 10.5.3-1)."""
    other = instance(study_uid=generate_uid(), instance_uid="1.2.3.4")

    answer = submit(multipart(other, instance()), study=STUDY)

    (failed,) = answer.module.FailedSOPSequence
    assert (answer.status, failed.ReferencedSOPInstanceUID, failed.FailureReason) == (202, "1.2.3.4", 0xA900)


def test_a_part_of_another_type_is_refused() -> None:
    """Bulk data and metadata are not taken."""
    assert reasons(submit(multipart(instance(), media_type="application/dicom+json"))) == [0xC000]


@pytest.mark.parametrize("body", [b"", b"--b--", b"garbage", multipart(instance())[:-8], b"--b\r\n\r\n"])
def test_a_body_without_whole_parts_is_400(body: bytes) -> None:
    """Bad syntax, or nothing in it; what is half here is not kept."""
    spool = MemorySpool()

    assert submit(body, door(spool)).status == 400
    assert spool.files == {}


def test_a_body_that_breaks_off_keeps_what_was_whole() -> None:
    """The first instance is safe and named; that there was more is said, too."""
    answer = submit(multipart(instance(), instance())[:-40])

    assert (answer.status, len(answer.module.ReferencedSOPSequence), reasons(answer)) == (202, 1, [0xC000])


@pytest.mark.parametrize(
    "broken",
    [door(spool=MemorySpool(SpoolFull("full"))), door(ledger=MemoryLedger(Unavailable("down")))],
    ids=["spool", "ledger"],
)
def test_an_outage_is_503_and_reads_no_further(broken: Door) -> None:
    """Nothing was promised, and the rest would fail as well: the sender comes again."""
    submission = Submission(broken, ORIGIN, "b")

    assert not submission.feed(multipart(instance(), instance()))
    answer = submission.finish()
    assert (answer.status, reasons(answer)) == (503, [0xA700])


def test_an_instance_above_the_limit_is_413_and_reads_no_further() -> None:
    """Whoever sends without end is stopped; what came before is safe and named."""
    submission = Submission(door(size_max_mib=1), ORIGIN, "b")
    large = instance(rows=1100, columns=1000)

    assert not submission.feed(multipart(instance(), large, instance()))
    answer = submission.finish()
    assert (answer.status, reasons(answer), len(answer.module.ReferencedSOPSequence)) == (413, [0xC000], 1)


def test_parts_without_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that must name them all would fill the memory."""
    monkeypatch.setattr(stow, "PARTS_MAX", 3)

    assert submit(multipart(*[b"x"] * 5)).status == 413


def test_what_is_half_here_is_discarded() -> None:
    """The sender is gone: the file that grew is closed and removed."""
    submission = Submission(door(), ORIGIN, "b")
    submission.feed(multipart(instance())[:-100])
    incoming = submission._incoming
    assert incoming

    submission.close()

    assert incoming.file.is_discarded


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_comes_gets_an_answer(data: st.DataObject) -> None:
    """A body in which bytes were lost, doubled or changed: no other error, and nothing half-way is kept."""
    body = bytearray(multipart(SMALL, SMALL))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        body[start : start + data.draw(st.integers(0, 50))] = data.draw(st.binary(max_size=20))
    spool = MemorySpool()

    answer = submit(bytes(body), door(spool))

    stored = answer.module.get("ReferencedSOPSequence", [])
    assert answer.status in {200, 202, 400, 409}
    assert len(spool.files) <= len(stored)


class Listening:
    """A witness that keeps what it is told."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.ends: list[tuple[Parties, list[str], int]] = []

    def received(self, receipt: Receipt) -> None:
        """Keep it."""
        self.receipts.append(receipt)

    def ended(self, parties: Parties, studies: list[str], instances: int) -> None:
        """Keep it."""
        self.ends.append((parties, studies, instances))


def test_the_witness_hears_of_every_instance_and_of_the_end() -> None:
    """Of the studies that were transferred, and how many instances there were."""
    witness = Listening()
    submission = Submission(Door(door().intake, witness, lambda: NOW), ORIGIN, "b")

    submission.feed(multipart(instance(), instance(), b"no DICOM"))
    submission.tell_end()

    assert len(witness.receipts) == 2
    assert witness.ends == [(Parties("STOW-RS", "HRI_NODE", "127.0.0.1"), [STUDY], 2)]
