"""The web's way through: a study comes in by STOW-RS, its results leave by STOW-RS, and Orthanc has them, proven."""

import json
from collections.abc import Iterator

import pytest
import requests
from dicomweb_client import DICOMwebClient
from pydicom import dcmread
from running import Orthanc, RunningNode, eventually

from hri_node.ledger.states import Queue
from hri_node.phantom.write import write_study

VIEWS = 2
DELIVERED_WITHIN_S = 120

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningNode, Orthanc]]:
    """A node and an Orthanc, after a study was stored by STOW-RS and its results arrived."""
    folder = tmp_path_factory.mktemp("stow")
    orthanc = Orthanc(folder / "orthanc")
    destination = [{"name": "web-pacs", "protocol": "dicomweb", "url": f"{orthanc.url}/dicom-web"}]
    node = RunningNode(folder / "node", {}, environment={"HRI_DESTINATIONS": json.dumps(destination)})
    eventually(lambda: is_ready(node), 60, "the node's readiness")
    client = DICOMwebClient(f"http://127.0.0.1:{node.web_port}/dicom-web")
    client.store_instances([dcmread(file) for file in write_study(folder / "study", VIEWS, seed=7)])
    everything = {"SR": 1, "SEG": VIEWS, "OT": VIEWS}
    eventually(lambda: orthanc.counts() == everything, DELIVERED_WITHIN_S, f"the arrival of {everything}")
    yield node, orthanc
    node.stop()
    orthanc.stop()


def is_ready(node: RunningNode) -> bool:
    """What the node says of itself."""
    try:
        return requests.get(f"http://127.0.0.1:{node.web_port}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def test_every_delivery_ends_verified(reported: tuple[RunningNode, Orthanc]) -> None:
    """By QIDO-RS: a DICOMweb service commits nothing."""
    node, _ = reported

    def states() -> set[str]:
        return {job.outcome for job in node.ledger.jobs(Queue.DELIVER)}

    eventually(lambda: states() == {"verified"}, 30, "the proof of every object")


def test_the_instances_came_by_stow(reported: tuple[RunningNode, Orthanc]) -> None:
    """The ledger knows how, and from where."""
    node, _ = reported

    origins = {(row.service, row.calling_ae_title, row.address) for row, _ in node.ledger.reportable(1)}

    assert origins == {("stow-rs", "STOW-RS", "127.0.0.1")}


def test_no_log_names_the_patient(reported: tuple[RunningNode, Orthanc]) -> None:
    """Neither on the way in nor on the way out."""
    node, _ = reported
    study = node.ledger.study(1)

    log = (node.folder / "log").read_text()

    assert study.study_instance_uid in log
    for value in (study.patient_name, study.patient_id, study.accession_number):
        assert value not in log
