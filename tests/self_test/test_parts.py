"""Tests of the parts of a self-test: images, doors, patience, verdicts, questions to destinations, and cleaning up."""

import dataclasses
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from measured import ALGORITHM, CONTEXT, measured_image
from pydicom import dcmread
from pydicom.uid import Comprehensive3DSRStorage, KeyObjectSelectionDocumentStorage
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from running import free_port
from twins import MemoryDestination

from hri_node.errors import Misconfigured, PeerRefused, PeerUnavailable, Refused, Unavailable
from hri_node.ledger.deliveries import Attempt
from hri_node.ledger.self_tests import Run, Step, Verdict, token_sha256
from hri_node.ledger.states import DeliveryState, Queue
from hri_node.ledger.studies import StudyReport
from hri_node.measure.types import Options
from hri_node.measuring import Source, measure_source
from hri_node.node import Node, assemble
from hri_node.records import SELF_TEST_PATIENT_ID, Instance, Origin
from hri_node.report.build import report_objects
from hri_node.sections import DestinationSettings, ListenerSettings, OnlySettings
from hri_node.segment import runtime
from hri_node.self_test import going_out
from hri_node.self_test.beginning import Wishes, begin, plan
from hri_node.self_test.cleaning import clean_up
from hri_node.self_test.doors import listener_peers, web_peer
from hri_node.self_test.going_out import Way
from hri_node.self_test.images import write_images
from hri_node.self_test.journal import Journal, Skipped
from hri_node.self_test.patience import Patience
from hri_node.settings import Settings

