"""Rules, return to sender, storage commitment and late images, in a whole node with three destinations."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import requests
from dimse import Pacs, running_pacs
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage
from pynetdicom import AE
from running import Orthanc, RunningNode, eventually, scanner_sends

from hri_node.ledger.states import JobState, Queue, StudyState
from hri_node.phantom.write import write_study

QUIET_S = 1.5
SETTLED_WITHIN_S = 120

pytestmark = pytest.mark.peers


@dataclass
class Hospital:
    """A node; an Orthanc that commits; an archive for pictures only; a scanner that wants its results back."""

    node: RunningNode
    orthanc: Orthanc
    pictures: Pacs
    scanner: Pacs
    files: list[Path]

    def outcomes(self) -> dict[str, set[str]]:
        """How the deliveries to each destination stand."""
        found: dict[str, set[str]] = {}
        for job in self.node.ledger.jobs(Queue.DELIVER):
            found.setdefault(job.subject.rpartition(" to ")[2], set()).add(job.outcome)
        return found

    def is_settled(self) -> bool:
        """Whether the study is reported and nothing is owed any more."""
        jobs = self.node.ledger.jobs(Queue.DELIVER)
        is_reported = self.node.ledger.study(1).state == StudyState.REPORTED
        return is_reported and bool(jobs) and all(job.state in {JobState.DONE, JobState.DISCARDED} for job in jobs)

    def reports(self) -> list[Dataset]:
        """Reports at Orthanc, the first revision first."""
        found = [dcmread(BytesIO(self.orthanc.file(each))) for each in self.orthanc.instances("SR")]
        return sorted(found, key=lambda report: "PredecessorDocumentsSequence" in report)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """All of it, before anything was sent."""
    folder = tmp_path_factory.mktemp("hospital")
    with ExitStack() as stack:
        orthanc = Orthanc(folder / "orthanc")
        stack.callback(orthanc.stop)
        pictures, scanner = (stack.enter_context(running_pacs()) for _ in range(2))
        local = {"host": "127.0.0.1"}
        destinations = [
            local | {"name": "pacs", "port": orthanc.dicom_port, "called": "ORTHANC", "proof": "commitment"},
            local | {"name": "pictures", "port": pictures.port, "called": "PICTURES", "only": {"kinds": ["sc"]}},
        ]
        sender = local | {
            "ae_title": "SCANNER", "port": scanner.port, "return_results": True, "study_quiet_s": QUIET_S,
        }  # fmt: skip
        chosen = {"HRI_DESTINATIONS": json.dumps(destinations), "HRI_SCANNERS": json.dumps([sender])}
        node = RunningNode(folder / "node", {}, quiet_s=60.0, environment=chosen)
        stack.callback(node.stop)
        us = {"AET": "HRI_NODE", "Host": "127.0.0.1", "Port": node.port}
        requests.put(f"{orthanc.url}/modalities/node", json=us, timeout=10).raise_for_status()
        yield Hospital(node, orthanc, pictures, scanner, write_study(folder / "study", 2, seed=21))


def test_a_study_waits_for_the_end_of_its_association(hospital: Hospital) -> None:
    """It is measured, and was quiet for long enough; but the scanner has not hung up."""
    entity = AE("SCANNER")
    entity.add_requested_context(UltrasoundImageStorage, ExplicitVRLittleEndian)
    association = entity.associate("127.0.0.1", hospital.node.port, ae_title="HRI_NODE")
    assert association.send_c_store(hospital.files[0]).Status == 0x0000
    ledger = hospital.node.ledger

    def is_overdue() -> bool:
        has_waited = datetime.now(UTC) > ledger.study(1).quiet_until + timedelta(seconds=2)
        return has_waited and ledger.job("measure-1")[0].state == JobState.DONE

    eventually(is_overdue, 60, "the end of the quiet time")
    assert ledger.study(1).state == StudyState.OPEN
    association.release()
    eventually(hospital.is_settled, SETTLED_WITHIN_S, "the delivery of the report")


def test_each_destination_gets_what_its_rules_say(hospital: Hospital) -> None:
    """The PACS commits to all three objects, pictures go to their archive alone, and the scanner has its results."""
    assert hospital.orthanc.counts() == {"SR": 1, "SEG": 1, "OT": 1}
    assert hospital.outcomes()["pacs"] == {"committed"}
    assert (len(hospital.pictures.stored), len(hospital.scanner.stored)) == (1, 3)
    assert hospital.outcomes()["pictures"] == hospital.outcomes()["sender:SCANNER"] == {"delivered"}


def test_a_late_image_makes_a_new_revision(hospital: Hospital) -> None:
    """It names the report before it; what did not change is not sent again."""
    scanner_sends(hospital.node.port, hospital.files[1:])
    eventually(lambda: len(hospital.reports()) == 2 and hospital.is_settled(), SETTLED_WITHIN_S, "a second report")

    first, second = hospital.reports()
    named = second.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert [item.ReferencedSOPInstanceUID for item in named] == [first.SOPInstanceUID]
    assert hospital.orthanc.counts() == {"SR": 2, "SEG": 2, "OT": 2}
    assert (len(hospital.pictures.stored), len(hospital.scanner.stored)) == (2, 6)


def test_the_same_images_again_change_nothing(hospital: Hospital) -> None:
    """A scanner that repeats itself."""
    before = len(hospital.node.ledger.jobs(Queue.DELIVER))
    scanner_sends(hospital.node.port, hospital.files)

    assert hospital.is_settled()
    assert len(hospital.node.ledger.jobs(Queue.DELIVER)) == before
