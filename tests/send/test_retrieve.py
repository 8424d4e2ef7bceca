"""C-GET and C-MOVE from a PACS of pynetdicom's: bytes flow in as they are, and each way of failing has its words."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from archives import Holdings, MemoryNode, archive_of, as_read, habits
from builders import part10, ultrasound_instance
from dimse import Pacs, listening, memory_intake
from pydicom import FileDataset
from pynetdicom.events import Event
from twins import MemoryLedger

from hri_node.errors import Mismatched, PeerRefused, PeerUnavailable, Refused, SpoolFull, Unavailable
from hri_node.receive.part10 import take_apart
from hri_node.send.query import FoundInstance, Missing, series_of
from hri_node.send.retrieve import DicomArchive


def missing_of(instances: Sequence[FileDataset], kept: Sequence[str] = ()) -> list[Missing]:
    """What is missing of study 1.2.1, its US series."""
    wanted = [i for i in instances if (i.StudyInstanceUID, i.Modality) == ("1.2.1", "US")]
    found = [FoundInstance("1.2.1", i.SeriesInstanceUID, i.SOPClassUID, i.SOPInstanceUID) for i in wanted]
    return series_of(found, set(kept))


def dataset_of(instance: FileDataset) -> bytes:
    """Encoded dataset, without File Meta Information."""
    encoded = part10(instance)
    return encoded[take_apart(encoded).offset :]


def fetch(pacs: Pacs, node: MemoryNode, missing: Sequence[Missing], **changes: Any) -> str:  # noqa: ANN401
    """What went wrong with single instances."""
    return DicomArchive(pacs.peer, habits(**changes)).fetch(missing, node.means)


def test_instances_flow_in_as_they_are() -> None:
    """Each in its own encoding, JPEG 2000 included, byte by byte; nothing else of the study comes."""
    holdings, node = Holdings(), MemoryNode()
    with archive_of(holdings) as pacs:
        assert fetch(pacs, node, missing_of(holdings.instances)) == ""

    wanted = [i for i in holdings.instances if (i.StudyInstanceUID, i.Modality) == ("1.2.1", "US")]
    assert node.datasets == {i.SOPInstanceUID: dataset_of(i) for i in wanted}
    assert sorted(node.syntaxes) == sorted(i.file_meta.TransferSyntaxUID for i in wanted)
    assert (node.arrived, node.left) == (3, 3)


def test_only_what_is_missing_is_asked_for() -> None:
    """By SOP Instance UID, as soon as some of a series is here; a whole series by its own UID."""
    holdings, node = Holdings(), MemoryNode()
    here = holdings.instances[0].SOPInstanceUID
    with archive_of(holdings) as pacs:
        fetch(pacs, node, missing_of(holdings.instances, [here]))

    levels = [(request.QueryRetrieveLevel, request.get("SOPInstanceUID")) for request in holdings.requests]
    assert levels == [("IMAGE", holdings.instances[1].SOPInstanceUID), ("SERIES", None)]
    assert here not in node.datasets


def test_an_instance_is_never_whole_in_memory() -> None:
    """A cine arrives in pieces of the size of a PDU."""
    cine = as_read(ultrasound_instance(rows=200, columns=300, frames=20, study_uid="1.2.1"))
    node = MemoryNode()
    with archive_of(Holdings([cine])) as pacs:
        fetch(pacs, node, missing_of([cine]))

    assert node.datasets == {cine.SOPInstanceUID: dataset_of(cine)}
    assert 0 < node.largest <= 16384 < len(node.datasets[cine.SOPInstanceUID])


def test_more_sop_classes_than_an_association_holds_take_several() -> None:
    """126 contexts are for storage; with 100 encodings there is one class for each association."""
    cine = ultrasound_instance(rows=64, columns=80, frames=2, study_uid="1.2.1", series_uid="1.2.1.1")
    still = ultrasound_instance(rows=64, columns=80, study_uid="1.2.1", series_uid="1.2.1.1")
    node, syntaxes = MemoryNode(), ["1.2.840.10008.1.2.1", *(f"1.2.3.{n}" for n in range(99))]
    with archive_of(Holdings([cine, still])) as pacs:
        fetch(pacs, node, missing_of([cine, still]), transfer_syntaxes=syntaxes)

        assert pacs.associations == 2
    assert set(node.datasets) == {cine.SOPInstanceUID, still.SOPInstanceUID}


def test_a_pacs_that_does_not_tell_sop_classes_gives_the_usual_ones() -> None:
    """It is an optional key: ultrasound and secondary capture are proposed, and fill one association."""
    holdings, node = Holdings(tells_class=False), MemoryNode()
    with archive_of(holdings) as pacs:
        archive = DicomArchive(pacs.peer, habits())
        found = archive.instances("1.2.1", "US")
        assert archive.fetch(series_of(found, set()), node.means) == ""

        assert pacs.associations == 2
    assert {one.sop_class_uid for one in found} == {""}
    assert len(node.datasets) == 3


def test_instances_that_a_pacs_cannot_give_are_a_warning() -> None:
    """0xB000: the rest is here, and the words say so."""
    holdings, node = Holdings(gives=1), MemoryNode()
    with archive_of(holdings) as pacs:
        words = fetch(pacs, node, missing_of(holdings.instances)[:1])

    assert words == "pacs answered C-GET with 0xB000, some sub-operations failed"
    assert node.arrived == 1


@pytest.mark.parametrize(
    ("status", "error"), [(0xA701, PeerUnavailable), (0xA702, PeerUnavailable), (0xA900, PeerRefused)]
)
def test_a_failure_is_told_in_words(status: int, error: type[Exception]) -> None:
    """With its status, of C-GET."""
    holdings = Holdings(status=status)
    with archive_of(holdings) as pacs, pytest.raises(error, match=f"pacs answered C-GET with 0x{status:04X}, "):
        fetch(pacs, MemoryNode(), missing_of(holdings.instances))


def test_a_pacs_that_does_not_know_us_as_a_destination_refuses() -> None:
    """0xA801 of C-MOVE names what to set right."""
    holdings = Holdings()
    with archive_of(holdings) as pacs, pytest.raises(PeerRefused, match="0xA801, our AE title is not known there"):
        fetch(pacs, MemoryNode(), missing_of(holdings.instances), retrieve="move")


@pytest.mark.parametrize(
    ("fault", "words"), [(Refused("SOPInstanceUID is missing"), "SOPInstanceUID"), (Mismatched("differs"), "differs")]
)
def test_an_instance_the_node_does_not_want_is_told(fault: Refused, words: str) -> None:
    """The PACS hears a failure, the next instance comes all the same."""
    holdings, node = Holdings(), MemoryNode(bad=fault)
    with archive_of(holdings) as pacs:
        told = fetch(pacs, node, missing_of(holdings.instances))

    assert words in told
    assert (node.arrived, node.left) == (0, 3)


def test_a_full_node_ends_the_retrieval() -> None:
    """The PACS is asked to stop, and the error is the node's own."""
    holdings, node = Holdings(), MemoryNode(full=SpoolFull("no room"))
    with archive_of(holdings) as pacs, pytest.raises(Unavailable, match="no room"):
        fetch(pacs, node, missing_of(holdings.instances))

    assert not node.datasets