TITLE = "SELFTESTABCDEFG2"
STUDY = "2.25.77"
LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node with a destination, for which a twin stands."""
    pacs = DestinationSettings(name="pacs", host="127.0.0.1", port=1, called="PACS")
    made = assemble(Settings(data_dir=tmp_path, spool_reserve_mib=0, destinations=(pacs,)))
    made.twins = {"pacs": MemoryDestination()}
    yield made
    made.ledger.close()


def a_killed_run(node: Node, stores: tuple[str, ...] = ("pacs",)) -> Run:
    """A self-test whose process gave its last sign of life long ago."""
    at = node.clock() - LONG_AGO
    run = Run(TITLE, "ada", STUDY, token_sha256("x"), at, at + LONG_AGO, at, stores, plan(stores, stores))
    node.ledger.begin_self_test(run)
    return run


def deliver_results(node: Node, folder: Path) -> None:
    """An image of the killed self-test is here, its results are made, and the destination has all of them but one."""
    now, image = node.clock(), measured_image(folder)
    entry = node.spool.write("instances", image.path.read_bytes(), ".dcm")
    origin = Origin(TITLE, "HRI_NODE", "127.0.0.1", "c-store")
    blank = {field.name: "" for field in dataclasses.fields(Instance) if field.type is str}
    known = {"sop_instance_uid": "1.2", "study_instance_uid": STUDY, "patient_id": SELF_TEST_PATIENT_ID}
    file = {"spool_key": entry.key, "size_bytes": entry.size_bytes, "sha256": entry.sha256}
    node.ledger.add_instance(Instance(**blank | known | file, received_at=now, origin=origin), None, 1.0)
    made = report_objects([image], ALGORITHM, CONTEXT)
    owed = tuple((each, node.spool.write("results", each.data, ".dcm"), ("pacs",)) for each in made)
    seen = node.ledger.seen_of(STUDY)
    assert seen
    node.ledger.record_report(seen.study.id, StudyReport(now, "in", owed, 1.2), now)
    deliveries = node.ledger.seen_of(STUDY).deliveries  # type: ignore[union-attr]  # it is here
    done = Attempt(now, now, DeliveryState.VERIFIED, stored_at=now)
    node.ledger.record_attempts({row.id: done for row in deliveries[:-1]})


def files_of(node: Node) -> list[str]:
    """What lies in the spool, by its room."""
    return [path.parts[-3] for path in node.spool.root.rglob("*") if path.is_file() and "ping" not in path.parts]


def test_images_say_in_four_ways_that_they_are_no_patients(tmp_path: Path, node: Node) -> None:
    """The pixels are the same each time, every UID is new."""
    first, second = (write_images(tmp_path, f"2.25.{number}", node.clock()) for number in (1, 2))

    assert {image.sop_instance_uid for image in first}.isdisjoint(image.sop_instance_uid for image in second)
    assert [image.hri for image in first] == [image.hri for image in second]
    ds = dcmread(second[0].path)
    assert (ds.PatientID, str(ds.PatientName), ds.QualityControlSubject) == (
        SELF_TEST_PATIENT_ID,
        "HRI-NODE^SELFTEST",
        "YES",
    )
    assert (ds.StudyInstanceUID, ds.StudyDescription) == ("2.25.2", "SELF-TEST of hri-node, no patient")
    assert ds.SOPInstanceUID == ds.file_meta.MediaStorageSOPInstanceUID


@pytest.mark.parametrize("method", ["joint", "paper"])
def test_the_shipped_network_measures_what_the_images_were_made_with(tmp_path: Path, node: Node, method: str) -> None:
    """By both methods: otherwise every self-test would fail."""
    chosen = node.settings.measure
    means = runtime.load(node.settings.model_dir, chosen.runtime, 1), Options(method)  # type: ignore[arg-type]

    for image in write_images(tmp_path, STUDY, node.clock()):
        (looked,) = measure_source(Source("x", image.sop_instance_uid, image.path), [1], means)
        low, high = looked.result.hri_interval or (0, 0)
        assert low <= image.hri <= high


def test_doors_are_where_the_settings_say(tmp_path: Path) -> None:
    """All addresses are this machine; other machines have to be named; a port that is chosen later is not known."""
    settings = Settings(data_dir=tmp_path)
    named = settings.model_copy(
        update={"self_test": settings.self_test.model_copy(update={"listener_host": "lb", "web_url": "http://lb"})}
    )

    assert listener_peers(settings, TITLE)["plain"].host == "127.0.0.1"
    assert web_peer(settings, tmp_path).url == "http://127.0.0.1:8080/dicom-web"
    assert listener_peers(named, TITLE)["plain"].host == "lb"
    assert web_peer(named, tmp_path).url == "http://lb/dicom-web"
    for listener in (ListenerSettings(port=0), ListenerSettings(plain=False)):
        with pytest.raises(Misconfigured, match="on which port"):
            listener_peers(settings.model_copy(update={"listener": listener}), TITLE)


def test_patience_ends_when_a_queue_is_paused_stands_still_or_the_time_is_up(node: Node) -> None:
    """Each with its own sentence; what is there is found at once."""
    assert Patience(node, 0.0).wait(Queue.MEASURE, lambda: "found") == "found"
    with pytest.raises(Unavailable, match="do `hri-node worker --queues report`, `hri-node sweep`"):
        Patience(node, 1e12, stalled_s=0.0).wait(Queue.REPORT, lambda: None)
    with pytest.raises(Unavailable, match="nobody has begun it for 0 s"):
        Patience(node, 0.0).wait(Queue.MEASURE, lambda: None)
    node.ledger.pause_queue(Queue.MEASURE, "ada", node.clock())
    with pytest.raises(Unavailable, match="measuring is paused by ada"):
        Patience(node, 1e12).wait(Queue.MEASURE, lambda: None)


def test_a_journal_keeps_what_each_step_came_to(node: Node) -> None:
    """What is skipped is no failure; an error of ours is its words, any other one only its name."""
    told: list[Step] = []
    begun = begin(node, Wishes(), "ada")
    journal = Journal(node.ledger, begun.run, node.clock, told.append)

    def fails(error: Exception) -> str:
        raise error

    assert journal.do("images", lambda: "made.")
    assert not journal.do("c-store", lambda: fails(PeerUnavailable("nobody is there")))
    assert not journal.do("stow", lambda: fails(Skipped("Not wanted.")))
    assert not journal.do("received", lambda: fails(KeyError("a patient's name")))

    steps = {step.key: (step.verdict, step.words) for step in node.ledger.self_tests()[0].steps}
    assert steps["images"] == (Verdict.PASSED, "made.")
    assert steps["c-store"] == (Verdict.FAILED, "nobody is there")
    assert steps["stow"] == (Verdict.SKIPPED, "Not wanted.")
    assert steps["received"] == (Verdict.FAILED, "internal error: KeyError")
    assert steps["clean"][0] is Verdict.WAITING
    assert [step.verdict for step in told[:2]] == [Verdict.RUNNING, Verdict.PASSED]


def test_a_wish_names_destinations_that_are_there_and_no_paused_one_is_stored_at(node: Node) -> None:
    """One that is unknown is refused before anything begins."""
    with pytest.raises(Refused, match="there is no destination pasc; there is pacs"):
        begin(node, Wishes(("pasc",)), "ada")
    node.ledger.pause("pacs", "ada", node.clock())

    assert begin(node, Wishes(is_stored=True), "ada").run.stores == ()


def test_a_destination_that_takes_no_segmentation_is_found(node: Node) -> None:
    """By negotiation alone, nothing is stored; one that gets reports only is asked for nothing else."""
    entity = AE("PACS")
    for sop_class in (Verification, Comprehensive3DSRStorage):
        entity.add_supported_context(sop_class)
    port = free_port()
    server = entity.start_server(("127.0.0.1", port), block=False)
    assert server is not None
    pacs = DestinationSettings(name="pacs", host="127.0.0.1", port=port, called="PACS")
    reports = pacs.model_copy(update={"name": "reports", "only": OnlySettings(kinds=("sr",))})
    node.live, node.twins = node.settings.model_copy(update={"destinations": (pacs, reports)}), None
    way = Way(node, STUDY, dict(going_out.USUAL))
    try:
        with pytest.raises(PeerRefused, match="does not take Segmentation Storage and Secondary Capture Image Storage"):
            going_out.asked(way, "pacs")
        assert going_out.asked(way, "reports") == "It answers C-ECHO and would take SR. Nothing was stored there."
    finally:
        server.shutdown()


def test_a_killed_self_test_is_finished_by_whoever_comes_by(node: Node, tmp_path: Path) -> None:
    """Its study goes, and the destination is told to reject what it has taken, and nothing else."""
    a_killed_run(node)
    deliver_results(node, tmp_path)
    pacs = node.twins["pacs"]  # type: ignore[index]  # the fixture's
    assert isinstance(pacs, MemoryDestination)

    clean_up(node)

    run = node.ledger.self_tests()[0]
    assert (run.verdict, run.is_forgotten, dict(run.owed)) == (Verdict.FAILED, True, {})
    assert node.ledger.seen_of(STUDY) is None
    assert files_of(node) == []
    (tmp_path / "note.dcm").write_bytes(pacs.stored[0])
    note = dcmread(tmp_path / "note.dcm")
    assert (len(pacs.stored), note.SOPClassUID) == (1, KeyObjectSelectionDocumentStorage)
    series = note.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    assert sum(len(each.ReferencedSOPSequence) for each in series) == 2


def test_a_note_is_offered_again_until_its_day_is_over(node: Node, tmp_path: Path) -> None:
    """A destination that is away keeps nobody from forgetting the study."""
    a_killed_run(node)
    deliver_results(node, tmp_path)
    node.twins = {"pacs": MemoryDestination(error=PeerUnavailable("pacs does not answer"))}

    clean_up(node)

    run = node.ledger.self_tests()[0]
    assert (run.is_forgotten, list(run.owed), files_of(node)) == (True, ["pacs"], ["results"])
    began = node.clock()
    node.clock = lambda: began + timedelta(days=2)
    clean_up(node)
    assert (dict(node.ledger.self_tests()[0].owed), files_of(node)) == ({}, [])


def test_a_study_that_is_kept_stays_for_a_day_or_until_the_next_self_test(node: Node, tmp_path: Path) -> None:
    """Nobody removes meanwhile what a person wanted to look at."""
    run = a_killed_run(node, stores=())
    node.ledger.note_self_test(replace(run, is_kept=True, ended_at=node.clock()))
    deliver_results(node, tmp_path)

    clean_up(node)
    assert node.ledger.seen_of(STUDY)

    clean_up(node, kept_too=True)
    assert node.ledger.seen_of(STUDY) is None