def once(action: Callable[[Event], object], after: int) -> Callable[[Event], object]:
    """An action that is done before the sub-operation with that number."""
    seen: list[Event] = []

    def count(event: Event) -> object:
        seen.append(event)
        return action(event) if len(seen) == after else None

    return count


def test_a_pacs_that_gives_up_half_way_is_an_outage() -> None:
    """What came before stays."""
    holdings, node = Holdings(before=once(lambda event: event.assoc.abort(), 2)), MemoryNode()
    with archive_of(holdings) as pacs, pytest.raises(PeerUnavailable, match="gave no answer to C-GET"):
        fetch(pacs, node, missing_of(holdings.instances))

    assert node.arrived == 1


def test_a_pacs_that_falls_silent_is_an_outage() -> None:
    """The wait has an end; nothing is left half-way."""
    forever = threading.Event()
    holdings, node = Holdings(before=once(lambda _event: forever.wait(10) and None, 2)), MemoryNode()
    with archive_of(holdings) as pacs:
        with pytest.raises(PeerUnavailable):
            fetch(pacs, node, missing_of(holdings.instances), timeout_s=0.5)
        forever.set()

    assert (node.arrived, node.left) == (1, 1)


def test_whoever_stops_a_retrieval_stops_the_pacs() -> None:
    """C-CANCEL (PS3.4 C.4.3.2.3); what came before stays."""
    node, moment = MemoryNode(), threading.Event()

    def stop(event: Event) -> bool:
        node.stop.set()
        while event.assoc.is_established and not event.is_cancelled:
            moment.wait(0.01)
        return event.assoc.is_established

    holdings = Holdings(before=once(stop, 2))
    with archive_of(holdings) as pacs, pytest.raises(PeerUnavailable, match="0xFE00, cancelled"):
        fetch(pacs, node, missing_of(holdings.instances))

    assert node.arrived == 1


@pytest.mark.parametrize(("offers", "retrieve"), [("find move", "get"), ("find get", "move")])
def test_what_the_settings_want_and_the_pacs_has_not_is_a_refusal(offers: str, retrieve: str) -> None:
    """In words."""
    holdings = Holdings()
    with archive_of(holdings, offers) as pacs, pytest.raises(PeerRefused, match=r"does not offer|accepts none"):
        fetch(pacs, MemoryNode(), missing_of(holdings.instances), retrieve=retrieve)


@pytest.mark.parametrize(("offers", "retrieve"), [("find move", "auto"), ("find get move", "move")])
def test_instances_come_to_our_listener_by_c_move(offers: str, retrieve: str) -> None:
    """Where the PACS has no C-GET, or the settings want it; the progress is what the ledger has."""
    ledger, holdings = MemoryLedger(), Holdings()
    with listening(memory_intake(ledger=ledger)) as listener, archive_of(holdings, offers) as pacs:
        holdings.move_to = listener.port
        node = MemoryNode(elsewhere=lambda: set(ledger.rows))
        assert fetch(pacs, node, missing_of(holdings.instances), retrieve=retrieve) == ""

    assert len(ledger.rows) == node.arrived == 3
    assert not node.datasets


def test_a_listener_that_does_not_want_the_pacs_is_told() -> None:
    """C-MOVE fails, and is no success of nothing."""
    holdings = Holdings()
    with listening(memory_intake(), allowed_peers=()) as listener, archive_of(holdings) as pacs:
        holdings.move_to = listener.port
        with pytest.raises(PeerRefused, match="pacs answered C-MOVE with 0xA801"):
            fetch(pacs, MemoryNode(), missing_of(holdings.instances), retrieve="move")
